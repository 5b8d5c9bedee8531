//! The page's size.

use anyhow::Result;

use super::Figure;
use crate::steps::Steps;
use crate::web;
use crate::web::size::Sizes;
use crate::workspace::Workspace;

/// Builds the page if it must be, and measures it.
pub(super) fn run(workspace: &Workspace, steps: &mut Steps<'_>) -> Result<Vec<Figure>> {
    web::ready(workspace, steps)?;
    Ok(Sizes::measure(workspace)?.figures())
}
