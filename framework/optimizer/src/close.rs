//! The back edge: does the state at the end of the body fit the label, and with which operands?
//!
//! Invariant C1: when `close` finds no misfit, everything the body assumed of registers, parameters and
//! mutable memory holds again at the jump. By induction over the iterations the body is right.

use crate::ints::Int64;
use crate::known::NOWHERE;
use crate::label::{Entry, Label, Level, Place};
use crate::state::State;
use ouro_ir::{Arg, DescrId, Ty};

/// Why an entry does not fit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Misfit {
    /// It was to stay as it was.
    Value,
    /// Another class, a virtual that is none, an identity that is shared differently.
    Shape,
    /// Outside of the interval.
    Ints,
}

/// The answer.
pub enum Closed {
    /// The operands of the jump.
    Fits(Vec<Arg>),
    /// Some levels were raised; the body is to be redone.
    Widened,
    /// An entry does not fit at its widest.
    Never,
}

struct Closing<'l> {
    label: &'l Label,
    /// By parameter: the value at the jump, virtuals not forced yet.
    actual: Vec<Arg>,
    /// (the label's object, the object at the back edge, entry).
    matched: Vec<(u32, u32, u32)>,
}

/// Compares the state at the end of the body with the label; raises `levels` where it must.
pub fn close(state: &mut State, label: &Label, levels: &mut Vec<Level>) -> Closed {
    state.settle_stores();
    let mut closing = Closing {
        label,
        actual: vec![Arg::NONE; label.params.len()],
        matched: Vec::new(),
    };
    let mut misfits: Vec<(u32, Misfit)> = Vec::new();
    for entry in &label.entries {
        if let Err(misfit) = closing.entry(state, entry) {
            // Nobody has looked at it: it is as if the label had not said it.
            if matches!(entry.place, Place::Memory { .. }) && !state.facts.is_used(entry.id) {
                for p in entry.params.clone() {
                    closing.actual[p as usize] = label.params[p as usize].value;
                }
            } else {
                misfits.push((entry.id, misfit));
            }
        }
    }
    if misfits.is_empty() {
        let jump: Vec<Arg> = closing.actual.iter().map(|a| state.force(*a)).collect();
        // One object cannot be virtual for one entry and real for another.
        let torn = closing
            .matched
            .iter()
            .filter(|m| state.objects.get(m.1).forced.is_some());
        misfits.extend(torn.map(|m| (m.2, Misfit::Shape)));
        if misfits.is_empty() {
            return Closed::Fits(jump);
        }
    }
    for (id, misfit) in misfits {
        let id = id as usize;
        levels.resize(levels.len().max(id + 1), Level::default());
        let level = &mut levels[id];
        match misfit {
            Misfit::Ints if level.ints < 2 => level.ints += 1,
            _ if level.shape >= 2 => return Closed::Never,
            Misfit::Value => level.shape += 1,
            Misfit::Shape | Misfit::Ints => level.shape = 2,
        }
    }
    Closed::Widened
}

impl Closing<'_> {
    fn entry(&mut self, state: &mut State, entry: &Entry) -> Result<(), Misfit> {
        let actual = match entry.place {
            Place::Register(k) => {
                let trace = state.input.trace;
                let jump = trace.ops.last().expect("a trace ends");
                state.get(trace.args(jump)[k])
            }
            Place::Memory {
                object,
                descr,
                index,
            } => {
                let object = state.resolve(object);
                let fact = state
                    .facts
                    .find(state.known(object).facts, descr, index)
                    .ok_or(Misfit::Shape)?;
                state.facts.peek(fact).value
            }
        };
        self.fits(state, entry.value, actual, entry.id)
    }
    /// `expected` is in the form it had at the label.
    fn fits(
        &mut self,
        state: &mut State,
        expected: Arg,
        actual: Arg,
        entry: u32,
    ) -> Result<(), Misfit> {
        let actual = state.resolve(actual);
        if let Some(n) = expected.as_virtual() {
            return self.fits_object(state, n, actual, entry);
        }
        let position = state.known(expected).param;
        if position == NOWHERE {
            return if state.resolve(expected) == actual {
                Ok(())
            } else {
                Err(Misfit::Value)
            };
        }
        let param = &self.label.params[position as usize];
        let class = state.type_id(param.class);
        if class.is_some() && state.type_id(state.class_of(actual)) != class {
            return Err(Misfit::Shape);
        }
        if param.nonnull && !state.is_nonnull(actual) {
            return Err(Misfit::Shape);
        }
        if state.type_of(actual) == Ty::Int
            && param.ints != Int64::FULL
            && !state.ints(actual).implies(param.ints)
        {
            return Err(Misfit::Ints);
        }
        self.actual[position as usize] = actual;
        Ok(())
    }
    fn fits_object(
        &mut self,
        state: &mut State,
        n: u32,
        actual: Arg,
        entry: u32,
    ) -> Result<(), Misfit> {
        let label = self.label;
        let expected = *label.frozen.get(n);
        if state.type_id(state.class_of(actual)) != state.type_id(expected.descr) {
            return Err(Misfit::Shape);
        }
        let contents = label.frozen.contents(n);
        if expected.leaf.is_some() {
            let leaf = state.leaf(actual, expected.leaf);
            let wanted = contents.first().expect("the label stores every leaf").1;
            return self.fits(state, wanted, leaf, entry);
        }
        // One object stays one, two stay two.
        let m = actual.as_virtual().ok_or(Misfit::Shape)?;
        if let Some(pair) = self.matched.iter().find(|p| p.0 == n || p.1 == m) {
            return if (pair.0, pair.1) == (n, m) {
                Ok(())
            } else {
                Err(Misfit::Shape)
            };
        }
        self.matched.push((n, m, entry));
        let found: Vec<(DescrId, Arg)> = state.objects.contents(m).collect();
        if expected.is_array {
            if label.frozen.items(n) != state.objects.items(m) {
                return Err(Misfit::Shape);
            }
            return contents
                .iter()
                .zip(found)
                .try_for_each(|(want, have)| self.fits(state, want.1, have.1, entry));
        }
        // A field that one side does not mention is zero.
        for (field, have) in &found {
            let have = state.resolve(*have);
            if !contents.iter().any(|c| c.0 == *field) && state.bits(have) != Some(0) {
                return Err(Misfit::Shape);
            }
        }
        for (field, want) in &contents {
            let have = found.iter().find(|f| f.0 == *field).map(|f| f.1);
            let have = have.unwrap_or_else(|| state.zero(state.input.width(*field).ty()));
            self.fits(state, *want, have, entry)?;
        }
        Ok(())
    }
}
