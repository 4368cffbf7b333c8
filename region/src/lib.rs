//! The ground: offices and circles, boundaries, roads, travel times, facilities, demo fleets.
//!
//! A region is a data pack, a folder of files; nothing here knows how many cities one has or what
//! they are called. This crate reads texts, never folders, and keeps no time and draws no lots.
//! Start with [`Region::load`] or [`Region::built_in`], then [`Region::travel`].

mod fault;
pub use fault::PackFault;

mod pack;
pub use pack::{BUILT_IN, Pack};

mod region;
pub use region::Region;

mod lines;
mod locate;
mod manifest;
pub use manifest::{Circle, Crossing, Office, Usual};

mod name;
pub use name::Name;

mod month;
pub use month::{Month, MonthError};

mod frame;
pub use frame::Frame;

mod extent;
pub use extent::Extent;

mod projection;
pub use projection::{Projection, Sheet};

mod ground;
pub use ground::{District, Ground};

mod place;
pub use place::Place;

mod facility;
pub use facility::{Facility, FacilityKind};

mod roads;
pub use roads::{
    Access, Condition, Door, Edge, EdgeIx, Node, NodeIx, RoadClass, RoadConditions, Roads, TimesTo,
    UnknownRoad,
};

mod travel;
pub use travel::{Route, SharedTravel, Stage, Travel, air_or_water_time, uses_roads};

mod ring;
pub use ring::Ring;

mod outline;
pub use outline::{Background, BackgroundKind, Detail, Outline};

mod fleet;
pub use fleet::{Station, StationKind, demo_fleet, demo_stations, home_floors};

mod inventory;
pub use inventory::{
    TemplateLanguage, inventory_office, inventory_template, read_inventory, write_inventory,
};

mod mix;
mod shape;
mod spot;
mod table;
