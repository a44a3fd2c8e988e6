//! The report as text for a terminal.

use crate::floors::Judged;
use crate::results::{Figure, MEASURES, Measure, PEAK, Results, WHOLE};
use crate::statistics::CAP;

/// All tables, what was not measured, and the figures that miss their floor.
pub fn tables(results: &Results, judged: &[Judged]) -> String {
    let mut text = String::new();
    if !results.rows.is_empty() {
        for measure in MEASURES {
            text += &table(results, measure);
        }
        text += &memory(results);
        text += &crate::shares::table(results);
    }
    text += &start_up(results);
    for (program, name, word, why) in results.complaints() {
        text += &format!("{program} {name}: {word}: {why}\n");
    }
    text + &verdict(results, judged)
}

fn verdict(results: &Results, judged: &[Judged]) -> String {
    if judged.is_empty() {
        return String::new();
    }
    let missed: Vec<&Judged> = judged.iter().filter(|figure| !figure.met()).collect();
    let met = judged.len() - missed.len();
    let mut text = format!("floors: {met} of {} figures meet theirs\n", judged.len());
    for figure in missed {
        text += &format!("  below: {}\n", sentence(results, figure));
    }
    text
}

/// A judged figure in words.
pub fn sentence(results: &Results, figure: &Judged) -> String {
    let name = |at: usize| &results.columns[at].name;
    let ratio = match figure.ratio {
        Some(ratio) => format!("{ratio:.3}x"),
        None => "not measured".into(),
    };
    let often = match figure.repetitions {
        1 => "1 repetition".to_string(),
        many => format!("{many} repetitions"),
    };
    format!(
        "{} {}, {} against {}: {ratio}, floor {}x, {often}",
        figure.what,
        figure.measure,
        name(figure.who),
        name(figure.than),
        figure.floor
    )
}

