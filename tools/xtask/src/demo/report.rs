//! The tables and the JSON of the demo.

use super::contestants::Contestant;
use super::measure::{Column, Figure, Results, Sample};
use crate::collectors::YARDSTICK;
use serde_json::{Map, Value, json};

/// Above this a ratio says that work was removed, not how fast the rest is.
const CAP: f64 = 20.0;

#[derive(Clone, Copy)]
struct Measure {
    title: &'static str,
    key: &'static str,
    of: fn(&Sample) -> f64,
}

const WHOLE: Measure = Measure {
    title: "whole process: start-up and 5 iterations",
    key: "whole",
    of: |sample| sample.whole_cpu_s,
};
const STEADY: Measure = Measure {
    title: "steady: the 5th iteration",
    key: "steady",
    of: |sample| sample.steady_cpu_s,
};

const PEAK: fn(&Sample) -> f64 = |sample| sample.peak_mib;

/// The middle value, or the mean of the two middle ones.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        (values[middle - 1] + values[middle]) / 2.0
    }
}

fn geomean(ratios: &[f64], cap: f64) -> Option<f64> {
    let logs: Vec<f64> = ratios.iter().map(|ratio| ratio.min(cap).ln()).collect();
    (!logs.is_empty()).then(|| (logs.iter().sum::<f64>() / logs.len() as f64).exp())
}

fn value(figure: &Figure, of: fn(&Sample) -> f64) -> Option<f64> {
    match figure {
        Figure::Measured(samples) if !samples.is_empty() => {
            Some(median(samples.iter().map(of).collect()))
        }
        _ => None,
    }
}

/// How many times faster interpreter `who` is than `than`, for each program that both ran right.
fn ratios(results: &Results, measure: Measure, who: usize, than: usize) -> Vec<f64> {
    let ratio = |row: &super::measure::Row| {
        let than = value(&row.results[than], measure.of)?;
        Some(than / value(&row.results[who], measure.of)?)
    };
    results.rows.iter().filter_map(ratio).collect()
}

/// All tables as text.
pub fn tables(results: &Results) -> String {
    let mut text = String::new();
    for measure in [WHOLE, STEADY] {
        text += &table(results, measure);
    }
    text += &memory(results);
    text += &start_up(results);
    for row in &results.rows {
        for (figure, column) in row.results.iter().zip(&results.columns) {
            let (program, name) = (&row.program, &column.name);
            match figure {
                Figure::Measured(_) => {}
                Figure::Wrong(why) => text += &format!("{program} {name}: WRONG: {why}\n"),
                Figure::Failed(why) => text += &format!("{program} {name}: failed: {why}\n"),
                Figure::LeftOut(_, why) => text += &format!("{program} {name}: left out: {why}\n"),
            }
        }
    }
    text
}

/// A line of cells below the heads of the columns.
fn line(label: &str, cells: impl IntoIterator<Item = String>) -> String {
    let mut text = format!("{label:<19}");
    for cell in cells {
        text += &format!("{cell:>12}");
    }
    text.truncate(text.trim_end().len());
    text + "\n"
}

fn heads(results: &Results) -> String {
    let head = |at: usize| {
        results
            .columns
            .iter()
            .map(move |column| column.head[at].clone())
    };
    line("", head(0)) + &line("", head(1)) + "\n"
}

/// The cell of a figure that has no value.
fn without_value(figure: &Figure) -> String {
    match figure {
        Figure::Wrong(_) => "WRONG".into(),
        Figure::LeftOut(why, _) => (*why).into(),
        Figure::Failed(_) | Figure::Measured(_) => "failed".into(),
    }
}

fn table(results: &Results, measure: Measure) -> String {
    let yardstick = &results.columns[0].name;
    let mut text = format!(
        "\n{}: CPU time, medians; how many times faster than {yardstick}\n\n{}",
        measure.title,
        heads(results)
    );
    for row in &results.rows {
        let base = value(&row.results[0], measure.of);
        let cell = |(at, figure)| match (value(figure, measure.of), base) {
            (Some(own), Some(base)) if at > 0 => format!("{:.2}x", base / own),
            (Some(own), _) => format!("{own:.3}"),
            (None, _) => without_value(figure),
        };
        text += &line(&row.program, row.results.iter().enumerate().map(cell));
    }
    let all = 0..results.columns.len();
    // Against the yardstick and PyPy; the rest follows from these.
    for than in all.filter(|&than| than == 0 || results.columns[than].name == "pypy") {
        for (label, cap) in [("geomean", f64::INFINITY), ("capped at 20", CAP)] {
            let label = match than {
                0 => label.to_string(),
                _ => format!("{label} / pypy"),
            };
            text += &means(results, measure, &label, than, cap, |_| true);
        }
    }
    let collector = |at: usize| results.columns[at].collector.as_deref();
    let than = (0..results.columns.len()).find(|&at| collector(at) == Some(YARDSTICK));
    if let Some(than) = than {
        let label = format!("/ {YARDSTICK}");
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
        let ratios = ratios(results, measure, who, than);
        match geomean(&ratios, cap) {
            // A mean over fewer programs is marked with how many they are.
            Some(mean) if ratios.len() < results.rows.len() => {
                format!("{mean:.2}x of {}", ratios.len())
            }
            Some(mean) => format!("{mean:.2}x"),
            None => "-".into(),
        }
    };
    line(label, (0..results.columns.len()).map(cell))
}

