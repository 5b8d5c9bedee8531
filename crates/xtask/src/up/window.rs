//! Showing the page where somebody could see it.

use std::process::Stdio;

use crate::workspace::Workspace;

/// Opens `url` on a desktop. It is a courtesy: where it fails, the URL is on the screen.
pub(super) fn open(workspace: &Workspace, url: &str) {
    let opener = if cfg!(target_os = "macos") { "open" } else { "xdg-open" };
    if !workspace.env.desktop {
        return;
    }
    if let Some(opener) = workspace.env.find(opener) {
        let mut command = workspace.command(opener);
        command.arg(url).stdout(Stdio::null()).stderr(Stdio::null());
        drop(command.spawn());
    }
}
