//! Faults of the coordination system and what links are like.

use std::collections::{BTreeMap, BTreeSet};

use protocol::{PartyId, Span};

use super::Reader;
use crate::scenario::file::{FaultTable, ScenarioFile, only_keys};
use crate::scenario::page::{At, shown};
use crate::scenario::{
    Disk, FaultKind, FaultPlan, Lie, Links, Memory, NetworkProfile, PlannedFault, Ways,
};

/// The keys of `[network]` and of a degraded link: what is not said stays as usual.
macro_rules! profile_of {
    ($table:expr, $usual:expr) => {{
        let (table, usual): (_, NetworkProfile) = ($table, $usual);
        NetworkProfile {
            latency: said(table.latency.as_ref(), usual.latency),
            loss: said(table.loss.as_ref(), usual.loss),
            duplicate: said(table.duplicate.as_ref(), usual.duplicate),
            reorder: said(table.reorder.as_ref(), usual.reorder),
            reorder_by: said(table.reorder_by.as_ref(), usual.reorder_by),
            corrupt: said(table.corrupt.as_ref(), usual.corrupt),
            bits_per_s: table
                .kbit_s
                .as_ref()
                .map(|rate| rate.value.saturating_mul(1_000))
                .or(usual.bits_per_s),
        }
    }};
}

/// The keys of every fault.
const OF_ALL: [&str; 4] = ["id", "kind", "at", "for"];

/// The kinds of faults, each with the keys that it has besides.
const KINDS: [(&str, &[&str]); 12] = [
    ("link-cut", &["between", "symmetric"]),
    (
        "link-degrade",
        &[
            "between",
            "symmetric",
            "latency",
            "loss",
            "duplicate",
            "reorder",
            "reorder_by",
            "corrupt",
            "rate_kbit_s",
        ],
    ),
    ("isolate", &["office"]),
    ("broker-crash", &["office", "memory"]),
    ("lying-relay", &["office", "lie"]),
    ("office-crash", &["office", "disk", "image_age"]),
    ("office-pause", &["office"]),
    ("office-duplicate", &["office", "image_age", "reaches"]),
    ("office-clock", &["office", "offset_s", "drift_ppm"]),
    ("disk-full", &["office"]),
    ("disk-unreadable", &["office"]),
    ("void-entry", &[]),
];

/// The longest that a clock is wrong by, in seconds: a year.
const OFFSET_S_MAX: f64 = 31_557_600.0;

/// The fastest and slowest that a clock runs, in parts in a million.
const DRIFT_PPM_MAX: f64 = 100_000.0;

/// One end of faulty links.
enum Side {
    /// These parties.
    These(BTreeSet<PartyId>),
    /// Everybody who is not on the other side.
    Everybody,
}

impl Reader<'_, '_> {
    pub(super) fn network(&mut self, file: &ScenarioFile) -> NetworkProfile {
        let table = file.network.as_ref().map(|table| &table.value);
        table.map_or_else(NetworkProfile::default, |table| {
            let profile = profile_of!(table, NetworkProfile::default());
            self.rate(table.kbit_s.as_ref());
            profile
        })
    }

    /// A link that carries nothing is a cut, not a rate.
    fn rate(&mut self, kbit_s: Option<&At<u64>>) {
        if let Some(rate) = kbit_s.filter(|rate| !(1..=100_000_000).contains(&rate.value)) {
            let reason = format!("the rate {} kbit/s is no rate", rate.value);
            self.page.fault(
                &rate.span,
                reason,
                "write 1 to 100000000, or use a link-cut",
            );
        }
    }

    pub(super) fn faults(&mut self, file: &ScenarioFile, usual: NetworkProfile) -> FaultPlan {
        let tables = file.faults.iter().flat_map(|list| &list.value);
        let mut seen = BTreeMap::new();
        let mut faults = Vec::new();
        for (count, table) in tables.enumerate() {
            if let Some(id) = &table.id {
                self.unique(id, "fault", &mut seen);
            }
            faults.extend(self.fault(table, count + 1, usual));
        }
        faults.sort_by_key(|fault: &PlannedFault| fault.from);
        FaultPlan { faults }
    }

