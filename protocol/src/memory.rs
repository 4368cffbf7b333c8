//! What a decoder remembers: texts that were verified, and what they say.
//!
//! A text is looked up by a number made of its end and recognised only if every byte is equal, so
//! that a repeat costs no digest and nothing but a repeat is taken for one.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// How much of a text's end makes its number: in a signed line this is the signature.
const END_BYTES: usize = 128;

/// A bounded memory of texts; the oldest is forgotten first.
///
/// Two texts may have one number. The later one then takes the earlier one's place: whoever brings
/// that about has a text verified again, no more.
#[derive(Debug)]
pub(crate) struct Memory<T> {
    known: BTreeMap<u64, Arc<T>>,
    order: VecDeque<u64>,
    limit: usize,
}

impl<T> Memory<T> {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            known: BTreeMap::new(),
            order: VecDeque::new(),
            limit,
        }
    }

    /// What was remembered for the text. `is_same` compares the whole of it.
    pub(crate) fn recall(&self, text: &str, is_same: impl Fn(&T) -> bool) -> Option<Arc<T>> {
        let found = self.known.get(&number(text))?;
        is_same(found).then(|| Arc::clone(found))
    }

    pub(crate) fn remember(&mut self, text: &str, value: Arc<T>) {
        if self.limit == 0 {
            return;
        }
        let number = number(text);
        if self.known.insert(number, value).is_none() {
            self.order.push_back(number);
        }
        if self.order.len() > self.limit
            && let Some(oldest) = self.order.pop_front()
        {
            self.known.remove(&oldest);
        }
    }
}

/// The number of a text, quick to make and easily forged: it finds a text and proves nothing.
fn number(text: &str) -> u64 {
    /// 2⁶⁴ divided by the golden ratio: spreads neighbours far apart.
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let bytes = text.as_bytes();
    let end = &bytes[bytes.len().saturating_sub(END_BYTES)..];
    let (words, _) = end.as_chunks::<8>();
    words.iter().fold(bytes.len() as u64, |number, word| {
        (number.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(SPREAD)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recalled(memory: &Memory<String>, text: &str) -> bool {
        memory.recall(text, |known| known == text).is_some()
    }

    #[test]
    fn a_text_of_the_same_number_is_not_taken_for_the_one_that_is_known() {
        let end = "0".repeat(END_BYTES);
        let (known, other) = (format!("open{end}"), format!("shut{end}"));
        assert_eq!(number(&known), number(&other));
        let mut memory = Memory::new(4);
        memory.remember(&known, Arc::new(known.clone()));
        assert!(recalled(&memory, &known));
        assert!(!recalled(&memory, &other));
        memory.remember(&other, Arc::new(other.clone()));
        assert!(recalled(&memory, &other));
        assert!(!recalled(&memory, &known));
    }

    #[test]
    fn a_memory_without_room_remembers_nothing() {
        let mut memory = Memory::new(0);
        memory.remember("text", Arc::new("text".to_owned()));
        assert!(!recalled(&memory, "text"));
    }

    #[test]
    fn the_oldest_is_forgotten_first() {
        let mut memory = Memory::new(2);
        let texts = ["the first", "the second", "the third"];
        for text in texts {
            memory.remember(text, Arc::new(text.to_owned()));
        }
        assert_eq!(
            texts.map(|text| recalled(&memory, text)),
            [false, true, true]
        );
    }
}
