//! The one command: parses arguments, wires the crates, owns tokio, threads, files and progress.

mod bench;
mod bus;
mod campaign;
mod cards;
mod carriage;
mod check;
mod cli;
mod command;
mod doctor;
mod draft;
mod drill;
mod failure;
mod files;
mod finding;
mod grades;
mod init;
mod inspect;
mod keys;
mod live;
mod network;
mod office;
mod outcome;
mod print;
mod roster;
mod schema;
mod screen;
mod secret;
mod settings;
mod simulate;
mod stop;
mod whole;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use tracing_subscriber::EnvFilter;

use cli::{Cli, ScenarioVerb, Verb};
use failure::Failure;

/// Decoded envelopes and plans are many small allocations of short life; the system's allocator
/// takes a sixth more of a run for them.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    speak_on_stderr(&cli);
    if std::env::args().any(|argument| secret::is_shown_in(&argument)) {
        return ended(Err(Failure::new(
            failure::Code::NoPermission,
            "a password among the arguments can be read by every process of this machine; put the address into \
             LIANDONG_BUS instead, and give the password that was shown another (`liandong keys password`)",
        )));
    }
    ended(done(cli.verb))
}

/// Does what was asked.
fn done(verb: Option<Verb>) -> Result<(), Failure> {
    match verb {
        None => drill::first_look(),
        Some(Verb::Drill(args)) => drill::drill(&args),
        Some(Verb::Simulate(args)) => simulate::simulate(&args),
        Some(Verb::Init(args)) => init::init(&args),
        Some(Verb::Office(args)) => office::office(&args),
        Some(Verb::Doctor(args)) => doctor::doctor(&args),
        Some(Verb::Keys(args)) => keys::keys(&args),
        Some(Verb::Broker(args)) => bus::broker(&args),
        Some(Verb::Command(args)) => command::command(&args),
        Some(Verb::Report(args)) => outcome::report(&args),
        Some(Verb::Scenario(args)) => match args.verb {
            ScenarioVerb::Cards(args) => cards::cards(&args),
            ScenarioVerb::New(args) => draft::new(&args),
        },
        Some(Verb::Check(args)) => check::check(&args),
        Some(Verb::Journal(args)) => inspect::journal(&args),
        Some(Verb::Export(args)) => carriage::export(&args),
        Some(Verb::Import(args)) => carriage::import(&args),
        Some(Verb::Paper(args)) => carriage::paper(&args),
        Some(Verb::Bench(args)) => bench::bench(&args),
        Some(Verb::Schema(args)) => schema::schema(&args),
        Some(Verb::Template(args)) => schema::template(&args),
    }
}

/// How the process ends.
fn ended(outcome: Result<(), Failure>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure { code, error }) => {
            // Standard error may be closed; the exit code says it all the same.
            drop(writeln!(std::io::stderr(), "{error}"));
            ExitCode::from(code as u8)
        }
    }
}

/// Logs to standard error: warnings, or what LIANDONG_LOG asks. A dashboard owns the screen, so
/// there only errors are told, and only where standard error is not that screen.
fn speak_on_stderr(cli: &Cli) {
    let screen = match &cli.verb {
        None => true,
        Some(Verb::Drill(args)) => !args.headless,
        Some(_) => false,
    };
    let usual = if screen && std::io::stderr().is_terminal() {
        "off"
    } else {
        // rumqttd calls every client that leaves an error.
        "warn,rumqttd=off"
    };
    let filter = EnvFilter::try_from_env("LIANDONG_LOG").unwrap_or_else(|_| EnvFilter::new(usual));
    // Escape codes in a file or a pipe are noise, and NO_COLOR asks for none (no-color.org).
    let coloured = std::io::stderr().is_terminal()
        && std::env::var_os("NO_COLOR").is_none_or(|said| said.is_empty());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(coloured)
        .with_writer(std::io::stderr)
        .with_target(false)
        .init();
}
