//! The clients of 2018.

use axum::Router;

use crate::app::App;

/// `/webservices/cpu/` and `/webservices/gui/`.
pub(crate) fn router() -> Router<App> {
    Router::new()
}
