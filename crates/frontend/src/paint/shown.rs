//! Text and attributes that are written only when they differ from what is on the screen.

use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// A new element called `tag` with `class`.
///
/// # Panics
/// Never in a browser: the tags are constants of this crate, and creating an element fails only for
/// names that are no tags.
pub(crate) fn element<E: JsCast>(tag: &str, class: &str) -> E {
    let element = document().create_element(tag);
    let element: Element = element.unwrap_or_else(|_| unreachable!("{tag} is a tag"));
    element.set_class_name(class);
    element.unchecked_into()
}

/// The text of an element.
#[derive(Debug)]
pub(crate) struct Shown {
    element: HtmlElement,
    text: String,
}

impl Shown {
    /// The text of `element`, which is empty so far.
    pub(crate) fn of(element: HtmlElement) -> Shown {
        Shown { element, text: String::new() }
    }

    /// Shows `text`.
    pub(crate) fn set(&mut self, text: &str) {
        if self.text != text {
            self.element.set_text_content(Some(text));
            text.clone_into(&mut self.text);
        }
    }
}

/// One attribute of an element.
#[derive(Debug)]
pub(crate) struct ShownAttribute {
    element: HtmlElement,
    name: &'static str,
    value: Option<String>,
}

impl ShownAttribute {
    /// The attribute `name` of `element`, which is not set so far.
    pub(crate) fn of(element: &HtmlElement, name: &'static str) -> ShownAttribute {
        ShownAttribute { element: element.clone(), name, value: None }
    }

    /// Sets it to `value`.
    pub(crate) fn set(&mut self, value: &str) {
        if self.value.as_deref() != Some(value) {
            // Only names that are no attribute names are refused, and ours are constants.
            _ = self.element.set_attribute(self.name, value);
            self.value = Some(value.to_owned());
        }
    }
}
