//! What fails and for whom, in words: the id of a fault is for whoever reads the scenario.

use std::collections::BTreeSet;

use protocol::{Breakdown, PartyId};

use crate::bilingual::Bilingual;
use crate::names::Names;

/// Parties that one end of links lists.
const PARTIES: usize = 12;

/// A fault in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Struck {
    /// What fails.
    pub(crate) kind: Bilingual,
    /// Whose: an office, or the two ends of links.
    pub(crate) whom: Bilingual,
}

impl Struck {
    /// Both in one.
    pub(crate) fn whole(&self) -> Bilingual {
        let (kind, whom) = (&self.kind, &self.whom);
        Bilingual::new(
            format!("{}，{}", kind.zh, whom.zh),
            format!("{}, {}", kind.en, whom.en),
        )
    }
}

/// The words for a fault.
pub(crate) fn struck(breakdown: &Breakdown, names: &Names) -> Struck {
    let (zh, en) = match breakdown {
        Breakdown::LinkCut { .. } => ("断链", "link cut"),
        Breakdown::LinkDegrade { .. } => ("链路劣化", "link degraded"),
        Breakdown::BrokerCrash { .. } => ("消息代理中断", "broker down"),
        Breakdown::LyingRelay { .. } => ("中继作假", "lying relay"),
        Breakdown::OfficeCrash { .. } => ("主机故障", "office crashed"),
        Breakdown::OfficePause { .. } => ("进程停顿", "office paused"),
        Breakdown::OfficeDuplicate { .. } => ("身份重复", "duplicate identity"),
        Breakdown::OfficeClock { .. } => ("时钟偏差", "clock wrong"),
        Breakdown::DiskFull { .. } => ("磁盘写满", "disk full"),
        Breakdown::DiskUnreadable { .. } => ("磁盘读错", "disk unreadable"),
        Breakdown::VoidEntry => ("作废报文", "void entry"),
    };
    let whom = match breakdown {
        Breakdown::BrokerCrash { office: None } | Breakdown::VoidEntry => {
            Bilingual::new("各单位", "everybody")
        }
        Breakdown::BrokerCrash {
            office: Some(office),
        }
        | Breakdown::LyingRelay { office }
        | Breakdown::OfficeCrash { office }
        | Breakdown::OfficePause { office }
        | Breakdown::OfficeDuplicate { office }
        | Breakdown::OfficeClock { office }
        | Breakdown::DiskFull { office }
        | Breakdown::DiskUnreadable { office } => names.name(*office),
        Breakdown::LinkCut {
            from,
            to,
            symmetric,
        }
        | Breakdown::LinkDegrade {
            from,
            to,
            symmetric,
        } => {
            let way = if *symmetric { "↔" } else { "→" };
            let (one, other) = (end(from, to, names), end(to, from, names));
            Bilingual::new(
                format!("{} {way} {}", one.zh, other.zh),
                format!("{} {way} {}", one.en, other.en),
            )
        }
    };
    Struck {
        kind: Bilingual::new(zh, en),
        whom,
    }
}

/// One end of links: its parties, or that they are all but the other end's.
fn end(parties: &BTreeSet<PartyId>, opposite: &BTreeSet<PartyId>, names: &Names) -> Bilingual {
    let mut others = names.authors().difference(opposite);
    if parties.len() > 1 && others.all(|party| parties.contains(party)) {
        return Bilingual::new("其他各单位", "all others");
    }
    let shown = parties.iter().take(PARTIES).map(|party| names.name(*party));
    let (zh, en): (Vec<String>, Vec<String>) = shown.map(|name| (name.zh, name.en)).unzip();
    let (zh, en) = (zh.join("、"), en.join(", "));
    match parties.len().saturating_sub(PARTIES) {
        0 => Bilingual::new(zh, en),
        more => Bilingual::new(
            format!("{zh} 等，另 {more} 个单位"),
            format!("{en} and {more} more"),
        ),
    }
}
