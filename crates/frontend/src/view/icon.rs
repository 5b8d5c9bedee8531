//! The few icons, drawn as lines in the colour of the text.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Icon {
    /// The product: a pulse.
    Pulse,
    /// A sun.
    Sun,
    /// A moon.
    Moon,
    /// A cross.
    Cross,
    /// A check mark.
    Check,
    /// A magnifying glass.
    Search,
}

impl Icon {
    fn path(self) -> &'static str {
        match self {
            Icon::Pulse => "M1.5 9h3l2-5.5 3 9 2-5 1 1.5h2",
            Icon::Sun => {
                "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M3 13l1-1M12 4l1-1"
            }
            Icon::Moon => "M13.5 9.5A6 6 0 0 1 6.5 2.5A6 6 0 1 0 13.5 9.5Z",
            Icon::Cross => "M4 4l8 8M12 4l-8 8",
            Icon::Check => "M3 8.5l3.5 3.5L13 4.5",
            Icon::Search => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9M10.5 10.5L14 14",
        }
    }
}

/// An icon. It says nothing to screen readers: what carries it does.
#[component]
pub(super) fn Glyph(icon: Icon) -> impl IntoView {
    view! {
        <svg
            class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none"
            stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round"
        >
            <path d=icon.path() />
        </svg>
    }
}
