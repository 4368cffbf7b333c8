//! The manifest `region.json`: who has an office, how the circles are drawn, which crossings can close.

mod office;
pub use office::Office;
use office::read_office;

mod crossing;
use crossing::read_crossing;
pub use crossing::{Crossing, Usual};

mod object;
pub(crate) use object::Object;

use std::collections::BTreeSet;

use protocol::{AreaCode, known_words};
use serde_json::Value;

use crate::fault::{At, Faults};
use crate::frame::Frame;
use crate::name::Name;

/// The name of the manifest inside a pack.
pub(crate) const MANIFEST: &str = "region.json";

/// The schema that this version reads.
const SCHEMA: &str = "liandong-region/1";

/// The longest id of a region.
const ID_BYTES: usize = 32;

/// A circle 圈: offices that help each other first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Circle {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: Name,
}

/// The manifest as read.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    pub(crate) id: String,
    pub(crate) name: Name,
    pub(crate) frame: Frame,
    pub(crate) timezone_minutes: i16,
    pub(crate) disclaimer: Name,
    pub(crate) attribution: Vec<String>,
    pub(crate) circles: Vec<Circle>,
    pub(crate) offices: Vec<Office>,
    pub(crate) crossings: Vec<Crossing>,
}

impl Manifest {
    /// Reads the manifest; `None` if a part without which nothing else can be judged is wrong.
    pub(crate) fn read(text: &str, faults: &mut Faults) -> Option<Self> {
        let value: Value = match serde_json::from_str(text) {
            Ok(value) => value,
            Err(error) => {
                let at = At::json(MANIFEST, &error);
                faults.add(at, error.to_string(), "correct the JSON");
                return None;
            }
        };
        let mut top = Object::of(MANIFEST, String::new(), &value, faults)?;
        read_schema(&mut top, faults);
        let id = read_id(&mut top, faults);
        let name = top.name("name", faults);
        let frame = read_frame(&mut top, faults);
        let timezone = top.whole("timezone_minutes", -840..=840, faults);
        let disclaimer = top.name("disclaimer", faults);
        let attribution = read_attribution(&mut top, faults);
        let circles = top.objects("circles", faults);
        let circles: Vec<_> = circles
            .into_iter()
            .filter_map(|object| read_circle(object, faults))
            .collect();
        let offices = top.objects("offices", faults);
        let offices: Vec<_> = offices
            .into_iter()
            .filter_map(|object| read_office(object, frame, faults))
            .collect();
        let crossings = top.objects("crossings", faults);
        let crossings: Vec<_> = crossings
            .into_iter()
            .filter_map(|object| read_crossing(object, faults))
            .collect();
        top.finish(faults);
        check(&circles, &offices, &crossings, faults);
        Some(Self {
            id: id?,
            name: name?,
            frame: frame?,
            timezone_minutes: i16::try_from(timezone?).ok()?,
            disclaimer: disclaimer?,
            attribution,
            circles,
            offices,
            crossings,
        })
    }
}

/// What only the manifest as a whole can show: names that stand twice or mean nothing.
fn check(circles: &[Circle], offices: &[Office], crossings: &[Crossing], faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (count, office) in offices.iter().enumerate() {
        let place = format!("offices[{count}]");
        let at = At::place(MANIFEST, &place);
        if !seen.insert(office.party) {
            faults.add(
                at,
                format!("party {} stands twice", office.party),
                "give each party once",
            );
        }
        let known = || circles.iter().map(|circle| circle.id.as_str());
        match &office.circle {
            Some(circle) if !known().any(|id| id == circle) => {
                faults.add(
                    at,
                    format!("unknown circle \"{circle}\""),
                    known_words(circle, known()),
                );
            }
            None if office.is_city() => {
                faults.add(
                    at,
                    format!("city {} has no circle", office.party),
                    "add \"circle\"",
                );
            }
            _ => {}
        }
    }
    if !offices.iter().any(Office::is_city) {
        faults.add(
            At::place(MANIFEST, "offices"),
            "no office has the role \"city\"".to_owned(),
            "add the cities",
        );
    }
    twice(
        "circles",
        circles.iter().map(|circle| circle.id.as_str()),
        faults,
    );
    twice(
        "crossings",
        crossings.iter().map(|crossing| crossing.slug.as_str()),
        faults,
    );
}

