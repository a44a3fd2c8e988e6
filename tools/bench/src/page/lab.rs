//! The comparison of collectors as a page: curves of all collectors, and tables.

use super::curves::{Axis, Line, chart, key};
use super::html::{element, escape};
use super::parts::{cell, head, label, list, section};
use super::{About, document, timings};
use crate::lab::heap::FACTORS;
use crate::lab::pauses::{CLASSES_US, Pauses, WINDOWS_MS};
use crate::lab::{Lab, barrier_verdict, rates};

/// The page.
pub fn report(lab: &Lab, about: &About) -> String {
    let mut body = element("h1", "", &escape(about.title));
    let line = format!("{}. Measured {}.", about.machine.line(), about.machine.when);
    body += &element("p", "class=\"soft\"", &escape(&line));
    if !lab.complaints.is_empty() {
        let line =
            |(program, what, why): &(String, String, String)| format!("{program}, {what}: {why}");
        body += &section(
            "What went wrong",
            &list("bad", lab.complaints.iter().map(line)),
        );
    }
    body += &heaps(lab);
    body += &utilisation(lab);
    body += &pauses(lab);
    for script in &lab.timings {
        body += &timings::timings(script);
        let rates = rates(script);
        if !rates.is_empty() {
            body += &list("soft", rates);
        }
    }
    body += &barriers(lab);
    body += &retained(lab);
    body += &method(about);
    document(about.title, &body)
}

fn keys(lab: &Lab) -> String {
    let marks = lab.collectors.iter().enumerate();
    let marks: String = marks.map(|(at, name)| key(at, name)).collect();
    element("p", "class=\"keys lines\"", &marks)
}

