//! What people do: callers call, operators command, and a test looks at what came of it.

use std::fmt::Write as _;

use picture::Coverage;
use protocol::{
    Action, AreaCode, Body, Call, Category, Counts, Direct, Envelope, FieldMessage, FieldReport,
    Frame, IncidentId, Kind, Mode, Moment, NeedId, OperatorCommand, Outcome, RequestId,
    Requirement, Said, SceneReport, Severity, Signer, Span, Speaker, Topic, Trend, UnitState, Wall,
};

use crate::bus::Region;
use crate::cast::{self, FIRST, GROUND, MACHINES, SECOND, THIRD, network, operator, party, seat};

pub(crate) fn request(name: &str) -> RequestId {
    name.parse().unwrap()
}

/// A call for so many fire crews at an office's seat.
pub(crate) fn call(office: &str, name: &str, crews: u32, now: Moment) -> Call {
    Call {
        request: request(name),
        event: "fire".into(),
        category: Category::Accident,
        severity: Severity::Serious,
        occurred_at: now,
        received_at: now,
        place: "Harbour Road 1".into(),
        area: AreaCode(office.parse().unwrap()),
        point: Some(seat(office)),
        source: "119".into(),
        summary: "smoke from a roof".into(),
        counts: Counts::default(),
        requires: vec![Requirement {
            kind: Kind::FireRescue,
            quantity: crews,
            duration: Span::minutes(20),
        }],
    }
}

impl Region {
    /// A party says something to an office from the ground.
    pub(crate) fn report(&mut self, from: &str, office: &str, report: FieldReport) {
        let message = Direct::Field(FieldMessage { report });
        let topic = Topic::Field(party(office));
        let frame = self.speak(from, topic, message);
        for index in self.under(office) {
            self.send(index, topic, frame.text());
        }
    }

    /// An operator commands an office.
    pub(crate) fn command(&mut self, from: &str, office: &str, command: OperatorCommand) {
        let topic = Topic::Command(party(office));
        let frame = self.speak(from, topic, Direct::Command(command));
        for index in self.under(office) {
            self.send(index, topic, frame.text());
        }
    }

    fn under(&self, office: &str) -> Vec<usize> {
        let machines = self.machines.iter().enumerate();
        let named = machines.filter(|(_, machine)| machine.name == office);
        named.map(|(index, _)| index).collect()
    }

    /// A frame of a party that is no office.
    pub(crate) fn speak(&mut self, from: &str, topic: Topic, body: Direct) -> Frame {
        let speaker = self.speakers.entry(from.to_owned()).or_insert_with(|| {
            let signer: Signer = cast::signer(from);
            Speaker::new(network().id, Mode::Exercise, signer, 1)
        });
        let times = (Wall::at(self.now), Span::minutes(5));
        Frame::direct(speaker, network().id, topic, body, times)
    }

    /// Somebody calls an office for so many fire crews.
    pub(crate) fn call(&mut self, office: &str, name: &str, crews: u32) {
        let call = call(office, name, crews, self.now);
        self.report(GROUND, office, FieldReport::Call(Box::new(call)));
    }

    /// The work of a call is done.
    pub(crate) fn over(&mut self, office: &str, call: &str) {
        let news = SceneReport {
            request: request(&format!("{call}-over")),
            call: request(call),
            at: self.now,
            trend: Trend::Improving,
            counts: Counts::default(),
            requires: Vec::new(),
            summary: "out".into(),
            done: true,
        };
        self.report(GROUND, office, FieldReport::Scene(news));
    }

    /// The office's own operator does something; the answer, once it came.
    pub(crate) fn act(&mut self, office: &str, name: &str, action: Action) -> Outcome {
        let command = OperatorCommand {
            request: request(name),
            by: "duty officer".into(),
            action,
            asked_at: None,
        };
        let before = self.replies.len();
        self.command(&operator(office), office, command);
        self.run(Span::seconds(1));
        let reply = self.replies[before..].last();
        assert!(
            reply.is_some(),
            "{name} was not answered: {:?}",
            self.alarms
        );
        let reply = reply.unwrap();
        assert_eq!(reply.request, request(name));
        reply.outcome.clone()
    }

    /// Does something that is done; what it was about.
    pub(crate) fn done(&mut self, office: &str, name: &str, action: Action) -> String {
        match self.act(office, name, action) {
            Outcome::Done { about, .. } => about,
            other => unreachable!("{name}: {other:?}"),
        }
    }

    /// Does something that stands so already: how it stands, in both languages. Nothing is written.
    pub(crate) fn already(&mut self, office: &str, name: &str, action: Action) -> String {
        let written = self.own(office).len();
        let remark = match self.act(office, name, action) {
            Outcome::Already { remark } => remark.to_string(),
            other => unreachable!("{name}: {other:?}"),
        };
        assert_eq!(self.own(office).len(), written, "{name}: {remark}");
        remark
    }

    /// Does something that is refused; why.
    pub(crate) fn refused(&mut self, office: &str, name: &str, action: Action) -> String {
        match self.act(office, name, action) {
            Outcome::Refused { reason } => reason,
            other => unreachable!("{name}: {other:?}"),
        }
    }

