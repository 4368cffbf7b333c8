//! What arrives: frames and envelopes, the clock, presence, links, answers.

use std::sync::Arc;

use picture::Admission;
use protocol::{
    Blemish, BusId, Civil, CommandReply, Digest, Direct, DrillClock, Envelope, Frame, Moment,
    PartyId, Prefix, Presence, Refusal, Said, blemishes,
};

use super::{Changed, Course, View};
use crate::clock::ClockReading;
use crate::freshness::{Contact, LinkState};
use crate::timeline::{Entry, Happening};

/// Something that reached the screen.
#[derive(Clone, Debug)]
pub enum Heard {
    /// A frame of the bus or of a recording, decoded and verified.
    Frame(Arc<Frame>),
    /// An envelope by itself, verified: from a journal, say.
    Envelope(Arc<Envelope>),
    /// The drill clock, where it does not come as a frame.
    Clock(DrillClock),
    /// An answer to a command of this screen, where it does not come as a frame.
    Reply(CommandReply),
    /// A bus came or went.
    Link(BusId, LinkState),
    /// Something was refused at the edge.
    Refused(Refusal),
    /// The drill is over: the screen stands as it is now until the operator leaves.
    Over,
    /// There is nothing more to show; the screen is to be left.
    Stop,
}

impl View {
    /// Takes in something that arrived, at the link time of the last [`View::tick`].
    pub fn hear(&mut self, heard: Heard) {
        let ends = matches!(heard, Heard::Stop);
        if self.course == Course::Over && !ends {
            return;
        }
        match heard {
            Heard::Frame(frame) => self.hear_frame(&frame),
            Heard::Envelope(envelope) => self.apply(&envelope),
            Heard::Clock(clock) => self.hear_clock(clock, self.link),
            Heard::Reply(reply) => self.hear_reply(&reply),
            Heard::Link(bus, state) => self.hear_link(bus, state),
            Heard::Refused(refusal) => self.hear_refused(&refusal),
            Heard::Over => {
                self.course = Course::Over;
                self.change();
            }
            Heard::Stop => self.leave(),
        }
    }

    /// Tells the screen the link time. It changes what is shown only when a second is over.
    pub fn tick(&mut self, link: Moment) {
        if self.course == Course::Over {
            return;
        }
        let seconds = |moment: Moment| moment.0 / 1_000_000;
        let drill = self.now();
        let before = self.link;
        self.link = link.max(before);
        if seconds(self.link) != seconds(before) || seconds(self.now()) != seconds(drill) {
            self.change();
        }
    }

    /// Takes in a frame, whatever it says.
    pub fn hear_frame(&mut self, frame: &Frame) {
        let batch = match frame.said() {
            // Nobody signs the head: what the entries say counts.
            Said::Append { batch, .. } => batch,
            Said::Direct {
                from,
                boot,
                n,
                body,
                batch,
                ..
            } => {
                self.hear_direct(*from, (*boot, *n), body);
                batch
            }
            Said::View => return,
        };
        let handed = match frame.said() {
            Said::Direct { from, .. } => Some(*from),
            _ => None,
        };
        for envelope in &batch.envelopes {
            if let Some(from) = handed {
                self.came_by_hand_of(from, envelope);
            }
            self.apply(envelope);
        }
        for refusal in &batch.refused {
            self.hear_refused(refusal);
        }
    }

    fn hear_direct(&mut self, from: PartyId, place: (u64, u64), body: &Direct) {
        match body {
            Direct::Digest(digest) => self.hear_digest(from, place, digest),
            Direct::Presence(presence) => self.hear_presence(from, place, presence),
            Direct::Clock(clock) => self.hear_clock(clock.clone(), self.link),
            Direct::Reply(reply) => self.hear_reply(reply),
            _ => {}
        }
    }

