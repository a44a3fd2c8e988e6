//! Random programs on every collector that frees anything.
use ouro_gc::model::pairs::settings::collecting_rows;
use ouro_gc::model::pairs::suite::run;
use ouro_gc::*;

/// Programs for each collector, unless the environment says otherwise.
const CASES: u64 = 2000;

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not {text:?}")),
    )
}

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
    let cases = number("OURO_PAIRING_CASES").unwrap_or(CASES);
    let seed = number("OURO_PAIRING_SEED").unwrap_or_else(|| {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        now.expect("the clock is past 1970").as_nanos() as u64
    });
    println!("OURO_PAIRING_SEED={seed} OURO_PAIRING_CASES={cases}");
    for row in collecting_rows() {
        let started = std::time::Instant::now();
        let coverage = match run(row, seed, cases, false) {
            Ok(coverage) => coverage,
            Err(failure) => panic!("{}", failure.message),
        };
        println!("{} {:?}: {coverage:?}", row.name, started.elapsed());
        for what in wanted(row) {
            // A few programs may miss something.
            assert!(
                cases < CASES / 2 || coverage.0.get(what).is_some_and(|&n| n >= cases / 100),
                "the programs on {} saw too few: {what}",
                row.name
            );
        }
    }
}
