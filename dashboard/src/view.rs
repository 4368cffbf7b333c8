//! What the screen shows: one more holder of the logs, a clock, and where the operator looks.
//!
//! `hear` takes in what arrived, `on` takes a key; drawing only reads. Nothing here is optimistic:
//! a row changes when its owner said so, never because somebody asked for it.

mod act;
mod hear;
mod outcome;
mod queue;
mod trace;
pub use hear::Heard;
pub(crate) use queue::QueueRow;
pub(crate) use trace::{Place, Trace};

use std::collections::BTreeMap;
use std::sync::Arc;

use picture::{Custody, Picture, Words};
use protocol::{
    AdvisoryId, ClockState, Envelope, IncidentId, Label, Mode, Moment, Network, PartyId, Point,
    Span,
};

use crate::clock::ClockReading;
use crate::colours::Colours;
use crate::desk::{Departure, Desk, Pending, Source};
use crate::form::Form;
use crate::freshness::Freshness;
use crate::glyphs::Glyphs;
use crate::ground::{Event, Ground};
use crate::lang::{Lang, Term};
use crate::map::Outlook;
use crate::pane::Pane;
use crate::plans::Plans;
use crate::timeline::{Noticer, Speech, Timeline};

/// How long an outcome stands in the second line.
const NOTE_STANDS: Span = Span::seconds(12);

/// After this long without an answer a command counts as unanswered.
const ANSWER_WITHIN: Span = Span::seconds(10);

/// What the screen is for and how it may look.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The language at first; a key switches it.
    pub lang: Lang,
    /// Whether there are colours.
    pub colours: Colours,
    /// Which signs the terminal can be trusted with.
    pub glyphs: Glyphs,
    /// Bus or recording.
    pub source: Source,
    /// Who sits here.
    pub desk: Desk,
    /// The title of what is shown in both languages; without it the drill clock's only title.
    pub title: Option<Term>,
    /// What leaving means, so that the question says it.
    pub departure: Departure,
}

/// The state of the screen.
pub struct View {
    pub(crate) picture: Picture,
    pub(crate) ground: Ground,
    pub(crate) setting: Setting,
    pub(crate) clock: Option<ClockReading>,
    /// Link time now, as the loop last told.
    pub(crate) link: Moment,
    pub(crate) freshness: Freshness,
    pub(crate) plans: Plans,
    pub(crate) timeline: Timeline,
    /// Who holds what, and over whom it came.
    pub(crate) custody: Custody,
    /// The last presence of each office in each of its boots.
    presences: Words,
    pub(crate) trace: Trace,
    pub(crate) focus: Pane,
    pub(crate) size: Size,
    /// The first row that each pane shows, and the row chosen in the queue.
    pub(crate) scroll: BTreeMap<Pane, usize>,
    pub(crate) chosen: Option<IncidentId>,
    pub(crate) outlook: Outlook,
    pub(crate) layer: Layer,
    pub(crate) pending: Vec<Pending>,
    pub(crate) note: Option<Note>,
    noticer: Noticer,
    /// Entries as they were stored, to fold an author again if its life in force changes.
    entries: BTreeMap<PartyId, Vec<Arc<Envelope>>>,
    requests: u32,
    changed: Changed,
    leaving: Leaving,
    course: Course,
}

/// Whether the focused pane fills the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    Shared,
    Whole,
}

/// What lies over the panes.
#[derive(Clone, Debug)]
pub(crate) enum Layer {
    Panes,
    Help {
        scroll: usize,
    },
    Detail {
        incident: IncidentId,
        scroll: usize,
    },
    /// The question whether to leave, and what it lies over: a form is not lost to it.
    Quit {
        over: Box<Self>,
    },
    Form(Box<Form>),
}

/// A sentence in the second line, for a while.
#[derive(Clone, Debug)]
pub(crate) struct Note {
    pub(crate) text: String,
    pub(crate) tone: Tone,
    pub(crate) at: Moment,
}

/// How a note is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Attention,
}

/// Whether anything changed since the last frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Changed {
    No,
    Yes,
    /// The terminal's own memory of the screen is not to be trusted.
    Everything,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Leaving {
    No,
    Yes,
}

/// Whether what is shown still moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Course {
    Runs,
    /// It stands as it was when the drill ended.
    Over,
}

/// Which banner the screen bears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Banner {
    Drill,
    Live,
    Test,
    Replay,
}

impl View {
    /// A screen that has heard nothing yet.
    pub fn new(network: Network, mut ground: Ground, setting: Setting) -> Self {
        if ground.events.is_empty() {
            ground.events = Event::usual();
        }
        Self {
            picture: Picture::new(network),
            outlook: Outlook::over(ground.frame),
            ground,
            setting,
            clock: None,
            link: Moment::default(),
            freshness: Freshness::default(),
            plans: Plans::default(),
            timeline: Timeline::default(),
            custody: Custody::default(),
            presences: Words::default(),
            trace: Trace::default(),
            focus: Pane::Queue,
            size: Size::Shared,
            scroll: BTreeMap::new(),
            chosen: None,
            layer: Layer::Panes,
            pending: Vec::new(),
            note: None,
            noticer: Noticer::default(),
            entries: BTreeMap::new(),
            requests: 0,
            changed: Changed::Everything,
            leaving: Leaving::No,
            course: Course::Runs,
        }
    }

