//! Random programs on every collector that frees anything.
use ouro_gc::model::Suite;
use ouro_gc::model::pairs::settings::collecting_rows;
use ouro_gc::*;

/// What programs on such a collector must have come across.
fn wanted(row: &CollectorInfo) -> Vec<&'static str> {
    let mut wanted = vec![
        "major collections",
        "held",
        "links made",
        "freed",
        "pending",
        "left",
        "unlinked",
        "resurrected",
        "linked while pending",
        "linked after pending",
        "collected while draining",
        "pairs kept by finalizers",
        "weak references cleared",
        "cycles over both sides",
        "address of a dead object used again",
    ];
    if row.capabilities.moves {
        wanted.extend(["objects moved", "links moved", "promoted in place"]);
    }
    if row.capabilities.generational {
        wanted.extend(["minor collections", "looked at by minor collections"]);
    }
    wanted
}

#[test]
fn random_programs_agree_with_the_mirror() {
    let report = match Suite::of(COLLECTORS).run_pairs() {
        Ok(report) => report,
        Err(message) => panic!("{message}"),
    };
    for row in collecting_rows() {
        let seen = &report[row.name];
        println!("{}: {seen:?}", row.name);
        for what in wanted(row) {
            // A few programs may miss something.
            assert!(
                seen["programs"] < 1000
                    || seen.get(what).is_some_and(|&n| n >= seen["programs"] / 100),
                "the programs on {} saw too few: {what}",
                row.name
            );
        }
    }
}

ouro_gc::pair_tests!(COLLECTORS);
