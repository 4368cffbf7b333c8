//! Hazards on pieces of ground as written: water that rises and falls, gas that leaks and drifts.

use protocol::{PartyId, Point, Span};

use super::tables;

tables! {
    /// Standing water on a piece of ground: one depth, which rises and falls, and what it does to the roads there. No current, no ground level.
    FloodTable in "[[flood]]" {
        /// What it is called in this file.
        id = "id": String, must;
        /// What announcements call it, for example 大厂围内涝.
        name = "name": String, must;
        /// The word for the hazard in announcements and warnings; `flood` by default.
        hazard = "hazard": String, may;
        /// The corners of the ground, three or more; the last is joined to the first.
        ring = "ring": Vec<Point>, must;
        /// How deep it is when, two or more in order of time. Between two it rises or falls evenly, before the first it is dry, behind the last it stays.
        depths = "depth": Vec<DepthTable>, must;
        /// How often the depth is looked at; 10 minutes by default.
        sample_every = "sample_every": Span, may;
        /// Who announces it and tells of the roads; the office of the ground by default.
        told_by = "told_by": PartyId, may;
        /// How long after it is true; 10 minutes by default.
        told_after = "told_after": Span, may;
        /// How often it is announced while it lasts; 30 minutes by default.
        announce_every = "announce_every": Span, may;
    }

    /// How deep a flood is at one time.
    DepthTable in "a depth of the flood" {
        /// When, from the start of the drill.
        at = "at": Span, must;
        /// How deep, metres, 0 to 20.
        depth_m = "depth_m": f64, must;
    }

    /// A gas that leaks and drifts: a steady Gaussian plume, and what it does to the roads where the air holds more of it than a limit. From 100 m to 10 km, over flat open ground.
    PlumeTable in "[[plume]]" {
        /// What it is called in this file.
        id = "id": String, must;
        /// What announcements call it, for example 有毒气体.
        name = "name": String, must;
        /// The word for the hazard in announcements and warnings; `gas` by default.
        hazard = "hazard": String, may;
        /// Where it leaks.
        point = "point": Point, must;
        /// When it begins, from the start of the drill.
        at = "at": Span, must;
        /// How long it leaks.
        duration = "duration": Span, must;
        /// How much, kilograms a second, 0.001 to 1000.
        rate_kg_s = "rate_kg_s": f64, must;
        /// How high above the ground, metres, 0 to 300; 0 by default.
        height_m = "height_m": f64, may;
        /// The plume is where the air near the ground holds more than this, milligrams in a cubic metre, 0.01 to 100000.
        limit_mg_m3 = "limit_mg_m3": f64, must;
        /// The winds that it drifts with, in order of time; the first blows when it begins to leak.
        winds = "wind": Vec<DriftTable>, must;
        /// Travel through it as a percentage of the free time, 101 to 1000; 150 by default (model).
        slow_percent = "slow_percent": u32, may;
        /// Who announces it and tells of the roads; the office of the ground by default.
        told_by = "told_by": PartyId, may;
        /// How long after it is true; 5 minutes by default.
        told_after = "told_after": Span, may;
        /// How often it is announced while it lasts; 30 minutes by default.
        announce_every = "announce_every": Span, may;
    }

    /// A wind that a gas drifts with.
    DriftTable in "a wind of the plume" {
        /// From when, from the start of the drill.
        at = "at": Span, must;
        /// Where it comes from, degrees from north over east, 0 to 360.
        from_deg = "from_deg": f64, must;
        /// How fast, metres a second, 1 to 30.
        speed_ms = "speed_ms": f64, must;
        /// How much the air mixes, Pasquill's class: `A` (strong sun) to `F` (clear night); `D` by default.
        stability = "stability": String, may;
    }
}