    /// What is known so far.
    pub fn picture(&self) -> &Picture {
        &self.picture
    }

    /// Whether the operator has asked to leave.
    pub fn is_leaving(&self) -> bool {
        self.leaving == Leaving::Yes
    }

    /// Whether the drill is over: nothing is taken any more, and leaving ends nothing.
    pub(crate) fn is_over(&self) -> bool {
        let clock = self.clock.as_ref().map(ClockReading::state);
        let stopped = clock == Some(ClockState::Stopped) && self.setting.source == Source::Bus;
        self.course == Course::Over || stopped
    }

    /// Whether anything changed since the last frame.
    pub(crate) fn is_changed(&self) -> bool {
        self.changed != Changed::No
    }

    /// What the next frame must bring; asking takes the mark away.
    pub(crate) fn take_changed(&mut self) -> Redraw {
        match std::mem::replace(&mut self.changed, Changed::No) {
            Changed::No => Redraw::Nothing,
            Changed::Yes => Redraw::Differences,
            Changed::Everything => Redraw::Everything,
        }
    }

    fn change(&mut self) {
        if self.changed == Changed::No {
            self.changed = Changed::Yes;
        }
    }

    pub(crate) fn lang(&self) -> Lang {
        self.setting.lang
    }

    pub(crate) fn colours(&self) -> Colours {
        self.setting.colours
    }

    pub(crate) fn glyphs(&self) -> Glyphs {
        self.setting.glyphs
    }

    /// A word of the screen in its language.
    pub(crate) fn word(&self, label: Label) -> &'static str {
        self.setting.lang.word(label)
    }

    pub(crate) fn speech(&self) -> Speech<'_> {
        Speech {
            lang: self.setting.lang,
            glyphs: self.setting.glyphs,
            ground: &self.ground,
            picture: &self.picture,
        }
    }

    /// Drill time now; the beginning of time before the director was heard.
    pub(crate) fn now(&self) -> Moment {
        self.clock
            .as_ref()
            .map(|clock| clock.now(self.link))
            .unwrap_or_default()
    }

    /// The title of the drill, as far as it is known.
    pub(crate) fn title(&self) -> &str {
        match (&self.setting.title, &self.clock) {
            (Some(title), _) => self.lang().term(title),
            (None, Some(clock)) => clock.title(),
            (None, None) => "",
        }
    }

    pub(crate) fn banner(&self) -> Banner {
        match (self.setting.source, self.picture.network().mode) {
            (Source::Recording, _) => Banner::Replay,
            (Source::Bus, Mode::Exercise) => Banner::Drill,
            (Source::Bus, Mode::Actual) => Banner::Live,
            (Source::Bus, Mode::Test) => Banner::Test,
        }
    }

    /// Offices and authors heard lately, and all that there are.
    pub(crate) fn nodes(&self) -> (usize, usize) {
        let all = self.parties();
        let fresh = all
            .iter()
            .filter(|party| !self.freshness.of(**party).is_stale(self.link))
            .count();
        (fresh, all.len())
    }

    /// Everybody who keeps a log: by the roster, and by the region's pack until that is known.
    pub(crate) fn parties(&self) -> Vec<PartyId> {
        let mut parties: Vec<PartyId> = self.ground.offices.iter().map(|seat| seat.party).collect();
        let roster = self.picture.roster().authors().map(|member| member.party);
        let known: Vec<PartyId> = roster.collect();
        if !known.is_empty() {
            parties.retain(|party| known.contains(party));
        }
        for party in known {
            if !parties.contains(&party) {
                parties.push(party);
            }
        }
        parties
    }

    /// The note in the second line, while it stands.
    pub(crate) fn standing_note(&self) -> Option<&Note> {
        self.note
            .as_ref()
            .filter(|note| self.link.since(note.at) < NOTE_STANDS)
    }

    /// Whether a command has waited too long for its answer.
    pub(crate) fn is_unanswered(&self, pending: &Pending) -> bool {
        self.link.since(pending.sent_at) > ANSWER_WITHIN
    }

    /// Whether what is shown of a party may be old.
    pub(crate) fn is_stale(&self, party: PartyId) -> bool {
        self.freshness.of(party).is_stale(self.link)
    }

    /// Where a hazard's centre was so far.
    pub(crate) fn trail(&self, advisory: AdvisoryId) -> &[Point] {
        self.noticer.trail(advisory)
    }

    fn note(&mut self, text: String, tone: Tone) {
        let at = self.link;
        self.note = Some(Note { text, tone, at });
        self.change();
    }
}

/// What a frame must bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redraw {
    Nothing,
    Differences,
    Everything,
}
