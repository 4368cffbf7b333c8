//! Digests: saying which logs are held how far, and hearing it of others.

use std::collections::{BTreeMap, VecDeque};

use picture::Unheeded;
use protocol::limit::{DIGEST_BOOTS, DIGEST_LOGS};
use protocol::{
    BusId, Digest, Direct, Hash, Incarnation, LogKey, Moment, PartyId, Prefix, Span, Topic, Want,
};

use crate::door::Now;
use crate::keeping::Keeping;
use crate::office::{Office, Turn};
use crate::pen::Pen;
use crate::repair::{WANT_ENTRIES, holder_told};

/// How often a holder says what it has, link time (decision 14).
const DIGEST_EVERY: Span = Span::seconds(60);

/// How soon after a gap or a reconnect it says so, link time (decision 14); then after twice as long each
/// time, until it is back at [`DIGEST_EVERY`]. A line that has just come back is often a bad one, and what
/// is said there once may be lost.
const DIGEST_SOON: Span = Span::seconds(5);

/// How long it rests at least from one digest to the next, however many boot; link time.
const REST: Span = Span::millis(500);

/// By less than this each holder is later than that, so that offices do not all speak at once; link time.
const JITTER: Span = Span::seconds(4);

/// After so long a silence of a party that speaks again the line between was cut, whatever the bus says:
/// it missed saying twice what it holds, and it heard of nobody else's what it lacks. Link time.
const CUT_OFF: Span = Span(2 * (DIGEST_EVERY.0 + JITTER.0));

/// When what was said is everywhere or lost, link time: a second until others must have it on their
/// disks, and two for a slow line.
const SETTLES: Span = Span::seconds(3);

/// How finely it is known when the own log came to where, link time.
const STEP: Span = Span::millis(500);

/// How far the own log had come a while ago: whoever lacks some of that will not get it by itself.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    seq: u64,
    /// How far the log had come when, of the last [`SETTLES`].
    later: VecDeque<(Moment, u64)>,
}

impl Settled {
    /// The log is on the disk up to an entry.
    pub(crate) fn note(&mut self, seq: u64, link: Moment) {
        self.look(link);
        match self.later.back_mut() {
            Some((at, last)) if link.since(*at) < STEP => *last = seq,
            _ => self.later.push_back((link, seq)),
        }
    }

    /// The last entry that is settled.
    fn look(&mut self, link: Moment) -> u64 {
        let settles = |at: Moment| link.since(at) >= SETTLES;
        while self.later.front().is_some_and(|(at, _)| settles(*at)) {
            self.seq = self.later.pop_front().map_or(self.seq, |(_, seq)| seq);
        }
        self.seq
    }
}

impl Keeping {
    pub(crate) fn begin(&mut self, now: Now) {
        self.digest_at = Some(now.link + DIGEST_SOON);
        self.digest_pause = DIGEST_SOON;
    }

    /// A party was heard. If it was silent for long, there is much to say.
    pub(crate) fn heard_from(&mut self, party: PartyId, now: Now) {
        let before = self.heard.insert(party, now);
        if before.is_some_and(|before| now.link.since(before.link) >= CUT_OFF) {
            self.hurry(now);
        }
    }

    /// When the next digest is due, now that one was said.
    fn said(&mut self, now: Now, jitter: Span) {
        let pause = self.digest_pause.0.saturating_mul(2);
        self.digest_said = Some(now.link);
        self.digest_pause = Span(pause.clamp(DIGEST_SOON.0, DIGEST_EVERY.0));
        self.digest_at = Some(now.link + self.digest_pause + jitter);
    }

    /// The logs that the next digest names, in the order of their ids: the newest life of each author, and
    /// of the lives before as many as there is room for, in turns. Who has the newest learns from it which
    /// it follows; so whatever is left out this time is missed by nobody for long.
    fn next_named(&mut self) -> Vec<Prefix> {
        let (named, next) = named(&self.durable, self.named_from, DIGEST_LOGS);
        self.named_from = next;
        named
    }

    /// Says now what is held: an office came back that may have lost of it, and it listens. One word answers
    /// all who came meanwhile.
    fn answer(&mut self, now: Now) {
        self.hurry(now);
        let rested = self.digest_said.map_or(now.link, |at| at + REST);
        self.digest_at = Some(rested.max(now.link));
    }

    /// Says soon what is held: after a reconnect or a gap.
    pub(crate) fn hurry(&mut self, now: Now) {
        let soon = now.link + DIGEST_SOON;
        self.digest_at = Some(self.digest_at.map_or(soon, |at| at.min(soon)));
        self.digest_pause = DIGEST_SOON;
    }
}

