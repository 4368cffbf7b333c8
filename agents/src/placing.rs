//! Whether a call's place lies in the region (R14).
//!
//! An operator who mistypes a place is refused and types it again. What a call system passes on is
//! taken all the same, for nobody may be there to ask again: a point elsewhere is left out, the words
//! stay, and the answer says so.

use protocol::{AreaCode, Call, Point, Remark, Role};

use crate::answer::remark;
use crate::office::Office;

impl Office {
    /// Whether an operator's report lies in the region.
    pub(crate) fn is_placed(&self, call: &Call) -> Result<(), Remark> {
        if let Some(point) = call.point.filter(|point| !point.is_on_earth()) {
            return Err(remark(
                format!("点位 {point} 不在地球上；请按 经度,纬度 填写"),
                format!("point {point} is not on the earth; give longitude,latitude"),
            ));
        }
        let extent = &self.config.extent;
        if let Some(point) = call.point.filter(|point| !extent.contains(*point)) {
            let frame = extent.frame();
            let (low, high) = (
                Point(frame.west, frame.south),
                Point(frame.east, frame.north),
            );
            return Err(remark(
                format!(
                    "点位 {point} 不在本区域（{low} 至 {high}）；请按 经度,纬度 填写，或不填点位"
                ),
                format!(
                    "point {point} lies outside the region, which reaches from {low} to {high}; give \
                     longitude,latitude within it, or leave the point out"
                ),
            ));
        }
        if !extent.knows(call.area) {
            let cities: Vec<String> = extent.cities().map(|area| area.to_string()).collect();
            let (area, cities) = (call.area, cities.join(", "));
            return Err(remark(
                format!("本区域没有区划代码 {area}；请填 {cities} 或其所辖区县代码，或不填"),
                format!(
                    "the region has no area {area}; give the code of {cities} or of a district of \
                     one, or leave it out for this office's own"
                ),
            ));
        }
        Ok(())
    }

    /// The point of a call if it lies in the region, and what is to be said about its place.
    pub(crate) fn placed(&mut self, call: &Call) -> (Option<Point>, Option<Remark>) {
        let extent = &self.config.extent;
        let point = call.point.filter(|point| extent.contains(*point));
        let area = call.area;
        let said = if call.point != point {
            self.hearing.refuse("R14");
            Some(remark(
                "点位不在本区域，已略去".to_owned(),
                "the point lies outside the region and was left out".to_owned(),
            ))
        } else if !extent.knows(area) {
            self.hearing.refuse("R14");
            Some(remark(
                format!("本区域没有区划代码 {area}，已标注涉及毗邻地区"),
                format!("the region has no area {area}; the report is marked as about a neighbour"),
            ))
        } else {
            self.is_elsewhere(area).then(|| {
                remark(
                    format!("{area} 不属本市，已标注涉及毗邻地区"),
                    format!("{area} is not this city's; the report is marked as about a neighbour"),
                )
            })
        };
        (point, said)
    }

    /// Whether an area is not this city's own.
    pub(crate) fn is_elsewhere(&self, area: AreaCode) -> bool {
        let us = &self.config.member;
        us.role == Role::City && area.city() != us.area.city()
    }
}
