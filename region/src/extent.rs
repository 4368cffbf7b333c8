//! How far a region reaches: its frame and the codes of its areas, for those who check a place and
//! need nothing else of it.

use std::collections::BTreeSet;
use std::sync::Arc;

use protocol::{AreaCode, Point};

use crate::frame::Frame;

/// Where a region lies and what its areas are called by code.
#[derive(Clone, Debug)]
pub struct Extent {
    frame: Frame,
    areas: Arc<BTreeSet<AreaCode>>,
}

impl Extent {
    /// A frame and the areas within it.
    pub fn new(frame: Frame, areas: impl IntoIterator<Item = AreaCode>) -> Self {
        Self {
            frame,
            areas: Arc::new(areas.into_iter().collect()),
        }
    }

    /// The rectangle that nothing of the region lies outside of.
    pub fn frame(&self) -> Frame {
        self.frame
    }

    /// Whether a point lies in the region's frame.
    pub fn contains(&self, point: Point) -> bool {
        self.frame.contains(point)
    }

    /// Whether the region has an area of this code.
    pub fn knows(&self, area: AreaCode) -> bool {
        self.areas.contains(&area)
    }

    /// The codes of whole cities and of what is above them.
    pub fn cities(&self) -> impl Iterator<Item = AreaCode> {
        let areas = self.areas.iter().copied();
        areas.filter(|area| *area == area.city())
    }
}
