//! A child process that cannot outlive us.
//!
//! A program either leads a process group of its own, so that what it starts is stopped with it, or shares
//! our terminal. Stopping is always the same: a polite signal, a bounded wait, then an end by force.

use std::io;
use std::process::{Child, Command, ExitStatus};
use std::time::Duration;

use crate::{clock, descent, stop};

/// Longer than any of our programs needs to say goodbye.
pub(crate) const GRACE: Duration = Duration::from_secs(5);

/// Who hears the terminal's signals and may read its keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Terminal {
    /// The program leads its own group; only we signal it.
    Ours,
    /// The program shares our group: it may draw, read keys and hear Ctrl-C.
    Shared,
}

/// A running child.
#[derive(Debug)]
pub(crate) struct Program {
    child: Child,
    terminal: Terminal,
    /// Set when nothing of it is left: its number may belong to somebody else by now.
    over: bool,
}

impl Program {
    /// Starts it.
    pub(crate) fn start(command: &mut Command, terminal: Terminal) -> io::Result<Self> {
        #[cfg(unix)]
        if terminal == Terminal::Ours {
            std::os::unix::process::CommandExt::process_group(command, 0);
        }
        Ok(Self { child: command.spawn()?, terminal, over: false })
    }

    /// Its number in the process table.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its standard output and error, once each.
    pub(crate) fn pipes(&mut self) -> (Option<std::process::ChildStdout>, Option<std::process::ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// How it ended, or `None` while it runs.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }

    /// Asks it to end. Returns at once.
    pub(crate) fn ask_to_end(&self) {
        signal::terminate(self.child.id(), self.terminal);
    }

    /// Ends it and all it started, within `grace` or by force.
    pub(crate) fn end(&mut self, grace: Duration) {
        if self.over {
            return;
        }
        self.over = true;
        // Browsers put themselves into groups of their own: remember them while they are still related to us.
        let family = descent::of(self.child.id());
        if matches!(self.ended(), Ok(None)) {
            self.ask_to_end();
        }
        let deadline = clock::now() + grace;
        while matches!(self.ended(), Ok(None)) && clock::now() < deadline && !stop::insisted() {
            stop::glance();
        }
        // The leader's end says nothing of those it started.
        signal::kill_group(self.child.id(), self.terminal);
        for orphan in descent::still_running(&family) {
            signal::kill(orphan);
        }
        if self.child.kill().is_ok() {
            drop(self.child.wait());
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.end(GRACE);
    }
}

#[cfg(unix)]
mod signal {
    use nix::sys::signal::{Signal, kill as send, killpg};
    use nix::unistd::Pid;

    use super::Terminal;

    fn pid(id: u32) -> Option<Pid> {
        i32::try_from(id).ok().filter(|id| *id > 1).map(Pid::from_raw)
    }

    pub(super) fn terminate(leader: u32, terminal: Terminal) {
        if let Some(leader) = pid(leader) {
            // A process that is already gone is what we want, so the result says nothing.
            let _ = match terminal {
                Terminal::Ours => killpg(leader, Signal::SIGTERM),
                Terminal::Shared => send(leader, Signal::SIGTERM),
            };
        }
    }

    pub(super) fn kill_group(leader: u32, terminal: Terminal) {
        if let (Some(leader), Terminal::Ours) = (pid(leader), terminal) {
            let _ = killpg(leader, Signal::SIGKILL);
        }
    }

    pub(super) fn kill(process: u32) {
        if let Some(process) = pid(process) {
            let _ = send(process, Signal::SIGKILL);
        }
    }
}

/// Elsewhere there is no polite signal: `Child::kill` in [`Program::end`] does what can be done.
#[cfg(not(unix))]
mod signal {
    use super::Terminal;

    pub(super) fn terminate(_leader: u32, _terminal: Terminal) {}
    pub(super) fn kill_group(_leader: u32, _terminal: Terminal) {}
    pub(super) fn kill(_process: u32) {}
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn shell(script: &str) -> Program {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Program::start(&mut command, Terminal::Ours).expect("sh starts")
    }

    #[test]
    fn a_program_that_listens_ends_politely() {
        let mut program = shell("exec sleep 60");
        program.end(GRACE);
        assert!(matches!(program.ended(), Ok(Some(_))));
    }

    #[test]
    fn a_program_that_does_not_listen_ends_by_force() {
        let mut program = shell("trap '' TERM; while :; do sleep 0.05; done");
        program.end(Duration::from_millis(200));
        assert!(matches!(program.ended(), Ok(Some(_))));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn grandchildren_in_a_session_of_their_own_end_too() {
        let mut program = shell("setsid sleep 60 & wait");
        let deadline = clock::now() + GRACE;
        while descent::of(program.child.id()).is_empty() && clock::now() < deadline {
            stop::glance();
        }
        let family = descent::of(program.child.id());
        assert!(!family.is_empty(), "the grandchild should be running");
        program.end(Duration::from_millis(200));
        while !descent::still_running(&family).is_empty() && clock::now() < deadline {
            stop::glance();
        }
        assert_eq!(descent::still_running(&family), Vec::<u32>::new());
    }
}
