//! Rivers and tides: from what is written to the ground that they flood when.

use std::collections::BTreeMap;
use std::ops::Range;

use protocol::{Moment, PartyId, Point, Span};

use super::Reader;
use super::zone::{Called, word};
use crate::hazard::{CONSTITUENTS, Constituent, Flood, Levels, Zone};
use crate::scenario::file::{
    ConstituentTable, GaugeTable, LevelTable, RiverTable, ScenarioFile, TideTable,
};
use crate::scenario::page::At;

impl Reader<'_, '_> {
    /// The floods of rivers and tides.
    pub(super) fn waters(
        &mut self,
        file: &ScenarioFile,
        seen: &mut BTreeMap<String, Range<usize>>,
    ) -> Vec<Zone> {
        let mut zones = Vec::new();
        for table in file.rivers.iter().flat_map(|list| &list.value) {
            if let Some(id) = &table.id {
                self.unique(id, "river", seen);
            }
            zones.extend(self.river(table).into_iter().flatten());
        }
        for table in file.tides.iter().flat_map(|list| &list.value) {
            if let Some(id) = &table.id {
                self.unique(id, "tide", seen);
            }
            zones.extend(self.tide(table));
        }
        zones
    }

    /// The floods of one river, one for each gauge.
    fn river(&mut self, table: &RiverTable) -> Option<Vec<Zone>> {
        let wave = table.wave.as_ref().and_then(|list| self.levels(list, 2));
        let rhythm = self.rhythm(
            (table.sample_every.as_ref(), table.announce_every.as_ref()),
            table.told_after.as_ref(),
        );
        let gauges = table.gauges.iter().flat_map(|list| &list.value);
        let gauges: Vec<(String, Flood, PartyId)> = gauges
            .filter_map(|gauge| self.gauge(gauge, wave.as_deref()))
            .collect();
        let (id, name) = (&table.id.as_ref()?.value, &table.name.as_ref()?.value);
        let hazard = word(table.hazard.as_ref(), "flood");
        let zone = |(gauge, flood, told_by): (String, Flood, PartyId)| {
            let named = Called {
                id: format!("{id}/{gauge}"),
                name: format!("{name} {gauge}"),
                hazard: hazard.clone(),
            };
            self.flooded(named, &flood, told_by, &rhythm)
        };
        Some(gauges.into_iter().map(zone).collect())
    }

    fn gauge(
        &mut self,
        table: &GaugeTable,
        wave: Option<&[(Moment, i64)]>,
    ) -> Option<(String, Flood, PartyId)> {
        let share = table.share_percent.as_ref();
        let fits = |percent: &At<u32>| (1..=200).contains(&percent.value);
        if let Some(wrong) = share.filter(|percent| !fits(percent)) {
            let reason = format!("{} % of a wave is too little or too much", wrong.value);
            self.page.fault(&wrong.span, reason, "write 1 to 200");
        }
        let bank = table.bank_m.as_ref().and_then(|bank| self.level(bank));
        let ring = table.ring.as_ref().and_then(|ring| self.ring(ring));
        let told_by = self.teller(table.told_by.as_ref(), ring.as_deref());
        let levels = Levels::Wave {
            first: wave?.to_vec(),
            after: table.after.as_ref().map_or(Span::ZERO, |after| after.value),
            share_percent: share.map_or(100, |share| share.value),
        };
        let flood = Flood {
            ring: ring?,
            levels,
            bank_mm: bank?,
        };
        Some((table.name.as_ref()?.value.clone(), flood, told_by?))
    }

    fn tide(&mut self, table: &TideTable) -> Option<Zone> {
        let parts = table.constituents.iter().flat_map(|list| &list.value);
        let parts: Vec<Option<Constituent>> = parts.map(|part| self.constituent(part)).collect();
        let surge = match &table.surge {
            Some(list) => self.levels(list, 1),
            None => Some(Vec::new()),
        };
        let bank = table.bank_m.as_ref().and_then(|bank| self.level(bank));
        let ring: Option<Vec<Point>> = table.ring.as_ref().and_then(|ring| self.ring(ring));
        let told_by = self.teller(table.told_by.as_ref(), ring.as_deref());
        let rhythm = self.rhythm(
            (table.sample_every.as_ref(), table.announce_every.as_ref()),
            table.told_after.as_ref(),
        );
        let flood = Flood {
            ring: ring?,
            levels: Levels::Tide {
                constituents: parts.into_iter().collect::<Option<_>>()?,
                surge: surge?,
            },
            bank_mm: bank?,
        };
        Some(self.flooded(
            Called {
                id: table.id.as_ref()?.value.clone(),
                name: table.name.as_ref()?.value.clone(),
                hazard: word(table.hazard.as_ref(), "storm-surge"),
            },
            &flood,
            told_by?,
            &rhythm,
        ))
    }

    fn constituent(&mut self, table: &ConstituentTable) -> Option<Constituent> {
        let amplitude = self.within(table.amplitude_m.as_ref()?, 0.0, 8.0);
        let name = table.name.as_ref()?;
        let known = CONSTITUENTS.iter().find(|(known, _)| *known == name.value);
        if known.is_none() {
            let names = CONSTITUENTS.map(|(known, _)| known);
            self.page
                .unknown(&name.span, "constituent", &name.value, names.into_iter());
        }
        Some(Constituent {
            period_h: known?.1,
            amplitude_mm: amplitude? * 1_000.0,
            high_at: self.drill.from + table.high_at.as_ref()?.value,
        })
    }

    /// Levels as written, so many at least and in order of time.
    fn levels(&mut self, list: &At<Vec<LevelTable>>, least: usize) -> Option<Vec<(Moment, i64)>> {
        let levels = list.value.iter().map(|level| {
            let high = self.level(level.level_m.as_ref()?)?;
            Some((self.drill.from + level.at.as_ref()?.value, high))
        });
        let levels: Vec<_> = levels.collect::<Option<_>>()?;
        if levels.len() < least || !levels.is_sorted_by(|a, b| a.0 < b.0) {
            let reason = format!("these are no levels: {least} or more, in order of time");
            self.page
                .fault(&list.span, reason, "add levels, or order them");
            return None;
        }
        Some(levels)
    }

    /// A level in millimetres.
    fn level(&mut self, metres: &At<f64>) -> Option<i64> {
        let metres = self.within(metres, -20.0, 60.0)?;
        #[expect(clippy::cast_possible_truncation, reason = "sixty metres at most")]
        let millimetres = (metres * 1_000.0).round() as i64;
        Some(millimetres)
    }
}
