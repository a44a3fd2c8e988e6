//! Options of a heap: `NAME[,max=SIZE,threshold=SIZE,nursery=SIZE,tenure=N,wholesale=N,pause=MS,copy=SIZE,step=SIZE,
//! cycles=auto|trial|trace,bits=N,stress=N,verify[=N],poison,retained,roots=precise|conservative]`.
use std::fmt;

/// Which words count as roots.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RootMode {
    /// Only what root providers report. The native stack is not looked at.
    Precise,
    /// The native stack and the registers are scanned too; what looks like a reference keeps its object.
    Conservative,
}

/// How dead cycles are found where references are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cycles {
    /// Trial deletion while it looks at little, a trace otherwise.
    Auto,
    /// Trial deletion: references inside a group of objects are taken off their counts, to see whether others are left.
    Trial,
    /// The whole heap is traced, and all counts are made anew.
    Trace,
}

/// Options of a heap. Sizes are in bytes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// Name of the collector, one of the registry's.
    pub collector: String,
    /// Hard limit of the heap: beyond it the guest gets a MemoryError.
    pub max_bytes: usize,
    /// The least that is allocated between two collections. A collector may let more pass when much survives.
    pub threshold_bytes: usize,
    /// Size of the nursery, for collectors that have one.
    pub nursery_bytes: usize,
    /// How many collections an object survives in the nursery before it becomes old; 0 = it becomes old at the first.
    pub tenure: u32,
    /// Bytes that a young collection should copy at most: while more survives, the nursery is used in part.
    pub copy_bytes: usize,
    /// Bytes of the cache lines that a step of an incremental collection fetches.
    pub step_bytes: usize,
    /// How a collector that counts references finds dead cycles.
    pub cycles: Cycles,
    /// Bits of a reference count, for collectors that count: 2 to 12.
    pub count_bits: u32,
    /// Collect at each N-th poll; 0 = only when needed.
    pub stress: u32,
    /// Verify the heap around every N-th collection; 0 = never.
    pub verify: u32,
    /// Fill freed memory with 0xDB.
    pub poison: bool,
    /// Measure what ambiguous words keep, after each collection of the whole heap.
    pub retained: bool,
    /// Which words count as roots.
    pub roots: RootMode,
    /// How many nurseries in a row become old as they are after one of which at least three quarters survived.
    pub wholesale: u32,
    /// Address space to reserve.
    pub reserve_bytes: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            collector: crate::collectors::DEFAULT.to_owned(),
            max_bytes: usize::MAX,
            threshold_bytes: 8 << 20,
            nursery_bytes: 4 << 20,
            tenure: 1,
            copy_bytes: Config::PAUSE_MS * Config::COPY_BYTES_PER_MS,
            step_bytes: Config::PAUSE_MS * Config::STEP_BYTES_PER_MS,
            cycles: Cycles::Auto,
            count_bits: 12,
            stress: 0,
            verify: 0,
            poison: false,
            retained: false,
            roots: RootMode::Conservative,
            wholesale: 3,
            reserve_bytes: 64 << 30,
        }
    }
}

/// Why an option text was refused. The message lists what would be right.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfigError {
    /// The key is none of [`Config::KEYS`].
    UnknownKey(String),
    /// The value does not fit its key.
    BadValue {
        key: &'static str,
        value: String,
        expected: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::UnknownKey(key) => write!(
                f,
                "unknown gc option {key:?}; known are {}",
                Config::KEYS.join(", ")
            ),
            ConfigError::BadValue {
                key,
                value,
                expected,
            } => write!(f, "gc option {key}={value:?}: expected {expected}"),
        }
    }
}
impl std::error::Error for ConfigError {}

impl Config {
    /// The keys that [`Config::parse`] knows.
    pub const KEYS: &[&str] = &[
        "max",
        "threshold",
        "nursery",
        "tenure",
        "copy",
        "step",
        "cycles",
        "bits",
        "stress",
        "verify",
        "poison",
        "retained",
        "roots",
        "wholesale",
        "pause",
    ];

    /// What pauses should stay below, in milliseconds, unless options say otherwise. It stands for two numbers of bytes, so
    /// that what a collector does depends on the program alone and not on the machine.
    pub const PAUSE_MS: usize = 2;
    /// Bytes of small objects that can be copied in a millisecond: some 15 nanoseconds for each cache line, half of the
    /// machines of today.
    pub const COPY_BYTES_PER_MS: usize = 256 << 10;
    /// Bytes of cache lines that marking can fetch in a millisecond, with as much to spare.
    pub const STEP_BYTES_PER_MS: usize = 1 << 20;
    /// The longest `pause`.
    pub const MOST_PAUSE_MS: usize = 1000;

    /// The smallest nursery: one block for each of the two windows.
    pub const LEAST_NURSERY_BYTES: usize = 64 << 10;
    /// The greatest `tenure`.
    pub const MOST_TENURE: u32 = 15;
    /// The greatest `wholesale`.
    pub const MOST_WHOLESALE: u32 = 15;

