//! Sparklines.

use web_sys::HtmlCanvasElement;

use super::{Ink, Surface};
use crate::model::fleet::TRAIL_POINTS;
use crate::plot::{Rect, spark};

/// How strong the area below the line is.
const AREA_ALPHA: f64 = 0.18;

/// One sparkline; draws again only when its line changed.
#[derive(Debug)]
pub(crate) struct Spark {
    surface: Option<Surface>,
    drawn: Option<[u8; TRAIL_POINTS]>,
    shape: Vec<Rect>,
}

impl Spark {
    /// On `canvas`.
    pub(crate) fn on(canvas: HtmlCanvasElement) -> Spark {
        Spark { surface: Surface::of(canvas), drawn: None, shape: Vec::new() }
    }

    /// How large its place on the screen is, in CSS pixels. Reads layout.
    pub(crate) fn place(&self) -> (f64, f64) {
        self.surface.as_ref().map_or((0.0, 0.0), Surface::place)
    }

    /// Fits it to a place of this size.
    pub(crate) fn fit(&mut self, (width, height): (f64, f64)) {
        if self.surface.as_ref().is_some_and(|surface| surface.resize(width, height)) {
            self.drawn = None;
        }
    }

    /// Shows nothing until the next draw.
    pub(crate) fn clear(&mut self) {
        if let Some(surface) = &self.surface {
            surface.clear();
        }
        self.drawn = None;
    }

    /// Draws `levels`.
    pub(crate) fn draw(&mut self, levels: &[u8; TRAIL_POINTS], ink: &Ink) {
        let Some(surface) = self.surface.as_ref().filter(|_| self.drawn.as_ref() != Some(levels)) else {
            return;
        };
        let area = Rect { x: 0.0, y: 1.0, width: surface.width(), height: surface.height() - 2.0 };
        spark::line(levels, area, &mut self.shape);
        surface.clear();
        let context = surface.context();
        context.set_fill_style_str(&ink.accent);
        context.set_global_alpha(AREA_ALPHA);
        let bottom = area.y + area.height;
        // Between whole pixels, or neighbours would shine through each other.
        let span = |piece: &Rect| {
            let left = piece.x.round();
            (left, (piece.x + piece.width).round() - left)
        };
        for piece in &self.shape {
            let (left, width) = span(piece);
            context.fill_rect(left, piece.y, width, bottom - piece.y);
        }
        context.set_global_alpha(1.0);
        for piece in &self.shape {
            let (left, width) = span(piece);
            context.fill_rect(left, piece.y, width, piece.height.max(1.0));
        }
        self.drawn = Some(*levels);
    }
}
