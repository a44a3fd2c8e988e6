//! A dump in words.
use super::analysis::{Analysis, Usage};
use super::read::HeapDump;
use std::fmt::Write;

/// What a summary shows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wanted {
    /// So many rows of each table.
    pub rows: usize,
    /// Paths from roots to this object: its address in hexadecimal, or a name of objects, of which the first few are shown.
    pub path_to: Option<String>,
}

/// So many paths are shown for a name.
const MOST_PATHS: usize = 3;

impl HeapDump {
    /// The dump in words: bytes by name, the objects that keep the most, and paths if any are wanted.
    pub fn summary(&self, wanted: &Wanted) -> String {
        let analysis = Analysis::new(self);
        let mut text = String::new();
        let usage = analysis.usage();
        let sum = |pick: fn(&(Usage, Usage)) -> Usage| {
            usage
                .values()
                .map(pick)
                .fold((0, 0), |(objects, bytes), u| {
                    (objects + u.objects, bytes + u.bytes)
                })
        };
        let (live, dead) = (sum(|u| u.0), sum(|u| u.1));
        let collector = self.about("collector").unwrap_or("?");
        let roots = (self.precise_roots.len(), self.ambiguous_roots.len());
        let _ = writeln!(text, "collector {collector}");
        let _ = writeln!(text, "{} objects, {} bytes reachable", live.0, live.1);
        let _ = writeln!(text, "{} objects, {} bytes not reachable", dead.0, dead.1);
        let _ = writeln!(text, "{} slots and {} words are roots", roots.0, roots.1);
        let mut rows: Vec<_> = usage.iter().collect();
        rows.sort_by_key(|(name, (live, dead))| {
            (std::cmp::Reverse(live.bytes + dead.bytes), **name)
        });
        let _ = writeln!(
            text,
            "\n{:>12} {:>10} {:>12}  name",
            "bytes", "objects", "dead bytes"
        );
        for (name, (live, dead)) in rows.into_iter().take(wanted.rows) {
            let _ = writeln!(
                text,
                "{:>12} {:>10} {:>12}  {name}",
                live.bytes, live.objects, dead.bytes
            );
        }
        let _ = writeln!(
            text,
            "\n{:>12} {:>10}  object that keeps them",
            "bytes", "own bytes"
        );
        for n in analysis.keepers(wanted.rows) {
            let (kept, own) = (analysis.retained_bytes(n), self.objects[n].bytes);
            let _ = writeln!(text, "{kept:>12} {own:>10}  {}", self.title(n));
        }
        if let Some(name) = &wanted.path_to {
            let _ = writeln!(text, "\nfrom a root to {name}:");
            let found = self.named(name);
            if found.is_empty() {
                let _ = writeln!(text, "there is no such object");
            }
            for n in found {
                let path: Vec<String> = analysis.path(n).iter().map(|&n| self.title(n)).collect();
                let line = match path.is_empty() {
                    true => format!("{} is not reachable", self.title(n)),
                    false => path.join(" -> "),
                };
                let _ = writeln!(text, "{line}");
            }
        }
        text
    }
    fn title(&self, n: usize) -> String {
        let object = &self.objects[n];
        format!("{} at {:x}", self.name(object), object.address)
    }
    /// The object at an address, or the first few of a name.
    fn named(&self, name: &str) -> Vec<usize> {
        let address = u64::from_str_radix(name.trim_start_matches("0x"), 16);
        if let Some(n) = address.ok().and_then(|at| self.find(at)) {
            return vec![n];
        }
        let all = (0..self.objects.len()).filter(|&n| self.name(&self.objects[n]) == name);
        all.take(MOST_PATHS).collect()
    }
}
