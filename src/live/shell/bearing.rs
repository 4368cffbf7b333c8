//! What an office's lines bear: faults hold its frames back, spoil them or cut it from a bus.

use std::collections::BTreeSet;

use agents::{Input, LinkChange};
use protocol::BusId;

use super::Shell;
use crate::live::lines::{LineFaults, Lines, Parcel};

impl Shell {
    pub(super) fn suffer(&mut self, faults: LineFaults) {
        let cut = |lines: &Lines, buses: &BTreeSet<BusId>| {
            let cut = buses.iter().filter(|bus| lines.is_cut_from(**bus));
            cut.copied().collect::<BTreeSet<BusId>>()
        };
        let before = cut(&self.lines, &self.linked);
        self.lines.suffer(faults);
        let now = cut(&self.lines, &self.linked);
        for bus in now.difference(&before) {
            // A bus that loses an office publishes its will; here it is the office that is taken from
            // the bus, and the connection stays for its own ground.
            let will = self.office.will();
            self.publish(*bus, &will);
            self.tell(Input::Link(*bus, LinkChange::Down));
        }
        for bus in before.difference(&now) {
            self.tell(Input::Link(*bus, LinkChange::Up));
        }
        self.release();
    }

    /// Lets a frame take its way, which a fault may have spoiled.
    pub(super) fn pass(&mut self, parcel: Parcel) {
        let at = self.around.clocks.now().drill;
        if let Some(parcel) = self.lines.take(at, parcel) {
            self.arrive(parcel);
        }
    }

    /// Lets frames arrive that a fault has held until now.
    pub(super) fn release(&mut self) {
        let now = self.around.clocks.now().drill;
        for parcel in self.lines.due(now) {
            self.arrive(parcel);
        }
    }

    fn arrive(&mut self, parcel: Parcel) {
        match parcel {
            Parcel::In(bus, frame) => self.hear(bus, frame),
            Parcel::Out(bus, frame) => self.publish(bus, &frame),
        }
    }
}
