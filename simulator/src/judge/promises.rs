//! Promises in the union of all logs: what an office said and must stand to, or must not say twice.

use std::collections::{BTreeMap, BTreeSet};

use picture::{AidState, Picture};
use protocol::{
    AidCommit, AidId, AidOffer, Body, Envelope, IncidentId, IncidentReport, Moment, OfferId,
    PartyId, RequestId, ResourceId, Seal, Span, Wall,
};

use crate::world::World;

/// How long after everything healed a commitment may wait to be heard by its crew, or to be ended when
/// its need is: several rounds of repeated orders, of digests and of wants.
const SETTLED: Span = Span::minutes(15);

/// How far ahead of every clock that an office was ever shown its entries may lie: what it follows of
/// others' clocks (replication.md, Clocks).
const AHEAD_MS: u64 = 60_000;

/// What the judge remembers of each call.
#[derive(Debug, Default)]
pub(super) struct Promises {
    /// The incident that each office opened for a call.
    opened: BTreeMap<(PartyId, RequestId), IncidentId>,
    /// The offers whose end was written.
    ended: BTreeSet<OfferId>,
}

impl Promises {
    /// What is wrong with an entry that was folded, by invariant.
    pub(super) fn said(
        &mut self,
        picture: &Picture,
        author: PartyId,
        body: &Body,
    ) -> Option<(&'static str, String)> {
        match body {
            Body::Incident(report) => self.opens_once(author, report),
            Body::AidCommit(commit) => r12_hold_lasts(picture, commit),
            _ => None,
        }
    }

    /// I17: a deadline that has passed leaves one record. The only deadlines that offices keep by
    /// themselves are those of their holds. Void entries count too: who forgets that it has written one
    /// writes another.
    pub(super) fn written(&mut self, body: &Body) -> Result<(), String> {
        let Body::AidOfferEnd(end) = body else {
            return Ok(());
        };
        let offer = end.offer;
        if self.ended.insert(offer) {
            return Ok(());
        }
        Err(format!("the end of {offer} is written twice"))
    }

    /// An author's life in force has changed: its entries are told again from the first.
    pub(super) fn forget(&mut self, author: PartyId) {
        self.opened.retain(|(opener, _), _| *opener != author);
        self.ended.retain(|offer| offer.author != author);
    }

    /// R05: a call that comes again opens no second incident.
    fn opens_once(
        &mut self,
        author: PartyId,
        report: &IncidentReport,
    ) -> Option<(&'static str, String)> {
        let call = report.request.filter(|_| report.report_no == 0)?;
        let id = report.incident;
        let before = self.opened.insert((author, call), id)?;
        let text = format!("call {call} opened {before} and {id}");
        (before != id).then_some(("R05", text))
    }
}

/// R12: what was held until a time is not committed from that time on.
fn r12_hold_lasts(picture: &Picture, commit: &AidCommit) -> Option<(&'static str, String)> {
    let offer = picture.offer(commit.offer?)?;
    let (held, aid) = (offer.offer.hold_until, commit.aid);
    let late = commit.at.since(held);
    (commit.at >= held).then(|| {
        (
            "R12",
            format!("{aid} counts a hold that lapsed {late} before"),
        )
    })
}

/// I16: after an offer its owner still has what it keeps at home, counted by main kind.
pub(super) fn i16_floor_is_kept(picture: &Picture, offer: &AidOffer) -> Result<(), String> {
    let Some(owner) = picture.state(offer.offer.author) else {
        return Ok(());
    };
    for line in &offer.lines {
        let offered = owner.holdings.get(&line.resource);
        let Some(offered) = offered.filter(|it| !it.is_standing_by()) else {
            continue;
        };
        let kind = offered.resource.kind;
        let (left, floor) = owner.cover(kind);
        if left < floor {
            let id = offer.offer;
            return Err(format!(
                "{id} leaves {left} of {kind} where {floor} are kept"
            ));
        }
    }
    Ok(())
}

