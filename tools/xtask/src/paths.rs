//! Where things are: the repository, cargo's output, and the cache of fetched things.

use std::path::{Path, PathBuf};

/// The repository's root folder.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .expect("tools/xtask is two folders below the root")
        .to_path_buf()
}

/// Cargo's target folder: the one this very program was built into.
pub fn target() -> PathBuf {
    let own = std::env::current_exe().ok();
    own.as_deref()
        .and_then(|exe| exe.ancestors().nth(2))
        .map_or_else(|| root().join("target"), Path::to_path_buf)
}

/// What `./x setup` fetches; deleting it costs a download and nothing else.
pub fn cache() -> PathBuf {
    root().join(".cache")
}

/// The optimized interpreter: the one `OURO_BINARY` names, else the one that is built here.
pub fn ouro() -> PathBuf {
    given_ouro().unwrap_or_else(|| target().join("release/ouro"))
}

/// An interpreter built elsewhere, which is then used as it is.
pub fn given_ouro() -> Option<PathBuf> {
    std::env::var_os("OURO_BINARY").map(PathBuf::from)
}
