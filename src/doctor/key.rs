//! Whether the keys of a party let it in and go on to do so.

use std::path::Path;

use protocol::{KeyId, PartyId, Roster, Standing, Wall};

use super::SOON_MS;
use crate::finding::Finding;
use crate::secret::SecretPlace;

/// That the key with which a party signs is near its end.
pub(super) fn ends_soon(
    place: &SecretPlace,
    (party, key): (PartyId, KeyId),
    roster: &Roster,
    now: Wall,
) -> Option<Finding> {
    let until = roster.standing(party, key).and_then(Standing::until)?;
    (until.0 < now.0.saturating_add(SOON_MS)).then(|| {
        let what = format!("key {key} of \"{party}\" ends within 30 days");
        let remedy = "make another with `liandong keys make` and have it admitted by `keys rotate`";
        let place = place.to_string();
        Finding::new("key-ends-soon", Path::new(&place), what, remedy)
    })
}

/// That every gate of the network keeps out a party that the roster has, its own office's among them.
pub(super) fn keeps_out(
    (settings, line): (&Path, usize),
    party: PartyId,
    roster: &Roster,
    now: Wall,
) -> Option<Finding> {
    // Who is not in the roster at all is told of by that.
    let is_kept_out = roster.member(party).is_some() && !roster.belongs_at(party, now);
    is_kept_out.then(|| {
        let what =
            format!("no key of \"{party}\" counts any more, so that no gate lets it in, whatever it shows");
        let remedy = "make a key with `liandong keys make`, have the region admit it by `keys rotate`, and take \
                      its roster file and that key";
        Finding::new("kept-out", settings, what, remedy).at(Some(line))
    })
}
