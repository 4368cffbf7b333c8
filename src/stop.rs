//! Ctrl-C and SIGTERM: what runs ends in order, and its exit code says which of the two ended it.

use std::sync::{Arc, OnceLock};

use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{self, SignalKind};
use tokio::sync::watch;

use crate::failure::{Code, Failure};

/// A runtime with one worker: enough for one office, or for hearing of a signal.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Code::TryLater, error))
}

/// SIGHUP, by which a process is told to read its files again, from now on.
pub(crate) fn hang_up() -> Result<unix::Signal, Failure> {
    listen_for(SignalKind::hangup())
}

fn listen_for(kind: SignalKind) -> Result<unix::Signal, Failure> {
    unix::signal(kind).map_err(|error| {
        let what = format!("the system gives no signals: {error}; try again");
        Failure::new(Code::TryLater, what)
    })
}

/// What ends a process from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signal {
    /// SIGINT, as Ctrl-C sends it.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

/// Whether the process was told to stop from outside, and by which signal.
#[derive(Clone)]
pub(crate) struct Stop {
    told: watch::Receiver<bool>,
    by: Arc<OnceLock<Signal>>,
}

impl Stop {
    /// Listens for both signals from now on.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let mut interrupt = listen_for(SignalKind::interrupt())?;
        let mut terminate = listen_for(SignalKind::terminate())?;
        let (tell, told) = watch::channel(false);
        let by = Arc::new(OnceLock::new());
        let came = Arc::clone(&by);
        tokio::spawn(async move {
            let signal = tokio::select! {
                _ = interrupt.recv() => Signal::Interrupt,
                _ = terminate.recv() => Signal::Terminate,
            };
            came.get_or_init(|| signal);
            let _ = tell.send(true);
            // The channel must live as long as somebody may look at it.
            std::future::pending::<()>().await;
        });
        Ok(Self { told, by })
    }

    /// True once a signal came.
    pub(crate) fn told(&self) -> watch::Receiver<bool> {
        self.told.clone()
    }

    /// How the process exits after an orderly end: well, unless a signal asked for that end.
    pub(crate) fn verdict(&self, what: &str) -> Result<(), Failure> {
        let (code, signal) = match self.by.get() {
            None => return Ok(()),
            Some(Signal::Interrupt) => (Code::Interrupted, "Ctrl-C (SIGINT)"),
            Some(Signal::Terminate) => (Code::Terminated, "SIGTERM"),
        };
        Err(Failure::new(code, format!("{what} was ended by {signal}")))
    }
}
