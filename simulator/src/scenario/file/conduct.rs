//! Faults, links, offices, crews and fleet as written.

use protocol::{Autonomy, CommandAuthority, Kind, PartyId, Planning, Requirement, Span};

use super::{Seconds, tables};
use crate::scenario::page::At;
use crate::stream::{Chance, Spread};

tables! {
    /// Something that fails in the coordination system.
    FaultTable in "[[fault]]" {
        /// What it is called; its kind and number by default.
        id = "id": String, may;
        /// `link-cut`, `link-degrade`, `isolate`, `broker-crash`, `lying-relay`, `office-crash`, `office-pause`, `office-duplicate`, `office-clock`, `disk-full`, `disk-unreadable` or `void-entry`.
        kind = "kind": String, must;
        /// When it begins, from the start of the drill.
        at = "at": Span, must;
        /// How long it lasts.
        lasts = "for": Span, must;
        /// Link faults: the two ends, `[["440400"], ["*"]]`; `*` is everybody else.
        between = "between": Vec<Vec<At<String>>>, may;
        /// Link faults: whether both directions are touched; true by default.
        symmetric = "symmetric": bool, may;
        /// Isolation and what strikes one office: the office. Broker crash: whose broker, where each office has one; all of them by default.
        office = "office": PartyId, may;
        /// Degraded links: how long a frame travels.
        latency = "latency": Spread, may;
        /// Degraded links: how likely a frame is lost.
        loss = "loss": Chance, may;
        /// Degraded links: how likely a frame arrives twice.
        duplicate = "duplicate": Chance, may;
        /// Degraded links: how likely a frame is overtaken.
        reorder = "reorder": Chance, may;
        /// Degraded links: how much longer such a frame travels.
        reorder_by = "reorder_by": Span, may;
        /// Degraded links: thousands of bits that pass in a second.
        kbit_s = "rate_kbit_s": u64, may;
        /// Degraded links: how likely bytes of a frame are changed.
        corrupt = "corrupt": Chance, may;
        /// Crash: what the disk holds afterwards, `keep` (default), `torn` (some of what was being written too), `written` (all of that), `old` (an image, see `image_age`) or `lost`.
        disk = "disk": String, may;
        /// Crash with an old disk: how old the image is. Duplicate: the same; a copy of the disk as it is by default.
        image_age = "image_age": Span, may;
        /// Broker crash: whether it still knows what was retained, `keep` (default) or `lost`.
        memory = "memory": String, may;
        /// Lying relay: what it does with the office's frames, `replay`, `forge` or `withhold`.
        lie = "lie": String, may;
        /// Duplicate: the offices that the second machine reaches, and that reach it; all by default, the first machine among them.
        reaches = "reaches": Vec<At<String>>, may;
        /// Clock: by how many seconds it is wrong; negative is late.
        offset_s = "offset_s": f64, may;
        /// Clock: how much faster it runs, in parts in a million; negative is slower.
        drift_ppm = "drift_ppm": f64, may;
    }

    /// What links are like while no fault touches them.
    NetworkTable in "[network]" {
        /// How long a frame travels; lognormal with a median of 20 ms and 60 ms at the 90th percentile by default (model).
        latency = "latency": Spread, may;
        /// How likely a frame is lost; 0 by default.
        loss = "loss": Chance, may;
        /// How likely a frame arrives twice; 0 by default.
        duplicate = "duplicate": Chance, may;
        /// How likely a frame is overtaken; 0 by default.
        reorder = "reorder": Chance, may;
        /// How much longer such a frame travels; 2 s by default.
        reorder_by = "reorder_by": Span, may;
        /// How likely bytes of a frame are changed; 0 by default.
        corrupt = "corrupt": Chance, may;
        /// Thousands of bits that pass in a second; no limit by default.
        kbit_s = "rate_kbit_s": u64, may;
        /// Whose brokers carry the messages: `one` for all (default), or one at `each` office.
        brokers = "brokers": String, may;
        /// With a broker at each office: which of them have a line to each other, `[["440100", "440600"]]`; by default those that are neighbours.
        lines = "lines": Vec<Vec<At<PartyId>>>, may;
    }

    /// How offices decide.
    OfficeTable in "[office]" {
        /// Whether the planner acts (`act`, by default) or only proposes (`advise`).
        autonomy = "autonomy": Autonomy, may;
        /// Which unit it sends where: `own-first` (by default), `nearest`, `batch`, `look-ahead` or `replan`; docs/dispatch.md says how they differ.
        policy = "policy": Planning, may;
        /// How long an offer is held; 180 by default.
        hold_s = "hold_s": Seconds, may;
        /// How long offers are awaited before the best is taken; 30 by default.
        aid_window_s = "aid_window_s": Seconds, may;
        /// 前置: units that an office asks to stand by in its city when a storm is forecast to strike it,
        /// `["pump=3x12h"]`; none by default.
        stand_by = "stand_by": Vec<At<Requirement>>, may;
        /// Entries of its own after which an office writes a snapshot of its log; by default 1,024.
        snapshot_every = "snapshot_every": u64, may;
        /// Missing entries of one author beyond which its snapshot is asked for instead; by default 2,048.
        snapshot_gap = "snapshot_gap": u64, may;
        /// Offices that differ.
        except = "except": Vec<OfficeExcept>, may;
    }

    /// Offices that decide differently; what is left out is as in `[office]`.
    OfficeExcept in "[[office.except]]" {
        /// Which offices.
        offices = "offices": Vec<At<PartyId>>, must;
        /// Whether the planner acts or only proposes.
        autonomy = "autonomy": Autonomy, may;
        /// How long an offer is held.
        hold_s = "hold_s": Seconds, may;
        /// How long offers are awaited.
        aid_window_s = "aid_window_s": Seconds, may;
    }

    /// How crews behave.
    CrewTable in "[crew]" {
        /// From the order to wheels rolling; what the unit's own readiness says, spread as crews are, by default (model).
        turnout = "turnout": Spread, may;
        /// From coming home to being available again; triangular of 5, 10 and 30 minutes by default (model).
        rehab = "rehab": Spread, may;
        /// How long a crew may be out at a stretch before another relieves it at home; no limit by default.
        shift = "shift": Span, may;
        /// Kinds that differ.
        except = "except": Vec<CrewExcept>, may;
    }

    /// Kinds of crews that take longer or shorter to roll.
    CrewExcept in "[[crew.except]]" {
        /// Which kinds.
        kinds = "kinds": Vec<Kind>, must;
        /// From the order to wheels rolling.
        turnout = "turnout": Spread, must;
    }

    /// How large the demo fleet is.
    FleetTable in "[fleet]" {
        /// Units as a share of what the demo fleet gives, 0.01 to 10; 1 by default.
        scale = "scale": f64, may;
        /// Offices that differ.
        except = "except": Vec<FleetExcept>, may;
        /// Kinds that another authority than the office's own commands.
        under = "under": Vec<FleetUnder>, may;
    }

    /// Kinds of units under another authority.
    FleetUnder in "[[fleet.under]]" {
        /// Which kinds.
        kinds = "kinds": Vec<Kind>, must;
        /// Who commands them.
        command_authority = "command_authority": CommandAuthority, must;
    }

    /// Offices with a larger or smaller fleet.
    FleetExcept in "[[fleet.except]]" {
        /// Which offices.
        offices = "offices": Vec<At<PartyId>>, must;
        /// Units as a share of what the demo fleet gives.
        scale = "scale": f64, must;
    }
}
