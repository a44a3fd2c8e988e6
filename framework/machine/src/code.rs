//! Code objects: instructions, constants, inline caches, liveness, handlers. Host data, never freed.

use crate::Language;
use ouro_gc::{Gc, RootVisitor};
use std::cell::{Cell, OnceCell};

/// An inline cache: the answer that was computed when the key had this version. Version 0 is never used by a key.
pub struct Cache<A> {
    pub version: Cell<u64>,
    pub answer: Cell<Option<A>>,
}

/// An exception raised at an instruction in `from..to` goes to `target` with the exception in register `reg`.
#[derive(Clone, Copy, Debug)]
pub struct Handled {
    pub from: u32,
    pub to: u32,
    pub target: u32,
    pub reg: u32,
}

/// What a code object is made of.
pub struct CodeParts<L: Language> {
    /// Verified by the language: jumps stay inside, operands are in range, the last instruction does not fall through.
    pub ins: Vec<L::Ins>,
    pub consts: Vec<Gc>,
    /// Number of inline-cache sites.
    pub sites: u32,
    /// Innermost first.
    pub handled: Vec<Handled>,
    /// Registers that the caller fills, register 0 (the callee) included.
    pub nargs: u32,
    /// Registers that are named locals, arguments included: always live, cleared on entry beyond `nargs`.
    pub nlocals: u32,
    /// All registers.
    pub nregs: u32,
    /// For each instruction an index into `live_sets`.
    pub live: Vec<u32>,
    /// Registers live before an instruction, ascending, locals included.
    pub live_sets: Vec<Vec<u16>>,
    pub info: L::CodeInfo,
}

/// A code object. Made by [`crate::Vm::add_code`], which keeps its constants alive.
pub struct Code<L: Language> {
    ins: Box<[L::Ins]>,
    consts: Box<[Cell<Gc>]>,
    caches: Box<[Cache<L::Answer>]>,
    handled: Box<[Handled]>,
    live: Box<[u32]>,
    live_sets: Box<[Vec<u16>]>,
    pub nargs: u32,
    pub nlocals: u32,
    pub nregs: u32,
    /// Calls until the function is hot.
    calls_left: Cell<u32>,
    /// It is in the list of those whose inline caches got answers, see `roots.rs`.
    pub(crate) is_refilled: Cell<bool>,
    /// Calls from compiled code that found no code, up to [`WANTED_AFTER`].
    called_by_compiled: Cell<u32>,
    /// By instruction: whether branches come together there. Made when it is first asked for.
    joins: OnceCell<Box<[bool]>>,
    pub info: L::CodeInfo,
}

/// Compiled code calls a function so often before the function gets code for its sake.
const WANTED_AFTER: u32 = 100;

