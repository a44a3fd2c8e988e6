//! Patterns of the `match` statement.

use super::residuals;
use ouro_gc::Gc;
use ouro_machine::Effects;
use ouro_py_objects::class::class_flags;
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Class, Errors, Name, PyResult, Temps, Vm, type_of};
use ouro_py_objects::{attribute, call, int, operator, str, tuple};

/// The names in a constant tuple, interned; None if they are not, which constants of the compiler always are.
pub fn names_of(names: Gc) -> Option<Vec<Name>> {
    let names = tuple::items(names);
    let interned = |n: &Gc| n.header().state() & ouro_gc::state_bits::IMMORTAL != 0;
    names.iter().all(interned).then(|| names.to_vec())
}
/// The first `count` names of the class's `__match_args__`, as a pure function of the version of the class: nothing of it is
/// looked up by a metaclass, and no names stand for the subject itself. None where the general way has to decide.
pub fn match_args(vm: &'static Vm, class: &'static Class, count: usize) -> Option<Vec<Name>> {
    if count == 0 {
        return Some(Vec::new());
    }
    if !std::ptr::eq(class.meta(), vm.world().classes.type_) {
        return None;
    }
    let name = str::intern(vm, "__match_args__");
    let Some(args) = class.lookup(name) else {
        let itself = count == 1 && class.has(class_flags::MATCH_SELF);
        return itself.then(Vec::new);
    };
    if class.cell(name).is_some() || !args.is::<WTuple>() || tuple::len(args) < count {
        return None;
    }
    let args = &tuple::items(args)[..count];
    args.iter().all(|a| a.is::<WStr>()).then(|| {
        args.iter()
            .map(|a| str::intern(vm, &str::to_text(*a)))
            .collect()
    })
}
/// The value of the attribute `name`, which must be new in `seen`; None if the subject does not have it.
fn match_attribute(
    vm: &'static Vm,
    subject: Gc,
    class: Gc,
    name: Gc,
    seen: &mut Vec<String>,
) -> PyResult<Option<Gc>> {
    let text = str::to_text(name);
    if seen.contains(&text) {
        let class = class_of(class).text();
        let text = format!("{class}() got multiple sub-patterns for attribute '{text}'");
        return Err(vm.type_error(text));
    }
    let name = str::intern(vm, &text);
    seen.push(text);
    attribute::get_attr_opt(vm, subject, name)
}
fn class_of(class: Gc) -> &'static Class {
    class.get(WClass::CLASS).expect()
}

residuals! {
    /// `len(x)`
    LENGTH = length(vm, x: Gc) -> Gc, Effects::ANY, {
        operator::len(vm, x).map(|n| int::new(vm, n as i64))
    }
    /// Whether the class of `x` has a flag, as a bool.
    HAS_CLASS_FLAG = has_class_flag(vm, x: Gc, flag: i64) -> Gc, Effects::READS_OR_RAISES, {
        Ok(vm.world().bool(type_of(vm, x).has(flag as u32)))
    }
    /// Whether the subject is an instance of the class in a class pattern, as a bool.
    MATCH_INSTANCE = match_instance(vm, subject: Gc, class: Gc) -> Gc, Effects::ANY, {
        if ouro_py_objects::make_class::class_of(class).is_none() {
            return Err(vm.type_error("called match pattern must be a type"));
        }
        Ok(vm.world().bool(operator::is_instance(vm, subject, class)?))
    }
    /// The values of a mapping under some keys, as a tuple; None if one is missing.
    MATCH_KEYS = match_keys(vm, mapping: Gc, keys: Gc) -> Gc, Effects::ANY, {
        // The default that `get` gives back for a key that is not there.
        let missing = call::call_args(vm, vm.world().classes.object.gc(), &[])?;
        let get = str::intern(vm, "get");
        let mut values = Temps::new(vm);
        values.push(missing);
        for n in 0..tuple::len(keys) {
            let key = tuple::items(keys)[n];
            for m in 0..n {
                if operator::eq(vm, tuple::items(keys)[m], key)? {
                    let text = operator::repr_text(vm, key)?;
                    let text = format!("mapping pattern checks duplicate key ({text})");
                    return Err(vm.value_error(text));
                }
            }
            let v = call::call_method(vm, mapping, get, &[key, values[0]])?;
            if v == values[0] {
                return Ok(vm.world().none);
            }
            values.push(v);
        }
        Ok(tuple::new(vm, &values[1..]))
    }
    /// The attributes that a class pattern looks at, as a tuple; None if the subject lacks one.
    MATCH_CLASS = match_class(vm, subject: Gc, class: Gc, names: Gc, positional: i64) -> Gc, Effects::ANY, {
        let none = vm.world().none;
        let positional = positional as usize;
        let mut seen = Vec::new();
        let mut values = Temps::new(vm);
        if positional > 0 {
            let own = class_of(class);
            let args = attribute::get_attr_opt(vm, class, str::intern(vm, "__match_args__"))?;
            // Only classes that do not say otherwise match the subject itself.
            let itself = args.is_none() && own.has(class_flags::MATCH_SELF);
            let args = args.unwrap_or(vm.world().empty_tuple);
            if !args.is::<WTuple>() {
                let got = type_of(vm, args).text();
                let text = format!("{}.__match_args__ must be a tuple (got {got})", own.text());
                return Err(vm.type_error(text));
            }
            let allowed = if itself { 1 } else { tuple::len(args) };
            if allowed < positional {
                let s = if allowed == 1 { "" } else { "s" };
                let own = own.text();
                let text = format!("{own}() accepts {allowed} positional sub-pattern{s} ({positional} given)");
                return Err(vm.type_error(text));
            }
            if itself {
                values.push(subject);
            } else {
                for n in 0..positional {
                    let name = tuple::items(args)[n];
                    if !name.is::<WStr>() {
                        let got = type_of(vm, name).text();
                        let text = format!("__match_args__ elements must be strings (got {got})");
                        return Err(vm.type_error(text));
                    }
                    match match_attribute(vm, subject, class, name, &mut seen)? {
                        Some(v) => values.push(v),
                        None => return Ok(none),
                    }
                }
            }
        }
        for n in 0..tuple::len(names) {
            let name = tuple::items(names)[n];
            match match_attribute(vm, subject, class, name, &mut seen)? {
                Some(v) => values.push(v),
                None => return Ok(none),
            }
        }
        Ok(tuple::new(vm, &values))
    }
}
