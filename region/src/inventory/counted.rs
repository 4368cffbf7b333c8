//! What a resource is counted in: a unit is one thing, a stock and a capacity have their own measure.

use protocol::{Form, Kind, Resource};

use crate::fault::Faults;
use crate::table::Row;

/// What a kind is counted in, in the words that a table may use. All words of a kind mean the same
/// amount, for the stocks of several offices are added up.
const fn measures(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Foam => &["吨", "t"],
        Kind::Sandbag => &["袋", "bag"],
        Kind::Tent => &["顶", "tent"],
        Kind::Generator => &["台", "set"],
        Kind::Lifejacket => &["件", "piece"],
        Kind::Bed => &["床", "张", "bed"],
        Kind::Shelter => &["人", "person"],
        _ => &[],
    }
}

/// Whether quantity and measure of a row fit its kind.
pub(super) fn counted_rightly(row: Row<'_>, resource: &Resource, faults: &mut Faults) -> bool {
    let kind = resource.kind;
    if resource.form() == Form::Unit {
        if resource.quantity == 1 {
            return true;
        }
        let reason = format!("a unit of kind {kind} with quantity {}", resource.quantity);
        let remedy = "write one row for each unit, with quantity 1";
        faults.add(row.at("quantity"), reason, remedy);
        return false;
    }
    let (own, written) = (measures(kind), resource.measure.as_str());
    if own.iter().any(|word| word.eq_ignore_ascii_case(written)) {
        return true;
    }
    let reason = if written.is_empty() {
        format!("{kind} is counted in nothing")
    } else {
        format!("{kind} is not counted in \"{written}\"")
    };
    faults.add(
        row.at("measure"),
        reason,
        format!("write {}", own.join(" or ")),
    );
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Region, demo_fleet, read_inventory};

    #[test]
    fn every_stock_and_capacity_has_a_measure_and_the_demo_fleets_keep_to_it() {
        for kind in Kind::ALL {
            let counted = kind.form() != Form::Unit;
            assert_eq!(counted, !measures(*kind).is_empty(), "{kind}");
        }
        let region = Region::built_in("trio").unwrap();
        for (_, resource) in demo_fleet(&region) {
            let own = measures(resource.kind);
            let fits = own.contains(&resource.measure.as_str());
            assert!(fits || resource.form() == Form::Unit, "{resource:?}");
        }
    }
    #[test]
    fn a_stock_is_counted_in_its_own_measure() {
        let region = Region::built_in("trio").unwrap();
        let text = "resource,kind,name,home,lat,lon,quantity,measure\n\
             990100-a,泡沫液,Foam,990100-d01,10.6,150.6,9,床\n\
             990100-b,foam,Foam,990100-d01,10.6,150.6,9,T\n\
             990100-c,bed,Beds,990100-h1,10.6,150.6,9,张\n\
             990100-d,tent,Tents,990100-d01,10.6,150.6,9,\n";
        let office = "990100".parse().unwrap();
        let faults = read_inventory(&region, office, "fleet.csv", text).unwrap_err();
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(
            faults[0].ends_with("foam is not counted in \"床\"; write 吨 or t"),
            "{faults:?}"
        );
        assert!(faults[1].ends_with("write 顶 or tent"), "{faults:?}");
    }
}