impl<L: Language> Code<L> {
    /// # Panics
    /// If the parts contradict each other (lengths, register counts).
    pub(crate) fn new(parts: CodeParts<L>) -> Code<L> {
        assert!(!parts.ins.is_empty(), "a code object has an instruction");
        assert_eq!(
            parts.ins.len(),
            parts.live.len(),
            "liveness of each instruction"
        );
        assert!(
            parts.nargs <= parts.nlocals && parts.nlocals <= parts.nregs,
            "register counts"
        );
        assert!(
            parts
                .live
                .iter()
                .all(|&s| (s as usize) < parts.live_sets.len()),
            "live sets"
        );
        assert!(
            parts
                .live_sets
                .iter()
                .flatten()
                .all(|&r| u32::from(r) < parts.nregs),
            "live registers are registers"
        );
        let cache = |_| Cache {
            version: Cell::new(0),
            answer: Cell::new(None),
        };
        Code {
            ins: parts.ins.into(),
            consts: parts.consts.into_iter().map(Cell::new).collect(),
            caches: (0..parts.sites).map(cache).collect(),
            handled: parts.handled.into(),
            live: parts.live.into(),
            live_sets: parts.live_sets.into(),
            nargs: parts.nargs,
            nlocals: parts.nlocals,
            nregs: parts.nregs,
            calls_left: Cell::new(u32::MAX),
            is_refilled: Cell::new(false),
            called_by_compiled: Cell::new(0),
            joins: OnceCell::new(),
            info: parts.info,
        }
    }
    #[inline(always)]
    pub fn entry(&self) -> *const L::Ins {
        self.ins.as_ptr()
    }
    #[inline(always)]
    pub fn instructions(&self) -> &[L::Ins] {
        &self.ins
    }
    /// The number of the instruction at `pc`, which points into this code object.
    #[inline(always)]
    pub fn index(&self, pc: *const L::Ins) -> usize {
        (pc as usize - self.entry() as usize) / size_of::<L::Ins>()
    }
    /// The address of instruction `index`.
    #[inline(always)]
    pub fn at(&self, index: usize) -> *const L::Ins {
        debug_assert!(index < self.ins.len());
        self.entry().wrapping_add(index)
    }
    /// True when the function has become hot.
    #[inline(always)]
    pub fn count_call(&self) -> bool {
        let left = self.calls_left.get().wrapping_sub(1);
        self.calls_left.set(left);
        left == 0
    }
    /// Compiled code has called the function, which has no code. If that goes on, the function is worth having code, however
    /// short it is, and reports itself with this call.
    pub fn note_call_from_compiled(&self) {
        let times = self.called_by_compiled.get();
        if times < WANTED_AFTER {
            self.called_by_compiled.set(times + 1);
            if self.is_wanted() {
                self.calls_left.set(1);
            }
        }
    }
    /// Whether compiled code has often called the function in vain.
    pub fn is_wanted(&self) -> bool {
        self.called_by_compiled.get() >= WANTED_AFTER
    }
    /// The function reports itself after `calls` more; `u32::MAX`: never.
    pub(crate) fn reset_calls(&self, calls: u32) {
        self.calls_left.set(calls.max(1));
    }
    /// Registers live before instruction `index`, ascending: what a snapshot holds and what the collector visits.
    #[inline]
    pub fn live_at(&self, index: usize) -> &[u16] {
        &self.live_sets[self.live[index] as usize]
    }
    /// Where an exception raised at instruction `index` goes in this code object: (instruction, register).
    pub fn handler(&self, index: usize) -> Option<(usize, u32)> {
        let here = |h: &&Handled| (h.from..h.to).contains(&(index as u32));
        self.handled
            .iter()
            .find(here)
            .map(|h| (h.target as usize, h.reg))
    }
    /// Whether branches come together before instruction `index`: it is reached in more than one way, a jump forwards among
    /// them. The header of a loop is no such place.
    pub fn is_join(&self, index: usize) -> bool {
        self.joins.get_or_init(|| joins::<L>(&self.ins))[index]
    }
    /// Whether there is more than one way through the code.
    pub fn has_branches(&self) -> bool {
        let branches = |i: &L::Ins| matches!(L::goes_on(i), (Some(_), true));
        self.ins.iter().any(branches)
    }
    /// The last instruction that jumps back to instruction `header`, if it is the header of a loop.
    pub fn loop_end(&self, header: usize) -> Option<usize> {
        let back = |(at, i): &(usize, &L::Ins)| {
            let jump = L::goes_on(i).0.filter(|distance| *distance < 0);
            jump.and_then(|distance| at.checked_add_signed(distance as isize)) == Some(header)
        };
        let last = self.ins.iter().enumerate().skip(header).filter(back).last();
        last.map(|(at, _)| at)
    }
    pub fn constants(&self) -> &[Cell<Gc>] {
        &self.consts
    }
    #[inline(always)]
    pub fn constant(&self, n: usize) -> Gc {
        debug_assert!(n < self.consts.len());
        // SAFETY: operands were verified when the code object was made (`CodeParts::ins`).
        unsafe { self.consts.get_unchecked(n) }.get()
    }
    #[inline(always)]
    pub fn cache(&self, site: u32) -> &Cache<L::Answer> {
        debug_assert!((site as usize) < self.caches.len());
        // SAFETY: as in `constant`.
        unsafe { self.caches.get_unchecked(site as usize) }
    }
    /// Shows the references in the inline caches to the collector.
    pub(crate) fn visit_caches(&self, visitor: &mut dyn RootVisitor) {
        for cache in &self.caches {
            if let Some(mut answer) = cache.answer.get() {
                L::visit_answer(&mut answer, visitor);
                cache.answer.set(Some(answer));
            }
        }
    }
    pub fn name(&self) -> String {
        L::code_name(&self.info)
    }
}

fn joins<L: Language>(ins: &[L::Ins]) -> Box<[bool]> {
    let (mut jumps, mut ways) = (vec![false; ins.len()], vec![0u32; ins.len()]);
    let mut header = vec![false; ins.len()];
    for (at, i) in ins.iter().enumerate() {
        let (jump, falls) = L::goes_on(i);
        if falls && let Some(next) = ways.get_mut(at + 1) {
            *next += 1;
        }
        let Some(distance) = jump else { continue };
        let Some(target) = at.checked_add_signed(distance as isize) else {
            continue;
        };
        match (distance > 0, target < ins.len()) {
            (true, true) => {
                jumps[target] = true;
                ways[target] += 1;
            }
            (false, true) => header[target] = true,
            (_, false) => {}
        }
    }
    (0..ins.len())
        .map(|n| jumps[n] && ways[n] > 1 && !header[n])
        .collect()
}
