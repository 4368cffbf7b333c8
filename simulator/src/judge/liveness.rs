//! Liveness by name (simulation.md L1 to L5, replication.md R7): what comes true once all has healed.
//!
//! Each says what it found, or nothing. The clock starts when every link is whole and every office runs.

use std::collections::{BTreeMap, BTreeSet};

use picture::{AuthorState, OfferState, Picture};
use protocol::{AidId, Audience, Incarnation, LogKey, Moment, PartyId, ResourceId, Span};

use crate::world::World;

/// L1: how long a need may stand before it is covered or the whole region has been asked, drill time:
/// twice the time in which offers are awaited in each of the two inner rings, with a minute for the way.
const ANSWERED_WITHIN: Span = Span::minutes(10);

/// L2: how long it takes until all hold what anybody held when all was healed (simulation.md).
pub const EQUAL_WITHIN: Span = Span::seconds(60);

/// L5: how long an answer that is due may take, drill time.
const SETTLED_WITHIN: Span = Span::minutes(2);

/// L1: every open need is covered, or the whole region has been asked and knows that it is not. Offices
/// that only advise leave that to people.
pub fn l1_every_need_is_answered(
    picture: &Picture,
    now: Moment,
    acts: impl Fn(PartyId) -> bool,
) -> Vec<String> {
    let open = picture.needs().filter(|(_, need)| need.ended.is_none());
    let late = open.filter(|(id, need)| {
        let waits = now.since(need.request.asked_at.max(need.widened_at)) > ANSWERED_WITHIN;
        waits && acts(id.author) && need.request.audience != Audience::Region
    });
    let found = late.filter_map(|(id, need)| {
        let it = picture.coverage(*id);
        (it.covered < it.quantity).then(|| {
            let asked = now.since(need.request.asked_at);
            format!(
                "{id} asks for {} since {asked} and has {}, and only the {} was asked",
                it.quantity, it.covered, need.request.audience
            )
        })
    });
    found.collect()
}

/// L2: all held within a minute what anybody held when all was healed; `Err` with what somebody lacks
/// if they never did.
pub fn l2_all_hold_the_same(reached: Result<&Span, &String>) -> Result<(), String> {
    within(reached, EQUAL_WITHIN)
}

/// R7: the same, within what digests, repair and the lines take.
pub fn r7_all_hold_the_same(reached: Result<&Span, &String>, bound: Span) -> Result<(), String> {
    within(reached, bound)
}

fn within(reached: Result<&Span, &String>, bound: Span) -> Result<(), String> {
    match reached {
        Ok(span) if *span <= bound => Ok(()),
        Ok(span) => Err(format!(
            "all hold what anybody held at the heal after {}; it should take {} at most",
            exactly(*span),
            exactly(bound)
        )),
        Err(lacks) => Err(format!(
            "somebody never came to hold what another held at the heal: {lacks}"
        )),
    }
}

/// A span in seconds, as exactly as tells it from its bound: minutes would make both the same.
fn exactly(span: Span) -> String {
    let millis = span.0.div_ceil(1_000);
    match (millis / 1_000, millis % 1_000) {
        (seconds, 0) => format!("{seconds} s"),
        (seconds, rest) => format!("{seconds}.{rest:03} s"),
    }
}

/// L3: of all machines under an office's name one serves, in the life that everybody holds in force.
pub fn l3_one_life_serves<'a>(
    office: PartyId,
    serving: &[Incarnation],
    pictures: impl IntoIterator<Item = (PartyId, &'a Picture)>,
) -> Vec<String> {
    let [life] = serving else {
        let count = serving.len();
        return vec![format!("{count} machines serve as {office}: {serving:?}")];
    };
    let others = pictures.into_iter().filter_map(|(holder, picture)| {
        let known = picture.authors().get(&office);
        let in_force = known.and_then(|known| known.lineage.in_force());
        (in_force != Some(*life))
            .then(|| format!("{office} serves in {life}, and {holder} holds {in_force:?} in force"))
    });
    others.collect()
}

/// L4: nothing in a state that binds is left of a commitment that its owner never made, and no crew waits
/// at a scene to be called home from one.
pub fn l4_no_orphan_commitment(state: &AuthorState, world: &World) -> Vec<String> {
    let made = |aid: AidId, unit: ResourceId| {
        let known = state.aids.get(&aid);
        known.is_some_and(|known| known.commit.resource == unit)
    };
    let mut found = Vec::new();
    for (id, holding) in &state.holdings {
        let Some(unit) = holding.unit() else { continue };
        if let Some(aid) = unit.aid.filter(|aid| !made(*aid, *id)) {
            found.push(format!("{id} serves {aid} by its log, which nobody made"));
        }
        let truly = world.unit(*id).and_then(|(_, aid, _)| aid);
        let orphan = truly.filter(|aid| !made(*aid, *id) && world.is_done(*id));
        if let Some(aid) = orphan {
            let state = unit.state;
            found.push(format!(
                "{id} has done its work for {aid}, which nobody made, is {state} by its log and was \
                 not called home"
            ));
        }
    }
    found
}

