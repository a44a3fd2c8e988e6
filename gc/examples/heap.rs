//! Summarises a heap dump: `cargo run --release -p ouro-gc --example heap -- FILE [--rows N] [--path ADDRESS|NAME]`.
use ouro_gc::dump::{HeapDump, Wanted};
use std::process::ExitCode;

const USAGE: &str = "usage: heap FILE [--rows N] [--path ADDRESS|NAME]";

fn run() -> Result<String, String> {
    let mut wanted = Wanted {
        rows: 20,
        path_to: None,
    };
    let mut file = None;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} wants a value\n{USAGE}"));
        match word.as_str() {
            "--rows" => {
                let rows = value()?;
                wanted.rows = rows.parse().map_err(|_| format!("{rows:?} is no number"))?;
            }
            "--path" => wanted.path_to = Some(value()?),
            _ if file.is_none() && !word.starts_with('-') => file = Some(word),
            _ => return Err(USAGE.to_owned()),
        }
    }
    let file = file.ok_or(USAGE)?;
    let text = std::fs::File::open(&file).map_err(|e| format!("{file}: {e}"))?;
    let dump = HeapDump::read(std::io::BufReader::new(text)).map_err(|e| format!("{file}: {e}"))?;
    Ok(dump.summary(&wanted))
}

fn main() -> ExitCode {
    match run() {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}
