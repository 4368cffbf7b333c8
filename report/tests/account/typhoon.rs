//! A typhoon over a whole region, as large as a test wants it.

use protocol::{Mode, Point, Severity, Span};

use super::stage::{Stage, minute};
use super::storm::{Case, OFFICES, centre, close, fleet, helped, opened, staged};

/// A storm of some incidents in all nine cities, each served, every fourth by a neighbour.
pub(crate) fn large(mode: Mode, incidents: u32) -> Stage {
    let mut stage = Stage::new(mode, "台风山竹联合演练", &OFFICES);
    staged(&mut stage);
    // Enough that no unit is asked twice within two hours and a half.
    let fleet_size = incidents * 150 / 1_000 + 1;
    for (office, ..) in &OFFICES[..9] {
        fleet(&mut stage, office, fleet_size);
    }
    for hour in 0..8 {
        centre(&mut stage, hour);
    }
    close(&mut stage, "humen", 150, 400);
    for number in 1..=incidents {
        let city = number as usize * 11 % 9;
        let (office, ..) = OFFICES[city];
        let lender = if number % 4 == 0 {
            (city + 1 + number as usize % 3) % 9
        } else {
            city
        };
        let seat = [
            (113.26, 23.13),
            (114.06, 22.54),
            (113.50, 22.25),
            (113.12, 23.02),
            (113.0, 22.5),
            (112.46, 23.05),
            (114.42, 23.11),
            (113.75, 23.02),
            (113.39, 22.52),
        ][city];
        let scatter = |step: u32| f64::from(number * step % 101) / 300.0 - 0.17;
        let case = Case {
            number,
            office,
            began: minute(u64::from(number) * 1_000 / u64::from(incidents)),
            severity: Severity::ALL[(number * 13 / 7) as usize % 4],
            point: Point::degrees(seat.0 + scatter(37), seat.1 + scatter(53)),
            summary: format!("{number} 号：积水，有人被困"),
        };
        let wait =
            Span::seconds(300 + u64::from(number * 97 % 1_700) + u64::from(number % 11) * 90);
        if number % 17 == 0 {
            opened(&mut stage, &case);
        } else {
            let unit_no = number % fleet_size + 1;
            helped(&mut stage, &case, OFFICES[lender].0, unit_no, wait);
        }
    }
    stage.end(minute(1_080));
    stage
}
