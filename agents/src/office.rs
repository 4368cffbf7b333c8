//! One office: everything that it decides, behind one door.
//!
//! An input changes what the office knows; then, in one place, it plans. What is returned is all
//! there is to do. Nothing here reads a clock or touches the world.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{
    Body, BusId, Direct, Envelope, Frame, Gist, LogKey, PartyId, RequestId, Role, Said, Speaker,
    Topic, Verified,
};

use picture::{Admission, AuthorState, Entry, Folded, Picture, Reading, SharedFolds};

use crate::absent::Absent;
use crate::agenda::Agenda;
use crate::alike::Plans;
use crate::boot::Phase;
use crate::config::{ConfigError, OfficeConfig};
use crate::door::{Alarm, Input, LinkChange, Now, Output, Ticket, WakeAt};
use crate::ground::Ground;
use crate::hearing::Hearing;
use crate::keeping::{Keeping, Place};
use crate::pen::Pen;
use crate::planner::{Policy, policy};
use crate::watch::Watch;

/// Logs of which one party gives reason for an alarm of one kind in one life; more come only from an
/// attack, and take nothing from what is to be told of others.
const ALARMED: usize = 64;

/// An office.
#[derive(Debug)]
pub struct Office {
    pub(crate) config: OfficeConfig,
    pub(crate) policy: Box<dyn Policy>,
    pub(crate) ground: Box<dyn Ground>,
    pub(crate) picture: Picture,
    pub(crate) phase: Phase,
    pub(crate) pen: Option<Pen>,
    pub(crate) speaker: Speaker,
    pub(crate) hearing: Hearing,
    pub(crate) keeping: Keeping,
    pub(crate) buses: BTreeMap<BusId, LinkChange>,
    pub(crate) agenda: Agenda,
    pub(crate) watch: Watch,
    pub(crate) plans: Plans,
    pub(crate) absent: Absent,
    pub(crate) next_wake: Option<WakeAt>,
    /// The latest hybrid time of an entry that was written or read here.
    pub(crate) hybrid: u64,
    pub(crate) boot_nonce: u64,
}

/// The outputs of one input, in order.
pub(crate) struct Turn {
    pub(crate) now: Now,
    /// The command that is carried out and what it asks: what is written for it names both.
    pub(crate) request: Option<(RequestId, Gist)>,
    /// Whether what was heard tells of a person.
    pub(crate) personal: bool,
    /// The post that ordered it.
    pub(crate) post: Option<String>,
    pub(crate) out: Vec<Output>,
}

impl Turn {
    pub(crate) fn alarm(&mut self, code: &'static str, text: &str) {
        let text = text.to_owned();
        self.out.push(Output::Alarm(Alarm { code, text }));
    }
}

impl Office {
    /// An office that has not booted.
    pub fn new(config: OfficeConfig, ground: Box<dyn Ground>) -> Result<Self, ConfigError> {
        config.check()?;
        let policy = policy(config.planning);
        let network = config.network.clone();
        let speaker = Speaker::new(network.id, network.mode, config.signer.clone(), 0);
        Ok(Self {
            config,
            policy,
            ground,
            picture: Picture::new(network),
            phase: Phase::Asleep,
            pen: None,
            speaker,
            hearing: Hearing::default(),
            keeping: Keeping::default(),
            buses: BTreeMap::new(),
            agenda: Agenda::default(),
            watch: Watch::default(),
            plans: Plans::default(),
            absent: Absent::default(),
            next_wake: None,
            boot_nonce: 0,
            hybrid: 0,
        })
    }

    /// The same office before it boots, sharing its folds with others of the process.
    #[must_use]
    pub fn sharing(mut self, folds: &SharedFolds) -> Self {
        self.picture = Picture::sharing(self.config.network.clone(), folds.clone());
        self
    }

    /// Tells the office what happened; it answers with what to do, in order.
    pub fn handle(&mut self, now: Now, input: Input) -> Vec<Output> {
        let mut turn = Turn {
            now,
            request: None,
            personal: false,
            post: None,
            out: Vec::new(),
        };
        match input {
            Input::Boot(stored, seed) => self.boot(&mut turn, &stored, seed),
            Input::Heard(bus, frame) => self.heard(&mut turn, bus, &frame),
            Input::Durable(ticket) => self.durable(&mut turn, ticket),
            Input::Loaded(ticket, envelopes) => self.loaded(&mut turn, ticket, envelopes),
            Input::Link(bus, change) => self.link(&mut turn, bus, change),
            Input::Wake => {}
        }
        self.keep_time(&mut turn);
        if self.phase == Phase::Serving {
            self.work(&mut turn);
        }
        self.wake(&mut turn);
        turn.out
    }

