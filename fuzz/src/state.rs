//! An author's state that its author did sign and that says anything: an author, a space and the state,
//! then entries that follow it, each an author, a space and a body.
//!
//! It is taken as it was signed or not at all, and whoever takes it reads on, plans and comes to the same.

use std::collections::BTreeMap;
use std::sync::Arc;

use picture::{Admission, AuthorState, Picture, StateAt};
use protocol::{Body, Decoder, Envelope, Hash, Over, PartyId, Snapshot, Span};
use simulator::invariant;

use super::Verdict;
use super::cast::{Pen, cast, incarnation};
use super::desk::Desk;
use super::terms::assert_refusal;

/// Entries that are read behind a state, lest it takes long.
const ENTRIES: usize = 32;

/// Signs the state, as it stands and as a liar would mend it, and begins with what is taken.
pub fn state(bytes: &[u8]) -> Verdict {
    let Ok(text) = str::from_utf8(bytes) else {
        return Verdict::Refused;
    };
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let Some((author, text)) = first.split_once(' ') else {
        return Verdict::Refused;
    };
    let author = author.parse().ok();
    let Some(author) = author.filter(|it| cast().offices.contains_key(it)) else {
        return Verdict::Refused;
    };
    let mended = mended(text);
    let texts = [Some(text), mended.as_deref().filter(|it| *it != text)];
    let mut verdict = Verdict::Refused;
    for text in texts.into_iter().flatten() {
        if let Some(at) = taken(author, text) {
            goes_on(&at, rest);
            verdict = Verdict::Accepted;
        }
    }
    verdict
}

/// The state as whoever signs it would write it: what says where it stands agrees with itself, and the
/// words stand in the order and the form in which they are hashed.
fn mended(text: &str) -> Option<String> {
    let mut state: AuthorState = serde_json::from_str(text).ok()?;
    let (_, seq) = state.last_snapshot.entry;
    let seq = seq.min(state.folded).max(1);
    state.last_snapshot.entry = (incarnation().epoch, seq);
    state.last_snapshot.folded = state.folded;
    Some(state.text())
}

/// The state, if it is taken, at the entry at which it says that it stands.
fn taken(author: PartyId, text: &str) -> Option<StateAt> {
    let told: Option<AuthorState> = serde_json::from_str(text).ok();
    let seq = told.as_ref().map_or(1, |told| told.last_snapshot.entry.1);
    let pen = Pen::of(author).expect("an office keeps a log");
    let body = Body::Snapshot(Snapshot {
        state: Hash::of(text.as_bytes()),
        over: Over::default(),
    });
    let line = pen.at(seq.saturating_sub(1)).line(&body.to_json());
    let mut decoder = Decoder::new(cast().network.clone());
    let entry = match decoder.envelope(&line, &cast().roster) {
        Ok(entry) => entry,
        Err(refusal) => {
            assert_refusal(&refusal);
            return None;
        }
    };
    let at = StateAt::read(entry, text)?;
    assert_eq!(Some(&*at.state), told.as_ref());
    assert_eq!(at.text(), text, "a state that is written again as another");
    Some(at)
}

/// Whoever begins with it reads on, and plans with it.
fn goes_on(at: &StateAt, rest: &str) {
    let author = at.entry.header().log.author;
    let entries = signed(at, rest);
    let (own, others): (Vec<_>, Vec<_>) = { entries.into_iter() }
        .partition(|entry: &Arc<Envelope>| entry.header().log.author == author);
    let mut first = informed();
    begin(&mut first, at);
    let mut last = informed();
    for entry in &others {
        read(&mut last, entry);
    }
    begin(&mut last, at);
    for entry in others.iter().chain(&own) {
        read(&mut first, entry);
    }
    for entry in &own {
        read(&mut last, entry);
    }
    assert_alike(&first, &last);
    let before = first.clone();
    first.recollect(author, own);
    first.refold(author);
    assert_alike(&before, &first);
    let mut desk = Desk::holding(Some(at.clone()));
    desk.later(Span::minutes(2));
    desk.assert_counts();
}

/// What follows the state, as far as it can be read.
fn signed(at: &StateAt, rest: &str) -> Vec<Arc<Envelope>> {
    let author = at.entry.header().log.author;
    let mut decoder = Decoder::new(cast().network.clone());
    let mut pen = Pen::of(author).expect("an office keeps a log");
    pen.wrote(&at.entry);
    let mut pens = BTreeMap::from([(author, pen)]);
    let mut entries = Vec::new();
    for line in rest.lines().take(ENTRIES) {
        let Some((author, body)) = line.split_once(' ') else {
            continue;
        };
        let author = author.parse().ok();
        let author = author.filter(|it| cast().offices.contains_key(it));
        let Some((author, pen)) = author.and_then(|it| Some((it, Pen::of(it)?))) else {
            continue;
        };
        let pen = pens.entry(author).or_insert(pen);
        match decoder.envelope(&pen.line(body), &cast().roster) {
            Ok(entry) => {
                pen.wrote(&entry);
                entries.push(entry);
            }
            Err(refusal) => assert_refusal(&refusal),
        }
    }
    entries
}

/// A picture that knows who belongs.
fn informed() -> Picture {
    let mut picture = Picture::new(cast().network.clone());
    for entry in &cast().roster_log {
        picture.admit(entry);
    }
    picture
}

fn begin(picture: &mut Picture, at: &StateAt) {
    let header = at.entry.header();
    let waited = picture.begin_at(at.clone());
    assert!(waited.expect("nothing else is known of it").is_empty());
    assert_eq!(picture.state(header.log.author), Some(&*at.state));
    let log = picture.log(header.log).expect("it has begun");
    assert_eq!((log.base(), log.prefix), (header.seq, header.seq));
}

fn read(picture: &mut Picture, entry: &Arc<Envelope>) {
    let read = picture.admit(entry);
    let is_read = matches!(&read, Admission::Admitted { folded, .. } if folded.len() == 1);
    assert!(is_read, "what follows a state is read: {read:?}");
    let broken = invariant::i4_stock_is_conserved(picture);
    assert!(broken.is_empty(), "{broken:?}");
}

/// I13, and the same joins of authors.
fn assert_alike(one: &Picture, other: &Picture) {
    assert_eq!(one.hash(), other.hash());
    let broken = [one, other].map(|picture| {
        let units = invariant::i1_one_aid_a_unit(picture);
        (units, invariant::i5_no_need_is_over_covered(picture))
    });
    assert_eq!(broken[0], broken[1]);
    for (need, _) in one.needs() {
        assert_eq!(one.coverage(*need), other.coverage(*need), "{need}");
    }
}
