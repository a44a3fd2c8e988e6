//! All samples as JSON.

use super::Timings;
use crate::results::{Figure, PEAK, WHOLE};
use crate::statistics::CAP;
use serde_json::{Map, Value, json};

/// Samples, checks and means.
pub fn json(timings: &Timings) -> Value {
    let mut who = Map::new();
    for (at, column) in timings.columns.iter().enumerate() {
        let mean = |cap| timings.mean(at, cap).map(|(mean, _)| mean);
        let whole = match &timings.whole[at] {
            Figure::Measured(samples) => json!({
                "status": "measured",
                "cpu_s": samples.iter().map(WHOLE.of).collect::<Vec<_>>(),
                "wall_s": samples.iter().map(WHOLE.wall).collect::<Vec<_>>(),
                "peak_mib": samples.iter().map(PEAK).collect::<Vec<_>>(),
            }),
            bad => unmeasured(bad),
        };
        let about = json!({
            "program": column.program,
            "arguments": column.arguments,
            "version": column.version,
            "process": whole,
            "geomean": {"plain": mean(f64::INFINITY), "capped": mean(CAP)},
        });
        who.insert(column.name.clone(), about);
    }
    let rows = timings.rows.iter().map(|row| {
        let mut about = Map::new();
        for (figure, column) in row.figures.iter().zip(&timings.columns) {
            let figure = match figure {
                Figure::Measured(samples) => json!({"status": "measured", "ns": samples}),
                bad => unmeasured(bad),
            };
            about.insert(column.name.clone(), figure);
        }
        json!({"name": row.name, "check": row.check, "figures": about})
    });
    json!({
        "title": timings.title,
        "repetitions": timings.repeat,
        "interpreters": who,
        "rows": rows.collect::<Vec<_>>(),
    })
}

fn unmeasured<S>(figure: &Figure<S>) -> Value {
    let (status, why) = figure.complaint().unwrap_or(("measured", ""));
    json!({"status": status.to_lowercase(), "why": why})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timings::samples::example;

    #[test]
    fn samples_can_be_read_back() {
        let read = json(&example());
        assert_eq!(
            read["rows"][0]["figures"]["cpython"]["ns"],
            json!([30.0, 50.0, 40.0])
        );
        assert_eq!(read["rows"][2]["figures"]["new"]["status"], "wrong");
        assert_eq!(
            read["interpreters"]["new"]["process"]["cpu_s"],
            json!([0.5])
        );
    }
}
