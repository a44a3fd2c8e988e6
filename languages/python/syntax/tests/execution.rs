//! Runs compiled programs in an emulator of the instructions, written in Python (`tests/emulator/emulate.py`), and compares what they print
//! with CPython 3.11. The emulator wipes every temporary that the liveness table calls dead before each instruction.

use std::fmt::Write;
use std::path::Path;
use std::process::Command;

use ouro_py_syntax::{CodeData, Const, Mode, Options, compile_bytes, verify};

fn bytes(text: &[u8]) -> String {
    let mut out = String::from("b'");
    for b in text {
        let _ = write!(out, "\\x{b:02x}");
    }
    out + "'"
}

fn float(f: f64) -> String {
    format!("float('{f:e}')")
}

/// A constant as a Python expression.
fn constant(value: &Const) -> String {
    let list = |items: &[Const]| items.iter().map(|c| constant(c) + ",").collect::<String>();
    match value {
        Const::None => "None".into(),
        Const::Ellipsis => "...".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Int(i) => i.to_string(),
        Const::BigInt(t) => match t.strip_prefix('-') {
            Some(t) => format!("-0x{t}"),
            None => format!("0x{t}"),
        },
        Const::Float(f) => float(*f),
        Const::Complex(r, i) => format!("complex({}, {})", float(*r), float(*i)),
        Const::Str(s) => format!("Str({})", bytes(s)),
        Const::Bytes(s) => bytes(s),
        Const::Tuple(items) => format!("({})", list(items)),
        Const::FrozenSet(items) => format!("frozenset(({}))", list(items)),
        Const::Code(code) => dump(code),
        Const::Names(names) => format!("{names:?}"),
    }
}

/// A code object as a Python expression.
fn dump(code: &CodeData) -> String {
    let mut out = String::from("Code(");
    let c = code;
    let _ = write!(
        out,
        "name={:?}, qualname={:?}, argcount={}, posonlyargcount={}, kwonlyargcount={}, flags={}, nregs={}, nlocals={}, names={:?}, varnames={:?}, locals={:?}, ",
        c.name,
        c.qualname,
        c.argcount,
        c.posonlyargcount,
        c.kwonlyargcount,
        c.flags,
        c.nregs,
        c.nlocals,
        c.names,
        c.varnames,
        c.locals.iter().map(|l| &l.name).collect::<Vec<_>>()
    );
    let consts: String = c.consts.iter().map(|k| constant(k) + ",").collect();
    let ins: String = c
        .ins
        .iter()
        .map(|i| {
            format!(
                "({:?},{},{},{},{},{}),",
                i.op.info().name,
                i.a,
                i.b,
                i.c,
                i.d,
                i.e
            )
        })
        .collect();
    let handled: String = c
        .handled
        .iter()
        .map(|h| format!("({},{},{},{}),", h.from, h.to, h.target, h.reg))
        .collect();
    let mut live = String::new();
    for pc in 0..c.ins.len() {
        live.push('{');
        for (w, bits) in c.live.before(pc).iter().enumerate() {
            for bit in (0..64).filter(|b| bits >> b & 1 == 1) {
                let _ = write!(live, "{},", c.nlocals + 64 * w as u32 + bit);
            }
        }
        live.push_str("},");
    }
    let _ = write!(
        out,
        "consts=[{consts}], ins=[{ins}], handled=[{handled}], live=[{live}])"
    );
    out
}

#[test]
fn programs_print_what_cpython_prints() {
    let python = "/usr/bin/python3.11";
    if !Path::new(python).exists() {
        println!("skipped: no {python}");
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulator");
    let mut programs: Vec<_> = std::fs::read_dir(folder.join("programs"))
        .expect("the folder is there")
        .filter_map(|e| e.ok().map(|e| e.path()))
        .collect();
    programs.sort();
    let scratch = std::env::temp_dir().join(format!("ouro-syntax-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).expect("a scratch folder");
    let mut failures = Vec::new();
    let mut lines = 0;
    for program in &programs {
        let name = program
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .to_string();
        let source = std::fs::read(program).expect("the file was listed");
        let compiled = match compile_bytes(&source, &name, Mode::Exec, Options::default()) {
            Ok(c) => c,
            Err(e) => {
                failures.push(format!("{name}: {e}"));
                continue;
            }
        };
        verify(&compiled.code).expect("it verifies");
        let dumped = scratch.join(&name);
        std::fs::write(&dumped, dump(&compiled.code)).expect("the scratch folder is writable");
        let run = |args: &[&Path]| {
            Command::new(python)
                .args(args)
                .output()
                .expect("python runs")
        };
        let want = run(&[program]);
        let got = run(&[&folder.join("emulate.py"), &dumped]);
        assert!(
            want.status.success(),
            "{name}: {}",
            String::from_utf8_lossy(&want.stderr)
        );
        lines += want.stdout.iter().filter(|b| **b == b'\n').count();
        if want.stdout != got.stdout || !got.status.success() {
            let (want, out) = (
                String::from_utf8_lossy(&want.stdout),
                String::from_utf8_lossy(&got.stdout),
            );
            let first = want.lines().zip(out.lines()).find(|(w, o)| w != o);
            let errors = String::from_utf8_lossy(&got.stderr).to_string();
            failures.push(format!(
                "{name}: first difference {first:?}, {} of {} lines\n{errors}",
                out.lines().count(),
                want.lines().count()
            ));
        }
    }
    let _ = std::fs::remove_dir_all(&scratch);
    println!(
        "{} programs, {lines} lines of output compared",
        programs.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(lines > 100, "only {lines} lines");
}
