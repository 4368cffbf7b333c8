//! The verb `scenario new`: a runnable typhoon drill out of a best-track file, to develop from.
//!
//! The storm is real and everything else is invented; the file says so, and which of its numbers are a model.

mod text;

use std::path::Path;
use std::sync::Arc;

use protocol::{Moment, Point, Role, Span};
use region::Region;
use simulator::Scenario;
use simulator::hazard::{Agency, Fix, read_table};

use crate::cli::{NewArgs, TrackAgency};
use crate::failure::{Code, Failure};
use crate::files;
use crate::print;
use crate::whole;

/// Pressure far from a storm, hectopascals: where a scenario says no other (docs/scenarios.md).
const AMBIENT_HPA: f64 = 1_010.0;

/// How long before the storm is nearest the drill begins, and how long it lasts: warning, strike and ebb.
const LEAD: Span = Span::hours(10);
const LASTS: Span = Span::hours(18);

/// Fixes so long before and after the drill are written down, for the wind between two is interpolated.
const MARGIN: Span = Span::hours(12);

/// How closely the track is walked for its nearest point.
const STEP: Span = Span::minutes(30);

/// A storm that passes farther than this does little: its drill is quiet unless it is moved.
const FAR_KM: f64 = 250.0;

/// What a drill is made of.
struct Draft<'a> {
    id: String,
    name: String,
    source: String,
    region: &'a Region,
    start: Moment,
    /// Those of the drill's hours, with some before and after.
    fixes: Vec<Fix>,
    /// How near the storm's centre comes to a seat of a city, and when.
    nearest: (f64, Moment),
}

/// Makes the file, and says how to run it.
pub(crate) fn new(args: &NewArgs) -> Result<(), Failure> {
    let file = args.track.display().to_string();
    let table = whole::text(&args.track, whole::WRITTEN_BYTES)
        .map_err(|error| Failure::file(&args.track, &error))?;
    let agency = match args.agency {
        TrackAgency::Wmo => Agency::Wmo,
        TrackAgency::Jtwc => Agency::Jtwc,
    };
    let fixes = read_table(&file, &table, agency, AMBIENT_HPA).map_err(|faults| {
        let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
        Failure::new(Code::Data, told.join("\n"))
    })?;
    files::is_free(&args.out)?;
    let beside = args.out.parent().unwrap_or_else(|| Path::new("."));
    let region = files::region(&args.region, beside)?;
    let draft = Draft::of(args, &region, &fixes)?;
    let written = text::of(&draft);
    // What is made must be read; a fault here is ours.
    let load = |name: &str| std::fs::read_to_string(beside.join(name)).ok();
    Scenario::parse(&args.out.display().to_string(), &written, &load).map_err(Failure::bug)?;
    files::write_new(&args.out, &written)?;
    draft.tell(&args.out)
}

impl<'a> Draft<'a> {
    fn of(args: &NewArgs, region: &'a Arc<Region>, fixes: &[Fix]) -> Result<Self, Failure> {
        let nearest = nearest(region, fixes);
        let (_, at) = nearest;
        let hour = Span::hours(1).0;
        let start = Moment(at.0.saturating_sub(LEAD.0) / hour * hour);
        let (from, to) = (
            Moment(start.0.saturating_sub(MARGIN.0)),
            start + LASTS + MARGIN,
        );
        let within = fixes.iter().filter(|it| from <= it.at && it.at <= to);
        let within: Vec<Fix> = within.copied().collect();
        if within.len() < 2 {
            let what = format!(
                "{}: fewer than two fixes within twelve hours of the drill; give a table with a fix every six hours",
                args.track.display()
            );
            return Err(Failure::new(Code::Data, what));
        }
        let stem = args
            .out
            .file_stem()
            .and_then(|it| it.to_str())
            .unwrap_or("typhoon");
        let fits = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let id: String = stem.chars().filter(fits).take(20).collect();
        Ok(Self {
            id: if id.is_empty() {
                "typhoon".to_owned()
            } else {
                id
            },
            name: quotable(&args.name, 20),
            source: args
                .track
                .file_name()
                .map(|it| quotable(&it.to_string_lossy(), 80))
                .unwrap_or_default(),
            region,
            start,
            fixes: within,
            nearest,
        })
    }

    fn tell(&self, out: &Path) -> Result<(), Failure> {
        let (km, _) = self.nearest;
        let out = out.display();
        print::line(format!(
            "{out}: the storm passes {km:.0} km from the nearest city's seat"
        ))?;
        if km > FAR_KM {
            print::line(
                "it is far away, and the drill a quiet one: move it with shift_km = [east, north]",
            )?;
        }
        print::line(format!(
            "liandong check {out} && liandong simulate {out} --seed 7"
        ))
    }

    /// Who speaks of the weather; the first office where nobody does.
    fn weather(&self) -> &str {
        let offices = self.region.offices();
        let met = offices.iter().find(|it| it.role == Role::Met);
        met.or_else(|| offices.first())
            .map_or("", |it| it.party.as_str())
    }
}

/// A text from outside, fit to stand between quotation marks.
fn quotable(text: &str, chars: usize) -> String {
    protocol::sanitise(text, chars).replace(['"', '\\'], "")
}

/// How near a storm's centre comes to a seat of a city, in kilometres, and when, by steps along its track.
fn nearest(region: &Region, fixes: &[Fix]) -> (f64, Moment) {
    let seats: Vec<Point> = region.cities().map(|it| it.seat).collect();
    let mut best = (f64::INFINITY, fixes[0].at);
    for pair in fixes.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        let steps = (to.at.since(from.at).0 / STEP.0).max(1);
        for step in 0..=steps {
            let part = u32::try_from(step).map_or(0.0, f64::from)
                / u32::try_from(steps).map_or(1.0, f64::from);
            let centre = from.centre_towards(&to, part);
            let at = from.at + Span(to.at.since(from.at).0 / steps * step);
            let near = seats.iter().map(|seat| region.distance(centre, *seat).0);
            let near = near.fold(f64::INFINITY, |a, b| a.min(f64::from(b))) / 1_000.0;
            if near < best.0 {
                best = (near, at);
            }
        }
    }
    best
}
