//! The hashes of a log's entries, in blocks: a log only grows, and what stands is never copied to make
//! room.

use protocol::Hash;

/// Hashes in a block: 8 KiB.
const BLOCK: usize = 256;

/// Hashes in the order of their entries.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hashes(Vec<Vec<Hash>>);

impl Hashes {
    /// The list that begins with this one.
    pub(crate) fn beginning(first: Hash) -> Self {
        let mut hashes = Self::default();
        hashes.push(first);
        hashes
    }

    pub(crate) fn push(&mut self, hash: Hash) {
        match self.0.last_mut() {
            Some(block) if block.len() < BLOCK => block.push(hash),
            _ => {
                let mut block = Vec::with_capacity(BLOCK);
                block.push(hash);
                self.0.push(block);
            }
        }
    }

    pub(crate) fn get(&self, place: usize) -> Option<Hash> {
        self.0.get(place / BLOCK)?.get(place % BLOCK).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_found_where_it_was_put_and_nothing_behind_the_last() {
        let hash = |number: usize| Hash::of(&number.to_le_bytes());
        let mut hashes = Hashes::beginning(hash(0));
        let count = 2 * BLOCK + 1;
        (1..count).for_each(|number| hashes.push(hash(number)));
        assert!((0..count).all(|number| hashes.get(number) == Some(hash(number))));
        assert_eq!(hashes.get(count), None);
    }
}
