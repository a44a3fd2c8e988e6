//! Runs the tests of a package on one interpreter, case by case. A case that ends the process is lost alone: the runner is
//! started again behind it.

use super::fetch::Unpacked;
use crate::interpreters::Interpreter;
use crate::paths;
use serde_json::Value;
use std::fs::{self, File};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How long nothing may be heard of a run. One case may start other programs that take long.
const SILENCE: Duration = Duration::from_secs(180);

/// How one case ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    pub id: String,
    /// `passed`, `failed`, `skipped`, `xfailed` or `crashed`.
    pub outcome: String,
    /// What was raised, or why it was skipped.
    pub detail: String,
    /// Modules of the standard library that it asked for in vain.
    pub needs: Vec<String>,
}

/// Which cases are run.
#[derive(Clone, Debug)]
pub struct Selection {
    /// One in so many, by its name.
    pub one_in: u32,
    /// Only those whose name contains this.
    pub only: String,
    /// Files that are left out.
    pub without: Vec<String>,
}

/// All selected cases in their order.
///
/// # Errors
/// One line, when no case can be run at all.
pub fn run(
    interpreter: &Interpreter,
    package: &Unpacked,
    selection: &Selection,
) -> Result<Vec<Case>, String> {
    let folder = scratch(&interpreter.name)?;
    let result = run_in(&folder, interpreter, package, selection);
    // The records have been read; a folder that stays behind does no harm.
    let _ = fs::remove_dir_all(&folder);
    result
}

fn run_in(
    folder: &Path,
    interpreter: &Interpreter,
    package: &Unpacked,
    selection: &Selection,
) -> Result<Vec<Case>, String> {
    let (out, log) = (folder.join("cases"), folder.join("log"));
    let mut without = selection.without.clone();
    let mut from = 0;
    let mut cases = Vec::new();
    loop {
        // Each start writes its own record.
        let _ = fs::remove_file(&out);
        let mut command = interpreter.command();
        command
            .arg(paths::root().join("tools/wheels/runner/run.py"))
            .arg(&package.tests)
            .arg(&out)
            .args(["--from", &from.to_string()])
            .args(["--one-in", &selection.one_in.to_string()])
            .args(["--only", &selection.only]);
        for file in &without {
            command.args(["--without", file]);
        }
        let said = File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
        let both = said.try_clone().map_err(|error| error.to_string())?;
        command
            .env("PYTHONPATH", &package.site)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(said)
            .stderr(both);
        let child = command
            .spawn()
            .map_err(|error| format!("{}: {error}", interpreter.program.display()))?;
        let end = wait(child, &out)?;
        let record = Record::read(&fs::read_to_string(&out).unwrap_or_default());
        cases.extend(record.cases);
        let why = || format!("{end}{}", last_words(&log));
        match record.last {
            Last::End => return Ok(cases),
            Last::Case { at, id } => {
                cases.push(crashed(id, why()));
                from = at + 1;
            }
            Last::File(file) => {
                cases.push(crashed(file.clone(), why()));
                if without.contains(&file) {
                    return Err(format!("{}: {}", interpreter.name, why()));
                }
                without.push(file);
            }
            Last::Between(at) => from = at + 1,
            Last::Nothing => return Err(format!("{}: {}", interpreter.name, why())),
        }
    }
}

fn crashed(id: String, detail: String) -> Case {
    Case {
        id,
        outcome: "crashed".into(),
        detail,
        needs: vec![],
    }
}

/// A folder of this process and run, in which cases may write.
fn scratch(name: &str) -> Result<PathBuf, String> {
    static RUNS: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let run = RUNS.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let folder = format!("ouro-cases-{}-{run}-{name}", std::process::id());
    let folder = std::env::temp_dir().join(folder);
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// Waits for the end of a run, which is killed when nothing is heard of it for too long.
fn wait(mut child: Child, out: &Path) -> Result<String, String> {
    let length = || fs::metadata(out).map_or(0, |data| data.len());
    let (mut known, mut since) = (length(), Instant::now());
    loop {
        if let Some(status) = child.try_wait().map_err(|error| error.to_string())? {
            return Ok(describe(status));
        }
        if length() != known {
            (known, since) = (length(), Instant::now());
        } else if since.elapsed() > SILENCE {
            child.kill().map_err(|error| error.to_string())?;
            child.wait().map_err(|error| error.to_string())?;
            return Ok(format!("nothing was heard for {} s", SILENCE.as_secs()));
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn describe(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit {code}"),
        (_, signal) => format!("signal {}", signal.unwrap_or(0)),
    }
}

/// The line of a log that says most: where a panic was, else the last one.
fn last_words(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let panic = lines.clone().position(|line| line.contains("panicked at"));
    let said: String = match panic {
        Some(at) => lines.skip(at).take(2).collect::<Vec<_>>().join(" "),
        None => lines.next_back().unwrap_or_default().to_string(),
    };
    match said.is_empty() {
        true => String::new(),
        false => format!(": {}", said.chars().take(300).collect::<String>()),
    }
}

/// What the runner wrote.
#[derive(Debug, PartialEq)]
struct Record {
    cases: Vec<Case>,
    last: Last,
}

/// The last thing of which the runner told.
#[derive(Debug, PartialEq)]
enum Last {
    Nothing,
    /// It was reading this file.
    File(String),
    /// It was running this case.
    Case {
        at: usize,
        id: String,
    },
    /// It had run the case of this number.
    Between(usize),
    End,
}

impl Record {
    fn read(text: &str) -> Record {
        let mut record = Record {
            cases: vec![],
            last: Last::Nothing,
        };
        for line in text.lines() {
            // A line that was cut off by the end of the process says nothing.
            let Ok(line) = serde_json::from_str::<Value>(line) else {
                continue;
            };
            let text = |key: &str| line[key].as_str().unwrap_or_default().to_string();
            let at = line["at"].as_u64().unwrap_or(0) as usize;
            if line["reads"].is_string() {
                record.last = Last::File(text("reads"));
            } else if line["starts"].is_string() {
                record.last = Last::Case {
                    at,
                    id: text("starts"),
                };
            } else if line["case"].is_string() {
                let needs = line["needs"].as_array().into_iter().flatten();
                record.cases.push(Case {
                    id: text("case"),
                    outcome: text("outcome"),
                    detail: text("detail"),
                    needs: needs
                        .filter_map(Value::as_str)
                        .map(str::to_string)
                        .collect(),
                });
                record.last = Last::Between(at);
            } else if line["end"].is_u64() {
                record.last = Last::End;
            }
        }
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_says_where_the_process_ended() {
        let done = "{\"reads\": \"t/test_a.py\"}\n{\"at\": 0, \"starts\": \"a\"}\n\
                    {\"at\": 0, \"case\": \"a\", \"outcome\": \"passed\", \"detail\": \"\", \"needs\": [\"mmap\"]}\n";
        let record = Record::read(done);
        assert_eq!(record.last, Last::Between(0));
        assert_eq!(record.cases[0].needs, ["mmap"]);
        let dead = format!("{done}{{\"at\": 1, \"starts\": \"b\"}}\n{{\"at\": 1, \"ca");
        let b = Last::Case {
            at: 1,
            id: "b".into(),
        };
        assert_eq!(Record::read(&dead).last, b);
        assert_eq!(
            Record::read(&format!("{done}{{\"end\": 1}}\n")).last,
            Last::End
        );
        assert_eq!(Record::read("").last, Last::Nothing);
    }
}
