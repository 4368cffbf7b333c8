//! Who belongs, seen from a running office: changes that come by hand go in, and every change goes to the
//! gate.

use std::sync::Arc;

use protocol::{Envelope, Frame, Head, batches};

use super::Shell;

impl Shell {
    /// Takes entries of one log that came by hand as if a bus had brought them, and says them there.
    pub(super) fn learn(&mut self, envelopes: Vec<Arc<Envelope>>) {
        let Some(bus) = self.around.plugs.first().map(|plug| plug.id) else {
            return;
        };
        for batch in batches(envelopes) {
            let Some(last) = batch.last() else { continue };
            let head = Head {
                log: last.header().log,
                seq: last.header().seq,
                hash: last.hash(),
            };
            let frame = Frame::append(self.net, head, batch);
            self.publish(bus, &frame);
            self.message(bus, &frame.topic().on(self.net), frame.text().as_bytes());
        }
    }

    /// Hands an entry of the roster's log to whoever keeps the roster file.
    pub(super) fn hand_on(&self, entry: &Arc<Envelope>) {
        let region = self.office.picture().network().region;
        if entry.header().log.author == region
            && let Some(learned) = &self.around.learned
        {
            // Whoever kept the file has ended; the journal has the entry.
            drop(learned.send(Arc::clone(entry)));
        }
    }

    /// Hands the roster to whoever lets clients in by it, if it has changed.
    pub(super) fn show_roster(&self) {
        let Some(shown) = &self.around.roster else {
            return;
        };
        let roster = self.office.picture().roster();
        shown.send_if_modified(|known| {
            let changed = known.revision() != roster.revision();
            if changed {
                known.clone_from(roster);
            }
            changed
        });
    }
}
