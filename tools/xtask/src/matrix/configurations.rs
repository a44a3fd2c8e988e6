//! The rows of the matrix: collectors times ways to run code, times what makes errors show.

use crate::collectors::{Collector, Kind};

/// How one run of the interpreter is set up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    collector: String,
    jit: &'static str,
    /// Further options of the heap, each with a comma before it.
    heap: &'static str,
    /// Collect at each so many polls; 0 is when needed.
    stress: u32,
    /// The sampled matrix takes one program in this many.
    pub one_in: u32,
    /// Programs at full size run too, not only small ones.
    pub full_size: bool,
    pub never_collects: bool,
    oracle: bool,
}

/// About how many polls' worth of time the verification of a heap takes.
const POLLS_PER_VERIFICATION: u32 = 4;

impl Configuration {
    /// The `-X` options for a program for which a stress interval below `least_stress` takes too long.
    pub fn options(&self, least_stress: u32) -> Vec<String> {
        let least = self.least(least_stress);
        let stress = match self.stress {
            0 => String::new(),
            every => format!(",stress={}", every.max(least)),
        };
        // Verifying looks at the whole heap at each collection, which a small nursery makes many of.
        let verify = match self.verified() && least > POLLS_PER_VERIFICATION {
            true => format!("={}", least / POLLS_PER_VERIFICATION),
            false => String::new(),
        };
        let heap = self.heap.replace(",verify", &format!(",verify{verify}"));
        let heap = format!("gc={}{heap}{stress}", self.collector);
        vec![format!("jit={}", self.jit), heap]
    }

    /// A collection by an oracle takes several times longer than others.
    fn least(&self, least_stress: u32) -> u32 {
        match self.oracle && least_stress > 1 {
            true => least_stress * 10,
            false => least_stress,
        }
    }

    fn verified(&self) -> bool {
        self.heap.contains(",verify")
    }

    /// True if such a program runs under a longer interval than this row says.
    pub fn relaxed_by(&self, least_stress: u32) -> bool {
        let least = self.least(least_stress);
        let relaxed = self.stress > 0 && self.stress < least;
        relaxed || self.verified() && least > POLLS_PER_VERIFICATION
    }

    /// Its own options, for the reader and for choosing samples.
    pub fn name(&self) -> String {
        self.options(0).join(" ")
    }

    pub fn stressed(&self) -> bool {
        self.stress > 0
    }
}

/// A row for each collector in earnest: options of the compiler, of the heap, stress, sampling.
struct Row(&'static str, &'static str, u32, u32);

/// Small thresholds make the short programs compile. A failing guard-stress run means that resuming
/// from some guard is wrong; a failing stress run, that a reference was not where the collector looks
/// or was kept where it must not be.
const ROWS: &[Row] = &[
    Row("off", "", 0, 1),
    Row("on", "", 0, 1),
    Row("on,threshold=1", "", 0, 4),
    Row("on,threshold=1,min-instructions=1,shadow,check", "", 0, 6),
    Row("irexec,threshold=1,min-instructions=1", "", 0, 6),
    Row("on,threshold=1,guard-stress=1", "", 0, 6),
    Row("on,threshold=1,min-instructions=1,guard-stress=2", "", 0, 6),
    Row("on,threshold=1,guard-stress=3", "", 0, 6),
    Row("on,threshold=1,guard-stress=7", "", 0, 6),
    Row("off", "", 1, 12),
    Row("on,threshold=1", "", 1, 12),
    Row("irexec,threshold=1", "", 1, 24),
    Row("off", ",poison", 97, 6),
    Row("on,threshold=1", ",poison", 97, 6),
    Row("irexec,threshold=1", "", 97, 6),
    Row(
        "on,threshold=1,min-instructions=1,guard-stress=3",
        "",
        97,
        6,
    ),
    Row("off", ",verify", 97, 12),
    Row("on,threshold=1", ",verify", 97, 12),
];

/// The same for collectors with a nursery.
const NURSERY_ROWS: &[Row] = &[
    Row("off", ",nursery=64K", 0, 4),
    Row("on,threshold=1", ",nursery=64K", 0, 4),
    Row(
        "on,threshold=1,min-instructions=1",
        ",nursery=64K,verify,poison",
        0,
        6,
    ),
    Row("irexec,threshold=1", ",nursery=64K", 0, 12),
    Row("on,threshold=1,guard-stress=1", ",nursery=64K", 0, 12),
    Row("on,threshold=1", ",nursery=256K", 0, 12),
    Row("on,threshold=1", ",nursery=1M", 0, 12),
    Row("on,threshold=1", ",nursery=4M", 0, 12),
    Row("on,threshold=1", ",nursery=16M", 0, 12),
];

