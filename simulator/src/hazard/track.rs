//! Best tracks: the fixes of a storm's centre, and the reading of IBTrACS tables.
//!
//! Positions, winds and pressures between two fixes are interpolated linearly: six hours apart, the
//! fixes say no more.

use protocol::{Civil, Moment, Point};
use serde::Serialize;

use crate::scenario::Fault;

/// A knot in metres a second, by definition (1,852 m an hour).
pub const KNOT_MS: f64 = 1852.0 / 3600.0;

/// From a 1-minute to a 10-minute mean at sea: 0.93 (Harper, Kepert and Ginger, WMO/TD-1555, 2010).
const ONE_TO_TEN_MINUTES: f64 = 0.93;

/// The agency whose wind and pressure are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Agency {
    /// The responsible WMO centre: Tokyo in the western North Pacific, 10-minute means.
    Wmo,
    /// The Joint Typhoon Warning Center: 1-minute means, here brought to 10 minutes.
    Jtwc,
}

/// Where a storm was, and how strong, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Fix {
    /// When.
    pub at: Moment,
    /// Its centre.
    pub centre: Point,
    /// Greatest wind, 10-minute mean over water, metres a second.
    pub wind_ms: f64,
    /// Pressure at the centre, hectopascals.
    pub pressure_hpa: f64,
    /// Radius of maximum wind, kilometres, if known.
    pub rmax_km: Option<f64>,
}

impl Fix {
    /// Where the centre is when this share of the way to the next fix lies behind it, 0 to 1.
    pub fn centre_towards(&self, next: &Self, share: f64) -> Point {
        let (from, to) = (self.centre, next.centre);
        let east = short_way(to.longitude() - from.longitude(), 360.0);
        let east = from.longitude() + east * share;
        let north = from.latitude() + (to.latitude() - from.latitude()) * share;
        Point::degrees(on_sheet(east), north)
    }
}

/// A way east, made the short way round an earth of so much: a storm crosses the date line.
pub(super) fn short_way(east: f64, round: f64) -> f64 {
    east - libm::round(east / round) * round
}

/// A longitude brought to -180 to 180 degrees; one beyond by a turn at most.
fn on_sheet(longitude: f64) -> f64 {
    if longitude > 180.0 {
        longitude - 360.0
    } else if longitude < -180.0 {
        longitude + 360.0
    } else {
        longitude
    }
}

/// Wind out of a fall of pressure: 3.4 · Δp^0.644 m/s (Atkinson and Holliday 1977, western North
/// Pacific, 1-minute mean), here brought to 10 minutes. Scatter about ±5 m/s.
pub(crate) fn wind_of_pressure(fall_hpa: f64) -> f64 {
    3.4 * libm::pow(fall_hpa.max(0.0), 0.644) * ONE_TO_TEN_MINUTES
}

/// The fall of pressure out of wind: the same relation backwards.
pub(crate) fn pressure_of_wind(wind_ms: f64) -> f64 {
    libm::pow(wind_ms.max(0.0) / ONE_TO_TEN_MINUTES / 3.4, 1.0 / 0.644)
}

/// The columns that are read, each with the names that tables give it.
struct Columns {
    time: usize,
    latitude: usize,
    longitude: usize,
    wind: Option<usize>,
    pressure: Option<usize>,
    rmax: Option<usize>,
}

impl Columns {
    fn find(header: &str, agency: Agency) -> Result<Self, &'static str> {
        let names: Vec<String> = header
            .split(',')
            .map(|name| name.trim().to_ascii_lowercase())
            .collect();
        let place = |known: &[&str]| names.iter().position(|name| known.contains(&name.as_str()));
        let (wind, pressure): (&[&str], &[&str]) = match agency {
            Agency::Wmo => (&["wmo_wind_kt", "wmo_wind"], &["wmo_pres_hpa", "wmo_pres"]),
            Agency::Jtwc => (
                &["jtwc_wind_kt_1min", "usa_wind"],
                &["jtwc_pres_hpa", "usa_pres"],
            ),
        };
        Ok(Self {
            time: place(&["time", "iso_time"]).ok_or("time")?,
            latitude: place(&["lat"]).ok_or("lat")?,
            longitude: place(&["lon"]).ok_or("lon")?,
            wind: place(wind),
            pressure: place(pressure),
            rmax: place(&["rmw_nm", "usa_rmw"]),
        })
    }
}

