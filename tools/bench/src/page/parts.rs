//! What the sections of the page are made of.

use super::html::{element, escape};
use crate::results::{Column, Figure};

/// Colours tell who is under test, and which of those are there only to compare collectors.
pub fn class(columns: &[Column], at: usize) -> &'static str {
    let first = |it: &Column| it.ours && it.collector.is_some();
    let main = columns.iter().position(first);
    match columns[at].ours {
        false => "other",
        true if columns[at].collector.is_none() || main == Some(at) => "ours",
        true => "aside",
    }
}

pub fn section(title: &str, inside: &str) -> String {
    let head = element("h2", "", &escape(title));
    element("section", "", &(head + inside))
}

pub fn cell(text: &str) -> String {
    format!("<td class=\"n\">{text}</td>")
}

pub fn head(text: &str) -> String {
    format!("<th class=\"n\" scope=\"col\">{}</th>", escape(text))
}

pub fn label(text: &str) -> String {
    format!("<th scope=\"row\">{}</th>", escape(text))
}

/// Three digits at most, but two of them at least, so that columns of figures stay narrow.
pub fn ratio(value: f64) -> String {
    match value {
        large if large >= 99.95 => format!("{large:.0}\u{d7}"),
        middle if middle >= 9.995 => format!("{middle:.1}\u{d7}"),
        small if small >= 0.0995 => format!("{small:.2}\u{d7}"),
        least => format!("{least:.3}\u{d7}"),
    }
}

pub fn seconds(value: f64) -> String {
    format!("{value:.3}")
}

pub fn bad_cell<S>(figure: &Figure<S>) -> String {
    let class = if figure.bad() { "n bad" } else { "n soft" };
    format!("<td class=\"{class}\">{}</td>", figure.without_value())
}

pub fn list(class: &str, items: impl IntoIterator<Item = String>) -> String {
    let item = |text: String| element("li", "", &escape(&text));
    let items: String = items.into_iter().map(item).collect();
    element("ul", &format!("class=\"{class}\""), &items)
}

/// A table of bars with a title. `kind` says what it is: `means` has two figures beside each bar, others three.
pub fn panel(kind: &str, title: &str, heads: &str, rows: &str) -> String {
    let heads = element("thead", "", &element("tr", "", heads));
    let table = element(
        "table",
        &format!("class=\"bars {kind}\""),
        &(heads + &element("tbody", "", rows)),
    );
    let class = if kind == "means" {
        "class=\"title\""
    } else {
        ""
    };
    let title = element("h3", class, &escape(title));
    element("div", "class=\"panel\"", &(title + &table))
}

/// A table whose first column names its rows, as wide as it needs to be.
pub fn wide(columns: &[Column], unit: &str, rows: &str) -> String {
    let name = |(at, column): (usize, &Column)| match at {
        0 => head(&format!("{}, {unit}", column.name)),
        _ => head(&column.name),
    };
    let heads: String = columns.iter().enumerate().map(name).collect();
    let heads = element(
        "thead",
        "",
        &element("tr", "", &format!("<th></th>{heads}")),
    );
    let table = element("table", "", &(heads + &element("tbody", "", rows)));
    element("div", "class=\"panel wide\" tabindex=\"0\"", &table)
}

pub fn table_row(kind: &str, name: &str, cells: &str) -> String {
    element("tr", kind, &(label(name) + cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short() {
        let shown = [0.012, 0.5, 9.99, 9.999, 123.4].map(ratio);
        assert_eq!(
            shown,
            [
                "0.012\u{d7}",
                "0.50\u{d7}",
                "9.99\u{d7}",
                "10.0\u{d7}",
                "123\u{d7}"
            ]
        );
    }
}
