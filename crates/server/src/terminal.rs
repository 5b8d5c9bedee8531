//! The fleet in the terminal.

use tokio_util::sync::CancellationToken;

use crate::Print;
use crate::app::App;

/// Shows the fleet on standard output until `shutdown`.
pub(crate) async fn run(app: App, mode: Print, shutdown: CancellationToken) {
    let _ = (app, mode);
    shutdown.cancelled().await;
}
