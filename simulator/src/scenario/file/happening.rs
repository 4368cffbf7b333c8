//! Incidents and injects as written.

use protocol::{
    AreaCode, Audience, Category, Colour, Kind, PartyId, Point, ReportKind, ResponseLevel, RoadId,
    RoadState, Saying, Severity, Span, Trend,
};

use super::{Quantity, tables};
use crate::scenario::page::At;
use crate::stream::{Chance, Spread};

tables! {
    /// An incident that is written out.
    IncidentTable in "[[incident]]" {
        /// What this file calls it; its call id is made of it. Letters, digits and hyphens.
        id = "id": String, must;
        /// When it happens, from the start of the drill.
        at = "at": Span, must;
        /// How long after that the call comes; a minute by default.
        call_after = "call_after": Span, may;
        /// The district or city where it happens.
        area = "area": AreaCode, must;
        /// The office that is called; that of the area by default.
        office = "office": PartyId, may;
        /// Where exactly; drawn within the area by default.
        point = "point": Point, may;
        /// Where, in words; the area's name by default.
        place = "place": String, may;
        /// The event code, for example `structural-collapse`.
        event = "event": String, must;
        /// Which of the four kinds of the law.
        category = "category": Category, must;
        /// How grave.
        severity = "severity": Severity, must;
        /// What is said, at most 150 characters.
        text = "text": String, must;
        /// Who says so; 来电 by default.
        source = "source": String, may;
        /// People harmed as first told.
        counts = "counts": CountsTable, may;
        /// What it takes.
        needs = "needs": Vec<NeedTable>, must;
        /// Other offices that are called about the same event.
        also_told = "also_told": Vec<AlsoTold>, may;
        /// What is told later.
        news = "news": Vec<NewsTable>, may;
    }

    /// Another office that is called about the same event.
    AlsoTold in "also_told" {
        /// The office.
        office = "office": PartyId, must;
        /// How long after the first call.
        after = "after": Span, must;
    }

    /// News of an incident.
    NewsTable in "news" {
        /// How long after the first call.
        after = "after": Span, must;
        /// Where it is heading.
        trend = "trend": Trend, must;
        /// What is said.
        text = "text": String, must;
        /// People harmed as of then; may be fewer than before.
        counts = "counts": CountsTable, may;
        /// What it takes on top.
        needs = "needs": Vec<NeedTable>, may;
    }

    /// People harmed. What is left out is not counted, which is not zero.
    CountsTable in "counts" {
        /// 死亡.
        deaths = "deaths": u32, may;
        /// 下落不明.
        missing = "missing": u32, may;
        /// 重伤.
        serious = "serious": u32, may;
        /// 轻伤.
        minor = "minor": u32, may;
        /// 被困.
        trapped = "trapped": u32, may;
        /// 转移.
        evacuated = "evacuated": u32, may;
        /// 受影响.
        affected = "affected": u32, may;
    }

    /// What an incident takes: one kind, how many, how long.
    NeedTable in "needs" {
        /// What.
        kind = "kind": Kind, must;
        /// How many units or how much; in a stream also `[least, most]`.
        quantity = "quantity": Quantity, must;
        /// How long the work takes, in minutes.
        minutes = "minutes": u32, may;
        /// How long the work takes, as a spread; instead of `minutes`.
        work = "work": Spread, may;
        /// How likely an incident of a stream takes this at all; 1 by default.
        chance = "chance": Chance, may;
        /// Only incidents of a stream that are at least this grave take it.
        severity = "from": Severity, may;
    }

    /// A source of incidents at random: a Poisson process in each district.
    StreamTable in "[[incident_stream]]" {
        /// Its name; part of its call ids. Letters, digits and hyphens.
        id = "id": String, must;
        /// The event code of its incidents.
        event = "event": String, must;
        /// Which of the four kinds of the law.
        category = "category": Category, must;
        /// Incidents a day for each 100,000 people, before multipliers; 0 to 10,000.
        rate = "rate_per_100k_per_day": f64, must;
        /// Only these cities or districts; all by default.
        areas = "areas": Vec<At<AreaCode>>, may;
        /// Factors by phase and by wind; all that hold are multiplied, of the wind steps only the highest reached.
        multipliers = "multiplier": Vec<Multiplier>, may;
        /// How grave: a share for each severity.
        severity = "severity": SeverityMix, must;
        /// What each takes.
        needs = "needs": Vec<NeedTable>, must;
        /// What is said; one is drawn. `{place}` stands for the district.
        texts = "texts": Vec<At<String>>, must;
        /// How likely an incident grows and asks for one more of its first need; 0 by default.
        worsens = "worsens": Chance, may;
        /// No more than this in the whole drill, at most 100,000; the latest are left out.
        max = "max": u32, must;
    }

    /// A factor on the rate of a stream, in a phase or from a wind upwards.
    Multiplier in "multiplier" {
        /// In this phase.
        phase = "phase": String, may;
        /// From this wind over land upwards, metres a second, 0 to 100.
        wind_ms = "wind_ms": f64, may;
        /// The factor, 0 to 1000.
        value = "value": f64, must;
    }

    /// Shares of the severities; they need not add up to 1.
    SeverityMix in "severity" {
        /// 危急.
        critical = "critical": Chance, may;
        /// 紧急.
        serious = "serious": Chance, may;
        /// 较急.
        moderate = "moderate": Chance, may;
        /// 一般.
        minor = "minor": Chance, may;
    }

    /// Something that the exercise controllers give at a moment.
    InjectTable in "[[inject]]" {
        /// Its number on the control card 导调卡.
        number = "number": String, must;
        /// In a few words.
        title = "title": String, must;
        /// When, from the start of the drill; or `after`. With `when`: not before.
        at = "at": Span, may;
        /// After another inject; or `at`.
        after = "after": After, may;
        /// As soon as this is seen, once; never if it is not.
        when = "when": SignTable, may;
        /// 备用: not given if this has been seen by then.
        unless = "unless": SignTable, may;
        /// How it reaches people: `field`, `operator` or `bus`.
        channel = "channel": String, must;
        /// Who is given it.
        to = "to": Vec<At<PartyId>>, must;
        /// What is given: `warning`, `response`, `note`, `call`, `report`, `road` or `aid-request`.
        kind = "kind": String, must;
        /// What is said: the matter of a warning or response, a note, why a road is so, a call, a report.
        text = "text": String, must;
        /// Warning: the hazard.
        hazard = "hazard": String, may;
        /// Warning: the colour; none lifts it.
        colour = "colour": Colour, may;
        /// Warning: where.
        areas = "areas": Vec<At<AreaCode>>, may;
        /// Warning, response: what is to be done.
        measures = "measures": String, may;
        /// Warning: how long it holds. Response: how long it is expected to last.
        lasts = "for": Span, may;
        /// Response: the level, 1 to 4; none ends it.
        level = "level": ResponseLevel, may;
        /// Road: which crossings.
        roads = "roads": Vec<At<RoadId>>, may;
        /// Road: what they are like.
        state = "state": RoadState, may;
        /// Road: travel time as a percentage of the free one, with state `slow`.
        percent = "percent": u32, may;
        /// Call, report, aid request: the incident of this file that it is about. A call keeps the incident's call id, so it tells another office of the same event, or the same office once more.
        incident = "incident": String, may;
        /// Report: which, `follow-up`, `final` or `correction`.
        report = "report": ReportKind, may;
        /// Report: people harmed as of when it is given; those before by default.
        counts = "counts": CountsTable, may;
        /// Aid request: what is asked.
        need = "need": NeedTable, may;
        /// Aid request: who is asked; `region` by default.
        audience = "audience": Audience, may;
        /// What a good office does then.
        expected = "expected": Expectation, may;
        /// The objective that it serves.
        objective = "objective": String, may;
    }

    /// After another inject.
    After in "after" {
        /// Its number.
        inject = "inject": String, must;
        /// How long after it.
        delay = "delay": Span, must;
    }

    /// What is expected after an inject.
    Expectation in "expected" {
        /// How soon.
        within = "within": Span, must;
        /// What an evaluator should see.
        action = "action": String, must;
        /// By what the drill itself sees it, counted from when the inject is given; people judge by default.
        seen = "seen": SignTable, may;
    }

    /// Something that can be seen in the world or in the offices' logs: one of `said`, `reached`, `served`, `waiting` and `expected`.
    SignTable in "a sign" {
        /// What offices have said, as their logs tell.
        said = "said": Saying, may;
        /// With `said`: who, each of them; whom the inject is for by default.
        by = "by": Vec<At<PartyId>>, may;
        /// With `said`: the incident of this file that it is about; any by default.
        incident = "incident": String, may;
        /// With `said`: how often each of them has said it, 1 to 1000; once by default.
        times = "times": u32, may;
        /// The incident of this file to which a unit has truly come.
        reached = "reached": String, may;
        /// The incident of this file at which the work is truly done.
        served = "served": String, may;
        /// How many incidents truly wait at the same time for their work to be done, at least; 1 to 100,000.
        waiting = "waiting": u32, may;
        /// With `waiting`: only those that are at least this grave.
        severity = "severity": Severity, may;
        /// With `waiting`: only those of these cities or districts.
        areas = "areas": Vec<At<AreaCode>>, may;
        /// The inject after which the expected action was seen, in time or not.
        expected = "expected": String, may;
    }
}
