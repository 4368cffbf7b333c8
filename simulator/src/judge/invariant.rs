//! The invariants by name (domain.md I, simulation.md J): each says what it found, or nothing.

use std::collections::BTreeMap;

use picture::{AuthorState, Picture};
use protocol::{Hash, IncidentReport, LogKey, PartyId, ReportKind, ResourceId, UnitState};

use crate::world::Obeyed;

/// I1: a unit is bound by at most one commitment in its owner's log.
pub fn i1_one_aid_a_unit(picture: &Picture) -> Vec<String> {
    let mut found = Vec::new();
    for author in picture.authors().values() {
        let mut bound: BTreeMap<ResourceId, usize> = BTreeMap::new();
        for aid in author.state.aids.values().filter(|aid| aid.binds()) {
            *bound.entry(aid.commit.resource).or_default() += 1;
        }
        let units = author.state.holdings.iter();
        for (resource, _) in units.filter(|(_, holding)| holding.unit().is_some()) {
            let aids = bound.get(resource).copied().unwrap_or_default();
            if aids > 1 {
                found.push(format!("{resource} is bound by {aids} commitments"));
            }
        }
    }
    found
}

/// I1: who is out is out for a commitment.
pub fn i1_nobody_is_out_for_nothing(picture: &Picture) -> Vec<String> {
    let mut found = Vec::new();
    for author in picture.authors().values() {
        for (resource, holding) in &author.state.holdings {
            if let Some(unit) = holding.unit()
                && picture::is_deployed(unit.state)
                && unit.aid.is_none()
            {
                found.push(format!("{resource} is {} without a commitment", unit.state));
            }
        }
    }
    found
}

/// I4: of no stock more is held and committed than there is.
pub fn i4_stock_is_conserved(picture: &Picture) -> Vec<String> {
    let mut found = Vec::new();
    for author in picture.authors().values() {
        for (resource, holding) in &author.state.holdings {
            let picture::Standing::Stock(stock) = &holding.standing else {
                continue;
            };
            let held: u32 = stock.held.values().map(|(quantity, _)| quantity).sum();
            let committed: u32 = stock.committed.values().sum();
            if held + committed > stock.on_hand {
                found.push(format!(
                    "{resource} has {}; {held} are held and {committed} committed",
                    stock.on_hand
                ));
            }
        }
    }
    found
}

/// I5: delivered ≤ covered ≤ quantity for every need that is open.
pub fn i5_no_need_is_over_covered(picture: &Picture) -> Vec<String> {
    let open = picture.needs().filter(|(_, need)| need.ended.is_none());
    open.filter_map(|(id, _)| {
        let it = picture.coverage(*id);
        let wrong = it.covered > it.quantity || it.delivered > it.covered;
        wrong.then(|| {
            format!(
                "{id} asks for {}, {} are committed and {} delivered",
                it.quantity, it.covered, it.delivered
            )
        })
    })
    .collect()
}

/// I7: the report number rises by one, and after the final report only corrections follow.
pub fn i7_report_follows(
    before: Option<(u32, ReportKind)>,
    report: &IncidentReport,
) -> Result<(), String> {
    let (id, found) = (report.incident, report.report_no);
    let expected = before.map_or(0, |(number, _)| number + 1);
    if found != expected {
        return Err(format!("{id} has report {found} where {expected} was next"));
    }
    let after_final = before.is_some_and(|(_, kind)| kind == ReportKind::Final);
    if after_final && report.kind != ReportKind::Correction {
        return Err(format!("{id} has a {} after its final report", report.kind));
    }
    Ok(())
}

/// What a holder has: which prefix of which log, with the hash of its last entry, and what follows.
#[derive(Clone, Debug)]
pub struct Held<'a> {
    /// Who.
    pub party: PartyId,
    /// Which prefix of which log.
    pub holds: BTreeMap<LogKey, (u64, Hash)>,
    /// What follows from that.
    pub picture: &'a Picture,
}

impl<'a> Held<'a> {
    /// What a picture holds.
    pub fn of(party: PartyId, picture: &'a Picture) -> Self {
        let holds = picture.holds();
        Self {
            party,
            holds,
            picture,
        }
    }

    /// No more than it holds of one author.
    #[must_use]
    pub fn only(mut self, author: PartyId) -> Self {
        self.holds.retain(|log, _| log.author == author);
        self
    }
}

