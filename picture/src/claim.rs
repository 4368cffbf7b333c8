//! What others say that they hold of a log, each by its last word, and how far they are believed.
//!
//! A holder signs what it says of itself, and nobody can sign what another holds. So a claim is a reason
//! to ask and no proof. Who repeats a claim for minutes and never makes it good is asked on, for the line
//! may carry one way only; but what it claims is no gap of the author any more, it is a doubtful claim
//! of its own.

use std::collections::BTreeSet;

use protocol::{Digest, Incarnation, LogKey, PartyId, Prefix, Role};

use crate::lineage::{Lineage, RUMOURS};
use crate::log::LogStatus;
use crate::picture::Picture;

/// How often a claim is repeated without being made good before it is doubted. Holders speak once a
/// minute and are asked as often, so this is ten minutes and ten questions.
const DOUBTED_AFTER: u32 = 10;

/// The share of the way to what was claimed that must be covered in so many rounds: what comes at this
/// pace is coming, and a log that grows by itself does not vouch for a number out of the air.
const PACE: u64 = 16;

/// Logs of one author of which nothing is here and one holder's word is taken. Who invents lives takes no
/// room from what others tell.
const TOLD_BY_ONE: usize = 8;

/// One holder's last word on a log of which not all that it claims is here.
#[derive(Debug, Clone)]
pub(crate) struct Claim {
    pub(crate) seq: u64,
    /// What it claimed when the rounds began, and how far the log was here then.
    goal: u64,
    from: u64,
    rounds: u32,
}

impl Claim {
    fn new(seq: u64, prefix: u64) -> Self {
        Self {
            seq,
            goal: seq,
            from: prefix,
            rounds: 0,
        }
    }

    /// It is claimed once more.
    fn repeat(&mut self, seq: u64, prefix: u64) {
        let (come, way) = (prefix - self.from, self.goal.saturating_sub(self.from));
        if prefix >= self.goal || come >= way.div_ceil(PACE) {
            *self = Self::new(seq, prefix);
        } else {
            self.seq = seq;
            self.rounds = self.rounds.saturating_add(1);
        }
    }

    pub(crate) fn is_doubtful(&self) -> bool {
        self.rounds >= DOUBTED_AFTER
    }
}

impl LogStatus {
    /// Whether all up to an entry is here and nobody claims more: to claim as much says nothing new.
    pub fn owes_nothing(&self, seq: u64) -> bool {
        seq <= self.prefix && self.claims.is_empty()
    }

    /// Who claims more of the log than it makes good, and up to which entry.
    pub fn doubtful(&self) -> impl Iterator<Item = (PartyId, u64)> {
        let claims = self.claims.iter().filter(|(_, claim)| claim.is_doubtful());
        claims.map(|(holder, claim)| (*holder, claim.seq))
    }
}

impl Lineage {
    /// A log as far as anything is to be noted of it that nobody here can check.
    fn noted(&mut self, incarnation: Incarnation) -> Option<&mut LogStatus> {
        if self.base.is_some_and(|(life, _)| incarnation < life) {
            return None;
        }
        if !self.logs.contains_key(&incarnation) {
            let rumours = self.logs.values().filter(|log| log.is_rumour()).count();
            if rumours >= RUMOURS {
                return None;
            }
        }
        Some(self.logs.entry(incarnation).or_default())
    }

    /// Notes that a log goes up to an entry at least; whether some of it is missing here.
    pub(crate) fn heard_of(&mut self, incarnation: Incarnation, seq: u64) -> bool {
        self.noted(incarnation).is_some_and(|log| {
            log.known_head = log.known_head.max(seq);
            log.known_head > log.prefix
        })
    }

    /// Notes that a log goes up to an entry, for the seal of the life after it says so: it has room
    /// whatever else is told.
    pub(crate) fn sealed_at(&mut self, incarnation: Incarnation, seq: u64) {
        if self.base.is_none_or(|(life, _)| incarnation >= life) {
            let log = self.logs.entry(incarnation).or_default();
            log.known_head = log.known_head.max(seq);
        }
    }

