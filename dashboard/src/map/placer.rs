//! Labels that never overprint each other: the graver first, each where there is room, or shorter.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::width::width;

/// A label that wants a place beside its cell.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) at: (u16, u16),
    /// What it may say, the fullest first.
    pub(crate) texts: Vec<String>,
    pub(crate) style: Style,
}

/// A label that got one.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) area: Rect,
    pub(crate) text: String,
    pub(crate) style: Style,
}

/// Places labels in their order; one that finds no room in any form is left out.
///
/// What is taken already (signs, legend) is in `taken`, and so is what was placed afterwards.
pub(crate) fn place(area: Rect, taken: &mut Vec<Rect>, wishes: Vec<Wish>) -> Vec<Placed> {
    let mut placed = Vec::with_capacity(wishes.len());
    for wish in wishes {
        let found = wish.texts.iter().find_map(|text| {
            let cells = u16::try_from(width(text)).ok().filter(|cells| *cells > 0)?;
            let spots = spots(wish.at, cells);
            let free = |spot: &Rect| {
                area.intersection(*spot) == *spot
                    && !taken.iter().any(|other| other.intersects(*spot))
            };
            Some((text, spots.into_iter().flatten().find(free)?))
        });
        if let Some((text, spot)) = found {
            taken.push(spot);
            placed.push(Placed {
                area: spot,
                text: text.clone(),
                style: wish.style,
            });
        }
    }
    placed
}

/// Where a label may stand: on its cell, beside it, above and below.
fn spots((x, y): (u16, u16), cells: u16) -> [Option<Rect>; 7] {
    let half = cells / 2;
    let spot = |x: Option<u16>, y: Option<u16>| Some(Rect::new(x?, y?, cells, 1));
    let (above, below) = (y.checked_sub(1), y.checked_add(1));
    [
        spot(x.checked_sub(half), Some(y)),
        spot(x.checked_add(2), Some(y)),
        spot(x.checked_sub(cells + 1), Some(y)),
        spot(x.checked_sub(half), above),
        spot(x.checked_sub(half), below),
        spot(x.checked_add(1), above),
        spot(x.checked_add(1), below),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wish(x: u16, y: u16, full: &str, short: &str) -> Wish {
        Wish {
            at: (x, y),
            texts: vec![full.to_owned(), short.to_owned()],
            style: Style::new(),
        }
    }

    /// Places spread by a linear congruence, so that the test needs no randomness.
    fn scattered(count: u32, area: Rect) -> Vec<Wish> {
        let mut seed = 12_345_u32;
        let mut next = |below: u16| {
            seed = seed.wrapping_mul(1_103_515_245).wrapping_add(12_345);
            u16::try_from(seed >> 16).unwrap() % below
        };
        (0..count)
            .map(|_| wish(next(area.width), next(area.height), "广州市12", "穗"))
            .collect()
    }

    #[test]
    fn labels_never_overlap_and_never_leave_the_map() {
        let area = Rect::new(0, 0, 44, 10);
        for count in [3, 30, 300] {
            let mut taken = vec![Rect::new(0, 9, 44, 1)];
            let placed = place(area, &mut taken, scattered(count, area));
            assert!(!placed.is_empty());
            for (at, one) in taken.iter().enumerate() {
                assert_eq!(area.intersection(*one), *one);
                for other in &taken[at + 1..] {
                    assert!(!one.intersects(*other), "{one:?} {other:?}");
                }
            }
            for one in placed {
                assert_eq!(usize::from(one.area.width), width(&one.text));
            }
        }
    }

    #[test]
    fn a_label_without_room_in_full_is_written_short() {
        let area = Rect::new(0, 0, 5, 1);
        let placed = place(area, &mut Vec::new(), vec![wish(2, 0, "Guangzhou", "GZ")]);
        assert_eq!(placed[0].text, "GZ");
    }
}
