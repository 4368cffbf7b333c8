//! An author that errs: the region's own log goes on with an entry that breaks a rule, and a sound one
//! behind it.
//!
//! Offices of this version write nothing void, but others may: of a later version, or with a fault of
//! their own. Such an entry is in its log for good, and what follows it counts.

use std::sync::Arc;

use protocol::{
    Body, Draft, DutyNote, Envelope, Frame, Hash, Head, LogKey, Signer, Wall, WarningId,
    WarningLift, limit,
};

use super::Engine;
use crate::stream::Stream;

impl Engine {
    /// The region says an entry that is void and one that is not, to whoever hears it now; the others have
    /// to get them from these. It says all that it erred in before, for it answers nobody.
    pub(super) fn err(&mut self) {
        let network = self.setup.network.clone();
        let mut secret = Stream::Keys.draws(self.setup.seed, network.region.as_str());
        let root = Signer::new(network.region, network.suite, secret.bytes());
        let known = self.judge.picture().authors().get(&network.region);
        let life = known.and_then(|known| known.lineage.in_force());
        let full = self.erred.len() + 2 > limit::BATCH_ENVELOPES;
        let Some(incarnation) = life.filter(|_| root.public() == network.root && !full) else {
            return;
        };
        let author = network.region;
        let log = LogKey {
            author,
            incarnation,
        };
        let lifted = WarningId {
            author,
            epoch: incarnation.epoch,
            number: u32::MAX,
        };
        let void = Body::WarningLift(WarningLift {
            warning: lifted,
            at: self.now,
        });
        let sound = Body::DutyNote(DutyNote {
            incident: None,
            by: "region".to_owned(),
            text: "the warning that was lifted had never been given".to_owned(),
            at: self.now,
        });
        for body in [void, sound] {
            let entry = self.next_of(log, body, &root);
            self.erred.push(entry);
        }
        self.say_errors(log);
    }

    /// The entry with which the log goes on.
    fn next_of(&self, log: LogKey, body: Body, root: &Signer) -> Arc<Envelope> {
        let known = self.judge.picture().log(log);
        let known = known.map_or_else(|| (0, Hash::default()), |known| (known.prefix, known.head));
        let last = self.erred.last().map(|it| (it.header().seq, it.hash()));
        let (seq, prev) = last.unwrap_or(known);
        let sent = Wall::at(self.now);
        let draft = Draft {
            net: self.setup.network.id,
            mode: self.setup.network.mode,
            log,
            seq: seq + 1,
            prev,
            hlc: (sent.0 << 16) + seq,
            sent,
            request: None,
        };
        Envelope::seal(&draft, body, root)
    }

    fn say_errors(&mut self, log: LogKey) {
        let Some(last) = self.erred.last() else {
            return;
        };
        let head = Head {
            log,
            seq: last.header().seq,
            hash: last.hash(),
        };
        let frame = Frame::append(self.setup.network.id, head, self.erred.clone());
        let topic = frame.topic().on(self.setup.network.id);
        let Ok(frame) = self.verify(&topic, frame.text().as_bytes()) else {
            return;
        };
        self.note(&frame);
        for number in 0..self.setup.offices.len() {
            let number = u16::try_from(number).expect("offices are numbered in u16");
            let place = self.own_bus(number);
            self.bring(self.mesh.world(), (number, place), self.now, &frame);
        }
    }
}
