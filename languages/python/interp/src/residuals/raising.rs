//! Raising and matching exceptions.

use super::residuals;
use ouro_gc::Gc;
use ouro_machine::Effects;
use ouro_py_objects::class::class_flags;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Errors, PyResult, Temps, Vm, type_of};
use ouro_py_objects::{call, exception, list, tuple};

/// The class, if it is a class of exceptions.
fn exception_class(x: Gc) -> Option<&'static ouro_py_objects::Class> {
    let class = x.is::<WClass>().then(|| x.get(WClass::CLASS).expect())?;
    class.has(class_flags::EXCEPTION).then_some(class)
}
fn catchable(vm: &'static Vm, wanted: Gc) -> PyResult<Vec<&'static ouro_py_objects::Class>> {
    let error =
        || vm.type_error("catching classes that do not inherit from BaseException is not allowed");
    if !wanted.is::<WTuple>() {
        return Ok(vec![exception_class(wanted).ok_or_else(error)?]);
    }
    tuple::items(wanted)
        .iter()
        .map(|c| exception_class(*c).ok_or_else(error))
        .collect()
}

residuals! {
    /// `raise x` or `raise x from cause`; always raises.
    RAISE = raise(vm, x: Gc, cause: Gc) -> Gc, Effects::ANY, {
        let e = exception::from_raise(vm, x)?;
        if !cause.is_null() {
            exception::set_cause(vm, e, cause)?;
        }
        exception::chain_context(vm, e);
        Err(e)
    }
    /// `raise` without an exception being handled.
    NOTHING_TO_RERAISE = nothing_to_reraise(vm) -> Gc, Effects::READS_OR_RAISES, {
        Err(vm.runtime_error("No active exception to reraise"))
    }
    /// Whether exception `e` matches a class or a tuple of classes, as a bool.
    EXCEPTION_MATCHES = exception_matches(vm, e: Gc, wanted: Gc) -> Gc, Effects::READS_OR_RAISES, {
        let class = type_of(vm, e);
        let wanted = catchable(vm, wanted)?;
        Ok(vm.world().bool(wanted.iter().any(|w| class.is_subclass(w))))
    }
    /// `except*`: the parts of `group` that match and do not.
    GROUP_MATCH = group_match(vm, group: Gc, wanted: Gc) -> Gc, Effects::ANY, {
        let classes = catchable(vm, wanted)?;
        let groups = vm.world().classes.base_exception_group;
        if classes.iter().any(|c| c.is_subclass(groups)) {
            let text = "catching ExceptionGroup with except* is not allowed. Use except instead.";
            return Err(vm.type_error(text));
        }
        let none = vm.world().none;
        let (matched, rest) = exception::split_group(vm, group, wanted)?;
        let mut matched = if matched.is_null() { none } else { matched };
        if matched != none && !type_of(vm, matched).is_subclass(groups) {
            // A naked exception is wrapped, so that the handler always sees a group.
            let items = tuple::new(vm, &[matched]);
            let class = vm.world().classes.exception_group.gc();
            let traceback = matched.get(WException::TRACEBACK);
            matched = call::call_args(vm, class, &[vm.world().empty_str, items])?;
            matched.set(vm, WException::TRACEBACK, traceback);
        }
        Ok(tuple::new(vm, &[matched, if rest.is_null() { none } else { rest }]))
    }
    /// `except*`: what is to be raised at the end, or None.
    PREPARE_RERAISE_STAR = prepare_reraise_star(vm, group: Gc, raised: Gc) -> Gc, Effects::ANY, {
        let none = vm.world().none;
        let items = list::to_temps(vm, raised)?;
        // Parts that were not handled, or raised again as they are, go back into the shape of the original group.
        let original = |e: Gc| e == group || e.get(WException::TRACEBACK) == group.get(WException::TRACEBACK);
        let (mut again, mut all) = (Temps::new(vm), Temps::new(vm));
        for &e in items.iter().filter(|&&e| e != none) {
            if original(e) { again.push(e) } else { all.push(e) }
        }
        let groups = vm.world().classes.base_exception_group;
        let again = match &again[..] {
            [] => Gc::NULL,
            [one] if !type_of(vm, group).is_subclass(groups) => *one,
            _ if !type_of(vm, group).is_subclass(groups) => group,
            many => exception::project(vm, group, many)?,
        };
        if all.is_empty() {
            return Ok(if again.is_null() { none } else { again });
        }
        if !again.is_null() {
            all.push(again);
        }
        let items = tuple::new(vm, &all);
        call::call_args(vm, vm.world().classes.exception_group.gc(), &[vm.world().empty_str, items])
    }
}