    /// The options in `text`: a collector's name (may be empty), then keys, separated by commas.
    pub fn parse(text: &str) -> Result<Config, ConfigError> {
        let mut config = Config::default();
        // It stands for two options, which win when they are given too.
        for part in text.split(',').map(str::trim) {
            if let Some(("pause", value)) = part.split_once('=') {
                let ms = count("pause", value.strip_suffix("ms").unwrap_or(value))? as usize;
                if ms == 0 || ms > Config::MOST_PAUSE_MS {
                    return Err(bad(
                        "pause",
                        value,
                        "milliseconds from 1 to 1000, such as 2ms",
                    ));
                }
                config.copy_bytes = ms * Config::COPY_BYTES_PER_MS;
                config.step_bytes = ms * Config::STEP_BYTES_PER_MS;
            }
        }
        for (n, part) in text.split(',').map(str::trim).enumerate() {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            if n == 0 && !part.contains('=') && !Config::KEYS.contains(&part) {
                if !part.is_empty() {
                    config.collector = part.to_owned();
                }
                continue;
            }
            match key {
                "max" => config.max_bytes = size("max", value)?,
                "threshold" => config.threshold_bytes = size("threshold", value)?,
                "nursery" => {
                    config.nursery_bytes = size("nursery", value)?;
                    if config.nursery_bytes < Config::LEAST_NURSERY_BYTES {
                        return Err(bad("nursery", value, "at least 64K"));
                    }
                }
                "tenure" => {
                    config.tenure = count("tenure", value)?;
                    if config.tenure > Config::MOST_TENURE {
                        return Err(bad("tenure", value, "a number from 0 to 15"));
                    }
                }
                "pause" if !value.is_empty() => {}
                "copy" => config.copy_bytes = size("copy", value)?,
                "step" => {
                    config.step_bytes = size("step", value)?;
                    if config.step_bytes == 0 {
                        return Err(bad("step", value, "at least 1"));
                    }
                }
                "cycles" => {
                    config.cycles = match value {
                        "auto" => Cycles::Auto,
                        "trial" => Cycles::Trial,
                        "trace" => Cycles::Trace,
                        _ => return Err(bad("cycles", value, "auto, trial or trace")),
                    }
                }
                "bits" => {
                    config.count_bits = count("bits", value)?;
                    if !(2..=12).contains(&config.count_bits) {
                        return Err(bad("bits", value, "a number from 2 to 12"));
                    }
                }
                "stress" => config.stress = count("stress", value)?,
                "verify" => {
                    config.verify = if value.is_empty() {
                        1
                    } else {
                        count("verify", value)?
                    }
                }
                "poison" => config.poison = true,
                "retained" => config.retained = true,
                "wholesale" => {
                    config.wholesale = count("wholesale", value)?;
                    if config.wholesale > Config::MOST_WHOLESALE {
                        return Err(bad("wholesale", value, "a number from 0 to 15"));
                    }
                }
                "roots" => {
                    config.roots = match value {
                        "precise" => RootMode::Precise,
                        "conservative" => RootMode::Conservative,
                        _ => return Err(bad("roots", value, "precise or conservative")),
                    }
                }
                _ => return Err(ConfigError::UnknownKey(key.to_owned())),
            }
        }
        Ok(config)
    }
}

fn bad(key: &'static str, value: &str, expected: &'static str) -> ConfigError {
    ConfigError::BadValue {
        key,
        value: value.to_owned(),
        expected,
    }
}

fn count(key: &'static str, value: &str) -> Result<u32, ConfigError> {
    value.parse().map_err(|_| bad(key, value, "a number"))
}

/// A number of bytes with an optional unit: `4096`, `64K`, `32M`, `2G`.
fn size(key: &'static str, value: &str) -> Result<usize, ConfigError> {
    let expected = "a size such as 4096, 64K, 32M or 2G";
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match value[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => return Err(bad(key, value, expected)),
    };
    let number: usize = digits.parse().map_err(|_| bad(key, value, expected))?;
    number
        .checked_mul(1 << shift)
        .ok_or_else(|| bad(key, value, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_parsed_in_any_order_and_combination() {
        let config = Config::parse("null,max=64M,stress=3,verify,poison,roots=precise").unwrap();
        assert_eq!(
            (
                config.collector.as_str(),
                config.max_bytes,
                config.stress,
                config.verify
            ),
            ("null", 64 << 20, 3, 1)
        );
        assert!(config.poison && config.roots == RootMode::Precise);
        assert_eq!(Config::parse("").unwrap(), Config::default());
        assert_eq!(
            Config::parse("threshold=4096").unwrap().collector,
            crate::collectors::DEFAULT
        );
        assert!(Config::parse("poison").unwrap().poison);
        let pause = Config::parse("step=64K,pause=4ms").unwrap();
        assert_eq!(pause.step_bytes, 64 << 10, "what is said in bytes wins");
        assert_eq!(pause.copy_bytes, 4 * Config::COPY_BYTES_PER_MS);
        assert_eq!(Config::parse("pause=2").unwrap(), Config::default());
        assert!(Config::parse("pause=0").is_err() && Config::parse("pause").is_err());
    }
    #[test]
    fn errors_list_what_is_known() {
        assert!(
            Config::parse("null,frob=1")
                .unwrap_err()
                .to_string()
                .contains("max, threshold, nursery, tenure, copy, step, cycles, bits, stress")
        );
        assert!(
            Config::parse("null,max=12X")
                .unwrap_err()
                .to_string()
                .contains("32M")
        );
        assert!(Config::parse("null,max=99999999999G").is_err());
    }
}
