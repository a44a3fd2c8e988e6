//! The parts of the page.

use super::About;
use super::bars::Axis;
use super::html::{element, escape};
use super::parts::{
    bad_cell, cell, class, head, label, list, panel, ratio, seconds, section, table_row, wide,
};
use crate::floors::Judged;
use crate::results::{Column, Figure, MEASURES, Measure, PEAK, Results, Row, WHOLE};
use crate::statistics::CAP;
use crate::text::sentence;
use crate::timings::Timings;

fn keys(results: &Results) -> String {
    let classes: Vec<&str> = (1..results.columns.len())
        .map(|at| class(&results.columns, at))
        .collect();
    let mut text = String::new();
    for (name, words) in [
        ("other", "measured against"),
        ("ours", "under test"),
        ("aside", "under test, other collectors"),
    ] {
        if classes.contains(&name) {
            let mark = format!("<span class=\"key {name}\"></span>");
            text += &format!("<span>{mark}{words}</span>");
        }
    }
    element("p", "class=\"soft keys\"", &text)
}

/// What went wrong or was left out; nothing if all is well.
pub fn problems(results: &Results) -> String {
    let all = results.complaints();
    let (out, bad): (Vec<_>, Vec<_>) = all.iter().partition(|(_, _, word, _)| *word == "left out");
    let line = |(program, name, word, why): &&(&str, &str, &str, &str)| {
        format!("{program}, {name}: {word}: {why}")
    };
    let mut text = String::new();
    if !bad.is_empty() {
        text += &section(
            "What went wrong",
            &list("bad", bad.iter().map(|it| line(it))),
        );
    }
    if !out.is_empty() {
        text += &section("Left out", &list("soft", out.iter().map(|it| line(it))));
    }
    text
}

/// The verdict on the floors, if any was given.
pub fn floors(results: &Results, judged: &[Judged]) -> String {
    if judged.is_empty() {
        return String::new();
    }
    let missed: Vec<&Judged> = judged.iter().filter(|figure| !figure.met()).collect();
    let met = judged.len() - missed.len();
    let mut text = format!("{met} of {} figures meet their floor.", judged.len());
    if !missed.is_empty() {
        text += " Below it:";
    }
    let below = list("bad", missed.iter().map(|figure| sentence(results, figure)));
    let below = if missed.is_empty() { "" } else { &below };
    section("Floors", &(element("p", "", &escape(&text)) + below))
}

/// The means, as bars: what a reader should see first.
pub fn means(results: &Results) -> String {
    let mut panels = String::new();
    for than in results.bases() {
        let who: Vec<usize> = (1..results.columns.len())
            .filter(|&at| at != than && (than == 0 || results.columns[at].ours))
            .collect();
        let mean = |measure, at, cap| results.mean(measure, at, than, cap);
        let all = MEASURES.iter().flat_map(|&measure| {
            let means = who.iter().map(move |&at| mean(measure, at, f64::INFINITY));
            means.flatten().map(|(mean, _)| mean)
        });
        let axis = Axis::over(all);
        for measure in MEASURES {
            let mut rows = String::new();
            for &at in &who {
                let column = &results.columns[at];
                let plain = mean(measure, at, f64::INFINITY);
                let capped = mean(measure, at, CAP);
                let text = |mean: Option<(f64, usize)>| match mean {
                    Some((mean, programs)) if programs < results.rows.len() => {
                        cell(&format!("{} of {programs}", ratio(mean)))
                    }
                    Some((mean, _)) => cell(&ratio(mean)),
                    None => cell("-"),
                };
                let bar = axis.bar(plain.map(|(mean, _)| mean), class(&results.columns, at));
                rows += &element(
                    "tr",
                    "",
                    &format!(
                        "{}<td class=\"bar\">{bar}</td>{}{}",
                        label(&column.name),
                        text(plain),
                        text(capped)
                    ),
                );
            }
            let heads = format!(
                "<th></th><th class=\"bar\"></th>{}{}",
                head("plain"),
                head("capped")
            );
            let title = match than {
                0 => measure.title.to_string(),
                _ => format!("{}, against {}", measure.title, results.columns[than].name),
            };
            panels += &panel("means", &title, &heads, &rows);
        }
    }
    let yardstick = &results.columns[0].name;
    let intro = format!(
        "Geometric means over {} of how many times faster than {yardstick} each is, by CPU time, and \
         then of how many times faster than others. Right of the line is faster; the scale is logarithmic, \
         thin lines are powers of ten. Capped: each ratio counts as at most {CAP}, since a few loops whose \
         work can be removed would carry a plain mean.",
        match results.rows.len() {
            1 => "one program".to_string(),
            many => format!("{many} programs"),
        }
    );
    let inside = element("p", "", &escape(&intro)) + &keys(results);
    let grid = element("div", "class=\"grid\"", &panels);
    section("Means", &(inside + &grid))
}

