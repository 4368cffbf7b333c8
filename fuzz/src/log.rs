//! Entries that their authors did sign and that say anything: each an author, a space and a body.
//!
//! An entry is void or counts, and is never a hole; whoever holds the same entries knows the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{Decoder, Envelope, PartyId, limit};
use simulator::Judge;

use super::Verdict;
use super::cast::{Pen, START, assert_signed, cast};
use super::line::assert_reads_again;
use super::terms::assert_refusal;

/// Entries that are read of one input, lest it takes long.
const ENTRIES: usize = 64;

/// Signs each line in its author's name, and folds what comes of it in two orders.
pub fn log(bytes: &[u8]) -> Verdict {
    let Ok(text) = str::from_utf8(bytes) else {
        return Verdict::Refused;
    };
    let (written, pens) = signed(text);
    let mut verdict = Verdict::Refused;
    let forward = folded(&written, &mut verdict);
    let mut other: Vec<Arc<Envelope>> = written;
    other.sort_by_key(|envelope| std::cmp::Reverse(envelope.header().log));
    let backward = folded(&other, &mut Verdict::Refused);
    assert_eq!(
        forward.picture().version(),
        backward.picture().version(),
        "the same entries in another order make another set"
    );
    assert_eq!(
        forward.picture().hash(),
        backward.picture().hash(),
        "the same entries in another order mean something else (I13)"
    );
    let version = forward.picture().version();
    for pen in pens.values() {
        let held = version.iter().find(|(log, _)| log.author == pen.author());
        let (seq, _) = pen.end();
        assert_eq!(held.map_or(0, |(_, end)| end.0), seq, "a hole in a log");
    }
    verdict
}

fn signed(text: &str) -> (Vec<Arc<Envelope>>, BTreeMap<PartyId, Pen>) {
    let cast = cast();
    let mut decoder = Decoder::new(cast.network.clone());
    let mut pens = BTreeMap::<PartyId, Pen>::new();
    let mut written = Vec::new();
    for line in text.lines().take(ENTRIES) {
        let Some((author, body)) = line.split_once(' ') else {
            continue;
        };
        let author = author
            .parse()
            .ok()
            .filter(|author| *author != cast.network.region);
        let Some((author, pen)) = author.and_then(|author| Some((author, Pen::of(author)?))) else {
            continue;
        };
        let pen = pens.entry(author).or_insert(pen);
        let line = pen.line(body);
        match decoder.envelope(&line, &cast.roster) {
            Ok(envelope) => {
                assert!(line.len() <= limit::LINE_BYTES);
                assert_signed(&envelope);
                assert_reads_again(&envelope, &line);
                pen.wrote(&envelope);
                written.push(envelope);
            }
            Err(refusal) => {
                assert_refusal(&refusal);
                assert_eq!(refusal.code(), "R07", "{refusal}: {line}");
            }
        }
    }
    (written, pens)
}

/// What the judge knows after these entries, in this order.
fn folded(entries: &[Arc<Envelope>], verdict: &mut Verdict) -> Judge {
    let cast = cast();
    let mut judge = Judge::new(cast.network.clone());
    for envelope in cast.roster_log.iter().chain(entries) {
        judge.admit(START, envelope);
    }
    let states = judge.picture().authors().values();
    let voids: u64 = states.map(|author| author.state.void_count).sum();
    if voids < entries.len() as u64 {
        *verdict = Verdict::Accepted;
    }
    judge
}
