//! How long a booting office listens before it serves, and when it must not serve at all.
//!
//! A life that follows none makes void all that its office ever said. So an office with nothing of its
//! own on the disk begins one only where its disk was made for an office that is new, or where another
//! office is heard and knows of none of its lives either. Else it waits, for others or for its operators.
//! A disk that was made for a new office may be an image of that day: it is asked about like any other.
//!
//! So does one that has some of its log back and not all that others say they hold: a new life seals the
//! one before where it is known here, and what lies beyond is void for everybody. A disk cannot tell
//! whether it is an old image. So an office that has written before listens from when another has said
//! what it holds, having heard of this boot; a bus alone, which may be its own, says nothing of that, and
//! what it has kept of others may be a minute old or a year.

use std::collections::BTreeMap;

use protocol::{LogKey, Moment, PartyId, Span};

use crate::answer::NOT_SERVING;
use crate::boot::Phase;
use crate::door::Origin;
use crate::office::{Office, Turn};

/// How long a booting office listens before it serves, link time: long enough for retained digests to
/// come and for a live twin to answer twice at the worst latency of a satellite link.
const LISTEN: Span = Span::seconds(2);

/// How long after the first answer it waits for those of others that are heard, link time: a line may be
/// slower by so much, and a bus may have kept the words of somebody who is away.
const SLOWER: Span = Span::seconds(6);

/// How long it waits for anybody before it serves alone, link time (replication.md, Boot).
const ALONE: Span = Span::seconds(30);

/// Within what time everybody on a bus has said what it holds, link time: once a minute.
const ROUND: Span = Span::seconds(70);

/// What the disk tells of an office's past when it boots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    /// It has none: the disk was made for an office that is new.
    None,
    /// The disk holds what it wrote, or an older image of that.
    Kept,
    /// Nothing that it wrote is there, and nobody said that there is nothing.
    Unknown,
}

/// How long it waits for missing entries of its own log when none comes any more, link time.
const RECOVER: Span = Span::seconds(20);

/// How long it waits at most for what is missing of its own log while something still comes, link time;
/// and after how long its operators are told that nothing of it has come.
const RECOVER_ANY: Span = Span::minutes(10);

impl Office {
    /// What its disk tells of its past.
    pub(crate) fn past(&self, origin: Origin) -> Past {
        match origin {
            _ if self.has_a_life_in_force() => Past::Kept,
            Origin::Founded => Past::None,
            Origin::Unknown => Past::Unknown,
        }
    }

    /// Ends listening when enough was heard.
    pub(crate) fn may_serve(&mut self, turn: &mut Turn) {
        let Phase::Listening {
            since, past, told, ..
        } = self.phase
        else {
            return;
        };
        // What follows from its log must be known before it goes on with it, and all that comes of it taken.
        if self.reads_own_again() || self.keeping.is_full() {
            return;
        }
        let link = turn.now.link;
        if !self.knows_its_past(past, link) {
            self.wait_for_its_past(turn);
            return;
        }
        let from = self.listens_from();
        let ready = match from {
            Some(from) if from > link => false,
            Some(from) => self.has_listened(turn, from),
            // Of a lost disk some came by hand, and nobody is there who could have more.
            None => {
                if link.since(since) >= ALONE {
                    self.tell_that_it_waits(turn);
                }
                false
            }
        };
        if !ready {
            return;
        }
        if self.is_unasked(past) && !told {
            turn.alarm(
                "alone",
                "no other office has said what it holds; this one serves with what is on its disk. If \
                 that is an older image, what was written after it counts no more",
            );
        }
        self.serve(turn);
    }

    /// Whether it has heard enough, having listened from then on.
    fn has_listened(&mut self, turn: &mut Turn, from: Moment) -> bool {
        let waited = turn.now.link.since(from);
        let whole = self.missing_of_its_own().next().is_none();
        // As long as something of it comes, more may: what lies beyond a seal counts nothing.
        let still = turn.now.link.since(self.keeping.own_came.max(from)) >= RECOVER;
        let over = (still && waited >= LISTEN + RECOVER) || waited >= LISTEN + RECOVER_ANY;
        let lost = over && !self.lacks_what_others_hold();
        if !whole && !lost && waited >= LISTEN + RECOVER_ANY {
            self.tell_that_it_waits(turn);
        }
        waited >= LISTEN && (whole || lost)
    }

    /// Whether it serves though nobody was heard that could know of more than its disk does.
    fn is_unasked(&self, past: Past) -> bool {
        past != Past::Unknown && self.first_answer().is_none() && self.has_peers()
    }

