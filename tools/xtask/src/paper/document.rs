//! The table in an entry's `README.md`: between two comments, so that a command can write it anew.

use ouro_bench::machine::Machine;
use ouro_bench::timings::{self, Published, Timings};

const START: &str = "<!-- the table: ./x paper KEY --write -->";
const END: &str = "<!-- end of the table -->";

/// The table and what it was measured on.
pub fn table(timings: &Timings, published: &[Published], machine: &Machine) -> String {
    let mut text = timings::markdown(timings, published);
    let versions = timings
        .columns
        .iter()
        .map(|it| format!("{}: {}", it.name, it.version));
    let versions: Vec<String> = versions.collect();
    text += &format!(
        "\nCPU time, medians of {} processes, and how many times faster than {}. {}. {}. {}.\n",
        timings.repeat,
        timings.columns[0].name,
        versions.join("; "),
        machine.line(),
        machine.when
    );
    text
}

/// A document with another table in it.
///
/// # Errors
/// When it has no place for one.
pub fn with_table(document: &str, table: &str) -> Result<String, String> {
    let parts = document.split_once(START).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = parts.ok_or(format!("it has no lines {START} and {END}"))?;
    Ok(format!(
        "{before}{START}\n\n{}\n\n{END}{after}",
        table.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_takes_the_place_of_the_old_one() {
        let document = format!("before\n{START}\nold\n{END}\nafter\n");
        let once = with_table(&document, "new\n").expect("it has a place");
        assert_eq!(once, format!("before\n{START}\n\nnew\n\n{END}\nafter\n"));
        assert_eq!(with_table(&once, "new\n"), Ok(once));
        assert!(with_table("no place", "new").is_err());
    }
}
