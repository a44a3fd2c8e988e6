//! Gets a package into the cache: the wheel, as it would be installed, and its tests out of the source archive.

use super::pins::Package;
use crate::pip::{self, Failure};
use crate::{paths, process, setup};
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
pub fn fetch(package: &Package) -> Result<Unpacked, Failure> {
    let tests = source(package).get()?.join(&package.tests);
    if !tests.is_dir() {
        let Package { name, version, .. } = package;
        let tests = &package.tests;
        return Err(format!("the source archive of {name} {version} has no {tests}").into());
    }
    Ok(Unpacked {
        site: site(package)?,
        tests,
    })
}

/// The folder of the unpacked wheel, fetched first if need be.
///
/// # Errors
/// As for [`fetch`].
pub fn site(package: &Package) -> Result<PathBuf, Failure> {
    wheel(package).get()
}

/// Whether nothing has to be downloaded.
pub fn is_here(package: &Package) -> bool {
    wheel(package).is_here() && source(package).is_here()
}

fn wheel(package: &Package) -> Part<'_> {
    let mut options = vec!["--only-binary=:all:".to_string()];
    options.extend(["--python-version=3.11", "--implementation=cp"].map(String::from));
    options.extend(["--abi=cp311", "--abi=abi3"].map(String::from));
    options.extend(PLATFORMS.iter().map(|it| format!("--platform={it}")));
    Part {
        package,
        kind: "wheel",
        hash: &package.wheel,
        options,
        inside: "",
    }
}

fn source(package: &Package) -> Part<'_> {
    Part {
        package,
        kind: "source",
        hash: &package.sdist,
        options: vec!["--no-binary=:all:".to_string()],
        inside: &package.tests,
    }
}

/// One of the two archives of a package, and the folder that it is unpacked into.
struct Part<'a> {
    package: &'a Package,
    kind: &'static str,
    hash: &'a str,
    /// What pip is told besides name, version and hash.
    options: Vec<String>,
    /// The folder in the archive that is unpacked; all of it if there is none.
    inside: &'a str,
}

impl Part<'_> {
    fn folder(&self) -> PathBuf {
        let name = format!("{}-{}", self.package.name, self.package.version);
        paths::cache().join("wheels").join(name)
    }

    /// Says what was unpacked. It is written last: what an interrupted run left behind has none.
    fn marker(&self) -> PathBuf {
        self.folder().join(format!("{}.pinned", self.kind))
    }

    fn is_here(&self) -> bool {
        fs::read_to_string(self.marker()).is_ok_and(|known| known == self.hash)
    }

    fn get(&self) -> Result<PathBuf, Failure> {
        let folder = self.folder();
        let to = folder.join(self.kind);
        if self.is_here() {
            return Ok(to);
        }
        // Another run may fetch the same package into the same cache: one of them does, and the other waits for it.
        let lock = folder.join("lock");
        write(&lock, "")?;
        let held = fs::File::open(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
        held.lock()
            .map_err(|error| format!("{}: {error}", lock.display()))?;
        if self.is_here() {
            return Ok(to);
        }
        let archives = folder.join("archives").join(self.kind);
        // The archive may be there from a run that was interrupted while it was unpacked.
        if !archives.is_dir() || unpack(&archives, self.hash, self.inside, &to).is_err() {
            self.download(&folder, &archives)?;
            unpack(&archives, self.hash, self.inside, &to)?;
        }
        write(&self.marker(), self.hash)?;
        Ok(to)
    }

    fn download(&self, folder: &Path, archives: &Path) -> Result<(), Failure> {
        let Package { name, version, .. } = self.package;
        println!("x: downloading {name} {version} from PyPI ({})", self.kind);
        let requirement = folder.join(format!("{}.txt", self.kind));
        let line = format!("{name}=={version} --hash=sha256:{}\n", self.hash);
        write(&requirement, &line)?;
        let options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        let kind = self.kind;
        let said = |why| format!("{name} {version} ({kind}) could not be downloaded: {why}");
        pip::download(&requirement, archives, &options).map_err(|failure| match failure {
            Failure::Offline(why) => Failure::Offline(said(why)),
            Failure::Wrong(why) => Failure::Wrong(said(why)),
        })
    }
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
