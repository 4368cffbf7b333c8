//! Sources of incidents at random.

use std::collections::BTreeMap;

use protocol::{Kind, Severity};

use super::Reader;
use super::look::Named;
use crate::hazard::Wind;
use crate::scenario::file::{Multiplier, NeedTable, ScenarioFile, SeverityMix, StreamTable};
use crate::scenario::page::At;
use crate::scenario::{IncidentStream, Phase, StreamNeed, Window};
use crate::stream::Chance;

/// Incidents that one stream may give at most.
const STREAM_INCIDENTS: u32 = 100_000;

/// Incidents a day for each 100,000 people that a stream may have at most.
const RATE_MOST: f64 = 10_000.0;

impl Reader<'_, '_> {
    pub(super) fn streams(
        &mut self,
        file: &ScenarioFile,
        phases: (&[Phase], &Named<'_>),
    ) -> Vec<IncidentStream> {
        let mut seen = BTreeMap::new();
        let tables = file.streams.iter().flat_map(|list| &list.value);
        tables
            .filter_map(|table| {
                if let Some(id) = &table.id {
                    self.unique(id, "incident_stream", &mut seen);
                }
                self.stream(table, phases)
            })
            .collect()
    }

    fn stream(
        &mut self,
        table: &StreamTable,
        phases: (&[Phase], &Named<'_>),
    ) -> Option<IncidentStream> {
        if let Some(event) = &table.event {
            self.event(event);
        }
        let rate = table
            .rate
            .as_ref()
            .and_then(|rate| self.within(rate, 0.0, RATE_MOST));
        let areas = table
            .areas
            .as_ref()
            .map(|areas| self.area_list(areas))
            .unwrap_or_default();
        let multipliers = table.multipliers.iter().flat_map(|list| &list.value);
        let (mut by_phase, mut by_wind) = (Vec::new(), Vec::new());
        for multiplier in multipliers {
            self.multiplier(multiplier, phases, &mut by_phase, &mut by_wind);
        }
        by_wind.sort_by_key(|(wind, _)| *wind);
        let severity = table.severity.as_ref().map(|mix| self.mix(mix));
        let needs = table.needs.iter().flat_map(|list| &list.value);
        let needs: Vec<StreamNeed> = needs.filter_map(|need| self.stream_need(need)).collect();
        self.not_empty(table.needs.as_ref());
        let texts = table.texts.as_ref()?;
        if texts.value.is_empty() {
            self.page.fault(
                &texts.span,
                "the list of texts is empty",
                "write one text or more",
            );
        }
        let texts = texts
            .value
            .iter()
            .filter_map(|text| self.summary(text))
            .collect();
        let max = table.max.as_ref()?;
        if max.value > STREAM_INCIDENTS {
            let reason = format!("max is {}", max.value);
            self.page.fault(
                &max.span,
                reason,
                format!("write at most {STREAM_INCIDENTS}"),
            );
        }
        Some(IncidentStream {
            id: table.id.as_ref()?.value.clone(),
            event: table.event.as_ref()?.value.clone(),
            category: table.category.as_ref()?.value,
            rate_per_100k_per_day: rate?,
            areas,
            by_phase,
            by_wind,
            severity: severity?,
            needs,
            texts,
            worsens: table
                .worsens
                .as_ref()
                .map_or(Chance::NEVER, |chance| chance.value),
            max: usize::try_from(max.value).unwrap_or(usize::MAX),
        })
    }

    fn multiplier(
        &mut self,
        table: &Multiplier,
        (phases, named): (&[Phase], &Named<'_>),
        by_phase: &mut Vec<(Window, f64)>,
        by_wind: &mut Vec<(Wind, f64)>,
    ) {
        let value = table
            .value
            .as_ref()
            .and_then(|value| self.within(value, 0.0, 1_000.0));
        let Some(value) = value else { return };
        match (&table.phase, &table.wind_ms) {
            (Some(phase), None) => {
                if self.known(phase, "phase", &named.phases) {
                    let window = self.phase(phase, phases);
                    by_phase.extend(window.map(|window| (window, value)));
                }
            }
            (None, Some(wind)) => {
                let wind = self.within(wind, 0.0, 100.0).map(Wind::meters_per_second);
                by_wind.extend(wind.map(|wind| (wind, value)));
            }
            _ => {
                let reason = "a multiplier holds in a phase or from a wind upwards";
                self.page
                    .fault(&table.span, reason, "write one of phase and wind_ms");
            }
        }
    }

    /// The window of a phase: until the next one begins.
    fn phase(&self, id: &At<String>, phases: &[Phase]) -> Option<Window> {
        let place = phases.iter().position(|phase| phase.id == id.value)?;
        let until = phases
            .get(place + 1)
            .map_or(self.drill.until, |next| next.at);
        Some(Window {
            from: phases[place].at,
            until,
        })
    }

    fn mix(&mut self, mix: &At<SeverityMix>) -> Vec<(Severity, u64)> {
        let table = &mix.value;
        let shares = [
            (Severity::Critical, &table.critical),
            (Severity::Serious, &table.serious),
            (Severity::Moderate, &table.moderate),
            (Severity::Minor, &table.minor),
        ];
        let share =
            |share: &Option<At<Chance>>| share.as_ref().map_or(0, |share| u64::from(share.value.0));
        let shares: Vec<_> = shares
            .into_iter()
            .map(|(severity, given)| (severity, share(given)))
            .collect();
        if shares.iter().all(|(_, share)| *share == 0) {
            self.page.fault(
                &mix.span,
                "the severities have no share",
                "give one of them a share above 0",
            );
        }
        shares
    }

    fn stream_need(&mut self, table: &NeedTable) -> Option<StreamNeed> {
        let work = self.work(table);
        let quantity = table.quantity.as_ref()?.value;
        let kind: Kind = table.kind.as_ref()?.value;
        Some(StreamNeed {
            kind,
            least: quantity.least,
            most: quantity.most,
            work,
            chance: table
                .chance
                .as_ref()
                .map_or(Chance::ALWAYS, |chance| chance.value),
            from_severity: table
                .severity
                .as_ref()
                .map_or(Severity::Minor, |severity| severity.value),
        })
    }
}
