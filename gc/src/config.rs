//! Options of a heap: `NAME[,max=SIZE,threshold=SIZE,nursery=SIZE,tenure=N,wholesale=N,growth=PERCENT,pause=MS,copy=SIZE,step=SIZE,
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
    /// By how many hundredths of what lives the old space may grow until the next collection of it starts, for collectors
    /// that collect it in steps.
    pub growth_percent: u32,
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
            nursery_bytes: 2 << 20,
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
            growth_percent: 75,
            wholesale: 3,
            reserve_bytes: 64 << 30,
        }
    }
}

/// What a value of an option is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Unit {
    /// A number of bytes, with an optional unit: `4096`, `64K`, `32M`, `2G`.
    Bytes,
    /// Milliseconds, with an optional `ms`.
    Millis,
    /// Hundredths, with an optional `%`.
    Percent,
    /// A number.
    Count,
    /// Nothing, or a number.
    Flag,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// An option: what the values are, and between which limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Knob {
    /// Its name in option texts.
    pub key: &'static str,
    /// What a value is.
    pub unit: Unit,
    /// The least value.
    pub least: u64,
    /// The greatest value; `u64::MAX` for no limit.
    pub most: u64,
    /// What it does.
    pub doc: &'static str,
}

const fn knob(key: &'static str, unit: Unit, least: u64, most: u64, doc: &'static str) -> Knob {
    Knob {
        key,
        unit,
        least,
        most,
        doc,
    }
}

