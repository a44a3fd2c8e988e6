//! Parameters of the compiler, with units and defaults.

use ouro_optimizer::Options;
use std::fmt;

/// When and how much to compile.
#[derive(Clone, Copy, Debug)]
pub struct Parameters {
    /// Back edges of a loop before it is recorded.
    pub threshold_loops: u32,
    /// Times an exit is taken before a bridge is recorded from it.
    pub threshold_exits: u32,
    /// Longest recording, in operations.
    pub max_recorded_ops: usize,
    /// Deepest inlining, in guest frames.
    pub max_frames: usize,
    /// How often a code object may be inlined into itself.
    pub max_recursion: usize,
    /// How often an inner loop may go round inside a recording.
    pub max_inner_rounds: u32,
    /// Shortest way through a function, in guest instructions, that is compiled for its own sake.
    pub min_instructions: u32,
    /// Bridges of one loop.
    pub max_bridges: u32,
    /// Bridges of one loop after which its traces meet where branches come together.
    pub join_after: u32,
    /// Attempts to record a loop before it is left to the interpreter.
    pub max_attempts: u32,
    /// Bytes of machine code and its constants, beyond which the longest unused is freed.
    pub code_memory_bytes: usize,
    /// Recordings after which code is freed that was not entered meanwhile.
    pub longevity: u32,
    /// Each so manieth guard leaves without need; 0: off.
    pub guard_stress: u64,
    /// Compare the register allocation of each trace with its meaning.
    pub check: bool,
    /// Compare names and registers at each step of a recording.
    pub shadow: bool,
    /// Write a map for `perf`.
    pub perf_map: bool,
    /// Count how often each part of the compiled traces runs, and how long each pass of the optimizer takes.
    pub count: bool,
}

impl Default for Parameters {
    fn default() -> Parameters {
        Parameters {
            threshold_loops: 400,
            threshold_exits: 50,
            max_recorded_ops: 8000,
            max_frames: 60,
            max_recursion: 1,
            max_inner_rounds: 16,
            min_instructions: 30,
            max_bridges: 1000,
            join_after: 40,
            max_attempts: 4,
            code_memory_bytes: 64 << 20,
            longevity: 1000,
            guard_stress: 0,
            check: cfg!(debug_assertions),
            shadow: cfg!(debug_assertions),
            perf_map: false,
            count: false,
        }
    }
}

/// A parameter that is a number, by the name that `-X jit=` and `ouro.jit` have for it.
pub struct Number {
    pub name: &'static str,
    pub doc: &'static str,
    /// What it may be.
    pub least: u64,
    pub most: u64,
    pub get: fn(&Parameters) -> u64,
    set: fn(&mut Parameters, u64),
    /// Code that exists depends on it, so it cannot be changed while the program runs.
    pub fixed: bool,
}

macro_rules! numbers {
    ($($name:literal $field:ident: $ty:ty, $range:expr, $fixed:expr, $doc:literal;)*) => {
        /// The parameters that are numbers.
        pub const NUMBERS: &[Number] = &[$(Number {
            name: $name,
            doc: $doc,
            least: *$range.start(),
            most: *$range.end(),
            get: |p| p.$field as u64,
            set: |p, n| p.$field = n as $ty,
            fixed: $fixed,
        }),*];
    };
}

/// Thresholds stop below the number that stands for "never".
const MOST: u64 = u32::MAX as u64 - 1;

numbers! {
    "threshold" threshold_loops: u32, 1..=MOST, false, "back edges or calls before a loop or function is recorded";
    "exit-threshold" threshold_exits: u32, 1..=MOST, false, "times an exit is taken before a bridge is recorded from it";
    "join-after" join_after: u32, 1..=MOST, false, "bridges of a loop after which its traces meet where branches come together";
    "max-ops" max_recorded_ops: usize, 1..=MOST, false, "longest recording, in operations";
    "max-frames" max_frames: usize, 1..=MOST, false, "deepest inlining, in frames";
    "max-recursion" max_recursion: usize, 0..=MOST, false, "how often a function is inlined into itself";
    "max-inner-rounds" max_inner_rounds: u32, 1..=MOST, false, "rounds of an inner loop inside a recording";
    "min-instructions" min_instructions: u32, 1..=MOST, false, "shortest way through a function that is compiled for its own sake";
    "max-bridges" max_bridges: u32, 0..=MOST, false, "bridges of one loop";
    "max-attempts" max_attempts: u32, 1..=MOST, false, "attempts to record a loop before it is left to the interpreter";
    "code-memory" code_memory_bytes: usize, 65536..=134217728, false, "bytes of machine code, beyond which the longest unused is freed";
    "longevity" longevity: u32, 1..=MOST, false, "recordings after which code is freed that was not entered meanwhile";
    "guard-stress" guard_stress: u64, 1..=MOST, true, "each so manieth guard leaves without need";
}

