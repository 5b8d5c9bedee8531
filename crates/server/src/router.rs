//! Every route, and who uses it.

use axum::Router;

use crate::app::App;
use crate::{compat, spa};

/// All routes.
pub(crate) fn router(app: App) -> Router {
    Router::new().merge(compat::router()).merge(spa::router()).with_state(app)
}
