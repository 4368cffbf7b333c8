//! What the log gets of those who do not come in.

use std::future::ready;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::runtime::Builder;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::*;
use crate::config::{Access, Limits};
use crate::gate::keeper::Keeper;
use crate::gate::telling::LINES;

/// Counts lines.
#[derive(Default)]
struct Lines(AtomicU32);

impl Subscriber for Lines {
    fn enabled(&self, about: &Metadata<'_>) -> bool {
        *about.level() <= tracing::Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn nine_hundred_handshakes_that_fail_get_as_many_lines_as_a_minute_has() {
    let everybody = Access::Anyone {
        withheld: Vec::new(),
    };
    let (events, _) = tokio::sync::mpsc::channel(1);
    let hub = Hub::new(
        Arc::default(),
        (Keeper::new(everybody, 100), Limits::OWN),
        events,
    );
    let address = SocketAddr::from(([192, 0, 2, 1], 1));
    let lines = Arc::new(Lines::default());
    let runtime = Builder::new_current_thread().enable_time().build().unwrap();
    tracing::subscriber::with_default(Arc::clone(&lines), || {
        runtime.block_on(async {
            for _ in 0..900 {
                let fails = ready(Err::<(), _>(io::Error::other("no hand of ours")));
                assert!(shaken(fails, address, &hub).await.is_none());
            }
        });
    });
    assert_eq!(lines.0.load(Ordering::Relaxed), LINES);
    assert_eq!(hub.tally.counts().refused, 900, "all are counted");
}
