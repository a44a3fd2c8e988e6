//! Reads `papers/bibliography.toml`, which says what its keys mean.

use crate::paths;
use ouro_bench::timings::Published;
use std::fs;
use toml::{Table, Value};

const KEYS: &[&str] = &["key", "authors", "title", "venue", "url", "claim", "run"];
const RUN_KEYS: &[&str] = &[
    "title",
    "script",
    "arguments",
    "c-program",
    "c-module",
    "published",
    "repeat",
    "limit",
];

/// An entry.
#[derive(Debug)]
pub struct Paper {
    pub key: String,
    pub authors: Vec<String>,
    pub title: String,
    pub venue: String,
    pub url: String,
    /// In our words.
    pub claim: String,
    pub run: Option<Run>,
}

/// How it is repeated. Files are below `papers`.
#[derive(Debug)]
pub struct Run {
    pub title: String,
    pub script: String,
    pub arguments: Vec<String>,
    pub c_program: Option<String>,
    pub c_module: Option<String>,
    pub published: Vec<Published>,
    pub repeat: usize,
    pub limit_s: u64,
}

/// All entries, in their order.
///
/// # Errors
/// The entry and the key that are wrong.
pub fn all() -> Result<Vec<Paper>, String> {
    let file = paths::root().join("papers/bibliography.toml");
    let text = fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
    read(&text).map_err(|error| format!("papers/bibliography.toml: {error}"))
}

fn read(text: &str) -> Result<Vec<Paper>, String> {
    let table: Table = text.parse().map_err(|error| format!("{error}"))?;
    let rows = table.get("paper").and_then(Value::as_array);
    let papers: Vec<Paper> = rows
        .ok_or("no [[paper]]")?
        .iter()
        .map(|row| row.as_table().ok_or("an entry is a table".to_string()))
        .map(|row| row.and_then(paper))
        .collect::<Result<_, _>>()?;
    for (at, paper) in papers.iter().enumerate() {
        if papers[..at].iter().any(|it| it.key == paper.key) {
            return Err(format!("{} is there twice", paper.key));
        }
    }
    Ok(papers)
}

fn paper(table: &Table) -> Result<Paper, String> {
    let key = table.get("key").and_then(Value::as_str);
    let entry = Entry {
        name: key.ok_or("an entry has no key")?,
        table,
    };
    entry.knows(KEYS)?;
    let run = match table.get("run") {
        None => None,
        Some(Value::Table(table)) => Some(run(&Entry { table, ..entry })?),
        Some(_) => return Err(entry.wrong("run")),
    };
    Ok(Paper {
        key: entry.name.into(),
        authors: entry.texts("authors")?,
        title: entry.text("title")?,
        venue: entry.text("venue")?,
        url: entry.text("url")?,
        claim: entry.text("claim")?.trim().into(),
        run,
    })
}

fn run(entry: &Entry) -> Result<Run, String> {
    entry.knows(RUN_KEYS)?;
    let optional = |key| match entry.table.contains_key(key) {
        true => entry.text(key).map(Some),
        false => Ok(None),
    };
    let published = match entry.table.get("published") {
        None => vec![],
        Some(Value::Array(columns)) => columns
            .iter()
            .map(|column| column.as_table().and_then(published))
            .collect::<Option<_>>()
            .ok_or_else(|| entry.wrong("published"))?,
        Some(_) => return Err(entry.wrong("published")),
    };
    Ok(Run {
        title: entry.text("title")?,
        script: entry.text("script")?,
        arguments: entry.texts("arguments")?,
        c_program: optional("c-program")?,
        c_module: optional("c-module")?,
        published,
        repeat: entry.number("repeat")?,
        limit_s: entry.number("limit")? as u64,
    })
}

/// A column of ratios, from pairs of times.
fn published(table: &Table) -> Option<Published> {
    let time = |value: &Value| {
        let time = value.as_float().or(value.as_integer().map(|it| it as f64));
        time.filter(|&time| time > 0.0)
    };
    let ratio = |(name, pair): (&String, &Value)| match &pair.as_array()?[..] {
        [yardstick, theirs] => Some((name.clone(), time(yardstick)? / time(theirs)?)),
        _ => None,
    };
    Some(Published {
        head: table.get("head")?.as_str()?.into(),
        ratios: table
            .get("figures")?
            .as_table()?
            .iter()
            .map(ratio)
            .collect::<Option<_>>()?,
    })
}

/// A table, and the entry that it belongs to.
struct Entry<'t> {
    name: &'t str,
    table: &'t Table,
}

impl Entry<'_> {
    fn wrong(&self, key: &str) -> String {
        format!("{}: {key} is missing or of the wrong kind", self.name)
    }

    fn knows(&self, known: &[&str]) -> Result<(), String> {
        match self.table.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => {
                let known = known.join(", ");
                Err(format!(
                    "{}: unknown key {key}; known are {known}",
                    self.name
                ))
            }
        }
    }

    fn text(&self, key: &str) -> Result<String, String> {
        let text = self.table.get(key).and_then(Value::as_str);
        text.map(str::to_string).ok_or_else(|| self.wrong(key))
    }

    fn texts(&self, key: &str) -> Result<Vec<String>, String> {
        let list = self.table.get(key).and_then(Value::as_array);
        let texts =
            list.and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
        let texts = texts.ok_or_else(|| self.wrong(key))?;
        Ok(texts.into_iter().map(str::to_string).collect())
    }

    fn number(&self, key: &str) -> Result<usize, String> {
        let number = self.table.get(key).and_then(Value::as_integer);
        let number = number.and_then(|number| usize::try_from(number).ok());
        number
            .filter(|&number| number > 0)
            .ok_or_else(|| self.wrong(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str = "[[paper]]\nkey = \"a\"\nauthors = [\"b\"]\ntitle = \"c\"\nvenue = \"d\"\nurl = \"e\"\nclaim = \"f\"\n";
    const RUN: &str =
        "[paper.run]\ntitle = \"g\"\nscript = \"h\"\narguments = []\nrepeat = 5\nlimit = 9\n";

    fn error(text: &str) -> String {
        read(text).expect_err("something is wrong")
    }

    #[test]
    fn published_times_become_ratios() {
        let more = "published = [{ head = \"then\", figures = { \"x y\" = [3, 1.5] } }]\n";
        let papers = read(&format!("{ENTRY}{RUN}{more}")).expect("well formed");
        let run = papers[0].run.as_ref().expect("it has one");
        let wanted = Published {
            head: "then".into(),
            ratios: vec![("x y".into(), 2.0)],
        };
        assert_eq!(run.published, [wanted]);
        assert_eq!((run.repeat, run.limit_s), (5, 9));
    }

    #[test]
    fn wrong_entries_are_named() {
        assert!(read(ENTRY).expect("well formed")[0].run.is_none());
        assert!(error(&format!("{ENTRY}year = 3\n")).starts_with("a: unknown key year"));
        assert!(error(&format!("{ENTRY}{ENTRY}")).contains("twice"));
        assert!(error(&ENTRY.replace("url", "link")).contains("link"));
        assert!(error(&format!("{ENTRY}{}", RUN.replace("5", "0"))).contains("repeat"));
        let zero = "published = [{ head = \"then\", figures = { x = [3, 0] } }]\n";
        assert!(error(&format!("{ENTRY}{RUN}{zero}")).contains("published"));
    }
}
