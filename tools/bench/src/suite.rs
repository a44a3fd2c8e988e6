//! The list of programs: `programs.toml`, which also says what its keys mean.

use toml::{Table, Value};

const PROGRAMS: &str = include_str!("../programs.toml");
const KEYS: &[&str] = &[
    "name",
    "suite",
    "from",
    "file",
    "loops",
    "small",
    "least-stress",
    "needs",
];

/// A program of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    pub name: String,
    pub suite: String,
    /// The package that `file` is in; none if it is in the repository.
    pub from: Option<String>,
    pub file: String,
    /// Calls of the benchmark's function that make one iteration.
    pub loops: u32,
    /// The options that shrink it to a fraction of a second.
    pub small: Vec<String>,
    /// At the small size, the shortest stress interval with which it ends within seconds.
    pub least_stress: u32,
    /// It looks at what a collection does.
    pub needs_collector: bool,
}

/// All programs of the project's list, in its order.
pub fn programs() -> Vec<Program> {
    read(PROGRAMS).unwrap_or_else(|error| panic!("programs.toml: {error}"))
}

/// The names of the suites, in the order in which they appear.
pub fn suites(programs: &[Program]) -> Vec<&str> {
    let mut names: Vec<&str> = Vec::new();
    for program in programs {
        if !names.contains(&program.suite.as_str()) {
            names.push(&program.suite);
        }
    }
    names
}

/// The programs of a suite whose name contains one of `filter`; all of the suite if that is empty.
///
/// # Errors
/// What is known, when nothing is left.
pub fn select(
    programs: &[Program],
    suite: &str,
    filter: &[String],
) -> Result<Vec<Program>, String> {
    let of_suite: Vec<&Program> = programs.iter().filter(|it| it.suite == suite).collect();
    if of_suite.is_empty() {
        let known = suites(programs).join(", ");
        return Err(format!("--suite {suite}: known are {known}"));
    }
    let wanted = |it: &&&Program| filter.iter().any(|part| it.name.contains(part.as_str()));
    let left = of_suite
        .iter()
        .filter(|program| filter.is_empty() || wanted(program));
    let left: Vec<Program> = left.map(|&program| program.clone()).collect();
    if left.is_empty() {
        let known: Vec<&str> = of_suite.iter().map(|it| it.name.as_str()).collect();
        return Err(format!("--filter matches none of: {}", known.join(", ")));
    }
    Ok(left)
}

/// Reads a list.
///
/// # Errors
/// The program and the key that are wrong.
pub fn read(text: &str) -> Result<Vec<Program>, String> {
    let table: Table = text.parse().map_err(|error| format!("{error}"))?;
    let rows = table.get("program").and_then(Value::as_array);
    let programs: Vec<Program> = rows
        .ok_or("no [[program]]")?
        .iter()
        .map(|row| row.as_table().ok_or("a program is a table".to_string()))
        .map(|row| row.and_then(program))
        .collect::<Result<_, _>>()?;
    for (at, program) in programs.iter().enumerate() {
        if programs[..at].iter().any(|it| it.name == program.name) {
            return Err(format!("{} is there twice", program.name));
        }
    }
    Ok(programs)
}

fn program(row: &Table) -> Result<Program, String> {
    let text = |key: &str| row.get(key).and_then(Value::as_str).map(str::to_string);
    let name = text("name").ok_or("a program has no name")?;
    if let Some(key) = row.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let known = KEYS.join(", ");
        return Err(format!("{name}: unknown key {key}; known are {known}"));
    }
    let wrong = |key: &str| format!("{name}: {key} is missing or of the wrong kind");
    let number = |key: &str| match row.get(key) {
        None => Ok(1),
        Some(value) => value
            .as_integer()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|&number| number > 0)
            .ok_or_else(|| wrong(key)),
    };
    let small = row.get("small").and_then(Value::as_array);
    let small = small
        .and_then(|list| list.iter().map(Value::as_str).collect::<Option<Vec<_>>>())
        .ok_or_else(|| wrong("small"))?;
    Ok(Program {
        suite: text("suite").ok_or_else(|| wrong("suite"))?,
        from: text("from"),
        file: text("file").ok_or_else(|| wrong("file"))?,
        loops: number("loops")?,
        small: small.into_iter().map(str::to_string).collect(),
        least_stress: number("least-stress")?,
        needs_collector: match row.get("needs").map(Value::as_str) {
            None => false,
            Some(Some("collects")) => true,
            Some(_) => return Err(wrong("needs")),
        },
        name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = "[[program]]\nname = \"a\"\nsuite = \"s\"\nfile = \"a.py\"\nsmall = []\n";

    #[test]
    fn the_list_of_the_project_is_read() {
        let all = programs();
        assert_eq!(suites(&all)[..2], ["demo", "micro"]);
        let garbage = all.iter().find(|it| it.name == "garbage");
        assert!(garbage.expect("in the list").needs_collector);
        let richards = all.iter().find(|it| it.name == "richards");
        let richards = richards.expect("in the list");
        assert_eq!((richards.loops, richards.least_stress), (2, 400));
        assert_eq!(richards.from.as_deref(), Some("pyperformance"));
    }

    #[test]
    fn wrong_rows_are_named() {
        assert_eq!(read(ROW).expect("well formed")[0].loops, 1);
        let error = read(&format!("{ROW}loop = 2\n")).expect_err("no such key");
        assert!(error.starts_with("a: unknown key loop"), "{error}");
        let error = read(&format!("{ROW}loops = 0\n")).expect_err("no iteration at all");
        assert!(error.contains("loops"), "{error}");
        let error = read(&format!("{ROW}{ROW}")).expect_err("one name, one program");
        assert!(error.contains("twice"), "{error}");
    }

    #[test]
    fn a_filter_selects_within_the_suite() {
        let all = programs();
        let some = select(&all, "demo", &["body".into(), "chaos".into()]).expect("some");
        let names: Vec<&str> = some.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["nbody", "chaos"]);
        assert!(select(&all, "demo", &["fib_rec".into()]).is_err());
        let error = select(&all, "large", &[]).expect_err("no such suite");
        assert!(error.contains("known are demo, micro"), "{error}");
    }
}