    /// Whether the roster has another office, which could hold something of this one's.
    fn has_peers(&self) -> bool {
        let mut offices = self.picture.roster().authors();
        offices.any(|office| office.party != self.party())
    }

    /// Whether this is its first life, as far as anybody knows: its disk was made for it, and another office
    /// that heard of its start knows of none, or there is no other.
    pub(crate) fn is_new(&self) -> bool {
        let is_founded = matches!(
            self.phase,
            Phase::Listening {
                past: Past::None,
                ..
            }
        );
        is_founded && !self.has_lived() && !self.is_unasked(Past::None)
    }

    /// From when what it hears counts as listening, link time; `None` as long as nobody was heard that
    /// could tell of a past that is lost. Who is new need not go on listening once the others have answered
    /// that they know of no life of it.
    fn listens_from(&self) -> Option<Moment> {
        let Phase::Listening {
            since,
            linked,
            past,
            ..
        } = self.phase
        else {
            return None;
        };
        if self.is_lost(past) {
            return Some(linked?.max(self.asked_all_by()?));
        }
        let heard = linked.and_then(|linked| {
            Some(match past {
                Past::None if !self.has_peers() => linked,
                Past::None => linked.max(Moment(self.answered_by()?.0.saturating_sub(LISTEN.0))),
                _ => linked.max(self.answered_by()?),
            })
        });
        Some(heard.unwrap_or_else(|| since + self.waits_for_others()))
    }

    /// A bus is up. One that comes while others are waited for anyway is listened to as long as the first.
    pub(crate) fn listen_to_bus(&mut self, link: Moment) {
        if let Phase::Listening { since, linked, .. } = &mut self.phase
            && (linked.is_none() || link.since(*since) < ALONE)
        {
            *linked = Some(link);
        }
    }

    /// Whether its own log is being read again, because another life of it came into force.
    pub(crate) fn reads_own_again(&self) -> bool {
        let own = self.picture.authors().get(&self.party());
        self.keeping.is_rereading(self.party()) || own.is_some_and(|own| !own.is_current())
    }

    /// How long it waits for somebody to answer: longer where somebody is there, who says what he holds.
    fn waits_for_others(&self) -> Span {
        if self.is_anybody_heard() {
            ROUND
        } else {
            ALONE
        }
    }

    /// Whether others may hold more of its log than one of them sends first: its disk did not have it.
    fn is_lost(&self, past: Past) -> bool {
        past == Past::Unknown || (past == Past::None && self.has_lived())
    }

    /// Whether it has something that it wrote, and what it follows.
    fn has_a_life_in_force(&self) -> bool {
        let own = self.picture.authors().get(&self.party());
        own.is_some_and(|own| own.lineage.in_force().is_some())
    }

    /// Whether a life of it is here or others tell of one.
    fn has_lived(&self) -> bool {
        let own = self.picture.authors().get(&self.party());
        own.is_some_and(|own| !own.lineage.logs().is_empty())
    }

    /// Whether others say that they hold what is missing here of its own logs.
    pub(crate) fn lacks_what_others_hold(&self) -> bool {
        self.missing_of_its_own().any(|(log, from)| {
            let mut holders = self.keeping.holders.holding(log, from);
            holders.any(|holder| holder != log.author)
        })
    }

    /// The first entry of each range of its own logs that is missing here. What lies beyond a seal counts
    /// nothing, whoever claims to hold it.
    fn missing_of_its_own(&self) -> impl Iterator<Item = (LogKey, u64)> {
        let author = self.party();
        let lives = self.picture.authors().get(&author).map(|own| &own.lineage);
        lives.into_iter().flat_map(move |lives| {
            let logs = lives.logs().iter();
            let gaps = logs.flat_map(|(life, log)| log.wanted().map(|(from, _)| (*life, from)));
            let counting = gaps.filter(|(life, from)| !lives.is_orphan(*life, *from));
            counting.map(move |(incarnation, from)| {
                let log = LogKey {
                    author,
                    incarnation,
                };
                (log, from)
            })
        })
    }

    /// Whether it has something of its own to go on from, or good reason to believe that there is nothing.
    pub(crate) fn knows_its_past(&self, past: Past, link: Moment) -> bool {
        if self.has_a_life_in_force() {
            return true;
        }
        // What others tell of is to be had of them, or its operators say that it is not.
        let asked_all = || self.asked_all_by().is_some_and(|at| at <= link);
        !self.has_lived() && (past == Past::None || asked_all())
    }

    /// When everybody on a bus will have said what it holds, since another office has; link time.
    fn asked_all_by(&self) -> Option<Moment> {
        self.first_answer().map(|at| at + ROUND)
    }

