//! The options that a program runs with.
use crate::*;
use proptest::prelude::*;

/// Options of one case, for every collector.
#[derive(Clone, Debug)]
pub struct Setup {
    pub nursery_kib: usize,
    pub tenure: u32,
    pub threshold_kib: usize,
    pub step_bytes: usize,
    /// How collectors that count references find cycles, and the bits of their counts.
    pub counting: (&'static str, u32),
    pub stress: u32,
    pub verify: bool,
    pub poison: bool,
    /// A limit so low that programs reach it; they then differ between collectors.
    pub tight: bool,
}

impl Setup {
    pub fn config(&self, collector: &str) -> Config {
        let max = match self.tight {
            true => "96K",
            false => "64M",
        };
        let text = format!(
            "{collector},max={max},threshold={}K,nursery={}K,tenure={},step={},cycles={},bits={},stress={},verify={},roots=precise{}",
            self.threshold_kib,
            self.nursery_kib,
            self.tenure,
            self.step_bytes,
            self.counting.0,
            self.counting.1,
            self.stress,
            u8::from(self.verify),
            if self.poison { ",poison" } else { "" },
        );
        Config {
            reserve_bytes: 256 << 20,
            ..Config::parse(&text).expect("the options are right")
        }
    }
}

/// Any options; a heap without stress most often, since its collections come at odd moments.
pub fn any_setup() -> impl Strategy<Value = Setup> {
    (
        // From 128 KiB on some survivors may stay young.
        prop_oneof![1 => Just(64usize), 2 => Just(128), 1 => Just(256)],
        0u32..4,
        prop_oneof![2 => Just(32usize), 1 => Just(256)],
        prop_oneof![Just(1usize), Just(500), Just(1 << 20)],
        prop_oneof![3 => Just(("trial", 12u32)), 2 => Just(("trial", 2)), 1 => Just(("trace", 12)), 1 => Just(("trace", 2)), 2 => Just(("auto", 12)), 1 => Just(("auto", 2))],
        prop_oneof![4 => Just(0u32), 1 => Just(3), 1 => Just(1)],
        prop::bool::weighted(0.1),
        any::<bool>(),
        prop::bool::weighted(0.08),
    )
        .prop_map(
            |(nursery_kib, tenure, threshold_kib, step_bytes, counting, stress, verify, poison, tight)| {
                Setup {
                    nursery_kib,
                    tenure,
                    threshold_kib,
                    step_bytes, counting,
                    stress,
                    verify,
                    poison,
                    tight,
                }
            },
        )
}
