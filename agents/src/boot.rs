//! Coming to life: read the journal, listen, begin a new log, serve.
//!
//! A booting office that hears another live incarnation of itself goes read-only and alarms.

use protocol::{
    Body, Direct, Frame, Incarnation, LogKey, Moment, PartyId, Predecessor, Presence, Seal, Span,
    Topic,
};

use crate::answer::{NOT_SERVING, Recorded, Undone, remark};
use crate::digest::Settled;
use crate::door::{LinkChange, Seed, Stored, Ticket};
use crate::listening::Past;
use crate::office::{Office, Turn};
use crate::operator::recorded;
use crate::pen::Pen;

/// Where an office is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Not booted.
    Asleep,
    /// Has read its journal and listens for what it does not know.
    Listening {
        /// When it booted, link time.
        since: Moment,
        /// When a bus came to be listened to, link time; `None` while there is none.
        linked: Option<Moment>,
        /// What its disk told of its past.
        past: Past,
        /// Whether its operators know that it waits for others or for them.
        told: bool,
    },
    /// Keeps logs and decides.
    Serving,
    /// Keeps logs and writes nothing: an observer.
    Watching,
    /// Another machine lives under its name: keeps logs and writes nothing, until told otherwise.
    ReadOnly {
        /// The other one's incarnation.
        other: Incarnation,
    },
}

impl Office {
    pub(crate) fn boot(&mut self, turn: &mut Turn, stored: &Stored, seed: Seed) {
        self.boot_nonce = seed.nonce();
        let network = &self.config.network;
        self.speaker = protocol::Speaker::new(
            network.id,
            network.mode,
            self.config.signer.clone(),
            self.boot_nonce,
        );
        for envelope in &stored.envelopes {
            self.hear_hybrid(turn, envelope);
        }
        for author in self.recall_stored(stored) {
            self.read_again(author, stored);
        }
        self.recall_extents(turn, stored);
        self.rebuild();
        self.agenda.plan = true;
        self.agenda.roads = true;
        self.phase = if self.is_observer() {
            Phase::Watching
        } else {
            Phase::Listening {
                since: turn.now.link,
                linked: None,
                past: self.past(stored.origin),
                told: false,
            }
        };
        self.keeping.begin(turn.now);
    }

    pub(crate) fn link(&mut self, turn: &mut Turn, bus: protocol::BusId, change: LinkChange) {
        self.buses.insert(bus, change);
        if change == LinkChange::Down {
            if !self.is_linked() {
                self.keeping.holders.forget_answers();
                if let Phase::Listening { linked, .. } = &mut self.phase {
                    *linked = None;
                }
            }
            return;
        }
        self.listen_to_bus(turn.now.link);
        self.keeping.hurry(turn.now);
        self.agenda.views = true;
        self.present(turn, None);
    }

    /// Says that this office is there; an answer proves to a twin that it lives.
    pub(crate) fn present(&mut self, turn: &mut Turn, answers: Option<u64>) {
        if self.is_observer() {
            return;
        }
        let presence = Presence {
            incarnation: self.incarnation(),
            online: true,
            answers,
        };
        self.say(
            turn,
            Topic::Presence(self.party()),
            Direct::Presence(presence),
            Span::minutes(5),
        );
    }

    /// The incarnation that it has or would take.
    pub fn incarnation(&self) -> Incarnation {
        if let Some(pen) = &self.pen {
            return pen.log().incarnation;
        }
        let known = self.picture.authors().get(&self.party());
        let greatest = known.and_then(|author| author.lineage.greatest());
        let greatest = greatest.max(match self.phase {
            Phase::ReadOnly { other } => Some(other),
            _ => None,
        });
        let obeyed = self.agenda.seen.values().map(|seen| seen.incarnation);
        let greatest = greatest.max(obeyed.max());
        let epoch = greatest.map_or(1, |incarnation| incarnation.epoch.saturating_add(1));
        Incarnation {
            epoch,
            nonce: self.boot_nonce,
        }
    }

