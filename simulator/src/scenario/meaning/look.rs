//! Looking up what a scenario refers to: offices, areas, crossings, moments, names used once.

use std::collections::BTreeMap;
use std::ops::Range;

use protocol::{AreaCode, Moment, PartyId, Point, RoadId, Span};

use super::{Footing, Reader};
use crate::scenario::file::ScenarioFile;
use crate::scenario::page::{At, shown};

/// Characters of an id; the call id of a stream carries it beside district and number.
const ID_CHARS: usize = 20;

/// What a file calls its entries, those with faults of their own included: what refers to one of
/// them refers to something.
pub(super) struct Named<'f> {
    pub(super) phases: Vec<&'f str>,
    pub(super) incidents: Vec<&'f str>,
    pub(super) objectives: Vec<&'f str>,
    /// Injects after which the drill itself looks for something.
    pub(super) watched: Vec<&'f str>,
}

impl<'f> Named<'f> {
    pub(super) fn in_file(file: &'f ScenarioFile) -> Self {
        let id = |id: &'f Option<At<String>>| Some(id.as_ref()?.value.as_str());
        let phases = file.phases.iter().flat_map(|list| &list.value);
        let incidents = file.incidents.iter().flat_map(|list| &list.value);
        let objectives = file.objectives.iter().flat_map(|list| &list.value);
        let injects = file.injects.iter().flat_map(|list| &list.value);
        let watched = injects.filter(|table| {
            let expected = table.expected.as_ref();
            expected.is_some_and(|it| it.value.seen.is_some())
        });
        Self {
            watched: watched.filter_map(|table| id(&table.number)).collect(),
            phases: phases.filter_map(|table| id(&table.id)).collect(),
            incidents: incidents.filter_map(|table| id(&table.id)).collect(),
            objectives: objectives.filter_map(|table| id(&table.id)).collect(),
        }
    }
}

impl Reader<'_, '_> {
    /// Whether a reference into the region is to be taken as it is: a region that only stands in
    /// cannot say what the right one has.
    pub(super) fn stands_in(&self) -> bool {
        self.footing == Footing::StandIn
    }

    /// A reference to an entry of this file, known by its id.
    pub(super) fn known(&mut self, id: &At<String>, what: &str, ids: &[&str]) -> bool {
        let known = ids.contains(&id.value.as_str());
        if !known {
            let ids = ids.iter().copied();
            self.page.unknown(&id.span, what, &id.value, ids);
        }
        known
    }

    /// An event code: words in small letters with hyphens between.
    pub(super) fn event(&mut self, event: &At<String>) {
        let small = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let word = |word: &str| !word.is_empty() && word.bytes().all(small);
        if event.value.split('-').all(word) {
            return;
        }
        let parts = event.value.split(|c: char| !c.is_ascii_alphanumeric());
        let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        let meant = parts.join("-").to_ascii_lowercase();
        let remedy = if event.value.is_ascii() && !meant.is_empty() {
            format!("write \"{meant}\": small letters with hyphens between words")
        } else {
            "write small letters with hyphens between words, as in \"structural-collapse\""
                .to_owned()
        };
        let reason = format!("\"{}\" is no event code", shown(&event.value));
        self.page.fault(&event.span, reason, remedy);
    }

    /// An id that this file gives: ASCII letters, digits, hyphens, at most [`ID_CHARS`].
    pub(super) fn id(&mut self, id: &At<String>) -> bool {
        let text = &id.value;
        let good = text.len() <= ID_CHARS
            && text
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !good {
            let reason = format!("\"{}\" is no id", shown(text));
            self.page.fault(
                &id.span,
                reason,
                format!("use 1 to {ID_CHARS} of a-z A-Z 0-9 -"),
            );
        }
        good
    }

    /// An id that must be new among its kind.
    pub(super) fn unique(
        &mut self,
        id: &At<String>,
        what: &str,
        seen: &mut BTreeMap<String, Range<usize>>,
    ) -> bool {
        let good = self.id(id);
        let twice = seen.insert(id.value.clone(), id.span.clone()).is_some();
        if twice {
            let reason = format!("{what} \"{}\" stands twice", id.value);
            self.page.fault(&id.span, reason, "give each its own id");
        }
        good && !twice
    }