    /// Notes over whom an entry came that was not here yet.
    fn came_by_hand_of(&mut self, from: PartyId, envelope: &Envelope) {
        let header = envelope.header();
        let known = self.picture.log(header.log);
        let is_here = known.is_some_and(|log| log.prefix >= header.seq);
        if !is_here && from != header.log.author {
            let place = (header.log, header.seq);
            self.custody.handed_on(place, from);
        }
    }

    /// Takes in an envelope whose signature has been checked.
    pub fn apply(&mut self, envelope: &Arc<Envelope>) {
        let place = (envelope.header().log, envelope.header().seq);
        let author = place.0.author;
        let was_here = self.picture.has(place);
        match self.picture.admit(envelope) {
            Admission::Admitted { folded, stored, .. } => {
                for code in stored.iter().flat_map(|it| flags(it)) {
                    self.freshness.refused(code);
                }
                self.entries.entry(author).or_default().extend(stored);
                for entry in folded {
                    if entry.void.is_none() {
                        self.trace.note(&entry.envelope);
                    }
                    let row = self.noticer.notice(&self.picture, &entry.envelope);
                    if let Some(row) = row.filter(|_| entry.void.is_none()) {
                        self.timeline.add(row);
                    }
                }
            }
            Admission::Refold { stored } => {
                for envelope in &stored {
                    self.trace.note(envelope);
                }
                let entries = self.entries.entry(author).or_default();
                entries.extend(stored);
                entries.sort_by_key(|entry| (entry.header().log.incarnation, entry.header().seq));
                self.picture.recollect(author, entries.clone());
                self.picture.refold(author);
            }
            Admission::Equivocates => self.freshness.refused("R04"),
            Admission::Refused(_) => self.freshness.refused("R02"),
            Admission::Duplicate | Admission::Parked => {}
        }
        // Whoever has an old entry may say it again; only what is new here tells that its author lives.
        if !was_here && self.picture.has(place) {
            self.freshness.heard(author, self.link);
        }
        self.look_for_gaps(author);
        self.change();
    }

    fn look_for_gaps(&mut self, author: PartyId) {
        let now = self.now();
        if let Some(known) = self.picture.authors().get(&author) {
            self.freshness.look_for_gaps(author, known, now);
        }
    }

    /// Takes in which logs a holder has, said in which boot under which number, and so what is missing
    /// here. What was said before, or by whom no logs are kept, counts nothing.
    pub fn hear_digest(&mut self, holder: PartyId, place: (u64, u64), digest: &Digest) {
        let roster = self.picture.roster();
        let is_another = |held: &Prefix| self.picture.is_another(held);
        if !self
            .custody
            .said(roster, (holder, place), digest, is_another)
        {
            return;
        }
        self.picture.told(holder, digest);
        if let Some(plan) = digest.plan {
            self.plans.heard(holder, plan);
        }
        for held in &digest.logs {
            self.look_for_gaps(held.log.author);
        }
        self.freshness.heard(holder, self.link);
        self.change();
    }

    /// Takes in that an office is there, said in which boot under which number, or that the broker lost it.
    /// What was said before counts nothing. A will was signed before all that its boot said, and a broker
    /// says it at each loss: it counts while no other boot was heard since. An office that is there says so
    /// on hearing it.
    pub fn hear_presence(&mut self, office: PartyId, place: (u64, u64), presence: &Presence) {
        let contact = if presence.online {
            Contact::Online
        } else {
            Contact::Offline
        };
        let is_will = !presence.online && self.presences.spoke_last_in(office, place.0);
        if !self.presences.comes_later(office, place) && !is_will {
            return;
        }
        // A presence may be one that the broker kept of an office long gone; an answer is not.
        if presence.answers.is_some() {
            self.freshness.heard(office, self.link);
        }
        let before = self.freshness.presence(office, contact);
        let is_news = match (before, contact) {
            (Contact::Unknown, Contact::Online) => false,
            (before, now) => before != now,
        };
        if is_news {
            self.happened(Happening::Office { office, contact });
        }
        self.change();
    }

