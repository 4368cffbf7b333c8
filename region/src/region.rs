//! A region as loaded: everything that is known of the ground before a drill begins.

use std::collections::BTreeMap;
use std::sync::Arc;

use protocol::{AreaCode, Meters, PartyId, Point, Role};

use crate::extent::Extent;
use crate::facility::{FACILITIES, Facility, FacilityKind, read_facilities};
use crate::fault::{At, Faults, PackFault};
use crate::frame::Frame;
use crate::ground::{District, Ground, read_district};
use crate::manifest::{Circle, Crossing, MANIFEST, Manifest, Office};
use crate::name::Name;
use crate::outline::{Background, Detail, Outline, read_background, read_outlines};
use crate::pack::{BACKGROUNDS, CITIES, CITIES_DETAIL, DISTRICTS, Pack};
use crate::place::{PLACES, Place, read_places};
use crate::projection::Projection;
use crate::roads::{ROAD_EDGES, ROAD_NODES, Roads, read_roads};
use crate::shape::read_shapes;
use crate::spot::{Spots, district_of};
use crate::travel::Travel;

/// A region: offices and circles, ground, places, facilities and roads. Never changes.
#[derive(Debug)]
pub struct Region {
    manifest: Manifest,
    projection: Projection,
    ground: Arc<Ground>,
    places: Vec<Place>,
    spots: Spots,
    facilities: Vec<Facility>,
    roads: Arc<Roads>,
    outlines: Vec<Outline>,
    fine_outlines: Vec<Outline>,
    background: Vec<Background>,
}

impl Region {
    /// Reads a pack.
    ///
    /// # Errors
    /// Every fault of the pack, in the order of files and lines.
    pub fn load(pack: &Pack) -> Result<Self, Vec<PackFault>> {
        let mut faults = Faults::default();
        pack.check(&mut faults);
        let region = Self::read(pack, &mut faults);
        match region {
            Some(region) if faults.is_empty() => Ok(region),
            _ => Err(faults.into_sorted(|file| pack.text(file))),
        }
    }

    /// A region inside the binary, by its id; `None` if there is none of that id.
    ///
    /// # Panics
    /// Never: the tests load every pack of the binary.
    pub fn built_in(id: &str) -> Option<Self> {
        let pack = Pack::built_in(id)?;
        Some(Self::load(&pack).expect("the packs of the binary are whole, as the tests see"))
    }

    fn read(pack: &Pack, faults: &mut Faults) -> Option<Self> {
        let manifest = Manifest::read(pack.text(MANIFEST)?, faults)?;
        let frame = manifest.frame;
        let ground = Arc::new(read_ground(pack, &manifest, faults)?);
        let places = read_places(
            pack.text(PLACES).unwrap_or_default(),
            frame,
            &ground,
            faults,
        );
        let facilities = pack.text(FACILITIES).unwrap_or_default();
        let facilities = read_facilities(facilities, frame, &ground, faults);
        let (nodes, edges) = (pack.text(ROAD_NODES), pack.text(ROAD_EDGES));
        let roads = nodes.zip(edges).and_then(|(nodes, edges)| {
            read_roads(nodes, edges, frame, &manifest.crossings, faults)
        });
        let mut outlines = |file: &str| {
            let shapes = read_shapes(file, pack.text(file)?, frame, faults)?;
            Some(read_outlines(file, shapes, &manifest.offices, faults))
        };
        let coarse = outlines(CITIES);
        let fine = outlines(CITIES_DETAIL);
        let mut background = Vec::new();
        for file in BACKGROUNDS {
            let shapes = read_shapes_of(pack, file, frame, faults);
            background.extend(read_background(file, shapes, faults));
        }
        let outlines = coarse?;
        Some(Self {
            projection: Projection::over(frame),
            ground,
            spots: Spots::new(&places, Projection::over(frame)),
            places,
            facilities,
            roads: Arc::new(roads?),
            fine_outlines: fine.unwrap_or_else(|| outlines.clone()),
            outlines,
            background,
            manifest,
        })
    }