    /// The message that a broker publishes for this office when its connection is lost.
    pub fn will(&mut self) -> Frame {
        let presence = Presence {
            incarnation: self.incarnation(),
            online: false,
            answers: None,
        };
        let (net, topic) = (self.config.network.id, Topic::Presence(self.party()));
        let times = (protocol::Wall::default(), Span::hours(24));
        Frame::direct(
            &mut self.speaker,
            net,
            topic,
            Direct::Presence(presence),
            times,
        )
    }

    /// An entry of a log of one's own name, signed with one's own key: a predecessor's, one's own, or
    /// a twin's, be it of a later life or of this one, which a machine goes on with that was copied while it
    /// ran. What others merely say of such a log proves nothing.
    pub(crate) fn meet_own(&mut self, turn: &mut Turn, log: LogKey, seq: u64) {
        if log.author != self.party() || self.phase != Phase::Serving {
            return;
        }
        let Some(pen) = &self.pen else {
            return;
        };
        let ours = pen.log().incarnation;
        if log.incarnation > ours || (log.incarnation == ours && seq >= pen.next()) {
            self.yield_to(turn, log.incarnation);
        }
    }

    /// Another entry has the number of one of this life: a copy of this machine wrote it.
    pub(crate) fn meet_copy(&mut self, turn: &mut Turn, log: LogKey) {
        if self.pen.as_ref().is_some_and(|pen| pen.log() == log) {
            self.yield_to(turn, log.incarnation);
        }
    }

    /// Somebody says, and not somebody else again, that an office is there.
    pub(crate) fn presence_heard(&mut self, turn: &Turn, from: PartyId, presence: &Presence) {
        let holds_logs = |party| {
            let member = self.picture.roster().member(party);
            member.is_some_and(|it| it.role.holds_logs())
        };
        if presence.online && from != self.party() && holds_logs(from) {
            self.keeping.heard_from(from, turn.now);
            self.life_heard(turn, from, presence.incarnation);
            self.keeping.holders.of(from).spoke = true;
        }
    }

    /// A presence of one's own name.
    pub(crate) fn meet_twin(&mut self, turn: &mut Turn, boot: u64, presence: &Presence) {
        if boot == self.boot_nonce || !presence.online {
            return;
        }
        match self.phase {
            Phase::Listening { .. } if presence.answers == Some(self.boot_nonce) => {
                self.yield_to(turn, presence.incarnation);
            }
            Phase::Serving
                if presence.incarnation > self.incarnation() && presence.answers.is_some() =>
            {
                self.yield_to(turn, presence.incarnation);
            }
            // A broker kept the word of a life that this one has sealed. If its machine lives after
            // all, the answer stops it.
            Phase::Serving if presence.answers.is_none() && self.is_predecessor(presence) => {
                self.present(turn, Some(boot));
            }
            Phase::Serving if presence.answers.is_none() => {
                turn.alarm(
                    "twin",
                    "another machine boots under this office's name; find it and stop it",
                );
                self.present(turn, Some(boot));
            }
            _ => {}
        }
    }

    /// A broker may publish the will of a connection that was left long ago: own absence is
    /// contradicted.
    pub(crate) fn deny_absence(&mut self, turn: &mut Turn) {
        if self.phase == Phase::Serving {
            self.present(turn, None);
        }
    }

    fn is_predecessor(&self, presence: &Presence) -> bool {
        let own = self.picture.authors().get(&self.party());
        own.and_then(|own| own.lineage.logs().get(&presence.incarnation))
            .is_some_and(|log| log.prefix > 0)
    }

    fn yield_to(&mut self, turn: &mut Turn, other: Incarnation) {
        self.pen = None;
        self.phase = Phase::ReadOnly { other };
        // What waited for the disk, orders and promises, is not this machine's to say any more.
        self.agenda.after.clear();
        let text = self.stands_back(other);
        turn.alarm("twin", &text);
    }