/// A parameter that is on or off, by its name.
pub struct Switch {
    pub name: &'static str,
    pub doc: &'static str,
    pub get: fn(&Parameters) -> bool,
    set: fn(&mut Parameters, bool),
}

/// The parameters that are on or off, beside the passes of the optimizer. All are fixed when the program starts.
pub const SWITCHES: &[Switch] = &[
    Switch {
        name: "check",
        doc: "compare each register allocation with its meaning",
        get: |p| p.check,
        set: |p, on| p.check = on,
    },
    Switch {
        name: "shadow",
        doc: "compare names and registers at each step of a recording",
        get: |p| p.shadow,
        set: |p, on| p.shadow = on,
    },
    Switch {
        name: "perf-map",
        doc: "write a map for perf",
        get: |p| p.perf_map,
        set: |p, on| p.perf_map = on,
    },
    Switch {
        name: "count",
        doc: "count how often each part of the traces runs, and time each pass of the optimizer",
        get: |p| p.count,
        set: |p, on| p.count = on,
    },
];

/// What `-X jit=` says after the mode.
#[derive(Clone, Debug, Default)]
pub struct JitOptions {
    pub parameters: Parameters,
    pub optimizer: Options,
}

/// A key or value that is not understood; the message lists what is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BadOption(String);
impl fmt::Display for BadOption {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.0)
    }
}
impl std::error::Error for BadOption {}

/// What a parameter is set to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Value {
    Number(u64),
    Switch(bool),
}

fn bad(message: String) -> BadOption {
    BadOption(message)
}

