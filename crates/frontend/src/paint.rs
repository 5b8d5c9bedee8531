//! Canvases and text nodes, written directly. Nothing else in the page touches a drawing context.

mod bars;
mod heat;
mod ink;
mod shown;
mod spark;
mod surface;

pub(crate) use bars::Bars;
pub(crate) use heat::Heat;
pub(crate) use ink::{Ink, SERIES};
pub(crate) use shown::{Shown, ShownAttribute, element};
pub(crate) use spark::Spark;
pub(crate) use surface::Surface;
