//! Parameters of the compiler, with units and defaults.

use ouro_optimizer::Options;
use std::fmt;

/// When and how much to compile.
#[derive(Clone, Debug)]
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
    /// Each so manieth guard leaves without need; 0: off.
    pub guard_stress: u64,
    /// Compare the register allocation of each trace with its meaning.
    pub check: bool,
    /// Compare names and registers at each step of a recording.
    pub shadow: bool,
    /// Write a map for `perf`.
    pub perf_map: bool,
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
            guard_stress: 0,
            check: cfg!(debug_assertions),
            shadow: cfg!(debug_assertions),
            perf_map: false,
        }
    }
}

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

impl JitOptions {
    /// The keys that [`JitOptions::set`] knows.
    pub const KEYS: &[&str] = &[
        "threshold",
        "exit-threshold",
        "join-after",
        "max-ops",
        "min-instructions",
        "guard-stress",
        "check",
        "shadow",
        "perf-map",
        "no-PASS",
    ];

    /// Reads one `key` or `key=value`.
    ///
    /// # Errors
    /// [`BadOption`] names the known keys.
    pub fn set(&mut self, option: &str) -> Result<(), BadOption> {
        let (key, value) = option.split_once('=').unwrap_or((option, ""));
        let number = || {
            let bad = || {
                BadOption(format!(
                    "jit option {key}: {value:?} is not a positive number"
                ))
            };
            value.parse::<u32>().ok().filter(|n| *n > 0).ok_or_else(bad)
        };
        match key {
            "threshold" => {
                self.parameters.threshold_loops = number()?;
                self.parameters.threshold_exits = self.parameters.threshold_exits.min(number()?);
            }
            "exit-threshold" => self.parameters.threshold_exits = number()?,
            "join-after" => self.parameters.join_after = number()?,
            "max-ops" => self.parameters.max_recorded_ops = number()? as usize,
            "min-instructions" => self.parameters.min_instructions = number()?,
            "guard-stress" => self.parameters.guard_stress = u64::from(number()?),
            "check" => self.parameters.check = true,
            "shadow" => self.parameters.shadow = true,
            "perf-map" => self.parameters.perf_map = true,
            _ => match key.strip_prefix("no-") {
                Some(pass) => self
                    .optimizer
                    .switch(pass, false)
                    .map_err(|unknown| BadOption(unknown.to_string()))?,
                None => {
                    let known = JitOptions::KEYS.join(", ");
                    return Err(BadOption(format!(
                        "unknown jit option {key:?}; known are {known}"
                    )));
                }
            },
        }
        Ok(())
    }
}
