//! Time against the size of the heap.

/// Multiples of the least heap that are measured.
pub const FACTORS: [f64; 7] = [1.3, 1.6, 2.0, 2.5, 3.0, 4.0, 6.0];
/// The least heap is found to this share of itself.
const PRECISION: f64 = 1.04;

/// A program under a collector.
#[derive(Clone, Debug)]
pub struct Curve {
    pub program: String,
    pub collector: String,
    /// The smallest limit under which the program ends well; none if there is none below the most that was tried.
    pub least_mib: Option<f64>,
    pub points: Vec<Point>,
}

/// One limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Relative to the least limit of all collectors, so that curves can be compared.
    pub factor: f64,
    pub mib: f64,
    /// The median; none if the program needs more.
    pub cpu_s: Option<f64>,
}

/// The least limit in MiB under which `works`, to 4 percent, between two limits; none if the upper one does not do.
pub fn least(from_mib: f64, to_mib: f64, mut works: impl FnMut(f64) -> bool) -> Option<f64> {
    if !works(to_mib) {
        return None;
    }
    let (mut low, mut high) = (from_mib, to_mib);
    while high / low > PRECISION {
        // Sizes are compared by their ratios.
        let middle = (low * high).sqrt();
        match works(middle) {
            true => high = middle,
            false => low = middle,
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_heap_is_found_to_four_percent() {
        for wanted in [0.7, 5.0, 63.0] {
            let mut tries = 0;
            let found = least(0.5, 64.0, |mib| {
                tries += 1;
                mib >= wanted
            });
            let found = found.expect("64 is enough");
            assert!(
                found >= wanted && found <= wanted * 1.05,
                "{wanted}: {found}"
            );
            assert!(tries < 12, "{tries}");
        }
        assert_eq!(least(0.5, 64.0, |_| false), None);
    }
}
