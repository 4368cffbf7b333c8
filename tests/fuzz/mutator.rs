//! Small changes to known files, drawn from a seed: what a fuzzer does first, on any toolchain.

/// Words that parsers look at closely.
const WORDS: [&str; 24] = [
    "0",
    "-1",
    "1e309",
    "18446744073709551615",
    "9223372036854775808",
    "4294967296",
    "null",
    "[]",
    "{}",
    "\"\"",
    "\t",
    "\n",
    "\r\n",
    "-",
    "\u{1b}[31m",
    "\u{202e}",
    "\\u001b[2J",
    "\\u202e",
    "ａ",
    "\u{0}",
    "990100",
    "\"v\":2,",
    "[[[[[[[[[[[[[",
    "....",
];

/// Changes of one file at once, at most.
const CHANGES: u64 = 4;

/// Bytes that one change touches, at most.
const SPAN: u64 = 64;

/// Draws mutations, the same ones for everybody.
pub(crate) struct Mutator(u64);

impl Mutator {
    /// The mutator of one parser.
    pub(crate) fn of(target: &str) -> Self {
        let state = target
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325, |state: u64, byte| {
                (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        Self(state)
    }

    /// One of the files, a little changed.
    pub(crate) fn mutate(&mut self, files: &[(String, Vec<u8>)]) -> Vec<u8> {
        let mut bytes = files[self.below(files.len())].1.clone();
        for _ in 0..=self.draw() % CHANGES {
            let other = &files[self.below(files.len())].1;
            self.change(&mut bytes, other);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let at = self.below(bytes.len() + 1);
        let end = (at + self.span()).min(bytes.len());
        match self.draw() % 8 {
            0 if at < bytes.len() => bytes[at] ^= 1 << (self.draw() % 8),
            1 => drop(bytes.drain(at..end)),
            2 => bytes.truncate(at),
            3 => {
                let again = bytes[at..end].to_vec();
                bytes.splice(at..at, again);
            }
            4 => {
                let from = self.below(other.len() + 1);
                let to = (from + self.span()).min(other.len());
                bytes.splice(at..end, other[from..to].iter().copied());
            }
            5 => self.number(bytes, at),
            6 => self.line(bytes, other),
            _ => {
                let word = WORDS[self.below(WORDS.len())];
                bytes.splice(at..at, word.bytes());
            }
        }
    }

    /// Puts another number in the place of the next one.
    fn number(&mut self, bytes: &mut Vec<u8>, at: usize) {
        let Some(from) = bytes[at..].iter().position(u8::is_ascii_digit) else {
            return;
        };
        let from = at + from;
        let digits = bytes[from..]
            .iter()
            .take_while(|byte| byte.is_ascii_digit());
        let to = from + digits.count();
        let small = self.draw() % 100;
        let number = match self.draw() % 3 {
            0 => small.to_string(),
            1 => WORDS[self.below(6)].to_owned(),
            _ => self.draw().to_string(),
        };
        bytes.splice(from..to, number.into_bytes());
    }

    /// Puts a line of another file before a line of this one.
    fn line(&mut self, bytes: &mut Vec<u8>, other: &[u8]) {
        let lines: Vec<&[u8]> = other.split_inclusive(|byte| *byte == b'\n').collect();
        if lines.is_empty() {
            return;
        }
        let line = lines[self.below(lines.len())].to_vec();
        let before = self.below(bytes.len() + 1);
        let next = bytes[before..].iter().position(|byte| *byte == b'\n');
        let at = next.map_or(bytes.len(), |next| before + next + 1);
        bytes.splice(at..at, line);
    }

    fn span(&mut self) -> usize {
        usize::try_from(1 + self.draw() % SPAN).unwrap()
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.draw() % bound as u64).unwrap()
    }

    /// SplitMix64.
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
