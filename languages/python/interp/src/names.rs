//! Global names, and names of code that is no function.
//!
//! The namespace of a module holds cells. The place of a cell is cached under the version of the namespace's structure;
//! a cell that was written once is a constant in traces as long as nobody writes it again.

use crate::moves;
use crate::prelude::*;

/// The function that runs: register 0, or that of the generator in register 0.
#[inline(always)]
pub fn running_function<M: PyMachine>(p: &Probe<M>) -> R<M, WFunction> {
    let r0 = p.reg(0);
    match p.cast::<WFunction>(r0) {
        Some(function) => function,
        None => R::assume(p.get(R::<M, WGenerator>::assume(r0), WGenerator::FUNC)),
    }
}
/// The namespace that the running function's globals live in.
#[inline(always)]
fn globals<M: PyMachine>(p: &Probe<M>) -> R<M, WDict> {
    R::assume(p.get(running_function(p), WFunction::GLOBALS))
}
/// The structure of a namespace with cells.
#[inline(always)]
pub fn structure<M: PyMachine>(p: &Probe<M>, dict: R<M, WDict>) -> Option<&'static Quasi> {
    let flags = p.promote_int(p.get(dict, WDict::FLAGS));
    (flags & dict_flags::CELLS != 0).then(|| p.promote(p.get(dict, WDict::STRUCTURE)))
}
/// The value of a global's cell; NULL if it was deleted.
#[inline(always)]
pub fn read_cell<M: PyMachine>(p: &Probe<M>, cell: Gc) -> M::Ref {
    if M::RECORDS && cell.get(WGlobalCell::WRITES) <= 1 {
        p.depend_on(cell.get(WGlobalCell::STABLE).expect());
        return p.konst(cell.get(WGlobalCell::VALUE));
    }
    p.get(
        R::<M, WGlobalCell>::assume(p.konst(cell)),
        WGlobalCell::VALUE,
    )
}

/// `__name__` of a namespace with cells, while recording. None: it has none, or no cells.
pub fn module_name<M: PyMachine>(p: &Probe<M>, dict: R<M, WDict>) -> Option<M::Ref> {
    let structure = structure(p, dict)?;
    let (vm, dict) = (p.vm(), p.promote_ref(dict.raw));
    p.depend_on(structure);
    match residuals::own_cell_answer(vm, dict, vm.world().names.name) {
        Answer::Global(cell) => {
            let name = read_cell(p, cell);
            (!p.is_null_ref(name)).then_some(name)
        }
        _ => None,
    }
}

#[inline(always)]
pub fn load_global<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let dict = globals(&p);
    let Some(structure) = structure(&p, dict) else {
        return p.out_of_line(load_global_residual);
    };
    match p.memo(i.e, structure, || {
        residuals::global_answer(p.vm(), p.promote_ref(dict.raw), green_name(&p, i))
    }) {
        Some(Answer::Global(cell)) => {
            let v = read_cell(&p, cell);
            if p.is_null_ref(v) {
                return p.out_of_line(load_global_residual);
            }
            p.set_reg(a(i), v);
            Flow::Next
        }
        _ => p.out_of_line(load_global_rest),
    }
}
fn load_global_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let dict = globals(&p);
    let Some(structure) = structure(&p, dict) else {
        return load_global_residual(p, i);
    };
    let (vm, name) = (p.vm(), green_name(&p, i));
    let concrete = p.promote_ref(dict.raw);
    match p.memo(i.e, structure, || {
        residuals::global_answer(vm, concrete, name)
    }) {
        None => {
            p.refill(i.e, structure, residuals::global_answer(vm, concrete, name));
            Flow::Again
        }
        Some(_) => load_global_residual(p, i),
    }
}
fn load_global_residual<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(globals(&p).raw), name(&p, i)];
    p.commit().call_store(&residuals::LOAD_GLOBAL, words)
}
#[inline(always)]
pub fn store_global<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let dict = globals(&p);
    if let Some(structure) = structure(&p, dict)
        && let Some(Answer::Global(cell)) = p.memo(i.e, structure, || {
            residuals::own_cell_answer(p.vm(), p.promote_ref(dict.raw), green_name(&p, i))
        })
        && cell.get(WGlobalCell::WRITES) == WGlobalCell::PLAIN
    {
        let cell = R::<M, WGlobalCell>::assume(p.konst(cell));
        let v = p.reg(a(i));
        if !p.must_log(cell.raw) {
            return p.commit().write(cell).set(WGlobalCell::VALUE, v).next();
        }
    }
    p.out_of_line(store_global_rest)
}
/// A cell that was written more than once is a plain field, unless its namespace is watched; before that, a write
/// invalidates, so it is residual.
fn store_global_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let dict = globals(&p);
    let v = p.reg(a(i));
    if let Some(structure) = structure(&p, dict) {
        let (vm, name) = (p.vm(), green_name(&p, i));
        let concrete = p.promote_ref(dict.raw);
        let find = || residuals::own_cell_answer(vm, concrete, name);
        match p.memo(i.e, structure, find) {
            None => {
                p.refill(i.e, structure, find());
                return Flow::Again;
            }
            Some(Answer::Global(cell)) if cell.get(WGlobalCell::WRITES) == WGlobalCell::PLAIN => {
                let cell = R::<M, WGlobalCell>::assume(p.konst(cell));
                return p.commit().write(cell).set(WGlobalCell::VALUE, v).next();
            }
            Some(_) => {}
        }
    }
    let words = [p.word_ref(dict.raw), name(&p, i), p.word_ref(v)];
    p.commit().call(&residuals::STORE_GLOBAL, words, Step::Drop)
}
#[inline(always)]
pub fn delete_global<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(delete_global_rest)
}
fn delete_global_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(globals(&p).raw), name(&p, i)];
    p.commit()
        .call(&residuals::DELETE_GLOBAL, words, Step::Drop)
}