/// The same for an oracle, where each collection takes so long that one at each poll would end nothing.
const ORACLE_ROWS: &[Row] = &[
    Row("off", "", 0, 6),
    Row("on,threshold=1", "", 0, 6),
    Row("off", "", 7, 24),
    Row("on,threshold=1", "", 7, 24),
    Row("irexec,threshold=1", "", 97, 24),
    Row("on,threshold=1", "", 97, 12),
    Row("on,threshold=1,guard-stress=3", "", 97, 24),
];

/// The same where nothing is ever freed.
const NEVER_ROWS: &[Row] = &[Row("off", "", 0, 6), Row("on,threshold=1", "", 0, 12)];

/// All configurations of these collectors.
pub fn of(collectors: &[Collector]) -> Vec<Configuration> {
    let rows = |collector: &Collector| match collector.kind {
        Kind::Everyday => [ROWS, NURSERY_ROWS].concat(),
        Kind::WithoutNursery => ROWS.to_vec(),
        Kind::Oracle => ORACLE_ROWS.to_vec(),
        Kind::NeverCollects => NEVER_ROWS.to_vec(),
    };
    let mut all = Vec::new();
    for collector in collectors {
        for Row(jit, heap, stress, one_in) in rows(collector) {
            all.push(Configuration {
                collector: collector.name.clone(),
                jit,
                heap,
                stress,
                one_in,
                full_size: collector.in_earnest() && one_in == 1,
                never_collects: collector.kind == Kind::NeverCollects,
                oracle: collector.kind == Kind::Oracle,
            });
        }
    }
    all
}

impl Clone for Row {
    fn clone(&self) -> Row {
        let Row(jit, heap, stress, one_in) = self;
        Row(jit, heap, *stress, *one_in)
    }
}

/// True if the sampled matrix runs this program so.
pub fn in_sample(program: &str, configuration: &Configuration) -> bool {
    // FNV-1a: any hash does, as long as it is the same tomorrow.
    let mut hash: u32 = 2_166_136_261;
    for byte in program.bytes().chain(configuration.name().bytes()) {
        hash = (hash ^ u32::from(byte)).wrapping_mul(16_777_619);
    }
    (hash >> 8).is_multiple_of(configuration.one_in)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all() -> Vec<Configuration> {
        let collector = |name: &str, kind| Collector {
            name: name.into(),
            kind,
        };
        of(&[
            collector("new", Kind::Everyday),
            collector("old", Kind::WithoutNursery),
            collector("slow", Kind::Oracle),
            collector("none", Kind::NeverCollects),
        ])
    }

    #[test]
    fn the_sample_takes_about_the_share_that_a_row_says() {
        for configuration in all() {
            let taken = (0..1200)
                .filter(|n| in_sample(&format!("program{n}"), &configuration))
                .count() as u32;
            let fair = 1200 / configuration.one_in;
            assert!(
                taken * 10 >= fair * 6 && taken * 10 <= fair * 14,
                "{taken} of {fair}"
            );
        }
    }

    #[test]
    fn no_two_rows_are_the_same() {
        let mut names: Vec<String> = all().iter().map(Configuration::name).collect();
        let rows = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), rows);
    }

    #[test]
    fn a_stress_interval_is_raised_and_never_lowered() {
        let stressed = |every| {
            all()
                .into_iter()
                .find(|it| it.stress == every)
                .expect("row")
        };
        assert!(stressed(1).options(20)[1].ends_with(",stress=20"));
        assert!(stressed(97).options(20)[1].ends_with(",stress=97"));
        assert!(stressed(1).relaxed_by(20) && !stressed(97).relaxed_by(20));
        let oracle = all().into_iter().find(|it| it.oracle && it.stress == 7);
        assert!(oracle.expect("row").options(20)[1].ends_with(",stress=200"));
        let verified = all().into_iter().find(|it| it.verified() && it.stress == 0);
        let verified = verified.expect("row");
        assert!(verified.options(20_000)[1].contains(",verify=5000"));
        assert!(verified.options(3)[1].contains(",verify,"));
        assert!(!stressed(0).relaxed_by(20) && !stressed(0).name().contains("stress=97"));
    }
}