    /// The entries of an office's own logs as its disk holds them.
    pub(crate) fn own(&self, office: &str) -> Vec<&Envelope> {
        let disk = self.machines[Self::index(office)].disk().iter();
        let own = disk.filter(|entry| entry.header().log.author == party(office));
        own.map(AsRef::as_ref).collect()
    }

    /// How many entries of a kind an office wrote.
    pub(crate) fn count(&self, office: &str, kind: &str) -> usize {
        let own = self.own(office).into_iter();
        own.filter(|entry| entry.body().map(Body::kind) == Some(kind))
            .count()
    }

    /// The incident that a call opened, as its office knows it.
    pub(crate) fn incident(&self, office: &str, call: &str) -> IncidentId {
        let state = self.office(office).picture().state(party(office)).unwrap();
        let mut all = state.incidents.iter();
        let found = all.find(|(_, known)| known.call == Some(request(call)));
        *found.expect("the call opened an incident").0
    }

    /// The needs of an office in the order of asking.
    pub(crate) fn needs(&self, office: &str) -> Vec<NeedId> {
        let state = self.office(office).picture().state(party(office));
        state
            .map(|state| state.needs.keys().copied().collect())
            .unwrap_or_default()
    }

    pub(crate) fn coverage(&self, office: &str, need: NeedId) -> Coverage {
        self.office(office).picture().coverage(need)
    }

    /// What an office believes of a unit of its own.
    pub(crate) fn believed(&self, office: &str, kind: Kind, number: u32) -> UnitState {
        let state = self.office(office).picture().state(party(office)).unwrap();
        let unit = cast::unit_id(office, kind, number);
        state.holdings[&unit].unit().unwrap().state
    }

    /// The machine that the last alarm named which says how to take over.
    pub(crate) fn told_machine(&self) -> u64 {
        let mut alarms = self.alarms.iter().rev().map(|(_, alarm)| &alarm.text);
        let named = alarms.find_map(|text| text.split_once("--machine "));
        u64::from_str_radix(named.unwrap().1, 16).unwrap()
    }

    /// How many alarms of a code were raised.
    pub(crate) fn alarms_of(&self, code: &str) -> usize {
        self.alarms
            .iter()
            .filter(|(_, alarm)| alarm.code == code)
            .count()
    }

    /// How many direct messages of offices so far were of a kind.
    pub(crate) fn said_of(&self, office: &str, kind: fn(&Direct) -> bool) -> usize {
        let said = self
            .said
            .iter()
            .filter(|(_, from, _)| *from == party(office));
        said.filter(|(.., frame)| matches!(frame.said(), Said::Direct { body, .. } if kind(body)))
            .count()
    }

    /// Nobody wrote what is void, and no unit is bound twice in anybody's picture.
    pub(crate) fn is_sound(&self) {
        let own_void = self
            .alarms
            .iter()
            .find(|(_, alarm)| alarm.code == "own-void");
        assert!(own_void.is_none(), "{own_void:?}");
        for name in [FIRST, SECOND, THIRD] {
            let Some(office) = &self.machines[Self::index(name)].office else {
                continue;
            };
            for author in office.picture().authors().values() {
                let mut bound = std::collections::BTreeSet::new();
                let aids = author.state.aids.values().filter(|aid| aid.binds());
                let holding = |aid: &picture::Aid| author.state.holdings.get(&aid.commit.resource);
                let units = aids.filter(|aid| holding(aid).is_none_or(|it| it.unit().is_some()));
                for aid in units {
                    assert!(
                        bound.insert(aid.commit.resource),
                        "{} twice",
                        aid.commit.resource
                    );
                }
            }
        }
    }

    /// What offices wrote, a line each: for whoever looks into a failure.
    pub(crate) fn story(&self) -> String {
        let mut story = String::new();
        for office in [FIRST, SECOND, THIRD] {
            for entry in self.own(office) {
                let (header, kind) = (entry.header(), entry.body().map_or("?", Body::kind));
                let at = header.sent.0 % 100_000_000;
                let _ = writeln!(story, "{at:>9} {} #{} {kind}", header.log, header.seq);
            }
        }
        story
    }

    /// All running machines hold the same and make the same of it.
    pub(crate) fn all_are_equal(&self) -> bool {
        let running = self
            .machines
            .iter()
            .filter_map(|machine| machine.office.as_ref());
        let mut seen = running.map(|office| (office.picture().version(), office.picture().hash()));
        let first = seen.next();
        seen.all(|other| Some(&other) == first.as_ref())
    }

    /// Machines by their names.
    pub(crate) fn indexes(names: &[&str]) -> Vec<usize> {
        names.iter().map(|name| Self::index(name)).collect()
    }

    /// Every machine but these.
    pub(crate) fn others(names: &[&str]) -> Vec<usize> {
        (0..MACHINES.len())
            .filter(|index| !names.contains(&MACHINES[*index].0))
            .collect()
    }
}
