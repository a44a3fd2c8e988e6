//! How much of what compiled code executes is calls of the interpreter's functions, by program.
//!
//! An interpreter that can tell prints its statistics on standard error when it gets certain options
//! ([`crate::measure::Contestant::statistics`]). The untimed run of each program has them.

use crate::results::Results;
use serde_json::{Value, json};

/// What compiled code executed during one iteration of a program, start-up and warming up included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Executed {
    pub operations: u64,
    /// Calls of functions of the interpreter.
    pub residual_calls: u64,
    /// Calls of the program's own functions that are not inlined.
    pub guest_calls: u64,
    /// Objects made.
    pub allocations: u64,
}

impl Executed {
    /// Reads statistics; none if they are not there.
    pub fn read(statistics: &str) -> Option<Executed> {
        let number = |what: &str| {
            let mut lines = statistics.lines();
            let rest = lines.find_map(|line| line.strip_prefix(&format!("executed {what} ")))?;
            rest.trim().parse().ok()
        };
        Some(Executed {
            operations: number("operations")?,
            residual_calls: number("calls")?,
            guest_calls: number("guest calls")?,
            allocations: number("allocations")?,
        })
    }

    /// How many of a hundred operations are such.
    pub fn percent(&self, of: u64) -> f64 {
        100.0 * of as f64 / self.operations.max(1) as f64
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "operations": self.operations,
            "residual_calls": self.residual_calls,
            "guest_calls": self.guest_calls,
            "allocations": self.allocations,
            "residual_calls_percent": self.percent(self.residual_calls),
        })
    }
}

/// The table for a terminal; nothing if nobody told.
pub(crate) fn table(results: &Results) -> String {
    let mut text = String::new();
    for (at, column) in results.columns.iter().enumerate() {
        let told = |row: &crate::results::Row| Some((row.program.clone(), row.executed[at]?));
        let told: Vec<_> = results.rows.iter().filter_map(told).collect();
        if told.is_empty() {
            continue;
        }
        text += &format!(
            "\n{}: what compiled code executed in one iteration, of 100 operations\n\n",
            column.name
        );
        let heads = ["operations", "calls", "guest calls", "objects"];
        text += &crate::text::line("", heads.map(String::from));
        for (program, it) in told {
            let of = |n: u64| format!("{:.2}", it.percent(n));
            let cells = [
                it.operations.to_string(),
                of(it.residual_calls),
                of(it.guest_calls),
                of(it.allocations),
            ];
            text += &crate::text::line(&program, cells);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statistics_are_read() {
        let said = "loops compiled        3\nexecuted operations   2000\nexecuted allocations  10\n\
                    executed guest calls  4\nexecuted calls        5\ncalls per 100 ops     0.25\n  5 f\n";
        let it = Executed::read(said).expect("all numbers are there");
        assert_eq!((it.operations, it.residual_calls), (2000, 5));
        assert_eq!((it.guest_calls, it.allocations), (4, 10));
        assert!((it.percent(it.residual_calls) - 0.25).abs() < 1e-9);
        assert_eq!(Executed::read("the compiler is off"), None);
    }
}