/// So many of the logs that are held: all newest ones of their authors first, and from the others those
/// that follow a place among them, in a ring. And the place where that ends.
fn named(held: &BTreeMap<LogKey, (u64, Hash)>, place: usize, room: usize) -> (Vec<Prefix>, usize) {
    let prefix = |(log, (seq, hash)): (&LogKey, &(u64, Hash))| Prefix {
        log: *log,
        seq: *seq,
        head: hash.mark(),
    };
    if held.len() <= room {
        return (held.iter().map(prefix).collect(), 0);
    }
    let mut logs = held.iter().map(prefix).peekable();
    let (mut newest, mut older) = (Vec::new(), Vec::new());
    while let Some(held) = logs.next() {
        let author = held.log.author;
        let is_newest = logs.peek().is_none_or(|next| next.log.author != author);
        if is_newest { &mut newest } else { &mut older }.push(held);
    }
    let left = room.saturating_sub(newest.len());
    let start = place % older.len().max(1);
    let ring = older[start..].iter().chain(&older[..start]);
    newest.extend(ring.take(left).copied());
    newest.truncate(room);
    newest.sort_unstable_by_key(|held| held.log);
    (newest, start + left)
}

impl Office {
    /// Somebody speaks in a life: of a new one it is told what is held here, at once where that may be more
    /// than it has.
    pub(crate) fn life_heard(&mut self, turn: &Turn, from: PartyId, life: Incarnation) {
        let member = self.picture.roster().member(from);
        if !member.is_some_and(|it| it.role.is_author()) || !self.keeping.is_new_life(from, life) {
            return;
        }
        let known = self.picture.authors().get(&from);
        let has_lived = known.is_some_and(|known| !known.lineage.logs().is_empty());
        let log = LogKey {
            author: from,
            incarnation: life,
        };
        if has_lived && !self.keeping.durable.contains_key(&log) {
            self.keeping.answer(turn.now);
        } else {
            self.keeping.hurry(turn.now);
        }
    }

    /// Whether a digest counts, by its sender's boot and number: see [`picture::Words`].
    pub(crate) fn is_digest_to_hear(&mut self, from: PartyId, place: (u64, u64)) -> bool {
        let heed = self.keeping.words.heed(self.picture.roster(), from, place);
        if heed == Err(Unheeded::Role) {
            self.hearing.refuse("role");
        }
        heed.is_ok()
    }

    /// What a holder has: what it has more is asked for.
    pub(crate) fn digest_heard(&mut self, turn: &mut Turn, from: PartyId, digest: &Digest) {
        self.keeping.heard_from(from, turn.now);
        self.life_heard(turn, from, digest.incarnation);
        if let Some(plan) = digest.plan {
            self.plans.heard(from, plan);
        }
        // A round in which nothing is taken tells nothing of whoever gives. One's own log is always taken.
        let (takes, us) = (!self.keeping.is_full(), self.party());
        let holder = self.keeping.holders.of(from);
        holder.spoke = true;
        if digest.boots.contains(&self.boot_nonce) {
            holder.answered.get_or_insert(turn.now.link);
        }
        let mut next = 0;
        let (mut others, mut doubtful) = (Vec::new(), Vec::new());
        for Prefix { log, seq, head } in digest.logs.iter().take(DIGEST_LOGS) {
            // Hardly anything of a digest is news.
            if holder.repeats(&mut next, *log, (*seq, *head)) {
                continue;
            }
            let known = self.picture.log(*log);
            let ours = known.and_then(|known| known.hash_at(*seq));
            // How far this office's own log goes in this life it knows better than anybody.
            let pen = self.pen.as_ref().filter(|pen| pen.log() == *log);
            let invented = pen.is_some();
            let takes = takes || log.author == us;
            let known = if known.is_some_and(|known| known.owes_nothing(*seq)) {
                known
            } else {
                if !invented && takes && self.picture.claimed(from, *log, *seq) {
                    self.keeping.suspects.insert(*log);
                    holder_told(&mut self.keeping.wants, *log, turn.now);
                }
                self.picture.log(*log)
            };
            let Some(known) = known else {
                // A log that nobody here would ask for is not remembered either.
                continue;
            };
            doubtful.extend(known.doubtful().filter(|(it, _)| *it == from).map(|_| *log));
            let held = holder.held(&mut next, *log);
            // Its last word stands; of another branch it holds nothing that is here.
            held.seq = *seq;
            match ours {
                Some(ours) if ours.mark() == *head => held.agreed = Some((*seq, *head)),
                None if pen.is_none_or(|pen| *seq < pen.next()) => {}
                // Another entry is there; or a copy of this machine wrote on where this one has not come to.
                _ => {
                    held.seq = 0;
                    others.push((*log, *seq));
                }
            }
        }
        if digest.names_all() {
            for log in holder.has_only(&digest.logs) {
                self.picture.withdrawn(from, log);
            }
        }
        for log in doubtful {
            self.alarm_once(turn, ("claim", from), log, || {
                format!(
                    "{from} says again and again that it holds more of {log} than it gives to anybody; it \
                     is asked on, and nothing is taken to be missing for its word"
                )
            });
        }
        for (log, seq) in others {
            self.alarm_once(turn, ("R04", from), log, || {
                format!(
                    "{from} holds another entry {seq} of {log}; the author equivocates or a disk is wrong"
                )
            });
        }
    }

