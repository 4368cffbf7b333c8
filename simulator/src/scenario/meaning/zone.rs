//! Hazards on pieces of ground: from what is written to what the ground is like when.

use std::collections::BTreeMap;

use protocol::{PartyId, Point, Span, limit};

use super::Reader;
use crate::hazard::{Drift, Flood, Levels, Plume, Stability, Zone};
use crate::scenario::file::{DriftTable, FloodTable, PlumeTable, ScenarioFile};
use crate::scenario::page::At;

/// Travel through a gas as a percentage of the free time (model): masks, and ways around the worst.
const THROUGH_GAS: u16 = 150;

/// How often a water is looked at and announced, and how long after it is true.
pub(super) struct Rhythm {
    pub(super) sample: Span,
    pub(super) announce: Span,
    pub(super) told_after: Span,
}

/// What a hazard on the ground is called.
pub(super) struct Called {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) hazard: String,
}

impl Reader<'_, '_> {
    pub(super) fn zones(&mut self, file: &ScenarioFile) -> Vec<Zone> {
        let mut seen = BTreeMap::new();
        let mut zones = self.waters(file, &mut seen);
        for table in file.floods.iter().flat_map(|list| &list.value) {
            if let Some(id) = &table.id {
                self.unique(id, "flood", &mut seen);
            }
            zones.extend(self.flood(table));
        }
        for table in file.plumes.iter().flat_map(|list| &list.value) {
            if let Some(id) = &table.id {
                self.unique(id, "plume", &mut seen);
            }
            zones.extend(self.plume(table));
        }
        zones
    }

    fn flood(&mut self, table: &FloodTable) -> Option<Zone> {
        let ring = table.ring.as_ref().and_then(|ring| self.ring(ring));
        let depths = table.depths.as_ref().and_then(|list| {
            let depths = list.value.iter().map(|depth| {
                let metres = self.within(depth.depth_m.as_ref()?, 0.0, 20.0)?;
                Some((
                    self.drill.from + depth.at.as_ref()?.value,
                    millimetres(metres),
                ))
            });
            let depths: Vec<_> = depths.collect::<Option<_>>()?;
            let in_order = depths.is_sorted_by(|a, b| a.0 < b.0);
            if depths.len() < 2 || !in_order {
                let reason = "a flood needs two depths or more, in order of time";
                self.page
                    .fault(&list.span, reason, "add depths, or order them");
                return None;
            }
            Some(depths)
        });
        let rhythm = self.rhythm(
            (table.sample_every.as_ref(), table.announce_every.as_ref()),
            table.told_after.as_ref(),
        );
        let told_by = self.teller(table.told_by.as_ref(), ring.as_deref());
        let flood = Flood {
            ring: ring?,
            levels: Levels::Written(depths?),
            bank_mm: 0,
        };
        Some(self.flooded(
            Called {
                id: table.id.as_ref()?.value.clone(),
                name: table.name.as_ref()?.value.clone(),
                hazard: word(table.hazard.as_ref(), "flood"),
            },
            &flood,
            told_by?,
            &rhythm,
        ))
    }

    /// The ground that a flood covers while the drill lasts.
    pub(super) fn flooded(
        &self,
        named: Called,
        flood: &Flood,
        told_by: PartyId,
        rhythm: &Rhythm,
    ) -> Zone {
        Zone {
            id: named.id,
            hazard: named.hazard,
            name: named.name,
            steps: flood.steps(self.drill, rhythm.sample),
            told_by,
            told_after: rhythm.told_after,
            announce_every: rhythm.announce,
        }
    }

