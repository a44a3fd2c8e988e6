//! Measures everything, one process at a time, the collectors taking turns.

use super::Lab;
use super::barrier::{self, Barrier};
use super::heap::{self, Curve, Point};
use super::pauses::Pauses;
use super::retained::Retained;
use crate::interpreter::Interpreter;
use crate::measure::{Job, parse};
use crate::process::{self, Outcome};
use crate::progress::Progress;
use crate::statistics::median;
use crate::timings::{self, Timings};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The heaps between which the least one is searched, in MiB.
const HEAPS_MIB: (f64, f64) = (1.0, 512.0);
const TIME_LIMIT: Duration = Duration::from_secs(60);
/// A heap under which a program takes this long is too small.
const PATIENCE: Duration = Duration::from_secs(20);
/// Counting instructions makes a program some fifty times slower.
const COUNTING_LIMIT: Duration = Duration::from_secs(600);
/// Iterations of a program whose pauses are looked at: the first one builds what the others live with.
const ITERATIONS: usize = 3;

/// What is to be measured.
pub struct Plan<'p> {
    /// Whose output is right.
    pub yardstick: &'p Interpreter,
    /// The interpreter whose collector is an option.
    pub ours: &'p Interpreter,
    /// The default one first.
    pub collectors: &'p [String],
    /// The programs for heaps, pauses and what is retained.
    pub jobs: &'p [Job],
    /// The programs whose barriers are counted.
    pub counted: &'p [Job],
    /// The interpreter without barriers, if there is one.
    pub bare: Option<&'p Interpreter>,
    /// A collector that needs no barriers.
    pub barrier_free: &'p str,
    pub allocation: &'p [timings::Plan<'p>],
    pub repeat: usize,
    /// The smallest sizes, two heaps, one repetition: to see that it works.
    pub quick: bool,
    /// A file that may be overwritten.
    pub scratch: PathBuf,
}

/// Programs, collectors and what runs them.
struct Runs<'p> {
    plan: &'p Plan<'p>,
    progress: Progress,
    /// What CPython prints, by program and iterations.
    expected: BTreeMap<(String, usize), Result<String, String>>,
    complaints: Vec<(String, String, String)>,
}

/// Measures all of it.
pub fn run(plan: &Plan) -> Lab {
    let timings: Vec<Timings> = plan.allocation.iter().map(timings::run).collect();
    let factors = factors(plan).len();
    let per_program = plan.collectors.len() * (2 + factors * plan.repeat) + 1;
    let counted = plan.counted.len() * usize::from(plan.bare.is_some());
    let mut runs = Runs {
        plan,
        progress: Progress::new(plan.jobs.len() * per_program + counted),
        expected: BTreeMap::new(),
        complaints: vec![],
    };
    let mut lab = Lab {
        collectors: plan.collectors.to_vec(),
        curves: vec![],
        pauses: vec![],
        barrier: vec![],
        retained: vec![],
        timings,
        complaints: vec![],
    };
    for job in plan.jobs {
        for collector in plan.collectors {
            lab.pauses.extend(runs.pauses(job, collector));
        }
        lab.retained.extend(runs.retained(job));
        lab.curves.extend(runs.curves(job));
    }
    for job in plan.counted {
        lab.barrier.extend(runs.barrier(job));
    }
    lab.complaints = runs.complaints;
    lab
}

fn factors(plan: &Plan) -> &'static [f64] {
    match plan.quick {
        true => &[1.3, 4.0],
        false => &heap::FACTORS,
    }
}

/// An interpreter with an option more.
fn with(interpreter: &Interpreter, options: &[String]) -> Interpreter {
    let mut interpreter = interpreter.clone();
    for option in options {
        interpreter.args.extend(["-X".into(), option.clone()]);
    }
    interpreter
}

