//! Gets a package into the cache: the wheel, as it would be installed, and its tests out of the source archive.

use super::pins::Package;
use crate::{paths, pip, process, setup};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The platforms whose wheels run here, newest first.
const PLATFORMS: &[&str] = &[
    "manylinux_2_28_x86_64",
    "manylinux_2_17_x86_64",
    "manylinux2014_x86_64",
    "manylinux_2_12_x86_64",
    "manylinux_2_5_x86_64",
];

/// A package that is in the cache.
pub struct Unpacked {
    /// The folder that goes on the path.
    pub site: PathBuf,
    /// The folder of its tests.
    pub tests: PathBuf,
}

/// The package, downloaded and unpacked first if the cache does not have it as it is pinned.
///
/// # Errors
/// One line: what is missing, or that a file is not what was pinned.
pub fn fetch(package: &Package) -> Result<Unpacked, String> {
    let name = format!("{}-{}", package.name, package.version);
    let folder = paths::cache().join("wheels").join(&name);
    let unpacked = Unpacked {
        site: folder.join("site"),
        tests: folder.join("source").join(&package.tests),
    };
    let pin = format!("{}\n{}\n", package.wheel, package.sdist);
    // Written last: what an interrupted run left behind has none.
    let marker = folder.join("pinned");
    if fs::read_to_string(&marker).is_ok_and(|known| known == pin) {
        return Ok(unpacked);
    }
    let archives = folder.join("archives");
    println!("x: downloading the wheel and the tests of {name} from PyPI");
    let mut options = vec!["--only-binary=:all:", "--python-version=3.11"];
    options.extend(["--implementation=cp", "--abi=cp311", "--abi=abi3"]);
    let platforms: Vec<String> = PLATFORMS
        .iter()
        .map(|it| format!("--platform={it}"))
        .collect();
    options.extend(platforms.iter().map(String::as_str));
    for (kind, hash, options) in [
        ("wheel", &package.wheel, options.as_slice()),
        ("sdist", &package.sdist, &["--no-binary=:all:"]),
    ] {
        let requirement = folder.join(format!("{kind}.txt"));
        let line = format!(
            "{}=={} --hash=sha256:{hash}\n",
            package.name, package.version
        );
        write(&requirement, &line)?;
        pip::download(&requirement, &archives.join(kind), options)
            .map_err(|error| format!("{kind} of {name} could not be downloaded: {error}"))?;
    }
    unpack(&archives.join("wheel"), &package.wheel, "", &unpacked.site)?;
    let source = folder.join("source");
    unpack(
        &archives.join("sdist"),
        &package.sdist,
        &package.tests,
        &source,
    )?;
    if !unpacked.tests.is_dir() {
        return Err(format!(
            "{name}: the source archive has no {}",
            package.tests
        ));
    }
    write(&marker, &pin)?;
    Ok(unpacked)
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let parent = path.parent().expect("a file is in a folder");
    fs::create_dir_all(parent)
        .and_then(|()| fs::write(path, text))
        .map_err(|error| format!("{}: {error}", path.display()))
}

/// Unpacks the one archive of a folder, or of a source archive the one folder that is asked for, after checking its hash.
/// It is done aside and moved in one step, so that an interrupted run leaves no half of it behind.
fn unpack(archives: &Path, hash: &str, part: &str, to: &Path) -> Result<(), String> {
    const SCRIPT: &str = "import hashlib, os, sys, tarfile, zipfile
folder, pinned, part, to = sys.argv[1:]
names = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
hashes = {hashlib.sha256(open(name, 'rb').read()).hexdigest(): name for name in names}
if pinned not in hashes:
    found = ', '.join('%s of %s' % (digest, os.path.basename(name)) for digest, name in hashes.items())
    sys.exit('the pinned SHA-256 is %s, there is %s' % (pinned, found or 'no file'))
name = hashes[pinned]
if name.endswith('.tar.gz'):
    with tarfile.open(name) as archive:
        for member in archive.getmembers():
            member.name = member.name.partition('/')[2]
            inside = member.name == part or member.name.startswith(part + '/')
            if inside and '..' not in member.name.split('/') and (member.isfile() or member.isdir()):
                archive.extract(member, to)
else:
    zipfile.ZipFile(name).extractall(to)
";
    let aside = to.with_extension("unpacking");
    // Leftovers of an interrupted run or of another version, if any.
    let _ = fs::remove_dir_all(&aside);
    let _ = fs::remove_dir_all(to);
    fs::create_dir_all(&aside).map_err(|error| format!("{}: {error}", aside.display()))?;
    let python = setup::cpython()?;
    let mut command = python.command();
    command.args(["-I", "-c", SCRIPT]).arg(archives).arg(hash);
    command.arg(part).arg(&aside);
    let outcome = process::run(&mut command, Duration::from_secs(120))
        .map_err(|error| format!("{}: {error}", python.program.display()))?;
    if !outcome.success() {
        let _ = fs::remove_dir_all(&aside);
        let said = outcome.last_error_line();
        return Err(format!("{}: {said}", archives.display()));
    }
    fs::rename(&aside, to).map_err(|error| format!("{}: {error}", to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_with_another_hash_is_refused() {
        let folder = std::env::temp_dir().join(format!("ouro-wheels-{}", std::process::id()));
        let archives = folder.join("archives");
        write(&archives.join("x-1.whl"), "not the wheel").expect("writable");
        let to = folder.join("site");
        let error = unpack(&archives, &"0".repeat(64), "", &to).expect_err("refused");
        assert!(
            error.contains("pinned") && error.contains("x-1.whl"),
            "{error}"
        );
        assert!(!to.exists() && !to.with_extension("unpacking").exists());
        fs::remove_dir_all(&folder).expect("writable");
    }
}
