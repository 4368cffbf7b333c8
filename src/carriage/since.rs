//! From when on a log is carried.
//!
//! What is carried of a log is its end, from the first entry that counts as recent: a hole would make
//! whatever follows it wait. An author's hybrid time is asked, which never goes back within a life even
//! if the clock did; lives after one that is carried are carried whole.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

use protocol::{Civil, Envelope, Head, LogKey, Moment, PartyId, Span, TimeOfDay, Wall};

/// From when on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    /// What the last export did not carry.
    Last,
    /// The last such time of day before the newest entry.
    Clock(TimeOfDay),
    /// So long before the newest entry.
    Before(Span),
    /// A date and time.
    At(Wall),
}

impl FromStr for Since {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "last" {
            return Ok(Self::Last);
        }
        if let Ok(time) = text.parse() {
            return Ok(Self::Clock(time));
        }
        if let Ok(span) = text.parse() {
            return Ok(Self::Before(span));
        }
        let at = Civil::parse(text).ok().and_then(Civil::moment);
        let at = at.map(|at| Self::At(Wall::at(at)));
        at.ok_or_else(|| {
            let text = protocol::sanitise(text, 40);
            format!(
                "\"{text}\" is no time to begin from; write 14:05, 6h, 2018-09-16T14:05:00+08:00 or last"
            )
        })
    }
}

impl Since {
    /// The time that is meant, seen from the newest entry; `None` for what was carried last.
    pub(super) fn wall(self, newest: Wall, offset_min: i16) -> Option<Wall> {
        let now = Moment(newest.0.saturating_mul(1_000));
        match self {
            Self::Last => None,
            Self::At(at) => Some(at),
            Self::Before(span) => Some(Wall::at(now - span)),
            Self::Clock(time) => {
                let near = time.near(now, offset_min).unwrap_or_default();
                let day = if near > now {
                    Span::hours(24)
                } else {
                    Span::ZERO
                };
                Some(Wall::at(near - day))
            }
        }
    }
}

/// When an author wrote an entry, by hybrid time.
pub(super) fn dated(envelope: &Envelope) -> Wall {
    Wall(envelope.header().hlc >> 16)
}

/// The newest entry of an office's own, else of anybody's.
pub(super) fn newest(envelopes: &[Arc<Envelope>], office: PartyId) -> Wall {
    let own = |it: &&Arc<Envelope>| it.header().log.author == office;
    let latest = |dates: &mut dyn Iterator<Item = Wall>| dates.max();
    let mine = latest(&mut envelopes.iter().filter(own).map(|it| dated(it)));
    let any = || latest(&mut envelopes.iter().map(|it| dated(it)));
    mine.or_else(any).unwrap_or_default()
}

/// The first entry of each log to carry, if entries from a time on are wanted.
pub(super) fn from_time(envelopes: &[Arc<Envelope>], since: Wall) -> BTreeMap<LogKey, u64> {
    let mut first: BTreeMap<LogKey, u64> = BTreeMap::new();
    for envelope in envelopes {
        let header = envelope.header();
        if dated(envelope) >= since {
            let known = first.entry(header.log).or_insert(header.seq);
            *known = header.seq.min(*known);
        }
    }
    // A clock that a reboot set back dates the next life before its predecessor.
    let mut carried: BTreeMap<PartyId, LogKey> = BTreeMap::new();
    for log in first.keys() {
        carried.entry(log.author).or_insert(*log);
    }
    for envelope in envelopes {
        let log = envelope.header().log;
        if carried.get(&log.author).is_some_and(|oldest| *oldest < log) {
            first.insert(log, 1);
        }
    }
    first
}

/// The first entry of each log to carry, if what was carried before is left out. A log whose entry is
/// another now, because a disk was replaced, is carried whole.
pub(super) fn beyond(envelopes: &[Arc<Envelope>], carried: &[Head]) -> BTreeMap<LogKey, u64> {
    let heads: BTreeMap<LogKey, &Head> = carried.iter().map(|head| (head.log, head)).collect();
    let mut first = BTreeMap::new();
    for envelope in envelopes {
        let header = envelope.header();
        let from = first.entry(header.log).or_insert(1);
        let head = heads.get(&header.log);
        if head.is_some_and(|head| (head.seq, head.hash) == (header.seq, envelope.hash())) {
            *from = header.seq + 1;
        }
    }
    first
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wall(text: &str) -> Wall {
        Wall::at(Civil::parse(text).unwrap().moment().unwrap())
    }

    #[test]
    fn a_beginning_is_a_time_of_day_a_date_a_length_or_the_last_export() {
        assert_eq!("last".parse(), Ok(Since::Last));
        assert_eq!("6h".parse(), Ok(Since::Before(Span::hours(6))));
        let date = "2018-09-16T14:05:00+08:00";
        assert_eq!(date.parse(), Ok(Since::At(wall(date))));
        assert!(matches!("14:05".parse(), Ok(Since::Clock(_))));
        let told = "noon".parse::<Since>().unwrap_err();
        assert!(told.contains("write 14:05, 6h"), "{told}");
    }

    #[test]
    fn a_time_of_day_is_the_last_before_the_newest_entry() {
        let since: Since = "14:05".parse().unwrap();
        let at = |newest: &str| since.wall(wall(newest), 480);
        let day = |day: u8| Some(wall(&format!("2018-09-{day}T14:05:00+08:00")));
        assert_eq!(at("2018-09-16T23:59:00+08:00"), day(16));
        assert_eq!(at("2018-09-17T06:00:00+08:00"), day(16));
        assert_eq!(at("2018-09-16T13:00:00+08:00"), day(15));
    }
}
