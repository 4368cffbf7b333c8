//! The connection that an outbox has, and how that hears of it.

use std::sync::Arc;

use tokio::sync::Notify;

/// The connection that is there, if one is.
#[derive(Debug, Default)]
pub(super) struct Line(Option<Bell>);

/// What a connection listens for beside its client.
#[derive(Debug, Default)]
pub(in crate::gate) struct Bells {
    /// There is something to take from the outbox.
    pub(in crate::gate) news: Notify,
    /// The outbox is another's, or nobody's. It is heard whatever the connection waits for, so that who
    /// takes nothing is off as soon as anybody.
    pub(in crate::gate) off: Notify,
}

#[derive(Debug)]
struct Bell {
    connection: u64,
    bells: Arc<Bells>,
    /// Whether it has rung since the connection took something.
    rung: bool,
}

impl Line {
    /// A connection takes over.
    pub(super) fn open(&mut self, connection: u64, bells: Arc<Bells>) {
        self.hang_up();
        self.0 = Some(Bell {
            connection,
            bells,
            rung: false,
        });
    }

    /// Ends the connection that is there.
    pub(super) fn hang_up(&mut self) {
        if let Some(bell) = self.0.take() {
            bell.bells.off.notify_one();
        }
    }

    /// Whether a connection is there.
    pub(super) fn is_open(&self) -> bool {
        self.0.is_some()
    }

    /// Whether this one is.
    pub(super) fn is_of(&self, connection: u64) -> bool {
        let bell = self.0.as_ref();
        bell.is_some_and(|bell| bell.connection == connection)
    }

    /// There is something for it.
    pub(super) fn ring(&mut self) {
        if let Some(bell) = &mut self.0
            && !std::mem::replace(&mut bell.rung, true)
        {
            bell.bells.news.notify_one();
        }
    }

    /// A connection looks what there is; `false` if it is another that is there.
    pub(super) fn looks(&mut self, connection: u64) -> bool {
        match &mut self.0 {
            Some(bell) if bell.connection == connection => {
                bell.rung = false;
                true
            }
            _ => false,
        }
    }
}