    /// That another machine serves, and what to do.
    pub(crate) fn stands_back(&self, other: Incarnation) -> String {
        let machine = self.boot_nonce;
        if other.nonce == machine {
            // Both answer to one number: which of them is told to go on nobody could say.
            return format!(
                "a copy of this machine, made while it ran, goes on with its incarnation {other}; this one \
                 is read-only, and so is the copy once it hears of it. Stop one, start the other anew, and \
                 look at what both have done since"
            );
        }
        format!(
            "another machine serves under this office's name in incarnation {other}; this one is read-only. \
             If this one is to serve, stop the other and say: liandong command take-over --machine \
             {machine:016x}"
        )
    }

    /// An operator has decided that this machine serves, not the other under its name: it begins a life
    /// above every life that it knows of, and the other yields as soon as it hears of that.
    pub(crate) fn take_over(&mut self, turn: &mut Turn) -> Result<Recorded, Undone> {
        match self.phase {
            // What was written in its name is being read again; what follows from it must be known first.
            Phase::ReadOnly { .. } | Phase::Listening { .. } if self.reads_own_again() => {
                return Err(NOT_SERVING.into());
            }
            Phase::ReadOnly { other } if other.nonce == self.boot_nonce => {
                return Err(self.stands_back(other).into());
            }
            Phase::ReadOnly { .. } => {}
            // Its crews have obeyed another machine: its fences must rise above that one's.
            Phase::Serving if self.is_outdone() => self.pen = None,
            // Its operators know better than its disk whether there was anything on it.
            Phase::Listening { past, .. } if self.awaits_its_past(past, turn.now.link) => {}
            Phase::Serving => {
                let life = self.incarnation();
                return Err(Undone::Already(remark(
                    format!("本机已在值守（{life}）"),
                    format!("this machine serves already, in incarnation {life}"),
                )));
            }
            Phase::Asleep | Phase::Listening { .. } | Phase::Watching => {
                return Err(NOT_SERVING.into());
            }
        }
        // While it stood back others wrote in this office's name: what is open is found anew.
        self.rebuild();
        let written = self.serve(turn).ok_or(NOT_SERVING)?;
        let life = self.incarnation();
        turn.alarm(
            "take-over",
            &format!(
                "by an operator's command this machine serves from now on, in incarnation {life}"
            ),
        );
        Ok(recorded(written, &life))
    }

    /// Begins a new log, sealing the one before, and writes what the inventory holds beyond it.
    pub(crate) fn serve(&mut self, turn: &mut Turn) -> Option<(Ticket, u64)> {
        let party = self.party();
        let is_new = self.is_new();
        let incarnation = self.incarnation();
        let predecessor = self.picture.authors().get(&party).and_then(|own| {
            let before = own.lineage.in_force()?;
            let log = &own.lineage.logs()[&before];
            let key = LogKey {
                author: party,
                incarnation: before,
            };
            Some(Predecessor {
                log: key,
                seq: log.prefix,
                head: log.head,
            })
        });
        self.pen = Some(Pen::new(party, incarnation));
        self.keeping.settled = Settled::default();
        self.phase = Phase::Serving;
        let seal = self.write(turn, Body::Seal(Seal { predecessor }));
        for resource in self.config.inventory.clone() {
            let known = self
                .own()
                .and_then(|own| own.holdings.get(&resource.resource));
            if known.is_none_or(|known| known.resource != resource) {
                self.write(turn, Body::Resource(resource));
            }
        }
        for floor in self.config.floors.clone() {
            let known = self
                .own()
                .and_then(|own| own.floors.get(&floor.kind).copied());
            if known != Some(floor.keep) {
                self.write(turn, Body::HomeFloor(floor));
            }
        }
        if predecessor.is_some() || !is_new {
            // Those too that the log did not have: it may have had them before its disk was lost.
            self.doubt_units(turn.now.drill);
        }
        self.present(turn, None);
        self.agenda.plan = true;
        seal
    }
}
