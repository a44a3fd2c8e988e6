//! The tables and the JSON of the demo.

use super::measure::{Figure, Results, Sample};
use crate::interpreters::Interpreter;
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
    text += &start_up(results);
    for (at, row) in results.rows.iter().enumerate() {
        for (figure, name) in results.rows[at].results.iter().zip(&results.interpreters) {
            match figure {
                Figure::Measured(_) => {}
                Figure::Wrong(why) => text += &format!("{} {name}: WRONG: {why}\n", row.program),
                Figure::Failed(why) => text += &format!("{} {name}: failed: {why}\n", row.program),
            }
        }
    }
    text
}

fn table(results: &Results, measure: Measure) -> String {
    let yardstick = &results.interpreters[0];
    let mut text = format!(
        "\n{}\nCPU seconds, medians; in brackets how many times faster than {yardstick}\n\n{:<15}",
        measure.title, ""
    );
    for name in &results.interpreters {
        text += &format!("{name:>20}");
    }
    text.push('\n');
    for row in &results.rows {
        text += &format!("{:<15}", row.program);
        let base = value(&row.results[0], measure.of);
        for (at, figure) in row.results.iter().enumerate() {
            let cell = match (figure, value(figure, measure.of), base) {
                (Figure::Wrong(_), ..) => "WRONG".into(),
                (_, None, _) => "failed".into(),
                (_, Some(own), Some(base)) if at > 0 => format!("{own:.3} ({:.2}x)", base / own),
                (_, Some(own), _) => format!("{own:.3}"),
            };
            text += &format!("{cell:>20}");
        }
        text.push('\n');
    }
    for than in 0..results.interpreters.len() {
        // Against the yardstick and PyPy; the rest follows from these.
        if than > 0 && results.interpreters[than] != "pypy" {
            continue;
        }
        for (label, cap) in [("geomean", f64::INFINITY), ("capped at 20", CAP)] {
            let mut line = format!("{label:<15}");
            for who in 0..results.interpreters.len() {
                let ratios = ratios(results, measure, who, than);
                let cell = match geomean(&ratios, cap) {
                    Some(_) if who == than => String::new(),
                    // A mean over fewer programs is marked with how many they are.
                    Some(mean) if ratios.len() < results.rows.len() => {
                        format!("{mean:.2}x of {}", ratios.len())
                    }
                    Some(mean) => format!("{mean:.2}x"),
                    None => "-".into(),
                };
                line += &format!("{cell:>20}");
            }
            text += &format!("{line}  faster than {}\n", results.interpreters[than]);
        }
    }
    text
}

fn start_up(results: &Results) -> String {
    let mut text = String::from("\nstart-up (-S -c pass), CPU milliseconds\n");
    for (name, figure) in results.interpreters.iter().zip(&results.start_up) {
        let cell = match (figure, value(figure, WHOLE.of)) {
            (_, Some(seconds)) => format!("{:.1}", seconds * 1000.0),
            (Figure::Wrong(why) | Figure::Failed(why), _) => format!("failed: {why}"),
            (Figure::Measured(_), None) => "-".into(),
        };
        text += &format!("  {name:<20} {cell}\n");
    }
    text.push('\n');
    text
}

/// Every sample and every mean.
pub fn json(results: &Results, interpreters: &[Interpreter], repeat: usize) -> String {
    let mut who = Map::new();
    for interpreter in interpreters {
        let about = json!({
            "program": interpreter.program.display().to_string(),
            "arguments": interpreter.args,
            "version": interpreter.version(),
        });
        who.insert(interpreter.name.clone(), about);
    }
    let mut programs = Map::new();
    for row in &results.rows {
        let mut about = figures(&results.interpreters, &row.results);
        about.insert("result".into(), json!(row.check));
        programs.insert(row.program.clone(), Value::Object(about));
    }
    let mut means = Map::new();
    for (than, base) in results.interpreters.iter().enumerate() {
        for (who, name) in results
            .interpreters
            .iter()
            .enumerate()
            .filter(|(who, _)| *who != than)
        {
            let mut about = Map::new();
            for measure in [WHOLE, STEADY] {
                let ratios = ratios(results, measure, who, than);
                let plain = geomean(&ratios, f64::INFINITY);
                let capped = geomean(&ratios, CAP);
                let mean = json!({"plain": plain, "capped": capped, "programs": ratios.len()});
                about.insert(measure.key.into(), mean);
            }
            means.insert(format!("{name} faster than {base}"), Value::Object(about));
        }
    }
    let all = json!({
        "repetitions": repeat,
        "interpreters": who,
        "programs": programs,
        "start_up": figures(&results.interpreters, &results.start_up),
        "geomeans": means,
    });
    format!("{all:#}\n")
}

fn figures(names: &[String], results: &[Figure]) -> Map<String, Value> {
    let mut about = Map::new();
    for (name, figure) in names.iter().zip(results) {
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
        };
        about.insert(name.clone(), figure);
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

    #[test]
    fn a_wrong_run_is_in_no_mean_and_is_named() {
        let row = |name: &str, results| Row {
            program: name.into(),
            results,
            check: "7".into(),
        };
        let results = Results {
            interpreters: vec!["cpython".into(), "new".into()],
            rows: vec![
                row("a", vec![measured(8.0), measured(2.0)]),
                row(
                    "b",
                    vec![measured(8.0), Figure::Wrong("8 instead of 7".into())],
                ),
            ],
            start_up: vec![measured(0.01), Figure::Failed("exit 1".into())],
        };
        let text = tables(&results);
        assert!(text.contains("2.000 (4.00x)"), "{text}");
        assert!(text.contains("4.00x of 1"), "{text}");
        assert!(text.contains("b new: WRONG: 8 instead of 7"), "{text}");
        assert!(
            text.contains("new                  failed: exit 1"),
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
