//! The page. It runs in a browser: build it with `trunk build` or `cargo xtask web`.

#[cfg(target_arch = "wasm32")]
fn main() {
    cpumonitor_frontend::app::start();
}

/// Natively only the library is of use: its model is what tests watch a server with.
#[cfg(not(target_arch = "wasm32"))]
fn main() {}
