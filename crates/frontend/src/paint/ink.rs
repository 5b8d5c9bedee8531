//! The colours of canvases: the design tokens of the style sheet, read once a theme.

use leptos::prelude::{document, window};

use crate::plot::{Ramp, Theme};

/// Lines a chart can tell apart by colour.
pub(crate) const SERIES: usize = 6;

/// Colours as CSS, resolved for the theme in force.
#[derive(Clone, Debug)]
pub(crate) struct Ink {
    /// Lines, in fixed order.
    pub(crate) series: [String; SERIES],
    /// Labels of axes.
    pub(crate) label: String,
    /// Grid lines.
    pub(crate) grid: String,
    /// Sparklines, and bars beyond a threshold.
    pub(crate) accent: String,
    /// Bars this side of a threshold.
    pub(crate) muted: String,
    /// Hot cells.
    pub(crate) ramp: Ramp,
}

impl Default for Ink {
    /// What is drawn before the style sheet was read: nothing anybody would see.
    fn default() -> Ink {
        let none = String::new;
        Ink {
            series: std::array::from_fn(|_| none()),
            label: none(),
            grid: none(),
            accent: none(),
            muted: none(),
            ramp: Ramp::cividis(Theme::Dark),
        }
    }
}

impl Ink {
    /// Reads the tokens in force.
    pub(crate) fn read() -> Ink {
        let style =
            document().document_element().and_then(|root| window().get_computed_style(&root).ok().flatten());
        let token = |name: &str| {
            let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
            value.unwrap_or_default().trim().to_owned()
        };
        let light = document()
            .document_element()
            .is_some_and(|root| root.get_attribute("data-theme").as_deref() == Some("light"));
        Ink {
            series: std::array::from_fn(|place| token(&format!("--series-{}", place + 1))),
            label: token("--text-3"),
            grid: token("--border"),
            accent: token("--accent"),
            muted: token("--control"),
            ramp: Ramp::cividis(if light { Theme::Light } else { Theme::Dark }),
        }
    }

    /// The colour of the line at `place`; colours repeat, dashes then tell lines apart.
    pub(crate) fn line(&self, place: usize) -> &str {
        &self.series[place % SERIES]
    }
}
