//! Where entries were when the record ended: in whose journals, missing where, over whose hands they came.
//!
//! What holders say of their disks is all that a recording tells. An entry that was under way when most
//! spoke for the last time is counted as fresh and not judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{Body, Civil, Envelope, LogKey, Moment, PartyId, ReportKind, Role, missing_from};
use serde::Serialize;

use crate::bilingual::Bilingual;
use crate::evidence::Evidence;
use crate::names::Names;
use crate::wording::{last_before, time_of};

/// Who holds what.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CustodyAccount {
    /// Parties that said what is on their disks.
    pub holders: u64,
    /// Until when entries are judged: what was written later was under way when most last spoke. `None`
    /// if the run was too short in real time for them to speak three times.
    pub judged_until: Option<Moment>,
    /// Every log, by author and life.
    pub logs: Vec<LogCustody>,
    /// Entries that lives depend on, by kind.
    pub critical: Vec<KindCustody>,
    /// Those of them that nobody but their author said to hold.
    pub alone: Vec<Alone>,
    /// What holders still missed when they last spoke, though it was written two digests before.
    pub gaps: Vec<HolderGap>,
    /// Entries that first came out of others' hands, not on their log's own topic.
    pub handed: Vec<Handed>,
}

/// One log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct LogCustody {
    /// Which.
    pub log: LogKey,
    /// Entries that the record holds.
    pub entries: u64,
    /// Those not judged, because they were under way when most holders last spoke.
    pub fresh: u64,
    /// Journals that hold some of it, its author's included.
    pub recorded_in: u64,
    /// The least number of peers that hold an entry of it, fresh ones left out.
    pub least_held_by: u64,
}

/// Critical entries of one kind, fresh ones left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KindCustody {
    /// Which kind.
    pub kind: Critical,
    /// How many.
    pub entries: u64,
    /// The least number of peers that hold one.
    pub least: u64,
    /// The number of peers that hold the middle one.
    pub median: u64,
    /// The greatest number.
    pub most: u64,
}

/// A critical entry that no peer said to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Alone {
    /// Its log.
    pub log: LogKey,
    /// Its number.
    pub seq: u64,
    /// What it is.
    pub kind: Critical,
    /// When it was written.
    pub at: Moment,
}

/// Kinds of entries that lives depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Critical {
    /// First reports of incidents.
    FirstReport,
    /// Commitments.
    Commit,
    /// Releases, recalls and orders home.
    Order,
    /// Warnings and their ends.
    Warning,
}

/// What one holder lacks of one log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HolderGap {
    /// Who lacks it.
    pub holder: PartyId,
    /// Of which log.
    pub log: LogKey,
    /// How many entries.
    pub missing: u64,
    /// When the last entry before them was written, of this log or of an earlier life; `None` if none tells.
    pub since: Option<Moment>,
    /// The sentence.
    pub told: Bilingual,
}

/// Entries that came out of somebody's hands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Handed {
    /// Whose.
    pub by: PartyId,
    /// The office that it is or works for.
    pub office: PartyId,
    /// Whether an operator brought them on a stick.
    pub carried: bool,
    /// How many entries.
    pub entries: u64,
}

impl Critical {
    fn of(envelope: &Envelope) -> Option<Self> {
        Some(match envelope.body()? {
            Body::Incident(report) if report.kind == ReportKind::First => Self::FirstReport,
            Body::AidCommit(_) => Self::Commit,
            Body::Release(_) | Body::Recall(_) | Body::ReturnOrdered(_) => Self::Order,
            Body::Warning(_) | Body::WarningLift(_) => Self::Warning,
            _ => return None,
        })
    }

    /// In words.
    pub fn label(self) -> Bilingual {
        match self {
            Self::FirstReport => Bilingual::new("事件首报", "first reports of incidents"),
            Self::Commit => Bilingual::new("调派", "commitments"),
            Self::Order => Bilingual::new("解除、抽回、召回命令", "releases, recalls, orders home"),
            Self::Warning => Bilingual::new("预警", "warnings"),
        }
    }
}

