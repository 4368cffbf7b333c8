//! Incidents that are written one by one.

use std::collections::BTreeMap;

use protocol::{
    AreaCode, Count, Counts, EXERCISE_MARK, Moment, PartyId, Point, RequestId, Requirement, Span,
    limit,
};

use super::Reader;
use crate::scenario::file::{CountsTable, IncidentTable, NeedTable, NewsTable, ScenarioFile};
use crate::scenario::page::At;
use crate::scenario::{PlannedIncident, PlannedNews, WrittenIncident};
use crate::stream::Spread;

/// How long after an incident the call comes, unless told otherwise (model).
const CALL_AFTER: Span = Span::minutes(1);

/// How long the work of a need takes that names no time (model).
const WORK: Span = Span::minutes(60);

impl Reader<'_, '_> {
    pub(super) fn incidents(&mut self, file: &ScenarioFile) -> Vec<WrittenIncident> {
        let mut seen = BTreeMap::new();
        let tables = file.incidents.iter().flat_map(|list| &list.value);
        tables
            .filter_map(|table| {
                if let Some(id) = &table.id {
                    self.unique(id, "incident", &mut seen);
                }
                self.incident(table)
            })
            .collect()
    }

    fn incident(&mut self, table: &IncidentTable) -> Option<WrittenIncident> {
        if let Some(event) = &table.event {
            self.event(event);
        }
        let occurred_at = table.at.as_ref().and_then(|at| self.moment(at));
        let area = table.area.as_ref().and_then(|area| self.area(area));
        let needs = self.requirements(table.needs.as_ref());
        let office = match &table.office {
            Some(office) => self.office(office),
            None => area
                .and_then(|area| self.region.office_of(area))
                .map(|office| office.party),
        };
        let point = self.point_in(table.point.as_ref(), area);
        let also_told = self.also_told(table);
        let summary = table.text.as_ref().and_then(|text| self.summary(text));
        // News have faults of their own, whatever is wrong with the time of the incident.
        let received_at = occurred_at.unwrap_or(self.drill.from)
            + table
                .call_after
                .as_ref()
                .map_or(CALL_AFTER, |after| after.value);
        let news = table.news.iter().flat_map(|list| &list.value);
        let mut news: Vec<PlannedNews> = news
            .filter_map(|news| self.news(news, received_at))
            .collect();
        news.sort_by_key(|news| news.at);
        let (occurred_at, area) = (occurred_at?, area?);
        let id = table.id.as_ref()?.value.clone();
        let place = table.place.as_ref().map(|place| place.value.clone());
        let source = table
            .source
            .as_ref()
            .map_or("来电", |source| source.value.as_str());
        let plan = PlannedIncident {
            call: written_call(&id)?,
            office: office?,
            also_told,
            area,
            point: point.unwrap_or_default(),
            place: place.unwrap_or_else(|| self.area_name(area)),
            event: table.event.as_ref()?.value.clone(),
            category: table.category.as_ref()?.value,
            severity: table.severity.as_ref()?.value,
            occurred_at,
            received_at,
            source: source.to_owned(),
            summary: summary?,
            counts: counts(table.counts.as_ref(), received_at),
            requires: needs,
            news,
        };
        Some(WrittenIncident {
            id,
            plan,
            place_at_random: table.point.is_none(),
        })
    }

    /// The name of a city or district.
    fn area_name(&self, area: AreaCode) -> String {
        let city = self
            .region
            .office_of(area)
            .map_or("", |office| office.name.zh.as_str());
        match self.region.ground().district(area) {
            Some(district) if district.code != district.city => {
                format!("{city}{}", district.name.zh)
            }
            _ => city.to_owned(),
        }
    }

    /// A point as written, which must lie in its area; points at sea belong to the nearest shore.
    fn point_in(&mut self, point: Option<&At<Point>>, area: Option<AreaCode>) -> Option<Point> {
        let point = point?;
        if self.stands_in() {
            return Some(point.value);
        }
        self.in_frame(point)?;
        let area = area?;
        let found = self
            .region
            .office_for(point.value)
            .map(|office| office.area);
        if found != Some(area.city()) {
            let there = found.map_or_else(
                || "beyond the region".to_owned(),
                |area| format!("in {area}"),
            );
            let reason = format!(
                "the point {} lies {there}, not in {}",
                point.value,
                area.city()
            );
            self.page
                .fault(&point.span, reason, "correct the point or the area");
        }
        Some(point.value)
    }