/// I3: whoever begins another life says which one it follows, or all that it said before is void.
pub(crate) fn i3_seals_what_it_follows(picture: &Picture, first: &Envelope) -> Result<(), String> {
    let log = first.header().log;
    let Some(Body::Seal(Seal { predecessor: None })) = first.body() else {
        return Ok(());
    };
    let known = picture.authors().get(&log.author);
    let mut lives = known.into_iter().flat_map(|known| known.lineage.logs());
    let before = lives.find(|(life, known)| **life < log.incarnation && known.prefix > 0);
    match before {
        Some((before, _)) => Err(format!("{log} does not say that it follows {before}")),
        None => Ok(()),
    }
}

/// Whether a commitment that counts sends this unit. Two machines under one name may give one id to
/// commitments of two units, of which one life's alone counts.
fn sends(picture: &Picture, aid: AidId, unit: ResourceId) -> bool {
    let known = picture.aid(aid);
    known.is_some_and(|known| known.commit.resource == unit)
}

/// I6: every commitment ended, or its unit truly serves it or has not heard of it yet. A crew that serves
/// what only a life out of force sent it to hears of nothing else before it is called home (L4).
pub(super) fn i6_no_commitment_vanishes(picture: &Picture, world: &World) -> Vec<String> {
    let mut found = Vec::new();
    let aids = picture
        .authors()
        .values()
        .flat_map(|author| &author.state.aids);
    for (id, aid) in aids.filter(|(_, aid)| aid.binds()) {
        let resource = aid.commit.resource;
        let Some((state, serves, seen)) = world.unit(resource) else {
            continue;
        };
        let heard = seen.is_some_and(|seen| seen >= aid.commit.fence);
        let elsewhere = serves.is_some_and(|aid| !sends(picture, aid, resource));
        if heard && !elsewhere && serves != Some(*id) {
            found.push(format!(
                "{id} still binds {resource}, which is {state} and serves {serves:?}"
            ));
        }
    }
    found
}

/// I6, while the drill runs: no crew serves another commitment than the one that binds it. One that serves
/// none may have ended its work and not have been heard yet.
pub(super) fn i6_no_crew_is_elsewhere(picture: &Picture, world: &World) -> Vec<String> {
    let mut found = Vec::new();
    let authors = picture.authors().values();
    let aids = authors.flat_map(|author| &author.state.aids);
    for (id, aid) in aids.filter(|(_, aid)| aid.binds()) {
        let resource = aid.commit.resource;
        let Some((state, Some(serves), Some(seen))) = world.unit(resource) else {
            continue;
        };
        if seen >= aid.commit.fence && serves != *id && sends(picture, serves, resource) {
            found.push(format!(
                "{id} still binds {resource}, which is {state} and serves {serves}"
            ));
        }
    }
    found
}

/// I6, when all has settled: no crew waits for the order behind a commitment, and no commitment
/// outlasts its need or its release.
pub(super) fn i6_nothing_is_left_open(
    picture: &Picture,
    world: &World,
    now: Moment,
) -> Vec<String> {
    let authors = picture.authors().values();
    let aids = authors.flat_map(|author| &author.state.aids);
    let live = aids.filter(|(_, aid)| aid.state == AidState::Live);
    let is_old = |at: Moment| now.since(at) >= SETTLED;
    let mut found = Vec::new();
    for (id, aid) in live {
        let (unit, need) = (aid.commit.resource, aid.commit.need);
        let Some((state, serves, seen)) = world.unit(unit) else {
            continue;
        };
        let heard = seen.is_some_and(|seen| seen >= aid.commit.fence);
        // Who serves what only a life out of force sent it to hears of nothing else before (L4).
        let elsewhere = serves.is_some_and(|aid| !sends(picture, aid, unit));
        if !heard && !elsewhere && is_old(aid.commit.at) {
            found.push(format!(
                "{id} binds {unit}, which was never told, is {state} and serves {serves:?}"
            ));
        }
        let ended = picture.need(need).and_then(|need| need.ended);
        let asker = picture.state(need.author);
        let released = asker.and_then(|asker| asker.released.get(id).copied());
        let over = released.or_else(|| ended.map(|(_, at)| at));
        if over.is_some_and(is_old) {
            found.push(format!(
                "{id} still sends {unit} to {need}, which needs it no more"
            ));
        }
    }
    found
}

