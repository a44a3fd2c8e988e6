//! Random numbers: SplitMix64. The same seed gives the same numbers everywhere.

/// See the module.
#[derive(Clone, Debug)]
pub struct Rng(u64);

impl Rng {
    /// A generator; nearby seeds give unrelated numbers.
    pub fn new(seed: u64) -> Rng {
        Rng(seed)
    }
    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    /// Below `n`, which is not 0.
    pub fn below(&mut self, n: u64) -> u64 {
        self.bits() % n
    }
    /// An index into something of this length, which is not 0.
    pub fn index(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }
    /// True so often of a hundred.
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
    /// One of these.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.index(from.len())]
    }
    /// An integer: small ones, edges, and any.
    pub fn int(&mut self) -> i64 {
        match self.below(10) {
            0..=5 => self.below(200) as i64 - 100,
            6 => self.pick(&[
                i64::MIN,
                i64::MAX,
                0,
                -1,
                1,
                1 << 31,
                -(1 << 31),
                (1 << 31) - 1,
                u32::MAX as i64,
            ]),
            7 => self.bits() as i32 as i64,
            8 => 1 << self.below(63),
            _ => self.bits() as i64,
        }
    }
    /// A double: small ones, edges, and large.
    pub fn float(&mut self) -> f64 {
        match self.below(10) {
            0..=5 => (self.below(2000) as f64 - 1000.0) / 8.0,
            6 => self.pick(&[
                0.0,
                -0.0,
                f64::INFINITY,
                f64::NEG_INFINITY,
                f64::NAN,
                1.0,
                f64::MIN_POSITIVE,
                f64::MAX,
            ]),
            7 => self.int() as f64,
            _ => self.below(1 << 53) as f64 * 1e-9,
        }
    }
}
