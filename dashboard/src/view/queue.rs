//! The queue: open incidents, the most urgent first, then the oldest.

use picture::{Coverage, Incident};
use protocol::IncidentId;

use super::View;

/// One incident of the queue.
#[derive(Clone, Copy)]
pub(crate) struct QueueRow<'a> {
    pub(crate) id: IncidentId,
    pub(crate) incident: &'a Incident,
    /// What its needs ask for and what owners have committed, all together.
    pub(crate) cover: Coverage,
}

impl View {
    /// The queue as it stands now.
    pub(crate) fn queue(&self) -> Vec<QueueRow<'_>> {
        let mut cover = std::collections::BTreeMap::<IncidentId, Coverage>::new();
        for (need, known) in self.picture.needs() {
            let of_need = self.picture.coverage(*need);
            let sum = cover.entry(known.request.incident).or_default();
            sum.quantity += of_need.quantity;
            sum.covered += of_need.covered.min(of_need.quantity);
            sum.delivered += of_need.delivered;
        }
        let open = self
            .picture
            .incidents()
            .filter(|(_, incident)| incident.is_open());
        let mut rows: Vec<QueueRow<'_>> = open
            .map(|(id, incident)| QueueRow {
                id: *id,
                incident,
                cover: cover.get(id).copied().unwrap_or_default(),
            })
            .collect();
        rows.sort_by_key(|row| (row.incident.report.severity, row.incident.opened_at, row.id));
        rows
    }

    /// The chosen row: the one the operator last stood on, or the first.
    pub(crate) fn chosen_row(&self, rows: &[QueueRow<'_>]) -> usize {
        rows.iter()
            .position(|row| Some(row.id) == self.chosen)
            .unwrap_or(0)
    }
}
