//! The towns of the quiet day, each with crews of one kind alone: what a town calls for, another has to
//! lend. So commitments are made whenever somebody calls, and are there to be lost or made twice.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use protocol::PartyId;

use crate::run::QUIET_DAY;

/// Crews of a town. A drill of a test takes a dozen of them, and two fifths never leave home.
const CREWS: usize = 80;

/// A town with an operator.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Town {
    office: &'static str,
    has: &'static str,
    /// What it calls for: kinds that it has none of.
    pub(crate) call: &'static str,
    /// Latitude and longitude of its crews' station.
    station: [&'static str; 2],
}

/// The towns: whom one of them helps is helped by another.
pub(crate) const TOWNS: [Town; 3] = [
    Town {
        office: "990100",
        has: "ambulance",
        call: "fire-rescue=2x10m",
        station: ["10.620", "150.600"],
    },
    Town {
        office: "990200",
        has: "fire-rescue",
        call: "pump=2x10m",
        station: ["10.560", "150.250"],
    },
    Town {
        office: "990300",
        has: "pump",
        call: "ambulance=2x10m",
        station: ["10.220", "150.350"],
    },
];

impl Town {
    pub(crate) fn office(self) -> PartyId {
        self.office.parse().unwrap()
    }

    /// Its inventory as a city writes it.
    fn inventory(self) -> String {
        let Self { office, has, .. } = self;
        let [lat, lon] = self.station;
        let mut text =
            "resource,kind,name,also,grade,home,lat,lon,readiness_s,quantity,measure,demo\n"
                .to_owned();
        for crew in 1..=CREWS {
            let id = format!("{office}-{has}-{crew}");
            writeln!(
                text,
                "{id},{has},Crew {crew},,1,{office}-s01,{lat},{lon},60,1,,yes"
            )
            .unwrap();
        }
        text
    }
}

/// The quiet day, so long that no test sees its end. Offers hold for half an hour, at the drill's speed
/// half a minute: a bus that elects a leader carries nothing for most of that, and an offer that lapses
/// meanwhile makes its need rest.
pub(crate) fn long_day(folder: &Path) -> PathBuf {
    let quiet = std::fs::read_to_string(QUIET_DAY).unwrap();
    assert!(quiet.contains("duration = \"6h\""));
    let long = quiet.replace("duration = \"6h\"", "duration = \"48h\"");
    let path = folder.join("scenario.toml");
    std::fs::write(&path, long + "\n[office]\nhold_s = 1800\n").unwrap();
    path
}

/// Gives a drill these towns; the files that say so lie in the folder.
pub(crate) fn equip(drill: &mut Command, folder: &Path) {
    for town in TOWNS {
        let file = folder.join(format!("{}.csv", town.office));
        std::fs::write(&file, town.inventory()).unwrap();
        let named = format!("{}={}", town.office, file.display());
        drill.args(["--inventory", &named]);
    }
}
