//! What lies on the map, bottom to top: borders and coast, storms, aid, closed roads, units; then
//! the signs and names that stand in cells of their own.

use std::collections::BTreeSet;

use picture::{Holding, is_deployed};
use protocol::{HazardShape, Meters, Moment, Point, Span, UnitState};
use ratatui::style::{Color, Style};
use ratatui::widgets::canvas::{Circle, Context, Line, Painter, Points, Shape};

use super::{Window, Wish};
use crate::colours::SELECTION;
use crate::view::{QueueRow, View};
use crate::width::clean;

/// A sign in a cell of its own.
pub(crate) struct Sign {
    pub(crate) at: (u16, u16),
    pub(crate) text: &'static str,
    pub(crate) style: Style,
}

/// Metres in a degree of latitude: the mean earth radius of 6,371,008.8 m.
const METERS_PER_DEGREE: f64 = 111_195.08;

/// A line of dashes.
struct Dashes {
    from: (f64, f64),
    to: (f64, f64),
    color: Color,
}

/// Points that a line of dashes is made of, and how many make a dash and a gap.
const DASH_POINTS: u32 = 240;
const DASH: u32 = 6;

impl Shape for Dashes {
    fn draw(&self, painter: &mut Painter<'_, '_>) {
        for step in (0..DASH_POINTS).filter(|step| step % (2 * DASH) < DASH) {
            let share = f64::from(step) / f64::from(DASH_POINTS);
            let x = self.from.0 + (self.to.0 - self.from.0) * share;
            let y = self.from.1 + (self.to.1 - self.from.1) * share;
            if let Some((x, y)) = painter.get_point(x, y) {
                painter.paint(x, y, self.color);
            }
        }
    }
}

fn path(ctx: &mut Context<'_>, window: &Window, points: &[Point], color: Color) {
    for pair in points.windows(2) {
        let ((x1, y1), (x2, y2)) = (window.place(pair[0]), window.place(pair[1]));
        ctx.draw(&Line::new(x1, y1, x2, y2, color));
    }
}

/// Draws the lines and dots, layer by layer, because a cell keeps one colour a layer.
pub(crate) fn draw_ground(ctx: &mut Context<'_>, view: &View, window: &Window) {
    let colours = view.colours();
    for ring in &view.ground.outlines {
        path(ctx, window, ring, colours.border_line());
    }
    ctx.layer();
    for line in &view.ground.coast {
        path(ctx, window, line, colours.coast_line());
    }
    ctx.layer();
    storms(ctx, view, window);
    ctx.layer();
    aid_lines(ctx, view, window);
    ctx.layer();
    for (road, _) in view.picture.closed_roads() {
        if let Some(road) = view.ground.roads.get(&road) {
            path(ctx, window, &road.line, colours.closed_line());
        }
    }
    ctx.layer();
    let units: Vec<(f64, f64)> = deployed(view)
        .map(|holding| window.place(whereabouts(view, holding)))
        .collect();
    ctx.draw(&Points {
        coords: &units,
        color: colours.unit_dot(),
    });
}

/// Hazards as announced: where a storm was, is and is expected, and how far its winds reach.
fn storms(ctx: &mut Context<'_>, view: &View, window: &Window) {
    let color = view.colours().storm_line();
    for advisory in view.picture.advisories() {
        match &advisory.shape {
            HazardShape::Polygon(ring) => path(ctx, window, ring, color),
            HazardShape::Track {
                centre,
                radii,
                forecast,
                ..
            } => {
                path(ctx, window, view.trail(advisory.advisory), color);
                let mut from = *centre;
                for (_, to) in forecast {
                    ctx.draw(&Dashes {
                        from: window.place(from),
                        to: window.place(*to),
                        color,
                    });
                    from = *to;
                }
                let (x, y) = window.place(*centre);
                for (_, radius) in radii {
                    ctx.draw(&Circle::new(x, y, degrees(*radius), color));
                }
            }
        }
    }
}

fn degrees(radius: Meters) -> f64 {
    f64::from(radius.0) / METERS_PER_DEGREE
}

/// A dashed line from each office that lends to the one it lends to.
fn aid_lines(ctx: &mut Context<'_>, view: &View, window: &Window) {
    let mut flows = BTreeSet::new();
    for (owner, author) in view.picture.authors() {
        for aid in author.state.aids.values().filter(|aid| aid.binds()) {
            let to = aid.commit.incident.author;
            if to != *owner {
                flows.insert((*owner, to));
            }
        }
    }
    for (from, to) in flows {
        if let (Some(from), Some(to)) = (view.ground.seat(from), view.ground.seat(to)) {
            ctx.draw(&Dashes {
                from: window.place(from.point),
                to: window.place(to.point),
                color: view.colours().aid_line(),
            });
        }
    }
}

/// Units that serve a commitment.
fn deployed(view: &View) -> impl Iterator<Item = &Holding> {
    view.picture
        .authors()
        .values()
        .flat_map(|author| author.state.holdings.values())
        .filter(|holding| holding.unit().is_some_and(|unit| is_deployed(unit.state)))
}

