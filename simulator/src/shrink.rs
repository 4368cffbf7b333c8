//! The fewest faults under which something still goes wrong.
//!
//! Delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002)
//! on a list that stays in its order: parts are left out, large ones first, for as long as what goes
//! wrong still does. What is left is minimal in that no single fault can be left out any more.

/// The part of a list that still fails when nothing of it can be left out; the whole if it does not
/// fail.
pub fn fewest<T: Clone>(all: &[T], mut fails: impl FnMut(&[T]) -> bool) -> Vec<T> {
    let mut left = all.to_vec();
    let mut size = left.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        let mut shorter = false;
        while from < left.len() {
            let to = left.len().min(from + size);
            let without = [&left[..from], &left[to..]].concat();
            if fails(&without) {
                left = without;
                shorter = true;
            } else {
                from = to;
            }
        }
        // A part that was needed beside others may be needless without them.
        if !shorter || size > 1 {
            size /= 2;
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shrunk(all: &[u32], needed: &[u32]) -> (Vec<u32>, usize) {
        let mut tries = 0;
        let left = fewest(all, |part| {
            tries += 1;
            needed.iter().all(|it| part.contains(it))
        });
        (left, tries)
    }

    #[test]
    fn what_is_needed_is_left_in_its_order_and_nothing_else() {
        let all: Vec<u32> = (0..32).collect();
        for needed in [vec![], vec![7], vec![3, 29], vec![0, 1, 30, 31]] {
            let (left, tries) = shrunk(&all, &needed);
            assert_eq!(left, needed);
            assert!(tries < 70, "{tries} tries for {needed:?}");
        }
    }

    #[test]
    fn what_masks_another_goes_once_the_other_is_gone() {
        // Fails with 5, unless 8 is there without 9.
        let fails = |part: &[u32]| {
            let has = |it| part.contains(&it);
            has(5) && (!has(8) || has(9))
        };
        let all: Vec<u32> = (0..12).collect();
        assert_eq!(fewest(&all, fails), [5]);
    }

    #[test]
    fn a_list_that_does_not_fail_is_left_whole() {
        assert_eq!(fewest(&[1, 2, 3], |_| false), [1, 2, 3]);
    }
}
