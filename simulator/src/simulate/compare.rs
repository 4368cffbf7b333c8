//! What offices see beside what the judge sees, who read every log for himself (I13, J10, J11, R6).

use protocol::Moment;

use super::{Run, apart};
use crate::judge::invariant::{self, Held};

impl Run<'_> {
    /// Each simulated minute, for states take longer to compare than to keep: how one office in turn sees
    /// one author in turn. The authors go round once for each round of the offices.
    pub(super) fn compare_a_sample(&mut self, now: Moment) {
        let offices = self.engine.setup().offices.len().max(1);
        let (round, seat) = (self.samples / offices, self.samples % offices);
        self.samples += 1;
        let union = self.engine.judge().picture();
        let authors = union.authors().len().max(1);
        let author = union.authors().keys().nth(round % authors);
        let office = self.machines.get(seat).and_then(|it| it.office());
        let (Some(author), Some(office)) = (author, office) else {
            return;
        };
        let held = [
            Held::of(union.network().region, union),
            Held::of(office.party(), office.picture()),
        ]
        .map(|held| held.only(*author));
        let different = invariant::i13_equal_versions_have_equal_pictures(&held);
        self.tell_of_different(now, different);
    }

    /// Over the judge and all offices that run. They have converged if all of them hold the same;
    /// otherwise what keeps them apart is answered.
    pub(super) fn compare_pictures(&mut self, now: Moment) -> Vec<String> {
        let offices = &self.machines[..self.engine.setup().offices.len()];
        let (mut held, mut silent) = (Vec::new(), Vec::new());
        for machine in offices {
            match machine.office() {
                Some(office) => held.push(Held::of(office.party(), office.picture())),
                None => silent.push(machine.party()),
            }
        }
        let mut apart = apart::what_keeps_apart(&held, &silent);
        let union = self.engine.judge().picture();
        held.insert(0, Held::of(union.network().region, union));
        let different = invariant::i13_equal_versions_have_equal_pictures(&held);
        apart.extend(different.iter().cloned());
        self.tell_of_different(now, different);
        apart
    }

    fn tell_of_different(&mut self, now: Moment, different: Vec<String>) {
        for text in different {
            self.engine.judge().violate(now, "I13", text);
        }
    }
}