/// A panel for each program: bars, ratios, CPU and wall time.
pub fn programs(results: &Results, measure: Measure) -> String {
    let ratios = |row| {
        let all = 1..results.columns.len();
        all.filter_map(move |who| results.ratio(row, measure, who, 0))
    };
    let axis = Axis::over(results.rows.iter().flat_map(ratios));
    let panels: String = results
        .rows
        .iter()
        .map(|row| program(results, row, measure, axis))
        .collect();
    let yardstick = &results.columns[0].name;
    let intro = format!(
        "Medians. CPU and wall are seconds; \u{d7} is how many times faster than {yardstick} by CPU time. All bars \
         have the same logarithmic scale."
    );
    let inside = element("p", "", &escape(&intro)) + &element("div", "class=\"grid\"", &panels);
    section(&format!("Programs, {}", measure.title), &inside)
}

fn program(results: &Results, row: &Row, measure: Measure, axis: Axis) -> String {
    let mut rows = String::new();
    for (at, (figure, column)) in row.figures.iter().zip(&results.columns).enumerate() {
        let faster = results.ratio(row, measure, at, 0).filter(|_| at > 0);
        let times = match (figure.value(measure.of), figure.value(measure.wall)) {
            (Some(cpu), Some(wall)) => {
                let times = faster.map(ratio).unwrap_or_default();
                cell(&times) + &cell(&seconds(cpu)) + &cell(&seconds(wall))
            }
            _ => bad_cell(figure) + &cell("") + &cell(""),
        };
        let bar = axis.bar(faster, class(&results.columns, at));
        let bar = if at == 0 { String::new() } else { bar };
        let name = label(&column.name);
        rows += &element(
            "tr",
            "",
            &format!("{name}<td class=\"bar\">{bar}</td>{times}"),
        );
    }
    let heads: String = ["\u{d7}", "CPU s", "wall s"].map(head).concat();
    panel(
        "times",
        &row.program,
        &format!("<th></th><th class=\"bar\"></th>{heads}"),
        &rows,
    )
}

/// All ratios of a measure in one table.
pub fn ratios(results: &Results, measure: Measure) -> String {
    let mut rows = String::new();
    for row in &results.rows {
        let cells = row.figures.iter().enumerate().map(|(at, figure)| {
            match (figure.value(measure.of), results.ratio(row, measure, at, 0)) {
                (Some(_), Some(faster)) if at > 0 => cell(&ratio(faster)),
                (Some(own), _) => cell(&seconds(own)),
                (None, _) => bad_cell(figure),
            }
        });
        rows += &table_row("", &row.program, &cells.collect::<String>());
    }
    for (name, cap) in [("geomean", f64::INFINITY), ("capped at 20", CAP)] {
        let cells = (0..results.columns.len()).map(|at| match results.mean(measure, at, 0, cap) {
            Some((mean, _)) if at > 0 => cell(&ratio(mean)),
            _ => cell(""),
        });
        rows += &table_row("class=\"mean\"", name, &cells.collect::<String>());
    }
    let title = format!("Table, {}: times faster by CPU time", measure.title);
    section(&title, &wide(&results.columns, "s", &rows))
}

pub fn memory(results: &Results) -> String {
    let text = |at: usize, own: f64, more: Option<f64>| match more {
        Some(more) if at > 0 => cell(&format!(
            "{own:.0} <span class=\"soft\">{}</span>",
            signed(more)
        )),
        _ => cell(&format!("{own:.0}")),
    };
    let mut rows = String::new();
    for row in &results.rows {
        let base = row.figures[0].value(PEAK);
        let cells = row
            .figures
            .iter()
            .enumerate()
            .map(|(at, figure)| match figure.value(PEAK) {
                Some(own) => text(at, own, base.map(|base| own - base)),
                None => bad_cell(figure),
            });
        rows += &table_row("", &row.program, &cells.collect::<String>());
    }
    let medians = (0..results.columns.len()).map(|at| match results.median_memory(at) {
        Some((own, more)) => text(at, own, Some(more)),
        None => cell("-"),
    });
    rows += &table_row("class=\"mean\"", "median", &medians.collect::<String>());
    let yardstick = &results.columns[0].name;
    let intro =
        format!("Largest resident set in MiB, and how much more than {yardstick}. Medians.");
    let verdicts = crate::memory::judge(results);
    let verdicts = list("soft", verdicts.iter().map(|it| it.sentence()));
    let table = wide(&results.columns, "MiB", &rows);
    section(
        "Memory",
        &(element("p", "", &escape(&intro)) + &verdicts + &table),
    )
}

