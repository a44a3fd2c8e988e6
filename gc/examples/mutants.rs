//! Hunts the deliberate bugs of the feature `mutants`: `mutants [PROGRAMS [NUMBER]]`.
//!
//! Each runs in a process of its own, since a heap with a bug may end it or never come back. Prints a line for each; the exit
//! code says whether all were killed by an invariant that is meant to find them.
use ouro_gc::model::hunt::{End, PREY};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

/// Programs until a bug counts as not found.
const PROGRAMS: u64 = 2000;
/// Programs that must pass without the bug.
const CONTROLS: u64 = 20;
/// A process that takes longer hangs.
const MOST_SECONDS: u64 = 120;
/// Every hunt starts from here, so that its outcome repeats.
const SEED: u64 = 7;

fn hunt(number: usize, programs: u64) -> ExitCode {
    // What the programs' failures say is in the result.
    std::panic::set_hook(Box::new(|_| {}));
    let prey = &PREY[number - 1];
    // The same programs without the bug: what fails there would say nothing.
    if !matches!(prey.hunt(SEED, CONTROLS, false), End::Survived { .. }) {
        println!("the programs fail without the bug");
        return ExitCode::FAILURE;
    }
    match prey.hunt(SEED, programs, true) {
        End::Killed {
            by,
            collector,
            program,
            reason,
        } => {
            println!("killed by {by} on {collector} in program {program}: {reason}");
            ExitCode::SUCCESS
        }
        End::Stumbled { reason } => {
            println!("found by none of {:?}: {reason}", prey.killers);
            ExitCode::FAILURE
        }
        End::Survived { programs } => {
            println!("SURVIVED {programs} programs");
            ExitCode::FAILURE
        }
    }
}

/// Runs a hunt in a process, and returns whether the bug was killed and what the process said.
fn process(number: usize, programs: u64) -> Result<(bool, String), String> {
    let own = std::env::current_exe().map_err(|error| error.to_string())?;
    let mut child = Command::new(own)
        .args([programs.to_string(), number.to_string()])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| error.to_string())?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            let output = child
                .wait_with_output()
                .map_err(|error| error.to_string())?;
            let mut text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
            if text.is_empty() {
                text = format!("the process ended by itself: {status}");
            }
            return Ok((status.success(), text));
        }
        if started.elapsed() > Duration::from_secs(MOST_SECONDS) {
            child.kill().map_err(|error| error.to_string())?;
            return Ok((false, format!("no end after {MOST_SECONDS} s")));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let mut number = || args.next().map(|text| text.parse().expect("a number"));
    let programs = number().unwrap_or(PROGRAMS);
    if let Some(one) = number() {
        return hunt(one as usize, programs);
    }
    let mut killed = 0;
    for (n, prey) in PREY.iter().enumerate() {
        let (is_killed, text) = match process(n + 1, programs) {
            Ok(end) => end,
            Err(error) => (false, error),
        };
        killed += usize::from(is_killed);
        let text: String = text.chars().take(160).collect();
        println!("{:2} {}: {}\n   {text}", n + 1, prey.name(), prey.says);
    }
    println!("{killed} of {} mutants killed", PREY.len());
    ExitCode::from(u8::from(killed != PREY.len()))
}
