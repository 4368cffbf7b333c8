//! From the drill as written to the drill as meant: every reference looked up, every time placed.

mod brokers;
mod conduct;
mod fault;
mod incident;
mod inject;
mod look;
mod objective;
mod sign;
mod stream;
mod timing;
mod water;
mod wind;
mod zone;

use look::Named;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{Civil, Hash, Moment, Span};
use region::{Pack, Region};
use toml::de::DeTable;

use super::file::ScenarioFile;
use super::page::{At, Fault, Faults, Page, known_words, shown};
use super::{Phase, Scenario, Window};

/// The schema that this version reads.
const SCHEMA: &str = "liandong-scenario/1";

/// Bytes of a scenario file or of a file that it names; the largest shipped one has a twentieth.
const FILE_BYTES: usize = 1 << 20;

/// The longest drill: 30 days.
const DURATION_MOST: Span = Span::hours(30 * 24);

/// What the parts of a scenario are read against.
pub(super) struct Reader<'p, 't> {
    page: &'p mut Page<'t>,
    region: &'p Region,
    footing: Footing,
    drill: Window,
    /// Gives other files, by their path as the scenario writes it.
    load: &'p dyn Fn(&str) -> Option<String>,
    /// The files that were read, for the digest.
    opened: BTreeMap<String, String>,
}

/// What stands under the feet of a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Footing {
    /// The region that the file names.
    Named,
    /// Another one, so that what no region decides can be read; the run is refused anyway.
    StandIn,
}

/// Reads a scenario and the region that it plays in.
pub(super) fn read(
    file: &str,
    text: &str,
    load: &dyn Fn(&str) -> Option<String>,
) -> Result<(Scenario, Arc<Region>), Faults> {
    let mut page = Page::new(file, text);
    let scenario = whole(text, load, &mut page);
    match scenario {
        Some(scenario) if page.is_clean() => Ok(scenario),
        _ => Err(page.into_faults()),
    }
}

fn whole(
    text: &str,
    load: &dyn Fn(&str) -> Option<String>,
    page: &mut Page<'_>,
) -> Option<(Scenario, Arc<Region>)> {
    let file = written(text, page)?;
    let named = region_of(&file, load, page);
    let footing = match named {
        Some(_) => Footing::Named,
        None => Footing::StandIn,
    };
    let (region, pack) = named.unwrap_or_else(stand_in);
    let (start, duration) = clock(&file, page);
    let drill = Window {
        from: start.moment()?,
        until: start.moment()? + duration,
    };
    let mut reader = Reader {
        page,
        region: &region,
        footing,
        drill,
        load,
        opened: pack,
    };
    let scenario = reader.scenario(&file, start.offset_min, text)?;
    (footing == Footing::Named).then_some((scenario, region))
}

/// A region that the file does not mean, with no file opened for it.
fn stand_in() -> (Arc<Region>, BTreeMap<String, String>) {
    let first = region::BUILT_IN.iter().find_map(|id| Region::built_in(id));
    let region = first.expect("the binary has a region");
    (Arc::new(region), BTreeMap::new())
}

/// The file as written, as far as it is TOML; `None` if it is too long.
fn written(text: &str, page: &mut Page<'_>) -> Option<ScenarioFile> {
    if text.len() > FILE_BYTES {
        let reason = format!("the file has {} bytes", text.len());
        page.fault(
            &(0..0),
            reason,
            format!("a scenario has at most {FILE_BYTES}"),
        );
        return None;
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let span = error.span().unwrap_or(0..0);
        page.torn(&span, error.message());
    }
    Some(ScenarioFile::of(table.get_ref(), &(0..0), page))
}

/// The region of the drill, with the files that it was read from if it is no built-in one.
fn region_of(
    file: &ScenarioFile,
    load: &dyn Fn(&str) -> Option<String>,
    page: &mut Page<'_>,
) -> Option<(Arc<Region>, BTreeMap<String, String>)> {
    let named = file.region.as_ref()?;
    if let Some(region) = Region::built_in(&named.value) {
        return Some((Arc::new(region), BTreeMap::new()));
    }
    let opened = RefCell::new(BTreeMap::new());
    let pack = Pack::from_files(|name| {
        let path = format!("{}/{name}", named.value);
        let text = load(&path)?;
        opened.borrow_mut().insert(path, text.clone());
        Some(text)
    });
    if opened.borrow().is_empty() {
        let remedy = known_words(&named.value, region::BUILT_IN.iter().copied());
        page.fault(
            &named.span,
            format!("unknown region \"{}\"", shown(&named.value)),
            format!("{remedy}; what stands or happens in it is checked then"),
        );
        return None;
    }
    match Region::load(&pack) {
        Ok(region) => Some((Arc::new(region), opened.into_inner())),
        Err(faults) => {
            for fault in faults {
                page.fault_elsewhere(Fault {
                    file: format!("{}/{}", named.value, fault.file),
                    line: fault.line.unwrap_or(1),
                    column: fault.column.unwrap_or(1),
                    reason: fault.reason,
                    remedy: fault.remedy,
                });
            }
            None
        }
    }
}

/// When the drill begins and how long it lasts; what is missing has been noted, and stands in here
/// only so that reading can go on.
fn clock(file: &ScenarioFile, page: &mut Page<'_>) -> (Civil, Span) {
    let epoch = Civil::at(Moment(0), 480);
    let start = file.start.as_ref().map_or(epoch, |start| start.value);
    let Some(duration) = &file.duration else {
        return (start, DURATION_MOST);
    };
    if duration.value > DURATION_MOST || duration.value < Span::minutes(1) {
        let reason = format!("a drill of {} is too short or too long", duration.value);
        page.fault(&duration.span, reason, "write 1 minute to 30 days");
    }
    (start, duration.value)
}

