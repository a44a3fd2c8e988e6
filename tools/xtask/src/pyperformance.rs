//! pyperformance from PyPI, pinned by version and hash, unpacked into the cache with our stand-in for `pyperf`
//! beside each program that the list of the benchmark runner names. The programs are not modified.

use crate::{paths, pip, process, setup};
use ouro_bench::suite::{self, Program};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What `from` of the list says of the programs that are here.
const PACKAGE: &str = "pyperformance";

/// A program's file; those of pyperformance are below `folder`, the answer of [`fetch`].
pub fn file(program: &Program, folder: &Path) -> PathBuf {
    match &program.from {
        None => paths::root().join(&program.file),
        Some(_) => folder.join(&program.file),
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
            pip::download(&requirements, &folder, &["--only-binary=:all:"])
                .map_err(String::from)
                .map_err(|error| format!("pyperformance could not be downloaded: {error}"))?;
        }
        unpack(&wheel, hash, &folder, &programs)?;
    }
    // The stand-in is ours and may have changed since.
    let stand_in = paths::root().join("tools/demo/pyperf.py");
    let all = suite::programs();
    for program in all.iter().filter(|it| it.from.as_deref() == Some(PACKAGE)) {
        let beside = file(program, &programs).with_file_name("pyperf.py");
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
