//! The figures of a script that times itself: a panel of bars for each interpreter, then a table of all.

use super::bars::Axis;
use super::html::{element, escape};
use super::parts::{
    bad_cell, cell, class, head, label, list, panel, ratio, section, table_row, wide,
};
use crate::statistics::CAP;
use crate::timings::{Timings, figure};

/// All of a script's figures.
pub fn timings(timings: &Timings) -> String {
    let yardstick = &timings.columns[0].name;
    let others = 1..timings.columns.len();
    let ratios = others.clone().flat_map(|at| {
        let ratio = move |row: &crate::timings::Row| row.ratio(at);
        timings.rows.iter().filter_map(ratio)
    });
    let axis = Axis::over(ratios);
    let often = match timings.repeat {
        1 => "one process each".to_string(),
        many => format!("medians of {many} processes"),
    };
    let intro = format!(
        "CPU time of one operation, as the script itself saw it, {often}; \u{d7} is how many times faster than \
         {yardstick}, and right of the line is faster; means are geometric, each ratio capped at {CAP}. What is \
         computed must be what {yardstick} computes."
    );
    let said = timings.complaints();
    let said = said
        .iter()
        .map(|(what, who, word, why)| format!("{what}, {who}: {word}: {why}"));
    let said: Vec<String> = said.collect();
    let said = match said.is_empty() {
        true => String::new(),
        false => list("bad", said),
    };
    // Columns that are there only to compare collectors are in the table.
    let main = others.filter(|&at| class(&timings.columns, at) != "aside");
    let panels: String = main.map(|at| bars(timings, at, axis)).collect();
    let panels = element("div", "class=\"grid\"", &panels);
    let inside = element("p", "", &escape(&intro)) + &said + &panels + &table(timings);
    section(&timings.title, &inside)
}

/// One interpreter's bars.
fn bars(timings: &Timings, at: usize, axis: Axis) -> String {
    let class = class(&timings.columns, at);
    let mut rows = String::new();
    for row in &timings.rows {
        let figures = match (row.ns(at), row.ratio(at)) {
            (Some(ns), Some(faster)) => cell(&ratio(faster)) + &cell(&figure(ns)),
            (Some(ns), None) => cell("") + &cell(&figure(ns)),
            (None, _) => bad_cell(&row.figures[at]) + &cell(""),
        };
        let bar = axis.bar(row.ratio(at), class);
        let name = label(&row.name);
        rows += &element(
            "tr",
            "",
            &format!("{name}<td class=\"bar\">{bar}</td>{figures}"),
        );
    }
    let heads: String = ["\u{d7}", "time"].map(head).concat();
    let title = match timings.mean(at, CAP) {
        Some((mean, _)) => format!("{}, mean {}", timings.columns[at].name, ratio(mean)),
        None => timings.columns[at].name.clone(),
    };
    panel(
        "named",
        &title,
        &format!("<th></th><th class=\"bar\"></th>{heads}"),
        &rows,
    )
}

/// All interpreters beside each other.
fn table(timings: &Timings) -> String {
    let mut rows = String::new();
    for row in &timings.rows {
        let cells = row
            .figures
            .iter()
            .enumerate()
            .map(|(at, own)| match row.ns(at) {
                Some(ns) => cell(&figure(ns)),
                None => bad_cell(own),
            });
        rows += &table_row("", &row.name, &cells.collect::<String>());
    }
    for (name, cap) in [("geomean", f64::INFINITY), ("capped at 20", CAP)] {
        let cells = (0..timings.columns.len()).map(|at| match timings.mean(at, cap) {
            Some((mean, _)) if at > 0 => cell(&ratio(mean)),
            _ => cell(""),
        });
        rows += &table_row("class=\"mean\"", name, &cells.collect::<String>());
    }
    wide(&timings.columns, "time", &rows)
}
