//! Allocation of small objects by the heap, by `malloc` and by mimalloc: `lab malloc|mimalloc|HEAP-OPTIONS dying|window COUNT`.
//!
//! Prints one line of JSON for each size: its name, CPU nanoseconds for one object, and what was counted, as a check.
mod foreign;
mod managed;

use std::alloc::System;
use std::process::ExitCode;

/// Sizes of the objects, in bytes.
const SIZES: [usize; 3] = [16, 32, 64];
/// So many objects live at a time, if any do.
const WINDOW: usize = 1024;

/// How long objects live.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Life {
    /// Each dies before the next is made.
    Dying,
    /// The last [`WINDOW`] live.
    Window,
}

const USAGE: &str = "usage: lab malloc|mimalloc|HEAP-OPTIONS dying|window COUNT";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("lab: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &[String]) -> Result<(), String> {
    let [who, life, count] = args else {
        return Err(USAGE.into());
    };
    let life = match life.as_str() {
        "dying" => Life::Dying,
        "window" => Life::Window,
        other => return Err(format!("{other:?} is neither dying nor window; {USAGE}")),
    };
    let count: usize = count
        .parse()
        .ok()
        .filter(|&count| count > 0)
        .ok_or(format!("{count:?} is no count; {USAGE}"))?;
    for bytes in SIZES {
        let alive = || -> Result<u64, String> {
            Ok(match who.as_str() {
                "malloc" => foreign::allocate(&System, life, bytes, count),
                "mimalloc" => foreign::allocate(&mimalloc::MiMalloc, life, bytes, count),
                options => managed::allocate(options, life, bytes, count)?,
            })
        };
        let started = ouro_gc::thread_cpu_time();
        let seen = alive()?;
        let spent = (ouro_gc::thread_cpu_time() - started).as_nanos() as f64;
        let ns = spent / count as f64;
        println!("{{\"name\": \"{bytes} B\", \"ns\": {ns:.3}, \"check\": \"{seen}\"}}");
    }
    Ok(())
}

/// What the numbers in the first words of the last objects add up to: all allocators must say the same.
fn expected(life: Life, count: usize) -> u64 {
    let from = match life {
        Life::Dying => 0,
        Life::Window => count.saturating_sub(WINDOW),
    };
    (from..count).map(|n| n as u64).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_allocators_see_the_same_objects() {
        for life in [Life::Dying, Life::Window] {
            for count in [10, 5000] {
                let wanted = expected(life, count);
                for bytes in SIZES {
                    assert_eq!(foreign::allocate(&System, life, bytes, count), wanted);
                    let mimalloc = mimalloc::MiMalloc;
                    assert_eq!(foreign::allocate(&mimalloc, life, bytes, count), wanted);
                    for row in ouro_gc::COLLECTORS {
                        let seen = managed::allocate(row.name, life, bytes, count);
                        assert_eq!(seen, Ok(wanted), "{}", row.name);
                    }
                }
            }
        }
    }

    #[test]
    fn wrong_arguments_are_named() {
        let said = |line: &str| {
            let args: Vec<String> = line.split(' ').map(str::to_string).collect();
            run(&args).expect_err("wrong")
        };
        assert!(said("malloc sometimes 5").contains("sometimes"));
        assert!(said("malloc dying 0").contains("\"0\""));
        assert!(said("no-such-collector dying 5").contains("no-such-collector"));
    }
}