    fn claimed(&mut self, holder: PartyId, (incarnation, seq): (Incarnation, u64)) -> bool {
        let told_by_it = |log: &&LogStatus| log.is_rumour() && log.claims.contains_key(&holder);
        if !self.logs.contains_key(&incarnation)
            && self.logs.values().filter(told_by_it).count() >= TOLD_BY_ONE
        {
            return false;
        }
        let Some(log) = self.noted(incarnation) else {
            return false;
        };
        let prefix = log.prefix;
        if seq <= prefix {
            log.claims.remove(&holder);
            return false;
        }
        let claim = log.claims.entry(holder);
        claim
            .and_modify(|claim| claim.repeat(seq, prefix))
            .or_insert_with(|| Claim::new(seq, prefix));
        true
    }

    /// A holder's word on a log is no more, and with it the log if nothing else is known of it.
    fn withdrawn(&mut self, holder: PartyId, incarnation: Incarnation) {
        if let Some(log) = self.logs.get_mut(&incarnation)
            && log.claims.remove(&holder).is_some()
            && log.claims.is_empty()
            && log.is_rumour()
            && log.known_head == 0
        {
            self.logs.remove(&incarnation);
        }
    }

    /// The same author with nothing but what is told of its logs.
    pub(crate) fn as_told(&self) -> Self {
        let mut told = Self::default();
        for (life, log) in &self.logs {
            if let Some(anew) = told.noted(*life) {
                anew.known_head = log.known_head;
                anew.claims.clone_from(&log.claims);
            }
        }
        told
    }
}

impl Picture {
    /// Notes that a log goes up to an entry at least; whether some of it is missing here.
    pub fn heard_of(&mut self, log: LogKey, seq: u64) -> bool {
        let lineage = self.lineage_told_of(log.author);
        lineage.is_some_and(|lineage| lineage.heard_of(log.incarnation, seq))
    }

    /// Takes a holder's word on how far it has a log, in the place of its word before; whether some of
    /// that is missing here.
    pub fn claimed(&mut self, holder: PartyId, log: LogKey, seq: u64) -> bool {
        let lineage = self.lineage_told_of(log.author);
        lineage.is_some_and(|lineage| lineage.claimed(holder, (log.incarnation, seq)))
    }

    /// Takes a holder's digest, which counts, in the place of its words before.
    pub fn told(&mut self, holder: PartyId, digest: &Digest) {
        if digest.names_all() {
            self.withdrawn_but(holder, &digest.logs);
        }
        for held in &digest.logs {
            self.claimed(holder, held.log, held.seq);
        }
    }

    /// A holder has nothing of a log any more, or never had.
    pub fn withdrawn(&mut self, holder: PartyId, log: LogKey) {
        if let Some(known) = self.authors.get_mut(&log.author) {
            known.lineage.withdrawn(holder, log.incarnation);
        }
    }

    /// A holder has nothing but these logs.
    pub fn withdrawn_but(&mut self, holder: PartyId, named: &[Prefix]) {
        let named: BTreeSet<LogKey> = named.iter().map(|held| held.log).collect();
        for (author, known) in &mut self.authors {
            let logs = known.lineage.logs.iter();
            let claimed = logs.filter(|(_, log)| log.claims.contains_key(&holder));
            let lives: Vec<Incarnation> = claimed.map(|(life, _)| *life).collect();
            for incarnation in lives {
                let author = *author;
                let log = LogKey {
                    author,
                    incarnation,
                };
                if !named.contains(&log) {
                    known.lineage.withdrawn(holder, incarnation);
                }
            }
        }
    }

    /// The logs of somebody who may keep some.
    fn lineage_told_of(&mut self, author: PartyId) -> Option<&mut Lineage> {
        // Whoever is let in is an author.
        let known = self.authors.get(&author);
        let let_in = known.is_some_and(|known| known.let_in.is_some());
        let role = || self.roster().member(author).map(|member| member.role);
        let is_region = author == self.network().region;
        let is_author = let_in || is_region || role().is_some_and(Role::is_author);
        is_author.then(|| &mut self.known(author).lineage)
    }
}