impl Reader<'_, '_> {
    fn scenario(&mut self, file: &ScenarioFile, offset_min: i16, text: &str) -> Option<Scenario> {
        self.head(file);
        let phases = self.phases(file);
        let scale = self.grades(file);
        let objectives = self.objectives(file, &scale);
        let named = Named::in_file(file);
        let (hazards, zones) = (self.hazards(file), self.zones(file));
        let incidents = self.incidents(file);
        let streams = self.streams(file, (&phases, &named));
        let injects = self.injects(file, (&incidents, &named));
        let (network, brokers) = (self.network(file), self.brokers(file));
        let faults = self.faults(file, network);
        let (offices, crews, fleet) = (self.offices(file), Self::crews(file), self.fleet(file));
        let title = &file.title.as_ref()?.value;
        Some(Scenario {
            id: file.id.as_ref()?.value.clone(),
            title_zh: title.zh.as_ref()?.value.clone(),
            title_en: title.en.as_ref()?.value.clone(),
            region: file.region.as_ref()?.value.clone(),
            start: self.drill.from,
            offset_min,
            duration: self.drill.until.since(self.drill.from),
            seed: file.seed.as_ref()?.value,
            roads_as_of: file
                .roads_as_of
                .as_ref()
                .map(|month| (month.value.0, month.value.1)),
            phases,
            hazards,
            zones,
            written: incidents,
            streams,
            injects,
            faults,
            network,
            brokers,
            offices,
            crews,
            fleet,
            objectives,
            scale,
            sources: file
                .sources
                .as_ref()
                .map(|list| list.value.clone())
                .unwrap_or_default(),
            assumptions: self.assumptions(file),
            digest: digest(text, &self.opened),
        })
    }

    fn head(&mut self, file: &ScenarioFile) {
        if let Some(schema) = file.schema.as_ref().filter(|schema| schema.value != SCHEMA) {
            let reason = format!("unknown schema \"{}\"", schema.value);
            self.page.fault(
                &schema.span,
                reason,
                format!("this version reads \"{SCHEMA}\""),
            );
        }
        if let Some(id) = &file.id {
            self.id(id);
        }
        let Some(title) = file.title.as_ref().map(|title| &title.value) else {
            return;
        };
        let marks = [
            (&title.zh, "演练"),
            (&title.zh, "虚构"),
            (&title.en, "fictional"),
        ];
        for (text, mark) in marks {
            if let Some(text) = text.as_ref().filter(|text| !text.value.contains(mark)) {
                let reason = format!("the title does not say \"{mark}\"");
                let remedy = "a drill says that it is one: 演练·虚构 and \"exercise, fictional\"";
                self.page.fault(&text.span, reason, remedy);
            }
        }
    }

    fn assumptions(&mut self, file: &ScenarioFile) -> Vec<String> {
        let list = file.assumptions.iter().flat_map(|list| &list.value);
        let mut texts = Vec::new();
        for text in list {
            if !text.value.starts_with("(model)") {
                let reason = format!("the assumption \"{}\" is not marked", shown(&text.value));
                self.page.fault(&text.span, reason, "begin it with (model)");
            }
            texts.push(text.value.clone());
        }
        texts
    }

    fn phases(&mut self, file: &ScenarioFile) -> Vec<Phase> {
        let list = file.phases.iter().flat_map(|list| &list.value);
        let mut phases = Vec::new();
        let mut seen = BTreeMap::new();
        for table in list {
            let at = table.at.as_ref().and_then(|at| self.moment(at));
            if let Some(id) = &table.id {
                self.unique(id, "phase", &mut seen);
            }
            let (Some(id), Some(title), Some(at)) = (&table.id, &table.title, at) else {
                continue;
            };
            phases.push(Phase {
                id: id.value.clone(),
                title: title.value.clone(),
                at,
            });
        }
        phases.sort_by_key(|phase| phase.at);
        phases
    }

    /// Reads a file beside the scenario, and remembers it for the digest.
    fn open(&mut self, path: &At<String>) -> Option<String> {
        let outside = path.value.starts_with('/') || path.value.split('/').any(|part| part == "..");
        if outside {
            let reason = format!("\"{}\" leaves the scenario's folder", shown(&path.value));
            self.page.fault(
                &path.span,
                reason,
                "put the file beside the scenario or below it",
            );
            return None;
        }
        let Some(text) = (self.load)(&path.value).filter(|text| text.len() <= FILE_BYTES) else {
            let reason = format!("cannot read \"{}\"", shown(&path.value));
            let remedy = format!("put the file beside the scenario, at most {FILE_BYTES} bytes");
            self.page.fault(&path.span, reason, remedy);
            return None;
        };
        self.opened.insert(path.value.clone(), text.clone());
        Some(text)
    }
}

/// A number from 1 to `most`.
fn within_whole(value: &At<u32>, most: u32, page: &mut Page<'_>) -> Option<u32> {
    let fits = (1..=most).contains(&value.value);
    if !fits {
        let reason = format!("{} is too little or too much", value.value);
        page.fault(&value.span, reason, format!("write 1 to {most}"));
    }
    fits.then_some(value.value)
}

/// The digest of everything that was read: names and texts, each with its length.
fn digest(text: &str, opened: &BTreeMap<String, String>) -> Hash {
    let mut bytes = Vec::new();
    let mut put = |part: &str| {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    };
    put(text);
    for (name, text) in opened {
        put(name);
        put(text);
    }
    Hash::of(&bytes)
}
