//! The known word that a misspelt one was probably meant to be, and the remedy that says so.

/// How many known words a remedy lists: all kinds of resources fit, the places of a province do not.
const LISTED_WORDS: usize = 40;

/// A remedy that lists the known words, and names the one that was probably meant.
pub fn known_words<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    remedy(nearest_word(word, known.clone()), known)
}

/// A remedy from the word that was meant, if one is near, and the known words.
pub(crate) fn remedy<'a>(meant: Option<&str>, known: impl Iterator<Item = &'a str>) -> String {
    let listed = known.take(LISTED_WORDS).collect::<Vec<_>>().join(", ");
    match meant {
        Some(meant) => format!("did you mean \"{meant}\"? known are {listed}"),
        None if listed.is_empty() => "none is known here".to_owned(),
        None => format!("known are {listed}"),
    }
}

/// The known word that a misspelt one is nearest to, if any is near enough to be meant.
///
/// Near means at most one edit in three letters; of equally near words the first.
pub fn nearest_word<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    known
        .map(|candidate| {
            (
                edits(&word.to_lowercase(), &candidate.to_lowercase()),
                candidate,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How many letters must be put in, taken out, changed or swapped with the next to make one word
/// the other.
fn edits(left: &str, right: &str) -> usize {
    let left: Vec<char> = left.chars().collect();
    let right: Vec<char> = right.chars().collect();
    let mut rows = vec![(0..=right.len()).collect::<Vec<usize>>()];
    for (i, a) in left.iter().enumerate() {
        let above = &rows[i];
        let mut row = vec![i + 1];
        for (j, b) in right.iter().enumerate() {
            let change = above[j] + usize::from(a != b);
            let mut least = change.min(above[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *a == right[j - 1] && left[i - 1] == *b {
                least = least.min(rows[i - 1][j - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[left.len()][right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_word_finds_the_one_that_was_meant() {
        let known = ["boat", "ambulance", "pump"];
        assert_eq!(nearest_word("boats", known.into_iter()), Some("boat"));
        assert_eq!(
            nearest_word("Ambulnace", known.into_iter()),
            Some("ambulance")
        );
        assert_eq!(nearest_word("helicopter", known.into_iter()), None);
    }
}
