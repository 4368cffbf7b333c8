//! What is entered afterwards 补录, from paper, say: it keeps its own times, and they must be possible.
//!
//! The entry itself is signed now; nothing that is written down here lies ahead of now.

use protocol::{Call, IncidentReport, Moment, Span, StockCount};

/// How far a call system's clock, or the shell's idea of the drill clock, may be ahead of ours.
const CLOCKS_DIFFER: Span = Span::minutes(5);

/// The clocks by which a time that an operator enters is judged.
#[derive(Clone, Copy)]
pub(crate) struct Clocks {
    /// The office's own.
    pub(crate) ours: Moment,
    /// That of whoever asks, if it was told.
    pub(crate) theirs: Option<Moment>,
}

impl Clocks {
    /// A time by the office's clock: what is so as it is asked is so now, however far the clocks differ.
    fn at(self, said: Moment) -> Moment {
        if self.theirs == Some(said) {
            self.ours
        } else {
            said
        }
    }

    /// How far a time lies ahead, by both.
    fn ahead(self, at: Moment) -> String {
        let ahead = format!("{} ahead of this office's clock", at.since(self.ours));
        match self.theirs {
            Some(theirs) if theirs > self.ours => {
                let behind = theirs.since(self.ours);
                format!("{ahead}, which is {behind} behind the clock of whoever asks")
            }
            Some(theirs) => {
                let before = self.ours.since(theirs);
                format!("{ahead}, which is {before} ahead of the clock of whoever asks")
            }
            None => ahead,
        }
    }
}

/// A call as its times are by the office's clock, if it could have come so.
pub(crate) fn came(clocks: Clocks, mut call: Call) -> Result<Call, String> {
    call.received_at = clocks.at(call.received_at);
    call.occurred_at = clocks.at(call.occurred_at);
    if call.received_at > clocks.ours + CLOCKS_DIFFER {
        let ahead = clocks.ahead(call.received_at);
        return Err(format!(
            "the call came in the future, {ahead}; say when it came, or set the clock that is wrong"
        ));
    }
    if call.occurred_at > call.received_at {
        let ahead = clocks.ahead(call.occurred_at);
        return Err(if call.occurred_at > clocks.ours {
            format!("it happened after the call came, {ahead}; check both times, and the clocks")
        } else {
            "it happened after the call came; check both times".to_owned()
        });
    }
    Ok(call)
}

/// When news of an incident were so, where they are entered afterwards.
pub(crate) fn news(
    clocks: Clocks,
    latest: &IncidentReport,
    at: Option<Moment>,
) -> Result<Option<Moment>, String> {
    match at {
        Some(at) if at < latest.occurred_at => {
            Err("the news is older than the incident; say when it was so".into())
        }
        Some(at) => said(clocks, "the news", Some(at)).map(Some),
        None => Ok(None),
    }
}

/// When something was noted or phoned in; now if nothing is said.
pub(crate) fn said(clocks: Clocks, what: &str, at: Option<Moment>) -> Result<Moment, String> {
    match at {
        Some(at) if at > clocks.ours => {
            let ahead = clocks.ahead(at);
            Err(format!(
                "{what} lies in the future, {ahead}; say when it was, or set the clock that is wrong"
            ))
        }
        at => Ok(at.unwrap_or(clocks.ours)),
    }
}

/// A count as its time is by the office's clock, if it could replace what is known since.
pub(crate) fn counted(
    clocks: Clocks,
    known: Option<Moment>,
    mut count: StockCount,
) -> Result<StockCount, String> {
    count.at = clocks.at(count.at);
    if count.at > clocks.ours + CLOCKS_DIFFER {
        let ahead = clocks.ahead(count.at);
        return Err(format!(
            "the count lies in the future, {ahead}; say when it was made, or set the clock that is wrong"
        ));
    }
    match known {
        // A count that a clock wrote which ran ahead bars none until that time comes.
        Some(known) if count.at < known && known <= clocks.ours => Err(format!(
            "{} was counted {} after that, and the later count stands; if this one was later, say \
             when it was made",
            count.resource,
            known.since(count.at)
        )),
        _ => Ok(count),
    }
}
