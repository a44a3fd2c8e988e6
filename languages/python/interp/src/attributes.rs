//! Attributes by inline caches.
//!
//! An instance of a user class is looked up by its map, an object of a builtin class by its class, a class object by the
//! class that it is. The cached answer is a pure function of the version of that map or class.

use crate::prelude::*;
use crate::{operators, tables};

#[inline(always)]
pub fn load<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let Some(o) = p.cast::<WInst>(p.reg(b(i))) else {
        return p.out_of_line(load_rest);
    };
    let map = p.promote(p.get(o, WInst::MAP));
    let v = match p.memo(i.e, &map.quasi, || {
        map.load_answer(p.vm(), green_name(&p, i))
    }) {
        Some(Answer::Slot(n)) if n < INLINE_SLOTS => {
            let v = p.get(o, WInst::slot(n));
            if p.is_null_ref(v) {
                return p.out_of_line(load_residual);
            }
            v
        }
        Some(Answer::Value(v)) => p.konst(v),
        _ => return p.out_of_line(load_rest),
    };
    p.set_reg(a(i), v);
    Flow::Next
}
#[inline(always)]
pub fn load_method<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    let answer = match p.type_id(x) {
        WInst::TYPE_ID => {
            let map = p.promote(p.get(R::<M, WInst>::assume(x), WInst::MAP));
            p.memo(i.e, &map.quasi, || {
                map.load_answer(p.vm(), green_name(&p, i))
            })
        }
        id @ (WList::TYPE_ID | WDict::TYPE_ID | WStr::TYPE_ID | WSet::TYPE_ID) => {
            let class = p.vm().world().class_of_type_id(id);
            p.memo(i.e, &class.quasi, || {
                class.load_answer(p.vm(), green_name(&p, i))
            })
        }
        WNative::TYPE_ID | WForeign::TYPE_ID => {
            let class = native_class(&p, x);
            if class.has(class_flags::HAS_DICT) {
                return p.out_of_line(load_rest);
            }
            p.memo(i.e, &class.quasi, || {
                class.load_answer(p.vm(), green_name(&p, i))
            })
        }
        _ => return p.out_of_line(load_rest),
    };
    let (function, receiver) = match answer {
        Some(Answer::Method(f) | Answer::BuiltinMethod(f)) => (p.konst(f), x),
        Some(Answer::Value(v)) => (p.konst(Gc::NULL), p.konst(v)),
        _ => return p.out_of_line(load_rest),
    };
    p.set_reg(a(i) + 1, function);
    p.set_reg(a(i) + 2, receiver);
    Flow::Next
}

