//! Lines on standard error that say how far a long measurement is.

use std::time::Instant;

/// Counts the steps of a plan.
pub struct Progress {
    done: usize,
    total: usize,
    start: Instant,
}

impl Progress {
    pub fn new(total: usize) -> Progress {
        Progress {
            done: 0,
            total,
            start: Instant::now(),
        }
    }

    pub fn step(&mut self, program: &str, what: &str, said: &str) {
        self.done += 1;
        let left = self.total.saturating_sub(self.done);
        let seconds = self.start.elapsed().as_secs_f64() / self.done as f64 * left as f64;
        let (done, total, left) = (self.done, self.total, remaining(seconds));
        eprintln!("[{done:>3}/{total}] {left} {program:<14} {what:<28} {said}");
    }
}

/// The time that is left if the rest takes as long as what is done, on average.
fn remaining(seconds: f64) -> String {
    match seconds {
        short if short < 90.0 => format!("{short:>3.0} s left  "),
        long => format!("{:>3.0} min left", long / 60.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_times_are_minutes() {
        assert_eq!(remaining(7.2), "  7 s left  ");
        assert_eq!(remaining(600.0), " 10 min left");
    }
}
