//! Water that comes over its banks as written: a river's wave from gauge to gauge, and the tide with what a
//! storm adds.

use protocol::{PartyId, Point, Span};

use super::tables;

tables! {
    /// A wave that comes down a river from gauge to gauge, and floods the ground beside a gauge where it stands above the bank. Lag and share (model): no storage, no backwater.
    RiverTable in "[[river]]" {
        /// What it is called in this file.
        id = "id": String, must;
        /// What announcements call it, for example 北江洪水.
        name = "name": String, must;
        /// The word for the hazard in announcements and warnings; `flood` by default.
        hazard = "hazard": String, may;
        /// How high the water stands at the first gauge, two or more in order of time; evenly between two, nought before the first.
        wave = "wave": Vec<LevelTable>, must;
        /// The gauges.
        gauges = "gauge": Vec<GaugeTable>, must;
        /// How often levels are looked at; 10 minutes by default.
        sample_every = "sample_every": Span, may;
        /// How long after it is true it is told; 10 minutes by default.
        told_after = "told_after": Span, may;
        /// How often a flood is announced while it lasts; 30 minutes by default.
        announce_every = "announce_every": Span, may;
    }

    /// How high water stands at one time.
    LevelTable in "a level of the water" {
        /// When, from the start of the drill.
        at = "at": Span, must;
        /// How high, metres, -20 to 60, above where the file counts from.
        level_m = "level_m": f64, must;
    }

    /// A gauge of a river, and the ground beside it.
    GaugeTable in "a gauge of the river" {
        /// What it is called, for example 石角站.
        name = "name": String, must;
        /// How long the wave takes from the first gauge; nought by default.
        after = "after": Span, may;
        /// How much of the wave's height is left here, per cent, 1 to 200; 100 by default.
        share_percent = "share_percent": u32, may;
        /// How high the bank or dyke stands, metres, -20 to 60.
        bank_m = "bank_m": f64, must;
        /// The corners of the ground that is flooded above that.
        ring = "ring": Vec<Point>, must;
        /// Who announces it and tells of the roads; the office of the ground by default.
        told_by = "told_by": PartyId, may;
    }

    /// A shore under the tide and what a storm adds: its ground is flooded where both together stand above the bank.
    TideTable in "[[tide]]" {
        /// What it is called in this file.
        id = "id": String, must;
        /// What announcements call it, for example 风暴潮.
        name = "name": String, must;
        /// The word for the hazard in announcements and warnings; `storm-surge` by default.
        hazard = "hazard": String, may;
        /// What the tide is made of.
        constituents = "constituent": Vec<ConstituentTable>, must;
        /// What a storm adds, in order of time; evenly between two, nought before the first.
        surge = "surge": Vec<LevelTable>, may;
        /// How high the shore or its wall stands, metres, -20 to 60, above mean sea level.
        bank_m = "bank_m": f64, must;
        /// The corners of the ground that is flooded above that.
        ring = "ring": Vec<Point>, must;
        /// How often levels are looked at; 10 minutes by default.
        sample_every = "sample_every": Span, may;
        /// Who announces it and tells of the roads; the office of the ground by default.
        told_by = "told_by": PartyId, may;
        /// How long after it is true it is told; 10 minutes by default.
        told_after = "told_after": Span, may;
        /// How often it is announced while it lasts; 30 minutes by default.
        announce_every = "announce_every": Span, may;
    }

    /// A part of the tide.
    ConstituentTable in "a constituent of the tide" {
        /// Which: `M2`, `S2`, `K1` or `O1`.
        name = "name": String, must;
        /// Half of the way from low to high water, metres, 0 to 8.
        amplitude_m = "amplitude_m": f64, must;
        /// A high water, from the start of the drill.
        high_at = "high_at": Span, must;
    }
}