/// What the inline cache of the instruction says of loading from `x`. None: there is no cache for such an object.
/// An error: the cache was filled and the step must start again.
fn answer<M: PyMachine>(p: &Probe<M>, i: &Ins, x: M::Ref) -> Result<Option<Answer>, Flow<M>> {
    let (vm, name) = (p.vm(), green_name(p, i));
    let cached = |key: &'static Quasi, find: &dyn Fn() -> Answer| match p.memo(i.e, key, find) {
        Some(answer) => Ok(Some(answer)),
        None => {
            p.refill(i.e, key, find());
            Err(Flow::Again)
        }
    };
    match p.type_id(x) {
        WInst::TYPE_ID => {
            let map = p.promote(p.get(R::<M, WInst>::assume(x), WInst::MAP));
            cached(&map.quasi, &|| map.load_answer(vm, name))
        }
        WClass::TYPE_ID => {
            let class = p.promote(p.get(R::<M, WClass>::assume(x), WClass::CLASS));
            // The key of a builtin class is that of its instances' attributes, so its own are looked up each time.
            match class.has(class_flags::HEAP) {
                true => cached(&class.quasi, &|| class.type_answer(vm, name)),
                false => {
                    p.depend_on(&class.quasi);
                    Ok(Some(class.type_answer(vm, name)))
                }
            }
        }
        WModule::TYPE_ID => {
            let dict = R::<M, WDict>::assume(p.get(R::<M, WModule>::assume(x), WModule::DICT));
            match crate::names::structure(p, dict) {
                Some(structure) => {
                    let dict = p.promote_ref(dict.raw);
                    cached(structure, &|| residuals::module_answer(vm, dict, name))
                }
                None => Ok(None),
            }
        }
        id => match builtin_class(p, x, id) {
            Some(class) => cached(&class.quasi, &|| class.load_answer(vm, name)),
            None => Ok(None),
        },
    }
}
/// The class of an object that is one of the two layouts for classes of modules. It is promoted.
#[inline(always)]
pub fn native_class<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> &'static Class {
    match p.cast::<WForeign>(x) {
        Some(x) => p.promote(p.get(x, WForeign::CLASS)),
        None => p.promote(p.get(R::<M, WNative>::assume(x), WNative::CLASS)),
    }
}
/// The class of an object with this type id, if one of few classes and no attributes of its own.
fn builtin_class<M: PyMachine>(p: &Probe<M>, x: M::Ref, id: u32) -> Option<&'static Class> {
    let classes = &p.vm().world().classes;
    match id {
        WGenerator::TYPE_ID => {
            let kind = p.promote_int(p.get(R::<M, WGenerator>::assume(x), WGenerator::KIND));
            Some(
                [
                    classes.generator,
                    classes.coroutine,
                    classes.async_generator,
                ][kind as usize],
            )
        }
        WNative::TYPE_ID | WForeign::TYPE_ID => Some(native_class(p, x)),
        WException::TYPE_ID | WFunction::TYPE_ID | WSuper::TYPE_ID => None,
        // These layouts serve several classes.
        WDictView::TYPE_ID | WDictIter::TYPE_ID | WAwaitable::TYPE_ID => None,
        WMethodDescr::TYPE_ID | WBuiltin::TYPE_ID | WGetSet::TYPE_ID => None,
        _ => Some(p.vm().world().class_of_type_id(id)),
    }
}
/// All that the hot path does not do: other classes, other answers, cache misses.
fn load_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    if i.op == Op::LoadMethod
        && let Some(s) = p.cast::<WSuper>(x)
        && let Some((function, receiver)) = crate::supers::method(&p, s, green_name(&p, i))
    {
        let function = p.konst(function);
        let (first, second) = match receiver {
            Some(receiver) => (function, receiver),
            None => (p.konst(Gc::NULL), function),
        };
        p.set_reg(a(i) + 1, first);
        p.set_reg(a(i) + 2, second);
        return Flow::Next;
    }
    if i.op == Op::LoadAttr
        && let Some(e) = p.cast::<WException>(x)
    {
        // The descriptor comes before what the exception itself has.
        let class = p.promote(p.get(e, WException::CLASS));
        if ouro_py_objects::exception::is_args(class, green_name(&p, i)) {
            p.depend_on(&class.quasi);
            p.set_reg(a(i), p.get(e, WException::ARGS));
            return Flow::Next;
        }
    }
    let found = match answer(&p, i, x) {
        Ok(Some(found)) => found,
        Ok(None) => return load_residual(p, i),
        Err(again) => return again,
    };
    let method = i.op == Op::LoadMethod;
    let value = match found {
        Answer::Slot(n) => {
            let o = R::<M, WInst>::assume(x);
            let v = match n < INLINE_SLOTS {
                true => p.get(o, WInst::slot(n)),
                false => extra_slot(&p, o, n),
            };
            if p.is_null_ref(v) {
                return load_residual(p, i);
            }
            v
        }
        Answer::InDict => {
            let d = p.get(R::<M, WInst>::assume(x), WInst::DICT);
            let key = p.konst(green_name(&p, i));
            match tables::get(&p, R::assume(d), key) {
                Some(Some(v)) => v,
                _ => return load_residual(p, i),
            }
        }
        Answer::Value(v) => p.konst(v),
        Answer::Global(cell) => {
            let v = crate::names::read_cell(&p, cell);
            if p.is_null_ref(v) {
                return load_residual(p, i);
            }
            v
        }
        Answer::Method(f) | Answer::BuiltinMethod(f) if method => {
            p.set_reg(a(i) + 1, p.konst(f));
            p.set_reg(a(i) + 2, x);
            return Flow::Next;
        }
        Answer::ClassMethod(f, class) if method => {
            p.set_reg(a(i) + 1, p.konst(f));
            p.set_reg(a(i) + 2, p.konst(class));
            return Flow::Next;
        }
        Answer::Method(f) => bound_method(&p, p.konst(f), x),
        Answer::ClassMethod(f, class) => bound_method(&p, p.konst(f), p.konst(class)),
        Answer::BuiltinMethod(d) => {
            let descr = R::<M, WMethodDescr>::assume(p.konst(d));
            let def = p.get(descr, WMethodDescr::DEF);
            p.new_object::<WBuiltin>()
                .with(WBuiltin::DEF, def)
                .with(WBuiltin::SELF, x)
                .any()
        }
        Answer::Property(getter) => {
            return match operators::function(&p, getter, 1) {
                Some(f) => {
                    let step = getter_step(&p, i, x);
                    operators::call_special(p, f, [x], step)
                }
                None => load_residual(p, i),
            };
        }
        Answer::Descriptor(d) => {
            let d = p.konst(d);
            return load_by_descriptor(p, i, d);
        }
        _ => return load_residual(p, i),
    };
    set_result(p, i, value)
}
/// What [`find`] has found.
pub enum Attribute<M: PyMachine> {
    Value(M::Ref),
    /// Certainly none, and no guest code would be asked for one.
    Absent,
    Unknown,
}
/// Attribute `name` of `x`, in a recording, where there are no inline caches.
pub fn find<M: PyMachine>(p: &Probe<M>, x: M::Ref, name: Name) -> Attribute<M> {
    let vm = p.vm();
    let (class, answer) = match p.type_id(x) {
        WInst::TYPE_ID => {
            let map = p.promote(p.get(R::<M, WInst>::assume(x), WInst::MAP));
            p.depend_on(&map.quasi);
            if !map.dict_mode && map.find(name).is_none() && lacks(vm, map.class, name) {
                return Attribute::Absent;
            }
            (map.class, map.load_answer(vm, name))
        }
        WClass::TYPE_ID | WModule::TYPE_ID => return Attribute::Unknown,
        id => match builtin_class(p, x, id) {
            Some(class) if !class.has(class_flags::HAS_DICT) => {
                p.depend_on(&class.quasi);
                if lacks(vm, class, name) {
                    return Attribute::Absent;
                }
                (class, class.load_answer(vm, name))
            }
            _ => return Attribute::Unknown,
        },
    };
    p.depend_on(&class.quasi);
    match answer {
        Answer::Slot(n) => {
            let o = R::<M, WInst>::assume(x);
            let v = match n < INLINE_SLOTS {
                true => p.get(o, WInst::slot(n)),
                false => extra_slot(p, o, n),
            };
            match p.is_null_ref(v) {
                true => Attribute::Unknown,
                false => Attribute::Value(v),
            }
        }
        Answer::Value(v) => Attribute::Value(p.konst(v)),
        Answer::Method(f) => Attribute::Value(bound_method(p, p.konst(f), x)),
        Answer::ClassMethod(f, class) => {
            Attribute::Value(bound_method(p, p.konst(f), p.konst(class)))
        }
        _ => Attribute::Unknown,
    }
}
/// Whether neither the class has such an attribute nor a method that is asked for attributes which are not there.
fn lacks(vm: &'static ouro_py_objects::Vm, class: &'static Class, name: Name) -> bool {
    class.lookup(name).is_none()
        && class.special(vm, Special::GetAttr).is_null()
        && class.inherits_from_object(vm, Special::GetAttribute)
}
/// Whether an AttributeError of what a load calls would make it ask `__getattr__`.
fn asks_again<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> bool {
    let class = match p.cast::<WClass>(x) {
        Some(class) => p.promote(p.get(class, WClass::CLASS)).meta(),
        None => match operators::user_class(p, x) {
            Some(class) => class,
            None => return false,
        },
    };
    !class.special(p.vm(), Special::GetAttr).is_null()
}
/// Where the value of a load goes that is called for.
fn value_step(i: &Ins) -> Step {
    match i.op {
        Op::LoadMethod => Step::MethodValue,
        _ => Step::Store,
    }
}
/// The same for a getter that may say by AttributeError that `__getattr__` is to be asked.
fn getter_step<M: PyMachine>(p: &Probe<M>, i: &Ins, x: M::Ref) -> Step {
    match asks_again(p, x) {
        true => Step::Aux0,
        false => value_step(i),
    }
}
/// Return step `Aux0` of loads: the getter's value.
pub fn after_getter<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    set_result(p, i, v)
}
/// Exception entry of `Aux0`: what the getter raised.
pub fn after_getter_raised<M: PyMachine>(p: Probe<M>, i: &Ins, e: M::Ref) -> Flow<M> {
    if !crate::exceptions::is_attribute_error(&p, e) {
        return Flow::Raise(e);
    }
    let (x, name) = (p.reg(b(i)), p.konst(green_name(&p, i)));
    match operators::special(&p, x, Special::GetAttr, 2) {
        Some(f) => operators::call_special(p, f, [x, name], value_step(i)),
        None => {
            let words = [p.word_ref(x), p.word_ref(name), p.word_ref(e)];
            p.commit()
                .call(&residuals::ASK_GETATTR, words, value_step(i))
        }
    }
}
/// `__get__` of a descriptor of a user class, with an instance and its class or with None and a class.
fn load_by_descriptor<M: PyMachine>(p: Probe<M>, i: &Ins, d: M::Ref) -> Flow<M> {
    let x = p.reg(b(i));
    let of_class = p.type_id(x) == WClass::TYPE_ID;
    let class = match operators::user_class(&p, x) {
        Some(class) => p.konst(class.gc()),
        None if of_class => x,
        None => return load_residual(p, i),
    };
    let Some(get) = operators::special(&p, d, Special::Get, 3) else {
        return load_residual(p, i);
    };
    let instance = match of_class {
        true => p.konst(p.vm().world().none),
        false => x,
    };
    let step = getter_step(&p, i, x);
    operators::call_special(p, get, [d, instance, class], step)
}
fn bound_method<M: PyMachine>(p: &Probe<M>, function: M::Ref, receiver: M::Ref) -> M::Ref {
    p.new_object::<WMethod>()
        .with(WMethod::FUNC, function)
        .with(WMethod::SELF, receiver)
        .any()
}
/// Slot `n` beyond the inline ones.
fn extra_slot<M: PyMachine>(p: &Probe<M>, o: R<M, WInst>, n: u32) -> M::Ref {
    let extra = R::<M, WRefArray>::assume(p.get(o, WInst::EXTRA));
    p.item(
        extra,
        WRefArray::ITEMS,
        p.const_int(i64::from(n - INLINE_SLOTS)),
    )
}
/// The value of a load, or of a method to be called that is no method of the class.
fn set_result<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    match i.op {
        Op::LoadMethod => after_method_value(p, i, v),
        _ => {
            p.set_reg(a(i), v);
            Flow::Next
        }
    }
}
/// Return step `MethodValue`.
pub fn after_method_value<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    p.set_reg(a(i) + 1, p.konst(Gc::NULL));
    p.set_reg(a(i) + 2, v);
    Flow::Next
}
/// `__getattr__` as a Python function gets its turn by a guest call; everything else is one residual call.
fn load_residual<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let x = p.reg(b(i));
    let step = value_step(i);
    if let Some(class) = operators::user_class(&p, x)
        && let Some(f) = operators::special(&p, x, Special::GetAttr, 2)
        && class.inherits_from_object(p.vm(), Special::GetAttribute)
    {
        let words = [p.word_ref(x), p.word_ref(p.konst(green_name(&p, i)))];
        // NULL: there is no such attribute.
        let v = p.call_ref(&residuals::FIND_SIMPLE_ATTR, words);
        if p.is_null_ref(v) {
            let name = p.konst(green_name(&p, i));
            return operators::call_special(p, f, [x, name], step);
        }
    }
    let words = [p.word_ref(x), name(&p, i)];
    p.commit().call(&residuals::GET_ATTR, words, step)
}

