//! 接报, the form of a new report: place, kind and time are required, everything else may wait.
//!
//! Typed, looked over, sent. What came of it is shown when the office answers, and not before.

mod reading;

use crossterm::event::{KeyCode, KeyEvent};
use protocol::{Call, Label, Moment, PartyId, RequestId, Severity};

use crate::clock;
use crate::ground::Ground;
use crate::typing::Typing;
use crate::wording as say;

/// The fields in the order in which they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Office,
    Place,
    Event,
    Time,
    Severity,
    Summary,
    Needs,
}

/// Whether the operator still fills the form or looks it over.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Fields are filled; what the last look found wrong.
    Filling(Option<(Field, Label)>),
    /// What would be sent.
    Preview(Box<Call>),
}

/// The form.
#[derive(Clone, Debug)]
pub(crate) struct Form {
    pub(crate) offices: Vec<PartyId>,
    pub(crate) office: usize,
    pub(crate) place: Typing,
    /// Codes to choose from; if the region has no table of events, the code is typed.
    pub(crate) events: Vec<String>,
    pub(crate) event: usize,
    pub(crate) event_typed: Typing,
    pub(crate) time: Typing,
    pub(crate) severity: usize,
    pub(crate) summary: Typing,
    pub(crate) needs: Typing,
    pub(crate) at: Field,
    pub(crate) step: Step,
    /// The id under which it will be sent, and sent again if it must.
    pub(crate) request: RequestId,
}

/// What a key did to the form.
#[derive(Clone, Debug)]
pub(crate) enum Turn {
    /// It goes on.
    Stay,
    /// It is given up.
    Leave,
    /// It is to be looked over.
    Look,
    /// It is to be sent to the office.
    Send(PartyId, Box<Call>),
}

impl Field {
    pub(crate) const ALL: [Self; 7] = [
        Self::Office,
        Self::Place,
        Self::Event,
        Self::Time,
        Self::Severity,
        Self::Summary,
        Self::Needs,
    ];

    pub(crate) const fn label(self) -> Label {
        match self {
            Self::Office => say::TO_OFFICE,
            Self::Place => say::FIELD_PLACE,
            Self::Event => say::FIELD_EVENT,
            Self::Time => say::FIELD_TIME,
            Self::Severity => say::FIELD_SEVERITY,
            Self::Summary => say::FIELD_SUMMARY,
            Self::Needs => say::FIELD_NEEDS,
        }
    }

    const fn step(self, by: usize) -> Self {
        Self::ALL[(self as usize + by) % Self::ALL.len()]
    }
}

impl Form {
    /// An empty form to the office at a place among those that take calls; the time is filled with
    /// the drill time of now, to be corrected.
    pub(crate) fn new(
        (offices, office): (Vec<PartyId>, usize),
        ground: &Ground,
        now: Moment,
        request: RequestId,
    ) -> Self {
        let time = clock::time_of_day(now, ground.offset_min);
        Self {
            offices,
            office,
            place: Typing::default(),
            events: ground.events.keys().cloned().collect(),
            event: 0,
            event_typed: Typing::default(),
            time: Typing::of(&time[..5]),
            severity: Severity::Moderate as usize,
            summary: Typing::default(),
            needs: Typing::default(),
            at: Field::Place,
            step: Step::Filling(None),
            request,
        }
    }

    /// The office that the report goes to.
    pub(crate) fn to(&self) -> PartyId {
        self.offices[self.office]
    }

    /// The code of the event as chosen or typed.
    pub(crate) fn event_code(&self) -> String {
        match self.events.get(self.event) {
            Some(code) => code.clone(),
            None => self.event_typed.text().trim().to_owned(),
        }
    }

    pub(crate) fn severity(&self) -> Severity {
        Severity::ALL[self.severity]
    }

    /// The line that keys go to, if the field at hand is typed.
    pub(crate) fn line(&mut self) -> Option<&mut Typing> {
        match self.at {
            Field::Place => Some(&mut self.place),
            Field::Event if self.events.is_empty() => Some(&mut self.event_typed),
            Field::Time => Some(&mut self.time),
            Field::Summary => Some(&mut self.summary),
            Field::Needs => Some(&mut self.needs),
            Field::Office | Field::Event | Field::Severity => None,
        }
    }

    /// Takes a paste.
    pub(crate) fn paste(&mut self, text: &str) {
        if matches!(self.step, Step::Filling(_))
            && let Some(line) = self.line()
        {
            line.paste(text);
        }
    }

    /// Takes a key: letters type, they never act.
    pub(crate) fn key(&mut self, key: KeyEvent) -> Turn {
        if let Step::Preview(call) = &self.step {
            return match key.code {
                KeyCode::Enter => Turn::Send(self.to(), call.clone()),
                KeyCode::Esc => {
                    self.step = Step::Filling(None);
                    Turn::Stay
                }
                _ => Turn::Stay,
            };
        }
        match key.code {
            KeyCode::Esc => return Turn::Leave,
            KeyCode::Enter => return Turn::Look,
            KeyCode::Tab | KeyCode::Down => self.at = self.at.step(1),
            KeyCode::BackTab | KeyCode::Up => self.at = self.at.step(Field::ALL.len() - 1),
            _ => match self.line() {
                Some(line) => line.key(key),
                None => self.choose(key.code),
            },
        }
        Turn::Stay
    }

    fn choose(&mut self, code: KeyCode) {
        let (chosen, count) = match self.at {
            Field::Office => (&mut self.office, self.offices.len()),
            Field::Event => (&mut self.event, self.events.len()),
            _ => (&mut self.severity, Severity::ALL.len()),
        };
        match code {
            KeyCode::Right | KeyCode::Char(' ') => *chosen = (*chosen + 1) % count,
            KeyCode::Left => *chosen = (*chosen + count - 1) % count,
            _ => {}
        }
    }

    /// Looks the form over: either it becomes a call to be sent, or the first fault is shown.
    pub(crate) fn look(&mut self, ground: &Ground, now: Moment, post: &str) {
        self.step = match self.read(ground, now, post) {
            Ok(call) => Step::Preview(Box::new(call)),
            Err((field, why)) => {
                self.at = field;
                Step::Filling(Some((field, why)))
            }
        };
    }
}
