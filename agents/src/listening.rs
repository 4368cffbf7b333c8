//! How long a booting office listens before it serves, and when it must not serve at all.
//!
//! A life that follows none makes void all that its office ever said. So an office with nothing of its
//! own on the disk begins one only where its disk was made for an office that is new, or where another
//! office is heard and knows of none of its lives either. Else it waits, for others or for its operators.
//!
//! So does one that has some of its log back and not all that others say they hold: a new life seals the
//! one before where it is known here, and what lies beyond is void for everybody.

use protocol::{LogKey, Moment, Span};

use crate::answer::NOT_SERVING;
use crate::boot::Phase;
use crate::door::Origin;
use crate::office::{Office, Turn};

/// How long a booting office listens on a bus before it serves, link time: long enough for retained
/// digests to come and for a live twin to answer twice at the worst latency of a satellite link.
const LISTEN: Span = Span::seconds(2);

/// How long it waits for any bus before it serves alone, link time (replication.md, Boot).
const ALONE: Span = Span::seconds(30);

/// How long an office that does not know whether it is new listens after another has said what it holds,
/// link time: until everybody on that bus has said it, once a minute.
const ROUND: Span = Span::seconds(70);

/// How long it waits for missing entries of its own log when none comes any more, link time.
const RECOVER: Span = Span::seconds(20);

/// How long it waits at most for what is missing of its own log while something still comes, link time;
/// and after how long its operators are told that nothing of it has come.
const RECOVER_ANY: Span = Span::minutes(10);

impl Office {
    /// Ends listening when enough was heard.
    pub(crate) fn may_serve(&mut self, turn: &mut Turn) {
        let Phase::Listening {
            since,
            linked,
            origin,
            ..
        } = self.phase
        else {
            return;
        };
        let link = turn.now.link;
        if !self.knows_its_past(origin, link) {
            self.wait_for_its_past(turn);
            return;
        }
        let ready = match linked {
            None => link.since(since) >= ALONE,
            Some(at) => {
                let own = self.picture.authors().get(&self.party());
                let whole = own.is_none_or(|own| {
                    let mut logs = own.lineage.logs().values();
                    logs.all(|log| log.wanted().next().is_none())
                });
                let waited = link.since(at);
                // As long as something of it comes, more may: what lies beyond a seal counts nothing.
                let still = link.since(self.keeping.own_came.max(at)) >= RECOVER;
                let over = (still && waited >= LISTEN + RECOVER) || waited >= LISTEN + RECOVER_ANY;
                let lost = over && !self.lacks_what_others_hold();
                if !whole && !lost && waited >= LISTEN + RECOVER_ANY {
                    self.tell_that_it_waits(turn);
                }
                waited >= LISTEN && (whole || lost)
            }
        };
        if ready {
            self.serve(turn);
        }
    }

    /// Whether others say that they hold what is missing here of its own logs.
    pub(crate) fn lacks_what_others_hold(&self) -> bool {
        let author = self.party();
        let own = self.picture.authors().get(&author);
        let mut logs = own.into_iter().flat_map(|own| own.lineage.logs());
        logs.any(|(incarnation, known)| {
            let log = LogKey {
                author,
                incarnation: *incarnation,
            };
            known.wanted().any(|(from, _)| {
                let mut holders = self.keeping.holders.holding(log, from);
                holders.any(|holder| holder != author)
            })
        })
    }

    /// Whether it has something of its own to go on from, or good reason to believe that there is nothing.
    pub(crate) fn knows_its_past(&self, origin: Origin, link: Moment) -> bool {
        let own = self.picture.authors().get(&self.party());
        if own.is_some_and(|own| own.lineage.in_force().is_some()) {
            return true;
        }
        // What others tell of is to be had of them, or its operators say that it is not.
        let told = own.is_some_and(|own| !own.lineage.logs().is_empty());
        let asked_all = || self.asked_all_by().is_some_and(|at| at <= link);
        !told && (origin == Origin::Founded || asked_all())
    }

    /// When everybody on a bus will have said what it holds, since another office has; link time.
    fn asked_all_by(&self) -> Option<Moment> {
        let roster = self.picture.roster();
        let is_office = |party| roster.member(party).is_some_and(|it| it.role.is_author());
        let listed = self.keeping.holders.listed();
        let offices = listed.filter(|(party, _)| *party != self.party() && is_office(*party));
        offices.map(|(_, at)| at + ROUND).min()
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
                told: true, origin, ..
            } if self.awaits_its_past(origin, link) => self.past_unknown(),
            Phase::ReadOnly { other } => self.stands_back(other),
            _ => NOT_SERVING.to_owned(),
        }
    }

    /// Whether it waits for what it wrote, all of it or a part; its operators may know better.
    pub(crate) fn awaits_its_past(&self, origin: Origin, link: Moment) -> bool {
        !self.knows_its_past(origin, link) || self.lacks_what_others_hold()
    }

    /// That it waits for what it wrote, and what to do.
    fn past_unknown(&self) -> String {
        let own = self.picture.authors().get(&self.party());
        let lives = own.map(|own| &own.lineage);
        let lives = lives.and_then(|lives| Some((lives.in_force(), lives.greatest()?)));
        let what = match lives {
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
            since,
            linked,
            told,
            origin,
        } = self.phase
        else {
            return None;
        };
        if told && !self.knows_its_past(origin, now) {
            // What it hears wakes it, or that it has heard all.
            return self.asked_all_by().filter(|at| *at > now);
        }
        let until = linked.map_or(since + ALONE, |at| at + LISTEN);
        Some(until.max(now + Span::millis(500)))
    }
}
