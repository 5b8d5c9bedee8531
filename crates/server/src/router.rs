//! Every route, and who uses it.

use axum::Router;
use axum::middleware::{from_fn_with_state, map_response};
use axum::routing::{any, get};

use crate::app::App;
use crate::{api, compat, guard, ingest, live, spa};

/// All routes.
pub(crate) fn router(app: App) -> Router {
    // Whoever uses these is a web page, or could be one: they answer only to names of ours.
    let for_pages = Router::new()
        // The page's socket, and the swarm's virtual viewers.
        .route("/api/v1/viewer", get(live::door))
        // People, scripts, and the page's first run.
        .route("/api/v1/hosts", get(api::hosts))
        .route("/api/v1/hosts/{id}", get(api::host))
        .route("/api/v1/series", get(api::series))
        // The page's sparklines before the first live second.
        .route("/api/v1/trail", get(api::trail))
        // Supervisors, and whoever waits for the server to be up.
        .route("/healthz", get(api::health))
        // Prometheus.
        .route("/metrics", get(api::metrics))
        // Typing mistakes: without this they would get the page.
        .route("/api", any(api::not_found))
        .route("/api/", any(api::not_found))
        .route("/api/{*rest}", any(api::not_found))
        .method_not_allowed_fallback(api::wrong_method)
        // The page itself.
        .merge(spa::router())
        .layer(from_fn_with_state(app.clone(), guard::check_host));
    Router::new()
        // Agents, under whatever name they know us; pages are refused by their origin.
        .route("/api/v1/agent", get(ingest::door))
        // The clients of 2018.
        .merge(if app.config.compat { compat::router() } else { Router::new() })
        .merge(for_pages)
        .layer(map_response(guard::harden))
        .with_state(app)
}