    /// When another office first said what it holds, having heard of this boot; link time.
    fn first_answer(&self) -> Option<Moment> {
        let answered = self.keeping.holders.answered();
        let others = answered.filter(|(party, _)| self.is_another_office(*party));
        others.map(|(_, at)| at).min()
    }

    /// When all other offices that are heard have answered, those that answer at all; link time.
    fn answered_by(&self) -> Option<Moment> {
        let last = self.first_answer()? + SLOWER;
        let others = self.keeping.heard().keys();
        let mut others = others.filter(|party| self.is_another_office(**party));
        let answers: BTreeMap<PartyId, Moment> = self.keeping.holders.answered().collect();
        let by = others.try_fold(Moment::default(), |by, party| {
            Some(by.max(*answers.get(party)?))
        });
        Some(by.unwrap_or(last).min(last))
    }

    fn is_anybody_heard(&self) -> bool {
        let mut heard = self.keeping.heard().keys();
        heard.any(|party| self.is_another_office(*party))
    }

    fn is_another_office(&self, party: PartyId) -> bool {
        let member = self.picture.roster().member(party);
        party != self.party() && member.is_some_and(|it| it.role.is_author())
    }

    /// Listening counts from when there was something to go on from; its operators are told, once, that
    /// it waits and what they can do.
    fn wait_for_its_past(&mut self, turn: &mut Turn) {
        let link = turn.now.link;
        let own = self.picture.authors().get(&self.party());
        let is_told_of = own.is_some_and(|own| own.lineage.greatest().is_some());
        let after = if is_told_of { RECOVER_ANY } else { ALONE };
        let Phase::Listening { since, linked, .. } = &mut self.phase else {
            return;
        };
        *linked = linked.map(|_| link);
        if link.since(*since) >= after {
            self.tell_that_it_waits(turn);
        }
    }

    fn tell_that_it_waits(&mut self, turn: &mut Turn) {
        if let Phase::Listening { told, .. } = &mut self.phase
            && !std::mem::replace(told, true)
        {
            turn.alarm("past-unknown", &self.past_unknown());
        }
    }

    /// Why it does nothing that it is asked, and what helps.
    pub(crate) fn not_serving(&self, link: Moment) -> String {
        match self.phase {
            Phase::Listening {
                told: true, past, ..
            } if self.awaits_its_past(past, link) => self.past_unknown(),
            Phase::ReadOnly { other } => self.stands_back(other),
            _ => NOT_SERVING.to_owned(),
        }
    }

    /// Whether it waits for what it wrote, all of it or a part; its operators may know better.
    pub(crate) fn awaits_its_past(&self, past: Past, link: Moment) -> bool {
        !self.knows_its_past(past, link)
            || self.lacks_what_others_hold()
            || (self.is_lost(past) && self.first_answer().is_none())
    }

    /// That it waits for what it wrote, and what to do.
    fn past_unknown(&self) -> String {
        let own = self.picture.authors().get(&self.party());
        let lives = own.map(|own| &own.lineage);
        let lives = lives.and_then(|lives| Some((lives.in_force(), lives.greatest()?)));
        let what = match lives {
            Some((Some(life), _)) if !self.lacks_what_others_hold() => format!(
                "nothing that this office wrote was on its disk, some of it up to incarnation {life} has \
                 come since, and no other office is heard that could have more"
            ),
            Some((Some(_), life)) => format!(
                "others hold entries up to its incarnation {life} that are missing here, and they do not \
                 come"
            ),
            Some((None, life)) => format!(
                "nothing that this office wrote is on its disk, and others hold its log of incarnation \
                 {life}, of which nothing has come"
            ),
            None => "nothing that this office wrote is on its disk, and no other office is heard"
                .to_owned(),
        };
        let machine = self.boot_nonce;
        format!(
            "{what}; it writes nothing until it has its log back or another office knows of none. If \
             there is none, or it is lost for good, say: liandong command take-over --machine {machine:016x}"
        )
    }

    /// When listening may end or its operators are to be told that it goes on, link time.
    pub(crate) fn listening_until(&self, now: Moment) -> Option<Moment> {
        let Phase::Listening {
            since, told, past, ..
        } = self.phase
        else {
            return None;
        };
        if told && !self.knows_its_past(past, now) {
            // What it hears wakes it, or that it has heard all.
            return self.asked_all_by().filter(|at| *at > now);
        }
        let until = match self.listens_from() {
            Some(from) => from + LISTEN,
            None if told => return None,
            None => since + ALONE,
        };
        Some(until.max(now + Span::millis(500)))
    }
}
