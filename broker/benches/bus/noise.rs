//! Numbers that look random and are the same in each run.

/// A linear congruential generator with Knuth's MMIX constants; its high bits are the good ones.
#[derive(Debug)]
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let step = self.0.wrapping_mul(6_364_136_223_846_793_005);
        self.0 = step.wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    pub(crate) fn bytes(&mut self, count: u64) -> Vec<u8> {
        let bytes = (0..count).map(|_| self.below(256).to_le_bytes()[0]);
        bytes.collect()
    }
}