/// For each program that both ran right: memory of column `who`, and how much more than the first.
fn memory_of(results: &Results, who: usize) -> Vec<(f64, f64)> {
    let pair = |row: &super::measure::Row| {
        let own = value(&row.results[who], PEAK)?;
        Some((own, own - value(&row.results[0], PEAK)?))
    };
    results.rows.iter().filter_map(pair).collect()
}

fn memory(results: &Results) -> String {
    let yardstick = &results.columns[0].name;
    let mut text = format!(
        "\nmemory: largest resident set in MiB, medians; more than {yardstick}\n\n{}",
        heads(results).replacen("seconds", "    MiB", 1)
    );
    let cell = |at: usize, own: f64, more: f64| match at {
        0 => format!("{own:.0}"),
        _ => format!("{own:.0} {more:+.0}"),
    };
    for row in &results.rows {
        let base = value(&row.results[0], PEAK);
        let cells =
            row.results
                .iter()
                .enumerate()
                .map(|(at, figure)| match (value(figure, PEAK), base) {
                    (Some(own), Some(base)) => cell(at, own, own - base),
                    (Some(own), None) => format!("{own:.0}"),
                    (None, _) => without_value(figure),
                });
        text += &line(&row.program, cells);
    }
    let medians = (0..results.columns.len()).map(|at| {
        let (own, more): (Vec<f64>, Vec<f64>) = memory_of(results, at).into_iter().unzip();
        match own.is_empty() {
            true => "-".into(),
            false => cell(at, median(own), median(more)),
        }
    });
    text + &line("median", medians)
}

fn start_up(results: &Results) -> String {
    let cells = results
        .start_up
        .iter()
        .map(|figure| match value(figure, WHOLE.of) {
            Some(seconds) => format!("{:.1}", seconds * 1000.0),
            None => without_value(figure),
        });
    let mut text = String::from("\nstart-up: -S -c pass, CPU milliseconds, medians\n\n");
    text += &line("", cells);
    for (column, figure) in results.columns.iter().zip(&results.start_up) {
        if let Figure::Wrong(why) | Figure::Failed(why) = figure {
            text += &format!("{}: failed: {why}\n", column.name);
        }
    }
    text.push('\n');
    text
}

/// Every sample and every mean.
pub fn json(results: &Results, contestants: &[Contestant], repeat: usize) -> String {
    let mut who = Map::new();
    for contestant in contestants {
        let interpreter = &contestant.interpreter;
        let about = json!({
            "collector": contestant.collector.as_ref().map(|collector| &collector.name),
            "program": interpreter.program.display().to_string(),
            "arguments": interpreter.args,
            "version": interpreter.version(),
        });
        who.insert(interpreter.name.clone(), about);
    }
    let mut programs = Map::new();
    for row in &results.rows {
        let mut about = figures(&results.columns, &row.results);
        about.insert("result".into(), json!(row.check));
        programs.insert(row.program.clone(), Value::Object(about));
    }
    let mut means = Map::new();
    for (than, base) in results.columns.iter().enumerate() {
        let others = results.columns.iter().enumerate();
        for (who, column) in others.filter(|(who, _)| *who != than) {
            let mut about = Map::new();
            for measure in [WHOLE, STEADY] {
                let ratios = ratios(results, measure, who, than);
                let plain = geomean(&ratios, f64::INFINITY);
                let capped = geomean(&ratios, CAP);
                let mean = json!({"plain": plain, "capped": capped, "programs": ratios.len()});
                about.insert(measure.key.into(), mean);
            }
            let key = format!("{} faster than {}", column.name, base.name);
            means.insert(key, Value::Object(about));
        }
    }
    let mut peaks = Map::new();
    for (who, column) in results.columns.iter().enumerate() {
        let (own, more): (Vec<f64>, Vec<f64>) = memory_of(results, who).into_iter().unzip();
        if !own.is_empty() {
            let about = json!({"median_mib": median(own), "median_more_mib": median(more)});
            peaks.insert(column.name.clone(), about);
        }
    }
    let all = json!({
        "memory": peaks,
        "repetitions": repeat,
        "interpreters": who,
        "programs": programs,
        "start_up": figures(&results.columns, &results.start_up),
        "geomeans": means,
    });
    format!("{all:#}\n")
}

