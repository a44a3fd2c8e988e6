//! The collectors of the interpreter: asked from the program itself, so that a new one is tested and
//! measured without a change here.

use crate::{paths, process};
use std::process::Command;
use std::time::Duration;

/// The collector that others are compared with.
pub const YARDSTICK: &str = "marksweep";

/// What may be asked of a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Runs everything, at every size.
    Everyday,
    /// The same, and has no nursery whose size could matter.
    WithoutNursery,
    /// Made to find errors: it runs everything, slowly.
    Oracle,
    /// Frees nothing: programs end when memory does.
    NeverCollects,
}

/// What is not like the others. A collector that is not listed is an everyday one.
const KINDS: &[(&str, Kind)] = &[
    ("marksweep", Kind::WithoutNursery),
    ("semispace", Kind::WithoutNursery),
    ("immix", Kind::WithoutNursery),
    ("reference", Kind::Oracle),
    ("null", Kind::NeverCollects),
];

/// A collector by its name on the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collector {
    pub name: String,
    pub kind: Kind,
}

impl Collector {
    fn named(name: &str) -> Collector {
        let known = KINDS.iter().find(|(known, _)| *known == name);
        Collector {
            name: name.into(),
            kind: known.map_or(Kind::Everyday, |(_, kind)| *kind),
        }
    }

    /// True of those that programs are run with in earnest.
    pub fn in_earnest(&self) -> bool {
        matches!(self.kind, Kind::Everyday | Kind::WithoutNursery)
    }
}

/// All collectors, the default one first, those of earnest before the others.
///
/// # Errors
/// When the interpreter does not answer.
pub fn ask() -> Result<Vec<Collector>, String> {
    let said = |option: &str| {
        let mut command = Command::new(paths::ouro());
        command
            .args(["-X", option, "-c", "pass"])
            .env_remove("OURO_GC");
        process::run(&mut command, Duration::from_secs(20))
            .map(|outcome| outcome.stderr)
            .map_err(|error| format!("{}: {error}", paths::ouro().display()))
    };
    // No collector has this name, and the answer to a wrong name is the list of the right ones.
    let list = said("gc=?")?;
    let mut collectors = listed(&list);
    if collectors.is_empty() {
        return Err(format!(
            "the interpreter lists no collectors, but says {list:?}"
        ));
    }
    let default = default_of(&said("gc-stats")?);
    collectors.sort_by_key(|collector| {
        (
            Some(&collector.name) != default.as_ref(),
            !collector.in_earnest(),
        )
    });
    Ok(collectors)
}

/// Reads the names out of a message such as `unknown collector "?"; known are null, marksweep`.
fn listed(message: &str) -> Vec<Collector> {
    let Some((_, list)) = message.lines().find_map(|line| line.rsplit_once("known")) else {
        return vec![];
    };
    let list = list.trim_start_matches([':', ' ']);
    let words = list.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-');
    words
        .filter(|word| !["", "are", "collectors"].contains(word))
        .map(Collector::named)
        .collect()
}

/// Reads the name out of the line `gc: collector    marksweep` of the statistics.
fn default_of(statistics: &str) -> Option<String> {
    let line = statistics
        .lines()
        .find_map(|line| line.strip_prefix("gc: collector"))?;
    Some(line.trim().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collectors_are_read_from_the_message_about_an_unknown_one() {
        let said = "ouro: unknown collector \"?\"; known are null, marksweep, immix\n";
        let names: Vec<String> = listed(said).into_iter().map(|it| it.name).collect();
        assert_eq!(names, ["null", "marksweep", "immix"]);
        assert_eq!(listed("Segmentation fault"), []);
    }

    #[test]
    fn the_default_is_read_from_the_statistics() {
        assert_eq!(
            default_of("gc: collector    immix\ngc: collections  0\n").as_deref(),
            Some("immix")
        );
        assert_eq!(default_of("gc: collections  0\n"), None);
    }

    #[test]
    fn an_unknown_collector_is_an_everyday_one() {
        assert!(Collector::named("immix").in_earnest());
        assert!(!Collector::named("null").in_earnest());
    }
}
