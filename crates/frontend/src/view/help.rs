//! The list of keys.

use leptos::html::Dialog;
use leptos::prelude::*;

use crate::app::Screen;
use crate::keys;
use crate::view::icon::{Glyph, Icon};

/// A dialog with every key, opened with `?`.
#[component]
pub(crate) fn HelpSheet() -> impl IntoView {
    let screen = Screen::here();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let open = screen.help.get();
        let Some(dialog) = dialog.get() else { return };
        if open && !dialog.open() {
            // Refused only for a dialog that is open or not in the document, and it is neither.
            _ = dialog.show_modal();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    view! {
        <dialog class="sheet" node_ref=dialog aria-labelledby="keys-title" on:close=move |_| screen.help.set(false)>
            <div class="sheet-head">
                <h2 id="keys-title">"Keys"</h2>
                <button
                    class="button quiet icon" type="button" aria-label="Close"
                    on:click=move |_| screen.help.set(false)
                >
                    <Glyph icon=Icon::Cross />
                </button>
            </div>
            <dl class="keys">
                {keys::LIST
                    .iter()
                    .map(|(key, meaning)| view! {
                        <dt>{key.split(' ').map(|key| view! { <kbd>{key}</kbd> }).collect_view()}</dt>
                        <dd>{*meaning}</dd>
                    })
                    .collect_view()}
            </dl>
        </dialog>
    }
}
