//! Injects: what is given, and when, with chains of injects followed to their beginning.

use std::collections::BTreeMap;

use protocol::{
    Audience, FieldReport, Moment, ResponseOrder, RoadState, RoadStatus, Span, WarningOrder,
};

use super::Reader;
use super::look::Named;
use crate::scenario::file::{InjectTable, ScenarioFile, only_keys};
use crate::scenario::page::{At, shown};
use crate::scenario::{Channel, Expected, Given, Inject, WrittenIncident};

/// Keys that every inject may have.
const SHARED: [&str; 9] = [
    "number", "title", "at", "after", "channel", "to", "kind", "text", "expected",
];

/// The kinds of injects with the further keys of each.
const KINDS: [(&str, &[&str]); 6] = [
    ("warning", &["hazard", "colour", "areas", "measures", "for"]),
    ("response", &["level", "measures", "for"]),
    ("note", &[]),
    ("call", &["incident"]),
    ("road", &["roads", "state", "percent"]),
    ("aid-request", &["incident", "need", "audience"]),
];

/// How long a response is expected to last unless told otherwise (model).
const RESPONSE_LASTS: Span = Span::hours(24);

impl Reader<'_, '_> {
    pub(super) fn injects(
        &mut self,
        file: &ScenarioFile,
        known: (&[WrittenIncident], &Named<'_>),
    ) -> Vec<Inject> {
        let tables: Vec<&InjectTable> = file.injects.iter().flat_map(|list| &list.value).collect();
        let mut seen = BTreeMap::new();
        for number in tables.iter().filter_map(|table| table.number.as_ref()) {
            self.unique(number, "inject", &mut seen);
        }
        let moments = self.moments(&tables);
        let mut injects: Vec<Inject> = tables
            .iter()
            .filter_map(|table| {
                let at = moments.get(table.number.as_ref()?.value.as_str()).copied();
                self.inject(table, at, known)
            })
            .collect();
        injects.sort_by_key(|inject| inject.at);
        injects
    }

    /// When each inject is given. Those that hang on others are placed as soon as those are; what is
    /// left in the end hangs on itself.
    fn moments<'t>(&mut self, tables: &[&'t InjectTable]) -> BTreeMap<&'t str, Moment> {
        let mut moments = BTreeMap::new();
        let mut open = Vec::new();
        let numbers: Vec<&str> = tables
            .iter()
            .filter_map(|table| Some(table.number.as_ref()?.value.as_str()))
            .collect();
        for table in tables {
            let Some(number) = &table.number else {
                continue;
            };
            match (&table.at, &table.after) {
                (Some(at), None) => {
                    let at = self.moment(at);
                    moments.extend(at.map(|at| (number.value.as_str(), at)));
                }
                (None, Some(after)) => {
                    let (Some(inject), Some(delay)) = (&after.value.inject, &after.value.delay)
                    else {
                        continue;
                    };
                    if numbers.contains(&inject.value.as_str()) {
                        open.push((number.value.as_str(), inject, delay));
                    } else {
                        self.page.unknown(
                            &inject.span,
                            "inject",
                            &inject.value,
                            numbers.iter().copied(),
                        );
                    }
                }
                _ => {
                    let reason = format!(
                        "inject \"{}\" needs one of at and after",
                        shown(&number.value)
                    );
                    self.page.fault(
                        &table.span,
                        reason,
                        "write at = \"1h\", or after = { inject = \"…\", delay = \"10m\" }",
                    );
                }
            }
        }
        self.follow(open, &mut moments);
        moments
    }

    fn follow<'t>(
        &mut self,
        mut open: Vec<(&'t str, &'t At<String>, &'t At<Span>)>,
        moments: &mut BTreeMap<&'t str, Moment>,
    ) {
        loop {
            let before = open.len();
            open.retain(|(number, inject, delay)| {
                let Some(first) = moments.get(inject.value.as_str()).copied() else {
                    return true;
                };
                let whole = At {
                    value: first.since(self.drill.from) + delay.value,
                    span: delay.span.clone(),
                };
                let at = self.moment(&whole).unwrap_or(self.drill.until);
                moments.insert(number, at);
                false
            });
            if open.len() == before {
                break;
            }
        }
        for (number, inject, _) in &open {
            // Another may hang on the circle, or on one whose time is wrong.
            let after = |number: &str| open.iter().find(|(other, ..)| *other == number);
            let chain = std::iter::successors(after(number), |(_, inject, _)| after(&inject.value));
            let mut chain = chain.skip(1).take(open.len());
            if chain.any(|(other, ..)| other == number) {
                let reason = format!(
                    "inject \"{number}\" waits for \"{}\", which waits for it",
                    inject.value
                );
                self.page.fault(
                    &inject.span,
                    reason,
                    "give one of the circle a time with at",
                );
            }
        }
    }

    fn inject(
        &mut self,
        table: &InjectTable,
        at: Option<Moment>,
        known: (&[WrittenIncident], &Named<'_>),
    ) -> Option<Inject> {
        let channel = table
            .channel
            .as_ref()
            .and_then(|channel| self.channel(channel));
        let to = table.to.as_ref().map(|to| self.office_list(to));
        let objective = table.objective.as_ref();
        let objective = objective.filter(|id| self.known(id, "objective", &known.1.objectives));
        self.keys(table);
        let gives = self.gives(table, at.unwrap_or(self.drill.from), known);
        let expected = table.expected.as_ref().and_then(|expected| {
            let (within, action) = (&expected.value.within, &expected.value.action);
            Some((within.as_ref()?.value, action.as_ref()?.value.clone()))
        });
        let at = at?;
        Some(Inject {
            number: table.number.as_ref()?.value.clone(),
            title: table.title.as_ref()?.value.clone(),
            at,
            channel: channel?,
            to: to?,
            gives: gives?,
            expected: expected.map(|(within, action)| Expected {
                by: at + within,
                action,
            }),
            objective: objective.map(|objective| objective.value.clone()),
        })
    }

    fn channel(&mut self, channel: &At<String>) -> Option<Channel> {
        match channel.value.as_str() {
            "field" => Some(Channel::Field),
            "operator" => Some(Channel::Operator),
            "bus" => Some(Channel::Bus),
            other => {
                let known = ["field", "operator", "bus"].into_iter();
                self.page.unknown(&channel.span, "channel", other, known);
                None
            }
        }
    }

    fn keys(&mut self, table: &InjectTable) {
        let Some(kind) = &table.kind else { return };
        let own = KINDS.iter().find(|(name, _)| *name == kind.value);
        if let Some((name, own)) = own {
            let allowed: Vec<&str> = SHARED
                .iter()
                .chain(&["objective"])
                .chain(*own)
                .copied()
                .collect();
            only_keys(&table.present, name, &allowed, self.page);
        } else {
            let known = KINDS.iter().map(|(name, _)| *name);
            self.page
                .unknown(&kind.span, "inject kind", &kind.value, known);
        }
    }

    fn gives(
        &mut self,
        table: &InjectTable,
        at: Moment,
        known: (&[WrittenIncident], &Named<'_>),
    ) -> Option<Given> {
        let text = &table.text.as_ref()?.value;
        let report = |report| {
            Some(Given::Report {
                report: Box::new(report),
            })
        };
        match table.kind.as_ref()?.value.as_str() {
            "warning" => report(FieldReport::Warning(self.warning(table, at)?)),
            "response" => report(FieldReport::Response(ResponseOrder {
                matter: text.clone(),
                level: table.level.as_ref().map(|level| level.value),
                expected: table
                    .lasts
                    .as_ref()
                    .map_or(RESPONSE_LASTS, |lasts| lasts.value),
                measures: self.lacking(table, table.measures.as_ref(), "measures")?,
            })),
            "note" => Some(Given::Note { text: text.clone() }),
            "call" => {
                let (about, summary) =
                    (self.about(table, known), self.summary(table.text.as_ref()?));
                let plan = &about?.plan;
                let mut call = plan.as_call();
                call.received_at = at;
                call.occurred_at = plan.occurred_at.min(at);
                call.summary = summary?;
                report(FieldReport::Call(Box::new(call)))
            }
            "road" => report(FieldReport::Road(self.road(table, at)?)),
            "aid-request" => {
                let about = self.about(table, known);
                let Some(need) = &table.need else {
                    self.lack(table, "need");
                    return None;
                };
                let requirement = self.requirement(&need.value)?;
                let audience = table
                    .audience
                    .as_ref()
                    .map_or(Audience::Region, |audience| audience.value);
                Some(Given::AidRequest {
                    call: about?.plan.call,
                    requirement,
                    audience,
                })
            }
            _ => None,
        }
    }

    fn warning(&mut self, table: &InjectTable, at: Moment) -> Option<WarningOrder> {
        let hazard = self.lacking(table, table.hazard.as_ref(), "hazard");
        let measures = self.lacking(table, table.measures.as_ref(), "measures");
        let Some(areas) = &table.areas else {
            self.lack(table, "areas");
            return None;
        };
        Some(WarningOrder {
            hazard: hazard?,
            colour: table.colour.as_ref().map(|colour| colour.value),
            from: at,
            until: table.lasts.as_ref().map(|lasts| at + lasts.value),
            areas: self.area_list(areas),
            matters: table.text.as_ref()?.value.clone(),
            measures: measures?,
        })
    }

    fn road(&mut self, table: &InjectTable, at: Moment) -> Option<RoadStatus> {
        let roads = table.roads.iter().flat_map(|list| &list.value);
        let roads: Vec<_> = roads.filter_map(|road| self.crossing(road)).collect();
        if table.roads.is_none() {
            self.lack(table, "roads");
        }
        let Some(state) = table.state.as_ref().map(|state| state.value) else {
            self.lack(table, "state");
            return None;
        };
        let percent = table.percent.as_ref().and_then(|percent| {
            let fits = u16::try_from(percent.value)
                .ok()
                .filter(|value| (101..=1000).contains(value));
            if state != RoadState::Slow || fits.is_none() {
                let reason = format!("percent {} does not fit", percent.value);
                self.page.fault(
                    &percent.span,
                    reason,
                    "write 101 to 1000, and only with state = \"slow\"",
                );
            }
            fits
        });
        Some(RoadStatus {
            roads,
            state,
            travel_percent: percent,
            as_of: at,
            reason: table.text.as_ref()?.value.clone(),
        })
    }

    /// The written incident that an inject is about; none for one that has faults of its own.
    fn about<'i>(
        &mut self,
        table: &InjectTable,
        (incidents, named): (&'i [WrittenIncident], &Named<'_>),
    ) -> Option<&'i WrittenIncident> {
        let Some(id) = &table.incident else {
            self.lack(table, "incident");
            return None;
        };
        if !self.known(id, "incident", &named.incidents) {
            return None;
        }
        incidents.iter().find(|incident| incident.id == id.value)
    }

    fn lacking(
        &mut self,
        table: &InjectTable,
        value: Option<&At<String>>,
        key: &str,
    ) -> Option<String> {
        if value.is_none() {
            self.lack(table, key);
        }
        value.map(|value| value.value.clone())
    }

    fn lack(&mut self, table: &InjectTable, key: &str) {
        let kind = table.kind.as_ref().map_or("", |kind| kind.value.as_str());
        let reason = format!("an inject of kind \"{kind}\" lacks \"{key}\"");
        self.page.fault(&table.span, reason, format!("add {key}"));
    }
}
