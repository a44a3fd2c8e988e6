//! What a conservative scan of native stacks keeps beyond what precise roots reach.

/// Sums over the collections of the whole heap of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Retained {
    pub program: String,
    pub collections: u64,
    pub bytes: u64,
    pub precise_bytes: u64,
    /// The largest difference after one collection.
    pub most_bytes: u64,
}

impl Retained {
    /// Bytes kept in vain after a collection, as a share of those kept rightly.
    pub fn more(&self) -> f64 {
        self.bytes as f64 / self.precise_bytes.max(1) as f64 - 1.0
    }

    /// Reads the line `gc: retained` of the heap's statistics: its first four numbers.
    pub fn read(program: &str, statistics: &str) -> Option<Retained> {
        let line = statistics
            .lines()
            .find_map(|line| line.strip_prefix("gc: retained"))?;
        let words = line.split(|c: char| !c.is_ascii_digit());
        let mut numbers = words.filter_map(|word| word.parse().ok());
        Some(Retained {
            program: program.into(),
            bytes: numbers.next()?,
            precise_bytes: numbers.next()?,
            collections: numbers.next()?,
            most_bytes: numbers.next()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_the_statistics_is_read() {
        let said = "gc: memory 5 KiB\ngc: retained     300 bytes in memory, 200 that precise roots reach, after 2 \
                    collections in all; at most 90 more after one\n";
        let read = Retained::read("p", said).expect("a line");
        assert_eq!((read.collections, read.most_bytes), (2, 90));
        assert!((read.more() - 0.5).abs() < 1e-9);
        assert_eq!(Retained::read("p", "gc: memory 5"), None);
    }
}
