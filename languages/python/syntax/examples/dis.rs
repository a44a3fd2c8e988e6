//! Prints the register code of a Python file, or of standard input.

use std::io::Read;

use ouro_py_syntax::{Mode, Options, compile_bytes, disassemble};

fn main() {
    let mut source = Vec::new();
    let name = std::env::args().nth(1).unwrap_or_else(|| "<stdin>".into());
    let read = if name == "<stdin>" {
        std::io::stdin().read_to_end(&mut source).map(|_| ())
    } else {
        std::fs::read(&name).map(|s| source = s)
    };
    if let Err(e) = read {
        eprintln!("{name}: {e}");
        return;
    }
    match compile_bytes(&source, &name, Mode::Exec, Options::default()) {
        Ok(c) => {
            for w in &c.warnings {
                eprintln!("{name}:{}: {}", w.line, w.message);
            }
            print!("{}", disassemble(&c.code));
        }
        Err(e) => print!("{e}"),
    }
}