    fn fault(
        &mut self,
        table: &FaultTable,
        count: usize,
        usual: NetworkProfile,
    ) -> Option<PlannedFault> {
        let from = table.at.as_ref().and_then(|at| self.moment(at));
        let lasts = table.lasts.as_ref().map(|lasts| lasts.value);
        if let Some(lasts) = table
            .lasts
            .as_ref()
            .filter(|lasts| lasts.value == Span::ZERO)
        {
            self.page.fault(
                &lasts.span,
                "the fault lasts no time",
                "write for = \"10m\"",
            );
        }
        let kind = table.kind.as_ref()?;
        let Some((name, keys)) = KINDS.iter().find(|(name, _)| *name == kind.value) else {
            let known = KINDS.iter().map(|(name, _)| *name);
            self.page
                .unknown(&kind.span, "fault kind", &kind.value, known);
            return None;
        };
        let keys = [&OF_ALL[..], keys].concat();
        only_keys(&table.present, name, &keys, self.page);
        let what = self.what(table, name, usual);
        let from = from?;
        let id = table
            .id
            .as_ref()
            .map_or_else(|| format!("{name}-{count}"), |id| id.value.clone());
        Some(PlannedFault {
            id,
            from,
            until: from + lasts?,
            what: what?,
        })
    }

    fn what(&mut self, table: &FaultTable, kind: &str, usual: NetworkProfile) -> Option<FaultKind> {
        match kind {
            "link-cut" => self.links(table).map(|links| FaultKind::LinkCut { links }),
            "link-degrade" => {
                self.rate(table.kbit_s.as_ref());
                let profile = profile_of!(table, usual);
                self.links(table)
                    .map(|links| FaultKind::LinkDegrade { links, profile })
            }
            "isolate" => self.whose(table).map(|office| {
                let everybody = self.region.offices().iter().map(|office| office.party);
                let to = everybody.filter(|party| *party != office).collect();
                let links = Links {
                    from: BTreeSet::from([office]),
                    to,
                    ways: Ways::Both,
                };
                FaultKind::LinkCut { links }
            }),
            "broker-crash" => {
                let office = table.office.as_ref().map(|office| self.office(office));
                let memory = self.memory(table)?;
                let office = office.map_or(Some(None), |office| office.map(Some))?;
                Some(FaultKind::BrokerCrash { office, memory })
            }
            "void-entry" => Some(FaultKind::VoidEntry),
            _ => self.of_office(table, kind),
        }
    }

    /// A fault that strikes one office.
    fn of_office(&mut self, table: &FaultTable, kind: &str) -> Option<FaultKind> {
        let office = self.whose(table);
        Some(match kind {
            "office-crash" => {
                let (disk, office) = (self.disk(table)?, office?);
                FaultKind::OfficeCrash { office, disk }
            }
            "lying-relay" => {
                let (lie, office) = (self.lie(table)?, office?);
                FaultKind::LyingRelay { office, lie }
            }
            "office-pause" => FaultKind::OfficePause { office: office? },
            "office-duplicate" => {
                let reaches = table.reaches.as_ref().map(|list| self.reached(&list.value));
                FaultKind::OfficeDuplicate {
                    office: office?,
                    image_age: table.image_age.as_ref().map_or(Span::ZERO, |age| age.value),
                    reaches: reaches.map_or(Some(None), |reached| reached.map(Some))?,
                }
            }
            "office-clock" => {
                let offset = self.at_most(table.offset_s.as_ref(), OFFSET_S_MAX);
                let drift = self.at_most(table.drift_ppm.as_ref(), DRIFT_PPM_MAX);
                FaultKind::OfficeClock {
                    office: office?,
                    offset: whole(offset * 1e6),
                    drift_ppm: i32::try_from(whole(drift)).unwrap_or_default(),
                }
            }
            "disk-full" => FaultKind::DiskFull { office: office? },
            _ => FaultKind::DiskUnreadable { office: office? },
        })
    }

    /// A figure of a clock, zero if nothing is said.
    fn at_most(&mut self, figure: Option<&At<f64>>, most: f64) -> f64 {
        let Some(figure) = figure else { return 0.0 };
        if figure.value.abs() > most {
            let reason = format!("{} is out of range", figure.value);
            self.page
                .fault(&figure.span, reason, format!("write -{most} to {most}"));
            return 0.0;
        }
        figure.value
    }

    fn lie(&mut self, table: &FaultTable) -> Option<Lie> {
        let Some(lie) = &table.lie else {
            self.page.fault(
                &table.span,
                "the fault lacks \"lie\"",
                "add lie = \"replay\"",
            );
            return None;
        };
        self.word("lie", lie, &Lie::WORDS)
    }

    fn memory(&mut self, table: &FaultTable) -> Option<Memory> {
        let Some(memory) = &table.memory else {
            return Some(Memory::Keep);
        };
        self.word("memory", memory, &Memory::WORDS)
    }

    /// What a word stands for.
    pub(super) fn word<T: Clone>(
        &mut self,
        what: &str,
        said: &At<String>,
        words: &[(&str, T)],
    ) -> Option<T> {
        let found = words.iter().find(|(word, _)| *word == said.value);
        if found.is_none() {
            let known = words.iter().map(|(word, _)| *word);
            self.page.unknown(&said.span, what, &said.value, known);
        }
        found.map(|(_, value)| value.clone())
    }

