//! A data pack: the texts of a region, from a folder that someone else has read or from the binary.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::facility::FACILITIES;
use protocol::known_words;

use crate::fault::{At, Faults};
use crate::locate::place_of;
use crate::manifest::MANIFEST;
use crate::place::PLACES;
use crate::roads::{ROAD_EDGES, ROAD_NODES};

/// Outlines of the cities, coarse.
pub(crate) const CITIES: &str = "cities.geojson";
/// Outlines of the cities, fine.
pub(crate) const CITIES_DETAIL: &str = "cities_detail.geojson";
/// Grounds of the districts.
pub(crate) const DISTRICTS: &str = "districts.geojson";
/// What lies around, by file.
pub(crate) const BACKGROUNDS: [&str; 3] = ["backdrop.geojson", "coast.geojson", "rivers.geojson"];

/// Files that a pack must have.
const REQUIRED: [&str; 7] = [
    MANIFEST, CITIES, DISTRICTS, PLACES, FACILITIES, ROAD_NODES, ROAD_EDGES,
];
/// Files that a pack may have.
const OPTIONAL: [&str; 4] = [
    CITIES_DETAIL,
    BACKGROUNDS[0],
    BACKGROUNDS[1],
    BACKGROUNDS[2],
];
/// Files for people, which are not read.
const FOR_PEOPLE: [&str; 3] = ["SOURCES.md", "README.md", "LICENSE"];

/// The texts of a region by file name.
#[derive(Clone, Debug, Default)]
pub struct Pack {
    files: BTreeMap<String, Cow<'static, str>>,
}

macro_rules! built_in {
    ($($id:literal: $($file:literal),+;)+) => {
        /// The ids of the packs inside the binary.
        pub const BUILT_IN: &[&str] = &[$($id),+];

        /// A pack inside the binary, by its id.
        fn built_in(id: &str) -> Option<&'static [(&'static str, &'static str)]> {
            match id {
                $($id => Some(&[$(($file, include_str!(concat!("../", $id, "/", $file)))),+]),)+
                _ => None,
            }
        }
    };
}

built_in! {
    "prd": "region.json", "cities.geojson", "cities_detail.geojson", "districts.geojson",
        "backdrop.geojson", "coast.geojson", "rivers.geojson", "places.csv", "facilities.csv",
        "roads_nodes.csv", "roads_edges.csv";
    "trio": "region.json", "cities.geojson", "districts.geojson", "backdrop.geojson",
        "coast.geojson", "rivers.geojson", "places.csv", "facilities.csv", "roads_nodes.csv",
        "roads_edges.csv";
}

impl Pack {
    /// A pack from texts by file name; a file that no pack has will be a fault.
    pub fn new(files: BTreeMap<String, String>) -> Self {
        Self {
            files: files
                .into_iter()
                .map(|(name, text)| (name, Cow::Owned(text)))
                .collect(),
        }
    }

    /// A pack from a reader that is asked for each file that a pack may have.
    pub fn from_files(read: impl Fn(&str) -> Option<String>) -> Self {
        let names = REQUIRED.into_iter().chain(OPTIONAL);
        Self::new(
            names
                .filter_map(|name| Some((name.to_owned(), read(name)?)))
                .collect(),
        )
    }

    /// A pack inside the binary, by its id; `None` if there is none of that id.
    pub fn built_in(id: &str) -> Option<Self> {
        let files = built_in(id)?.iter();
        let files = files.map(|(name, text)| ((*name).to_owned(), Cow::Borrowed(*text)));
        Some(Self {
            files: files.collect(),
        })
    }

    /// Replaces the text of a file.
    pub fn put(&mut self, name: &str, text: String) {
        self.files.insert(name.to_owned(), Cow::Owned(text));
    }

    /// The text of a file.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.files.get(name).map(AsRef::as_ref)
    }

    /// Names the files that are missing and those that mean nothing.
    pub(crate) fn check(&self, faults: &mut Faults) {
        for name in REQUIRED
            .into_iter()
            .filter(|name| !self.files.contains_key(*name))
        {
            faults.add(
                At::file(name),
                "the file is missing".to_owned(),
                "add it to the pack",
            );
        }
        for (name, text) in &self.files {
            if let Some(at) = text.find(char::REPLACEMENT_CHARACTER) {
                let line = place_of(text, at).map(|(line, _)| line);
                let at = At {
                    line,
                    ..At::file(name)
                };
                let reason = "a character is not UTF-8".to_owned();
                faults.add(at, reason, "save the file as UTF-8");
            }
        }
        let known = || REQUIRED.into_iter().chain(OPTIONAL).chain(FOR_PEOPLE);
        for name in self
            .files
            .keys()
            .filter(|name| !known().any(|known| known == name.as_str()))
        {
            let remedy = known_words(name, known());
            faults.add(At::file(name), "a pack has no such file".to_owned(), remedy);
        }
    }
}