/// I13, J11: holders of equal logs of an author see that author equally.
///
/// Compared state by state, which finds what equal hashes would hide and takes a tenth of the time.
/// Holders who share a state are compared once; the judge shares none, so each is held to a fold that
/// was made apart.
pub fn i13_equal_versions_have_equal_pictures(held: &[Held<'_>]) -> Vec<String> {
    let mut known: BTreeMap<(PartyId, Extent), Vec<(PartyId, &AuthorState)>> = BTreeMap::new();
    let mut found = Vec::new();
    for holder in held {
        for (author, extent) in extents(holder) {
            let Some(state) = holder.picture.state(author) else {
                continue;
            };
            let seen = known.entry((author, extent)).or_default();
            if seen.iter().any(|(_, known)| std::ptr::eq(*known, state)) {
                continue;
            }
            if let Some((first, there)) = seen.first()
                && *there != state
            {
                let (parts, second) = (parts(there, state), holder.party);
                found.push(format!(
                    "{first} and {second} hold the same entries and see {author} differently: {parts}"
                ));
            }
            seen.push((holder.party, state));
        }
    }
    found
}

/// How far the log in force goes, and those after it, with the hashes of their last entries. The seals
/// chain all that counts before it, and what does not count follows from them.
type Extent = Vec<(LogKey, (u64, Hash))>;

/// What is held of each author.
fn extents(holder: &Held<'_>) -> BTreeMap<PartyId, Extent> {
    let mut extents: BTreeMap<PartyId, Extent> = BTreeMap::new();
    for (log, extent) in &holder.holds {
        // An author of whom not all is read, because something is missing, is nothing to compare.
        if holder.picture.authors()[&log.author].lineage.is_read() {
            extents.entry(log.author).or_default().push((*log, *extent));
        }
    }
    extents
}

/// In what two states of one author differ, as far as a reader can use it.
fn parts(here: &AuthorState, there: &AuthorState) -> String {
    let parts = [
        ("incidents", here.incidents != there.incidents),
        ("holdings", here.holdings != there.holdings),
        ("needs", here.needs != there.needs),
        ("offers", here.offers != there.offers),
        ("aids", here.aids != there.aids),
        ("warnings", here.warnings != there.warnings),
        ("roads", here.roads != there.roads),
    ];
    let named: Vec<&str> = parts
        .iter()
        .filter(|(_, differ)| *differ)
        .map(|(name, _)| *name)
        .collect();
    let (few, many) = (here.folded, there.folded);
    format!("{} ({few} and {many} entries folded)", named.join(", "))
}

/// J13: the bytes that entered lines have left them or are on their way.
pub fn j13_bytes_are_conserved(entered: u64, left: u64, waiting: u64) -> Result<(), String> {
    (entered == left + waiting).then_some(()).ok_or_else(|| {
        format!(
            "of {entered} bytes that entered lines {left} left them and {waiting} are on their way"
        )
    })
}

/// J2: a crew goes only where the lifecycle leads.
pub fn j2_step_exists(unit: ResourceId, step: (UnitState, UnitState)) -> Result<(), String> {
    use UnitState::{Available, EnRouteHome, EnRouteOut, Mobilising, Rehab, Staged, Working};
    let exists = matches!(
        step,
        (Available, Mobilising)
            | (Mobilising, EnRouteOut | EnRouteHome | Available)
            | (EnRouteOut | Staged | Working, EnRouteHome | Mobilising)
            | (EnRouteOut, Staged)
            | (Staged, Working)
            | (EnRouteHome, Rehab | Mobilising)
            | (Rehab, Available | Mobilising)
    );
    let (from, to) = step;
    exists
        .then_some(())
        .ok_or_else(|| format!("{unit} went from {from} to {to}"))
}

/// J3: a crew that serves one commitment obeys no order of another that does not turn it away from it.
pub fn j3_serves_one(obeyed: &Obeyed) -> Result<(), String> {
    match obeyed.served {
        Some(served) if served != obeyed.aid && !obeyed.turned_from.contains(&served) => {
            Err(format!(
                "{} serves {served} and obeyed an order of {}",
                obeyed.unit, obeyed.aid
            ))
        }
        _ => Ok(()),
    }
}

/// J6: a terminal obeys greater fences alone.
pub fn j6_fence_rises(obeyed: &Obeyed) -> Result<(), String> {
    match obeyed.before {
        Some(before) if before >= obeyed.fence => Err(format!(
            "{} obeyed {:?} after {before:?}",
            obeyed.unit, obeyed.fence
        )),
        _ => Ok(()),
    }
}

/// J7: on a disk every log is a prefix without a gap.
pub fn j7_no_gap(log: LogKey, (entries, last): (u64, u64)) -> Result<(), String> {
    if entries == last {
        Ok(())
    } else {
        Err(format!(
            "{entries} entries of {log} are on a disk, the last is {last}"
        ))
    }
}

/// J9, I15, R5: what is published of a log is on the publisher's disk.
pub fn j9_published_is_durable(log: LogKey, seq: u64, is_durable: Durable) -> Result<(), String> {
    match is_durable {
        Durable::Yes => Ok(()),
        Durable::No => Err(format!(
            "entry {seq} of {log} was published before it was durable"
        )),
    }
}

/// Whether an entry is on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durable {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// J14: what waits stays within its bound.
pub fn j14_within(what: &str, found: usize, bound: usize) -> Result<(), String> {
    if found <= bound {
        Ok(())
    } else {
        Err(format!("{found} {what} wait; at most {bound} should"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe;
    use protocol::{AidId, Fence};

    fn obeyed(before: Option<u32>, command: u32, served: Option<u32>) -> Obeyed {
        let incarnation = probe::log(1).incarnation;
        let fence = |command| Fence {
            incarnation,
            command,
        };
        let aid = |number| AidId {
            author: probe::party("990100"),
            epoch: 1,
            number,
        };
        Obeyed {
            unit: "990100-s01-fire-1".parse().unwrap(),
            before: before.map(fence),
            fence: fence(command),
            served: served.map(aid),
            aid: aid(1),
            turned_from: Vec::new(),
        }
    }

    #[test]
    fn an_order_under_an_old_or_equal_fence_is_noticed() {
        assert!(j6_fence_rises(&obeyed(None, 1, None)).is_ok());
        assert!(j6_fence_rises(&obeyed(Some(1), 2, None)).is_ok());
        assert!(j6_fence_rises(&obeyed(Some(2), 2, None)).is_err());
        assert!(j6_fence_rises(&obeyed(Some(3), 2, None)).is_err());
    }

    #[test]
    fn a_crew_taken_from_one_commitment_by_another_is_noticed() {
        assert!(j3_serves_one(&obeyed(None, 1, Some(1))).is_ok());
        let mut taken = obeyed(None, 1, Some(2));
        assert!(j3_serves_one(&taken).is_err());
        taken.turned_from.extend(taken.served);
        assert!(j3_serves_one(&taken).is_ok(), "its order says so");
    }

    #[test]
    fn a_jump_in_a_crew_s_life_is_noticed() {
        let unit = "990100-s01-fire-1".parse().unwrap();
        assert!(j2_step_exists(unit, (UnitState::Staged, UnitState::Working)).is_ok());
        assert!(j2_step_exists(unit, (UnitState::Available, UnitState::Working)).is_err());
    }

    #[test]
    fn a_gap_on_a_disk_is_noticed() {
        assert!(j7_no_gap(probe::log(1), (3, 3)).is_ok());
        assert!(j7_no_gap(probe::log(1), (2, 3)).is_err());
    }

    #[test]
    fn bytes_that_neither_came_nor_are_on_their_way_are_noticed() {
        assert!(j13_bytes_are_conserved(10, 7, 3).is_ok());
        assert!(j13_bytes_are_conserved(10, 7, 2).is_err());
        assert!(j13_bytes_are_conserved(10, 8, 3).is_err());
    }

    #[test]
    fn equal_versions_with_unequal_pictures_are_noticed() {
        let full = |count| {
            let mut picture = Picture::new(probe::network());
            for envelope in probe::region_log(count) {
                picture.admit(&envelope);
            }
            picture
        };
        let (two, three) = (full(2), full(3));
        let held = |party: &str, picture| Held {
            party: probe::party(party),
            holds: three.holds(),
            picture,
        };
        let alike = [held("990100", &three), held("990200", &three)];
        let unlike = [held("990100", &two), held("990200", &three)];
        assert!(i13_equal_versions_have_equal_pictures(&alike).is_empty());
        assert_eq!(i13_equal_versions_have_equal_pictures(&unlike).len(), 1);
    }
}