impl CustodyAccount {
    pub(crate) fn of(evidence: &Evidence, names: &Names) -> Self {
        let settled = settled_at(evidence);
        let logs: Vec<&[Arc<Envelope>]> = evidence
            .entries
            .chunk_by(|a, b| a.header().log == b.header().log)
            .collect();
        let mut account = Self {
            holders: evidence
                .custody
                .holders()
                .filter(|holder| names.authors().contains(holder))
                .count() as u64,
            judged_until: settled,
            handed: handed(evidence),
            ..Self::default()
        };
        let mut kinds: BTreeMap<Critical, Vec<u64>> = BTreeMap::new();
        for entries in logs {
            let dated = dated(entries);
            account.logs.push(log_of(evidence, names, &dated, settled));
            account.gaps.extend(gaps_of(evidence, names, &dated));
            for (at, envelope) in dated.iter().filter(|(at, _)| Some(*at) <= settled) {
                let Some(kind) = Critical::of(envelope) else {
                    continue;
                };
                let header = envelope.header();
                let held = peers(evidence, names, (header.log, header.seq));
                kinds.entry(kind).or_default().push(held);
                if held == 0 {
                    let (log, seq, at) = (header.log, header.seq, *at);
                    account.alone.push(Alone { log, seq, kind, at });
                }
            }
        }
        account.critical = kinds.into_iter().map(kind_of).collect();
        account.gaps.sort_by_key(|gap| (gap.holder, gap.log));
        account
    }
}

/// The entries of a log with the time of each; what tells no time is as old as the one before it.
fn dated(entries: &[Arc<Envelope>]) -> Vec<(Moment, &Arc<Envelope>)> {
    let mut last = Moment::default();
    let times = entries.iter().map(|entry| {
        last = time_of(entry).unwrap_or(last).max(last);
        (last, entry)
    });
    times.collect()
}

/// Until when half of the holders are judged: what was written by then has had its time. `None` if none
/// spoke often enough.
fn settled_at(evidence: &Evidence) -> Option<Moment> {
    let mut words: Vec<Moment> = evidence.words.values().copied().collect();
    words.sort_unstable();
    words.get(words.len() / 2).copied()
}

/// How many that keep logs themselves hold an entry, beside its author.
fn peers(evidence: &Evidence, names: &Names, (log, seq): (LogKey, u64)) -> u64 {
    let holding = evidence.custody.holding(log, seq);
    holding
        .filter(|holder| names.authors().contains(holder))
        .count() as u64
}

fn log_of(
    evidence: &Evidence,
    names: &Names,
    dated: &[(Moment, &Arc<Envelope>)],
    settled: Option<Moment>,
) -> LogCustody {
    let log = dated[0].1.header().log;
    let entries = dated.len() as u64;
    let judged: Vec<u64> = dated
        .iter()
        .filter(|(at, _)| Some(*at) <= settled)
        .map(|(_, entry)| entry.header().seq)
        .collect();
    let least = judged.last().copied().unwrap_or(1);
    LogCustody {
        log,
        entries,
        fresh: entries - judged.len() as u64,
        recorded_in: peers(evidence, names, (log, 1))
            + u64::from(log.author != evidence.picture.network().region),
        least_held_by: peers(evidence, names, (log, least)),
    }
}

fn gaps_of(
    evidence: &Evidence,
    names: &Names,
    dated: &[(Moment, &Arc<Envelope>)],
) -> Vec<HolderGap> {
    let log = dated[0].1.header().log;
    let name = names.name(log.author);
    let mut gaps = Vec::new();
    for (holder, before) in &evidence.words {
        if *holder == log.author {
            continue;
        }
        let held = evidence.custody.held_by(*holder, log).unwrap_or(0);
        let lacks =
            |(at, entry): &&(Moment, &Arc<Envelope>)| *at <= *before && entry.header().seq > held;
        let lacking: Vec<_> = dated.iter().filter(lacks).collect();
        let Some((_, first)) = lacking.first() else {
            continue;
        };
        let since = last_before(&evidence.entries, (log, first.header().seq - 1));
        let clock = since.map(|at| Civil::at(at, evidence.run.offset_min).clock());
        let missing = lacking.len() as u64;
        let told = missing_from((&name.zh, &name.en), missing, clock.as_deref());
        gaps.push(HolderGap {
            holder: *holder,
            log,
            missing,
            since,
            told: Bilingual::new(told.zh, told.en),
        });
    }
    gaps
}

fn kind_of((kind, mut held): (Critical, Vec<u64>)) -> KindCustody {
    held.sort_unstable();
    let at = |place: usize| held.get(place).copied().unwrap_or_default();
    KindCustody {
        kind,
        entries: held.len() as u64,
        least: at(0),
        median: at(held.len() / 2),
        most: at(held.len() - 1),
    }
}

fn handed(evidence: &Evidence) -> Vec<Handed> {
    let roster = evidence.picture.roster();
    let handed = evidence.custody.handed().into_iter();
    let handed = handed.map(|(by, entries)| {
        let member = roster.member(by);
        Handed {
            by,
            office: member.map_or(by, |member| member.office),
            carried: member.is_some_and(|member| member.role == Role::Operator),
            entries,
        }
    });
    handed.collect()
}