/// The programs, in the order in which they were measured.
fn programs<'l>(all: impl Iterator<Item = &'l str>) -> Vec<&'l str> {
    let mut names: Vec<&str> = Vec::new();
    for name in all {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn number_of(lab: &Lab, collector: &str) -> usize {
    let found = lab.collectors.iter().position(|name| name == collector);
    found.unwrap_or_default()
}

fn panel(title: &str, inside: &str) -> String {
    element(
        "div",
        "class=\"panel\"",
        &(element("h3", "", &escape(title)) + inside),
    )
}

fn grid(panels: &str) -> String {
    element("div", "class=\"grid\"", panels)
}

fn heaps(lab: &Lab) -> String {
    let mut panels = String::new();
    for program in programs(lab.curves.iter().map(|curve| &*curve.program)) {
        let own: Vec<_> = lab
            .curves
            .iter()
            .filter(|curve| curve.program == program)
            .collect();
        let all = own.iter().flat_map(|curve| &curve.points);
        let x = Axis::marked("\u{d7} the least heap of all", &FACTORS);
        let y = Axis::over("seconds", all.filter_map(|point| point.cpu_s));
        let lines: Vec<Line> = own
            .iter()
            .map(|curve| Line {
                number: number_of(lab, &curve.collector),
                points: curve
                    .points
                    .iter()
                    .map(|point| (point.factor, point.cpu_s))
                    .collect(),
            })
            .collect();
        let least = own.iter().map(|curve| match curve.least_mib {
            Some(mib) => format!("{} {mib:.1}", curve.collector),
            None => format!("{} -", curve.collector),
        });
        let least: Vec<String> = least.collect();
        let least = format!("Least heap in MiB: {}.", least.join(", "));
        let drawn = chart(&format!("{program}: time against heap"), &x, &y, &lines);
        let inside = drawn + &element("p", "class=\"soft small\"", &escape(&least));
        panels += &panel(program, &inside);
    }
    let intro = "CPU time of the whole process under a limit of so many times the least heap with which any of the \
                 collectors ends the program well. No point: the program does not fit. Both scales are logarithmic.";
    let inside = element("p", "", intro) + &keys(lab) + &grid(&panels);
    section("Time against the size of the heap", &inside)
}

fn utilisation(lab: &Lab) -> String {
    let mut panels = String::new();
    let windows = WINDOWS_MS.map(|ms| ms as f64);
    for program in programs(lab.pauses.iter().map(|one| &*one.program)) {
        let own = lab.pauses.iter().filter(|one| one.program == program);
        let lines: Vec<Line> = own
            .map(|one| Line {
                number: number_of(lab, &one.collector),
                points: WINDOWS_MS
                    .iter()
                    .map(|&ms| (ms as f64, Some(one.mmu(ms * 1_000_000))))
                    .collect(),
            })
            .collect();
        let mut x = Axis::marked("window, ms", &windows);
        x.ticks
            .retain(|(value, _)| [1.0, 10.0, 100.0, 1000.0].contains(value));
        let y = Axis::share("mutator");
        let drawn = chart(&format!("{program}: least utilisation"), &x, &y, &lines);
        panels += &panel(program, &drawn);
    }
    let intro = "The least share of processor time that the program itself had in any stretch of so many milliseconds \
                 (minimum mutator utilisation, Cheng and Blelloch 2001). A curve starts to rise where the longest pause ends.";
    let inside = element("p", "", intro) + &keys(lab) + &grid(&panels);
    section("The mutator's share", &inside)
}

fn milliseconds(value: Option<f64>) -> String {
    match value {
        Some(ms) if ms < 0.1 => cell(&format!("{ms:.3}")),
        Some(ms) if ms < 10.0 => cell(&format!("{ms:.2}")),
        Some(ms) => cell(&format!("{ms:.0}")),
        None => cell("-"),
    }
}

/// Numbers of pauses by length, as bars beside each other.
fn histogram(one: &Pauses) -> String {
    let counts = one.histogram();
    let most = counts.iter().copied().max().unwrap_or(0).max(1) as f64;
    let mut inside = String::new();
    for (at, &count) in counts.iter().enumerate() {
        // One pause is seen beside a thousand.
        let height = match count {
            0 => 0.0,
            count => 2.0 + 16.0 * ((count as f64).ln_1p() / most.ln_1p()),
        };
        inside += &format!(
            "<rect class=\"ours\" x=\"{}\" y=\"{:.1}\" width=\"8\" height=\"{height:.1}\"/>",
            at * 10,
            18.0 - height
        );
    }
    let width = counts.len() * 10;
    format!(
        "<svg class=\"hist\" viewBox=\"0 0 {width} 18\" role=\"img\" aria-label=\"{}\">{inside}</svg>",
        counts.map(|count| count.to_string()).join(" ")
    )
}

fn pauses(lab: &Lab) -> String {
    let mut panels = String::new();
    for program in programs(lab.pauses.iter().map(|one| &*one.program)) {
        let mut rows = String::new();
        for one in lab.pauses.iter().filter(|one| one.program == program) {
            let share = one.total_s() / (one.end_ns as f64 / 1e9).max(1e-9);
            let cells = [50.0, 99.0, 100.0].map(|percent| milliseconds(one.percentile_ms(percent)));
            rows += &element(
                "tr",
                "",
                &format!(
                    "{}<td class=\"hist\">{}</td>{}{}{}",
                    label(&one.collector),
                    histogram(one),
                    cell(&one.events.len().to_string()),
                    cells.concat(),
                    cell(&format!("{:.0} %", share * 100.0))
                ),
            );
        }
        let heads: String = ["no.", "half", "99 %", "max", "of all"].map(head).concat();
        let heads = element("tr", "", &format!("<th></th><th></th>{heads}"));
        let table = element("thead", "", &heads) + &element("tbody", "", &rows);
        let table = element("table", "class=\"pauses\"", &table);
        panels += &panel(
            program,
            &element("div", "class=\"scroll\" tabindex=\"0\"", &table),
        );
    }
    let ends = CLASSES_US.map(|us| match us {
        us if us < 1000 => format!("{us} \u{b5}s"),
        us => format!("{} ms", us / 1000),
    });
    let intro = format!(
        "Milliseconds of processor time: what half and 99 % of the pauses do not exceed, and the longest; last, the share of \
         all pauses in the program's time. Bars count pauses up to {} and longer, on a logarithmic scale.",
        ends.join(", ")
    );
    section(
        "Pauses",
        &(element("p", "", &escape(&intro)) + &grid(&panels)),
    )
}

fn barriers(lab: &Lab) -> String {
    if lab.barrier.is_empty() {
        return String::new();
    }
    let mut rows = String::new();
    for one in &lab.barrier {
        let millions = |count: u64| cell(&format!("{:.1}", count as f64 / 1e6));
        rows += &element(
            "tr",
            "",
            &format!(
                "{}{}{}{}",
                label(&one.program),
                millions(one.with),
                millions(one.without),
                cell(&format!("{:+.2} %", one.more() * 100.0))
            ),
        );
    }
    let heads: String = ["with", "without", "more"].map(head).concat();
    let heads = element(
        "thead",
        "",
        &element("tr", "", &format!("<th></th>{heads}")),
    );
    let table = element("table", "", &(heads + &element("tbody", "", &rows)));
    let intro = format!(
        "Millions of instructions, all of the process, against a build that leaves write barriers out, under a collector \
         that needs none; counted by valgrind. {}.",
        barrier_verdict(lab)
    );
    let panel = element("div", "class=\"panel wide\" tabindex=\"0\"", &table);
    section(
        "Write barriers",
        &(element("p", "", &escape(&intro)) + &panel),
    )
}

fn retained(lab: &Lab) -> String {
    if lab.retained.is_empty() {
        return String::new();
    }
    let mut rows = String::new();
    for one in &lab.retained {
        let collections = one.collections.max(1) as f64;
        let kib = |bytes: f64| cell(&format!("{:.1}", bytes / 1024.0));
        rows += &element(
            "tr",
            "",
            &format!(
                "{}{}{}{}{}",
                label(&one.program),
                kib(one.precise_bytes as f64 / collections),
                kib((one.bytes.saturating_sub(one.precise_bytes)) as f64 / collections),
                kib(one.most_bytes as f64),
                cell(&one.collections.to_string())
            ),
        );
    }
    let heads: String = ["precise", "more", "most", "times"].map(head).concat();
    let heads = element(
        "thead",
        "",
        &element("tr", "", &format!("<th></th>{heads}")),
    );
    let table = element("table", "", &(heads + &element("tbody", "", &rows)));
    let intro = "KiB after each collection of the whole heap: what precise roots reach, in the mean, and what is in memory beyond \
                 that since a word of a native stack seems to name it, in the mean and at most. Some of that is kept rightly: native \
                 code may hold the only reference.";
    let panel = element("div", "class=\"panel wide\" tabindex=\"0\"", &table);
    section(
        "What the native stack keeps",
        &(element("p", "", intro) + &panel),
    )
}

fn method(about: &About) -> String {
    let mut rows = String::new();
    for (name, what) in [
        ("Machine", about.machine.line()),
        ("Command", about.command.to_string()),
        ("All figures", about.json.to_string()),
    ] {
        rows += &element("dt", "", name);
        rows += &element("dd", "class=\"soft\"", &escape(&what));
    }
    let text = "Each program prints what CPython prints, in every run. Collectors take turns, one process at a time. Pauses are \
                measured inside the process by the processor time of its thread, so that other processes do not count; \
                the pauses of a program are those of one run.";
    let terms = element("div", "class=\"panel\"", &element("dl", "", &rows));
    section("How", &(element("p", "", text) + &terms))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::samples::example;
    use crate::machine::Machine;

    fn page() -> String {
        let about = About {
            title: "<lab>",
            command: "./x bench --gc",
            json: "gc.json",
            machine: &Machine::default(),
        };
        report(&example(), &about)
    }

    #[test]
    fn every_element_is_closed_and_names_are_text() {
        let page = page();
        for name in [
            "section", "table", "tr", "td", "th", "div", "svg", "p", "h2", "h3", "span", "text",
        ] {
            let open = page.matches(&format!("<{name}>")).count()
                + page.matches(&format!("<{name} ")).count();
            assert_eq!(open, page.matches(&format!("</{name}>")).count(), "{name}");
        }
        assert!(!page.contains("<old>") && !page.contains("<lab>"), "{page}");
        for word in [
            "src=", "url(", "@import", "<link", "http:", "https:", "<script",
        ] {
            assert!(!page.contains(word), "{word}");
        }
    }

    #[test]
    fn every_collector_has_its_curves() {
        let page = page();
        // Two in each of two charts, two keys above each.
        for class in ["c0", "c1"] {
            let strokes = page
                .matches(&format!("<polyline class=\"{class}\""))
                .count();
            assert_eq!(strokes, 4, "{class}");
        }
        for part in ["+3.00 %", "Least heap in MiB: new 4.0", "gc.json", "exit 1"] {
            assert!(page.contains(part), "{part}");
        }
    }
}
