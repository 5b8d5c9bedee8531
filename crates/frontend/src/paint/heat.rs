//! Heat strips: one small image, drawn enlarged.

use wasm_bindgen::Clamped;
use web_sys::{HtmlCanvasElement, ImageData};

use super::{Ink, Surface, element};
use crate::model::host::HeatMatrix;
use crate::plot::heat;

/// One heat strip.
#[derive(Debug)]
pub(crate) struct Heat {
    surface: Option<Surface>,
    /// Never in the document: holds one pixel a cell.
    cells: Option<Surface>,
    pixels: Vec<u8>,
}

impl Heat {
    /// On `canvas`.
    pub(crate) fn on(canvas: HtmlCanvasElement) -> Heat {
        Heat { surface: Surface::of(canvas), cells: Surface::of(element("canvas", "")), pixels: Vec::new() }
    }

    /// Layout may have changed.
    pub(crate) fn refit(&self) {
        if let Some(surface) = &self.surface {
            surface.fit();
        }
    }

    /// Draws `matrix` over the whole canvas, with a hair of space between rows where they are high enough.
    pub(crate) fn draw(&mut self, matrix: &HeatMatrix, ink: &Ink) {
        let (Some(surface), Some(cells)) = (&self.surface, &self.cells) else { return };
        surface.clear();
        let rows = matrix.labels.len();
        if rows == 0 || matrix.columns == 0 {
            return;
        }
        heat::rasterise(&matrix.levels, &ink.ramp, &mut self.pixels);
        let (width, height) = (matrix.columns as u32, rows as u32);
        cells.canvas().set_width(width);
        cells.canvas().set_height(height);
        let Ok(image) = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&self.pixels), width, height)
        else {
            return;
        };
        // Both calls fail only for images of no size, which was asked above.
        _ = cells.context().put_image_data(&image, 0.0, 0.0);
        let context = surface.context();
        context.set_image_smoothing_enabled(false);
        _ = context.draw_image_with_html_canvas_element_and_dw_and_dh(
            cells.canvas(),
            0.0,
            0.0,
            surface.width(),
            surface.height(),
        );
        let row_height = surface.height() / rows as f64;
        if row_height >= 6.0 {
            for row in 1..rows {
                context.clear_rect(0.0, (row as f64 * row_height).round(), surface.width(), 1.0);
            }
        }
    }
}