/// R20: an office's hybrid time follows no clock that is far ahead of its own; `latest` is the latest
/// that its own ever showed.
pub(crate) fn r20_clock_is_not_dragged(entry: &Envelope, latest: Wall) -> Result<(), String> {
    let header = entry.header();
    let ahead = (header.hlc >> 16).saturating_sub(latest.0);
    if ahead <= AHEAD_MS {
        return Ok(());
    }
    let (log, seq) = (header.log, header.seq);
    let seconds = ahead / 1_000;
    Err(format!(
        "entry {seq} of {log} lies {seconds} s ahead of every clock that its author had"
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use protocol::{AidOfferEnd, Draft, Hash, LogKey};

    use super::*;
    use crate::judge::Judge;
    use crate::probe;

    /// The first entry of a life of the region's own log that says it follows none.
    fn begins(epoch: u32, hlc: u64) -> Arc<Envelope> {
        let mut log: LogKey = probe::region_log(1)[0].header().log;
        log.incarnation.epoch = epoch;
        let network = probe::network();
        let draft = Draft {
            net: network.id,
            mode: network.mode,
            log,
            seq: 1,
            prev: Hash::default(),
            hlc,
            sent: Wall(1),
            request: None,
        };
        let seal = Body::Seal(Seal { predecessor: None });
        Envelope::seal(&draft, seal, &probe::signer(log.author.as_str()))
    }

    #[test]
    fn a_life_that_follows_none_although_there_was_one_is_noticed() {
        let mut picture = Picture::new(probe::network());
        assert!(i3_seals_what_it_follows(&picture, &begins(2, 1)).is_ok());
        for envelope in probe::region_log(2) {
            picture.admit(&envelope);
        }
        assert!(i3_seals_what_it_follows(&picture, &begins(1, 1)).is_ok());
        assert!(i3_seals_what_it_follows(&picture, &begins(2, 1)).is_err());
    }

    #[test]
    fn a_lapsed_hold_that_is_recorded_twice_is_noticed() {
        let mut promises = Promises::default();
        let end = |number| {
            let (author, epoch) = (probe::party("990100"), 1);
            let offer = OfferId {
                author,
                epoch,
                number,
            };
            let at = Moment(1);
            Body::AidOfferEnd(AidOfferEnd { offer, at })
        };
        assert!(promises.written(&end(1)).is_ok());
        assert!(promises.written(&end(2)).is_ok());
        assert!(promises.written(&end(1)).is_err());
    }

    #[test]
    fn what_only_a_life_that_comes_into_force_late_says_twice_is_noticed() {
        let life = |epoch| {
            let mut log: LogKey = probe::region_log(1)[0].header().log;
            log.incarnation.epoch = epoch;
            let seal = Body::Seal(Seal { predecessor: None });
            let offer = OfferId {
                author: log.author,
                epoch: 2,
                number: 1,
            };
            let at = Moment(1);
            let end = Body::AidOfferEnd(AidOfferEnd { offer, at });
            probe::log_of(log, [seal, end.clone(), end].into_iter())
        };
        let mut judge = Judge::new(probe::network());
        let (first, second) = (life(1), life(2));
        // The second life is known by its last entries before the one that puts it in force.
        let heard = first[..2].iter().chain(second.iter().rev());
        for entry in heard {
            judge.admit(Moment(2), entry);
        }
        let found: Vec<&str> = judge.violations().iter().map(|it| it.invariant).collect();
        assert_eq!(found, ["I17"]);
    }

    #[test]
    fn an_entry_that_lies_more_than_a_minute_after_every_clock_is_noticed() {
        let entry = begins(1, 161_000 << 16);
        assert!(r20_clock_is_not_dragged(&entry, Wall(101_000)).is_ok());
        assert!(r20_clock_is_not_dragged(&entry, Wall(100_999)).is_err());
    }
}