    fn whose(&mut self, table: &FaultTable) -> Option<PartyId> {
        let Some(office) = &table.office else {
            self.page.fault(
                &table.span,
                "the fault lacks \"office\"",
                "add office = \"440400\"",
            );
            return None;
        };
        self.office(office)
    }

    fn disk(&mut self, table: &FaultTable) -> Option<Disk> {
        let Some(disk) = &table.disk else {
            return Some(Disk::Keep);
        };
        match (disk.value.as_str(), &table.image_age) {
            ("keep", None) => Some(Disk::Keep),
            ("torn", None) => Some(Disk::Torn),
            ("written", None) => Some(Disk::Written),
            ("lost", None) => Some(Disk::Lost),
            ("old", Some(age)) => Some(Disk::Old(age.value)),
            ("old", None) => {
                let remedy = "add image_age = \"30m\"";
                self.page
                    .fault(&disk.span, "an old disk lacks \"image_age\"", remedy);
                None
            }
            ("keep" | "torn" | "written" | "lost", Some(age)) => {
                let remedy = "write disk = \"old\", or leave image_age out";
                self.page
                    .fault(&age.span, "only an old disk has an age", remedy);
                None
            }
            (other, _) => {
                let known = ["keep", "torn", "written", "old", "lost"].into_iter();
                self.page.unknown(&disk.span, "disk", other, known);
                None
            }
        }
    }

    fn links(&mut self, table: &FaultTable) -> Option<Links> {
        let Some(between) = &table.between else {
            let remedy = "add between = [[\"440400\"], [\"*\"]]";
            self.page
                .fault(&table.span, "the fault lacks \"between\"", remedy);
            return None;
        };
        let [from, to] = between.value.as_slice() else {
            let reason = format!("between has {} lists", between.value.len());
            self.page
                .fault(&between.span, reason, "write two: [[\"440400\"], [\"*\"]]");
            return None;
        };
        let (one, other) = (self.side(from), self.side(to));
        let (from, to) = match (one?, other?) {
            (Side::These(from), Side::These(to)) => (from, to),
            (Side::These(from), Side::Everybody) => (from.clone(), self.others(&from)),
            (Side::Everybody, Side::These(to)) => (self.others(&to), to),
            (Side::Everybody, Side::Everybody) => {
                (self.others(&BTreeSet::new()), self.others(&BTreeSet::new()))
            }
        };
        let empty = from.is_empty() || to.is_empty();
        if empty && !(self.stands_in() && between.value.iter().all(|side| !side.is_empty())) {
            self.page.fault(
                &between.span,
                "one end of the links is empty",
                "name an office, or \"*\"",
            );
        }
        let one_way = table
            .symmetric
            .as_ref()
            .is_some_and(|symmetric| !symmetric.value);
        Some(Links {
            from,
            to,
            ways: if one_way { Ways::OneWay } else { Ways::Both },
        })
    }

    /// Whom a duplicate reaches, for those that the list does not name with `*`.
    fn reached(&mut self, list: &[At<String>]) -> Option<BTreeSet<PartyId>> {
        match self.side(list)? {
            Side::These(parties) => Some(parties),
            Side::Everybody => Some(self.others(&BTreeSet::new())),
        }
    }

    /// The parties that a list names.
    fn side(&mut self, list: &[At<String>]) -> Option<Side> {
        if list.iter().any(|name| name.value == "*") {
            return Some(Side::Everybody);
        }
        let mut parties = BTreeSet::new();
        for name in list {
            if let Ok(value) = name.value.parse() {
                parties.extend(self.office(&At {
                    value,
                    span: name.span.clone(),
                }));
            } else {
                let reason = format!("\"{}\" is no office", shown(&name.value));
                self.page
                    .fault(&name.span, reason, "write \"440400\" or \"*\"");
            }
        }
        (parties.len() == list.len()).then_some(Side::These(parties))
    }

    fn others(&self, side: &BTreeSet<PartyId>) -> BTreeSet<PartyId> {
        let everybody = self.region.offices().iter().map(|office| office.party);
        everybody.filter(|party| !side.contains(party)).collect()
    }
}

fn said<T: Copy>(value: Option<&At<T>>, usual: T) -> T {
    value.map_or(usual, |value| value.value)
}

/// A figure as a whole number; it was checked to be far within the range.
#[expect(clippy::cast_possible_truncation, reason = "checked against its most")]
fn whole(figure: f64) -> i64 {
    figure.round() as i64
}