fn figures(columns: &[Column], results: &[Figure]) -> Map<String, Value> {
    let mut about = Map::new();
    for (column, figure) in columns.iter().zip(results) {
        let figure = match figure {
            Figure::Measured(samples) => {
                let all = |of: fn(&Sample) -> f64| samples.iter().map(of).collect::<Vec<_>>();
                json!({
                    "status": "measured",
                    "whole_cpu_s": all(|sample| sample.whole_cpu_s),
                    "whole_wall_s": all(|sample| sample.whole_wall_s),
                    "steady_cpu_s": all(|sample| sample.steady_cpu_s),
                    "steady_wall_s": all(|sample| sample.steady_wall_s),
                    "peak_mib": all(|sample| sample.peak_mib),
                })
            }
            Figure::Wrong(why) => json!({"status": "wrong", "why": why}),
            Figure::Failed(why) => json!({"status": "failed", "why": why}),
            Figure::LeftOut(_, why) => json!({"status": "left out", "why": why}),
        };
        about.insert(column.name.clone(), figure);
    }
    about
}

#[cfg(test)]
mod tests {
    use super::super::measure::Row;
    use super::*;

    fn measured(seconds: f64) -> Figure {
        let (whole_wall_s, steady_wall_s) = (seconds, seconds);
        Figure::Measured(vec![Sample {
            whole_cpu_s: seconds,
            whole_wall_s,
            steady_cpu_s: seconds,
            steady_wall_s,
            peak_mib: 1.0,
        }])
    }

    fn column(name: &str, collector: Option<&str>) -> Column {
        Column {
            name: name.into(),
            head: [name.into(), String::new()],
            collector: collector.map(str::to_string),
        }
    }

    fn row(name: &str, results: Vec<Figure>) -> Row {
        Row {
            program: name.into(),
            results,
            check: "7".into(),
        }
    }

    #[test]
    fn a_wrong_run_is_in_no_mean_and_is_named() {
        let wrong = Figure::Wrong("8 instead of 7".into());
        let results = Results {
            columns: vec![column("cpython", None), column("new", None)],
            rows: vec![
                row("a", vec![measured(8.0), measured(2.0)]),
                row("b", vec![measured(8.0), wrong]),
            ],
            start_up: vec![measured(0.01), Figure::Failed("exit 1".into())],
        };
        let text = tables(&results);
        assert!(text.contains("8.000       4.00x\n"), "{text}");
        assert!(text.contains("4.00x of 1"), "{text}");
        assert!(text.contains("b new: WRONG: 8 instead of 7"), "{text}");
        assert!(text.contains("new: failed: exit 1"), "{text}");
    }

    #[test]
    fn collectors_are_compared_with_one_of_them() {
        let left_out = Figure::LeftOut("memory", "it frees nothing".into());
        let results = Results {
            columns: vec![
                column("cpython", None),
                column("on", Some("new")),
                column("on-old", Some(YARDSTICK)),
                column("on-none", Some("none")),
            ],
            rows: vec![row(
                "a",
                vec![measured(8.0), measured(2.0), measured(4.0), left_out],
            )],
            start_up: vec![],
        };
        let text = tables(&results);
        let relative = line(
            &format!("/ {YARDSTICK}"),
            ["", "2.00x", "", "-"].map(String::from),
        );
        assert!(text.contains(&relative), "{text}");
        assert!(
            text.contains("a on-none: left out: it frees nothing"),
            "{text}"
        );
        assert!(
            text.contains(&line(
                "median",
                ["1", "1 +0", "1 +0", "-"].map(String::from)
            )),
            "{text}"
        );
    }

    #[test]
    fn the_cap_limits_each_ratio_and_not_the_mean() {
        assert_eq!(
            geomean(&[400.0, 1.0], f64::INFINITY).map(f64::round),
            Some(20.0)
        );
        let capped = geomean(&[400.0, 1.0], CAP).expect("not empty");
        assert!((capped - 20f64.sqrt()).abs() < 1e-9);
        assert_eq!(geomean(&[], CAP), None);
    }

    #[test]
    fn medians_of_odd_and_even_counts() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
