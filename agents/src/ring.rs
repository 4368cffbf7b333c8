//! 核心圈, 影响圈, 支援圈: how near an announced storm is forecast to come to an office.
//!
//! A bulletin gives a centre, the radii of winds, and where the centre is expected. Between these it is
//! taken to move straight and evenly, with the radii that it has now. Where fire services draw their
//! rings is for their commanders; these are drawn for who asks whom to stand by (ours).

use protocol::{Advisory, HazardShape, Meters, Moment, Point, Span};
use region::Projection;

/// Wind that the core ring lies within, metres a second: Beaufort 10 (GB/T 28591), in which nobody
/// drives to anybody's help.
const CORE_WIND_MS: u16 = 24;

/// The same of the ring of impact: Beaufort 7, from which roads slow and bridges close.
const IMPACT_WIND_MS: u16 = 13;

/// How finely a path is looked at.
const STEP: Span = Span::minutes(10);

/// How long a centre stands for where it is if nobody says where it goes (ours).
const STANDS: Span = Span::hours(3);

/// How far ahead a forecast counts: as far as bulletins go.
const FARTHEST: Span = Span::hours(120);

/// How near a storm comes, the nearest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Ring {
    /// 核心圈: it strikes here.
    Core,
    /// 影响圈: it is felt here.
    Impact,
    /// 支援圈: it stays away.
    Support,
}

/// How a storm is forecast to pass a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    /// The nearest ring that the place comes into.
    pub(crate) ring: Ring,
    /// When it first does, drill time.
    pub(crate) from: Moment,
}

/// How the nearest of these storms passes a place from now on; `None` if none is announced for any time
/// from now on.
pub(crate) fn passage<'a>(
    storms: impl Iterator<Item = &'a Advisory>,
    (sheet, place): (&Projection, Point),
    now: Moment,
) -> Option<Passage> {
    let storms = storms.filter_map(Storm::announced);
    let passages = storms.filter_map(|storm| {
        let last = storm.path.last()?.0;
        let moments = std::iter::successors(Some(now.max(storm.as_of)), |at| Some(*at + STEP));
        let rings = moments.take_while(|at| *at <= last).filter_map(|from| {
            let ring = storm.ring((sheet, place), from)?;
            Some(Passage { ring, from })
        });
        rings.min_by_key(|passage| (passage.ring, passage.from))
    });
    passages.min_by_key(|passage| (passage.ring, passage.from))
}

/// The ring of the nearest of these storms that a place is in at a moment.
pub(crate) fn here<'a>(
    storms: impl Iterator<Item = &'a Advisory>,
    (sheet, place): (&Projection, Point),
    at: Moment,
) -> Option<Ring> {
    let storms = storms.filter_map(Storm::announced);
    storms
        .filter_map(|storm| storm.ring((sheet, place), at))
        .min()
}

/// A storm as announced.
struct Storm<'a> {
    as_of: Moment,
    radii: &'a [(u16, Meters)],
    /// Where its centre is when, in order of time.
    path: Vec<(Moment, Point)>,
}

impl<'a> Storm<'a> {
    fn announced(advisory: &'a Advisory) -> Option<Self> {
        let HazardShape::Track {
            centre,
            radii,
            forecast,
            ..
        } = &advisory.shape
        else {
            return None;
        };
        let as_of = advisory.as_of;
        let mut path = vec![(as_of, *centre)];
        if forecast.is_empty() {
            path.push((as_of + STANDS, *centre));
        }
        path.extend(forecast.iter().copied());
        path.retain(|(at, _)| at.since(as_of) <= FARTHEST);
        // What goes back in time or lies nowhere on earth is no path.
        let is_path = path.is_sorted_by_key(|(at, _)| *at)
            && path.iter().all(|(_, point)| point.is_on_earth());
        is_path.then_some(Self { as_of, radii, path })
    }

    /// The ring that a place is in at a moment; `None` if nobody says where the storm is then.
    fn ring(&self, (sheet, place): (&Projection, Point), at: Moment) -> Option<Ring> {
        let distance = sheet.distance(self.centre(at)?, place);
        let within = |wind: u16| {
            let mut strong = self.radii.iter().filter(|(ms, _)| *ms >= wind);
            strong.any(|(_, radius)| distance <= *radius)
        };
        Some(if within(CORE_WIND_MS) {
            Ring::Core
        } else if within(IMPACT_WIND_MS) {
            Ring::Impact
        } else {
            Ring::Support
        })
    }

