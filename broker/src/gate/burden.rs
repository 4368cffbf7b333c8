//! How much waits for each party, and which sessions end when that is too much.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::Instant;

use super::keeper::Who;

/// Bytes that wait for all sessions of a party together, or are under way to them: twice what may wait for
/// one. A party has dozens of sessions, and what it does not acknowledge would fill the memory.
const PARTY_BYTES: usize = 128 * 1024 * 1024;

/// And for all sessions of everybody. What waits for several counts for each, so that it is less in memory.
const ALL_BYTES: usize = 1024 * 1024 * 1024;

/// What waits for one session.
#[derive(Clone, Copy, Debug)]
pub(super) struct Burden {
    pub(super) session: u64,
    pub(super) who: Who,
    /// When its client left; `None` while it is there.
    pub(super) left: Option<Instant>,
    pub(super) bytes: usize,
}

/// The sessions of one party.
#[derive(Debug, Default)]
struct Load {
    bytes: usize,
    /// Who goes first is last.
    burdens: Vec<Burden>,
}

/// The sessions that are to end. Beyond what may wait for everybody, the party for which most waits makes
/// room, so that none makes another's sessions end. Processes of this machine share one name, and only
/// that bound.
pub(super) fn too_much(burdens: impl IntoIterator<Item = Burden>) -> Vec<u64> {
    let mut loads: HashMap<Who, Load> = HashMap::new();
    for burden in burdens.into_iter().filter(|it| it.bytes > 0) {
        let load = loads.entry(burden.who).or_default();
        load.bytes += burden.bytes;
        load.burdens.push(burden);
    }
    let mut over = Vec::new();
    let mut loads: Vec<(Who, Load)> = loads.into_iter().collect();
    for (who, load) in &mut loads {
        load.put_in_order();
        while *who != Who::Own && load.bytes > PARTY_BYTES {
            over.extend(load.shed());
        }
    }
    let mut all: usize = loads.iter().map(|(_, load)| load.bytes).sum();
    while all > ALL_BYTES
        && let Some((_, most)) = loads.iter_mut().max_by_key(|(_, load)| load.bytes)
    {
        let before = most.bytes;
        over.extend(most.shed());
        all -= before - most.bytes;
    }
    over
}

impl Load {
    /// Who is away goes before who is there, the longest first; of those who are there, the one for which
    /// most waits.
    fn put_in_order(&mut self) {
        let turn = |it: &Burden| (it.left.is_none(), it.left, Reverse(it.bytes), it.session);
        self.burdens.sort_unstable_by_key(|it| Reverse(turn(it)));
    }

    fn shed(&mut self) -> Option<u64> {
        let first = self.burdens.pop()?;
        self.bytes -= first.bytes;
        Some(first.session)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn party(name: &str) -> Who {
        Who::Party(name.parse().unwrap())
    }

    /// Sessions numbered from one on, of one party.
    fn burdens(who: Who, each: &[(Option<Instant>, usize)]) -> Vec<Burden> {
        let numbered = (1..).zip(each);
        let burden = |(session, (left, mib)): (u64, &(Option<Instant>, usize))| Burden {
            session,
            who,
            left: *left,
            bytes: mib << 20,
        };
        numbered.map(burden).collect()
    }

    #[test]
    fn the_session_that_is_away_the_longest_makes_room_and_then_the_heaviest() {
        let begin = Instant::now();
        let after = |seconds| Some(begin + Duration::from_secs(seconds));
        let of = |each: &[_]| too_much(burdens(party("440400"), each));
        assert!(of(&[(None, 64), (after(1), 64)]).is_empty(), "as it may");
        assert_eq!(of(&[(None, 64), (after(2), 60), (after(1), 60)]), [3]);
        assert_eq!(of(&[(None, 90), (after(2), 60), (after(1), 60)]), [3, 2]);
        assert_eq!(of(&[(None, 60), (None, 70)]), [2]);
    }

    #[test]
    fn the_party_for_which_most_waits_makes_room_for_everybody() {
        let mut all = burdens(Who::Own, &[(None, 300), (None, 400)]);
        assert!(too_much(all.clone()).is_empty(), "no party's");
        for name in ["440100", "440200", "440300", "440400"] {
            all.extend(burdens(party(name), &[(None, 100)]));
        }
        assert_eq!(too_much(all), [2]);
    }
}