impl Knob {
    /// A value in the knob's unit, as it may stand in an option text.
    pub fn show(&self, value: u64) -> String {
        match self.unit {
            Unit::Bytes if value == u64::MAX => "unlimited".to_owned(),
            Unit::Bytes => {
                let units = [(30, "G"), (20, "M"), (10, "K")];
                let fits = units
                    .into_iter()
                    .find(|(shift, _)| value != 0 && value.is_multiple_of(1 << shift));
                match fits {
                    Some((shift, unit)) => format!("{}{unit}", value >> shift),
                    None => format!("{value}"),
                }
            }
            Unit::Millis => format!("{value}ms"),
            Unit::Percent => format!("{value}%"),
            Unit::Count | Unit::Flag => format!("{value}"),
            Unit::Choice(words) => words[value as usize].to_owned(),
        }
    }
    /// What a value should have been: kind, limits and an example.
    pub fn expects(&self) -> String {
        let (what, example) = match self.unit {
            Unit::Bytes => ("a size", ", such as 4096, 64K, 32M or 2G"),
            Unit::Millis => ("milliseconds", ", such as 2ms"),
            Unit::Percent => ("a percentage", ", such as 75%"),
            Unit::Count | Unit::Flag => ("a number", ""),
            Unit::Choice(words) => return words.join(" or "),
        };
        let (least, most) = (self.show(self.least), self.show(self.most));
        match (self.least, self.most) {
            (0, u64::MAX) => format!("{what}{example}"),
            (_, u64::MAX) => format!("{what} of at least {least}{example}"),
            _ => format!("{what} from {least} to {most}{example}"),
        }
    }
    fn parse(&self, value: &str) -> Result<u64, ConfigError> {
        let wrong = || ConfigError::BadValue {
            key: self.key,
            value: value.to_owned(),
            expected: self.expects(),
        };
        let number = match self.unit {
            Unit::Bytes => size(value),
            Unit::Millis => value.strip_suffix("ms").unwrap_or(value).parse().ok(),
            Unit::Percent => value.strip_suffix('%').unwrap_or(value).parse().ok(),
            Unit::Flag if value.is_empty() => Some(1),
            Unit::Count | Unit::Flag => value.parse().ok(),
            Unit::Choice(words) => words.iter().position(|w| *w == value).map(|n| n as u64),
        };
        let fits = |n: &u64| (self.least..=self.most).contains(n);
        let is_choice = matches!(self.unit, Unit::Choice(_));
        number.filter(|n| is_choice || fits(n)).ok_or_else(wrong)
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
        expected: String,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::UnknownKey(key) => write!(
                f,
                "unknown gc option {key:?}; known are {}",
                Config::KNOBS.map(|knob| knob.key).join(", ")
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
    /// All options that [`Config::parse`] knows.
    pub const KNOBS: [Knob; 16] = [
        knob("max", Unit::Bytes, 0, u64::MAX, "hard limit of the heap"),
        knob(
            "threshold",
            Unit::Bytes,
            0,
            u64::MAX,
            "the least that is allocated between two collections of the whole heap",
        ),
        knob(
            "nursery",
            Unit::Bytes,
            Config::LEAST_NURSERY_BYTES as u64,
            u64::MAX,
            "memory for new objects",
        ),
        knob(
            "tenure",
            Unit::Count,
            0,
            Config::MOST_TENURE as u64,
            "collections that an object survives in the nursery",
        ),
        knob(
            "copy",
            Unit::Bytes,
            0,
            u64::MAX,
            "what a young collection should copy at most",
        ),
        knob(
            "step",
            Unit::Bytes,
            1,
            u64::MAX,
            "what a step of marking fetches",
        ),
        knob(
            "cycles",
            Unit::Choice(&["auto", "trial", "trace"]),
            0,
            0,
            "how counting collectors find dead cycles",
        ),
        knob("bits", Unit::Count, 2, 12, "bits of a reference count"),
        knob(
            "stress",
            Unit::Count,
            0,
            u32::MAX as u64,
            "collect at each n-th poll; 0 = when needed",
        ),
        knob(
            "verify",
            Unit::Flag,
            0,
            u32::MAX as u64,
            "verify the heap around each n-th collection; 0 = never",
        ),
        knob("poison", Unit::Flag, 0, 1, "fill freed memory"),
        knob(
            "retained",
            Unit::Flag,
            0,
            1,
            "measure what ambiguous words keep",
        ),
        knob(
            "roots",
            Unit::Choice(&["conservative", "precise"]),
            0,
            0,
            "which words count as roots",
        ),
        knob(
            "wholesale",
            Unit::Count,
            0,
            Config::MOST_WHOLESALE as u64,
            "nurseries in a row that become old as they are",
        ),
        knob(
            "growth",
            Unit::Percent,
            10,
            1000,
            "growth of the old space until it is collected in steps",
        ),
        knob(
            "pause",
            Unit::Millis,
            1,
            Config::MOST_PAUSE_MS as u64,
            "stands for `copy` and `step`",
        ),
    ];
    /// The option with this name.
    pub fn knob(key: &str) -> Option<&'static Knob> {
        const ALL: &[Knob] = &Config::KNOBS;
        ALL.iter().find(|knob| knob.key == key)
    }
    /// The values of all options, in their units. `pause` is told in whole milliseconds, by what may be copied.
    pub fn values(&self) -> impl Iterator<Item = (Knob, u64)> {
        let size = |bytes: usize| match bytes {
            usize::MAX => u64::MAX,
            bytes => bytes as u64,
        };
        let values = [
            size(self.max_bytes),
            size(self.threshold_bytes),
            size(self.nursery_bytes),
            self.tenure.into(),
            size(self.copy_bytes),
            size(self.step_bytes),
            self.cycles as u64,
            self.count_bits.into(),
            self.stress.into(),
            self.verify.into(),
            self.poison.into(),
            self.retained.into(),
            u64::from(self.roots == RootMode::Precise),
            self.wholesale.into(),
            self.growth_percent.into(),
            (self.copy_bytes / Config::COPY_BYTES_PER_MS) as u64,
        ];
        Config::KNOBS.into_iter().zip(values)
    }

    /// What pauses should stay below, in milliseconds, unless options say otherwise. It stands for two numbers of bytes, so
    /// that what a collector does depends on the program alone and not on the machine; only a step of marking that takes a
    /// multiple of what is usual ends before its bytes are done.
    pub const PAUSE_MS: usize = 2;
    /// Bytes of small objects that can be copied in a millisecond: some 15 nanoseconds for each cache line, half of the
    /// machines of today.
    pub const COPY_BYTES_PER_MS: usize = 256 << 10;
    /// Bytes of cache lines that a step fetches for each of these milliseconds: half of what marking can fetch in the time, since
    /// steps that are late are longer. Shorter ones let programs that make much garbage grow by a tenth.
    pub const STEP_BYTES_PER_MS: usize = 512 << 10;
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
        let parts = || text.split(',').map(str::trim).enumerate();
        let is_name =
            |n: usize, part: &str| n == 0 && !part.contains('=') && Config::knob(part).is_none();
        // `pause` stands for two options, which win when they are given too.
        for pauses in [true, false] {
            for (n, part) in parts() {
                if is_name(n, part) {
                    if !part.is_empty() {
                        config.collector = part.to_owned();
                    }
                    continue;
                }
                let (key, value) = part.split_once('=').unwrap_or((part, ""));
                let unknown = || ConfigError::UnknownKey(key.to_owned());
                let knob = Config::knob(key).ok_or_else(unknown)?;
                if (key == "pause") == pauses {
                    config.set(key, knob.parse(value)?);
                }
            }
        }
        Ok(config)
    }
    fn set(&mut self, key: &str, value: u64) {
        match key {
            "max" => self.max_bytes = value as usize,
            "threshold" => self.threshold_bytes = value as usize,
            "nursery" => self.nursery_bytes = value as usize,
            "tenure" => self.tenure = value as u32,
            "pause" => {
                self.copy_bytes = value as usize * Config::COPY_BYTES_PER_MS;
                self.step_bytes = value as usize * Config::STEP_BYTES_PER_MS;
            }
            "copy" => self.copy_bytes = value as usize,
            "step" => self.step_bytes = value as usize,
            "cycles" => self.cycles = [Cycles::Auto, Cycles::Trial, Cycles::Trace][value as usize],
            "bits" => self.count_bits = value as u32,
            "stress" => self.stress = value as u32,
            "verify" => self.verify = value as u32,
            "poison" => self.poison = value != 0,
            "retained" => self.retained = value != 0,
            "wholesale" => self.wholesale = value as u32,
            "growth" => self.growth_percent = value as u32,
            "roots" => {
                self.roots = [RootMode::Conservative, RootMode::Precise][value as usize];
            }
            _ => unreachable!("all options are above"),
        }
    }
}

