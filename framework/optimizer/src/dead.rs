//! Operations without effect whose result nobody needs, parameters that only feed themselves, and inputs
//! nobody reads.
//!
//! A store into an object allocated in the trace is needed only if the object is: nothing else can see it.

use ouro_ir::{Arg, Descr, Effect, LabelDescr, LabelTarget, Op, Opcode, Trace};

const NONE: u32 = u32::MAX;

/// Removes them all.
pub fn remove_dead(trace: &mut Trace) {
    let label = loop_label(trace);
    if let Some(label) = label {
        merge_constant_params(trace, label);
        merge_equal_params(trace, label);
    }
    let defined_by = definitions(trace);
    let needed = mark(trace, label, &defined_by);
    let is_needed = |a: Arg| a.as_var().is_none_or(|v| needed[v as usize]);
    if let Some(label) = label {
        shrink_label(trace, label, &is_needed);
    }
    if let Some((open, _)) = trace.open_label() {
        shrink_open_label(trace, open, &is_needed);
    }
    let keep = |op: &Op| match object_of_store(op, &defined_by, &trace.ops) {
        Some(object) => needed[object as usize],
        None => !is_removable(trace, op) || is_needed(op.result),
    };
    let kept: Vec<bool> = trace.ops.iter().map(keep).collect();
    let mut kept = kept.into_iter();
    trace
        .ops
        .retain(|_| kept.next().expect("one for each operation"));
    remove_idle_barriers(trace);
    for n in 0..trace.ops.len() {
        if let Some(form) = form_without_result(trace, &trace.ops[n], &is_needed) {
            trace.ops[n].descr = form;
            trace.ops[n].result = Arg::NONE;
        }
    }
    trace.inputs.retain(|input| is_needed(input.value));
}

/// A barrier is for stores into its object. None may be left: what was put aside need not come.
fn remove_idle_barriers(trace: &mut Trace) {
    let mut stored_into: Vec<Arg> = Vec::new();
    for op in &trace.ops {
        match op.code {
            Opcode::Setfield | Opcode::Setitem => stored_into.push(op.args[0]),
            // Another name of the object.
            Opcode::GuardPtrEq => stored_into.extend(&op.args[..2]),
            _ => {}
        }
    }
    stored_into.sort_unstable();
    let idle =
        |op: &Op| op.code == Opcode::Barrier && stored_into.binary_search(&op.args[0]).is_err();
    trace.ops.retain(|op| !idle(op));
}

/// What to call instead of a callee whose result nobody needs: a result that is not made need not be taken apart.
fn form_without_result(
    trace: &Trace,
    op: &Op,
    is_needed: &impl Fn(Arg) -> bool,
) -> Option<ouro_ir::DescrId> {
    let unneeded = op.code == Opcode::Call && op.result.is_some() && !is_needed(op.result);
    let form = unneeded.then(|| trace.call(op.descr).unused);
    form.filter(|form| form.is_some())
}

/// The label that the trace jumps back to.
fn loop_label(trace: &Trace) -> Option<usize> {
    let jump = trace.ops.last().filter(|op| jumps_here(trace, op))?;
    let is_target = |op: &Op| op.code == Opcode::Label && op.descr == jump.descr;
    trace.ops.iter().position(is_target)
}

fn is_removable(trace: &Trace, op: &Op) -> bool {
    if op.exit.is_some() {
        return false;
    }
    match op.code.info().effect {
        Effect::Pure | Effect::Read | Effect::ReadImmutable | Effect::Alloc => true,
        Effect::Call => trace.call(op.descr).effects.pure,
        Effect::Write | Effect::Guard | Effect::Control | Effect::Debug => false,
    }
}
/// By value: the operation that defines it.
fn definitions(trace: &Trace) -> Vec<u32> {
    let mut defined_by = vec![NONE; trace.value_types.len()];
    for (n, op) in trace.ops.iter().enumerate() {
        if let Some(v) = op.result.as_var() {
            defined_by[v as usize] = n as u32;
        }
    }
    defined_by
}
/// The object, for a store or barrier on an object allocated in the trace.
fn object_of_store(op: &Op, defined_by: &[u32], ops: &[Op]) -> Option<u32> {
    if op.code.info().effect != Effect::Write {
        return None;
    }
    let object = op.args[0].as_var()?;
    let n = defined_by[object as usize];
    (n != NONE && ops[n as usize].code.info().effect == Effect::Alloc).then_some(object)
}

