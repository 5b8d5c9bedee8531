//! A canvas with as many pixels as its place on the screen has.

use leptos::prelude::window;
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

/// Beyond two device pixels a CSS pixel nobody sees a difference, but everybody pays.
const MAX_SCALE: f64 = 2.0;

/// A canvas and its context.
#[derive(Clone, Debug)]
pub(crate) struct Surface {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Surface {
    /// Draws on `canvas`; `None` when the browser has no context left to give.
    pub(crate) fn of(canvas: HtmlCanvasElement) -> Option<Surface> {
        let context = canvas.get_context("2d").ok().flatten()?.dyn_into().ok()?;
        Some(Surface { canvas, context })
    }

    /// Fits the pixels to the place that layout gives the canvas. Reads layout, so call it when the
    /// place may have changed and not in every frame. The answer is whether the size changed, which
    /// also clears the canvas.
    pub(crate) fn fit(&self) -> bool {
        let (width, height) = self.place();
        self.resize(width, height)
    }

    /// How large the place is that layout gives the canvas, in CSS pixels. Reads layout.
    pub(crate) fn place(&self) -> (f64, f64) {
        (f64::from(self.canvas.client_width()), f64::from(self.canvas.client_height()))
    }

    /// Gives the canvas the pixels of `width` times `height` CSS pixels.
    pub(crate) fn resize(&self, width: f64, height: f64) -> bool {
        let scale = window().device_pixel_ratio().clamp(1.0, MAX_SCALE);
        let (width, height) = ((width * scale).round() as u32, (height * scale).round() as u32);
        let changed = (self.canvas.width(), self.canvas.height()) != (width, height);
        if changed {
            self.canvas.set_width(width);
            self.canvas.set_height(height);
        }
        changed
    }

    /// Wipes it.
    pub(crate) fn clear(&self) {
        self.context.clear_rect(0.0, 0.0, self.width(), self.height());
    }

    /// Its width in device pixels, the unit of all drawing.
    pub(crate) fn width(&self) -> f64 {
        f64::from(self.canvas.width())
    }

    /// Its height in device pixels.
    pub(crate) fn height(&self) -> f64 {
        f64::from(self.canvas.height())
    }

    /// Where to draw.
    pub(super) fn context(&self) -> &CanvasRenderingContext2d {
        &self.context
    }

    /// The canvas itself.
    pub(super) fn canvas(&self) -> &HtmlCanvasElement {
        &self.canvas
    }
}
