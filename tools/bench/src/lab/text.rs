//! The report for a terminal.

use super::Lab;
use crate::statistics::geomean;
use crate::timings;

/// The most that barriers may cost, as a share of instructions.
pub const MOST_BARRIER: f64 = 0.03;

/// All figures, in lines.
pub fn text(lab: &Lab) -> String {
    let mut text = String::new();
    for script in &lab.timings {
        text += &timings::text(script, &[]);
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