    /// A moment of the drill, from its distance to the start.
    pub(super) fn moment(&mut self, at: &At<Span>) -> Option<Moment> {
        let moment = self.drill.from + at.value;
        if moment <= self.drill.until {
            return Some(moment);
        }
        let duration = self.drill.until.since(self.drill.from);
        let reason = format!("{} lies after the end of the drill", at.value);
        self.page.fault(
            &at.span,
            reason,
            format!("the drill lasts {duration}; write less, or lengthen it"),
        );
        None
    }

    /// A party of the region that keeps a log.
    pub(super) fn office(&mut self, office: &At<PartyId>) -> Option<PartyId> {
        if self.stands_in() || self.region.office(office.value).is_some() {
            return Some(office.value);
        }
        let parties: Vec<&str> = self
            .region
            .offices()
            .iter()
            .map(|office| office.party.as_str())
            .collect();
        self.page.unknown(
            &office.span,
            "office",
            office.value.as_str(),
            parties.iter().copied(),
        );
        None
    }

    /// Offices and authors, each known.
    pub(super) fn office_list(&mut self, list: &At<Vec<At<PartyId>>>) -> Vec<PartyId> {
        if list.value.is_empty() {
            self.page.fault(
                &list.span,
                "the list of offices is empty",
                "name one office or more",
            );
        }
        list.value
            .iter()
            .filter_map(|office| self.office(office))
            .collect()
    }

    /// A city or district of the region.
    pub(super) fn area(&mut self, area: &At<AreaCode>) -> Option<AreaCode> {
        let city = self.region.cities().any(|office| office.area == area.value);
        if self.stands_in() || city || self.region.ground().district(area.value).is_some() {
            return Some(area.value);
        }
        let cities = self.region.cities().map(|office| office.area);
        let districts = self.region.districts().map(|district| district.code);
        let same_city = |code: &AreaCode| code.city() == area.value.city();
        let near: Vec<String> = districts
            .filter(same_city)
            .map(|code| code.to_string())
            .collect();
        let known = if near.is_empty() {
            cities.map(|code| code.to_string()).collect()
        } else {
            near
        };
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        self.page.unknown(
            &area.span,
            "district",
            &area.value.to_string(),
            known.iter().copied(),
        );
        None
    }

    /// Cities and districts, each known.
    pub(super) fn area_list(&mut self, list: &At<Vec<At<AreaCode>>>) -> Vec<AreaCode> {
        list.value
            .iter()
            .filter_map(|area| self.area(area))
            .collect()
    }

    /// A crossing of the region.
    pub(super) fn crossing(&mut self, road: &At<RoadId>) -> Option<RoadId> {
        let slugs: Vec<&str> = self
            .region
            .crossings()
            .iter()
            .map(|crossing| crossing.slug.as_str())
            .collect();
        if self.stands_in() || slugs.contains(&road.value.as_str()) {
            return Some(road.value);
        }
        self.page.unknown(
            &road.span,
            "crossing",
            road.value.as_str(),
            slugs.iter().copied(),
        );
        None
    }

    /// A point in the region's frame.
    pub(super) fn in_frame(&mut self, point: &At<Point>) -> Option<Point> {
        let frame = self.region.frame();
        if self.stands_in() || frame.contains(point.value) {
            return Some(point.value);
        }
        let (low, high) = (
            Point(frame.west, frame.south),
            Point(frame.east, frame.north),
        );
        let reason = format!("the point {} lies outside the region's frame", point.value);
        let remedy = format!("correct the point; the frame reaches from {low} to {high}");
        self.page.fault(&point.span, reason, remedy);
        None
    }

    /// Travel on a slow road, as a percentage of the free time.
    pub(super) fn slow(&mut self, percent: &At<u32>) -> Option<u16> {
        let slow = u16::try_from(percent.value).ok();
        let slow = slow.filter(|slow| (101..=1_000).contains(slow));
        if slow.is_none() {
            let reason = format!("{} % is no slow road", percent.value);
            self.page.fault(&percent.span, reason, "write 101 to 1000");
        }
        slow
    }

    /// A figure that must lie within bounds, both included.
    pub(super) fn within(&mut self, value: &At<f64>, least: f64, most: f64) -> Option<f64> {
        if (least..=most).contains(&value.value) {
            return Some(value.value);
        }
        let reason = format!("{} lies outside {least} to {most}", value.value);
        self.page
            .fault(&value.span, reason, format!("write {least} to {most}"));
        None
    }
}
