//! `cargo xtask`: builds, starts, checks and measures cpuMonitor. `cargo xtask help` lists it all.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line program speaks through both")]

mod bench;
mod cli;
mod clock;
mod descent;
mod env;
mod fuzz;
mod native;
mod output;
mod program;
mod progress;
mod steps;
mod stop;
mod table;
mod test;
#[cfg(test)]
mod tidy;
mod tools;
mod up;
mod web;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;

use crate::cli::Task;
use crate::steps::Steps;
use crate::stop::Stopped;
use crate::workspace::Workspace;

/// sysexits' `EX_USAGE`: called wrongly.
const CALLED_WRONGLY: u8 = 64;
/// What a shell reports for a program ended by Ctrl-C.
const STOPPED: u8 = 130;

fn main() -> ExitCode {
    let task = match cli::parse(lexopt::Parser::from_env()) {
        Ok(task) => task,
        Err(error) => {
            eprintln!("xtask: {error}; `cargo xtask help` lists everything");
            return ExitCode::from(CALLED_WRONGLY);
        }
    };
    match run(&task) {
        Ok(code) => code,
        Err(error) if error.is::<Stopped>() => {
            eprintln!("xtask: stopped; nothing is left running");
            ExitCode::from(STOPPED)
        }
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: &Task) -> Result<ExitCode> {
    if matches!(task, Task::Help) {
        print!("{}", cli::help());
        return Ok(ExitCode::SUCCESS);
    }
    stop::listen()?;
    let workspace = Workspace::find()?;
    let mut steps = Steps::new(&workspace);
    match task {
        Task::Help => {}
        Task::Up(wishes) => up::run(&workspace, &mut steps, wishes)?,
        Task::Build => {
            native::all(&workspace, &mut steps)?;
            println!("\n{}", steps.table());
            for place in native::places(&workspace) {
                println!("  {}", place.display());
            }
        }
        Task::Web => {
            web::ready(&workspace, &mut steps)?;
            println!();
            web::size::check(&workspace)?;
        }
        Task::Test { fast } => return test::run(&workspace, &mut steps, *fast),
        Task::Bench { name } => bench::run(&workspace, &mut steps, name.as_deref())?,
        Task::Fuzz(wishes) => fuzz::run(&workspace, &mut steps, wishes)?,
    }
    Ok(ExitCode::SUCCESS)
}