/// Nautical miles in kilometres.
const NAUTICAL_MILE_KM: f64 = 1.852;

/// Reads an IBTrACS table (comma-separated, one header line; a line of units below it is passed
/// over). Times without zone are UTC, as IBTrACS has them. Fixes without wind and pressure are left
/// out; if one of the two is missing it is estimated from the other.
///
/// # Errors
/// Every line that cannot be read.
pub fn read_table(
    file: &str,
    text: &str,
    agency: Agency,
    ambient_hpa: f64,
) -> Result<Vec<Fix>, Vec<Fault>> {
    let fault = |line: usize, reason: String, remedy: &str| Fault {
        file: file.to_owned(),
        line: u32::try_from(line + 1).unwrap_or(u32::MAX),
        column: 1,
        reason,
        remedy: remedy.to_owned(),
    };
    let mut lines = text.lines().enumerate();
    let header = lines.next().map(|(_, header)| header).unwrap_or_default();
    let columns = Columns::find(header, agency).map_err(|missing| {
        let reason = format!("the table has no column \"{missing}\"");
        vec![fault(
            0,
            reason,
            "an IBTrACS table has the columns time, lat, lon and one of wind or pressure",
        )]
    })?;
    let (mut fixes, mut faults) = (Vec::<Fix>::new(), Vec::new());
    for (count, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let units = count == 1
            && cells
                .get(columns.latitude)
                .is_some_and(|cell| cell.starts_with("degrees"));
        if units {
            continue;
        }
        match read_fix(&cells, &columns, agency, ambient_hpa) {
            Ok(Some(fix)) if fixes.last().is_some_and(|last| last.at >= fix.at) => {
                let reason = format!(
                    "the fix of {} is not later than the one before",
                    cells[columns.time]
                );
                faults.push(fault(
                    count,
                    reason,
                    "order the fixes by time, one storm a file",
                ));
            }
            Ok(Some(fix)) => fixes.push(fix),
            Ok(None) => {}
            Err(reason) => faults.push(fault(count, reason, "correct the cell")),
        }
    }
    if faults.is_empty() && fixes.len() < 2 {
        let reason = format!("the table has {} usable fixes", fixes.len());
        faults.push(fault(
            0,
            reason,
            "a track needs two; is the other agency's wind there?",
        ));
    }
    if faults.is_empty() {
        Ok(fixes)
    } else {
        Err(faults)
    }
}