    /// Its id: the name of its pack.
    pub fn id(&self) -> &str {
        &self.manifest.id
    }

    /// What it is called.
    pub fn name(&self) -> &Name {
        &self.manifest.name
    }

    /// The rectangle that its maps are cut to.
    pub fn frame(&self) -> Frame {
        self.manifest.frame
    }

    /// How far it reaches: its frame, and the areas of its offices and their districts.
    pub fn extent(&self) -> Extent {
        let offices = self.manifest.offices.iter().map(|office| office.area);
        let districts = self.districts().map(|district| district.code);
        Extent::new(self.frame(), offices.chain(districts))
    }

    /// Minutes that its clocks are ahead of UTC.
    pub fn timezone_minutes(&self) -> i16 {
        self.manifest.timezone_minutes
    }

    /// What every map of it must say.
    pub fn disclaimer(&self) -> &Name {
        &self.manifest.disclaimer
    }

    /// Whose data it is made of, as their licences ask to print.
    pub fn attribution(&self) -> &[String] {
        &self.manifest.attribution
    }

    /// Its circles.
    pub fn circles(&self) -> &[Circle] {
        &self.manifest.circles
    }

    /// Every party that has a name on the map, in the order of the manifest.
    pub fn offices(&self) -> &[Office] {
        &self.manifest.offices
    }

    /// Where each of them sits.
    pub fn seats(&self) -> BTreeMap<PartyId, Point> {
        let offices = self.offices().iter();
        offices.map(|office| (office.party, office.seat)).collect()
    }

    /// The offices of cities, in the order of the manifest.
    pub fn cities(&self) -> impl Iterator<Item = &Office> {
        self.manifest
            .offices
            .iter()
            .filter(|office| office.is_city())
    }

    /// An office by its party.
    pub fn office(&self, party: PartyId) -> Option<&Office> {
        self.manifest
            .offices
            .iter()
            .find(|office| office.party == party)
    }

    /// The city office whose ground has this area code, given the city's code or a district's.
    pub fn office_of(&self, area: AreaCode) -> Option<&Office> {
        self.cities()
            .find(|office| office.area == area || office.area == area.city())
    }

    /// The offices of cities in the same circle, without the office itself.
    pub fn circle_of(&self, party: PartyId) -> Vec<&Office> {
        let circle = self
            .office(party)
            .and_then(|office| office.circle.as_deref());
        let same = |office: &&Office| circle.is_some() && office.circle.as_deref() == circle;
        self.cities()
            .filter(same)
            .filter(|office| office.party != party)
            .collect()
    }

    /// The first office of a role, for example the province's.
    pub fn office_with(&self, role: Role) -> Option<&Office> {
        self.manifest
            .offices
            .iter()
            .find(|office| office.role == role)
    }

    /// Its crossings.
    pub fn crossings(&self) -> &[Crossing] {
        &self.manifest.crossings
    }

    /// Its ground.
    pub fn ground(&self) -> &Arc<Ground> {
        &self.ground
    }

    /// Its districts, by code.
    pub fn districts(&self) -> impl Iterator<Item = &District> {
        self.ground.districts()
    }

    /// The city and the district under a point; `None` at sea and beyond the region.
    pub fn locate(&self, point: Point) -> Option<(AreaCode, AreaCode)> {
        self.ground.locate(point)
    }

    /// The office on whose ground a point lies; at sea, that of the nearest place.
    pub fn office_for(&self, point: Point) -> Option<&Office> {
        let under = self.locate(point).map(|(city, _)| city);
        let near = || {
            let place = self
                .places
                .iter()
                .min_by_key(|place| self.distance(place.point, point))?;
            self.ground
                .district(place.district)
                .map(|district| district.city)
        };
        self.office_of(under.or_else(near)?)
    }

