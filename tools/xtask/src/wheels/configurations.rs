//! Under which options the tests of a package run here.

use crate::collectors::{Collector, Kind};

/// A row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Configuration {
    /// `-X` options; none are the defaults.
    pub options: Vec<String>,
    /// Runs one case in so many.
    pub one_in: u32,
}

impl Configuration {
    fn new(options: &[&str], one_in: u32) -> Configuration {
        Configuration {
            options: options.iter().map(|it| it.to_string()).collect(),
            one_in,
        }
    }

    pub fn name(&self) -> String {
        let options = match self.options.is_empty() {
            true => "defaults".to_string(),
            false => self.options.join(" "),
        };
        match self.one_in {
            1 => options,
            n => format!("{options}, one case in {n}"),
        }
    }
}

/// The defaults only.
pub fn default(one_in: u32) -> Vec<Configuration> {
    vec![Configuration::new(&[], one_in)]
}

/// Every collector that collects, with and without the compiler; `full` adds collections and failing guards at short
/// intervals on a part of the cases. `share` divides all numbers of cases.
pub fn all(collectors: &[Collector], full: bool, share: u32) -> Vec<Configuration> {
    let mut rows = Vec::new();
    for collector in collectors {
        if collector.kind == Kind::NeverCollects {
            continue;
        }
        let plain = format!("gc={}", collector.name);
        for jit in ["jit=off", "jit=on"] {
            rows.push(Configuration::new(&[jit, &plain], share));
        }
        if !full {
            continue;
        }
        // A collection by an oracle takes several times longer than others.
        let (interval, one_in) = match collector.kind {
            Kind::Oracle => (997, 12),
            _ => (97, 6),
        };
        let stress = format!("{plain},stress={interval}");
        let mut stressed = vec![
            (["jit=off", &stress], one_in),
            (["jit=on,threshold=1", &stress], one_in),
            (["jit=on,threshold=1,guard-stress=3", &plain], one_in),
        ];
        let small = format!("{plain},nursery=64K,verify=20");
        if collector.kind == Kind::Everyday {
            stressed.push((["jit=on", &small], one_in));
        }
        for (options, one_in) in stressed {
            rows.push(Configuration::new(&options, one_in * share));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collector(name: &str, kind: Kind) -> Collector {
        Collector {
            name: name.into(),
            kind,
        }
    }

    #[test]
    fn every_collector_that_collects_has_rows() {
        let known = [
            collector("new", Kind::Everyday),
            collector("slow", Kind::Oracle),
            collector("none", Kind::NeverCollects),
        ];
        let plain = all(&known, false, 1);
        let names: Vec<String> = plain.iter().map(Configuration::name).collect();
        assert_eq!(
            names,
            [
                "jit=off gc=new",
                "jit=on gc=new",
                "jit=off gc=slow",
                "jit=on gc=slow"
            ]
        );
        let full = all(&known, true, 1);
        assert!(plain.iter().all(|row| full.contains(row)));
        assert!(
            full.iter()
                .any(|row| row.options[1].contains("stress=997") && row.one_in == 12)
        );
    }
}
