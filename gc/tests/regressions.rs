//! Programs that failed once: every file of `gc/tests/regressions` runs on all collectors.
use ouro_gc::COLLECTORS;
use ouro_gc::model::Regression;
use std::path::Path;

#[test]
fn programs_that_failed_once_pass() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/regressions");
    let entries = std::fs::read_dir(&folder).expect("the folder is there");
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "txt"));
    files.sort();
    assert!(!files.is_empty(), "there are programs");
    for file in files {
        let text = std::fs::read_to_string(&file).expect("the file can be read");
        let result = Regression::parse(&text).and_then(|program| program.replay(COLLECTORS));
        if let Err(error) = result {
            panic!("{}: {error}", file.display());
        }
    }
}