    /// What it knows.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// Who it is.
    pub fn party(&self) -> PartyId {
        self.config.member.party
    }

    /// Where it is in its life.
    pub fn phase(&self) -> &Phase {
        &self.phase
    }

    /// What it heard and refused.
    pub fn hearing(&self) -> &Hearing {
        &self.hearing
    }

    /// How it keeps the logs: what is durable, what is missing, who holds what.
    pub fn keeping(&self) -> &Keeping {
        &self.keeping
    }

    /// Its way of planning.
    pub fn policy(&self) -> &dyn Policy {
        self.policy.as_ref()
    }

    /// What its own log says.
    pub(crate) fn own(&self) -> Option<&AuthorState> {
        self.picture.state(self.party())
    }

    pub(crate) fn is_observer(&self) -> bool {
        self.config.member.role == Role::Observer
    }

    fn heard(&mut self, turn: &mut Turn, bus: BusId, frame: &Verified<Frame>) {
        let frame = frame.get();
        match frame.said() {
            Said::Append { head, batch } => self.append_heard(turn, bus, head, batch),
            Said::Direct {
                from,
                boot,
                n,
                body,
                batch,
                ..
            } => {
                let retained = frame.topic().is_retained();
                let is_news = self.hearing.is_news(*from, *boot, *n);
                if !is_news && !retained {
                    return;
                }
                let is_digest = matches!(body, Direct::Digest(_));
                if is_digest && !self.is_digest_to_hear(*from, (*boot, *n)) {
                    return;
                }
                // A copy of a digest tells nothing of what its sender lacks by now.
                if is_news
                    && *from != self.party()
                    && let Direct::Digest(digest) = body
                {
                    self.tell_what_is_lacking(turn, (bus, *from), digest);
                }
                if self.is_ours(frame.topic()) {
                    self.hearing.refuse_all(&batch.refused);
                    if matches!(body, Direct::Field(_) | Direct::Command(_)) {
                        self.flag_spoken(turn, frame);
                    }
                    // Nor does a copy of a presence tell that its sender is there now.
                    if is_news && let Direct::Presence(presence) = body {
                        self.presence_heard(turn, *from, presence);
                    }
                    self.direct(turn, (bus, *from, *boot), body, &batch.envelopes);
                }
            }
            Said::View => {}
        }
    }

    /// Whether a direct message concerns this office: addressed to it, or to everybody.
    fn is_ours(&self, topic: Topic) -> bool {
        let us = self.party();
        match topic {
            Topic::Want(party)
            | Topic::Fill(party)
            | Topic::Field(party)
            | Topic::Command(party) => party == us,
            Topic::Digest(_) | Topic::Presence(_) => true,
            _ => false,
        }
    }

    /// Takes envelopes into the logs, whoever brought them.
    pub(crate) fn take(&mut self, turn: &mut Turn, bus: BusId, envelopes: &[Arc<Envelope>]) {
        let author = |envelope: &Arc<Envelope>| envelope.header().log.author;
        for run in envelopes.chunk_by(|one, next| author(one) == author(next)) {
            let author = author(&run[0]);
            let is_far = author != self.party() && author != self.config.network.region;
            if is_far && self.has_no_room(turn) {
                continue;
            }
            let mut entered = None;
            for envelope in run {
                if self.enter(turn, bus, envelope) {
                    entered = Some(envelope.header().log);
                }
            }
            if let Some(log) = entered {
                self.read_on(turn, log);
            }
        }
    }

