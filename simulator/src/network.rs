//! What links do to frames: delay, loss, duplication, reordering, cuts in one way or both.
//!
//! Each directed link draws from a stream of its own and takes its draws for every frame, also for
//! one that is lost or cut: a frame or a fault more on one link moves nothing on another. A link
//! keeps the order of its frames, as TCP does, unless one is held back.

mod way;
pub use way::{Arrivals, Way};

use std::collections::BTreeSet;

use protocol::{Moment, PartyId, Span};

use crate::scenario::{Links, NetworkProfile};
use crate::stream::{Chance, Spread, Stream};

/// Between an office and its own ground: radio and the call system's line (model).
///
/// No fault of the region's network touches it; a lossy radio is not modelled.
const GROUND: NetworkProfile = NetworkProfile {
    latency: Spread::Fixed {
        time: Span::millis(200),
    },
    loss: Chance::NEVER,
    duplicate: Chance::NEVER,
    reorder: Chance::NEVER,
    reorder_by: Span::ZERO,
    corrupt: Chance::NEVER,
    bits_per_s: None,
};

/// All directed links between machines, and between each machine and the world. A machine stands for
/// its party; two that stand for one are parted by nothing that names parties.
#[derive(Debug)]
pub(crate) struct Mesh {
    parties: Vec<PartyId>,
    /// Row by sender, column by receiver; the last of both is the world.
    links: Vec<Link>,
}

#[derive(Debug)]
struct Link {
    way: Way,
    usual: NetworkProfile,
    /// What faults make of it, by the fault's number; the latest begun counts.
    degraded: Vec<(usize, NetworkProfile)>,
    cuts: u32,
}

impl Mesh {
    pub(crate) fn new(parties: Vec<PartyId>, usual: NetworkProfile, seed: u64) -> Self {
        let mut names: Vec<String> = Vec::with_capacity(parties.len() + 1);
        for (number, party) in parties.iter().enumerate() {
            let again = parties[..number].contains(party);
            names.push(if again {
                format!("{party}#{number}")
            } else {
                party.to_string()
            });
        }
        names.push("world".to_owned());
        let world = parties.len();
        let links = (0..names.len() * names.len())
            .map(|number| {
                let (from, to) = (number / names.len(), number % names.len());
                let name = format!("{}>{}", names[from], names[to]);
                let ground = from == world || to == world;
                let draws = |name: &str| Stream::Network.draws(seed, name);
                let way = Way::new(draws(&name), draws(&format!("{name} spoils")));
                Link::new(way, if ground { GROUND } else { usual })
            })
            .collect();
        Self { parties, links }
    }

    /// The number of the world as a sender and receiver.
    pub(crate) fn world(&self) -> usize {
        self.parties.len()
    }

    /// When a frame of this length arrives that is sent now.
    pub(crate) fn carry(&mut self, way: (usize, usize), at: Moment, bytes: usize) -> Arrivals {
        let side = self.parties.len() + 1;
        self.links[way.0 * side + way.1].carry(at, bytes)
    }

    /// Cuts these links, or heals one cut of each.
    pub(crate) fn cut(&mut self, links: &Links, begins: bool) {
        self.touched(links, |link| link.count_cut(begins));
    }

    /// Cuts a machine from all but those that stand for the parties that it reaches, or heals it.
    pub(crate) fn part(&mut self, machine: usize, reaches: &BTreeSet<PartyId>, begins: bool) {
        let side = self.parties.len() + 1;
        for (other, party) in self.parties.iter().enumerate() {
            if other == machine || reaches.contains(party) {
                continue;
            }
            for place in [machine * side + other, other * side + machine] {
                self.links[place].count_cut(begins);
            }
        }
    }

    /// Makes these links worse for the time of a fault.
    pub(crate) fn degrade(&mut self, fault: usize, links: &Links, profile: NetworkProfile) {
        self.touched(links, |link| link.degraded.push((fault, profile)));
    }

    /// Ends what a fault made of its links.
    pub(crate) fn restore(&mut self, fault: usize) {
        for link in &mut self.links {
            link.degraded.retain(|(number, _)| *number != fault);
        }
    }

    /// Ends every cut and every degradation.
    pub(crate) fn heal(&mut self) {
        for link in &mut self.links {
            link.cuts = 0;
            link.degraded.clear();
        }
    }

    /// Whether a party neither reaches nor hears any other.
    pub(crate) fn is_isolated(&self, party: usize) -> bool {
        let mut others = (0..self.parties.len())
            .filter(|other| self.parties[*other] != self.parties[party])
            .peekable();
        others.peek().is_some() && others.all(|other| self.is_parted(party, other))
    }

