//! The label of a peeled loop: the state in which its body begins, read off the end of the first iteration.
//!
//! Each guest register and each known mutable word of memory is an *entry* of the label. An entry passes
//! the label as it is (a constant, a value that does not change), as an unboxed leaf (value classes), as a
//! virtual object whose contents pass the same way, or as a reference. What changes becomes a parameter.
//!
//! Invariant L1: facts about values other than the parameters need no check at the back edge (K1).
//! Invariant L2: an object that is virtual at the label is referred to by nothing real. Therefore all
//! references are forced before the first virtual object is copied.
//! Invariant L3: what is assumed of a parameter is in [`Param`], and `close` proves it again.

use crate::ints::Int64;
use crate::known::NOWHERE;
use crate::objects::Frozen;
use crate::state::State;
use ouro_ir::{Arg, DescrId, Effect, Opcode, Ty};

/// How much of an entry is kept. Grows until the entry fits.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Level {
    /// 0: everything; 1: nothing is constant or unchanging; 2: a plain reference, or (memory) forgotten.
    pub shape: u8,
    /// 0: the interval (rounded generously above shape 0); 1: whether it is negative; 2: nothing.
    pub ints: u8,
}

/// What an entry is about.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// An input of the trace, by position.
    Register(usize),
    /// A word of memory; the index is none for a field.
    Memory {
        object: Arg,
        descr: DescrId,
        index: Arg,
    },
}

/// An entry of the label.
pub struct Entry {
    /// Its index in the levels.
    pub id: u32,
    pub place: Place,
    /// The operand in the body's state; virtuals as they are in [`Label::frozen`].
    pub value: Arg,
    /// The parameters that belong to it.
    pub params: std::ops::Range<u32>,
}

/// A parameter and what the body may assume of it.
pub struct Param {
    pub value: Arg,
    /// Its value at the first entry.
    pub entry: Arg,
    pub class: DescrId,
    pub nonnull: bool,
    pub ints: Int64,
}

/// The label.
pub struct Label {
    pub entries: Vec<Entry>,
    pub params: Vec<Param>,
    /// The virtual objects of the entries, which the body may change or force.
    pub frozen: Frozen,
}

/// An entry nests too deeply to be compared; it is widened instead.
pub struct TooDeep(pub u32);

const DEPTH: u32 = 40;
/// More words of memory than this do not pass the label: comparing them would cost more than they save.
const MEMORY_ENTRIES: usize = 200;

struct Carrier {
    /// By value: it passes the label unchanged.
    unchanging: Vec<bool>,
    /// Virtual objects and their copies.
    copies: Vec<(u32, Arg)>,
    params: Vec<Param>,
    level: Level,
    entry: u32,
}

