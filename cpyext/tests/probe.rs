//! The table of offsets against a C compiler and CPython's own headers.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Debian's headers: the system's, or those that `./x setup` unpacks into the cache.
fn headers() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    [
        "/usr/include/python3.11".into(),
        root.join(".cache/debian/usr/include/python3.11"),
    ]
    .into_iter()
    .find(|p: &PathBuf| p.join("Python.h").is_file())
}

#[test]
fn the_table_is_what_a_c_compiler_says() {
    let Some(include) = headers() else {
        eprintln!("skipped: no headers of CPython 3.11 (package libpython3.11-dev)");
        return;
    };
    let table = include_str!("../tables/offsets.csv");
    let mut program = String::from(
        "#define PY_SSIZE_T_CLEAN\n#include <Python.h>\n#include <structmember.h>\n#include <datetime.h>\n#include <stddef.h>\n#include <frameobject.h>\nint main(void) {\n",
    );
    let mut rows = 0;
    let mut seen = Vec::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        // Structs in parentheses are in internal headers.
        if cells[0].contains('(') || cells[0].starts_with("_PyManaged") {
            continue;
        }
        let name = cells[0];
        if !seen.contains(&name) {
            seen.push(name);
            let _ = writeln!(
                program,
                "printf(\"{name},{},%zu\\n\", sizeof({name}));",
                cells[1]
            );
        }
        // Headers give an opaque name to what follows some structs.
        let _ = writeln!(
            program,
            "printf(\"{name}.{},{},%zu\\n\", offsetof({name}, {}));",
            cells[2], cells[3], cells[2]
        );
        rows += 1;
    }
    program.push_str("return 0; }\n");
    assert!(rows > 300, "{rows} rows");
    let folder = std::env::temp_dir().join(format!("ouro-probe-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a temporary folder");
    let (source, binary) = (folder.join("probe.c"), folder.join("probe"));
    std::fs::write(&source, program).expect("the probe is written");
    let built = Command::new("cc")
        .args(["-w", "-o"])
        .arg(&binary)
        .arg("-I")
        .arg(&include)
        // Debian's `pyconfig.h` refers to the machine's own from the folder above.
        .arg("-I")
        .arg(include.join(".."))
        .arg(&source)
        .output()
        .expect("a C compiler");
    assert!(
        built.status.success(),
        "{}",
        String::from_utf8_lossy(&built.stderr)
    );
    let output = Command::new(&binary).output().expect("the probe runs");
    let text = String::from_utf8(output.stdout).expect("the probe writes text");
    let wrong: Vec<&str> = text
        .lines()
        .filter(|l| {
            let cells: Vec<&str> = l.split(',').collect();
            cells[1] != cells[2]
        })
        .collect();
    std::fs::remove_dir_all(&folder).expect("the folder goes");
    assert!(wrong.is_empty(), "what, table, compiler: {wrong:#?}");
}