    /// Whether neither of two parties reaches the other.
    pub(crate) fn is_parted(&self, one: usize, other: usize) -> bool {
        let side = self.parties.len() + 1;
        let cut = |from: usize, to: usize| self.links[from * side + to].cuts > 0;
        cut(one, other) && cut(other, one)
    }

    fn touched(&mut self, links: &Links, mut act: impl FnMut(&mut Link)) {
        let side = self.parties.len() + 1;
        for (from, sender) in self.parties.iter().enumerate() {
            for (to, receiver) in self.parties.iter().enumerate() {
                if links.touch(*sender, *receiver) {
                    act(&mut self.links[from * side + to]);
                }
            }
        }
    }
}

impl Link {
    fn new(way: Way, usual: NetworkProfile) -> Self {
        Self {
            way,
            usual,
            degraded: Vec::new(),
            cuts: 0,
        }
    }

    fn count_cut(&mut self, begins: bool) {
        self.cuts = if begins {
            self.cuts + 1
        } else {
            self.cuts.saturating_sub(1)
        };
    }

    fn carry(&mut self, at: Moment, bytes: usize) -> Arrivals {
        let profile = self
            .degraded
            .last()
            .map_or(self.usual, |(_, profile)| *profile);
        if self.cuts > 0 {
            self.way.pass_over(&profile);
            return Arrivals::default();
        }
        self.way.carry(&profile, at, bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Ways;

    fn parties() -> Vec<PartyId> {
        ["990100", "990200", "990300"]
            .iter()
            .map(|name| name.parse().unwrap())
            .collect()
    }

    fn mesh() -> Mesh {
        Mesh::new(parties(), NetworkProfile::default(), 7)
    }

    fn isolate(party: &str) -> Links {
        Links {
            from: [party.parse().unwrap()].into(),
            to: parties().into_iter().collect(),
            ways: Ways::Both,
        }
    }

    fn times(mesh: &mut Mesh, way: (usize, usize)) -> Vec<Option<Moment>> {
        (0..20_u64)
            .map(|n| mesh.carry(way, Moment(n * 1_000), 700).first)
            .collect()
    }

    #[test]
    fn a_frame_more_on_one_link_moves_nothing_on_another() {
        let quiet = times(&mut mesh(), (0, 1));
        let mut busy = mesh();
        times(&mut busy, (0, 2));
        times(&mut busy, (1, 0));
        assert_eq!(times(&mut busy, (0, 1)), quiet);
    }

    #[test]
    fn a_link_keeps_the_order_of_its_frames() {
        let arrivals = times(&mut mesh(), (0, 1));
        assert!(arrivals.is_sorted() && arrivals.iter().all(Option::is_some));
    }

    #[test]
    fn a_cut_loses_frames_and_leaves_the_draws_of_later_ones_alone() {
        let mut never_cut = mesh();
        let mut healed = mesh();
        healed.cut(&isolate("990100"), true);
        assert!(healed.is_isolated(0) && !healed.is_isolated(1));
        for at in 0..3 {
            never_cut.carry((0, 1), Moment(at), 700);
            assert_eq!(healed.carry((0, 1), Moment(at), 700), Arrivals::default());
        }
        healed.cut(&isolate("990100"), false);
        let later = Moment(10_000_000);
        assert_eq!(
            healed.carry((0, 1), later, 700),
            never_cut.carry((0, 1), later, 700)
        );
    }

    #[test]
    fn a_one_way_cut_leaves_the_way_back_open() {
        let mut mesh = mesh();
        let links = Links {
            ways: Ways::OneWay,
            ..isolate("990100")
        };
        mesh.cut(&links, true);
        assert_eq!(mesh.carry((0, 1), Moment(1), 700).first, None);
        assert!(mesh.carry((1, 0), Moment(1), 700).first.is_some());
        assert!(!mesh.is_isolated(0));
    }

    #[test]
    fn a_narrow_link_makes_frames_wait_for_each_other() {
        let narrow = NetworkProfile {
            latency: Spread::Fixed { time: Span::ZERO },
            bits_per_s: Some(8_000),
            ..NetworkProfile::default()
        };
        let mut mesh = Mesh::new(parties(), narrow, 7);
        let arrivals: Vec<_> = (0..3)
            .filter_map(|_| mesh.carry((0, 1), Moment(0), 1_000).first)
            .collect();
        assert_eq!(arrivals, [1, 2, 3].map(|s| Moment(0) + Span::seconds(s)));
        let crowd = (0..60).filter_map(|_| mesh.carry((0, 1), Moment(0), 1_000).first);
        assert_eq!(
            crowd.count(),
            28,
            "beyond half a minute of backlog it drops"
        );
    }
}
