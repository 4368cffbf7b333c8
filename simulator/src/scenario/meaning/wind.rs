//! Wind fields: their tracks, moved where the scenario wants them, and their effects.

use std::collections::BTreeMap;

use protocol::{AreaCode, Moment, PartyId, Point, RoadId, Role, Span};

use super::Reader;
use crate::hazard::{Agency, Doing, Effect, Fix, Hazard, Wind, WindField, moved, read_table};
use crate::scenario::file::{EffectTable, FixTable, HazardTable, ScenarioFile, Track};
use crate::scenario::page::At;

/// Pressure far from a storm over the western North Pacific, hectopascals.
const AMBIENT_HPA: f64 = 1010.0;

/// Wind over land as a percentage of wind over water (model): rough ground takes about a quarter.
const LAND_PERCENT: u32 = 75;

/// An effect ends below this share of its threshold unless told otherwise (model), so that a wind
/// that plays around the threshold does not open and close a bridge all day.
const ENDS_AT: f64 = 0.8;

impl Reader<'_, '_> {
    pub(super) fn hazards(&mut self, file: &ScenarioFile) -> Vec<Hazard> {
        let mut seen = BTreeMap::new();
        let tables = file.hazards.iter().flat_map(|list| &list.value);
        tables
            .filter_map(|table| {
                if let Some(id) = &table.id {
                    self.unique(id, "hazard", &mut seen);
                }
                self.hazard(table)
            })
            .collect()
    }

    fn hazard(&mut self, table: &HazardTable) -> Option<Hazard> {
        if let Some(kind) = table
            .kind
            .as_ref()
            .filter(|kind| kind.value != "wind-field")
        {
            self.page.unknown(
                &kind.span,
                "hazard kind",
                &kind.value,
                ["wind-field"].into_iter(),
            );
        }
        let ambient = table
            .ambient_hpa
            .as_ref()
            .and_then(|value| self.within(value, 950.0, 1050.0));
        let rmax = table
            .rmax_km
            .as_ref()
            .and_then(|value| self.within(value, 5.0, 300.0));
        let ambient = ambient.unwrap_or(AMBIENT_HPA);
        let fixes = self.fixes(table, ambient);
        let announced_by = match &table.announced_by {
            Some(office) => self.office(office),
            None => self.author(table, Role::Met),
        };
        let lists = table.effects.iter().flat_map(|list| &list.value);
        let effects: Vec<Effect> = lists.flat_map(|effect| self.effects(effect)).collect();
        let word = |text: &Option<At<String>>| text.as_ref().map(|text| text.value.clone());
        let every = |span: &Option<At<Span>>, usual| span.as_ref().map_or(usual, |span| span.value);
        Some(Hazard {
            id: word(&table.id)?,
            hazard: word(&table.hazard).unwrap_or_else(|| "typhoon".to_owned()),
            name: word(&table.name)?,
            field: WindField::new(fixes?, ambient, rmax),
            land_percent: table
                .land_percent
                .as_ref()
                .map_or(LAND_PERCENT, |percent| percent.value.min(100)),
            sample_every: every(&table.sample_every, Span::minutes(10)),
            announced_by: announced_by?,
            announce_every: every(&table.announce_every, Span::hours(1)),
            effects,
        })
    }

    /// The region's author of a role, or a fault that none is there.
    fn author(&mut self, table: &HazardTable, role: Role) -> Option<PartyId> {
        let author = self.region.office_with(role).map(|office| office.party);
        if author.is_none() && !self.stands_in() {
            let reason = format!("the region has no author with the role \"{role}\"");
            self.page.fault(
                &table.span,
                reason,
                "add announced_by = an office of the region",
            );
        }
        author
    }

    fn fixes(&mut self, table: &HazardTable, ambient: f64) -> Option<Vec<Fix>> {
        let track = table.track.as_ref()?;
        let fixes = match &track.value {
            Track::File(path) => {
                let agency = self.agency(table);
                let at = At {
                    value: path.clone(),
                    span: track.span.clone(),
                };
                let (text, agency) = (self.open(&at)?, agency?);
                match read_table(path, &text, agency, ambient) {
                    Ok(fixes) => fixes,
                    Err(faults) => {
                        for fault in faults {
                            self.page.fault_elsewhere(fault);
                        }
                        return None;
                    }
                }
            }
            Track::Fixes(fixes) => fixes
                .iter()
                .map(|fix| self.fix(fix))
                .collect::<Option<_>>()?,
        };
        if fixes.len() < 2 || !fixes.is_sorted_by(|a, b| a.at < b.at) {
            let reason = "a track needs two fixes or more, in order of time";
            self.page
                .fault(&track.span, reason, "add fixes, or order them");
            return None;
        }
        self.moved(table, fixes)
    }

    fn agency(&mut self, table: &HazardTable) -> Option<Agency> {
        let Some(agency) = &table.agency else {
            return Some(Agency::Wmo);
        };
        match agency.value.as_str() {
            "wmo" => Some(Agency::Wmo),
            "jtwc" => Some(Agency::Jtwc),
            other => {
                self.page
                    .unknown(&agency.span, "agency", other, ["wmo", "jtwc"].into_iter());
                None
            }
        }
    }

