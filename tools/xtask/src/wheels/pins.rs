//! The list of packages: `tools/wheels/wheels.toml`, which also says what its keys mean.

use toml::{Table, Value};

const LIST: &str = include_str!("../../../wheels/wheels.toml");

/// A package, pinned.
#[derive(Clone, Debug)]
pub struct Package {
    pub name: String,
    pub version: String,
    /// SHA-256 of the wheel.
    pub wheel: String,
    /// SHA-256 of the source archive.
    pub sdist: String,
    /// The folder of its tests in the source archive.
    pub tests: String,
    /// Files that samples leave out.
    pub slow: Vec<String>,
}

/// All packages of the list.
pub fn all() -> Vec<Package> {
    read(LIST).unwrap_or_else(|error| panic!("wheels.toml: {error}"))
}

/// The packages of these names, all if there are none.
///
/// # Errors
/// A name that is not in the list; the message names those that are.
pub fn named(names: &[String]) -> Result<Vec<Package>, String> {
    let known = all();
    if names.is_empty() {
        return Ok(known);
    }
    let find = |name: &String| {
        let found = known.iter().find(|package| package.name == *name);
        found.cloned().ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|it| it.name.as_str()).collect();
            format!(
                "unknown package {name:?}; known: {} (tools/wheels/wheels.toml)",
                names.join(", ")
            )
        })
    };
    names.iter().map(find).collect()
}

fn read(text: &str) -> Result<Vec<Package>, String> {
    let table: Table = text.parse().map_err(|error| format!("{error}"))?;
    let list = table.get("package").and_then(Value::as_array);
    list.ok_or("no [[package]]")?.iter().map(package).collect()
}

fn package(entry: &Value) -> Result<Package, String> {
    let text = |key: &str| -> Result<String, String> {
        let value = entry.get(key).and_then(Value::as_str);
        value
            .map(str::to_string)
            .ok_or(format!("{key} of a package is missing or no text"))
    };
    let slow = entry.get("slow").and_then(Value::as_array);
    let slow = slow.into_iter().flatten().filter_map(Value::as_str);
    let package = Package {
        name: text("name")?,
        version: text("version")?,
        wheel: text("wheel")?,
        sdist: text("sdist")?,
        tests: text("tests")?,
        slow: slow.map(str::to_string).collect(),
    };
    for hash in [&package.wheel, &package.sdist] {
        if hash.len() != 64 || !hash.bytes().all(|c| c.is_ascii_hexdigit()) {
            return Err(format!("{}: {hash:?} is no SHA-256", package.name));
        }
    }
    Ok(package)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read() {
        let names: Vec<String> = all().into_iter().map(|it| it.name).collect();
        for name in ["markupsafe", "ujson", "xxhash"] {
            assert!(names.iter().any(|known| known == name), "{name}: {names:?}");
        }
    }

    #[test]
    fn an_unknown_package_is_an_error_that_lists_the_known_ones() {
        let error = named(&["numpyy".into()]).expect_err("not in the list");
        assert!(
            error.contains("numpyy") && error.contains("markupsafe"),
            "{error}"
        );
    }

    #[test]
    fn a_pin_that_is_no_hash_is_refused() {
        let short = LIST.replacen("6da83a08", "", 1);
        assert!(read(&short).expect_err("refused").contains("no SHA-256"));
    }
}