    fn centre(&self, at: Moment) -> Option<Point> {
        let next = self.path.partition_point(|(then, _)| *then < at);
        let (until, to) = *self.path.get(next)?;
        let before = next.checked_sub(1).and_then(|before| self.path.get(before));
        let Some((since, from)) = before else {
            return (until == at).then_some(to);
        };
        let whole = i128::from(until.since(*since).0.max(1));
        let gone = i128::from(at.since(*since).0);
        let between = |from: i32, way: i128| i128::from(from) + way * gone / whole;
        let way = |from: i32, to: i32| i128::from(to) - i128::from(from);
        // A storm crosses the date line the short way.
        let east = between(from.0, on_sheet(way(from.0, to.0)));
        let north = between(from.1, way(from.1, to.1));
        let (east, north) = (i32::try_from(on_sheet(east)), i32::try_from(north));
        Some(Point(east.ok()?, north.ok()?))
    }
}

/// A longitude, or a way east, brought to half a turn to either side: microdegrees.
const fn on_sheet(east: i128) -> i128 {
    const HALF: i128 = 180_000_000;
    match east {
        east if east > HALF => east - 2 * HALF,
        east if east < -HALF => east + 2 * HALF,
        east => east,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use region::Frame;

    fn noon() -> Moment {
        Moment(0) + Span::hours(12)
    }

    #[test]
    fn a_storm_crosses_the_date_line_the_short_way() {
        let at = |hours: u64, east: f64| (noon() + Span::hours(hours), Point::degrees(east, 22.0));
        let storm = Storm {
            as_of: noon(),
            radii: &[],
            path: vec![at(0, -179.0), at(2, 178.0)],
        };
        let centre = |minutes| storm.centre(noon() + Span::minutes(minutes));
        assert_eq!(centre(60), Some(Point::degrees(179.5, 22.0)));
        assert_eq!(centre(120), Some(Point::degrees(178.0, 22.0)));
    }

    /// A storm that moves due west along 22° N, half a degree an hour, told at noon at 116° E.
    fn storm() -> Advisory {
        let east = |hours: u32| Point::degrees(116.0 - 0.5 * f64::from(hours), 22.0);
        Advisory {
            advisory: "990010-1-1".parse().unwrap(),
            hazard: "typhoon".into(),
            name: "storm".into(),
            as_of: noon(),
            shape: HazardShape::Track {
                centre: east(0),
                wind_ms: 40,
                radii: vec![
                    (14, Meters(200_000)),
                    (25, Meters(80_000)),
                    (33, Meters(40_000)),
                ],
                forecast: [3, 6]
                    .map(|hours| (noon() + Span::hours(hours.into()), east(hours)))
                    .into(),
            },
            over: false,
        }
    }

    fn passes(latitude: f64, now: Moment) -> Option<Passage> {
        let sheet = Projection::over(Frame::degrees(112.0, 21.0, 116.0, 26.0));
        let place = Point::degrees(114.0, latitude);
        passage([storm()].iter(), (&sheet, place), now)
    }

    #[test]
    fn the_nearest_that_a_storm_comes_tells_the_ring() {
        let ring = |latitude| passes(latitude, noon()).unwrap().ring;
        assert_eq!(ring(22.6), Ring::Core);
        assert_eq!(ring(23.5), Ring::Impact);
        assert_eq!(ring(24.5), Ring::Support);
    }

    #[test]
    fn a_place_is_in_its_ring_from_when_the_wind_reaches_it() {
        let from = passes(22.0, noon()).unwrap().from;
        // Two degrees of 103 km to drive, less the radius of 80: 2 h 27 min at 51.5 km an hour.
        assert_eq!(from.since(noon()), Span::minutes(150));
    }

    #[test]
    fn what_has_passed_counts_no_more() {
        let later = noon() + Span::hours(6);
        assert_eq!(passes(22.0, later).unwrap().ring, Ring::Impact);
        assert_eq!(passes(22.0, later + Span::hours(1)), None);
    }

    fn changed(change: impl FnOnce(&mut Vec<(Moment, Point)>)) -> Option<Passage> {
        let mut storm = storm();
        if let HazardShape::Track { forecast, .. } = &mut storm.shape {
            change(forecast);
        }
        let sheet = Projection::over(Frame::degrees(112.0, 21.0, 116.0, 26.0));
        let place = Point::degrees(114.0, 22.0);
        passage([storm].iter(), (&sheet, place), noon() + Span::minutes(5))
    }

    #[test]
    fn a_forecast_for_the_end_of_time_takes_no_time_to_read() {
        let far = (Moment(u64::MAX), Point::degrees(110.0, 22.0));
        let passage = changed(|forecast| forecast.push(far));
        assert_eq!(passage.unwrap().ring, Ring::Core);
    }

    #[test]
    fn a_path_that_goes_back_in_time_or_off_the_earth_is_none() {
        assert_eq!(changed(|forecast| forecast.reverse()), None);
        assert_eq!(changed(|forecast| forecast[0].1 = Point(i32::MIN, 0)), None);
    }

    #[test]
    fn a_storm_without_a_forecast_stands_where_it_is_for_a_while() {
        let near = |forecast: &mut Vec<_>| forecast.clear();
        assert_eq!(changed(near).unwrap().ring, Ring::Support);
    }
}
