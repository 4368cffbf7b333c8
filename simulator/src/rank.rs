//! Percentiles by nearest rank: no interpolation, so every figure is a case that happened.

/// The value that so many per cent of the sorted ones do not exceed; `None` of none.
pub fn nearest_rank<T: Copy>(sorted: &[T], percent: usize) -> Option<T> {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted.get(rank.saturating_sub(1)).copied()
}
