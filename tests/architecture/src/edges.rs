//! Crates depend only on what the policy allows, and take every dependency from the workspace.

use crate::files;
use crate::policy::Policy;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use toml::{Table, Value};

/// Tables of a manifest that hold dependencies, at its top or below `target.*`.
const KINDS: &[&str] = &["dependencies", TESTS, "build-dependencies"];
const TESTS: &str = "dev-dependencies";

/// One line for each edge that is not allowed, each crate the policy does not know, each row of the
/// policy without a crate, and each dependency with a version or path of its own.
pub fn violations(root: &Path, policy: &Policy) -> Vec<String> {
    let crates = workspace_crates(root);
    let mut found = Vec::new();
    for (name, (folder, manifest)) in &crates {
        let Some(allowed) = policy.edges.get(name) else {
            found.push(format!(
                "{folder}: crate {name} is not in architecture.toml"
            ));
            continue;
        };
        let allowed: BTreeSet<&str> = allowed.iter().map(String::as_str).collect();
        let for_tests = policy.test_edges.get(name).map_or(&[][..], Vec::as_slice);
        for (kind, dependency, how) in dependencies(manifest) {
            if how.get("workspace").and_then(Value::as_bool) != Some(true) {
                found.push(format!("{name}: {dependency} is not `workspace = true`"));
            }
            let inside = crates.contains_key(&dependency);
            let may = allowed.contains("*")
                || allowed.contains(dependency.as_str())
                || (kind == TESTS && for_tests.contains(&dependency));
            if inside && !may {
                found.push(format!("{name}: must not depend on {dependency}"));
            }
        }
    }
    for name in policy
        .edges
        .keys()
        .filter(|name| !crates.contains_key(*name))
    {
        found.push(format!(
            "architecture.toml names {name}, which is no crate of the workspace"
        ));
    }
    found
}

/// Folder and manifest of each member, by the name of its package.
fn workspace_crates(root: &Path) -> BTreeMap<String, (String, Table)> {
    let workspace = manifest(&root.join("Cargo.toml"));
    let members = workspace["workspace"]["members"]
        .as_array()
        .expect("the workspace lists members");
    let mut crates = BTreeMap::new();
    for member in members {
        let folder = member.as_str().expect("a member is a path");
        let manifest = manifest(&root.join(folder).join("Cargo.toml"));
        let name = manifest["package"]["name"]
            .as_str()
            .expect("a package has a name");
        crates.insert(name.to_string(), (folder.to_string(), manifest.clone()));
    }
    crates
}

fn manifest(file: &Path) -> Table {
    files::text(file)
        .parse()
        .unwrap_or_else(|e| panic!("{}: {e}", file.display()))
}

/// Kind, name and description of every dependency.
fn dependencies(manifest: &Table) -> Vec<(&'static str, String, Table)> {
    let targets = manifest.get("target").and_then(Value::as_table);
    let targets = targets.into_iter().flat_map(|targets| targets.values());
    let tables = std::iter::once(manifest).chain(targets.filter_map(Value::as_table));
    let mut found = Vec::new();
    for table in tables {
        for kind in KINDS {
            let entries = table.get(*kind).and_then(Value::as_table);
            for (name, how) in entries.into_iter().flatten() {
                // `name = "1.0"` is short for a table with a version.
                found.push((
                    *kind,
                    name.clone(),
                    how.as_table().cloned().unwrap_or_default(),
                ));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::Planted;

    const POLICY: &str =
        "[crates]\nlow = []\nhigh = [\"low\"]\n[test-crates]\n[unsafe]\nfiles = []\n[names]\n";
    const WORKSPACE: &str = "[workspace]\nmembers = [\"low\", \"high\"]\n";

    fn check(policy: &str, low: &str, high: &str) -> Vec<String> {
        let low = format!("[package]\nname = \"low\"\n{low}");
        let high = format!("[package]\nname = \"high\"\n{high}");
        let planted = Planted::new(&[
            ("architecture.toml", policy),
            ("Cargo.toml", WORKSPACE),
            ("low/Cargo.toml", &low),
            ("high/Cargo.toml", &high),
        ]);
        violations(planted.root(), &Policy::read(planted.root()))
    }

    #[test]
    fn an_allowed_edge_passes() {
        assert!(check(POLICY, "", "[dependencies]\nlow.workspace = true").is_empty());
    }

    #[test]
    fn an_upward_edge_is_caught() {
        let found = check(POLICY, "[dependencies]\nhigh.workspace = true", "");
        assert_eq!(found, ["low: must not depend on high"]);
    }

    #[test]
    fn an_edge_of_tests_or_of_one_platform_is_caught_too() {
        let found = check(POLICY, "[dev-dependencies]\nhigh.workspace = true", "");
        assert_eq!(found, ["low: must not depend on high"]);
        let target = "[target.'cfg(unix)'.dependencies]\nhigh.workspace = true";
        assert_eq!(check(POLICY, target, ""), ["low: must not depend on high"]);
    }

    #[test]
    fn what_tests_may_use_other_code_may_not() {
        let policy = POLICY.replace("[test-crates]", "[test-crates]\nlow = ['high']");
        assert!(check(&policy, "[dev-dependencies]\nhigh.workspace = true", "").is_empty());
        let found = check(&policy, "[dependencies]\nhigh.workspace = true", "");
        assert_eq!(found, ["low: must not depend on high"]);
    }

    #[test]
    fn a_dependency_with_its_own_version_is_caught() {
        let found = check(POLICY, "[dependencies]\nlibc = \"0.2\"", "");
        assert_eq!(found, ["low: libc is not `workspace = true`"]);
        let found = check(POLICY, "", "[dependencies]\nlow = { path = \"../low\" }");
        assert_eq!(found, ["high: low is not `workspace = true`"]);
    }

    #[test]
    fn crates_and_policy_name_each_other() {
        let without = POLICY.replace("low = []\n", "");
        assert_eq!(
            check(&without, "", ""),
            ["low: crate low is not in architecture.toml"]
        );
        let more = POLICY.replace("low = []", "low = []\ngone = []");
        assert_eq!(check(&more, "", "").len(), 1);
    }
}