/// Brings the state into the form of the label; `inputs` are what the trace's inputs were bound to.
pub fn build(
    state: &mut State,
    inputs: &[Arg],
    levels: &[Level],
    label: DescrId,
) -> Result<Label, TooDeep> {
    state.settle_stores();
    let trace = state.input.trace;
    let jump = trace.ops.last().expect("a trace ends");
    let level = |id: usize| levels.get(id).copied().unwrap_or_default();
    let ends: Vec<Arg> = trace.args(jump).iter().map(|a| state.get(*a)).collect();
    let starts: Vec<Arg> = inputs.iter().map(|a| state.resolve(*a)).collect();
    let memory = memory_entries(state);

    let mut unchanging = vec![false; state.values.len()];
    for (k, end) in ends.iter().enumerate() {
        if level(k).shape == 0 && starts[k] == *end {
            // An unboxed input does not change if its leaf does not.
            let word = match end.as_virtual() {
                Some(n) if state.objects.get(n).leaf.is_some() => {
                    state.leaf(*end, state.objects.get(n).leaf)
                }
                _ => *end,
            };
            if let Some(n) = word.as_var() {
                unchanging[n as usize] = true;
            }
        } else if level(k).shape == 2 {
            state.force(*end);
        }
    }
    state.facts.clear_mutable();
    let (first_object, first_slot) = (state.objects.len(), state.objects.slot_count());
    let mut carrier = Carrier {
        unchanging,
        copies: Vec::new(),
        params: Vec::new(),
        level: Level::default(),
        entry: 0,
    };
    let mut entries = Vec::with_capacity(ends.len() + memory.len());
    for (k, end) in ends.iter().enumerate() {
        carrier.start(k, level(k));
        let first = carrier.params.len() as u32;
        let value = carrier.carry(state, *end, DEPTH)?;
        let params = first..carrier.params.len() as u32;
        entries.push(Entry {
            id: k as u32,
            place: Place::Register(k),
            value,
            params,
        });
    }
    for (n, (place, value, stored)) in memory.into_iter().enumerate() {
        let id = ends.len() + n;
        carrier.start(id, level(id));
        if carrier.level.shape == 2 {
            continue;
        }
        let first = carrier.params.len() as u32;
        // A word that was only read is expected to stay as it is.
        let value = if stored || carrier.level.shape > 0 {
            carrier.carry(state, value, DEPTH)?
        } else {
            state.resolve(value)
        };
        let params = first..carrier.params.len() as u32;
        entries.push(Entry {
            id: id as u32,
            place,
            value,
            params,
        });
    }
    for entry in &entries {
        match entry.place {
            Place::Register(k) => {
                let input = trace.inputs[k].value.as_var().expect("an input is a value");
                state.subst[input as usize] = entry.value;
            }
            Place::Memory {
                object,
                descr,
                index,
            } => {
                let object = state.resolve(object);
                state.place_fact(object, descr, index, entry.value, false, entry.id);
            }
        }
    }
    forget_what_calls_change(state);
    let at_entry: Vec<Arg> = carrier.params.iter().map(|p| p.entry).collect();
    let values: Vec<Arg> = carrier.params.iter().map(|p| p.value).collect();
    state.emit_label(&at_entry, &values, label);
    state.exit_cache.forget();
    let frozen = state.objects.since(first_object, first_slot);
    Ok(Label {
        entries,
        params: carrier.params,
        frozen,
    })
}

/// The known words of memory, as (place, value, whether the iteration stored it).
fn memory_entries(state: &State) -> Vec<(Place, Arg, bool)> {
    let facts = state.facts.mutable().into_iter();
    // An item at a computed index is not asked for again under the same name.
    let facts = facts.filter(|f| f.index.as_var().is_none());
    facts
        .take(MEMORY_ENTRIES)
        .map(|f| {
            (
                Place::Memory {
                    object: f.object,
                    descr: f.descr,
                    index: f.index,
                },
                f.value,
                f.stored,
            )
        })
        .collect()
}

/// A barrier or a validity check of the first iteration does not hold for the next ones if there is a
/// call that ends it.
fn forget_what_calls_change(state: &mut State) {
    let input = state.input;
    for op in &input.trace.ops {
        if op.code.info().effect == Effect::Call
            && let ouro_ir::Descr::Call(call) = input.descr(op.descr)
        {
            if call.effects.ends_barriers() {
                state.safepoint();
            }
            if crate::state::can_invalidate(&call.effects) {
                state.validated = false;
            }
        }
        let quasi = |d: &ouro_ir::Descr| matches!(d, ouro_ir::Descr::Field(f) if f.mutability == ouro_ir::Mutability::QuasiImmutable);
        if op.code == Opcode::Setfield && quasi(input.descr(op.descr)) {
            state.validated = false;
        }
    }
}

