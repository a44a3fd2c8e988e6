//! Compiles sources separated by NUL bytes on standard input; prints the first error of each (class, message, line, column), one per line.

use std::io::Read;

use ouro_py_syntax::{Mode, Options, compile};

fn main() {
    let mut all = String::new();
    if let Err(e) = std::io::stdin().read_to_string(&mut all) {
        eprintln!("{e}");
        return;
    }
    for source in all.split('\0') {
        match compile(source, "<test>", Mode::Exec, Options::default()) {
            Ok(_) => println!("ok"),
            Err(e) => {
                let e = &e.0[0];
                println!("{:?}\t{}\t{}\t{}", e.kind, e.message, e.line, e.column);
            }
        }
    }
}
