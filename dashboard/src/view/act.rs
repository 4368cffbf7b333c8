//! Keys become actions, and actions change the view: one match, nothing else.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind};
use protocol::{
    Action as Command, Call, ClockCommand, ClockState, Kind, Label, Moment, OperatorCommand,
    PartyId, Role,
};

use super::{Changed, Layer, Leaving, Size, Tone, View};
use crate::clock::ClockReading;
use crate::desk::{Pending, Request, Source};
use crate::form::{Form, Turn};
use crate::keys::{Action, Place, Way, action, is_interrupt};
use crate::pane::Pane;
use crate::wording as say;

/// Rows that a page key moves by.
const PAGE: isize = 10;

impl View {
    /// Takes an event of the terminal; what is to be sent for it, if anything.
    pub fn on(&mut self, event: &Event) -> Option<Request> {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.key(*key),
            Event::Paste(text) => {
                if let Layer::Form(form) = &mut self.layer {
                    form.paste(text);
                    self.change();
                }
                None
            }
            Event::Resize(..) | Event::FocusGained => {
                self.redraw_everything();
                None
            }
            _ => None,
        }
    }

    fn key(&mut self, key: KeyEvent) -> Option<Request> {
        self.change();
        let asks_to_quit = is_interrupt(key) && !matches!(self.layer, Layer::Quit { .. });
        if asks_to_quit {
            return self.act(Action::Quit);
        }
        if let Some(action) = anywhere(key) {
            return self.act(action);
        }
        if let Layer::Form(form) = &mut self.layer {
            let turn = form.key(key);
            return self.turn(turn);
        }
        let place = match self.layer {
            Layer::Quit { .. } => Place::Question,
            _ => Place::Screen,
        };
        let action = action(key, place)?;
        self.act(action)
    }

    /// The one match of actions.
    fn act(&mut self, action: Action) -> Option<Request> {
        let asks_the_drill = matches!(
            action,
            Action::Report | Action::Pause | Action::Slower | Action::Faster
        );
        if self.is_over() && asks_the_drill {
            self.refuse(say::NOTHING_IS_TAKEN);
            return None;
        }
        match action {
            Action::Help => self.layer = Layer::Help { scroll: 0 },
            // There is nothing left to end, and so nothing to ask.
            Action::Quit if self.is_over() => self.leave(),
            Action::Quit => self.ask_to_quit(),
            Action::Back => self.back(),
            Action::Open => self.open(),
            Action::NextPane => self.focus = self.focus.next(),
            Action::PreviousPane => self.focus = self.focus.previous(),
            Action::Pane(pane) => self.focus = pane,
            Action::Move(way) => self.step(way),
            Action::Top => self.scroll_by(isize::MIN),
            Action::Bottom => self.scroll_by(isize::MAX),
            Action::PageUp => self.scroll_by(-PAGE),
            Action::PageDown => self.scroll_by(PAGE),
            Action::Enlarge => {
                self.size = match self.size {
                    Size::Shared => Size::Whole,
                    Size::Whole => Size::Shared,
                }
            }
            Action::MapIn => self.outlook.nearer(),
            Action::MapOut => self.outlook.further(),
            Action::MapFit => self.outlook.fit(),
            Action::Report => self.begin_report(),
            Action::Pause => return self.pause(),
            Action::Slower => return self.speed(ClockReading::slower),
            Action::Faster => return self.speed(ClockReading::faster),
            Action::Language => self.setting.lang = self.setting.lang.other(),
            Action::Glyphs => self.setting.glyphs = self.setting.glyphs.next(),
            Action::Redraw => self.changed = Changed::Everything,
            Action::Yes => self.leave(),
            Action::No => self.stay(),
        }
        None
    }

    pub(crate) fn leave(&mut self) {
        self.leaving = Leaving::Yes;
        self.change();
    }

    fn ask_to_quit(&mut self) {
        let over = Box::new(std::mem::replace(&mut self.layer, Layer::Panes));
        self.layer = Layer::Quit { over };
    }

    fn stay(&mut self) {
        if let Layer::Quit { over } = std::mem::replace(&mut self.layer, Layer::Panes) {
            self.layer = *over;
        }
    }

    fn back(&mut self) {
        match self.layer {
            Layer::Panes => self.size = Size::Shared,
            _ => self.layer = Layer::Panes,
        }
    }

    fn open(&mut self) {
        let rows = self.queue();
        let chosen = rows.get(self.chosen_row(&rows)).map(|row| row.id);
        if let (Layer::Panes, Some(incident)) = (&self.layer, chosen) {
            self.layer = Layer::Detail {
                incident,
                scroll: 0,
            };
        }
    }

    fn step(&mut self, way: Way) {
        if matches!(self.layer, Layer::Panes) && self.focus == Pane::Map {
            return self.outlook.pan(way);
        }
        match way {
            Way::Up | Way::Left => self.scroll_by(-1),
            Way::Down | Way::Right => self.scroll_by(1),
        }
    }

    /// Moves the chosen row or the first row shown of whatever has the keys.
    fn scroll_by(&mut self, rows: isize) {
        match &mut self.layer {
            Layer::Help { scroll } | Layer::Detail { scroll, .. } => {
                // The bound is the drawn length, which only drawing knows; it cuts there.
                *scroll = scroll.saturating_add_signed(rows).min(SCROLL_MAX);
                return;
            }
            _ => {}
        }
        if self.focus == Pane::Queue {
            let queue = self.queue();
            let last = queue.len().saturating_sub(1);
            let row = self
                .chosen_row(&queue)
                .saturating_add_signed(rows)
                .min(last);
            self.chosen = queue.get(row).map(|row| row.id);
        } else {
            let last = self.rows_of(self.focus).saturating_sub(1);
            let scroll = self.scroll.entry(self.focus).or_default();
            *scroll = scroll.saturating_add_signed(rows).min(last);
        }
    }

    fn rows_of(&self, pane: Pane) -> usize {
        match pane {
            Pane::Timeline => self.timeline.latest().len(),
            Pane::Links => self.rows_of_links(),
            Pane::Resources => Kind::ALL.len(),
            Pane::Queue | Pane::Map | Pane::Aid => SCROLL_MAX,
        }
    }

    fn begin_report(&mut self) {
        let (offices, request) = match self.setting.desk.writes(self.setting.source) {
            Ok(signed) => (
                self.takers(&signed.offices),
                signed.request(self.requests + 1),
            ),
            Err(why) => return self.refuse(why),
        };
        if offices.is_empty() {
            return self.refuse(say::NOBODY_TAKES_CALLS);
        }
        if self.clock.is_none() {
            return self.refuse(say::NO_CLOCK_YET);
        }
        if let Some(request) = request {
            self.requests += 1;
            let first = self.nearest(&offices);
            let form = Form::new((offices, first), &self.ground, self.now(), request);
            self.layer = Layer::Form(Box::new(form));
        }
    }

    /// A row for everybody, and one more for everybody of whom something is missing.
    fn rows_of_links(&self) -> usize {
        let parties = self.parties();
        let gaps = parties.iter().map(|party| self.freshness.of(*party));
        let gaps = gaps.filter(|hearing| hearing.gap_since.is_some()).count();
        parties.len() + gaps
    }

    /// Of these offices those that take calls: the cities, and the province after them.
    fn takers(&self, offices: &[PartyId]) -> Vec<PartyId> {
        let with = |role| {
            let takers = offices.iter().copied();
            takers.filter(move |office| self.role(*office) == Some(role))
        };
        with(Role::City).chain(with(Role::Province)).collect()
    }

    /// By the roster; until that is heard, the region's pack knows the cities.
    fn role(&self, office: PartyId) -> Option<Role> {
        match self.picture.roster().member(office) {
            Some(member) => Some(member.role),
            None => self
                .ground
                .cities()
                .any(|city| city.party == office)
                .then_some(Role::City),
        }
    }

    /// The place among the offices of the one whose incident is chosen or on whose ground it lies;
    /// otherwise the first.
    fn nearest(&self, offices: &[PartyId]) -> usize {
        let rows = self.queue();
        let Some(row) = rows.get(self.chosen_row(&rows)) else {
            return 0;
        };
        let area = row.incident.report.area.city();
        let by_ground = self.ground.cities().find(|city| city.area == area);
        let by_ground = by_ground.map(|city| city.party);
        let is_city = |party: &PartyId| self.role(*party) == Some(Role::City);
        let owner = Some(row.id.author).filter(is_city).or(by_ground);
        let place = offices.iter().position(|office| Some(*office) == owner);
        place.unwrap_or(0)
    }

    fn turn(&mut self, turn: Turn) -> Option<Request> {
        match turn {
            Turn::Stay => None,
            Turn::Leave => {
                self.layer = Layer::Panes;
                None
            }
            Turn::Look => {
                let now = self.now();
                let post = match self.setting.desk.writes(self.setting.source) {
                    Ok(signed) => signed.post.clone(),
                    Err(_) => return None,
                };
                if let Layer::Form(form) = &mut self.layer {
                    form.look(&self.ground, now, &post);
                }
                None
            }
            // What was typed stays, to be copied out or sent by other means.
            Turn::Send(..) if self.is_over() => {
                self.refuse(say::NOTHING_IS_TAKEN);
                None
            }
            Turn::Send(office, call) => {
                self.layer = Layer::Panes;
                self.send_call(office, call)
            }
        }
    }

    fn send_call(&mut self, office: PartyId, call: Box<Call>) -> Option<Request> {
        let event = self.ground.event(self.lang(), &call.event);
        let what = format!("{} {event} {}", self.word(say::FORM_TITLE), call.place);
        let request = call.request;
        let by = match self.setting.desk.writes(self.setting.source) {
            Ok(signed) => signed.post.clone(),
            Err(why) => {
                self.refuse(why);
                return None;
            }
        };
        let command = OperatorCommand {
            request,
            by,
            asked_at: Some(call.received_at),
            action: Command::Report(call),
        };
        Some(self.send(office, command, what))
    }

    fn pause(&mut self) -> Option<Request> {
        let running = self.clock.as_ref().map(ClockReading::state);
        let command = match running {
            Some(ClockState::Started) => ClockCommand::Pause,
            _ => ClockCommand::Resume,
        };
        self.steer(command)
    }

    fn speed(&mut self, next: fn(&ClockReading, Moment) -> u64) -> Option<Request> {
        let link = self.link;
        let Some(clock) = self.clock.as_mut() else {
            self.refuse(say::NO_CLOCK_TO_STEER);
            return None;
        };
        let permille = next(clock, link);
        clock.ask(permille, link);
        self.steer(ClockCommand::Speed { permille })
    }

    /// Asks the director, or the playback, for another clock.
    fn steer(&mut self, command: ClockCommand) -> Option<Request> {
        if self.setting.source == Source::Recording {
            return Some(Request::Playback(command));
        }
        let (by, director, request) = match self.setting.desk.directs() {
            Ok((signed, director)) => (
                signed.post.clone(),
                director,
                signed.request(self.requests + 1)?,
            ),
            Err(why) => {
                self.refuse(why);
                return None;
            }
        };
        self.requests += 1;
        let what = match command {
            ClockCommand::Speed { permille } => crate::clock::times(permille),
            ClockCommand::Pause => self.word(say::PAUSED).to_owned(),
            ClockCommand::Resume | ClockCommand::Stop => self.word(say::RUNNING).to_owned(),
        };
        let command = OperatorCommand {
            request,
            by,
            action: Command::Clock(command),
            asked_at: None,
        };
        Some(self.send(director, command, what))
    }

    fn send(&mut self, to: PartyId, command: OperatorCommand, what: String) -> Request {
        self.note(format!("{what}: {}", self.word(say::SENT)), Tone::Plain);
        self.pending.push(Pending {
            request: command.request,
            what,
            sent_at: self.link,
        });
        Request::Command(to, Box::new(command))
    }

    /// Says why a key did nothing.
    fn refuse(&mut self, why: Label) {
        self.note(self.word(why).to_owned(), Tone::Attention);
    }
}

/// Rows beyond which nothing scrolls.
const SCROLL_MAX: usize = 10_000;

/// The action of a function key that holds in a form and in a question too: those keys type nothing,
/// and these actions leave what lies on the screen as it is.
fn anywhere(key: KeyEvent) -> Option<Action> {
    let is_function_key = matches!(key.code, KeyCode::F(_));
    action(key, Place::Screen)
        .filter(|it| is_function_key && matches!(it, Action::Language | Action::Glyphs))
}
