//! Signs: one question each, with the keys that belong to it.

use protocol::{PartyId, RequestId, Saying};

use super::incident::written_call;
use super::look::Named;
use super::{Reader, within_whole};
use crate::scenario::file::{SignTable, only_keys};
use crate::scenario::page::At;
use crate::scenario::{Sign, Which};

/// The questions, with the further keys of each.
const QUESTIONS: [(&str, &[&str]); 5] = [
    ("said", &["by", "incident", "times"]),
    ("reached", &[]),
    ("served", &[]),
    ("waiting", &["severity", "areas"]),
    ("expected", &[]),
];

/// How often something can be asked to be said, and how many incidents to wait.
const TIMES_MOST: u32 = 1_000;
const WAITING_MOST: u32 = 100_000;

impl Reader<'_, '_> {
    /// What a table looks for; `receivers` are those whom its inject is for.
    pub(super) fn sign(
        &mut self,
        table: &SignTable,
        receivers: &[PartyId],
        named: &Named<'_>,
    ) -> Option<Sign> {
        let asks = |key: &str| table.present.iter().any(|it| it.value == key);
        let mut asked = QUESTIONS.iter().filter(|(key, _)| asks(key));
        let (Some((question, own)), None) = (asked.next(), asked.next()) else {
            self.page.fault(
                &table.span,
                "a sign asks one question",
                "write one of said, reached, served, waiting and expected",
            );
            return None;
        };
        let allowed: Vec<&str> = std::iter::once(question).chain(*own).copied().collect();
        only_keys(&table.present, question, &allowed, self.page);
        match *question {
            "said" => self.said(table, receivers, named),
            "reached" => Some(Sign::Reached {
                call: self.call_of(table.reached.as_ref()?, named)?,
            }),
            "served" => Some(Sign::Served {
                call: self.call_of(table.served.as_ref()?, named)?,
            }),
            "waiting" => {
                let areas = table.areas.as_ref();
                let which = Which {
                    severity: table.severity.as_ref().map(|it| it.value),
                    areas: areas.map(|areas| self.area_list(areas)).unwrap_or_default(),
                };
                let at_least = within_whole(table.waiting.as_ref()?, WAITING_MOST, self.page)?;
                Some(Sign::Waiting { at_least, which })
            }
            _ => {
                let inject = table.expected.as_ref()?;
                let known = self.known(inject, "inject with something to be seen", &named.watched);
                known.then(|| Sign::Expected {
                    inject: inject.value.clone(),
                })
            }
        }
    }

    fn said(
        &mut self,
        table: &SignTable,
        receivers: &[PartyId],
        named: &Named<'_>,
    ) -> Option<Sign> {
        let by = match &table.by {
            Some(by) => self.office_list(by),
            None => receivers.to_vec(),
        };
        let times = match &table.times {
            Some(times) => within_whole(times, TIMES_MOST, self.page),
            None => Some(1),
        };
        let what = table.said.as_ref()?;
        let about = match &table.incident {
            Some(incident) if what.value.names_incident() => Some(self.call_of(incident, named)?),
            Some(incident) => {
                let reason = format!("\"{}\" names no incident", what.value);
                let naming = Saying::ALL.iter().filter(|it| it.names_incident());
                let naming: Vec<&str> = naming.map(|it| it.code()).collect();
                let remedy = format!("leave incident out; these name one: {}", naming.join(", "));
                self.page.fault(&incident.span, reason, remedy);
                return None;
            }
            None => None,
        };
        Some(Sign::Said {
            what: what.value,
            by,
            about,
            times: times?,
        })
    }

    /// The call by which an incident of this file is known.
    fn call_of(&mut self, incident: &At<String>, named: &Named<'_>) -> Option<RequestId> {
        let known = self.known(incident, "incident", &named.incidents);
        known.then(|| written_call(&incident.value))?
    }
}
