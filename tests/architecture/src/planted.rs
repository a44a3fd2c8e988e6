//! A folder with planted files, for the tests of the rules; removed when dropped.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct Planted {
    root: PathBuf,
}

impl Planted {
    /// Writes each (path, contents) below a fresh folder.
    pub fn new(files: &[(&str, &str)]) -> Planted {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("ouro-architecture-{}-{number}", std::process::id());
        let root = std::env::temp_dir().join(name);
        for (path, contents) in files {
            let file = root.join(path);
            let folder = file.parent().expect("a file is in a folder");
            fs::create_dir_all(folder).expect("the temporary folder is writable");
            fs::write(&file, contents).expect("the temporary folder is writable");
        }
        Planted { root }
    }

    pub fn root(&self) -> &Path {
        &self.root
    }
}

impl Drop for Planted {
    fn drop(&mut self) {
        // A leftover in the temporary folder is not worth a second panic.
        let _ = fs::remove_dir_all(&self.root);
    }
}