/// Where a unit is, or is thought to be: while it travels, on the straight line to where it goes.
fn whereabouts(view: &View, holding: &Holding) -> Point {
    let Some(unit) = holding.unit() else {
        return holding.resource.point;
    };
    let to = match unit.state {
        UnitState::EnRouteOut => unit
            .aid
            .and_then(|aid| view.picture.aid(aid))
            .map(|aid| aid.commit.to),
        UnitState::EnRouteHome => Some(holding.resource.point),
        _ => None,
    };
    match (to, unit.eta) {
        (Some(to), Some(eta)) => between(unit.point, to, holding.as_of, (view.now(), eta.into())),
        _ => unit.point,
    }
}

/// The point reached on a straight way after the time since departure, of a travel time in all.
fn between(from: Point, to: Point, left_at: Moment, (now, all): (Moment, Span)) -> Point {
    let share = (now.since(left_at).as_seconds() / all.as_seconds().max(1.0)).min(1.0);
    let part = |from: f64, to: f64| from + (to - from) * share;
    Point::degrees(
        part(from.longitude(), to.longitude()),
        part(from.latitude(), to.latitude()),
    )
}

/// Signs in cells of their own, the most urgent first, and the names that want a place.
pub(crate) fn marks(
    view: &View,
    window: &Window,
    queue: &[QueueRow<'_>],
) -> (Vec<Sign>, Vec<Wish>) {
    let (colours, glyphs) = (view.colours(), view.glyphs());
    let mut signs = Vec::new();
    let mut wishes = Vec::new();
    for advisory in view.picture.advisories() {
        if let HazardShape::Track {
            centre, wind_ms, ..
        } = &advisory.shape
            && let Some(cell) = window.cell(*centre)
        {
            signs.push(Sign {
                at: cell,
                text: glyphs.storm(),
                style: colours.attention(),
            });
            let name = clean(&advisory.name);
            let wind = format!("{name} {wind_ms}{}", view.word(crate::wording::GUSTS));
            wishes.push(Wish {
                at: cell,
                texts: vec![wind, name],
                style: colours.attention(),
            });
        }
    }
    for row in queue {
        let seat = view.ground.seat(row.id.author).map(|seat| seat.point);
        let point = row.incident.report.point.or(seat);
        if let Some(cell) = point.and_then(|point| window.cell(point)) {
            let severity = row.incident.report.severity;
            let mut style = colours.severity(severity);
            if Some(row.id) == view.chosen {
                style = style.patch(SELECTION);
            }
            signs.push(Sign {
                at: cell,
                text: glyphs.severity(severity),
                style,
            });
        }
    }
    wishes.extend(city_names(view, window, queue));
    wishes.extend(closures(view, window, &mut signs));
    (signs, wishes)
}

/// The names of cities with their open incidents, the one in most need first.
fn city_names(view: &View, window: &Window, queue: &[QueueRow<'_>]) -> Vec<Wish> {
    let mut cities: Vec<(usize, Wish)> = Vec::new();
    for seat in view.ground.cities() {
        let Some(at) = window.cell(seat.point) else {
            continue;
        };
        let mut open = queue.iter().filter(|row| row.id.author == seat.party);
        let first = open.next();
        let count = open.count() + usize::from(first.is_some());
        let number = if count > 0 {
            count.to_string()
        } else {
            String::new()
        };
        let mark = if view.is_stale(seat.party) { "?" } else { "" };
        let name = |term| format!("{}{number}{mark}", clean(view.lang().term(term)));
        let style = first.map_or_else(
            || view.colours().text(),
            |row| view.colours().severity(row.incident.report.severity),
        );
        let rank = first.map_or(9, |row| row.incident.report.severity as usize);
        let wish = Wish {
            at,
            texts: vec![name(&seat.name), name(&seat.short)],
            style,
        };
        cities.push((rank, wish));
    }
    cities.sort_by_key(|(rank, _)| *rank);
    cities.into_iter().map(|(_, wish)| wish).collect()
}

/// Closed roads: a sign at their middle, and the name of those that have one.
fn closures(view: &View, window: &Window, signs: &mut Vec<Sign>) -> Vec<Wish> {
    let mut wishes = Vec::new();
    for (id, _) in view.picture.closed_roads() {
        let middle = view.ground.roads.get(&id).and_then(|road| {
            let line = &road.line;
            line.get(line.len() / 2).or_else(|| line.first())
        });
        let Some(cell) = middle.and_then(|point| window.cell(*point)) else {
            continue;
        };
        signs.push(Sign {
            at: cell,
            text: view.glyphs().closed(),
            style: view.colours().lost(),
        });
        let named = view
            .ground
            .roads
            .get(&id)
            .is_some_and(|road| !road.name.zh.is_empty());
        if named {
            wishes.push(Wish {
                at: cell,
                texts: vec![view.ground.road(view.lang(), id)],
                style: view.colours().lost(),
            });
        }
    }
    wishes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_on_its_way_is_drawn_where_it_should_be_by_now() {
        let (home, scene) = (Point::degrees(113.0, 22.0), Point::degrees(114.0, 23.0));
        let way = |seconds| (Moment(0) + Span::seconds(seconds), Span::seconds(600));
        assert_eq!(between(home, scene, Moment(0), way(0)), home);
        assert_eq!(
            between(home, scene, Moment(0), way(300)),
            Point::degrees(113.5, 22.5)
        );
        assert_eq!(between(home, scene, Moment(0), way(9_000)), scene);
    }
}
