//! Expectations: text in, text out.

use super::parse;
use crate::trace::Trace;

/// The normal form of a trace's text: without comments, blank lines, indentation and addresses of callees.
pub fn normal(text: &str) -> String {
    let lines = text
        .lines()
        .map(str::trim)
        .filter(|l| !l.is_empty() && !l.starts_with("//"));
    lines.map(|l| format!("{l}\n")).collect()
}

/// Parses and verifies `input`, gives it to `transform`, verifies the result, and compares its text with `expected`
/// up to blank lines, indentation and comments.
///
/// # Panics
/// With both texts if they differ, or with the fault if either trace is wrong.
pub fn check(input: &str, expected: &str, transform: impl FnOnce(Trace) -> Trace) {
    let trace = parse(input).unwrap_or_else(|e| panic!("input: {e}"));
    trace
        .verify()
        .unwrap_or_else(|e| panic!("input: {e}\n{trace}"));
    let output = transform(trace);
    output
        .verify()
        .unwrap_or_else(|e| panic!("output: {e}\n{output}"));
    let actual = normal(&output.print_without_addresses());
    if let Some(difference) = difference(&normal(expected), &actual) {
        panic!("{difference}\nactual:\n{actual}");
    }
}

/// The first line where two texts differ, or none.
pub fn difference(expected: &str, actual: &str) -> Option<String> {
    let (mut left, mut right) = (expected.lines(), actual.lines());
    for number in 1.. {
        match (left.next(), right.next()) {
            (None, None) => return None,
            (e, a) if e == a => {}
            (e, a) => {
                let (e, a) = (e.unwrap_or("(end)"), a.unwrap_or("(end)"));
                return Some(format!("line {number}:\n  expected: {e}\n  actual:   {a}"));
            }
        }
    }
    None
}