// ---- names of modules, classes, exec. In a module the namespace is the globals.
#[inline(always)]
pub fn load_name<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if !p.guard(p.same(p.reg(1), globals(&p).raw)) {
        return p.out_of_line(load_name_residual);
    }
    load_global(p, i)
}
fn load_name_residual<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [
        p.word_ref(p.reg(1)),
        p.word_ref(globals(&p).raw),
        name(&p, i),
    ];
    p.commit().call_store(&residuals::LOAD_NAME, words)
}
#[inline(always)]
pub fn store_name<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if !p.guard(p.same(p.reg(1), globals(&p).raw)) {
        return p.out_of_line(store_name_rest);
    }
    store_global(p, i)
}
fn store_name_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if p.guard(p.same(p.reg(1), globals(&p).raw)) {
        return store_global_rest(p, i);
    }
    let words = [p.word_ref(p.reg(1)), name(&p, i), p.word_ref(p.reg(a(i)))];
    p.commit().call(&residuals::STORE_NAME, words, Step::Drop)
}
#[inline(always)]
pub fn delete_name<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(delete_name_rest)
}
fn delete_name_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(1)), name(&p, i)];
    p.commit().call(&residuals::DELETE_NAME, words, Step::Drop)
}
pub fn load_class_deref<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(load_class_deref_rest)
}
fn load_class_deref_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(1)), name(&p, i)];
    p.commit().call(&residuals::FIND_NAME, words, Step::Aux0)
}
/// Return step `Aux0` of `LoadClassDeref`: the value in the namespace, or NULL.
pub fn after_class_deref<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    if !p.is_null_ref(v) {
        p.set_reg(a(i), v);
        return Flow::Next;
    }
    let v = p.get(R::<M, WCell>::assume(p.reg(b(i))), WCell::VALUE);
    if p.is_null_ref(v) {
        return moves::empty_cell(p, i);
    }
    p.set_reg(a(i), v);
    Flow::Next
}

// ---- fixed names
#[inline(always)]
pub fn load_build_class<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(load_build_class_rest)
}
fn load_build_class_rest<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    let words = [p.word_ref(globals(&p).raw)];
    p.commit().call_store(&residuals::LOAD_BUILD_CLASS, words)
}
#[inline(always)]
pub fn load_assertion_error<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    p.set_reg(a(i), p.konst(p.vm().world().classes.assertion_error.gc()));
    Flow::Next
}
#[inline(always)]
pub fn setup_annotations<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(setup_annotations_rest)
}
fn setup_annotations_rest<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(1))];
    p.commit()
        .call(&residuals::SETUP_ANNOTATIONS, words, Step::Drop)
}
#[inline(always)]
pub fn print_expr<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(print_expr_rest)
}
fn print_expr_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let words = [p.word_ref(p.reg(a(i)))];
    p.commit().call(&residuals::PRINT_EXPR, words, Step::Drop)
}