    /// Its places.
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// A point where people are, in a district, for a drawn number; `None` if there is no such
    /// district. The same number always gives the same point.
    pub fn spot(&self, district: AreaCode, draw: u64) -> Option<Point> {
        self.ground
            .district(district)
            .map(|district| self.spots.spot(district, draw))
    }

    /// As [`Region::spot`], for a district at hand.
    pub fn spot_in(&self, district: &District, draw: u64) -> Point {
        self.spots.spot(district, draw)
    }

    /// Where most people of a district are.
    pub fn heart(&self, district: &District) -> Point {
        self.spots.heart(district)
    }

    /// A district for a drawn number, more often where more people live; of one city or of all.
    pub fn district_by_people(&self, city: Option<AreaCode>, draw: u64) -> Option<&District> {
        district_of(&self.ground, city, draw)
    }

    /// Facilities that are really there.
    pub fn facilities(&self) -> &[Facility] {
        &self.facilities
    }

    /// The facilities of a kind on the ground of a city.
    pub fn facilities_of(
        &self,
        city: AreaCode,
        kind: FacilityKind,
    ) -> impl Iterator<Item = &Facility> {
        self.facilities.iter().filter(move |facility| {
            let home = self
                .ground
                .district(facility.district)
                .map(|district| district.city);
            facility.kind == kind && home == Some(city)
        })
    }

    /// Its roads.
    pub fn roads(&self) -> &Arc<Roads> {
        &self.roads
    }

    /// A calculator of travel times, with nothing kept yet.
    pub fn travel(&self) -> Travel {
        Travel::new(
            Arc::clone(&self.roads),
            Arc::clone(&self.ground),
            self.projection,
        )
    }

    /// The flat sheet that distances are measured on.
    pub fn projection(&self) -> Projection {
        self.projection
    }

    /// The straight distance between two points.
    pub fn distance(&self, from: Point, to: Point) -> Meters {
        self.projection.distance(from, to)
    }

    /// The ground of every city as rings to draw, by party.
    pub fn outline(&self, detail: Detail) -> &[Outline] {
        match detail {
            Detail::Coarse => &self.outlines,
            Detail::Fine => &self.fine_outlines,
        }
    }

    /// What lies around: land, coast, rivers, neighbours.
    pub fn background(&self) -> &[Background] {
        &self.background
    }
}

fn read_shapes_of(
    pack: &Pack,
    file: &str,
    frame: Frame,
    faults: &mut Faults,
) -> Vec<crate::shape::Shape> {
    pack.text(file)
        .and_then(|text| read_shapes(file, text, frame, faults))
        .unwrap_or_default()
}

fn read_ground(pack: &Pack, manifest: &Manifest, faults: &mut Faults) -> Option<Ground> {
    let shapes = read_shapes(DISTRICTS, pack.text(DISTRICTS)?, manifest.frame, faults)?;
    let mut districts = BTreeMap::new();
    for shape in shapes {
        let at = At::place(DISTRICTS, &shape.place);
        let Some(district) = read_district(DISTRICTS, &shape, faults) else {
            continue;
        };
        if !manifest
            .offices
            .iter()
            .any(|office| office.is_city() && office.area == district.city)
        {
            let reason = format!(
                "district {} belongs to {}, which has no office",
                district.code, district.city
            );
            faults.add(
                at,
                reason,
                "correct \"city\" or add the office to region.json",
            );
        }
        if let Some(first) = districts.insert(district.code, district) {
            faults.add(
                at,
                format!("district {} stands twice", first.code),
                "give each district once",
            );
        }
    }
    for office in manifest.offices.iter().filter(|office| office.is_city()) {
        if !districts
            .values()
            .any(|district| district.city == office.area)
        {
            let reason = format!("city {} {} has no district", office.area, office.name.en);
            faults.add(
                At::file(DISTRICTS),
                reason,
                "draw one, or the whole city as one",
            );
        }
    }
    Some(Ground::new(districts))
}