/// By value: somebody needs it.
fn mark(trace: &Trace, label: Option<usize>, defined_by: &[u32]) -> Vec<bool> {
    let values = trace.value_types.len();
    // What each parameter is at the first entry and at the jump back.
    let mut fed_by = vec![[Arg::NONE; 2]; values];
    for at in (0..trace.ops.len()).filter(|n| trace.ops[*n].code == Opcode::Label) {
        let op = &trace.ops[at];
        let jump = trace.ops.last().filter(|_| label == Some(at));
        let jump = jump.map_or(&[][..], |jump| trace.args(jump));
        let pairs = trace.label_params(op).iter().zip(trace.args(op));
        for (n, (param, entry)) in pairs.enumerate() {
            let next = jump.get(n).copied().unwrap_or(Arg::NONE);
            fed_by[param.as_var().expect("a parameter is a value") as usize] = [*entry, next];
        }
    }
    let mut work: Vec<Arg> = Vec::with_capacity(2 * values);
    if let Some((at, params)) = trace.open_label() {
        // That the value is of the class may matter though its leaf does not.
        let entries = trace.args(&trace.ops[at]).iter().zip(params);
        work.extend(entries.filter(|(_, p)| p.class.is_some()).map(|(a, _)| *a));
    }
    // Stores into fresh objects, as a list per object.
    let mut stores_into = vec![NONE; values];
    let mut next_store = vec![NONE; trace.ops.len()];
    for (n, op) in trace.ops.iter().enumerate() {
        if let Some(object) = object_of_store(op, defined_by, &trace.ops) {
            next_store[n] = stores_into[object as usize];
            stores_into[object as usize] = n as u32;
            continue;
        }
        let to_label = op.code == Opcode::Label || jumps_here(trace, op);
        if !is_removable(trace, op) && !to_label {
            work.extend_from_slice(trace.args(op));
        }
        if op.exit.is_some() {
            work.extend(trace.exit(op.exit).args());
        }
    }
    let mut needed = vec![false; values];
    while let Some(a) = work.pop() {
        let Some(v) = a.as_var() else { continue };
        if std::mem::replace(&mut needed[v as usize], true) {
            continue;
        }
        let op = defined_by[v as usize];
        if op != NONE {
            work.extend_from_slice(trace.args(&trace.ops[op as usize]));
        }
        work.extend(fed_by[v as usize]);
        let mut store = stores_into[v as usize];
        while store != NONE {
            work.extend_from_slice(trace.args(&trace.ops[store as usize]));
            store = next_store[store as usize];
        }
    }
    needed
}
fn jumps_here(trace: &Trace, op: &Op) -> bool {
    op.code == Opcode::Jump
        && matches!(trace.descr(op.descr), Descr::Label(l) if l.target == LabelTarget::Here)
}

/// A parameter that gets the same value at every jump as at the entry is that value.
fn merge_constant_params(trace: &mut Trace, label: usize) {
    let last = trace.ops.len() - 1;
    let params = trace.label_params(&trace.ops[label]);
    let entries = trace.args(&trace.ops[label]);
    let jump = trace.args(&trace.ops[last]);
    let mut same: Vec<Arg> = vec![Arg::NONE; trace.value_types.len()];
    let mut any = false;
    loop {
        let mut changed = false;
        for (n, param) in params.iter().enumerate() {
            let v = param.as_var().expect("a parameter is a value") as usize;
            let next = jump[n].as_var().map_or(Arg::NONE, |j| same[j as usize]);
            let next = if next.is_some() { next } else { jump[n] };
            if !same[v].is_some() && (next == *param || next == entries[n]) {
                same[v] = entries[n];
                changed = true;
            }
        }
        any |= changed;
        if !changed {
            break;
        }
    }
    if any {
        replace_params(trace, label, &same);
    }
}