fn twice<'a>(list: &str, ids: impl Iterator<Item = &'a str>, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (count, id) in ids.enumerate() {
        if !seen.insert(id) {
            let place = format!("{list}[{count}]");
            faults.add(
                At::place(MANIFEST, &place),
                format!("\"{id}\" stands twice"),
                "give each name once",
            );
        }
    }
}

fn read_schema(top: &mut Object<'_>, faults: &mut Faults) {
    if let Some(schema) = top.text("schema", faults).filter(|schema| schema != SCHEMA) {
        let remedy = format!("this version reads \"{SCHEMA}\"");
        faults.add(top.at(), format!("unknown schema \"{schema}\""), remedy);
    }
}

/// The id, which names folders, networks and topics: small letters, digits and hyphens.
fn read_id(top: &mut Object<'_>, faults: &mut Faults) -> Option<String> {
    let id = top.text("id", faults)?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if id.len() <= ID_BYTES && id.bytes().all(plain) {
        return Some(id);
    }
    let wanted = format!("an id of at most {ID_BYTES} of a to z, 0 to 9 and hyphen");
    top.refuse("id", &Value::from(id), &wanted, faults);
    None
}

fn read_frame(top: &mut Object<'_>, faults: &mut Faults) -> Option<Frame> {
    let [west, south, east, north] = top.numbers("frame", faults)?;
    let on_earth = west >= -180.0 && east <= 180.0 && south >= -85.0 && north <= 85.0;
    if west < east && south < north && on_earth {
        return Some(Frame::degrees(west, south, east, north));
    }
    let reason = format!("frame [{west}, {south}, {east}, {north}] encloses nothing");
    faults.add(
        top.at(),
        reason,
        "write [west, south, east, north] in degrees, not across the date line",
    );
    None
}

fn read_attribution(top: &mut Object<'_>, faults: &mut Faults) -> Vec<String> {
    let Some(value) = top.value("attribution", faults) else {
        return Vec::new();
    };
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let texts: Vec<String> = list
        .iter()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect();
    if texts.is_empty() || texts.len() != list.len() {
        top.refuse("attribution", value, "a list of one text or more", faults);
    }
    texts
}

fn read_circle(mut object: Object<'_>, faults: &mut Faults) -> Option<Circle> {
    let (id, name) = (object.text("id", faults), object.name("name", faults));
    object.finish(faults);
    // A circle whose name is wrong is a known one all the same.
    Some(Circle {
        id: id?,
        name: name.unwrap_or_default(),
    })
}

fn parsed<T: std::str::FromStr<Err = protocol::TagError>>(
    object: &mut Object<'_>,
    key: &'static str,
    faults: &mut Faults,
) -> Option<T> {
    let text = object.text(key, faults)?;
    text.parse()
        .map_err(|error: protocol::TagError| {
            faults.add(object.at(), error.to_string(), format!("correct \"{key}\""));
        })
        .ok()
}

/// An area code written as text of six digits.
pub(crate) fn read_area(
    object: &mut Object<'_>,
    key: &'static str,
    faults: &mut Faults,
) -> Option<AreaCode> {
    let text = object.text(key, faults)?;
    let area = area_code(&text);
    if area.is_none() {
        let reason = format!("{key} \"{text}\" is no area code");
        faults.add(
            object.at(),
            reason,
            "write the six digits of GB/T 2260 as text",
        );
    }
    area
}

/// An area code from its six digits.
pub(crate) fn area_code(text: &str) -> Option<AreaCode> {
    let six = text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit());
    six.then(|| text.parse().ok().map(AreaCode))?
}
