//! What two runs of the same cases say of each other.

use super::cases::Case;
use std::collections::{BTreeMap, HashMap};

/// The share of cases that must do here what they do on CPython, in per cent.
pub const FLOOR: f64 = 90.0;

/// The comparison of one package under one configuration.
#[derive(Debug, Default, PartialEq)]
pub struct Comparison {
    /// Cases that both runs know or one of them.
    pub cases: usize,
    /// Those that CPython passes (or that fail there as they are expected to).
    pub there: usize,
    /// Of these, those that need a module of the standard library that is not here, by module.
    pub needs: BTreeMap<String, usize>,
    /// Of the rest, those that do the same here.
    pub here: usize,
    /// The others: the case, how it ended here, and why.
    pub differences: Vec<String>,
}

impl Comparison {
    pub fn of(oracle: &[Case], got: &[Case]) -> Comparison {
        let here: HashMap<&str, &Case> = got.iter().map(|case| (case.id.as_str(), case)).collect();
        let mut comparison = Comparison {
            cases: oracle.len(),
            ..Comparison::default()
        };
        for case in oracle {
            if !matches!(case.outcome.as_str(), "passed" | "xfailed") {
                continue;
            }
            comparison.there += 1;
            // A file that could not be read here has no cases, but a line of its own.
            let file = case.id.split("::").next().unwrap_or_default();
            let own = here.get(case.id.as_str()).or_else(|| here.get(file));
            match own {
                Some(own) if own.id == case.id && own.outcome == case.outcome => {
                    comparison.here += 1;
                }
                Some(own) => comparison.note(case, own),
                None => comparison
                    .differences
                    .push(format!("{}: not found here", case.id)),
            }
        }
        comparison
    }

    /// A case that CPython passes and that ends otherwise here.
    fn note(&mut self, case: &Case, own: &Case) {
        let needed = own.needs.iter().find(|module| !case.needs.contains(module));
        if let (Some(module), "skipped" | "failed") = (needed, own.outcome.as_str()) {
            *self.needs.entry(module.clone()).or_default() += 1;
            return;
        }
        let detail: Vec<&str> = own.detail.split_whitespace().collect();
        let detail: String = detail.join(" ").chars().take(240).collect();
        self.differences
            .push(format!("{}: {} here: {detail}", case.id, own.outcome));
    }

    /// What must do the same here.
    pub fn counted(&self) -> usize {
        self.there - self.needs.values().sum::<usize>()
    }

    /// In per cent; nothing to do is all of it.
    pub fn share(&self) -> f64 {
        match self.counted() {
            0 => 100.0,
            counted => 100.0 * self.here as f64 / counted as f64,
        }
    }

    /// Whether the floor holds.
    pub fn holds(&self) -> bool {
        self.there > 0 && self.share() >= FLOOR
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(id: &str, outcome: &str, needs: &[&str]) -> Case {
        Case {
            id: id.into(),
            outcome: outcome.into(),
            detail: "why\n so".into(),
            needs: needs.iter().map(|it| it.to_string()).collect(),
        }
    }

    #[test]
    fn cases_are_compared_one_by_one() {
        let there = [
            case("t.py::a", "passed", &[]),
            case("t.py::b", "passed", &[]),
            case("t.py::c", "failed", &[]),
            case("t.py::d", "passed", &[]),
            case("t.py::e", "xfailed", &[]),
            case("u.py::f", "passed", &[]),
        ];
        let here = [
            case("t.py::a", "passed", &[]),
            case("t.py::b", "failed", &[]),
            case("t.py::c", "passed", &[]),
            case("t.py::d", "skipped", &["mmap"]),
            case("t.py::e", "xfailed", &[]),
            case("u.py", "failed", &["zlib"]),
        ];
        let comparison = Comparison::of(&there, &here);
        assert_eq!(
            (comparison.cases, comparison.there, comparison.here),
            (6, 5, 2)
        );
        let needs: Vec<_> = comparison.needs.clone().into_iter().collect();
        assert_eq!(needs, [("mmap".into(), 1), ("zlib".into(), 1)]);
        assert_eq!(comparison.differences, ["t.py::b: failed here: why so"]);
        assert!((comparison.share() - 66.7).abs() < 0.1);
    }

    #[test]
    fn a_module_that_is_missing_on_both_explains_nothing() {
        let there = [case("t.py::a", "passed", &["winreg"])];
        let here = [case("t.py::a", "failed", &["winreg"])];
        assert_eq!(Comparison::of(&there, &here).differences.len(), 1);
    }

    #[test]
    fn the_floor_is_the_same_for_few_cases() {
        let of = |there, here| Comparison {
            there,
            here,
            ..Comparison::default()
        };
        assert!(of(10, 9).holds() && of(1, 1).holds());
        assert!(!of(8, 7).holds() && !of(1, 0).holds() && !of(19, 17).holds());
    }

    #[test]
    fn a_run_without_a_case_does_not_hold() {
        assert!(!Comparison::of(&[], &[]).holds());
    }
}