/// A number of bytes with an optional unit: `4096`, `64K`, `32M`, `2G`.
fn size(value: &str) -> Option<u64> {
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match value[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => return None,
    };
    let number: u64 = digits.parse().ok()?;
    number.checked_mul(1 << shift)
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
    fn values_are_told_as_they_may_be_given() {
        let text =
            "null,max=64M,growth=50%,nursery=65K,pause=4ms,cycles=trace,roots=precise,bits=3";
        let config = Config::parse(text).unwrap();
        let mut again = String::from("null");
        for (knob, value) in config.values() {
            again += &format!(",{}={}", knob.key, knob.show(value));
        }
        assert_eq!(Config::parse(&again).unwrap(), config, "{again}");
        assert!(again.contains("max=64M") && again.contains("growth=50%"));
        let unlimited = Config::default().values().next().unwrap();
        assert_eq!(unlimited.0.show(unlimited.1), "unlimited");
    }
    #[test]
    fn errors_list_what_is_known() {
        assert!(
            Config::parse("null,frob=1")
                .unwrap_err()
                .to_string()
                .contains("max, threshold, nursery, tenure, copy, step, cycles, bits, stress")
        );
        let message = |text: &str| Config::parse(text).unwrap_err().to_string();
        assert_eq!(
            message("nursery=12K"),
            "gc option nursery=\"12K\": expected a size of at least 64K, such as 4096, 64K, 32M or 2G"
        );
        assert_eq!(
            message("pause=0ms"),
            "gc option pause=\"0ms\": expected milliseconds from 1ms to 1000ms, such as 2ms"
        );
        assert!(
            message("growth=5%").ends_with("expected a percentage from 10% to 1000%, such as 75%")
        );
        assert!(message("bits=13").ends_with("expected a number from 2 to 12"));
        assert!(message("cycles=x").ends_with("expected auto or trial or trace"));
        assert!(
            Config::parse("null,max=12X")
                .unwrap_err()
                .to_string()
                .contains("32M")
        );
        assert!(Config::parse("null,max=99999999999G").is_err());
    }
}