    /// Takes in the drill clock, heard at this link time.
    pub fn hear_clock(&mut self, clock: DrillClock, link: Moment) {
        match &mut self.clock {
            Some(reading) => reading.hear(clock, link),
            None => self.clock = Some(ClockReading::new(clock, link)),
        }
        self.change();
    }

    /// Takes in that a bus came or went.
    pub fn hear_link(&mut self, bus: BusId, state: LinkState) {
        let before = self.freshness.link(bus, state, self.link);
        let is_news = before.map_or(state == LinkState::Down, |before| before != state);
        if is_news {
            self.happened(Happening::Link { bus, state });
        }
        self.change();
    }

    /// Takes in that something was refused at the edge.
    pub fn hear_refused(&mut self, refusal: &Refusal) {
        self.freshness.refused(refusal.code());
        self.change();
    }

    /// Takes in what came of a command of this screen; answers to others are none of its business.
    pub fn hear_reply(&mut self, reply: &CommandReply) {
        let Some(at) = self
            .pending
            .iter()
            .position(|it| it.request == reply.request)
        else {
            return;
        };
        let what = if reply.is_of_idle() {
            // The machine that does the office's work may have more to say.
            self.pending[at].what.clone()
        } else {
            self.pending.remove(at).what
        };
        let (text, tone) = self.outcome(&what, &reply.outcome);
        self.happened(Happening::Answered { text: text.clone() });
        self.note(text, tone);
    }

    /// A terminal was resized, or came back from the background.
    pub(crate) fn redraw_everything(&mut self) {
        self.changed = Changed::Everything;
    }

    fn happened(&mut self, what: Happening) {
        let at = self.now();
        self.timeline.add(Entry { at, what });
    }

    /// When a gap began, as a clock shows it.
    pub(crate) fn clock_at(&self, moment: Moment) -> String {
        Civil::at(moment, self.ground.offset_min).clock()
    }
}

/// The rules by which texts of an entry are shown otherwise than they were written (R18, R19).
fn flags(entry: &Envelope) -> impl Iterator<Item = &'static str> {
    let body = entry.line().split('\t').nth(1).unwrap_or_default();
    blemishes(body).into_iter().map(Blemish::code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Redraw, Setting};
    use crate::{Colours, Departure, Desk, Glyphs, Ground, Lang, Source};
    use protocol::{ClockState, Mode, Network, Signer, Span, Suite};

    fn view() -> View {
        let root = Signer::new("region".parse().unwrap(), Suite::Virtual, [1; 32]);
        let network = Network {
            id: "quiet".parse().unwrap(),
            mode: Mode::Exercise,
            region: root.party(),
            root: root.public(),
            suite: Suite::Virtual,
        };
        let setting = Setting {
            lang: Lang::Zh,
            colours: Colours::Indexed,
            glyphs: Glyphs::Full,
            source: Source::Bus,
            desk: Desk::Observer,
            title: None,
            departure: Departure::LeavesDrill,
        };
        View::new(network, Ground::default(), setting)
    }

    #[test]
    fn no_frame_is_due_until_something_arrives_or_a_second_is_over() {
        let mut view = view();
        assert_eq!(view.take_changed(), Redraw::Everything);
        view.tick(Moment(400_000));
        assert_eq!(view.take_changed(), Redraw::Nothing);
        view.tick(Moment(1_000_000));
        assert_eq!(view.take_changed(), Redraw::Differences);
        view.hear_link("hub".parse().unwrap(), LinkState::Up);
        assert_eq!(view.take_changed(), Redraw::Differences);
        assert_eq!(view.take_changed(), Redraw::Nothing);
    }

    #[test]
    fn a_fast_drill_moves_the_clock_between_link_seconds() {
        let mut view = view();
        let clock = DrillClock {
            state: ClockState::Started,
            now: Moment(1_000_000_000),
            speed_permille: 8_000,
            revision: 1,
            title: String::new(),
        };
        view.hear_clock(clock, Moment(0));
        view.take_changed();
        view.tick(Moment(0) + Span::millis(130));
        assert_eq!(view.take_changed(), Redraw::Differences);
    }
}
