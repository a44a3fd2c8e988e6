//! Runs one child process to its end under a time limit and says what it cost.

use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Code(i32),
    Signal(i32),
    Timeout,
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            End::Code(code) => write!(f, "exit {code}"),
            End::Signal(signal) => write!(f, "signal {signal}"),
            End::Timeout => write!(f, "timeout"),
        }
    }
}

/// What a finished process printed and used.
pub struct Outcome {
    pub end: End,
    pub stdout: String,
    pub stderr: String,
    pub wall_s: f64,
    /// User and system time of all its threads and of the children it waited for.
    pub cpu_s: f64,
    /// Largest resident set.
    pub peak_mib: f64,
}

impl Outcome {
    pub fn success(&self) -> bool {
        self.end == End::Code(0)
    }

    /// The last line of standard error that says something: of a traceback, the exception.
    pub fn last_error_line(&self) -> &str {
        let lines = self.stderr.lines().map(str::trim_end);
        lines.rev().find(|line| !line.is_empty()).unwrap_or("")
    }

    /// One line for a report of a run that went wrong: what happened, then the last thing said.
    pub fn complaint(&self) -> String {
        // A Rust panic explains itself in its first lines, a traceback in its last one.
        let mut lines = self.stderr.lines();
        let panic = lines.position(|line| line.contains("panicked at"));
        let why = match panic {
            Some(at) => {
                let said: Vec<&str> = self.stderr.lines().skip(at).take(2).collect();
                said.join(" ")
            }
            None => self.last_error_line().to_string(),
        };
        let why: String = why.chars().take(200).collect();
        format!("{} {}", self.end, why).trim_end().to_string()
    }
}

/// Runs `command` without input. After `limit` it is killed and `End::Timeout` is answered.
///
/// # Errors
/// Whatever kept the process from being started.
pub fn run(command: &mut Command, limit: Duration) -> io::Result<Outcome> {
    run_with(command, None, limit)
}

/// The same, and sends it an interrupt, as the terminal does for Ctrl-C, `after` it was started.
///
/// # Errors
/// Whatever kept the process from being started.
pub fn run_and_interrupt(
    command: &mut Command,
    after: Duration,
    limit: Duration,
) -> io::Result<Outcome> {
    run_with(command, Some(after), limit)
}

fn run_with(
    command: &mut Command,
    mut interrupt_after: Option<Duration>,
    limit: Duration,
) -> io::Result<Outcome> {
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped());
    command.stderr(Stdio::piped());
    let start = Instant::now();
    let mut child = command.spawn()?;
    let stdout = drain(child.stdout.take());
    let stderr = drain(child.stderr.take());
    let mut expired = false;
    let (status, usage) = loop {
        if let Some(ended) = reap(&child)? {
            break ended;
        }
        if interrupt_after.is_some_and(|after| start.elapsed() > after) {
            interrupt_after = None;
            interrupt(&child);
        }
        if !expired && start.elapsed() > limit {
            expired = true;
            child.kill()?;
        }
        // Short enough that the wall time of a start-up of 10 ms is right to a few percent.
        thread::sleep(Duration::from_micros(200));
    };
    let wall_s = start.elapsed().as_secs_f64();
    let end = match (expired, status.code(), status.signal()) {
        (true, ..) => End::Timeout,
        (_, Some(code), _) => End::Code(code),
        (_, None, signal) => End::Signal(signal.unwrap_or(0)),
    };
    Ok(Outcome {
        end,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
        wall_s,
        cpu_s: seconds(usage.ru_utime) + seconds(usage.ru_stime),
        peak_mib: usage.ru_maxrss as f64 / 1024.0,
    })
}

/// Reads a pipe to its end on a thread of its own, so that a full pipe never stops the child.
fn drain(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut pipe) = pipe {
            // A broken pipe leaves what arrived before it, which is all there is to compare.
            let _ = pipe.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

fn seconds(time: libc::timeval) -> f64 {
    time.tv_sec as f64 + time.tv_usec as f64 * 1e-6
}

/// The child's status and resource usage if it has ended. `std` has no way to ask for the usage.
fn reap(child: &Child) -> io::Result<Option<(ExitStatus, libc::rusage)>> {
    let mut status = 0;
    // SAFETY: `rusage` is plain numbers, for which all zeroes is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to live locals; the process id is of a child that nobody else
    // waits for, because `Child::wait` is never called.
    let pid = unsafe { libc::wait4(child.id() as i32, &mut status, libc::WNOHANG, &mut usage) };
    match pid {
        0 => Ok(None),
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(Some((ExitStatus::from_raw(status), usage))),
    }
}

/// Sends the signal of Ctrl-C.
fn interrupt(child: &Child) {
    // SAFETY: the process id is of a child that has not been waited for, so it names no other
    // process; a failure leaves the child running until its limit, which the caller sees.
    unsafe { libc::kill(child.id() as i32, libc::SIGINT) };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, limit_ms: u64) -> Outcome {
        let limit = Duration::from_millis(limit_ms);
        run(Command::new("sh").args(["-c", script]), limit).expect("sh exists")
    }

    #[test]
    fn output_and_exit_code_come_back() {
        let outcome = sh("echo out; echo why >&2; exit 3", 5000);
        assert_eq!(outcome.end, End::Code(3));
        assert_eq!(outcome.stdout, "out\n");
        assert_eq!(outcome.last_error_line(), "why");
    }

    #[test]
    fn a_process_over_its_limit_is_killed() {
        let outcome = sh("exec sleep 10", 50);
        assert_eq!(outcome.end, End::Timeout);
        assert!(outcome.wall_s < 5.0);
    }

    #[test]
    fn a_signal_is_told_apart_from_an_exit_code() {
        assert_eq!(sh("kill -9 $$", 5000).end, End::Signal(9));
    }

    #[test]
    fn an_interrupt_arrives() {
        let mut command = Command::new("sleep");
        let (after, limit) = (Duration::from_millis(20), Duration::from_secs(5));
        let outcome = run_and_interrupt(command.arg("10"), after, limit).expect("sleep exists");
        assert_eq!(outcome.end, End::Signal(libc::SIGINT));
    }

    #[test]
    fn cpu_time_of_waited_children_is_counted() {
        let busy = "i=0; while [ $i -lt 60000 ]; do i=$((i+1)); done";
        assert!(sh(&format!("sh -c '{busy}'; :"), 20000).cpu_s > 0.005);
    }
}
