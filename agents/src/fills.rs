//! How much of what others ask for is sent to each of them: the same entries once at a time, and no more
//! than so much a second, so that one who asks again and again keeps nobody from being served.
//!
//! A want that is not answered costs its asker a pause: it asks again, perhaps of somebody else.

use std::collections::BTreeMap;

use protocol::{BusId, Moment, PartyId, Span};

use crate::door::Range;
use crate::keeping::Loading;

/// Bytes a second that one asker is sent. Three times the line of 10 Mbit/s over which a million entries
/// are healed.
const SENT_PER_S: u64 = 4 * 1024 * 1024;

/// Bytes that one asker may be ahead of that: all that it asks for at once when it has been away.
const AHEAD_BYTES: u64 = 16 * 1024 * 1024;

/// What an entry counts until its bytes are known. Most have half of that.
const ENTRY_BYTES: u64 = 1_024;

/// What each asker was sent, or will be, beyond what its time has paid for.
#[derive(Debug, Default)]
pub(crate) struct Fills {
    ahead: BTreeMap<PartyId, Ahead>,
}

#[derive(Debug, Clone, Copy)]
struct Ahead {
    bytes: u64,
    /// When that was so, link time.
    at: Moment,
}

impl Fills {
    /// Whether an asker may be sent more now.
    pub(crate) fn may_have(&mut self, asker: PartyId, link: Moment) -> bool {
        self.settle(asker, link) < AHEAD_BYTES
    }

    /// An asker is sent so many bytes, or will be.
    pub(crate) fn sent(&mut self, asker: PartyId, bytes: u64, link: Moment) {
        let bytes = self.settle(asker, link).saturating_add(bytes);
        self.ahead.insert(asker, Ahead { bytes, at: link });
    }

    /// How far an asker is ahead by now; who is not is forgotten.
    fn settle(&mut self, asker: PartyId, link: Moment) -> u64 {
        let Some(ahead) = self.ahead.get_mut(&asker) else {
            return 0;
        };
        let paid = u128::from(link.since(ahead.at).0) * u128::from(SENT_PER_S);
        let paid = paid / u128::from(Span::seconds(1).0);
        ahead.bytes = ahead
            .bytes
            .saturating_sub(u64::try_from(paid).unwrap_or(u64::MAX));
        ahead.at = link;
        let bytes = ahead.bytes;
        if bytes == 0 {
            self.ahead.remove(&asker);
        }
        bytes
    }
}

/// What entries count before they are read.
pub(crate) fn estimate(range: Range) -> u64 {
    (range.to - range.from + 1).saturating_mul(ENTRY_BYTES)
}

impl Loading {
    /// Whether it brings an asker some of these entries on a bus.
    pub(crate) fn fills(&self, (bus, asker): (BusId, PartyId), wanted: Range) -> bool {
        matches!(self, Self::Fill { asker: of, bus: on, range }
            if *of == asker
                && *on == bus
                && range.log == wanted.log
                && range.from <= wanted.to
                && wanted.from <= range.to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_far_ahead_is_sent_nothing_until_its_time_has_paid_for_it() {
        let mut fills = Fills::default();
        let [asker, other] = ["440400", "440100"].map(|name| name.parse().unwrap());
        let start = Moment(0);
        assert!(fills.may_have(asker, start));
        fills.sent(asker, AHEAD_BYTES + SENT_PER_S, start);
        assert!(!fills.may_have(asker, start + Span::millis(900)));
        assert!(fills.may_have(other, start), "another is served");
        assert!(fills.may_have(asker, start + Span::millis(1_100)));
        assert!(fills.may_have(asker, start + Span::seconds(60)));
        assert!(fills.ahead.is_empty(), "nothing is left of it");
    }
}
