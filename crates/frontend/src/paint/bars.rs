//! The histogram behind the threshold slider.

use web_sys::HtmlCanvasElement;

use super::{Ink, Surface};
use crate::model::Histogram;
use crate::plot::{Rect, bars};

/// How strong bars of hosts this side of the threshold are.
const MUTED_ALPHA: f64 = 0.55;

/// The bars of one histogram.
#[derive(Debug)]
pub(crate) struct Bars {
    surface: Option<Surface>,
    shape: Vec<Rect>,
}

impl Bars {
    /// On `canvas`.
    pub(crate) fn on(canvas: HtmlCanvasElement) -> Bars {
        Bars { surface: Surface::of(canvas), shape: Vec::new() }
    }

    /// Layout may have changed.
    pub(crate) fn refit(&self) {
        if let Some(surface) = &self.surface {
            surface.fit();
        }
    }

    /// Draws `histogram`. `meets` tells whether hosts at a value meet the threshold: they are drawn strong.
    pub(crate) fn draw(&mut self, histogram: &Histogram, meets: impl Fn(f64) -> bool, ink: &Ink) {
        let Some(surface) = &self.surface else { return };
        let area = Rect { x: 0.0, y: 0.0, width: surface.width(), height: surface.height() };
        bars::bars(histogram.bins(), area, &mut self.shape);
        surface.clear();
        let context = surface.context();
        for bar in &self.shape {
            let position = (bar.x + bar.width / 2.0) / area.width.max(1.0);
            let strong = meets(histogram.axis().value_at(position));
            context.set_fill_style_str(if strong { &ink.accent } else { &ink.muted });
            context.set_global_alpha(if strong { 1.0 } else { MUTED_ALPHA });
            context.fill_rect(bar.x, bar.y, (bar.width - 1.0).max(1.0), bar.height);
        }
        context.set_global_alpha(1.0);
    }
}