#[inline(always)]
pub fn store<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let Some(o) = p.cast::<WInst>(p.reg(a(i))) else {
        return p.out_of_line(store_residual);
    };
    let v = p.reg(b(i));
    let map = p.promote(p.get(o, WInst::MAP));
    let answer = p.memo(i.e, &map.quasi, || {
        map.store_answer(p.vm(), green_name(&p, i))
    });
    if p.must_log(o.raw) {
        return p.out_of_line(store_rest);
    }
    match answer {
        Some(Answer::Slot(n)) if n < INLINE_SLOTS => {
            p.commit().write(o).set(WInst::slot(n), v).next()
        }
        Some(Answer::Grow(n, map)) if n < INLINE_SLOTS => {
            let map = p.host(map);
            p.commit()
                .write(o)
                .set(WInst::slot(n), v)
                .set(WInst::MAP, map)
                .next()
        }
        _ => p.out_of_line(store_rest),
    }
}
fn store_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (x, v) = (p.reg(a(i)), p.reg(b(i)));
    let o = R::<M, WInst>::assume(x);
    let map = p.promote(p.get(o, WInst::MAP));
    let (vm, name) = (p.vm(), green_name(&p, i));
    match p.memo(i.e, &map.quasi, || map.store_answer(vm, name)) {
        None => {
            p.refill(i.e, &map.quasi, map.store_answer(vm, name));
            return Flow::Again;
        }
        Some(Answer::Slot(n)) if n < INLINE_SLOTS => {
            return p.commit().write(o).set(WInst::slot(n), v).next();
        }
        Some(Answer::Slot(n)) => {
            let extra = R::<M, WRefArray>::assume(p.get(o, WInst::EXTRA));
            let n = p.const_int(i64::from(n - INLINE_SLOTS));
            p.commit().set_item(extra, WRefArray::ITEMS, n, v);
            return Flow::Next;
        }
        Some(Answer::Grow(n, map)) if n < INLINE_SLOTS => {
            let map = p.host(map);
            return p
                .commit()
                .write(o)
                .set(WInst::slot(n), v)
                .set(WInst::MAP, map)
                .next();
        }
        Some(Answer::Grow(n, map)) => {
            let extra = p.get(o, WInst::EXTRA);
            let n = i64::from(n - INLINE_SLOTS);
            if !p.is_null_ref(extra) {
                let extra = R::<M, WRefArray>::assume(extra);
                let index = p.const_int(n);
                if p.in_bounds(index, p.array_len(extra, WRefArray::ITEMS)) {
                    let map = p.host(map);
                    let c = p.commit();
                    c.set_item(extra, WRefArray::ITEMS, index, v);
                    return c.write(o).set(WInst::MAP, map).next();
                }
            }
        }
        Some(Answer::InDict) => {
            let d = p.get(o, WInst::DICT);
            let key = p.konst(green_name(&p, i));
            return match tables::set(p, R::assume(d), key, v) {
                Ok(flow) => flow,
                Err(p) => store_residual(p, i),
            };
        }
        Some(Answer::PropertySet(setter)) => {
            if let Some(f) = operators::function(&p, setter, 2) {
                return operators::call_special(p, f, [x, v], Step::Drop);
            }
        }
        Some(Answer::Descriptor(d)) => {
            let d = p.konst(d);
            if let Some(set) = operators::special(&p, d, Special::Set, 3) {
                return operators::call_special(p, set, [d, x, v], Step::Drop);
            }
        }
        _ => {}
    }
    store_residual(p, i)
}
fn store_residual<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let (x, v) = (p.reg(a(i)), p.reg(b(i)));
    if let Some(f) = operators::special(&p, x, Special::SetAttr, 3) {
        let name = p.konst(green_name(&p, i));
        return operators::call_special(p, f, [x, name, v], Step::Drop);
    }
    let words = [p.word_ref(x), name(&p, i), p.word_ref(v)];
    p.commit().call(&residuals::SET_ATTR, words, Step::Drop)
}
#[inline(always)]
pub fn delete<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(delete_residual)
}
fn delete_residual<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if let Some((o, map, slots)) = deletion(&p, i) {
        let map = p.host(map);
        let mut write = p.commit().write(o).set(WInst::MAP, map);
        for (n, v) in slots {
            write = write.set(WInst::slot(n), v);
        }
        return write.next();
    }
    let words = [p.word_ref(p.reg(a(i))), name(&p, i)];
    p.commit().call(&residuals::DELETE_ATTR, words, Step::Drop)
}
/// The deletion of an attribute in an inline slot: the instance's new map, and what is then in the slots from its own on. For
/// recordings only: to find the map takes as long as a call.
#[allow(clippy::type_complexity)]
fn deletion<M: PyMachine>(
    p: &Probe<M>,
    i: &Ins,
) -> Option<(R<M, WInst>, &'static Map, Vec<(u32, M::Ref)>)> {
    if !M::RECORDS {
        return None;
    }
    let o = p.cast::<WInst>(p.reg(a(i)))?;
    let map = p.promote(p.get(o, WInst::MAP));
    p.depend_on(&map.quasi);
    let (shorter, gone) = map.without(p.vm(), green_name(p, i))?;
    let last = map.names.len() as u32 - 1;
    if last >= INLINE_SLOTS || p.is_null_ref(p.get(o, WInst::slot(gone))) {
        return None;
    }
    let mut slots: Vec<_> = (gone..last)
        .map(|n| (n, p.get(o, WInst::slot(n + 1))))
        .collect();
    slots.push((last, p.konst(Gc::NULL)));
    Some((o, shorter, slots))
}
