//! This repository keeps its own rules.

use ouro_architecture_tests::policy::Policy;
use ouro_architecture_tests::{citations, documents, edges, names, unsafe_files};
use std::path::Path;

fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors()
        .nth(2)
        .expect("tests/architecture is two folders below the root")
}

fn assert_none(violations: &[String]) {
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

#[test]
fn crates_depend_only_downwards_and_on_workspace_dependencies() {
    assert_none(&edges::violations(root(), &Policy::read(root())));
}

#[test]
fn unsafe_is_in_the_listed_files_only() {
    assert_none(&unsafe_files::violations(root(), &Policy::read(root())));
}

#[test]
fn core_folders_name_no_language_collector_or_backend() {
    assert_none(&names::violations(root(), &Policy::read(root())));
}

#[test]
fn documents_name_only_paths_that_exist() {
    assert_none(&documents::violations(root()));
}

#[test]
fn cited_papers_are_in_the_bibliography() {
    assert_none(&citations::violations(root()));
}
