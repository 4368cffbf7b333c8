//! A crossing in the manifest: a road over water that can be closed by its name.

use protocol::{RoadId, known_words};

use super::{Object, parsed};
use crate::fault::Faults;
use crate::month::{Month, MonthError};
use crate::name::Name;

/// A crossing that can be closed by its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// The name that road messages use.
    pub slug: RoadId,
    /// What it is called.
    pub name: Name,
    /// When it opened to traffic, where that is known.
    pub opened: Option<Month>,
    /// How it stands if nobody says anything.
    pub usual: Usual,
    /// What a reader should know about its data.
    pub note: Option<Name>,
}

/// How a crossing stands if nobody says anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usual {
    /// Vehicles may pass.
    Open,
    /// Vehicles may not pass unless an order opens it.
    Closed,
}

/// A crossing from its object. Once its slug is known, what is wrong with the rest is noted and stands
/// in, so that roads over it are not called unknown as well.
pub(super) fn read_crossing(mut object: Object<'_>, faults: &mut Faults) -> Option<Crossing> {
    let slug = parsed(&mut object, "slug", faults);
    let name = object.name("name", faults);
    let usual = match object.text("default", faults).as_deref() {
        Some("open") => Some(Usual::Open),
        Some("closed") => Some(Usual::Closed),
        Some(other) => {
            let remedy = known_words(other, ["open", "closed"].into_iter());
            faults.add(object.at(), format!("unknown default \"{other}\""), remedy);
            None
        }
        None => None,
    };
    let opened = match object
        .optional_text("opened", faults)
        .map(|text| text.parse())
    {
        Some(Err(error)) => {
            let error: MonthError = error;
            faults.add(
                object.at(),
                error.to_string(),
                "correct \"opened\" or leave it out",
            );
            None
        }
        Some(Ok(month)) => Some(month),
        None => None,
    };
    let note = if object.optional("note").is_some() {
        object.name("note", faults)
    } else {
        None
    };
    object.finish(faults);
    Some(Crossing {
        slug: slug?,
        name: name.unwrap_or_default(),
        opened,
        usual: usual.unwrap_or(Usual::Open),
        note,
    })
}