    fn fix(&mut self, fix: &FixTable) -> Option<Fix> {
        let wind_ms = fix
            .wind_ms
            .as_ref()
            .and_then(|value| self.within(value, 0.0, 120.0));
        let pressure = fix
            .pressure_hpa
            .as_ref()
            .and_then(|value| self.within(value, 850.0, 1050.0));
        Some(Fix {
            at: self.drill.from + fix.at.as_ref()?.value,
            centre: fix.point.as_ref()?.value,
            wind_ms: wind_ms?,
            pressure_hpa: pressure?,
            rmax_km: fix
                .rmax_km
                .as_ref()
                .and_then(|value| self.within(value, 5.0, 300.0)),
        })
    }

    /// The track, moved in space and time as the table asks.
    fn moved(&mut self, table: &HazardTable, fixes: Vec<Fix>) -> Option<Vec<Fix>> {
        let hours = table
            .shift_h
            .as_ref()
            .map_or(Some(0.0), |hours| self.within(hours, -2e6, 2e6))?;
        let (east, north) = match &table.shift_km {
            None => (0.0, 0.0),
            Some(shift) if shift.value.len() == 2 => (shift.value[0], shift.value[1]),
            Some(shift) => {
                self.page.fault(
                    &shift.span,
                    "a shift has two numbers",
                    "write [east, north] in km",
                );
                return None;
            }
        };
        let fixes: Vec<Fix> = fixes
            .into_iter()
            .map(|fix| shifted(fix, (east, north), hours))
            .collect();
        let (first, last) = (fixes[0].at, fixes[fixes.len() - 1].at);
        if last < self.drill.from || first > self.drill.until {
            let track = table.track.as_ref()?;
            let reason = "the track lies outside the time of the drill";
            self.page.fault(
                &track.span,
                reason,
                "correct start, or move the track with shift_h",
            );
            return None;
        }
        Some(fixes)
    }

    /// The effects of one table: one for each crossing or area that it names.
    fn effects(&mut self, table: &EffectTable) -> Vec<Effect> {
        let from = table
            .wind_ms
            .as_ref()
            .and_then(|wind| self.within(wind, 1.0, 100.0));
        let below = match &table.until_below_ms {
            Some(wind) => self.within(wind, 0.0, from.unwrap_or(100.0)),
            None => from.map(|from| from * ENDS_AT),
        };
        let told_by = table.told_by.as_ref().map(|office| self.office(office));
        let closed = table.close.as_ref().map(|close| self.closures(close));
        let slow = table
            .slow_percent
            .as_ref()
            .map(|percent| self.slow_areas(table, percent));
        if closed.is_some() == slow.is_some() {
            let reason = "an effect either closes crossings or slows areas";
            self.page
                .fault(&table.span, reason, "write one of close and slow_percent");
        }
        let places = closed.into_iter().chain(slow).flatten();
        let (Some(from), Some(below)) = (from, below) else {
            return Vec::new();
        };
        let told_after = table
            .told_after
            .as_ref()
            .map_or(Span::minutes(3), |span| span.value);
        let effect = |Place { does, point, usual }| {
            let told_by = told_by.unwrap_or(usual)?;
            let (from, until_below) = (
                Wind::meters_per_second(from),
                Wind::meters_per_second(below),
            );
            Some(Effect {
                from,
                until_below,
                does,
                point,
                told_by,
                told_after,
            })
        };
        places.filter_map(effect).collect()
    }

    fn closures(&mut self, close: &At<Vec<At<RoadId>>>) -> Vec<Place> {
        let slugs: Vec<RoadId> = close
            .value
            .iter()
            .filter_map(|road| self.crossing(road))
            .collect();
        let region = self.region;
        let knows = region
            .office_with(Role::Maritime)
            .or_else(|| region.office_with(Role::Province));
        let roads = region.roads();
        let place = |slug: RoadId| {
            let edges = roads.edges_of(slug).ok()?;
            let edge = roads.edge(*edges.get(edges.len() / 2)?);
            let (a, b) = (roads.node(edge.from).point, roads.node(edge.to).point);
            let point = Point(a.0.midpoint(b.0), a.1.midpoint(b.1));
            let ground = region.office_for(point).map(|office| office.party);
            let usual = knows.map(|office| office.party).or(ground);
            Some(Place {
                does: Doing::Close(slug),
                point,
                usual,
            })
        };
        slugs.into_iter().filter_map(place).collect()
    }

    fn slow_areas(&mut self, table: &EffectTable, percent: &At<u32>) -> Vec<Place> {
        let slow = self.slow(percent).unwrap_or(u16::MAX);
        let areas: Vec<AreaCode> = match &table.areas {
            Some(areas) => self.area_list(areas),
            None => self.region.cities().map(|office| office.area).collect(),
        };
        let region = self.region;
        let place = |area: AreaCode| {
            let office = region.office_of(area)?;
            let district = region
                .ground()
                .district(area)
                .map(|district| district.middle);
            let point = district
                .filter(|_| area != office.area)
                .unwrap_or(office.seat);
            Some(Place {
                does: Doing::Slow(area, slow),
                point,
                usual: Some(office.party),
            })
        };
        areas.into_iter().filter_map(place).collect()
    }
}

/// One piece of the ground that an effect acts on.
struct Place {
    does: Doing,
    /// Where the wind is looked at.
    point: Point,
    /// Who tells of it if nobody else is named.
    usual: Option<PartyId>,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "moments of drills are far below 2^53 µs, and a negative one saturates at 1970"
)]
fn shifted(fix: Fix, km: (f64, f64), hours: f64) -> Fix {
    Fix {
        at: Moment((fix.at.0 as f64 + hours * 3.6e9).max(0.0) as u64),
        centre: moved(fix.centre, (km.0 * 1_000.0, km.1 * 1_000.0)),
        ..fix
    }
}
