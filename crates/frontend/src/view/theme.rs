//! Dark or light: as the system has it, until somebody chooses. The choice stays in this browser.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::Storage;

use crate::app::Screen;
use crate::plot::Theme;
use crate::pump;

/// Where the choice is kept; the boot script reads it, too.
const KEY: &str = "cpumonitor.theme";
const LIGHT_QUERY: &str = "(prefers-color-scheme: light)";

/// Who decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// The operating system or the browser.
    System,
    /// The reader.
    Chosen(Theme),
}

impl Choice {
    /// What was chosen in this browser before.
    pub(crate) fn stored() -> Choice {
        match storage().and_then(|storage| storage.get_item(KEY).ok().flatten()).as_deref() {
            Some("dark") => Choice::Chosen(Theme::Dark),
            Some("light") => Choice::Chosen(Theme::Light),
            _ => Choice::System,
        }
    }

    /// The theme that follows from it.
    pub(crate) fn theme(self) -> Theme {
        match self {
            Choice::Chosen(theme) => theme,
            Choice::System => {
                let light =
                    window().match_media(LIGHT_QUERY).ok().flatten().is_some_and(|list| list.matches());
                if light { Theme::Light } else { Theme::Dark }
            }
        }
    }
}

/// As style sheet and storage spell it.
pub(crate) fn word(theme: Theme) -> &'static str {
    match theme {
        Theme::Dark => "dark",
        Theme::Light => "light",
    }
}

/// Keeps the document's theme what was chosen.
pub(crate) fn follow(screen: Screen) {
    Effect::new(move |_| apply(screen, screen.theme.get()));
    if let Ok(Some(list)) = window().match_media(LIGHT_QUERY) {
        let changed = Closure::<dyn FnMut()>::new(move || apply(screen, screen.theme.get_untracked()));
        list.set_onchange(Some(changed.as_ref().unchecked_ref()));
        // Kept for the life of the page, like the page itself; a dropped list would fall silent.
        changed.forget();
        std::mem::forget(list);
    }
}

/// Dark becomes light, light becomes dark, and what the system wants anyway is not remembered.
pub(crate) fn toggle(screen: Screen) {
    let other = match screen.theme.get_untracked().theme() {
        Theme::Dark => Theme::Light,
        Theme::Light => Theme::Dark,
    };
    let choice = if Choice::System.theme() == other { Choice::System } else { Choice::Chosen(other) };
    if let Some(storage) = storage() {
        // Full or forbidden storage costs only the memory of the choice.
        _ = match choice {
            Choice::System => storage.remove_item(KEY),
            Choice::Chosen(theme) => storage.set_item(KEY, word(theme)),
        };
    }
    screen.theme.set(choice);
}

fn apply(screen: Screen, choice: Choice) {
    if let Some(root) = document().document_element() {
        // Only invalid attribute names are refused.
        _ = root.set_attribute("data-theme", word(choice.theme()));
    }
    pump::refresh_ink(screen);
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}
