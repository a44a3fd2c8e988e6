//! The table of a script's figures, as text for a terminal and as Markdown for a document.

use super::Timings;
use crate::results::WHOLE;
use crate::statistics::CAP;

/// Ratios that somebody published, to stand beside our own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Published {
    /// What the ratios are of.
    pub head: String,
    /// How many times faster than the yardstick, by the row's name, of which `whole process` is one.
    pub ratios: Vec<(String, f64)>,
}

impl Published {
    fn cell(&self, row: &str, none: &str, times: &str) -> String {
        let found = self.ratios.iter().find(|(name, _)| name == row);
        found.map_or(none.into(), |(_, ratio)| format!("{ratio:.2}{times}"))
    }
}

/// A time in the unit that suits it.
pub fn figure(ns: f64) -> String {
    match ns {
        seconds if seconds >= 1e9 => format!("{:.2} s", seconds / 1e9),
        milli if milli >= 1e6 => format!("{} ms", digits(milli / 1e6)),
        micro if micro >= 1e4 => format!("{} \u{b5}s", digits(micro / 1e3)),
        nano => format!("{} ns", digits(nano)),
    }
}

/// Three digits are as much as such a figure is worth.
fn digits(value: f64) -> String {
    match value {
        large if large >= 99.95 => format!("{large:.0}"),
        middle if middle >= 9.995 => format!("{middle:.1}"),
        small => format!("{small:.2}"),
    }
}

/// The cells of a table, the heads first.
fn cells(timings: &Timings, published: &[Published], times: &str) -> Vec<Vec<String>> {
    let mut head = vec![String::new()];
    head.extend(timings.columns.iter().map(|column| column.name.clone()));
    head.extend(published.iter().map(|published| published.head.clone()));
    let mut table = vec![head];
    for row in &timings.rows {
        let cell = |at: usize| match (row.ns(at), row.ratio(at)) {
            (Some(ns), Some(ratio)) if at > 0 => format!("{} ({ratio:.2}{times})", figure(ns)),
            (Some(ns), _) => figure(ns),
            (None, _) => row.figures[at].without_value().into(),
        };
        let mut line = vec![row.name.clone()];
        line.extend((0..timings.columns.len()).map(cell));
        line.extend(published.iter().map(|it| it.cell(&row.name, "-", times)));
        table.push(line);
    }
    let mut last = |name: &str, cell: &dyn Fn(usize) -> String| {
        let mut line = vec![name.to_string()];
        line.extend((0..timings.columns.len()).map(cell));
        line.extend(published.iter().map(|it| it.cell(name, "", times)));
        table.push(line);
    };
    // A mean of a few figures says less than they do.
    if timings.rows.len() > 3 {
        for (name, cap) in [("geomean", f64::INFINITY), ("capped at 20", CAP)] {
            last(name, &|at| match timings.mean(at, cap) {
                Some(_) if at == 0 => String::new(),
                Some((mean, rows)) if rows < timings.rows.len() => {
                    format!("{mean:.2}{times} of {rows}")
                }
                Some((mean, _)) => format!("{mean:.2}{times}"),
                None => "-".into(),
            });
        }
    }
    last("whole process", &|at| {
        let seconds = |at: usize| timings.whole[at].value(WHOLE.of);
        match (seconds(at), seconds(0)) {
            (Some(own), Some(base)) if at > 0 => {
                format!("{} ({:.2}{times})", figure(own * 1e9), base / own)
            }
            (Some(own), _) => figure(own * 1e9),
            (None, _) => timings.whole[at].without_value().into(),
        }
    });
    table
}

/// The table for a terminal, then what went wrong.
pub fn text(timings: &Timings, published: &[Published]) -> String {
    let yardstick = &timings.columns[0].name;
    let mut text = format!(
        "\n{}: CPU time, medians of {}; how many times faster than {yardstick}\n\n",
        timings.title, timings.repeat
    );
    let table = cells(timings, published, "x");
    let width = |at: usize| {
        let widths = table.iter().map(|line| line[at].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table[0].len()).map(width).collect();
    for line in &table {
        let mut out = format!("{:<width$}", line[0], width = widths[0]);
        for (cell, width) in line.iter().zip(&widths).skip(1) {
            out += &format!("  {cell:>width$}");
        }
        text += out.trim_end();
        text.push('\n');
    }
    text + &complaints(timings)
}

/// What was not measured, a line for each.
fn complaints(timings: &Timings) -> String {
    let line =
        |(what, who, word, why): (&str, &str, &str, &str)| format!("{what} {who}: {word}: {why}\n");
    timings.complaints().into_iter().map(line).collect()
}

/// The same table as Markdown.
pub fn markdown(timings: &Timings, published: &[Published]) -> String {
    let mut text = String::new();
    for (at, line) in cells(timings, published, "\u{d7}").iter().enumerate() {
        let line: Vec<String> = line.iter().map(|cell| cell.replace('|', "\\|")).collect();
        text += &format!("| {} |\n", line.join(" | "));
        if at == 0 {
            text += &format!("|---|{}\n", "--:|".repeat(line.len() - 1));
        }
    }
    for line in complaints(timings).lines() {
        text += &format!("\n{line}\n");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timings::samples::example;

    #[test]
    fn times_have_the_unit_that_suits_them() {
        let shown = [4.126, 41.26, 999.7, 9999.0, 25_000.0, 1.7e6, 1.72e9].map(figure);
        let wanted = [
            "4.13 ns",
            "41.3 ns",
            "1000 ns",
            "9999 ns",
            "25.0 \u{b5}s",
            "1.70 ms",
            "1.72 s",
        ];
        assert_eq!(shown, wanted);
    }

    #[test]
    fn tables_have_ratios_means_and_what_was_published() {
        let published = Published {
            head: "in 2018".into(),
            ratios: vec![("b".into(), 0.25)],
        };
        let table = markdown(&example(), &[published]);
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines[0], "|  | cpython | new | in 2018 |");
        assert_eq!(lines[1], "|---|--:|--:|--:|");
        assert_eq!(lines[2], "| a | 40.0 ns | 20.0 ns (2.00\u{d7}) | - |");
        assert_eq!(
            lines[3],
            "| b | 40.0 ns | 80.0 ns (0.50\u{d7}) | 0.25\u{d7} |"
        );
        assert_eq!(lines[4], "| c | 40.0 ns | WRONG | - |");
        assert_eq!(lines[6], "| geomean |  | 1.00\u{d7} of 3 |  |");
        let whole = "| whole process | 1.00 s | 500 ms (2.00\u{d7}) |  |";
        assert_eq!(lines[8], whole);
        let text = text(&example(), &[]);
        assert!(
            text.contains("\nb              40.0 ns  80.0 ns (0.50x)\n"),
            "{text}"
        );
        assert!(text.contains("c new: WRONG: 8 instead of 7"), "{text}");
    }
}
