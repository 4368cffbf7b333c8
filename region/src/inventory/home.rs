//! Where a resource is at home: a facility of the pack, or a station or depot of the demo fleets.

use std::collections::BTreeSet;

use protocol::{FacilityId, known_words};

use crate::fault::Faults;
use crate::fleet::demo_stations;
use crate::region::Region;
use crate::table::Row;

/// Every id of a region that a resource may be at home at, in order.
pub(super) struct Homes(BTreeSet<FacilityId>);

impl Homes {
    pub(super) fn of(region: &Region) -> Self {
        let real = region.facilities().iter().map(|facility| facility.id);
        let demo = demo_stations(region).into_iter().map(|station| station.id);
        Self(real.chain(demo).collect())
    }

    /// The home of a row.
    pub(super) fn read(&self, row: Row<'_>, faults: &mut Faults) -> Option<FacilityId> {
        let text = row.text("home");
        let home: FacilityId = match text.parse() {
            Ok(home) => home,
            Err(error) => {
                let error: protocol::TagError = error;
                let remedy = "write the id of its depot or station";
                faults.add(row.at("home"), error.to_string(), remedy);
                return None;
            }
        };
        if self.0.contains(&home) {
            return Some(home);
        }
        // A region has hundreds; those of the same city are what can have been meant.
        let city = |id: &str| id.split('-').next().unwrap_or_default().to_owned();
        let near = || {
            let ids = self.0.iter().map(FacilityId::as_str);
            ids.filter(|id| city(id) == city(text))
        };
        let reason = format!("unknown home \"{text}\"");
        faults.add(row.at("home"), reason, known_words(text, near()));
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read_inventory;

    #[test]
    fn a_home_is_one_that_the_region_has() {
        let region = Region::built_in("trio").unwrap();
        let text = "resource,kind,name,home,lat,lon\n\
             990100-a,pump,Pump,990100-s99,10.6,150.6\n\
             990100-b,pump,Pump,990100-p1,10.6,150.6\n";
        let office = "990100".parse().unwrap();
        let faults = read_inventory(&region, office, "fleet.csv", text).unwrap_err();
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert!(
            faults[0].starts_with(
                "fleet.csv:2:4: unknown home \"990100-s99\"; did you mean \"990100-s0"
            ),
            "{faults:?}"
        );
        assert!(!faults[0].contains("990200"), "{faults:?}");
    }
}
