//! What was measured, and the figures that follow from it.

use crate::shares::Executed;
use crate::statistics::{geomean, median};

/// The costs of one run.
#[derive(Clone, Debug)]
pub struct Sample {
    pub whole_cpu_s: f64,
    pub whole_wall_s: f64,
    /// CPU time of the last iteration, as the process itself saw it.
    pub steady_cpu_s: f64,
    pub steady_wall_s: f64,
    pub peak_mib: f64,
}

/// All samples of one thing on one interpreter: of a program, its runs.
#[derive(Clone, Debug)]
pub enum Figure<S = Sample> {
    Measured(Vec<S>),
    /// It ran, and computed something else than the yardstick.
    Wrong(String),
    Failed(String),
    /// It cannot do this, as it was made: the reason in one word and in more words.
    LeftOut(&'static str, String),
}

impl<S> Figure<S> {
    pub fn bad(&self) -> bool {
        matches!(self, Figure::Wrong(_) | Figure::Failed(_))
    }

    /// The median of one cost; none if it was not measured.
    pub fn value(&self, of: fn(&S) -> f64) -> Option<f64> {
        match self {
            Figure::Measured(samples) => median(samples.iter().map(of).collect()),
            _ => None,
        }
    }

    /// How many repetitions are behind it.
    pub fn repetitions(&self) -> usize {
        match self {
            Figure::Measured(samples) => samples.len(),
            _ => 0,
        }
    }

    /// A word for the cell of a table that has no value to show.
    pub fn without_value(&self) -> &'static str {
        match self {
            Figure::Wrong(_) => "WRONG",
            Figure::LeftOut(why, _) => why,
            Figure::Failed(_) | Figure::Measured(_) => "failed",
        }
    }

    /// What there is to say about a figure that was not measured: a word and the reason.
    pub fn complaint(&self) -> Option<(&'static str, &str)> {
        match self {
            Figure::Measured(_) => None,
            Figure::Wrong(why) => Some(("WRONG", why)),
            Figure::Failed(why) => Some(("failed", why)),
            Figure::LeftOut(_, why) => Some(("left out", why)),
        }
    }
}

/// A kind of time that is compared.
#[derive(Clone, Copy)]
pub struct Measure {
    pub title: &'static str,
    pub key: &'static str,
    pub of: fn(&Sample) -> f64,
    pub wall: fn(&Sample) -> f64,
}

pub const WHOLE: Measure = Measure {
    title: "whole process: start-up and 5 iterations",
    key: "whole",
    of: |sample| sample.whole_cpu_s,
    wall: |sample| sample.whole_wall_s,
};
pub const STEADY: Measure = Measure {
    title: "steady: the 5th iteration",
    key: "steady",
    of: |sample| sample.steady_cpu_s,
    wall: |sample| sample.steady_wall_s,
};
pub const MEASURES: [Measure; 2] = [WHOLE, STEADY];

/// Memory is not a time: it is compared by its difference.
pub const PEAK: fn(&Sample) -> f64 = |sample| sample.peak_mib;

/// One program on all interpreters, in their order.
pub struct Row {
    pub program: String,
    pub figures: Vec<Figure>,
    /// The yardstick's results, which the others must equal.
    pub check: String,
    /// What compiled code executed in the untimed run, of those that told.
    pub executed: Vec<Option<Executed>>,
}

/// What a report says about an interpreter.
#[derive(Clone, Debug, Default)]
pub struct Column {
    pub name: String,
    /// The lines above its column.
    pub head: [String; 2],
    /// The interpreter under test, not one that it is measured against.
    pub ours: bool,
    /// It is run once, and may run out of time or memory without being wrong.
    pub may_give_up: bool,
    /// The name of its collector, if it belongs to the comparison of collectors.
    pub collector: Option<String>,
    pub program: String,
    pub arguments: Vec<String>,
    pub version: String,
}

pub struct Results {
    pub suite: String,
    pub repeat: usize,
    /// The columns; the first is the yardstick.
    pub columns: Vec<Column>,
    /// The collector that others are compared with.
    pub collector_yardstick: Option<String>,
    pub rows: Vec<Row>,
    /// The cost of doing nothing, for each interpreter.
    pub start_up: Vec<Figure>,
}

impl Results {
    /// How many times faster column `who` is than column `than` at a program.
    pub fn ratio(&self, row: &Row, measure: Measure, who: usize, than: usize) -> Option<f64> {
        let than = row.figures[than].value(measure.of)?;
        Some(than / row.figures[who].value(measure.of)?)
    }

