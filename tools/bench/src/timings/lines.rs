//! What a script prints.

use serde_json::Value;

/// One line: a name, nanoseconds, and what was computed.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub name: String,
    pub ns: f64,
    pub check: String,
}

/// Reads all lines.
///
/// # Errors
/// The line that is none of the protocol, or a name that is there twice.
pub fn read(printed: &str) -> Result<Vec<Line>, String> {
    let mut lines: Vec<Line> = Vec::new();
    for text in printed.lines().filter(|text| !text.trim().is_empty()) {
        let line = line(text).ok_or_else(|| format!("unexpected output {text:?}"))?;
        if lines.iter().any(|it| it.name == line.name) {
            return Err(format!("{} is timed twice", line.name));
        }
        lines.push(line);
    }
    if lines.is_empty() {
        return Err("it printed no figure".into());
    }
    Ok(lines)
}

fn line(text: &str) -> Option<Line> {
    let value: Value = serde_json::from_str(text).ok()?;
    Some(Line {
        name: value.get("name")?.as_str()?.into(),
        ns: value.get("ns")?.as_f64().filter(|&ns| ns >= 0.0)?,
        check: match value.get("check") {
            None => String::new(),
            Some(check) => check.as_str()?.into(),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_other_keys_left_alone() {
        let text = "{\"name\": \"a\", \"ns\": 4.5, \"loops\": 3}\n{\"name\": \"b\", \"ns\": 7, \"check\": \"x\"}\n";
        let lines = read(text).expect("well formed");
        let words: Vec<_> = lines
            .iter()
            .map(|it| (&*it.name, it.ns, &*it.check))
            .collect();
        assert_eq!(words, [("a", 4.5, ""), ("b", 7.0, "x")]);
    }

    #[test]
    fn what_is_no_figure_is_an_error() {
        for wrong in [
            "",
            "hello",
            "{\"name\": \"a\"}",
            "{\"name\": \"a\", \"ns\": -1}",
            "{\"name\": \"a\", \"ns\": \"4\"}",
            "{\"name\": \"a\", \"ns\": 4, \"check\": 5}",
            "{\"name\": \"a\", \"ns\": 4}\n{\"name\": \"a\", \"ns\": 5}",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
