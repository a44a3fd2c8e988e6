//! Scripts that time what they do themselves, many small things in one process, beside each other.
//!
//! The programs of a suite are timed from outside. A call of 40 ns cannot be: here a script times each of its
//! things in a loop and prints one line of JSON for it, which is the whole protocol:
//!
//! ```text
//! {"name": "onearg(i)", "ns": 41.25, "check": "None"}
//! ```
//!
//! `ns` is CPU time of one operation in nanoseconds; `check`, which may be left out, is what it computed, and
//! must be what the yardstick printed. Other keys are left to the script.
//!
//! [`run`] starts the script on every interpreter in turn; a figure is the median over processes. [`text`] and
//! [`markdown`] are its tables, [`json`](self::json()) all samples.

mod json;
mod lines;
mod run;
mod table;

pub use json::json;
pub use run::{Plan, Runner, run};
pub use table::{Published, figure, markdown, text};

use crate::results::{Column, Figure};
use crate::statistics::geomean;

/// A script that takes the cost of its loop off may be left with nothing. Less than a fraction of a cycle counts as
/// that fraction, so that ratios are numbers.
const LEAST_NS: f64 = 0.05;

/// One thing that the script times.
#[derive(Debug)]
pub struct Row {
    pub name: String,
    /// What the yardstick says that it computed; empty if the script does not say.
    pub check: String,
    /// Nanoseconds, for each column.
    pub figures: Vec<Figure<f64>>,
}

impl Row {
    /// The median of a column, in nanoseconds.
    pub fn ns(&self, at: usize) -> Option<f64> {
        self.figures[at].value(|ns| *ns)
    }

    /// How many times faster a column is than the yardstick.
    pub fn ratio(&self, at: usize) -> Option<f64> {
        Some(self.ns(0)?.max(LEAST_NS) / self.ns(at)?.max(LEAST_NS))
    }
}

/// What a script said on every interpreter.
#[derive(Debug)]
pub struct Timings {
    /// The key of the report.
    pub name: String,
    pub title: String,
    pub repeat: usize,
    /// The first is the yardstick.
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// The processes, as seen from outside.
    pub whole: Vec<Figure>,
}

impl Timings {
    /// The geometric mean of a column's ratios, and of how many rows it is.
    pub fn mean(&self, at: usize, cap: f64) -> Option<(f64, usize)> {
        let ratios: Vec<f64> = self.rows.iter().filter_map(|row| row.ratio(at)).collect();
        Some((geomean(&ratios, cap)?, ratios.len()))
    }

    /// The row in which a column does worst, and its ratio there.
    pub fn least(&self, at: usize) -> Option<(&str, f64)> {
        let ratios = self
            .rows
            .iter()
            .filter_map(|row| Some((&*row.name, row.ratio(at)?)));
        ratios.min_by(|one, other| one.1.total_cmp(&other.1))
    }

    /// True if something failed or computed something else.
    pub fn bad(&self) -> bool {
        let figures = self.rows.iter().flat_map(|row| &row.figures);
        self.whole.iter().any(Figure::bad) || figures.into_iter().any(Figure::bad)
    }

    /// All that was not measured: what, interpreter, a word, and the reason. A process that failed is said once.
    pub fn complaints(&self) -> Vec<(&str, &str, &str, &str)> {
        let mut found = Vec::new();
        for (at, column) in self.columns.iter().enumerate() {
            if let Some((word, why)) = self.whole[at].complaint() {
                found.push((&*self.name, &*column.name, word, why));
                continue;
            }
            for row in &self.rows {
                if let Some((word, why)) = row.figures[at].complaint() {
                    found.push((&*row.name, &*column.name, word, why));
                }
            }
        }
        found
    }
}

/// A line for each column but the yardstick's: in how many rows it is slower, and in which most.
pub fn verdicts(timings: &Timings) -> Vec<String> {
    let yardstick = &timings.columns[0].name;
    let line = |at: usize| {
        let ratios: Vec<f64> = timings
            .rows
            .iter()
            .filter_map(|row| row.ratio(at))
            .collect();
        let slower = ratios.iter().filter(|&&ratio| ratio < 1.0).count();
        let (name, least) = timings.least(at)?;
        Some(format!(
            "{}: {slower} of {} slower than {yardstick}, least {name} ({least:.2}x)",
            timings.columns[at].name,
            ratios.len()
        ))
    };
    (1..timings.columns.len()).filter_map(line).collect()
}

/// Small timings for the tests of this crate.
#[cfg(test)]
pub(crate) mod samples {
    use super::*;
    use crate::results::samples::{column, measured};

    /// `new` is twice as fast at `a`, half as fast at `b`, wrong at `c` and as fast at `d`.
    pub fn example() -> Timings {
        let row = |name: &str, own: Figure<f64>| Row {
            name: name.into(),
            check: "7".into(),
            figures: vec![Figure::Measured(vec![30.0, 50.0, 40.0]), own],
        };
        Timings {
            name: "calls".into(),
            title: "calls of C".into(),
            repeat: 3,
            columns: vec![column("cpython", false, None), column("new", true, None)],
            rows: vec![
                row("a", Figure::Measured(vec![20.0])),
                row("b", Figure::Measured(vec![80.0, 70.0, 90.0])),
                row("c", Figure::Wrong("8 instead of 7".into())),
                row("d", Figure::Measured(vec![40.0])),
            ],
            whole: vec![measured(1.0), measured(0.5)],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::samples::example;
    use super::*;
    use crate::statistics::CAP;

    #[test]
    fn figures_are_medians_and_ratios_are_of_medians() {
        let timings = example();
        assert_eq!(timings.rows[0].ns(0), Some(40.0));
        assert_eq!(timings.rows[0].ratio(1), Some(2.0));
        assert_eq!(timings.rows[1].ratio(1), Some(0.5));
        assert_eq!(timings.least(1), Some(("b", 0.5)));
    }

    #[test]
    fn a_loop_that_costs_nothing_has_a_ratio() {
        let mut timings = example();
        timings.rows[0].figures[1] = Figure::Measured(vec![0.0]);
        assert_eq!(timings.rows[0].ratio(1), Some(800.0));
    }

    #[test]
    fn what_is_wrong_is_in_no_mean_and_is_said() {
        let timings = example();
        let (mean, rows) = timings.mean(1, CAP).expect("two rows");
        assert!((mean - 1.0).abs() < 1e-9);
        assert_eq!(rows, 3);
        assert!(timings.bad());
        assert_eq!(
            timings.complaints(),
            [("c", "new", "WRONG", "8 instead of 7")]
        );
        assert_eq!(
            verdicts(&timings),
            ["new: 1 of 3 slower than cpython, least b (0.50x)"]
        );
    }

    #[test]
    fn a_process_that_failed_is_said_once() {
        let mut timings = example();
        timings.whole[1] = Figure::Failed("exit 1".into());
        assert_eq!(timings.complaints(), [("calls", "new", "failed", "exit 1")]);
    }
}
