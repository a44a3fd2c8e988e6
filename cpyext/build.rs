//! Generates what follows from the tables: assertions of offsets, the data symbols, stubs of the functions that are not
//! implemented, and a table of all functions, which keeps the linker from dropping them.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

fn main() {
    for path in ["tables", "src/api", "src/abi", "build.rs"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let write = |name: &str, text: String| {
        fs::write(Path::new(&out).join(name), text).expect("OUT_DIR can be written");
    };
    write("asserts.rs", asserts());
    let (data, stubs, keep) = symbols();
    write("data.rs", data);
    write("stubs.rs", stubs);
    write("keep.rs", keep);
}

fn sources(folder: &str) -> Vec<String> {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the folder is there")
        .map(|e| e.expect("readable").path())
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|p| fs::read_to_string(p).expect("readable"))
        .collect()
}

/// One assertion for each row of the table of offsets whose struct is declared.
fn asserts() -> String {
    let sources = sources("src/abi").concat();
    let declared = |name: &str| {
        sources.contains(&format!("pub struct {name} "))
            || sources.contains(&format!("\n    {name} {{"))
    };
    let table = fs::read_to_string("tables/offsets.csv").expect("the table is there");
    let mut sized = BTreeSet::new();
    let mut text = String::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [name, size, field, offset, _] = cells[..] else {
            panic!("five cells in {line}");
        };
        if !declared(name) {
            continue;
        }
        let field = if field == "type" { "r#type" } else { field };
        if sized.insert(name) {
            // The table gives the size with one item of what follows the struct.
            let _ = writeln!(
                text,
                "const _: () = assert!(size_of::<{name}>() == {size});"
            );
        }
        let _ = writeln!(
            text,
            "const _: () = assert!(std::mem::offset_of!({name}, {field}) == {offset});"
        );
    }
    assert!(sized.len() > 40, "the structs are found: {sized:?}");
    text
}

/// The names that `src/api` implements: lines `fn NAME(` in `api!`, and `variadic!(NAME, ..)`.
fn implemented() -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for source in sources("src/api") {
        let functions = source
            .lines()
            .filter_map(|l| l.trim_start().strip_prefix("fn "));
        let variadic = source.split("variadic!(").skip(1).map(str::trim_start);
        for rest in functions.chain(variadic) {
            let name = rest.split(['(', ',']).next().expect("split gives one part");
            if name.starts_with("Py") || name.starts_with("_Py") {
                assert!(names.insert(name.to_owned()), "{name} is implemented twice");
            }
        }
    }
    names
}

fn symbols() -> (String, String, String) {
    let table = fs::read_to_string("tables/names.csv").expect("the table is there");
    let done = implemented();
    let (mut data, mut stubs, mut keep) = (String::new(), String::new(), String::new());
    let mut all = BTreeSet::new();
    let (mut types, mut exceptions) = (String::new(), String::new());
    let mut count = 0;
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let (name, kind, what) = (cells[0], cells[1], cells[2]);
        all.insert(name.to_owned());
        if kind == "data" {
            let ty = match what {
                "408" => "PyTypeObject".to_owned(),
                "8" if name.starts_with("PyExc_") => "Obj".to_owned(),
                size => format!("[u8; {size}]"),
            };
            let _ = writeln!(data, "shared!({name}: {ty});");
            match ty.as_str() {
                "PyTypeObject" => types += &format!("    ({name:?}, &{name}),\n"),
                "Obj" => exceptions += &format!("    ({name:?}, &{name}),\n"),
                _ => {}
            }
            let _ = writeln!(keep, "    crate::data::{name}.get() as *const (),");
            count += 1;
            continue;
        }
        count += 1;
        if done.contains(name) {
            let _ = writeln!(keep, "    crate::api::{name} as *const (),");
            continue;
        }
        let failure = match what {
            "pointer" => "-> usize { missing(NAME); 0 }",
            "int" | "word" => "-> isize { missing(NAME); -1 }",
            "double" => "-> f64 { missing(NAME); -1.0 }",
            "void" | "struct" => "{ missing_and_infallible(NAME) }",
            other => panic!("{name} returns {other}"),
        };
        let failure = failure.replace("NAME", &format!("{name:?}"));
        let _ = writeln!(stubs, "stub!({name} {failure});");
        let _ = writeln!(keep, "    crate::stubs::{name} as *const (),");
    }
    for name in &done {
        assert!(all.contains(name), "{name} is no name of the table");
    }
    let _ = writeln!(
        data,
        "/// The builtin types by name.\npub static TYPES: &[(&str, &Shared<PyTypeObject>)] = &[\n{types}];\n\
         /// The pointers to exceptions by name.\npub static EXCEPTIONS: &[(&str, &Shared<Obj>)] = &[\n{exceptions}];"
    );
    let keep = format!("static KEEP: Keep<{count}> = Keep([\n{keep}]);\n");
    (data, stubs, keep)
}
