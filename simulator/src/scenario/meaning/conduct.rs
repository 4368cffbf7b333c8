//! How offices decide, how crews behave, how many there are.

use std::collections::BTreeMap;

use protocol::{Autonomy, Form, PartyId, Planning, Requirement};

use super::Reader;
use crate::scenario::file::{OfficeExcept, OfficeTable, ScenarioFile, Seconds};
use crate::scenario::page::At;
use crate::scenario::{CrewPlan, FleetPlan, OfficePlan, OfficePolicy};

impl Reader<'_, '_> {
    pub(super) fn offices(&mut self, file: &ScenarioFile) -> OfficePlan {
        let Some(table) = file.office.as_ref().map(|table| &table.value) else {
            return OfficePlan::default();
        };
        let default = policy_of(table);
        let mut offices = BTreeMap::new();
        for except in table.except.iter().flat_map(|list| &list.value) {
            let policy = differing(except, &default);
            let named = except.offices.as_ref().map(|list| self.office_list(list));
            offices.extend(
                named
                    .unwrap_or_default()
                    .into_iter()
                    .map(|office| (office, policy)),
            );
        }
        let wanted = table.stand_by.iter().flat_map(|list| &list.value);
        let stand_by = wanted.filter_map(|it| self.stands_by(it)).collect();
        OfficePlan {
            default,
            offices,
            stand_by,
        }
    }

    /// What is asked to stand by: only units do.
    fn stands_by(&mut self, wanted: &At<Requirement>) -> Option<Requirement> {
        let kind = wanted.value.kind;
        if kind.form() == Form::Unit {
            return Some(wanted.value);
        }
        let reason = format!("{kind} is counted by amount, and only units stand by");
        let remedy = "leave it out, or have it asked for by an inject";
        self.page.fault(&wanted.span, reason, remedy);
        None
    }

    pub(super) fn crews(file: &ScenarioFile) -> CrewPlan {
        let usual = CrewPlan::default();
        let Some(table) = file.crew.as_ref().map(|table| &table.value) else {
            return usual;
        };
        let mut turnout_of = BTreeMap::new();
        for except in table.except.iter().flat_map(|list| &list.value) {
            let kinds = except.kinds.iter().flat_map(|kinds| &kinds.value);
            let turnout = except.turnout.as_ref().map(|turnout| turnout.value);
            turnout_of.extend(kinds.filter_map(|kind| Some((*kind, turnout?))));
        }
        CrewPlan {
            turnout: table
                .turnout
                .as_ref()
                .map_or(usual.turnout, |turnout| turnout.value),
            turnout_of,
            rehab: table
                .rehab
                .as_ref()
                .map_or(usual.rehab, |rehab| rehab.value),
            shift: table.shift.as_ref().map(|shift| shift.value),
            work: usual.work,
        }
    }

    pub(super) fn fleet(&mut self, file: &ScenarioFile) -> FleetPlan {
        let usual = FleetPlan::default();
        let Some(table) = file.fleet.as_ref().map(|table| &table.value) else {
            return usual;
        };
        let scale_percent = table.scale.as_ref().and_then(|scale| self.scale(scale));
        let mut scale_of = BTreeMap::<PartyId, u32>::new();
        for except in table.except.iter().flat_map(|list| &list.value) {
            let scale = except.scale.as_ref().and_then(|scale| self.scale(scale));
            let named = except.offices.as_ref().map(|list| self.office_list(list));
            let named = named.unwrap_or_default().into_iter();
            scale_of.extend(named.filter_map(|office| Some((office, scale?))));
        }
        let mut under = BTreeMap::new();
        for table in table.under.iter().flat_map(|list| &list.value) {
            let kinds = table.kinds.iter().flat_map(|kinds| &kinds.value);
            let authority = table.command_authority.as_ref().map(|it| it.value);
            under.extend(kinds.filter_map(|kind| Some((*kind, authority?))));
        }
        FleetPlan {
            scale_percent: scale_percent.unwrap_or(usual.scale_percent),
            scale_of,
            under,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the scale was just found to lie between 0.01 and 10"
    )]
    fn scale(&mut self, scale: &At<f64>) -> Option<u32> {
        self.within(scale, 0.01, 10.0)
            .map(|scale| (scale * 100.0).round() as u32)
    }
}

fn policy_of(table: &OfficeTable) -> OfficePolicy {
    OfficePolicy {
        autonomy: table
            .autonomy
            .as_ref()
            .map_or(Autonomy::Act, |autonomy| autonomy.value),
        planning: table
            .policy
            .as_ref()
            .map_or(Planning::OwnFirst, |policy| policy.value),
        hold: seconds(table.hold_s.as_ref()),
        aid_window: seconds(table.aid_window_s.as_ref()),
        snapshot_every: table
            .snapshot_every
            .as_ref()
            .map(|count| count.value.max(1)),
        snapshot_gap: table.snapshot_gap.as_ref().map(|count| count.value),
    }
}

fn differing(table: &OfficeExcept, usual: &OfficePolicy) -> OfficePolicy {
    OfficePolicy {
        autonomy: table
            .autonomy
            .as_ref()
            .map_or(usual.autonomy, |autonomy| autonomy.value),
        // Offices that plan for one region plan alike.
        planning: usual.planning,
        hold: seconds(table.hold_s.as_ref()).or(usual.hold),
        aid_window: seconds(table.aid_window_s.as_ref()).or(usual.aid_window),
        ..*usual
    }
}

fn seconds(value: Option<&At<Seconds>>) -> Option<protocol::Span> {
    value.map(|value| value.value.0)
}
