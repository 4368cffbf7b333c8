//! Short ASCII texts built in place: ids as they are written, without a formatter and without the
//! allocator. Every message names a dozen of them.

/// Characters that a label may have: a prefix of a log, the longest, has 102.
const LONGEST: usize = 112;

/// A text under construction.
pub(crate) struct Label {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Label {
    /// A label that begins with a name.
    pub(crate) fn of(name: &str) -> Self {
        let label = Self {
            bytes: [0; LONGEST],
            length: 0,
        };
        label.then(name)
    }

    /// Followed by a text.
    pub(crate) fn then(mut self, text: &str) -> Self {
        let end = self.length + text.len();
        self.bytes[self.length..end].copy_from_slice(text.as_bytes());
        self.length = end;
        self
    }

    /// Followed by a number in decimal.
    pub(crate) fn number(self, number: impl Into<u64>) -> Self {
        let mut number = number.into();
        // As many as the greatest number of 64 bits has.
        let mut digits = [b'0'; 20];
        let mut first = digits.len();
        loop {
            first -= 1;
            digits[first] += u8::try_from(number % 10).expect("a digit is below ten");
            number /= 10;
            if number == 0 {
                break;
            }
        }
        self.then(str::from_utf8(&digits[first..]).expect("digits are ASCII"))
    }

    pub(crate) fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.length]).expect("a label is made of texts")
    }
}

/// What stands before and behind the first of these ASCII signs: found a byte at a time, for a label
/// is short.
pub(crate) fn split_first(text: &str, sign: u8) -> Option<(&str, &str)> {
    let place = text.bytes().position(|byte| byte == sign)?;
    Some((&text[..place], &text[place + 1..]))
}

/// What stands before and behind the last of them.
pub(crate) fn split_last(text: &str, sign: u8) -> Option<(&str, &str)> {
    let place = text.bytes().rposition(|byte| byte == sign)?;
    Some((&text[..place], &text[place + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_the_digits_that_the_formatter_gives_it() {
        for number in [0_u64, 1, 9, 10, 440_400, 999_999_999, u64::MAX] {
            let label = Label::of("n-").number(number);
            assert_eq!(label.as_str(), format!("n-{number}"));
        }
    }
}