    fn also_told(&mut self, table: &IncidentTable) -> Vec<(PartyId, Span)> {
        let list = table.also_told.iter().flat_map(|list| &list.value);
        let told = list.filter_map(|told| {
            let office = told
                .office
                .as_ref()
                .and_then(|office| self.office(office))?;
            Some((office, told.after.as_ref()?.value))
        });
        told.collect()
    }

    fn news(&mut self, table: &NewsTable, received_at: Moment) -> Option<PlannedNews> {
        let requires = if table.needs.is_some() {
            self.requirements(table.needs.as_ref())
        } else {
            Vec::new()
        };
        let summary = table.text.as_ref().and_then(|text| self.summary(text));
        let at = received_at + table.after.as_ref()?.value;
        Some(PlannedNews {
            at,
            trend: table.trend.as_ref()?.value,
            counts: counts(table.counts.as_ref(), at),
            requires,
            summary: summary?,
        })
    }

    /// A summary begins with the mark of a drill and keeps the limit of its field.
    pub(super) fn summary(&mut self, text: &At<String>) -> Option<String> {
        let marked = if text.value.starts_with(EXERCISE_MARK) {
            text.value.clone()
        } else {
            format!("{EXERCISE_MARK}{}", text.value)
        };
        let length = marked.chars().count();
        if length <= limit::SUMMARY_CHARS {
            return Some(marked);
        }
        let reason = format!("the text has {length} characters with {EXERCISE_MARK}");
        self.page.fault(
            &text.span,
            reason,
            format!("shorten it to {}", limit::SUMMARY_CHARS),
        );
        None
    }

    fn requirements(&mut self, needs: Option<&At<Vec<NeedTable>>>) -> Vec<Requirement> {
        let tables = needs.iter().flat_map(|list| &list.value);
        let requirements = tables.filter_map(|table| self.requirement(table)).collect();
        self.not_empty(needs);
        requirements
    }

    pub(super) fn not_empty(&mut self, needs: Option<&At<Vec<NeedTable>>>) {
        if let Some(list) = needs.filter(|list| list.value.is_empty()) {
            self.page.fault(
                &list.span,
                "the list of needs is empty",
                "name one need or more",
            );
        }
    }

    /// A need with one quantity and one time.
    pub(super) fn requirement(&mut self, table: &NeedTable) -> Option<Requirement> {
        let quantity = table.quantity.as_ref()?;
        if quantity.value.least != quantity.value.most {
            let reason = "only a stream draws quantities";
            self.page.fault(&quantity.span, reason, "write one number");
        }
        for (key, span) in [
            ("chance", table.chance.as_ref().map(|at| &at.span)),
            ("from", table.severity.as_ref().map(|at| &at.span)),
        ] {
            if let Some(span) = span {
                let reason = format!("only the needs of a stream have \"{key}\"");
                self.page.fault(span, reason, "take it out");
            }
        }
        let duration = self.work(table).typical();
        Some(Requirement {
            kind: table.kind.as_ref()?.value,
            quantity: quantity.value.least,
            duration,
        })
    }

    pub(super) fn work(&mut self, table: &NeedTable) -> Spread {
        match (&table.minutes, &table.work) {
            (Some(minutes), None) => Spread::Fixed {
                time: Span::minutes(u64::from(minutes.value)),
            },
            (None, Some(work)) => work.value,
            (None, None) => Spread::Fixed { time: WORK },
            (Some(minutes), Some(_)) => {
                self.page.fault(
                    &minutes.span,
                    "the need has both minutes and work",
                    "write one of them",
                );
                Spread::Fixed { time: WORK }
            }
        }
    }
}

/// The call id of a written incident.
pub(super) fn written_call(id: &str) -> Option<RequestId> {
    format!("call-{id}").parse().ok()
}

pub(super) fn counts(table: Option<&At<CountsTable>>, at: Moment) -> Counts {
    let Some(table) = table.map(|table| &table.value) else {
        return Counts::default();
    };
    let count = |given: &Option<At<u32>>| given.as_ref().map(|given| Count(given.value, at));
    Counts {
        deaths: count(&table.deaths),
        missing: count(&table.missing),
        serious: count(&table.serious),
        minor: count(&table.minor),
        trapped: count(&table.trapped),
        evacuated: count(&table.evacuated),
        affected: count(&table.affected),
    }
}
