//! Names, flags and argument counts of every code object of the installed library, against CPython 3.11's own.

use std::path::{Path, PathBuf};
use std::process::Command;

use ouro_py_syntax::{CodeData, Const, Mode, Options, compile_bytes};

fn python_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|e| e.path()) {
        if path.is_dir() {
            python_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "py") {
            out.push(path);
        }
    }
}

fn rows(c: &CodeData, out: &mut Vec<String>) {
    let (params, locals) = c.varnames.split_at(c.total_args() as usize);
    let mut locals = locals.to_vec();
    locals.sort();
    out.push(format!(
        "{}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
        c.qualname,
        c.firstlineno,
        c.argcount,
        c.posonlyargcount,
        c.kwonlyargcount,
        c.flags,
        params.join(","),
        locals.join(","),
        c.cellvars.join(","),
        c.freevars.join(",")
    ));
    for k in &c.consts {
        if let Const::Code(inner) = k {
            rows(inner, out);
        }
    }
}

#[test]
fn code_objects_have_cpythons_names_flags_and_counts() {
    let python = "/usr/bin/python3.11";
    let mut files = Vec::new();
    python_files(Path::new("/usr/lib/python3.11"), &mut files);
    if files.is_empty() || !Path::new(python).exists() {
        println!("skipped: no CPython 3.11 with its library");
        return;
    }
    let mut text = Vec::new();
    for file in &files {
        let source = std::fs::read(file).expect("the file was listed");
        let name = file.display().to_string();
        if let Ok(c) = compile_bytes(&source, &name, Mode::Exec, Options::default()) {
            text.push(format!("FILE {name}"));
            rows(&c.code, &mut text);
        }
    }
    let ours = std::env::temp_dir().join(format!("ouro-metadata-{}", std::process::id()));
    std::fs::write(&ours, text.join("\n")).expect("the scratch folder is writable");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/metadata/compare.py");
    let run = Command::new(python)
        .arg(script)
        .arg(&ours)
        .output()
        .expect("python runs");
    let _ = std::fs::remove_file(&ours);
    let (out, err) = (
        String::from_utf8_lossy(&run.stdout),
        String::from_utf8_lossy(&run.stderr),
    );
    let numbers: Vec<u32> = out
        .split_whitespace()
        .filter_map(|n| n.parse().ok())
        .collect();
    println!("{} code objects compared", numbers.first().unwrap_or(&0));
    assert!(
        numbers.len() == 2 && numbers[0] > 1000 && numbers[1] == 0,
        "{out}{err}"
    );
}
