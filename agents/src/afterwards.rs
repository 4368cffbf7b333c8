//! What is entered afterwards 补录, from paper, say: it keeps its own times, and they must be possible.
//!
//! The entry itself is signed now; nothing that is written down here lies ahead of now.

use protocol::{Call, IncidentReport, Moment, Span, StockCount};

/// How far a call system's clock, or the shell's idea of the drill clock, may be ahead of ours.
const CLOCKS_DIFFER: Span = Span::minutes(5);

/// Whether a call that an operator enters could have come so.
pub(crate) fn came(now: Moment, call: &Call) -> Result<(), String> {
    if call.received_at > now + CLOCKS_DIFFER {
        return Err("the call came in the future; say when it came".into());
    }
    if call.occurred_at > call.received_at {
        return Err("it happened after the call came; check both times".into());
    }
    Ok(())
}

/// When news of an incident were so, where they are entered afterwards.
pub(crate) fn news(
    now: Moment,
    latest: &IncidentReport,
    at: Option<Moment>,
) -> Result<Option<Moment>, String> {
    match at {
        Some(at) if at > now => Err("the news lies in the future; say when it was so".into()),
        Some(at) if at < latest.occurred_at => {
            Err("the news is older than the incident; say when it was so".into())
        }
        at => Ok(at),
    }
}

/// When something was noted.
pub(crate) fn noted(now: Moment, at: Option<Moment>) -> Result<Moment, String> {
    match at {
        Some(at) if at > now => Err("the note lies in the future; say when it was".into()),
        at => Ok(at.unwrap_or(now)),
    }
}

/// Whether a count could replace what is known since.
pub(crate) fn counted(
    now: Moment,
    known: Option<Moment>,
    count: &StockCount,
) -> Result<(), String> {
    if count.at > now + CLOCKS_DIFFER {
        return Err("the count lies in the future; say when it was made".into());
    }
    match known {
        // A count that a clock wrote which ran ahead bars none until that time comes.
        Some(known) if count.at < known && known <= now => Err(format!(
            "{} was counted {} after that, and the later count stands; if this one was later, say \
             when it was made",
            count.resource,
            known.since(count.at)
        )),
        _ => Ok(()),
    }
}
