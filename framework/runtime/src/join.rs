//! Traces that begin where branches come together, see `ouro_recorder::join`.
//!
//! A loop with a few bridges lets each of them go round by itself, which gives the best code. One that gets more of
//! them has branches whose ways multiply; from then on its traces stop where branches come together, and what follows
//! becomes a trace of its own into which all of them jump.
//!
//! Such a trace takes the registers of all frames, and unboxed what the registers held each time the interpreter came by
//! before it was made. A register that comes with another class asks for another version; the last one takes references.
//!
//! Invariant: a trace that jumps to one of these is listed as its source, and is let go with it.

use crate::bridge::count_bridge;
use crate::compile::{From, WayIn, compile, type_descr};
use crate::deopt::{ExitPlan, Resumed};
use crate::events::{Happened, Kind};
use crate::jit::{Jit, environment, interpret, spot, trace_name};
use crate::stats::add;
use ahash::AHashMap;
use ouro_codegen::{CodeHandle, ExitNumber};
use ouro_gc::Gc;
use ouro_ir::{LabelTarget, Opcode, Trace};
use ouro_machine::{Handlers, Language, Settled, Vm, driver};
use ouro_recorder::join::class_in;
use ouro_recorder::{AtJoin, JoinPlace, Recorder, Recording, Start};
use std::cell::RefCell;
use std::time::Instant;

/// Traces of one place that expect registers of different classes.
const MAX_VERSIONS: usize = 4;
/// Recordings that may fail at one place.
const MAX_FAILED: u32 = 2;

/// Who jumps to a trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Jumper {
    /// The bridge at this exit.
    Exit(ExitNumber),
    /// Another trace of this kind, by its token.
    Join(u64),
}

struct Version {
    code: CodeHandle,
    at: (usize, JoinPlace),
    jumpers: Vec<Jumper>,
}

#[derive(Default)]
struct AtPlace {
    versions: Vec<u64>,
    failed: u32,
}

/// All of them, of all loops.
#[derive(Default)]
pub(crate) struct Joins {
    /// By loop header and place.
    places: AHashMap<(usize, JoinPlace), AtPlace>,
    /// By token. Tokens are odd, so they are no addresses of loop headers.
    versions: AHashMap<u64, Version>,
    made: u64,
}

impl Jit {
    pub(crate) fn code_of_join(&self, token: u64) -> Option<CodeHandle> {
        self.joins.borrow().versions.get(&token).map(|v| v.code)
    }
    /// What a trace of the loop does at a place whose registers hold objects of these classes.
    pub(crate) fn at_join(
        &self,
        home: usize,
        place: &JoinPlace,
        class: &dyn Fn(u32) -> Option<u32>,
    ) -> AtJoin {
        let joins = self.joins.borrow();
        let Some(at) = joins.places.get(&(home, place.clone())) else {
            return AtJoin::Stop;
        };
        let fits = |token: &&u64| {
            let compiled = self
                .traces
                .borrow()
                .get(&joins.versions[token].code)
                .cloned();
            compiled.is_some_and(|c| takes(&c.trace.borrow(), class))
        };
        if let Some(token) = at.versions.iter().find(fits) {
            return AtJoin::Into(*token);
        }
        match at.versions.len() < MAX_VERSIONS && at.failed < MAX_FAILED {
            true => AtJoin::Stop,
            false => AtJoin::Pass,
        }
    }
    /// Notes that `jumper` ends in the trace with this token, if it is one of these.
    pub(crate) fn note_jump(&self, trace: &Trace, jumper: Jumper) {
        let last = trace.ops.last().filter(|op| op.code == Opcode::Jump);
        let Some(last) = last else { return };
        let token = match &trace.label(last.descr).target {
            LabelTarget::Entry { token, .. } | LabelTarget::Label { token, .. } => *token,
            LabelTarget::Here | LabelTarget::Start | LabelTarget::Open { .. } => return,
        };
        if let Some(version) = self.joins.borrow_mut().versions.get_mut(&token) {
            version.jumpers.push(jumper);
        }
    }
    /// Nobody is to come to this trace any more, nor to those that end in it.
    pub(crate) fn drop_join(&self, token: u64) {
        let mut work = vec![token];
        while let Some(token) = work.pop() {
            let version = {
                let mut joins = self.joins.borrow_mut();
                let Some(version) = joins.versions.remove(&token) else {
                    continue;
                };
                if let Some(at) = joins.places.get_mut(&version.at) {
                    at.versions.retain(|t| *t != token);
                }
                version
            };
            for jumper in version.jumpers {
                match jumper {
                    Jumper::Join(token) => work.push(token),
                    Jumper::Exit(exit) => {
                        self.backend.patch_exit(exit, None);
                        if let Some(plan) = self.plans.borrow().get(&exit.0) {
                            plan.taken.set(0);
                        }
                    }
                }
            }
        }
    }
    /// Code with these exits is freed: nobody is to reach for them any more.
    pub(crate) fn forget_jumpers(&self, exits: &[ExitNumber]) {
        for version in self.joins.borrow_mut().versions.values_mut() {
            let is_left = |jumper: &Jumper| !matches!(jumper, Jumper::Exit(e) if exits.contains(e));
            version.jumpers.retain(is_left);
        }
    }
    /// The loop has new code, so traces that lead into the old code are let go.
    pub(crate) fn drop_joins_of(&self, home: usize) {
        let tokens: Vec<u64> = {
            let joins = self.joins.borrow();
            let of_home = joins.versions.iter().filter(|(_, v)| v.at.0 == home);
            of_home.map(|(token, _)| *token).collect()
        };
        tokens.into_iter().for_each(|token| self.drop_join(token));
        self.joins
            .borrow_mut()
            .places
            .retain(|(h, _), _| *h != home);
    }
}