/// Parameters that begin as one value and are given one value at the jump are the same in every iteration: the first of
/// them stands for all. Guest registers often hold what others do, above all when tuples are unpacked.
///
/// Invariant: parameters of one class began equal, and the jump gives them values of one class; the classes are split until
/// this holds, so by induction over the iterations their members are equal.
fn merge_equal_params(trace: &mut Trace, label: usize) {
    let last = trace.ops.len() - 1;
    let params = trace.label_params(&trace.ops[label]);
    let entries = trace.args(&trace.ops[label]);
    let jump = trace.args(&trace.ops[last]);
    let mut number = vec![NONE; trace.value_types.len()];
    for (n, param) in params.iter().enumerate() {
        number[param.as_var().expect("a parameter is a value") as usize] = n as u32;
    }
    // By parameter: the first one of its class.
    let first_like =
        |n: usize, alike: &dyn Fn(usize) -> bool| (0..n).find(|&m| alike(m)).unwrap_or(n);
    let mut class: Vec<usize> = (0..params.len())
        .map(|n| first_like(n, &|m| entries[m] == entries[n]))
        .collect();
    loop {
        let given = |n: usize| match jump[n].as_var().map(|v| number[v as usize]) {
            Some(m) if m != NONE => params[class[m as usize]],
            _ => jump[n],
        };
        let split: Vec<usize> = (0..params.len())
            .map(|n| first_like(n, &|m| class[m] == class[n] && given(m) == given(n)))
            .collect();
        let stable = split == class;
        class = split;
        if stable {
            break;
        }
    }
    if class.iter().enumerate().all(|(n, first)| n == *first) {
        return;
    }
    let mut same: Vec<Arg> = vec![Arg::NONE; trace.value_types.len()];
    for (n, first) in class.iter().enumerate().filter(|(n, first)| n != *first) {
        same[params[n].as_var().expect("a parameter is a value") as usize] = params[*first];
    }
    replace_params(trace, label, &same);
}

/// Puts other values in place of parameters in all that follows the label; `same` is by value, none: it stays.
fn replace_params(trace: &mut Trace, label: usize, same: &[Arg]) {
    let map = |a: Arg| match a.as_var() {
        Some(v) if same[v as usize].is_some() => same[v as usize],
        _ => a,
    };
    for n in label + 1..trace.ops.len() {
        let op = trace.ops[n];
        match crate::state::fixed_args(&op) {
            Some(count) => trace.ops[n].args[..count]
                .iter_mut()
                .for_each(|a| *a = map(*a)),
            None => {
                let (start, len) = op.pool();
                trace.arg_pool[start..start + len]
                    .iter_mut()
                    .for_each(|a| *a = map(*a));
            }
        }
        if op.exit.is_some() {
            trace.exits[op.exit.0 as usize].map_args(map);
        }
    }
}

fn shrink_open_label(trace: &mut Trace, label: usize, is_needed: &dyn Fn(Arg) -> bool) {
    let op = trace.ops[label];
    let params = trace.label_params(&op).to_vec();
    let entries = trace.args(&op).to_vec();
    let Some((_, what)) = trace.open_label() else {
        return;
    };
    let needed: Vec<bool> = params
        .iter()
        .zip(what)
        .map(|(p, what)| what.class.is_some() || is_needed(*p))
        .collect();
    let live = |list: &[Arg]| -> Vec<Arg> {
        let pairs = list.iter().zip(&needed).filter(|(_, needed)| **needed);
        pairs.map(|(a, _)| *a).collect()
    };
    let start = trace.arg_pool.len();
    let (entries, params) = (live(&entries), live(&params));
    trace.arg_pool.extend(entries.iter().chain(&params));
    trace.ops[label].set_pool(start, params.len());
    if let Descr::Label(LabelDescr {
        target: LabelTarget::Open { params },
        ..
    }) = &mut trace.descrs[op.descr.0 as usize]
    {
        let mut needed = needed.iter();
        params.retain(|_| *needed.next().expect("one for each parameter"));
    }
}

fn shrink_label(trace: &mut Trace, label: usize, is_needed: &dyn Fn(Arg) -> bool) {
    let last = trace.ops.len() - 1;
    let params = trace.label_params(&trace.ops[label]).to_vec();
    let entries = trace.args(&trace.ops[label]).to_vec();
    let jump = trace.args(&trace.ops[last]).to_vec();
    let live = |list: &[Arg]| -> Vec<Arg> {
        let pairs = list.iter().zip(&params).filter(|(_, p)| is_needed(**p));
        pairs.map(|(a, _)| *a).collect()
    };
    let (entries, jump, params) = (live(&entries), live(&jump), live(&params));
    let start = trace.arg_pool.len();
    trace
        .arg_pool
        .extend(entries.iter().chain(&params).chain(&jump));
    trace.ops[label].set_pool(start, params.len());
    trace.ops[last].set_pool(start + 2 * params.len(), params.len());
}
