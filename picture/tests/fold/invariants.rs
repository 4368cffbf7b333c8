//! What must hold of any picture, whatever was written (domain.md, section 7).

use std::collections::{BTreeMap, BTreeSet};

use picture::{Picture, Standing};
use protocol::{Fence, Moment, ResourceId, UnitState};

/// I1: a unit is bound by one commitment at most, by the one that it is said to serve.
pub(crate) fn a_unit_serves_one_commitment(picture: &Picture) {
    for author in picture.authors().values() {
        let mut bound = BTreeMap::new();
        for (id, aid) in author.state.aids.iter().filter(|(_, aid)| aid.binds()) {
            let before = bound.insert(aid.commit.resource, *id);
            let unit = author.state.holdings[&aid.commit.resource].unit();
            if let Some(unit) = unit {
                assert_eq!(before, None, "{} is bound twice", aid.commit.resource);
                assert_eq!(unit.aid, Some(*id), "bound and serving another");
            }
        }
        for (id, holding) in &author.state.holdings {
            let Some(unit) = holding.unit() else { continue };
            let deployed = picture::is_deployed(unit.state);
            assert_eq!(deployed, unit.aid.is_some(), "{id} is {}", unit.state);
            let may_be_held = unit.state == UnitState::Held || unit.is_standing_by();
            assert!(may_be_held || unit.held.is_none(), "{id} is {}", unit.state);
            assert!(unit.state != UnitState::Held || unit.held.is_some(), "{id}");
            if let Some((offer, _)) = unit.held {
                assert!(
                    author.state.offers.contains_key(&offer),
                    "{id} is held for nothing"
                );
            }
        }
    }
}

/// I2: the fences of a unit's commitments differ, and none is greater than the last one given.
pub(crate) fn fences_rise(picture: &Picture) {
    let mut fences: BTreeMap<ResourceId, BTreeSet<Fence>> = BTreeMap::new();
    for author in picture.authors().values() {
        for aid in author.state.aids.values() {
            let (resource, fence) = (aid.commit.resource, aid.commit.fence);
            assert!(
                fences.entry(resource).or_default().insert(fence),
                "{resource} was committed twice under {fence:?}"
            );
            assert!(author.state.holdings[&resource].fence >= Some(fence));
        }
    }
}

/// I4: of no stock more is held and committed than there is.
pub(crate) fn stock_is_conserved(picture: &Picture) {
    for author in picture.authors().values() {
        for (id, holding) in &author.state.holdings {
            if let Standing::Stock(stock) = &holding.standing {
                let held: u32 = stock.held.values().map(|(quantity, _)| quantity).sum();
                let committed: u32 = stock.committed.values().sum();
                assert_eq!(stock.on_hand, stock.free() + held + committed, "{id}");
            }
        }
    }
}

/// I7: report numbers rise by one, and only corrections follow the final report.
pub(crate) fn chains_of_reports_are_whole(picture: &Picture) {
    for (id, incident) in picture.incidents() {
        let mut ended = false;
        for (expected, brief) in (0..).zip(&incident.chain) {
            assert_eq!(brief.report_no, expected, "{id}");
            let correction = brief.kind == protocol::ReportKind::Correction;
            assert!(!ended || correction, "{id} goes on after its final report");
            ended |= brief.kind == protocol::ReportKind::Final;
        }
    }
}

/// I11: each log has a hash for every entry of its prefix, the last of them its head.
pub(crate) fn logs_have_no_holes(picture: &Picture) {
    for author in picture.authors().values() {
        for log in author.lineage.logs().values().filter(|log| log.prefix > 0) {
            assert_eq!(log.hash_at(log.prefix), Some(log.head));
            assert!((1..=log.prefix).all(|seq| log.hash_at(seq).is_some()));
            assert_eq!(log.hash_at(log.prefix + 1), None);
            assert!(!log.equivocates);
        }
    }
}

/// I18: what was lifted or has run out shows nowhere.
pub(crate) fn no_ended_warning_is_active(picture: &Picture) {
    for now in [Moment(0), Moment(499), Moment(500), Moment(70_000)] {
        for warning in picture.warnings(now) {
            assert_eq!(warning.lifted_at, None);
            assert!(warning.warning.until.is_none_or(|until| now < until));
        }
    }
}

pub(crate) fn all(picture: &Picture) {
    a_unit_serves_one_commitment(picture);
    fences_rise(picture);
    stock_is_conserved(picture);
    chains_of_reports_are_whole(picture);
    logs_have_no_holes(picture);
    no_ended_warning_is_active(picture);
}
