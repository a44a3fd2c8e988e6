//! Syntax errors against a table of what CPython 3.11 says (`tests/errors.tsv`).

use ouro_py_syntax::{ErrorKind, Mode, Options, compile};

/// A JSON string without `\u` escapes.
fn unquote(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text[1..text.len() - 1].chars();
    while let Some(c) = chars.next() {
        out.push(match c {
            '\\' => match chars.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some(c) => c,
                None => break,
            },
            c => c,
        });
    }
    out
}

#[test]
fn messages_and_lines_are_those_of_cpython() {
    let (mut all, mut columns) = (0, 0);
    let mut wrong = Vec::new();
    for row in include_str!("errors.tsv")
        .lines()
        .filter(|l| !l.starts_with('#'))
    {
        let fields: Vec<&str> = row.split('\t').collect();
        let source = unquote(fields[0]);
        let got = compile(&source, "<test>", Mode::Exec, Options::default());
        all += 1;
        match got {
            Ok(_) => {
                columns += 1;
                if fields[1] != "ok" {
                    wrong.push(format!("{source:?} compiles"));
                }
            }
            Err(e) => {
                let e = &e.0[0];
                let class = match e.kind {
                    ErrorKind::Indentation => "IndentationError",
                    ErrorKind::Tab => "TabError",
                    _ => "SyntaxError",
                };
                let got = (class, e.message.clone(), e.line.to_string());
                if fields.len() < 5 || got != (fields[1], unquote(fields[2]), fields[3].to_string())
                {
                    wrong.push(format!("{source:?}: {got:?}, wanted {:?}", &fields[1..]));
                } else if fields[4] == e.column.to_string() {
                    columns += 1;
                }
            }
        }
    }
    println!("{all} sources, {columns} with CPython's column too");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(
        all > 240 && columns * 10 > all * 9,
        "{columns} of {all} columns"
    );
}

#[test]
fn all_errors_of_a_file_are_given() {
    let source = "def f(:\n pass\nx = = 1\nclass\ny = 2\nreturn = 3\n";
    let errors = compile(source, "<test>", Mode::Exec, Options::default())
        .expect_err("it is wrong")
        .0;
    let lines: Vec<u32> = errors.iter().map(|e| e.line).collect();
    assert!([1, 3, 4, 6].iter().all(|l| lines.contains(l)), "{lines:?}");
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let deep = |source: String| {
        compile(&source, "<test>", Mode::Exec, Options::default())
            .map(|_| ())
            .map_err(|e| e.0[0].clone())
    };
    assert!(deep(format!("x = {}1{}\n", "(".repeat(100), ")".repeat(100))).is_ok());
    let error =
        deep(format!("x = {}1{}\n", "(".repeat(300), ")".repeat(300))).expect_err("too deep");
    assert_eq!(error.message, "too many nested parentheses");
    let error = deep(format!("x = {}y\n", "-".repeat(100_000))).expect_err("too deep");
    assert_eq!(error.kind, ErrorKind::Recursion);
    let error = deep(format!("x = y{}\n", " + y".repeat(100_000))).expect_err("too deep");
    assert_eq!(error.kind, ErrorKind::Recursion);
    assert!(deep(format!("x = y{}\n", " + y".repeat(1_000))).is_ok());
    assert!(deep(format!("x = [{}]\n", "1, ".repeat(100_000))).is_ok());
}

#[test]
fn null_bytes_are_a_value_error() {
    let e = compile("x\0", "<test>", Mode::Exec, Options::default()).expect_err("it is wrong");
    assert_eq!(e.0[0].kind, ErrorKind::Value);
}