impl Carrier {
    fn start(&mut self, id: usize, level: Level) {
        self.entry = id as u32;
        self.level = level;
    }
    fn is_unchanging(&self, a: Arg) -> bool {
        match a.as_var() {
            Some(n) => self.unchanging.get(n as usize).copied().unwrap_or(false),
            None => a.as_const().is_some(),
        }
    }
    /// The form in which `a` passes the label.
    fn carry(&mut self, state: &mut State, a: Arg, depth: u32) -> Result<Arg, TooDeep> {
        let a = state.resolve(a);
        if self.level.shape == 0 && self.is_unchanging(a) {
            return Ok(a);
        }
        let ty = state.type_of(a);
        if ty == Ty::Ref && self.level.shape < 2 && state.input.options.virtuals {
            let class = state.class_of(a);
            let leaf = state.input.leaf_of(class);
            if leaf.is_some()
                && let Some(value) = state.known_leaf(a, leaf)
            {
                let value = self.carry(state, value, depth)?;
                let copy = state.objects.add_struct(class, leaf);
                state.objects.set_field(copy, leaf, value);
                return Ok(Arg::virtual_(copy));
            }
            if let Some(n) = a.as_virtual() {
                return self.carry_object(state, n, depth);
            }
        }
        if a.as_virtual().is_some() {
            // Forcing now could make real what was copied before (L2); the entry is forced first next time.
            return Err(TooDeep(self.entry));
        }
        Ok(self.param(state, a, ty))
    }
    fn carry_object(&mut self, state: &mut State, n: u32, depth: u32) -> Result<Arg, TooDeep> {
        if let Some((_, copy)) = self.copies.iter().find(|c| c.0 == n) {
            return Ok(*copy);
        }
        if depth == 0 {
            return Err(TooDeep(self.entry));
        }
        let object = *state.objects.get(n);
        let copy = if object.is_array {
            let zero = state.zero(state.input.width(object.descr).ty());
            state
                .objects
                .add_array(object.descr, state.objects.items(n), zero)
        } else {
            state.objects.add_struct(object.descr, object.leaf)
        };
        self.copies.push((n, Arg::virtual_(copy)));
        let contents: Vec<_> = state.objects.contents(n).collect();
        for (at, (field, value)) in contents.into_iter().enumerate() {
            let value = self.carry(state, value, depth - 1)?;
            if object.is_array {
                state.objects.set_item(copy, at as u32, value);
            } else {
                state.objects.set_field(copy, field, value);
            }
        }
        Ok(Arg::virtual_(copy))
    }
    /// What is assumed of a parameter. The first iteration began with nothing known, so what it concludes
    /// mostly holds for all; a value that was taken for unchanging and is not moves, though.
    fn interval(&self, ty: Ty, ints: Int64) -> Int64 {
        match (ty, self.level) {
            (Ty::Float | Ty::Ref, _) => Int64::FULL,
            (Ty::Int, Level { shape: 0, ints: 0 }) => ints,
            (Ty::Int, level) => round(ints, level.ints),
        }
    }
    fn param(&mut self, state: &mut State, entry: Arg, ty: Ty) -> Arg {
        let value = state.value(ty);
        let known = *state.known(entry);
        let keeps = self.level.shape < 2;
        let param = Param {
            value,
            entry,
            class: if keeps { known.class } else { DescrId::NONE },
            nonnull: keeps && known.nonnull,
            ints: self.interval(ty, known.ints),
        };
        let position = self.params.len() as u32;
        debug_assert!(position != NOWHERE);
        let here = state.known_mut(value);
        here.class = param.class;
        here.nonnull = param.nonnull;
        here.ints = param.ints;
        here.param = position;
        self.params.push(param);
        value
    }
}

/// A wider interval that the next iterations have a chance to stay in.
fn round(ints: Int64, level: u8) -> Int64 {
    if ints.lo < 0 || level > 1 {
        return Int64::FULL;
    }
    let tops: &[i64] = if level == 0 {
        &[1, u8::MAX as i64, u32::MAX as i64]
    } else {
        &[]
    };
    let top = tops.iter().copied().find(|t| ints.hi <= *t);
    Int64::range(0, top.unwrap_or(i64::MAX))
}
