//! The report for a terminal.

use super::Lab;
use crate::statistics::geomean;
use crate::timings::{self, Timings};

/// The most that barriers may cost, as a share of instructions.
pub const MOST_BARRIER: f64 = 0.03;

/// All figures, in lines.
pub fn text(lab: &Lab) -> String {
    let mut text = String::new();
    for script in &lab.timings {
        text += &timings::text(script, &[]);
        for line in rates(script) {
            text += &format!("{line}\n");
        }
        text += "\n";
    }
    text += "pauses, ms of processor time: number, half below, 99 % below, longest; the mutator's least share of 10 ms and 100 ms\n";
    for one in &lab.pauses {
        let ms = |percent| match one.percentile_ms(percent) {
            Some(ms) => format!("{ms:.3}"),
            None => "-".into(),
        };
        let [short, long] = [10, 100].map(|ms: u64| one.mmu(ms * 1_000_000));
        text += &format!(
            "  {:<10} {:<12} {:>5} {:>8} {:>8} {:>8}  {short:.2} {long:.2}\n",
            one.program,
            one.collector,
            one.events.len(),
            ms(50.0),
            ms(99.0),
            ms(100.0)
        );
    }
    text += "\ntime against the heap: least heap in MiB, then seconds at multiples of the least of all\n";
    for curve in &lab.curves {
        let least = curve
            .least_mib
            .map_or("-".into(), |mib| format!("{mib:.1}"));
        text += &format!(
            "  {:<10} {:<12} {least:>6} ",
            curve.program, curve.collector
        );
        for point in &curve.points {
            let seconds = point.cpu_s.map_or("-".into(), |s| format!("{s:.3}"));
            text += &format!(" {}x {seconds}", point.factor);
        }
        text += "\n";
    }
    if !lab.barrier.is_empty() {
        text += "\nwrite barriers: instructions with and without, and how many more\n";
        for one in &lab.barrier {
            let (name, more) = (&one.program, one.more() * 100.0);
            text += &format!(
                "  {name:<14} {:>13} {:>13} {more:+.2} %\n",
                one.with, one.without
            );
        }
        text += &format!("  {}\n", barrier_verdict(lab));
    }
    text +=
        "\nretained by ambiguous words beyond precise roots, after collections of the whole heap\n";
    for one in &lab.retained {
        text += &format!(
            "  {:<10} {:.3} % more, at most {} bytes after one of {} collections\n",
            one.program,
            one.more() * 100.0,
            one.most_bytes,
            one.collections
        );
    }
    for (program, what, why) in &lab.complaints {
        text += &format!("{program} {what}: {why}\n");
    }
    text
}

/// Bytes that are allocated in a second, for scripts whose rows are sizes such as `16 B`: a line for each size.
pub fn rates(script: &Timings) -> Vec<String> {
    let line = |row: &timings::Row| {
        let bytes: f64 = row.name.strip_suffix(" B")?.parse().ok()?;
        let rate = |(at, column): (usize, &crate::results::Column)| {
            let ns = row.ns(at)?;
            Some(format!("{} {:.1}", column.name, bytes / ns))
        };
        let all: Vec<String> = script.columns.iter().enumerate().filter_map(rate).collect();
        Some(format!("{} in GB/s: {}", row.name, all.join(", ")))
    };
    script.rows.iter().filter_map(line).collect()
}

/// Mean and worst, beside what is asked for.
pub fn barrier_verdict(lab: &Lab) -> String {
    let ratios: Vec<f64> = lab.barrier.iter().map(|one| 1.0 + one.more()).collect();
    let mean = geomean(&ratios, f64::INFINITY).unwrap_or(1.0);
    let worst = ratios.iter().copied().fold(1.0, f64::max);
    let above = ratios.iter().filter(|&&ratio| ratio > 1.0 + MOST_BARRIER);
    format!(
        "{:+.2} % in the geometric mean, at most {:+.2} %; {} of {} programs above {} %",
        (mean - 1.0) * 100.0,
        (worst - 1.0) * 100.0,
        above.count(),
        ratios.len(),
        MOST_BARRIER * 100.0
    )
}

#[cfg(test)]
mod tests {
    use crate::lab::samples::example;

    #[test]
    fn rates_are_bytes_by_nanoseconds() {
        let mut script = crate::timings::samples::example();
        assert!(super::rates(&script).is_empty());
        script.rows[0].name = "16 B".into();
        assert_eq!(
            super::rates(&script),
            ["16 B in GB/s: cpython 0.4, new 0.8"]
        );
    }
    #[test]
    fn all_sections_are_there() {
        let text = super::text(&example());
        for part in [
            "calls of C",
            "trees      new             50",
            "1.3x 2.000",
            "+3.00 %",
            "1.000 % more",
            "exit 1",
            "0 of 1 programs above 3 %",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }
}
