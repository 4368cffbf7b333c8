//! Whether offices plan alike, as they said with their digests.

use std::collections::BTreeMap;

use protocol::{Moment, PartyId, PlanMark};

/// The plan that each office said last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plans(BTreeMap<PartyId, PlanMark>);

/// How alike the plans for one minute are.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Alike {
    /// The minute.
    pub(crate) at: Moment,
    /// How many said what they plan for it.
    pub(crate) said: usize,
    /// Who plans otherwise than most of them.
    pub(crate) others: Vec<PartyId>,
}

impl Plans {
    pub(crate) fn heard(&mut self, from: PartyId, mark: PlanMark) {
        self.0.insert(from, mark);
    }

    /// The latest minute of which several said their plan.
    pub(crate) fn alike(&self) -> Option<Alike> {
        let mut minutes = BTreeMap::<Moment, Vec<(PartyId, PlanMark)>>::new();
        for (party, mark) in &self.0 {
            minutes.entry(mark.at()).or_default().push((*party, *mark));
        }
        let (at, said) = minutes.into_iter().rev().find(|(_, said)| said.len() > 1)?;
        let mut counts = BTreeMap::<PlanMark, usize>::new();
        for (_, mark) in &said {
            *counts.entry(*mark).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count)?.0;
        let others = said.iter().filter(|(_, mark)| *mark != most);
        Some(Alike {
            at,
            said: said.len(),
            others: others.map(|(party, _)| *party).collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::Hash;

    #[test]
    fn the_latest_minute_of_which_several_spoke_is_told_with_who_plans_otherwise() {
        let mut plans = Plans::default();
        assert_eq!(plans.alike(), None);
        let mark =
            |minute: u64, plan: &[u8]| PlanMark::new(Moment(minute * 60_000_000), Hash::of(plan));
        let party = |number: u32| format!("99{number}00").parse::<PartyId>().unwrap();
        for (number, mark) in [
            (1, mark(7, b"a")),
            (2, mark(7, b"a")),
            (3, mark(7, b"b")),
            (4, mark(8, b"a")),
        ] {
            plans.heard(party(number), mark);
        }
        let expected = Alike {
            at: Moment(7 * 60_000_000),
            said: 3,
            others: vec![party(3)],
        };
        assert_eq!(plans.alike(), Some(expected));
    }
}
