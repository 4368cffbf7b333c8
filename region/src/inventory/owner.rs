//! Whose inventory a table is, where nobody said: its ids begin with the office that owns them.

use protocol::PartyId;

use super::HEADINGS;
use crate::fault::{Faults, PackFault};
use crate::region::Region;
use crate::table::Table;

/// The city of the region that the first resource of a table belongs to by its id; `None` if it
/// belongs to no city there.
///
/// # Errors
/// The faults of the headings, if they cannot be made out.
pub fn inventory_office(
    region: &Region,
    file: &str,
    text: &str,
) -> Result<Option<PartyId>, Vec<PackFault>> {
    let mut faults = Faults::default();
    let Some(table) = Table::read(file, text, HEADINGS, &mut faults) else {
        return Err(faults.into_sorted(|_| None));
    };
    let first = table.rows().next();
    Ok(first.and_then(|row| {
        let mut cities = region.cities().map(|city| city.party);
        cities.find(|office| begins_with(row.text("resource"), *office))
    }))
}

/// Whether a resource's id says that it belongs to an office.
pub(super) fn begins_with(resource: &str, office: PartyId) -> bool {
    resource
        .strip_prefix(office.as_str())
        .is_some_and(|rest| rest.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::super::{TemplateLanguage, inventory_template};
    use super::*;

    #[test]
    fn a_table_belongs_to_the_city_that_its_first_id_begins_with() {
        let template = inventory_template(TemplateLanguage::Chinese);
        let owner = |region: &str, text: &str| {
            let region = Region::built_in(region).unwrap();
            inventory_office(&region, "fleet.csv", text)
        };
        let eastport = "990100".parse().unwrap();
        assert_eq!(owner("trio", template).unwrap(), Some(eastport));
        assert_eq!(owner("prd", template).unwrap(), None);
        assert!(owner("trio", "boats,oars\n1,2\n").is_err());
    }
}