    fn plume(&mut self, table: &PlumeTable) -> Option<Zone> {
        let source = table.point.as_ref().and_then(|point| self.in_frame(point));
        let from = self.drill.from + table.at.as_ref()?.value;
        let until = from + table.duration.as_ref()?.value;
        let rate = table.rate_kg_s.as_ref();
        let rate = rate.and_then(|value| self.within(value, 0.001, 1_000.0));
        let limit = table.limit_mg_m3.as_ref();
        let limit = limit.and_then(|value| self.within(value, 0.01, 100_000.0));
        let height = table.height_m.as_ref();
        let height = height.map_or(Some(0.0), |value| self.within(value, 0.0, 300.0));
        let percent = match &table.slow_percent {
            Some(percent) => self.slow(percent),
            None => Some(THROUGH_GAS),
        };
        let winds = table.winds.as_ref().and_then(|list| {
            let winds = list.value.iter().map(|wind| self.drift(wind));
            let winds: Vec<Drift> = winds.collect::<Option<_>>()?;
            let in_order = winds.is_sorted_by(|a, b| a.at < b.at);
            if !in_order || winds.first().is_none_or(|first| first.at > from) {
                let reason =
                    "the winds are not in order, or none blows when the gas begins to leak";
                let remedy = "order them by time, the first no later than the leak";
                self.page.fault(&list.span, reason, remedy);
                return None;
            }
            Some(winds)
        });
        let told_by = self.teller(table.told_by.as_ref(), Some(source.as_slice()));
        let plume = Plume {
            source: source?,
            leaks: (from, until),
            rate_kg_s: rate?,
            height_m: height?,
            limit_mg_m3: limit?,
            winds: winds?,
            percent: percent?,
        };
        let steps = plume.steps();
        if steps.is_empty() {
            let reason = "nowhere beyond 100 m does the air hold more than the limit";
            let remedy = "let more leak, or write a lower limit_mg_m3";
            self.page.fault(&table.span, reason, remedy);
        }
        Some(Zone {
            id: table.id.as_ref()?.value.clone(),
            hazard: word(table.hazard.as_ref(), "gas"),
            name: table.name.as_ref()?.value.clone(),
            steps,
            told_by: told_by?,
            told_after: after(table.told_after.as_ref(), Span::minutes(5)),
            announce_every: self.step(table.announce_every.as_ref(), Span::minutes(30)),
        })
    }

    fn drift(&mut self, table: &DriftTable) -> Option<Drift> {
        let from_deg = self.within(table.from_deg.as_ref()?, 0.0, 360.0);
        let speed_ms = self.within(table.speed_ms.as_ref()?, 1.0, 30.0);
        let stability = match &table.stability {
            None => Some(Stability::D),
            Some(word) => {
                let known = Stability::ALL.iter().find(|(name, _)| *name == word.value);
                if known.is_none() {
                    let names = Stability::ALL.map(|(name, _)| name);
                    let names = names.into_iter();
                    self.page
                        .unknown(&word.span, "stability", &word.value, names);
                }
                known.map(|(_, stability)| *stability)
            }
        };
        Some(Drift {
            at: self.drill.from + table.at.as_ref()?.value,
            from_deg: from_deg?,
            speed_ms: speed_ms?,
            stability: stability?,
        })
    }

    /// The corners of a piece of ground, each in the region's frame.
    pub(super) fn ring(&mut self, ring: &At<Vec<Point>>) -> Option<Vec<Point>> {
        let corners = &ring.value;
        if corners.len() < 3 || corners.len() >= limit::POLYGON_POINTS {
            let reason = format!("{} corners make no ground", corners.len());
            let remedy = format!("write 3 to {} corners", limit::POLYGON_POINTS - 1);
            self.page.fault(&ring.span, reason, remedy);
            return None;
        }
        for corner in corners {
            let corner = At {
                value: *corner,
                span: ring.span.clone(),
            };
            self.in_frame(&corner)?;
        }
        Some(corners.clone())
    }

    /// The office that is named, or that of the ground.
    pub(super) fn teller(
        &mut self,
        named: Option<&At<PartyId>>,
        ground: Option<&[Point]>,
    ) -> Option<PartyId> {
        match named {
            Some(office) => self.office(office),
            None => Some(self.region.office_for(*ground?.first()?)?.party),
        }
    }

    /// How often water is looked at and told of.
    pub(super) fn rhythm(
        &mut self,
        (sample, announce): (Option<&At<Span>>, Option<&At<Span>>),
        told_after: Option<&At<Span>>,
    ) -> Rhythm {
        Rhythm {
            sample: self.step(sample, Span::minutes(10)),
            announce: self.step(announce, Span::minutes(30)),
            told_after: after(told_after, Span::minutes(10)),
        }
    }

    /// How often something is done: a minute at least.
    fn step(&mut self, span: Option<&At<Span>>, usual: Span) -> Span {
        let Some(span) = span else { return usual };
        if span.value < Span::minutes(1) {
            let reason = format!("{} is too often", span.value);
            self.page
                .fault(&span.span, reason, "write a minute or more");
        }
        span.value
    }
}

fn after(span: Option<&At<Span>>, usual: Span) -> Span {
    span.map_or(usual, |span| span.value)
}

pub(super) fn word(word: Option<&At<String>>, usual: &str) -> String {
    word.map_or_else(|| usual.to_owned(), |word| word.value.clone())
}

#[expect(clippy::cast_possible_truncation, reason = "twenty metres at most")]
fn millimetres(metres: f64) -> i64 {
    (metres * 1_000.0).round() as i64
}
