//! The head of a scenario file.

use protocol::{AreaCode, Civil, Figure, Measure, Severity};

use super::{
    CrewTable, FaultTable, FleetTable, FloodTable, HazardTable, IncidentTable, InjectTable,
    NetworkTable, OfficeTable, PlumeTable, RiverTable, StreamTable, TideTable, YearMonth, tables,
};
use crate::scenario::page::At;

tables! {
    /// The whole file: what drill this is, and its tables.
    ScenarioFile in "the file" {
        /// The name of the format; `liandong-scenario/1`.
        schema = "schema": String, must;
        /// Names the drill in recordings and reports: letters, digits and hyphens.
        id = "id": String, must;
        /// What the drill is called. It says that it is fictional: 演练·虚构 and fictional.
        title = "title": Title, must;
        /// The region pack: `prd`, `trio`, or the path of a pack.
        region = "region": String, must;
        /// Drill time at which it begins, with its zone.
        start = "start": Civil, must;
        /// How long it lasts.
        duration = "duration": protocol::Span, must;
        /// The seed, unless the command line gives another.
        seed = "seed": u64, must;
        /// The month whose road network is used; without it today's, with every road of the pack.
        roads_as_of = "roads_as_of": YearMonth, may;
        /// Real figures that the drill rests on, each with its date and source.
        sources = "sources": Vec<String>, may;
        /// What is assumed; each begins (model).
        assumptions = "assumptions": Vec<At<String>>, may;
        /// Named windows; other tables hang on them.
        phases = "phase": Vec<PhaseTable>, may;
        /// The grades of objectives, best first, 2 to 6 words; 优、良、中、差 by default.
        scale = "scale": Vec<At<String>>, may;
        /// What is to be exercised.
        objectives = "objective": Vec<ObjectiveTable>, may;
        /// Hazards that move over the region.
        hazards = "hazard": Vec<HazardTable>, may;
        /// Water on pieces of ground.
        floods = "flood": Vec<FloodTable>, may;
        /// Waves that come down rivers.
        rivers = "river": Vec<RiverTable>, may;
        /// Shores under tide and surge.
        tides = "tide": Vec<TideTable>, may;
        /// Gases that leak and drift.
        plumes = "plume": Vec<PlumeTable>, may;
        /// Incidents written one by one.
        incidents = "incident": Vec<IncidentTable>, may;
        /// Sources of incidents at random.
        streams = "incident_stream": Vec<StreamTable>, may;
        /// What the exercise controllers give.
        injects = "inject": Vec<InjectTable>, may;
        /// What fails in the coordination system.
        faults = "fault": Vec<FaultTable>, may;
        /// What links are like while no fault touches them.
        network = "network": NetworkTable, may;
        /// How offices decide.
        office = "office": OfficeTable, may;
        /// How crews behave.
        crew = "crew": CrewTable, may;
        /// How large the demo fleet is.
        fleet = "fleet": FleetTable, may;
    }

    /// A title in both languages.
    Title in "title" {
        /// In Chinese; holds 演练 and 虚构.
        zh = "zh": String, must;
        /// In English; holds fictional.
        en = "en": String, must;
    }

    /// A named window of the drill; it lasts until the next phase begins.
    PhaseTable in "[[phase]]" {
        /// What other tables call it.
        id = "id": String, must;
        /// What the screen says.
        title = "title": String, must;
        /// When it begins, from the start of the drill.
        at = "at": protocol::Span, must;
    }

    /// Something that the drill is to exercise.
    ObjectiveTable in "[[objective]]" {
        /// What injects call it.
        id = "id": String, must;
        /// In words.
        title = "title": String, must;
        /// What it is measured by; people judge it by default. Times are better the shorter, percentages the higher.
        measure = "measure": Measure, may;
        /// Only incidents that are at least this grave count; all by default.
        severity = "severity": Severity, may;
        /// Only incidents of these cities or districts count; all by default.
        areas = "areas": Vec<At<AreaCode>>, may;
        /// The worst figure of each grade but the last, best first: times or whole percentages, as the measure is.
        grades = "grades": Vec<At<Figure>>, may;
    }
}