impl JitOptions {
    /// All names that [`JitOptions::set`] knows; `no-PASS` stands for one per pass of the optimizer.
    pub fn names() -> Vec<&'static str> {
        let numbers = NUMBERS.iter().map(|p| p.name);
        let switches = SWITCHES.iter().map(|p| p.name);
        numbers.chain(switches).chain(["no-PASS"]).collect()
    }
    fn unknown(name: &str) -> BadOption {
        let known = JitOptions::names().join(", ");
        bad(format!("unknown jit option {name:?}; known are {known}"))
    }
    /// The parameters by name, with their meaning and whether they are fixed when the program starts.
    pub fn values(&self) -> Vec<(String, Value, String, bool)> {
        let numbers = NUMBERS.iter().map(|p| {
            let value = Value::Number((p.get)(&self.parameters));
            (p.name.to_owned(), value, p.doc.to_owned(), p.fixed)
        });
        let switches = SWITCHES.iter().map(|p| {
            let value = Value::Switch((p.get)(&self.parameters));
            (p.name.to_owned(), value, p.doc.to_owned(), true)
        });
        let passes = Options::PASSES.iter().map(|pass| {
            let off = self.optimizer.is_on(pass) == Some(false);
            let doc = format!("leaves the pass {pass} of the optimizer out");
            (format!("no-{pass}"), Value::Switch(off), doc, false)
        });
        numbers.chain(switches).chain(passes).collect()
    }
    /// Sets a parameter.
    ///
    /// # Errors
    /// [`BadOption`] for an unknown name, with the known ones, or a value that it cannot have.
    pub fn set_value(&mut self, name: &str, value: Value) -> Result<(), BadOption> {
        if let Some(p) = NUMBERS.iter().find(|p| p.name == name) {
            let Value::Number(n) = value else {
                return Err(bad(format!("jit option {name} is a number")));
            };
            if n < p.least || n > p.most {
                let (least, most) = (p.least, p.most);
                let text = format!("jit option {name}: {n} is not between {least} and {most}");
                return Err(bad(text));
            }
            (p.set)(&mut self.parameters, n);
            return Ok(());
        }
        let switch = SWITCHES.iter().find(|p| p.name == name);
        let pass = name.strip_prefix("no-");
        if switch.is_none() && pass.is_none() {
            return Err(JitOptions::unknown(name));
        }
        let Value::Switch(on) = value else {
            return Err(bad(format!("jit option {name} is on or off")));
        };
        match (switch, pass) {
            (Some(p), _) => (p.set)(&mut self.parameters, on),
            (None, pass) => {
                let set = self.optimizer.switch(pass.unwrap_or_default(), !on);
                set.map_err(|unknown| bad(unknown.to_string()))?;
            }
        }
        Ok(())
    }
    /// Sets a parameter while the program runs.
    ///
    /// # Errors
    /// As [`JitOptions::set_value`], and for those that are fixed.
    pub fn change(&mut self, name: &str, value: Value) -> Result<(), BadOption> {
        let values = self.values();
        if values
            .iter()
            .any(|(known, _, _, fixed)| known == name && *fixed)
        {
            return Err(bad(format!(
                "jit option {name} can only be set when the program starts (-X jit=)"
            )));
        }
        self.set_value(name, value)
    }

    /// Reads one `key` or `key=value`. A number may end with K or M, for 1024 or its square.
    ///
    /// # Errors
    /// [`BadOption`] names the known keys.
    pub fn set(&mut self, option: &str) -> Result<(), BadOption> {
        let (key, text) = option.split_once('=').unwrap_or((option, ""));
        if NUMBERS.iter().any(|p| p.name == key) {
            let n = read_number(text).filter(|n| *n > 0 || key.starts_with("max-"));
            let n = n.ok_or_else(|| {
                bad(format!(
                    "jit option {key}: {text:?} is not a positive number"
                ))
            })?;
            if key == "threshold" {
                let exits = self.parameters.threshold_exits;
                self.parameters.threshold_exits = exits.min(n.min(MOST) as u32);
            }
            return self.set_value(key, Value::Number(n));
        }
        self.set_value(key, Value::Switch(true))
    }
}

fn read_number(text: &str) -> Option<u64> {
    let units = [("K", 1 << 10), ("M", 1 << 20)];
    let unit = units
        .iter()
        .find_map(|(letter, unit)| Some((text.strip_suffix(letter)?, *unit)));
    let (digits, unit) = unit.unwrap_or((text, 1));
    digits.parse::<u64>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_checked_and_known_names_are_listed() {
        let mut options = JitOptions::default();
        options.set("code-memory=256K").expect("a size");
        assert_eq!(options.parameters.code_memory_bytes, 256 << 10);
        options.set("threshold=7").expect("a number");
        assert_eq!(options.parameters.threshold_loops, 7);
        assert_eq!(options.parameters.threshold_exits, 7);
        options.set("no-heap").expect("a pass");
        assert!(!options.optimizer.heap);
        for (option, part) in [
            ("threshold=0", "positive"),
            ("threshold=x", "positive"),
            ("code-memory=1K", "between 65536"),
            ("nonsense", "known are threshold, exit-threshold"),
            ("no-such", "fold, guards"),
        ] {
            let error = options.set(option).expect_err("not understood").to_string();
            assert!(error.contains(part), "{option}: {error}");
        }
        let error = options.change("guard-stress", Value::Number(3));
        assert!(error.expect_err("fixed").to_string().contains("starts"));
        options
            .change("no-heap", Value::Switch(false))
            .expect("on again");
        assert!(options.optimizer.heap);
        let error = options.change("threshold", Value::Switch(true));
        assert!(error.expect_err("no switch").to_string().contains("number"));
    }

    #[test]
    fn every_name_has_a_value() {
        let values = JitOptions::default().values();
        for name in JitOptions::names().iter().filter(|n| **n != "no-PASS") {
            assert!(values.iter().any(|(known, ..)| known == name), "{name}");
        }
    }
}
