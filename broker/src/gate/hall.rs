//! The hall before the gate: connections of strangers, who have not been let in, nor anybody else lately
//! from where they are. They take no more than a part of the gate's places; where another comes, the one
//! that has waited the longest goes. So a crowd that says nothing is gone sooner, and holds up nobody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tokio::sync::oneshot::{Receiver, Sender, channel};

use super::unpoisoned;

/// One in so many of the gate's places is for strangers.
const STRANGERS_IN: usize = 2;

/// The hall of a gate.
#[derive(Debug)]
pub(super) struct Hall {
    most: usize,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    last: u64,
    strangers: BTreeMap<u64, Sender<()>>,
}

/// A connection that has not been let in yet. It waits no more when this is dropped.
#[derive(Debug, Default)]
pub(super) struct Stay(Option<(Arc<Hall>, u64)>);

/// Says when a stranger is to go.
#[derive(Debug, Default)]
pub(super) struct Off(Option<Receiver<()>>);

impl Hall {
    /// Of a gate with so many places.
    pub(super) fn before(places: usize) -> Arc<Self> {
        Arc::new(Self {
            most: (places / STRANGERS_IN).max(1),
            waiting: Mutex::default(),
        })
    }

    /// A stranger waits, and the one that has waited the longest goes if there are too many.
    pub(super) fn wait(self: &Arc<Self>) -> (Stay, Off) {
        let (send_off, off) = channel();
        let mut waiting = unpoisoned(&self.waiting);
        if waiting.strangers.len() >= self.most
            && let Some((_, oldest)) = waiting.strangers.pop_first()
        {
            // It may have gone by itself.
            let _ = oldest.send(());
        }
        waiting.last += 1;
        let number = waiting.last;
        waiting.strangers.insert(number, send_off);
        (Stay(Some((Arc::clone(self), number))), Off(Some(off)))
    }
}

impl Stay {
    /// It is let in, and nobody makes it go any more; `false` if somebody has already.
    pub(super) fn end(&self) -> bool {
        let Some((hall, number)) = &self.0 else {
            return true;
        };
        let mut waiting = unpoisoned(&hall.waiting);
        waiting.strangers.remove(number).is_some()
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        self.end();
    }
}

impl Off {
    /// Waits until it is to go; for ever if it never is.
    pub(super) async fn told(self) {
        let is_off = match self.0 {
            Some(off) => off.await.is_ok(),
            None => false,
        };
        if !is_off {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[test]
    fn the_stranger_that_has_waited_the_longest_makes_room_and_nobody_who_was_let_in() {
        let hall = Hall::before(3 * STRANGERS_IN);
        let [first, second, third] = [(); 3].map(|()| hall.wait());
        first.0.end();
        let fourth = hall.wait();
        let fifth = hall.wait();
        let is_off = |off: Off| off.told().now_or_never().is_some();
        assert!(is_off(second.1), "three others wait");
        drop(fourth.0);
        let sixth = hall.wait();
        assert!(!is_off(first.1), "it was let in");
        assert!(third.0.end() && !second.0.end());
        for waits in [third.1, fourth.1, fifth.1, sixth.1] {
            assert!(!is_off(waits));
        }
    }
}