/// Whether the registers hold what the trace takes unboxed.
fn takes(trace: &Trace, class: &dyn Fn(u32) -> Option<u32>) -> bool {
    let params = trace.open_label().map(|(_, params)| params);
    let mut unboxed = params
        .unwrap_or_default()
        .iter()
        .filter(|p| p.class.is_some());
    unboxed.all(|p| class(p.register) == Some(trace.type_descr(p.class).type_id))
}

/// What the registers of a place held whenever a trace stopped there.
#[derive(Default)]
pub(crate) struct Seen(RefCell<Vec<(u32, Option<u32>)>>);

impl Seen {
    /// Looks at the registers, by word above the loop's frame.
    pub(crate) fn note(&self, loop_base: *mut Gc, words: impl Iterator<Item = u32>) {
        let mut seen = self.0.borrow_mut();
        if seen.is_empty() {
            seen.extend(words.map(|word| (word, class_in(loop_base, word))));
            return;
        }
        for (word, class) in seen.iter_mut() {
            if *class != class_in(loop_base, *word) {
                *class = None;
            }
        }
    }
    fn always(&self, word: u32) -> bool {
        let seen = self.0.borrow();
        let mut seen = seen.iter();
        seen.any(|(w, class)| *w == word && class.is_some())
    }
}

/// Records the trace that begins where a trace has stopped, from the interpreter's state there.
pub(crate) fn record<H: Handlers>(
    vm: &'static Vm<H::L>,
    jit: &Jit,
    plan: &ExitPlan,
    place: &JoinPlace,
    from: Resumed<H::L>,
) -> Settled<H::L> {
    let clock = Instant::now();
    let (parent, at) = (&plan.compiled, from.at);
    let home = parent.home;
    let line = H::L::line(&at.code.info, at.index());
    let name = trace_name(format_args!(
        "join {} line {line} pc {}",
        at.code.name(),
        at.index()
    ));
    let spot = spot(Kind::Join, at);
    let key = (home, place.clone());
    let versions = jit
        .joins
        .borrow()
        .places
        .get(&key)
        .map_or(0, |at| at.versions.len());
    let sees = |word: u32| versions + 1 < MAX_VERSIONS && plan.seen.always(word);
    let start = Start::Join {
        at,
        loop_header: home,
        loop_base: from.loop_base,
        callers: plan.callers(),
        sees: &sees,
    };
    let type_descr = |id| type_descr(vm, id);
    let call_out = |code: usize| jit.is_called(code);
    let never = |code: usize| jit.never.borrow().contains(&code);
    let compiled = |pc: usize| jit.code_of_token(pc as u64).map(|_| pc as u64);
    let takes_reference = |entry, register| jit.takes_reference(entry, register);
    let inlined = |code: usize| parent.inlined.contains(&code);
    let ask =
        |place: &JoinPlace, class: &dyn Fn(u32) -> Option<u32>| jit.at_join(home, place, class);
    let environment = environment(
        jit,
        (&call_out, &never),
        (&compiled, &takes_reference),
        false,
        (true, 0),
        &inlined,
        &type_descr,
        Some(&ask),
    );
    let recording = Recording::new(vm, name.clone(), environment, start);
    jit.recording.set(true);
    let settled = driver::run::<H, Recorder<H::L>>(&recording, at);
    jit.recording.set(false);
    let record_ns = clock.elapsed().as_nanos() as u64;
    add(&jit.stats.record_ns, record_ns);
    jit.call_out.borrow_mut().extend(recording.not_to_inline());
    let code = match recording.finish() {
        Ok(finished) => {
            let from = From {
                home,
                root: Some(parent.root),
                spot,
                record_ns,
            };
            compile(vm, jit, finished, from, WayIn::Header(None))
        }
        Err(reason) => {
            jit.stats.abort(reason);
            jit.log.section("abort", &name, || reason.word().to_owned());
            let reason = Happened::Aborted(reason.word().to_owned());
            jit.tell(vm, &spot, reason);
            None
        }
    };
    match code.filter(|_| count_bridge(jit, home)) {
        Some(code) => {
            add(&jit.stats.joins, 1);
            let token = {
                let mut joins = jit.joins.borrow_mut();
                joins.made += 1;
                let token = 2 * joins.made + 1;
                joins
                    .places
                    .entry(key.clone())
                    .or_default()
                    .versions
                    .push(token);
                let version = Version {
                    code,
                    at: key,
                    jumpers: Vec::new(),
                };
                joins.versions.insert(token, version);
                token
            };
            let compiled = jit.traces.borrow().get(&code).cloned();
            let compiled = compiled.expect("it was just compiled");
            compiled.token.set(token);
            jit.note_jump(&compiled.trace.borrow(), Jumper::Join(token));
        }
        None => {
            jit.joins.borrow_mut().places.entry(key).or_default().failed += 1;
            plan.taken.set(0);
        }
    }
    interpret::<H>(vm, settled)
}