/// With a sign that is as wide as a digit.
fn signed(more: f64) -> String {
    match format!("{more:+.0}").strip_prefix('-') {
        Some(less) => format!("\u{2212}{less}"),
        None => format!("{more:+.0}"),
    }
}

pub fn start_up(results: &Results) -> String {
    let base = results.start_up.first().and_then(|it| it.value(WHOLE.of));
    let faster = |figure: &Figure| Some(base? / figure.value(WHOLE.of)?);
    let axis = Axis::over(results.start_up.iter().filter_map(faster));
    let mut rows = String::new();
    for (at, (figure, column)) in results.start_up.iter().zip(&results.columns).enumerate() {
        let times = match (figure.value(WHOLE.of), figure.value(WHOLE.wall)) {
            (Some(cpu), Some(wall)) => {
                let own = faster(figure).filter(|_| at > 0);
                let milliseconds = |value: f64| cell(&format!("{:.1}", value * 1000.0));
                let own = cell(&own.map(ratio).unwrap_or_default());
                own + &milliseconds(cpu) + &milliseconds(wall)
            }
            _ => bad_cell(figure) + &cell("") + &cell(""),
        };
        let bar = axis.bar(faster(figure), class(&results.columns, at));
        let bar = if at == 0 { String::new() } else { bar };
        let name = label(&column.name);
        rows += &element(
            "tr",
            "",
            &format!("{name}<td class=\"bar\">{bar}</td>{times}"),
        );
    }
    let heads: String = ["\u{d7}", "CPU ms", "wall ms"].map(head).concat();
    let panel = panel(
        "times",
        "-S -c pass",
        &format!("<th></th><th class=\"bar\"></th>{heads}"),
        &rows,
    );
    section("Start-up", &element("div", "class=\"grid\"", &panel))
}

/// What was started.
fn ran(column: &Column) -> String {
    let program = [&column.program].into_iter();
    let words: Vec<&str> = program
        .chain(&column.arguments)
        .map(String::as_str)
        .collect();
    format!("{} ({})", column.version, words.join(" "))
}

/// How it was measured, and what exactly.
pub fn method(results: &Results, scripts: &[Timings], about: &About) -> String {
    let yardstick = &results.columns[0].name;
    let often = match results.repeat {
        1 => "one repetition".to_string(),
        many => format!("medians of {many} repetitions"),
    };
    let text = format!(
        "Each program of the suite \u{201c}{}\u{201d} is first run once with checksums of all that it computes, \
         which must equal those of {yardstick}; then it is timed, one process at a time, the interpreters taking \
         turns: {often}. CPU time is user and system time of all threads and children; wall time stands beside \
         it. Whole process is start-up and five iterations; steady is the fifth iteration, as the process \
         itself saw it. Start-up is measured three times as often. Interpreters that are made to find errors \
         or that free nothing run once. Where a floor is given, a figure within 5 % of it is measured again \
         with 15 repetitions, and that counts.",
        results.suite
    );
    let mut rows = String::new();
    let mut term = |name: &str, what: &str| {
        rows += &element("dt", "", &escape(name));
        rows += &element("dd", "class=\"soft\"", &escape(what));
    };
    for column in &results.columns {
        term(&column.name, &ran(column));
    }
    for script in scripts {
        if let Some(column) = script.columns.first() {
            term(&script.title, &ran(column));
        }
    }
    term("Machine", &about.machine.line());
    term("Command", about.command);
    term("All samples", about.json);
    let terms = element("div", "class=\"panel\"", &element("dl", "", &rows));
    section("How", &(element("p", "", &escape(&text)) + &terms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_are_as_wide_as_digits() {
        assert_eq!(signed(-3.2), "\u{2212}3");
        assert_eq!(signed(0.4), "+0");
    }
}