    /// Digests and wants that are due.
    pub(crate) fn keep_time(&mut self, turn: &mut Turn) {
        self.may_serve(turn);
        if !self.is_linked() {
            self.keeping.digest_at = None;
            return;
        }
        self.ask_for_gaps(turn);
        let link = turn.now.link;
        if self.keeping.digest_at.is_none_or(|at| at <= link) {
            self.digest(turn);
            let jitter = self.jitter();
            self.keeping.said(turn.now, jitter);
        }
    }

    /// Boots of offices that were heard of and have written nothing that is here: who boots learns from
    /// them that a digest was said since.
    fn boots_without_entries(&self) -> Vec<u64> {
        let lives = self.keeping.lives();
        let unwritten = lives.filter(|(author, incarnation)| {
            let (author, incarnation) = (*author, *incarnation);
            let log = LogKey {
                author,
                incarnation,
            };
            !self.keeping.durable.contains_key(&log)
        });
        let boots = unwritten.map(|(_, life)| life.nonce);
        boots.take(DIGEST_BOOTS).collect()
    }

    /// A fixed share of [`JITTER`], in whole milliseconds.
    fn jitter(&self) -> Span {
        Span::millis(self.boot_nonce % (JITTER.0 / 1_000))
    }

    fn digest(&mut self, turn: &mut Turn) {
        if self.is_observer() && self.keeping.durable.is_empty() {
            return;
        }
        let logs = self.keeping.next_named();
        let digest = Digest {
            incarnation: self.incarnation(),
            logs,
            drill: turn.now.drill,
            plan: self.plans.last(),
            boots: self.boots_without_entries(),
        };
        self.say(
            turn,
            Topic::Digest(self.party()),
            Direct::Digest(digest),
            Span::minutes(5),
        );
    }

    /// Who says that it lacks what was written here long ago was cut off and has no other way to learn
    /// of it before our next digest: that is as good as a want.
    pub(crate) fn tell_what_is_lacking(
        &mut self,
        turn: &mut Turn,
        (bus, from): (BusId, PartyId),
        digest: &Digest,
    ) {
        let Some(log) = self.pen.as_ref().map(Pen::log) else {
            return;
        };
        let settled = self.keeping.settled.look(turn.now.link);
        let theirs = digest.logs.iter().find(|held| held.log == log);
        if let Some(theirs) = theirs.filter(|theirs| theirs.seq < settled) {
            if settled - theirs.seq > self.config.stock.gap.min(WANT_ENTRIES) {
                // So much is its own to ask for: it may begin with a snapshot.
                self.keeping.hurry(turn.now);
                return;
            }
            let want = Want {
                log,
                from: theirs.seq + 1,
                to: settled,
                state: None,
            };
            self.want_heard(turn, bus, from, &want);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_full_digest_names_the_newest_life_of_every_author_and_the_others_in_turns() {
        let log = |author: u32, epoch| LogKey {
            author: format!("99{author:02}00").parse().unwrap(),
            incarnation: Incarnation { epoch, nonce: 1 },
        };
        let logs = (1..4).flat_map(|author| (1..6).map(move |epoch| log(author, epoch)));
        let held = logs.map(|log| (log, (7, Hash::default()))).collect();
        let (mut told, mut place) = (BTreeSet::new(), 0);
        for _ in 0..3 {
            let (said, next) = named(&held, place, 7);
            let said: Vec<LogKey> = said.iter().map(|it| it.log).collect();
            assert!(said.is_sorted() && said.len() == 7, "{said:?}");
            assert!((1..4).all(|author| said.contains(&log(author, 5))));
            told.extend(said);
            place = next;
        }
        assert_eq!(told.len(), held.len());
        assert_eq!(named(&held, 3, 15).0.len(), held.len());
    }

    #[test]
    fn what_was_said_three_seconds_ago_is_settled_and_what_came_since_is_not() {
        let mut settled = Settled::default();
        let at = |millis| Moment(0) + Span::millis(millis);
        for (millis, seq) in [(0, 1), (400, 2), (600, 3), (2_900, 4)] {
            settled.note(seq, at(millis));
        }
        assert_eq!(settled.look(at(2_999)), 0);
        // The second came within a step of the first, and counts with it.
        assert_eq!(settled.look(at(3_000)), 2);
        assert_eq!(settled.look(at(3_600)), 3);
        assert_eq!(settled.look(at(60_000)), 4);
    }
}
