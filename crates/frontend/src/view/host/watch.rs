//! Whether an element is on the screen, and how wide it is.

use std::cell::Cell;
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{HtmlElement, IntersectionObserver, IntersectionObserverEntry, ResizeObserver};

/// Watches one element until dropped.
pub(super) struct Watch {
    visible: Rc<Cell<bool>>,
    resized: Rc<Cell<bool>>,
    intersection: Option<IntersectionObserver>,
    resize: Option<ResizeObserver>,
    _seen: Closure<dyn FnMut(Array)>,
    _observed: Closure<dyn FnMut()>,
}

impl Watch {
    /// Watches `element` and calls `changed` when it comes into sight, leaves it or changes its size.
    pub(super) fn new(element: &HtmlElement, changed: impl Fn() + Clone + 'static) -> Watch {
        let visible = Rc::new(Cell::new(false));
        let seen = {
            let (visible, changed) = (visible.clone(), changed.clone());
            Closure::<dyn FnMut(Array)>::new(move |entries: Array| {
                let newest: Option<IntersectionObserverEntry> = entries.pop().dyn_into().ok();
                visible.set(newest.is_some_and(|entry| entry.is_intersecting()));
                changed();
            })
        };
        let resized = Rc::new(Cell::new(true));
        let observed = {
            let resized = resized.clone();
            Closure::<dyn FnMut()>::new(move || {
                resized.set(true);
                changed();
            })
        };
        let intersection = IntersectionObserver::new(seen.as_ref().unchecked_ref()).ok();
        let resize = ResizeObserver::new(observed.as_ref().unchecked_ref()).ok();
        match &intersection {
            Some(observer) => observer.observe(element),
            // Better to draw in vain than not at all.
            None => visible.set(true),
        }
        if let Some(observer) = &resize {
            observer.observe(element);
        }
        Watch { visible, resized, intersection, resize, _seen: seen, _observed: observed }
    }

    /// Whether any of it is on the screen.
    pub(super) fn is_visible(&self) -> bool {
        self.visible.get()
    }

    /// Whether its size may be another one than when this was last asked.
    pub(super) fn take_resized(&self) -> bool {
        self.resized.take()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(observer) = &self.intersection {
            observer.disconnect();
        }
        if let Some(observer) = &self.resize {
            observer.disconnect();
        }
    }
}
