//! The report as JSON: every figure that a curve is made of.

use super::Lab;
use super::pauses::{CLASSES_US, WINDOWS_MS};
use crate::machine::Machine;
use crate::timings;
use serde_json::{Map, Value, json};

/// All figures; pauses as pairs of start and length in nanoseconds of processor time.
pub fn json(lab: &Lab, machine: &Machine) -> String {
    let pauses = lab.pauses.iter().map(|one| {
        let events = one.events.iter().map(|e| json!([e.start_ns, e.cpu_ns]));
        let mmu = WINDOWS_MS.map(|ms| json!({"window_ms": ms, "share": one.mmu(ms * 1_000_000)}));
        json!({
            "program": one.program,
            "collector": one.collector,
            "end_ns": one.end_ns,
            "pauses_ns": events.collect::<Vec<Value>>(),
            "histogram": {"up_to_us": CLASSES_US, "counts": one.histogram()},
            "p50_ms": one.percentile_ms(50.0),
            "p99_ms": one.percentile_ms(99.0),
            "max_ms": one.percentile_ms(100.0),
            "mmu": mmu,
        })
    });
    let curves = lab.curves.iter().map(|curve| {
        let points = curve
            .points
            .iter()
            .map(|point| json!({"factor": point.factor, "mib": point.mib, "cpu_s": point.cpu_s}));
        json!({
            "program": curve.program,
            "collector": curve.collector,
            "least_mib": curve.least_mib,
            "points": points.collect::<Vec<Value>>(),
        })
    });
    let barrier = lab.barrier.iter().map(|one| {
        json!({"program": one.program, "with": one.with, "without": one.without, "more": one.more()})
    });
    let retained = lab.retained.iter().map(|one| {
        json!({
            "program": one.program,
            "collections": one.collections,
            "bytes": one.bytes,
            "precise_bytes": one.precise_bytes,
            "most_bytes": one.most_bytes,
        })
    });
    let scripts: Map<String, Value> = lab
        .timings
        .iter()
        .map(|script| (script.name.clone(), timings::json(script)))
        .collect();
    let report = json!({
        "machine": machine.line(),
        "when": machine.when,
        "collectors": lab.collectors,
        "allocation": scripts,
        "pauses": pauses.collect::<Vec<Value>>(),
        "heaps": curves.collect::<Vec<Value>>(),
        "barriers": barrier.collect::<Vec<Value>>(),
        "retained": retained.collect::<Vec<Value>>(),
        "complaints": lab.complaints,
    });
    format!("{report:#}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::samples::example;

    #[test]
    fn what_curves_are_made_of_can_be_read_back() {
        let text = json(&example(), &Machine::default());
        let read: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read["heaps"][1]["points"][0]["cpu_s"], 4.0);
        assert_eq!(
            read["pauses"][0]["pauses_ns"].as_array().map(Vec::len),
            Some(50)
        );
        assert_eq!(read["pauses"][1]["p50_ms"], Value::Null);
        assert_eq!(read["barriers"][0]["with"], 103_000_000);
        assert_eq!(read["allocation"]["calls"]["repetitions"], 3);
    }
}
