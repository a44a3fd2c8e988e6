//! The benchmark programs: three of our own for classes, text and garbage, five of our own for one feature each,
//! and pyperformance from PyPI, pinned by version and hash, unpacked into the cache with our stand-in for
//! `pyperf` beside each program. The programs are not modified.

use crate::{paths, process, setup};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Where a benchmark's file is.
enum Place {
    Pyperformance,
    /// `tools/demo`, beside the stand-in, with this before the name.
    Ours(&'static str),
}

/// A benchmark of the demo.
pub struct Program {
    pub name: &'static str,
    /// Calls of the benchmark's function that make one iteration: about 0.1 to 1 s on CPython.
    pub loops: u32,
    /// What shrinks it to a fraction of a second on the slowest configuration: the program's own
    /// options where it has them, otherwise options of the stand-in.
    pub small: &'static [&'static str],
    /// At the small size, the shortest interval of polls between forced collections with which it
    /// ends within seconds.
    pub least_stress: u32,
    /// It looks at what a collection does.
    pub needs_collector: bool,
    place: Place,
}

const fn program(
    name: &'static str,
    loops: u32,
    least_stress: u32,
    small: &'static [&'static str],
) -> Program {
    Program {
        name,
        loops,
        small,
        least_stress,
        needs_collector: false,
        place: Place::Pyperformance,
    }
}

const fn own(name: &'static str, least_stress: u32, small: &'static [&'static str]) -> Program {
    Program {
        name,
        loops: 1,
        small,
        least_stress,
        needs_collector: false,
        place: Place::Ours(""),
    }
}

const fn micro(name: &'static str, small: &'static [&'static str]) -> Program {
    Program {
        name,
        loops: 1,
        small,
        least_stress: 2,
        needs_collector: false,
        place: Place::Ours("micro_"),
    }
}

/// The programs of the demo: seven of pyperformance, which say little about memory, and three of
/// our own that live on objects, on text and on garbage.
pub const PROGRAMS: &[Program] = &[
    program("nbody", 1, 1, &["--iterations=200"]),
    program("fannkuch", 1, 1, &["--demo-argument=6"]),
    program("spectral_norm", 1, 3, &["--demo-global=DEFAULT_N=12"]),
    program("richards", 2, 400, &["--demo-loops=1"]),
    program(
        "chaos",
        1,
        30,
        &["--width=24", "--height=24", "--iterations=300"],
    ),
    program("nqueens", 2, 1, &["--demo-argument=5", "--demo-loops=1"]),
    program("raytrace", 1, 6, &["--width=10", "--height=10"]),
    own("classes", 20, &["--demo-argument=1"]),
    own("strings", 20, &["--demo-argument=1"]),
    Program {
        needs_collector: true,
        ..own("garbage", 10, &["--demo-argument=5"])
    },
];

/// One feature each, for looking at that feature: they say little about real programs.
pub const MICRO_PROGRAMS: &[Program] = &[
    micro("int_while_sum", &["--demo-argument=4000"]),
    micro("float_loop", &["--demo-argument=4000"]),
    micro("fib_rec", &["--demo-argument=12"]),
    micro("attr_method", &["--demo-argument=3000"]),
    micro("call_kinds", &["--demo-argument=800"]),
];

impl Program {
    /// The program's file; those of pyperformance are below `folder`, the answer of [`fetch`].
    pub fn file(&self, folder: &Path) -> PathBuf {
        match self.place {
            Place::Ours(prefix) => {
                paths::root().join(format!("tools/demo/{prefix}{}.py", self.name))
            }
            Place::Pyperformance => folder.join(format!("bm_{}/run_benchmark.py", self.name)),
        }
    }
}

/// The folder of the unpacked programs, fetched first if the cache has none.
///
/// # Errors
/// One line: what is missing, or that a file is not what was pinned.
pub fn fetch() -> Result<PathBuf, String> {
    let requirements = paths::root().join("tools/demo/requirements.txt");
    let text = fs::read_to_string(&requirements)
        .map_err(|error| format!("{}: {error}", requirements.display()))?;
    let (version, hash) = pinned(&text).ok_or("tools/demo/requirements.txt pins no version")?;
    let folder = paths::cache().join(format!("pyperformance-{version}"));
    let programs = folder.join("programs");
    if !programs.is_dir() {
        let wheel = folder.join(format!("pyperformance-{version}-py3-none-any.whl"));
        if !wheel.is_file() {
            println!("x: downloading pyperformance {version} from PyPI");
            download(&requirements, &folder)?;
        }
        unpack(&wheel, hash, &folder, &programs)?;
    }
    // The stand-in is ours and may have changed since.
    let stand_in = paths::root().join("tools/demo/pyperf.py");
    let foreign = |program: &&Program| matches!(program.place, Place::Pyperformance);
    for program in PROGRAMS.iter().filter(foreign) {
        let beside = program.file(&programs).with_file_name("pyperf.py");
        fs::copy(&stand_in, &beside).map_err(|error| format!("{}: {error}", beside.display()))?;
    }
    Ok(programs)
}

/// Version and hash of the one requirement.
fn pinned(text: &str) -> Option<(&str, &str)> {
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("pyperformance=="))?;
    let (version, hash) = line.split_once(" --hash=sha256:")?;
    Some((version.trim(), hash.trim()))
}

/// Any `pip` will do: the wheel is pure Python and pip itself refuses a wrong hash.
fn download(requirements: &Path, folder: &Path) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let python = setup::cpython()?.program.display().to_string();
    let candidates: [&[&str]; 4] = [
        &[&python, "-m", "pip"],
        &["python3", "-m", "pip"],
        &["pip3"],
        &["pip"],
    ];
    let mut complaint = String::from("no pip found");
    for pip in candidates {
        let mut command = Command::new(pip[0]);
        command
            .args(&pip[1..])
            .args(["download", "--quiet", "--disable-pip-version-check"]);
        command.args(["--no-deps", "--require-hashes", "--only-binary=:all:"]);
        command
            .arg("--requirement")
            .arg(requirements)
            .arg("--dest")
            .arg(folder);
        match process::run(&mut command, Duration::from_secs(300)) {
            Ok(outcome) if outcome.success() => return Ok(()),
            Ok(outcome) if outcome.stderr.contains("No module named pip") => {}
            Ok(outcome) => complaint = outcome.complaint(),
            Err(_) => {}
        }
    }
    Err(format!(
        "pyperformance could not be downloaded ({complaint}): install pip with apt-get install \
         python3-pip, or check the network"
    ))
}

