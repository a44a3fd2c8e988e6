//! What is asked of the figures. A figure near to its floor is noise on either side, so it is measured again.

use crate::results::{MEASURES, Results};
use crate::statistics::CAP;

/// A figure this near to its floor, relative to the floor, is measured again.
const NEAR: f64 = 0.05;

/// What must be at least so many times as fast as another interpreter, whole and steady.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Each program.
    Each,
    /// The capped geometric mean.
    Mean,
}

/// A demand on every column of ours that may not give up.
#[derive(Clone, Debug, PartialEq)]
pub struct Floor {
    pub what: What,
    pub ratio: f64,
    /// The column that is to be beaten; the yardstick if none is named.
    pub than: Option<String>,
}

impl Floor {
    /// Reads `RATIO` or `NAME:RATIO`.
    ///
    /// # Errors
    /// When the ratio is no positive number.
    pub fn parse(what: What, text: &str) -> Result<Floor, String> {
        let (than, ratio) = match text.rsplit_once(':') {
            Some((than, ratio)) => (Some(than.to_string()), ratio),
            None => (None, text),
        };
        let number: Option<f64> = ratio.parse().ok();
        let ratio = number
            .filter(|&ratio| ratio > 0.0 && ratio.is_finite())
            .ok_or(format!("floor {text}: not a ratio such as 1.5 or pypy:1.5"))?;
        Ok(Floor { what, ratio, than })
    }

    fn base(&self, results: &Results) -> Option<usize> {
        match &self.than {
            Some(name) => results.column(name),
            None => Some(0),
        }
    }
}

/// A figure beside its floor.
#[derive(Clone, Debug, PartialEq)]
pub struct Judged {
    /// The program, or `geomean, capped`.
    pub what: String,
    pub measure: &'static str,
    pub who: usize,
    pub than: usize,
    /// None where it was not measured: such a figure misses its floor.
    pub ratio: Option<f64>,
    pub floor: f64,
    pub repetitions: usize,
    /// The row, of a figure of one program.
    row: Option<usize>,
}

impl Judged {
    pub fn met(&self) -> bool {
        self.ratio.is_some_and(|ratio| ratio >= self.floor)
    }

    fn near(&self) -> bool {
        let apart = |ratio: f64| (ratio / self.floor - 1.0).abs();
        self.ratio.is_some_and(|ratio| apart(ratio) <= NEAR)
    }
}

/// Every figure that a floor is asked of.
pub fn judge(floors: &[Floor], results: &Results) -> Vec<Judged> {
    let mut judged = Vec::new();
    for floor in floors {
        let Some(than) = floor.base(results) else {
            continue;
        };
        for (who, column) in results.columns.iter().enumerate() {
            if !column.ours || column.may_give_up || who == than {
                continue;
            }
            for measure in MEASURES {
                let figure = |what: &str, ratio, repetitions, row| Judged {
                    what: what.into(),
                    measure: measure.key,
                    who,
                    than,
                    ratio,
                    floor: floor.ratio,
                    repetitions,
                    row,
                };
                let least = |row: &crate::results::Row| {
                    let (own, other) = (&row.figures[who], &row.figures[than]);
                    own.repetitions().min(other.repetitions())
                };
                if floor.what == What::Mean {
                    let mean = results.mean(measure, who, than, CAP).map(|(mean, _)| mean);
                    let repetitions = results.rows.iter().map(least).min().unwrap_or(0);
                    judged.push(figure("geomean, capped", mean, repetitions, None));
                    continue;
                }
                for (at, row) in results.rows.iter().enumerate() {
                    let ratio = results.ratio(row, measure, who, than);
                    judged.push(figure(&row.program, ratio, least(row), Some(at)));
                }
            }
        }
    }
    judged
}

/// The rows of which a figure is near to its floor, with the columns concerned, each once and in order. All
/// rows that a mean is made of are concerned by it.
pub fn near(floors: &[Floor], results: &Results) -> Vec<(usize, Vec<usize>)> {
    let mut rows: Vec<(usize, Vec<usize>)> = (0..results.rows.len())
        .map(|row| (row, Vec::new()))
        .collect();
    for figure in judge(floors, results) {
        if !figure.near() {
            continue;
        }
        for (row, columns) in &mut rows {
            let own = &results.rows[*row].figures;
            let measured = [figure.who, figure.than].map(|at| own[at].repetitions() > 0);
            if figure.row.is_none_or(|only| only == *row) && measured == [true, true] {
                columns.extend([figure.than, figure.who]);
            }
        }
    }
    for (_, columns) in &mut rows {
        columns.sort_unstable();
        columns.dedup();
    }
    rows.retain(|(_, columns)| !columns.is_empty());
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::samples::*;
    use crate::results::{Figure, Results};

    fn floor(what: What, text: &str) -> Floor {
        Floor::parse(what, text).expect("well formed")
    }

    /// Column 1 is PyPy, column 2 is 1.02 times and 3 times as fast as column 0.
    fn example() -> Results {
        results(
            vec![
                column("cpython", false, None),
                column("pypy", false, None),
                column("new", true, None),
            ],
            vec![
                row("a", vec![measured(1.02), measured(0.1), measured(1.0)]),
                row("b", vec![measured(3.0), measured(0.1), measured(1.0)]),
            ],
        )
    }

    #[test]
    fn floors_are_read() {
        let than = Some("pypy".to_string());
        let (what, ratio) = (What::Each, 1.5);
        assert_eq!(floor(What::Each, "pypy:1.5"), Floor { what, ratio, than });
        for wrong in ["", "0", "-1", "inf", "pypy:", "x"] {
            assert!(Floor::parse(What::Each, wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn only_what_is_near_is_measured_again() {
        let results = example();
        assert_eq!(near(&[floor(What::Each, "1")], &results), [(0, vec![0, 2])]);
        assert_eq!(near(&[floor(What::Each, "2")], &results), []);
        // The mean is the square root of 3.06.
        let all = [(0, vec![0, 2]), (1, vec![0, 2])];
        assert_eq!(near(&[floor(What::Mean, "1.75")], &results), all);
    }

    #[test]
    fn what_misses_its_floor_or_was_not_measured_is_not_met() {
        let mut results = example();
        let met = |results: &Results, floors: &[Floor]| -> Vec<bool> {
            judge(floors, results).iter().map(Judged::met).collect()
        };
        assert_eq!(
            met(&results, &[floor(What::Each, "2")]),
            [false, true, false, true]
        );
        assert_eq!(met(&results, &[floor(What::Mean, "pypy:1")]), [false; 2]);
        results.rows[1].figures[2] = Figure::Failed("exit 1".into());
        assert_eq!(met(&results, &[floor(What::Each, "1")])[1], false);
    }
}