/// L5: what was offered is taken, refused or over, and whoever accepted has an answer.
pub fn l5_all_aid_is_settled(picture: &Picture, now: Moment) -> Vec<String> {
    let mut accepted = BTreeSet::new();
    for (_, need) in picture.needs() {
        accepted.extend(need.accepted.keys().copied());
    }
    let mut found = Vec::new();
    for author in picture.authors().values() {
        let open = author.state.offers.iter();
        for (id, offer) in open.filter(|(_, offer)| offer.state == OfferState::Open) {
            let over = now.since(offer.offer.hold_until);
            if over > SETTLED_WITHIN {
                let how = if accepted.contains(id) {
                    "was accepted and has no answer"
                } else {
                    "has not ended"
                };
                found.push(format!("offer {id} {how}, {over} after its hold"));
            }
        }
    }
    found
}

/// L6: nobody waits for entries that no office has, `had` being how far anybody has a log: whoever is asked
/// for such has none to give, so it is asked without end. Lives before the one in force count for nothing,
/// and of lives with the nonces `gone` the only copy may have gone with their machine.
pub fn l6_nobody_waits_for_nothing(
    (holder, picture): (PartyId, &Picture),
    had: &BTreeMap<LogKey, u64>,
    gone: &BTreeSet<u64>,
) -> Vec<String> {
    let mut found = Vec::new();
    for (author, known) in picture.authors() {
        let (author, force) = (*author, known.lineage.in_force());
        for (incarnation, log) in known.lineage.logs() {
            let counts = force.is_none_or(|force| *incarnation >= force);
            let last = log.wanted().last().map(|(_, to)| to);
            let incarnation = *incarnation;
            let key = LogKey {
                author,
                incarnation,
            };
            let there = had.get(&key).copied().unwrap_or_default();
            if let Some(last) = last.filter(|last| *last > there)
                && counts
                && !gone.contains(&incarnation.nonce)
            {
                found.push(format!(
                    "{holder} waits for {key} up to {last}, and nobody has more than {there} of it"
                ));
            }
        }
    }
    found
}

/// J16: an office with an open incident has a machine that is awake or due back.
pub fn j16_somebody_is_there(office: PartyId, picture: &Picture) -> Result<(), String> {
    let open = picture.needs();
    let mut open = open.filter(|(id, need)| id.author == office && need.ended.is_none());
    match open.next() {
        Some((need, _)) => Err(format!(
            "{need} waits, and no machine of {office} is awake or due back"
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe;

    #[test]
    fn holders_who_take_longer_than_they_may_are_noticed() {
        let (minute, more) = (EQUAL_WITHIN, Span(EQUAL_WITHIN.0 + 1));
        assert!(l2_all_hold_the_same(Ok(&minute)).is_ok());
        let late = l2_all_hold_the_same(Ok(&more)).unwrap_err();
        assert!(
            late.contains("after 60.001 s; it should take 60 s at most"),
            "{late}"
        );
        let never = r7_all_hold_the_same(Err(&"990100 lacks".to_owned()), Span::minutes(9));
        assert!(never.unwrap_err().contains("990100 lacks"));
        assert!(r7_all_hold_the_same(Ok(&Span::minutes(9)), Span::minutes(9)).is_ok());
    }

    #[test]
    fn an_office_that_nobody_or_two_machines_serve_for_is_noticed() {
        let office = probe::party("990100");
        let life = |nonce| Incarnation { epoch: 1, nonce };
        let none = || std::iter::empty();
        assert_eq!(l3_one_life_serves(office, &[], none()).len(), 1);
        assert_eq!(l3_one_life_serves(office, &[life(1)], none()).len(), 0);
        assert_eq!(
            l3_one_life_serves(office, &[life(1), life(2)], none()).len(),
            1
        );
    }

    #[test]
    fn who_waits_for_what_nobody_has_is_noticed_and_who_waits_for_what_another_has_is_not() {
        let holder = probe::party("990100");
        let mut picture = Picture::new(probe::network());
        let log = probe::region_log(3);
        for envelope in [&log[0], &log[2]] {
            picture.admit(envelope);
        }
        let key = log[0].header().log;
        let waits = |had: u64, gone: &[u64]| {
            let gone = gone.iter().copied().collect();
            l6_nobody_waits_for_nothing((holder, &picture), &[(key, had)].into(), &gone).len()
        };
        assert_eq!((waits(1, &[]), waits(2, &[]), waits(3, &[])), (1, 0, 0));
        assert_eq!(waits(1, &[key.incarnation.nonce]), 0);
    }

    #[test]
    fn a_life_that_others_do_not_hold_in_force_is_noticed() {
        let mut picture = Picture::new(probe::network());
        for envelope in probe::region_log(2) {
            picture.admit(&envelope);
        }
        let region = probe::network().region;
        let life = picture.authors()[&region].lineage.in_force().unwrap();
        let other = Incarnation {
            epoch: life.epoch + 1,
            nonce: 1,
        };
        let held = || [(probe::party("990100"), &picture)];
        assert!(l3_one_life_serves(region, &[life], held()).is_empty());
        assert_eq!(l3_one_life_serves(region, &[other], held()).len(), 1);
    }
}
