//! The report as JSON: every sample and every mean.

use crate::floors::Judged;
use crate::machine::Machine;
use crate::results::{Column, Figure, MEASURES, Results, Sample};
use crate::statistics::CAP;
use crate::timings::{self, Timings};
use serde_json::{Map, Value, json};

/// The whole report. `scripts` stand under their names in `timings`.
pub fn report(
    results: &Results,
    judged: &[Judged],
    scripts: &[Timings],
    machine: &Machine,
) -> String {
    let mut who = Map::new();
    for column in &results.columns {
        let about = json!({
            "collector": column.collector,
            "program": column.program,
            "arguments": column.arguments,
            "version": column.version,
        });
        who.insert(column.name.clone(), about);
    }
    let mut programs = Map::new();
    for row in &results.rows {
        let mut about = figures(&results.columns, &row.figures);
        about.insert("result".into(), json!(row.check));
        for (column, executed) in results.columns.iter().zip(&row.executed) {
            if let (Some(executed), Some(own)) = (executed, about.get_mut(&column.name)) {
                own["executed"] = executed.json();
            }
        }
        programs.insert(row.program.clone(), Value::Object(about));
    }
    let mut peaks = Map::new();
    for (who, column) in results.columns.iter().enumerate() {
        if let Some((own, more)) = results.median_memory(who) {
            let about = json!({"median_mib": own, "median_more_mib": more});
            peaks.insert(column.name.clone(), about);
        }
    }
    let floors: Vec<Value> = judged.iter().map(|figure| floor(results, figure)).collect();
    let timings = scripts
        .iter()
        .map(|it| (it.name.clone(), timings::json(it)));
    let timings: Map<String, Value> = timings.collect();
    let all = json!({
        "suite": results.suite,
        "machine": {
            "cpu": machine.cpu,
            "cores": machine.cores,
            "memory_gib": machine.memory_gib,
            "system": machine.system,
            "when": machine.when,
        },
        "memory": peaks,
        "repetitions": results.repeat,
        "interpreters": who,
        "programs": programs,
        "start_up": figures(&results.columns, &results.start_up),
        "geomeans": means(results),
        "floors": floors,
        "timings": timings,
    });
    format!("{all:#}\n")
}

fn means(results: &Results) -> Map<String, Value> {
    let mut means = Map::new();
    for (than, base) in results.columns.iter().enumerate() {
        let others = results.columns.iter().enumerate();
        for (who, column) in others.filter(|(who, _)| *who != than) {
            let mut about = Map::new();
            for measure in MEASURES {
                let mean = |cap| results.mean(measure, who, than, cap).map(|(mean, _)| mean);
                let programs = results.ratios(measure, who, than).len();
                let mean = json!({
                    "plain": mean(f64::INFINITY),
                    "capped": mean(CAP),
                    "programs": programs,
                });
                about.insert(measure.key.into(), mean);
            }
            let key = format!("{} faster than {}", column.name, base.name);
            means.insert(key, Value::Object(about));
        }
    }
    means
}

fn floor(results: &Results, figure: &Judged) -> Value {
    json!({
        "what": figure.what,
        "measure": figure.measure,
        "interpreter": results.columns[figure.who].name,
        "than": results.columns[figure.than].name,
        "ratio": figure.ratio,
        "floor": figure.floor,
        "met": figure.met(),
        "repetitions": figure.repetitions,
    })
}

fn figures(columns: &[Column], figures: &[Figure]) -> Map<String, Value> {
    let mut about = Map::new();
    for (column, figure) in columns.iter().zip(figures) {
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
    use super::*;
    use crate::floors::{Floor, What, judge};
    use crate::results::samples::*;

    #[test]
    fn samples_means_and_floors_can_be_read_back() {
        let results = results(
            vec![column("cpython", false, None), column("new", true, None)],
            vec![
                row("a", vec![measured(800.0), measured(2.0)]),
                row("b", vec![measured(1.0), Figure::Failed("a \"b\"".into())]),
            ],
        );
        let floors = [Floor::parse(What::Mean, "30").expect("well formed")];
        let scripts = [timings::samples::example()];
        let machine = Machine::default();
        let text = report(&results, &judge(&floors, &results), &scripts, &machine);
        let read: Value = serde_json::from_str(&text).expect("JSON");
        let mean = &read["geomeans"]["new faster than cpython"]["whole"];
        let near = |value: &Value, to: f64| (value.as_f64().expect("a number") - to).abs() < 1e-9;
        assert!(near(&mean["plain"], 400.0) && near(&mean["capped"], 20.0));
        assert_eq!(mean["programs"], 1);
        let sample = &read["programs"]["a"]["new"]["whole_cpu_s"];
        assert_eq!(sample, &json!([2.0]));
        assert_eq!(read["programs"]["b"]["new"]["why"], "a \"b\"");
        assert_eq!(read["floors"][0]["met"], false);
        assert_eq!(read["timings"]["calls"]["repetitions"], 3);
    }
}