    /// The same for each program that both ran right.
    pub fn ratios(&self, measure: Measure, who: usize, than: usize) -> Vec<f64> {
        let ratio = |row| self.ratio(row, measure, who, than);
        self.rows.iter().filter_map(ratio).collect()
    }

    /// The geometric mean of these, and of how many programs it is.
    pub fn mean(
        &self,
        measure: Measure,
        who: usize,
        than: usize,
        cap: f64,
    ) -> Option<(f64, usize)> {
        let ratios = self.ratios(measure, who, than);
        Some((geomean(&ratios, cap)?, ratios.len()))
    }

    /// For each program that both ran right: the memory of column `who`, and how much more it is than the
    /// yardstick's.
    pub fn memory(&self, who: usize) -> Vec<(f64, f64)> {
        let pair = |row: &Row| {
            let own = row.figures[who].value(PEAK)?;
            Some((own, own - row.figures[0].value(PEAK)?))
        };
        self.rows.iter().filter_map(pair).collect()
    }

    /// The medians of both.
    pub fn median_memory(&self, who: usize) -> Option<(f64, f64)> {
        let (own, more): (Vec<f64>, Vec<f64>) = self.memory(who).into_iter().unzip();
        Some((median(own)?, median(more)?))
    }

    /// The columns that others are measured against, the yardstick first.
    pub fn bases(&self) -> Vec<usize> {
        let all = 0..self.columns.len();
        all.filter(|&at| at == 0 || !self.columns[at].ours)
            .collect()
    }

    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// True if something failed or computed something else: holes in the table are not bad.
    pub fn bad(&self) -> bool {
        let mut figures = self.rows.iter().flat_map(|row| &row.figures);
        figures.any(Figure::bad) || self.start_up.iter().any(Figure::bad)
    }

    /// All that was not measured: program, interpreter, a word, and the reason.
    pub fn complaints(&self) -> Vec<(&str, &str, &str, &str)> {
        let rows = self.rows.iter().map(|row| (&*row.program, &row.figures));
        let mut found = Vec::new();
        for (program, figures) in rows.chain([("start-up", &self.start_up)]) {
            for (figure, column) in figures.iter().zip(&self.columns) {
                if let Some((word, why)) = figure.complaint() {
                    found.push((program, &*column.name, word, why));
                }
            }
        }
        found
    }
}

/// Small results for the tests of this crate.
#[cfg(test)]
pub mod samples {
    use super::*;

    pub fn measured(seconds: f64) -> Figure {
        Figure::Measured(vec![Sample {
            whole_cpu_s: seconds,
            whole_wall_s: seconds,
            steady_cpu_s: seconds,
            steady_wall_s: seconds,
            peak_mib: 1.0,
        }])
    }

    pub fn column(name: &str, ours: bool, collector: Option<&str>) -> Column {
        Column {
            name: name.into(),
            head: [name.into(), String::new()],
            ours,
            collector: collector.map(str::to_string),
            ..Column::default()
        }
    }

    pub fn row(name: &str, figures: Vec<Figure>) -> Row {
        Row {
            program: name.into(),
            executed: vec![None; figures.len()],
            figures,
            check: "7".into(),
        }
    }

    pub fn results(columns: Vec<Column>, rows: Vec<Row>) -> Results {
        Results {
            suite: "demo".into(),
            repeat: 1,
            start_up: columns.iter().map(|_| measured(0.01)).collect(),
            columns,
            collector_yardstick: Some("old".into()),
            rows,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::samples::*;
    use super::*;
    use crate::statistics::CAP;

    #[test]
    fn a_wrong_run_is_in_no_mean() {
        let wrong = Figure::Wrong("8 instead of 7".into());
        let results = results(
            vec![column("cpython", false, None), column("new", true, None)],
            vec![
                row("a", vec![measured(8.0), measured(2.0)]),
                row("b", vec![measured(8.0), wrong]),
            ],
        );
        let (mean, programs) = results.mean(WHOLE, 1, 0, CAP).expect("one program");
        assert!((mean - 4.0).abs() < 1e-9);
        assert_eq!(programs, 1);
        assert!(results.bad());
        assert_eq!(
            results.complaints(),
            [("b", "new", "WRONG", "8 instead of 7")]
        );
    }

    #[test]
    fn what_is_left_out_is_not_bad() {
        let left_out = Figure::LeftOut("memory", "it frees nothing".into());
        let results = results(
            vec![column("cpython", false, None), column("new", true, None)],
            vec![row("a", vec![measured(8.0), left_out])],
        );
        assert!(!results.bad());
        assert_eq!(results.mean(WHOLE, 1, 0, CAP), None);
        assert_eq!(results.median_memory(1), None);
    }
}