impl Runs<'_> {
    fn arguments(&self, job: &Job, iterations: usize) -> Vec<String> {
        let mut words = vec![
            job.file.display().to_string(),
            format!("--demo-iterations={iterations}"),
        ];
        if self.plan.quick {
            words.extend(job.program.small.iter().cloned());
        }
        words
    }
    fn start(
        &self,
        interpreter: &Interpreter,
        job: &Job,
        iterations: usize,
        limit: Duration,
    ) -> Result<Outcome, String> {
        let mut command = interpreter.command();
        command.args(self.arguments(job, iterations));
        if let Some(beside) = job.file.parent() {
            command.current_dir(beside);
        }
        let outcome = process::run(&mut command, limit).map_err(|error| error.to_string())?;
        match outcome.success() {
            true => Ok(outcome),
            false => Err(outcome.complaint()),
        }
    }
    /// What CPython computes.
    fn expected(&mut self, job: &Job, iterations: usize) -> Result<String, String> {
        let key = (job.program.name.clone(), iterations);
        if !self.expected.contains_key(&key) {
            let said = self
                .start(self.plan.yardstick, job, iterations, 2 * TIME_LIMIT)
                .and_then(|outcome| parse(&outcome.stdout, iterations))
                .map(|printed| printed.results);
            self.expected.insert(key.clone(), said);
        }
        self.expected[&key].clone()
    }
    /// One run, which must compute what CPython does.
    fn checked(
        &mut self,
        options: &[String],
        job: &Job,
        iterations: usize,
        limit: Duration,
    ) -> Result<Outcome, String> {
        let expected = self.expected(job, iterations)?;
        let interpreter = with(self.plan.ours, options);
        let outcome = self.start(&interpreter, job, iterations, limit)?;
        let found = parse(&outcome.stdout, iterations)?.results;
        match found == expected {
            true => Ok(outcome),
            false => Err(format!("WRONG: {found} instead of {expected}")),
        }
    }
    fn step(&mut self, job: &Job, what: &str, said: &str) {
        self.progress.step(&job.program.name, what, said);
    }
    /// Keeps what went wrong; what went well is the answer.
    fn keep<T>(&mut self, job: &Job, what: &str, result: Result<T, String>) -> Option<T> {
        result
            .map_err(|why| {
                let line = (job.program.name.clone(), what.to_string(), why);
                self.complaints.push(line);
            })
            .ok()
    }
    fn pauses(&mut self, job: &Job, collector: &str) -> Option<Pauses> {
        let file = self.plan.scratch.clone();
        let options = [
            format!("gc={collector}"),
            format!("gc-pauses={}", file.display()),
        ];
        let iterations = if self.plan.quick { 1 } else { ITERATIONS };
        let found = self
            .checked(&options, job, iterations, TIME_LIMIT)
            .and_then(|_| {
                let text = std::fs::read_to_string(&file).map_err(|error| error.to_string())?;
                Pauses::read(&job.program.name, collector, &text)
            });
        let said = match &found {
            Ok(pauses) => format!("{} pauses", pauses.events.len()),
            Err(why) => why.clone(),
        };
        self.step(job, &format!("{collector} pauses"), &said);
        self.keep(job, collector, found)
    }
    fn retained(&mut self, job: &Job) -> Option<Retained> {
        let collector = self.plan.barrier_free;
        let options = [format!("gc={collector},retained"), "gc-stats".into()];
        let found = self
            .checked(&options, job, 1, 2 * TIME_LIMIT)
            .and_then(|outcome| {
                let read = Retained::read(&job.program.name, &outcome.stderr);
                read.ok_or("the statistics say nothing of what was retained".to_string())
            });
        let said = match &found {
            Ok(one) => format!("{:.3} % more", one.more() * 100.0),
            Err(why) => why.clone(),
        };
        self.step(job, "retained", &said);
        self.keep(job, "retained", found)
    }
    /// The curves of a program, whose points have the same heaps.
    fn curves(&mut self, job: &Job) -> Vec<Curve> {
        let option = |collector: &str, mib: f64| {
            let kib = (mib * 1024.0).ceil() as u64;
            [format!("gc={collector},max={kib}K")]
        };
        let (from, to) = HEAPS_MIB;
        let mut curves = Vec::new();
        for collector in self.plan.collectors {
            let least_mib = heap::least(from, to, |mib| {
                let options = option(collector, mib);
                self.checked(&options, job, 1, PATIENCE).is_ok()
            });
            let said = match least_mib {
                Some(mib) => format!("{mib:.1} MiB"),
                None => format!("more than {to} MiB"),
            };
            self.step(job, &format!("{collector} least heap"), &said);
            if least_mib.is_none() {
                let why = format!("it does not end well with {to} MiB");
                self.keep::<()>(job, collector, Err(why));
            }
            curves.push(Curve {
                program: job.program.name.clone(),
                collector: collector.clone(),
                least_mib,
                points: vec![],
            });
        }
        let least = curves.iter().filter_map(|curve| curve.least_mib);
        let Some(least) = least.reduce(f64::min) else {
            return curves;
        };
        for &factor in factors(self.plan) {
            let mib = least * factor;
            let mut samples = vec![Vec::new(); curves.len()];
            for repetition in 1..=self.plan.repeat {
                for (at, collector) in self.plan.collectors.iter().enumerate() {
                    let what = format!("{collector} {mib:.1} MiB {repetition}");
                    // What does not fit has no point.
                    let found = self.checked(&option(collector, mib), job, 1, TIME_LIMIT);
                    let said = match found {
                        Ok(outcome) => {
                            samples[at].push(outcome.cpu_s);
                            format!("{:.3} s", outcome.cpu_s)
                        }
                        Err(why) => why,
                    };
                    self.step(job, &what, &said);
                }
            }
            for (curve, samples) in curves.iter_mut().zip(samples) {
                curve.points.push(Point {
                    factor,
                    mib,
                    cpu_s: median(samples),
                });
            }
        }
        curves
    }
    fn barrier(&mut self, job: &Job) -> Option<Barrier> {
        let bare = self.plan.bare?;
        let options = [format!("gc={}", self.plan.barrier_free)];
        let mut words = self.arguments(job, 1);
        words.push(format!("--demo-loops={}", job.program.loops));
        let count = |interpreter: &Interpreter| {
            barrier::count(&with(interpreter, &options), &words, COUNTING_LIMIT)
        };
        let both = count(self.plan.ours).and_then(|one| Ok((one, count(bare)?)));
        let found = both.and_then(|((with, printed), (without, same))| {
            let [printed, same] = [parse(&printed, 1)?.results, parse(&same, 1)?.results];
            match printed == same {
                true => Ok(Barrier {
                    program: job.program.name.clone(),
                    with,
                    without,
                }),
                false => Err(format!("WRONG: {same} instead of {printed}")),
            }
        });
        let said = match &found {
            Ok(one) => format!("{:+.2} % instructions", one.more() * 100.0),
            Err(why) => why.clone(),
        };
        self.step(job, "barriers", &said);
        self.keep(job, "barriers", found)
    }
}
