//! What is asked of memory: little more than the yardstick in the median, and in no program more than any other compiler
//! needs.

use crate::results::{PEAK, Results};

/// How much more than the yardstick the median program may need.
pub const MORE_MIB: f64 = 32.0;

/// How a column of ours stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    pub who: String,
    pub yardstick: String,
    /// MiB more than the yardstick, in the median; none if nothing was measured.
    pub more_mib: Option<f64>,
    /// Programs that need more than another interpreter than the yardstick: program, its name, MiB of ours and of its.
    pub above: Vec<(String, String, f64, f64)>,
}

impl Verdict {
    /// Whether the median is within what is asked.
    pub fn met(&self) -> bool {
        self.more_mib.is_some_and(|more| more <= MORE_MIB)
    }

    /// In words.
    pub fn sentence(&self) -> String {
        let Verdict { who, yardstick, .. } = self;
        let Some(more) = self.more_mib else {
            return format!("{who}: memory was not measured");
        };
        let word = if self.met() { "within" } else { "ABOVE" };
        let mut text = format!(
            "{who}: median memory {yardstick}'s {more:+.0} MiB, {word} the {MORE_MIB:.0} asked for"
        );
        for (program, other, own, theirs) in &self.above {
            text += &format!("; {program} needs {own:.0} MiB, {other} {theirs:.0}");
        }
        text
    }
}

/// One for each column of ours that does not give up.
pub fn judge(results: &Results) -> Vec<Verdict> {
    let columns = results.columns.iter().enumerate();
    let ours = columns.filter(|(_, column)| column.ours && !column.may_give_up);
    let others: Vec<usize> = results.bases().into_iter().filter(|&at| at != 0).collect();
    ours.map(|(who, column)| {
        let mut above = Vec::new();
        for row in &results.rows {
            for &other in &others {
                let both = (row.figures[who].value(PEAK), row.figures[other].value(PEAK));
                if let (Some(own), Some(theirs)) = both
                    && own > theirs
                {
                    let name = results.columns[other].name.clone();
                    above.push((row.program.clone(), name, own, theirs));
                }
            }
        }
        Verdict {
            who: column.name.clone(),
            yardstick: results.columns[0].name.clone(),
            more_mib: results.median_memory(who).map(|(_, more)| more),
            above,
        }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Figure;
    use crate::results::samples::*;

    fn with_peak(mib: f64) -> Figure {
        let mut figure = measured(1.0);
        if let Figure::Measured(samples) = &mut figure {
            samples.iter_mut().for_each(|sample| sample.peak_mib = mib);
        }
        figure
    }

    #[test]
    fn medians_and_single_programs_are_judged() {
        let columns = vec![
            column("cpython", false, None),
            column("pypy", false, None),
            column("new", true, None),
        ];
        let peaks = [[10.0, 60.0, 30.0], [10.0, 60.0, 70.0], [10.0, 60.0, 20.0]];
        let rows = ["a", "b", "c"].iter().zip(peaks);
        let rows = rows.map(|(name, mib)| row(name, mib.map(with_peak).to_vec()));
        let mut results = results(columns, rows.collect());
        let verdict = &judge(&results)[0];
        assert!(verdict.met());
        assert_eq!(
            verdict.sentence(),
            "new: median memory cpython's +20 MiB, within the 32 asked for; b needs 70 MiB, pypy 60"
        );
        results.rows[0].figures[2] = with_peak(50.0);
        assert!(judge(&results)[0].sentence().contains("+40 MiB, ABOVE"));
        results.rows.clear();
        assert!(!judge(&results)[0].met());
    }
}