/// A line of cells below the heads of the columns.
pub(crate) fn line(label: &str, cells: impl IntoIterator<Item = String>) -> String {
    let mut text = format!("{label:<24}");
    for cell in cells {
        text += &format!("{cell:>12}");
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

/// The lines above the columns; the yardstick's second one is the unit of its figures.
fn heads(results: &Results, unit: &str) -> String {
    let columns = results.columns.iter();
    let second = columns.clone().enumerate().map(|(at, column)| match at {
        0 => unit.to_string(),
        _ => column.head[1].clone(),
    });
    line("", columns.map(|column| column.head[0].clone())) + &line("", second) + "\n"
}

fn table(results: &Results, measure: Measure) -> String {
    let yardstick = &results.columns[0].name;
    let mut text = format!(
        "\n{}: CPU time, medians; how many times faster than {yardstick}\n\n{}",
        measure.title,
        heads(results, "seconds")
    );
    for row in &results.rows {
        let base = row.figures[0].value(measure.of);
        let cell = |(at, figure): (usize, &Figure)| match (figure.value(measure.of), base) {
            (Some(own), Some(base)) if at > 0 => format!("{:.2}x", base / own),
            (Some(own), _) => format!("{own:.3}"),
            (None, _) => figure.without_value().into(),
        };
        text += &line(&row.program, row.figures.iter().enumerate().map(cell));
    }
    for than in results.bases() {
        for (label, cap) in [("geomean", f64::INFINITY), ("capped at 20", CAP)] {
            let label = match than {
                0 => label.to_string(),
                _ => format!("{label} / {}", results.columns[than].name),
            };
            text += &means(results, measure, &label, than, cap, |_| true);
        }
    }
    let collector = |at: usize| results.columns[at].collector.as_deref();
    let yardstick = results.collector_yardstick.as_deref();
    let than =
        (0..results.columns.len()).find(|&at| yardstick.is_some() && collector(at) == yardstick);
    if let (Some(than), Some(yardstick)) = (than, yardstick) {
        let label = format!("/ {yardstick}");
        let compared = |at| collector(at).is_some();
        text += &means(results, measure, &label, than, f64::INFINITY, compared);
    }
    text
}

/// The line of geometric means of `compared` columns, relative to the column `than`.
fn means(
    results: &Results,
    measure: Measure,
    label: &str,
    than: usize,
    cap: f64,
    compared: impl Fn(usize) -> bool,
) -> String {
    let cell = |who: usize| {
        if who == than || !compared(who) {
            return String::new();
        }
        match results.mean(measure, who, than, cap) {
            // A mean over fewer programs is marked with how many they are.
            Some((mean, programs)) if programs < results.rows.len() => {
                format!("{mean:.2}x of {programs}")
            }
            Some((mean, _)) => format!("{mean:.2}x"),
            None => "-".into(),
        }
    };
    line(label, (0..results.columns.len()).map(cell))
}

fn memory(results: &Results) -> String {
    let yardstick = &results.columns[0].name;
    let mut text = format!(
        "\nmemory: largest resident set in MiB, medians; more than {yardstick}\n\n{}",
        heads(results, "MiB")
    );
    let cell = |at: usize, own: f64, more: f64| match at {
        0 => format!("{own:.0}"),
        _ => format!("{own:.0} {more:+.0}"),
    };
    for row in &results.rows {
        let base = row.figures[0].value(PEAK);
        let cells =
            row.figures
                .iter()
                .enumerate()
                .map(|(at, figure)| match (figure.value(PEAK), base) {
                    (Some(own), Some(base)) => cell(at, own, own - base),
                    (Some(own), None) => format!("{own:.0}"),
                    (None, _) => figure.without_value().into(),
                });
        text += &line(&row.program, cells);
    }
    let medians = (0..results.columns.len()).map(|at| match results.median_memory(at) {
        Some((own, more)) => cell(at, own, more),
        None => "-".into(),
    });
    text += &line("median", medians);
    for verdict in crate::memory::judge(results) {
        text += &format!("{}\n", verdict.sentence());
    }
    text
}

fn start_up(results: &Results) -> String {
    let cells = results
        .start_up
        .iter()
        .map(|figure| match figure.value(WHOLE.of) {
            Some(seconds) => format!("{:.1}", seconds * 1000.0),
            None => figure.without_value().into(),
        });
    let title = "\nstart-up: -S -c pass, CPU milliseconds, medians\n\n";
    title.to_string() + &line("", cells) + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::floors::{Floor, What, judge};
    use crate::results::samples::*;

    #[test]
    fn a_wrong_run_is_named() {
        let wrong = Figure::Wrong("8 instead of 7".into());
        let mut results = results(
            vec![column("cpython", false, None), column("new", true, None)],
            vec![
                row("a", vec![measured(8.0), measured(2.0)]),
                row("b", vec![measured(8.0), wrong]),
            ],
        );
        results.start_up[1] = Figure::Failed("exit 1".into());
        let text = tables(&results, &[]);
        assert!(text.contains("8.000       4.00x\n"), "{text}");
        assert!(text.contains("4.00x of 1"), "{text}");
        assert!(text.contains("b new: WRONG: 8 instead of 7"), "{text}");
        assert!(text.contains("start-up new: failed: exit 1"), "{text}");
    }

    #[test]
    fn collectors_are_compared_with_one_of_them() {
        let left_out = Figure::LeftOut("memory", "it frees nothing".into());
        let results = results(
            vec![
                column("cpython", false, None),
                column("on", true, Some("new")),
                column("on-old", true, Some("old")),
                column("on-none", true, Some("none")),
            ],
            vec![row(
                "a",
                vec![measured(8.0), measured(2.0), measured(4.0), left_out],
            )],
        );
        let text = tables(&results, &[]);
        let relative = line("/ old", ["", "2.00x", "", "-"].map(String::from));
        assert!(text.contains(&relative), "{text}");
        let left_out = "a on-none: left out: it frees nothing";
        assert!(text.contains(left_out), "{text}");
        let memory = line("median", ["1", "1 +0", "1 +0", "-"].map(String::from));
        assert!(text.contains(&memory), "{text}");
    }

    #[test]
    fn figures_below_their_floor_are_named() {
        let results = results(
            vec![column("cpython", false, None), column("new", true, None)],
            vec![row("a", vec![measured(8.0), measured(2.0)])],
        );
        let floors = ["3", "5"].map(|text| Floor::parse(What::Each, text).expect("well formed"));
        let text = tables(&results, &judge(&floors, &results));
        assert!(text.contains("2 of 4 figures"), "{text}");
        let below = "below: a whole, new against cpython: 4.000x, floor 5x, 1 repetition";
        assert!(text.contains(below), "{text}");
    }
}
