//! Compiles every file of the installed CPython 3.11 library and verifies each code object.

use std::path::{Path, PathBuf};

use ouro_py_syntax::{CodeData, Const, Mode, Options, compile_bytes, verify};

fn python_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            python_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "py") {
            out.push(path);
        }
    }
}

fn count(code: &CodeData) -> (usize, usize) {
    let mut all = (1, code.ins.len());
    for c in &code.consts {
        if let Const::Code(inner) = c {
            let (codes, ins) = count(inner);
            all = (all.0 + codes, all.1 + ins);
        }
    }
    all
}

#[test]
fn the_whole_library_compiles_and_verifies() {
    let folder = Path::new("/usr/lib/python3.11");
    let mut files = Vec::new();
    python_files(folder, &mut files);
    files.sort();
    if files.is_empty() {
        println!("skipped: no CPython 3.11 library in {}", folder.display());
        return;
    }
    let (mut matches, mut bad_data, mut codes, mut instructions, mut bytes) = (0, 0, 0, 0, 0);
    let mut failures = Vec::new();
    for file in &files {
        let source = std::fs::read(file).expect("the file was listed");
        let name = file.display().to_string();
        match compile_bytes(&source, &name, Mode::Exec, Options::default()) {
            Ok(compiled) => {
                if let Err(e) = verify(&compiled.code) {
                    failures.push(format!("{name}: {e}"));
                }
                let (c, i) = count(&compiled.code);
                codes += c;
                instructions += i;
                bytes += source.len();
            }
            // Data files of lib2to3 and of the tests are Python 2 or wrong on purpose.
            Err(_) if name.contains("/lib2to3/tests/data/") || name.contains("/bad") => {
                bad_data += 1
            }
            Err(e) if e.0.iter().all(|e| e.message.contains("match statement")) => matches += 1,
            Err(e) => failures.push(format!("{name}: {e}")),
        }
    }
    println!(
        "{} files, {bytes} bytes: {codes} code objects, {instructions} instructions; {matches} files use match, {bad_data} are no Python 3",
        files.len()
    );
    failures.truncate(40);
    assert!(
        failures.is_empty(),
        "{} failures:\n{}",
        failures.len(),
        failures.join("\n")
    );
    assert!(codes > 1000, "only {codes} code objects were seen");
}