/// Checks the wheel, unpacks it aside and moves the programs in place in one step, so that an
/// interrupted setup leaves no half of them behind.
fn unpack(wheel: &Path, hash: &str, folder: &Path, programs: &Path) -> Result<(), String> {
    const SCRIPT: &str = "import hashlib, sys, zipfile
data = open(sys.argv[1], 'rb').read()
found = hashlib.sha256(data).hexdigest()
if found != sys.argv[2]:
    sys.exit('%s: SHA-256 is %s, not the pinned %s' % (sys.argv[1], found, sys.argv[2]))
zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[3])
";
    let aside = folder.join("unpacking");
    // A leftover of an interrupted run, if any.
    let _ = fs::remove_dir_all(&aside);
    let python = setup::cpython()?;
    let mut command = python.command();
    command
        .args(["-I", "-c", SCRIPT])
        .arg(wheel)
        .arg(hash)
        .arg(&aside);
    let outcome = process::run(&mut command, Duration::from_secs(120))
        .map_err(|error| format!("{}: {error}", python.program.display()))?;
    if !outcome.success() {
        return Err(outcome.last_error_line().to_string());
    }
    fs::rename(aside.join("pyperformance/data-files/benchmarks"), programs)
        .map_err(|error| format!("{}: {error}", programs.display()))?;
    fs::remove_dir_all(&aside).map_err(|error| format!("{}: {error}", aside.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requirement_pins_version_and_hash() {
        let text = include_str!("../../demo/requirements.txt");
        let (version, hash) = pinned(text).expect("pinned");
        assert_eq!(version.split('.').count(), 3);
        assert_eq!(hash.len(), 64);
        assert_eq!(pinned("pyperformance==1.0"), None);
    }

    #[test]
    fn a_wheel_with_another_hash_is_refused() {
        let folder = std::env::temp_dir().join(format!("ouro-wheel-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("writable");
        let wheel = folder.join("x.whl");
        fs::write(&wheel, "not the wheel").expect("writable");
        let error = unpack(&wheel, &"0".repeat(64), &folder, &folder.join("programs"));
        fs::remove_dir_all(&folder).expect("writable");
        assert!(error.expect_err("refused").contains("not the pinned"));
    }
}