    /// Puts an envelope into its log; whether it got there.
    fn enter(&mut self, turn: &mut Turn, bus: BusId, envelope: &Arc<Envelope>) -> bool {
        let log = envelope.header().log;
        // Only the first entry of a life says what it follows.
        let begun = (envelope.header().seq == 1).then(|| self.begins(log.author));
        let entry = self.picture.enter(envelope);
        if !matches!(entry, Entry::Refused(_)) {
            self.meet_own(turn, log, envelope.header().seq);
        }
        if begun.flatten().is_some() && self.begins(log.author).is_none() {
            self.recall_logs_of(turn, log.author);
        }
        match entry {
            Entry::Entered { stored, orphan } => {
                for entry in &stored {
                    self.hear_hybrid(turn, entry);
                    self.flag_entry(turn, entry);
                    self.note_gist(entry);
                }
                self.store(turn, bus, &stored);
                if envelope.header().seq == 1 {
                    self.suspect_logs_of(log.author);
                }
                if log.author == self.party() {
                    self.keeping.own_came = turn.now.link;
                }
                if orphan {
                    self.hearing.refuse("R03");
                    self.alarm_once(turn, ("R03", log.author), log, || {
                        format!(
                            "{log} is a life of {} that is not in force; its entries are kept \
                             as orphans",
                            log.author
                        )
                    });
                }
                return true;
            }
            Entry::Equivocates => {
                self.hearing.refuse("R04");
                self.meet_copy(turn, log);
                let seq = envelope.header().seq;
                // Evidence stands beside what it contradicts; what follows nothing that is on the disk
                // has no place there.
                let known = self.picture.log(log);
                let kept = known.is_some_and(|known| known.prefix >= seq);
                if kept {
                    let evidence = (envelope, Place::Evidence);
                    self.keeping.append(turn, Some(bus), evidence);
                }
                let so = if kept {
                    "both are kept as evidence"
                } else {
                    "the later is dropped"
                };
                self.alarm_once(turn, ("R04", log.author), log, || {
                    format!("{log} holds two entries numbered {seq}, or none before it: {so}")
                });
            }
            Entry::Refused(reason) => {
                self.hearing.refuse("R02");
                self.alarm_once(turn, ("R02", log.author), log, || {
                    format!("entries of {log} are refused: {reason}")
                });
            }
            Entry::Parked => {
                self.hearing.refuse("R06");
                self.keeping.suspects.insert(log);
            }
            Entry::Duplicate if self.bridges() => self.keeping.came_again(bus, envelope),
            Entry::Duplicate => {}
        }
        false
    }

    /// Reads what entered the logs of an author.
    pub(crate) fn read_on(&mut self, turn: &mut Turn, log: LogKey) {
        match self.picture.read_on(log.author) {
            Reading::Folded(folded) => {
                for entry in &folded {
                    self.noticed(log.author, entry);
                }
                let stands = |entry: &Folded| {
                    entry.void.is_none() && matches!(entry.envelope.body(), Some(Body::Snapshot(_)))
                };
                if folded.iter().any(stands) {
                    self.mark(turn, log.author);
                }
                self.news_of(log.author);
            }
            Reading::Again if self.keeping.is_refolding(log.author) => {}
            Reading::Again => {
                self.fold_again(turn, log.author);
                self.alarm_once(turn, ("R03", log.author), log, || {
                    format!(
                        "the life of {} in force has changed; its log is read again",
                        log.author
                    )
                });
            }
        }
    }

    /// Raises an alarm about a log to which a party gave reason, unless it was raised in this life: people
    /// read the first, not the thousandth.
    pub(crate) fn alarm_once(
        &mut self,
        turn: &mut Turn,
        (code, whose): (&'static str, PartyId),
        log: LogKey,
        text: impl Fn() -> String,
    ) {
        let alarmed = self.agenda.alarmed.entry((whose, code)).or_default();
        if alarmed.len() < ALARMED && alarmed.insert(log) {
            turn.alarm(code, &text());
        }
    }

    /// Writes an entry of one's own log. It is folded at once and published when durable.
    pub(crate) fn write(&mut self, turn: &mut Turn, body: Body) -> Option<(Ticket, u64)> {
        let pen = self.pen.as_mut()?;
        let envelope = pen.write(
            (&self.config.network, &self.config.signer),
            (turn.now, self.hybrid),
            (turn.request, body),
        );
        self.hybrid = envelope.header().hlc;
        let (party, seq) = (self.config.member.party, envelope.header().seq);
        let ticket = self.keeping.append(turn, None, (&envelope, Place::Log));
        if let Admission::Admitted { folded, .. } = self.picture.admit(&envelope) {
            for entry in &folded {
                if let Some(void) = &entry.void {
                    let kind = entry.envelope.body().map(Body::kind).unwrap_or_default();
                    let text = format!("our own entry {seq} ({kind}) is void: {void}");
                    turn.alarm("own-void", &text);
                }
                self.noticed(party, entry);
            }
        }
        self.note_gist(&envelope);
        Some((ticket, seq))
    }
}