fn read_fix(
    cells: &[&str],
    columns: &Columns,
    agency: Agency,
    ambient_hpa: f64,
) -> Result<Option<Fix>, String> {
    let cell = |column: usize| cells.get(column).copied().unwrap_or_default();
    let number = |column: Option<usize>| match column.map(cell) {
        None | Some("") => Ok(None),
        Some(text) => match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => Err(format!("\"{text}\" is no number")),
        },
    };
    let text = cell(columns.time).replacen(' ', "T", 1);
    let zoned = if text.ends_with('Z') || text.contains('+') {
        text
    } else {
        format!("{text}Z")
    };
    let civil =
        Civil::parse(&zoned).map_err(|_| format!("\"{}\" is no time", cell(columns.time)))?;
    let at = civil.moment().ok_or_else(|| {
        format!(
            "{} lies before 1970, where time begins here",
            cell(columns.time)
        )
    })?;
    let latitude = number(Some(columns.latitude))?.ok_or("the latitude is missing")?;
    let longitude = number(Some(columns.longitude))?.ok_or("the longitude is missing")?;
    let on_earth = latitude.abs() <= 90.0 && longitude.abs() <= 360.0;
    if !on_earth {
        return Err(format!("{latitude}, {longitude} is not on earth"));
    }
    let scale = if agency == Agency::Jtwc {
        ONE_TO_TEN_MINUTES
    } else {
        1.0
    };
    let wind = number(columns.wind)?.map(|knots| knots * KNOT_MS * scale);
    let pressure = number(columns.pressure)?;
    let (wind_ms, pressure_hpa) = match (wind, pressure) {
        (Some(wind), Some(pressure)) => (wind, pressure),
        (Some(wind), None) => (wind, ambient_hpa - pressure_of_wind(wind)),
        (None, Some(pressure)) => (wind_of_pressure(ambient_hpa - pressure), pressure),
        (None, None) => return Ok(None),
    };
    Ok(Some(Fix {
        at,
        centre: Point::degrees(on_sheet(longitude), latitude),
        wind_ms,
        pressure_hpa,
        rmax_km: number(columns.rmax)?.map(|miles| miles * NAUTICAL_MILE_KM),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "time,lat,lon,wmo_wind_kt,wmo_pres_hpa\n\
        2018-09-16T00:00:00Z,20.7,115.3,75.0,960.0\n\
        2018-09-16T06:00:00Z,21.5,113.5,,960.0\n\
        2018-09-16T12:00:00Z,22.1,111.6,,\n";

    #[test]
    fn a_table_gives_its_fixes_and_estimates_what_one_lacks() {
        let fixes = read_table("t.csv", TABLE, Agency::Wmo, 1010.0).unwrap();
        assert_eq!(fixes.len(), 2);
        assert_eq!(fixes[0].centre, Point::degrees(115.3, 20.7));
        assert!((fixes[0].wind_ms - 38.58).abs() < 0.01);
        assert!(
            (35.0..42.0).contains(&fixes[1].wind_ms),
            "{}",
            fixes[1].wind_ms
        );
    }

    #[test]
    fn a_storm_crosses_the_date_line_the_short_way() {
        let fix = |longitude: f64| Fix {
            at: Moment(0),
            centre: Point::degrees(longitude, 20.0),
            wind_ms: 40.0,
            pressure_hpa: 955.0,
            rmax_km: None,
        };
        let half_way = |from: f64, to: f64| fix(from).centre_towards(&fix(to), 0.5);
        assert_eq!(half_way(-179.0, 178.0), Point::degrees(179.5, 20.0));
        assert_eq!(half_way(178.0, -179.0), Point::degrees(179.5, 20.0));
        assert_eq!(half_way(179.0, -178.0), Point::degrees(-179.5, 20.0));
        assert_eq!(half_way(115.0, 114.0), Point::degrees(114.5, 20.0));
    }

    #[test]
    fn a_time_that_cannot_be_and_one_too_early_are_told_apart() {
        let told = |time: &str| {
            let text = format!("time,lat,lon,wmo_wind_kt\n{time},20,115,75\n");
            read_table("t.csv", &text, Agency::Wmo, 1010.0).unwrap_err()[0]
                .reason
                .clone()
        };
        assert_eq!(
            told("1962-09-01 00:00:00"),
            "1962-09-01 00:00:00 lies before 1970, where time begins here"
        );
        assert_eq!(
            told("1962-13-01 00:00:00"),
            "\"1962-13-01 00:00:00\" is no time"
        );
    }

    #[test]
    fn every_bad_line_of_a_table_is_named() {
        let text =
            "time,lat,lon,wmo_wind_kt\n2018-09-16,20,115,75\n2018-09-16T06:00:00Z,x,113,75\n";
        let faults = read_table("t.csv", text, Agency::Wmo, 1010.0).unwrap_err();
        assert_eq!(
            faults.iter().map(|fault| fault.line).collect::<Vec<_>>(),
            [2, 3]
        );
        assert!(read_table("t.csv", "a,b\n", Agency::Wmo, 1010.0).is_err());
    }

    #[test]
    fn wind_and_pressure_estimate_each_other() {
        assert!((pressure_of_wind(wind_of_pressure(50.0)) - 50.0).abs() < 1e-9);
    }
}
