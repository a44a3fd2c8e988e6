//! Calls.
//!
//! A Python function whose parameters are plain and all given is entered in place: its register 0 is the window's register
//! of the function. Everything else is prepared out of line, into the same shape if possible, by a residual call if not.

use crate::instances::{call_answer, call_class, enter_init, new_instance, plain_init};
use crate::prelude::*;
use crate::{builtins, dicts, direct_calls, foreign, items};
use smallvec::{SmallVec, smallvec};

#[inline(always)]
pub fn return_value<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    Flow::Return(p.reg(a(i)))
}
#[inline(always)]
pub fn return_const<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    Flow::Return(p.konst(p.code().constant(i.d as usize)))
}

/// The callable of a call with its arguments: `argc` registers from `function + 1` on.
#[derive(Clone, Copy)]
pub struct Window {
    pub function: u32,
    pub argc: u32,
}

#[inline(always)]
pub fn call<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let w = Window {
        function: b(i) + 2,
        argc: c(i),
    };
    // A class whose `__init__` is called like a function is as usual as a function.
    if let Some(callee) = p.cast::<WClass>(p.reg(w.function)) {
        let class = p.promote(p.get(callee, WClass::CLASS));
        let vm = p.vm();
        if let Some(Answer::New(map, init)) = p.memo(i.e, &class.quasi, || call_answer(vm, class))
            && let Some(method) = plain_init(&p, i, w, init)
        {
            return enter_init(p, i, w, map, method);
        }
        return p.out_of_line(call_rest);
    }
    if p.type_id(p.reg(w.function)) == WBuiltin::TYPE_ID {
        return p.out_of_line(call_a_builtin);
    }
    enter(p, w, call_rest)
}
fn call_a_builtin<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    foreign::call_function(p, i, call_rest)
}
#[inline(always)]
pub fn call_method<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    if p.is_null_ref(p.reg(b(i) + 1)) {
        return enter(
            p,
            Window {
                function: b(i) + 2,
                argc: c(i),
            },
            call_rest,
        );
    }
    // The method that is called most of all.
    if i.c == 1
        && let Some(descr) = p.cast::<WMethodDescr>(p.reg(b(i) + 1))
        && p.promote(p.get(descr, WMethodDescr::DEF)).inline == Some(Inline::ListAppend)
        && let Some(list) = p.cast::<WList>(p.reg(b(i) + 2))
    {
        let v = p.reg(b(i) + 3);
        let none = p.vm().world().none;
        return match items::append_in_place(p, list, v) {
            Ok(c) => {
                c.set_reg(a(i), c.konst(none));
                Flow::Next
            }
            Err(p) => p.out_of_line(call_rest),
        };
    }
    enter(
        p,
        Window {
            function: b(i) + 1,
            argc: c(i) + 1,
        },
        call_rest,
    )
}
#[inline(always)]
fn enter<M: PyMachine>(p: Probe<M>, w: Window, rest: Handler<M>) -> Flow<M> {
    if let Some(f) = p.cast::<WFunction>(p.reg(w.function)) {
        let code = p.promote(p.get(f, WFunction::CODE));
        if code.info.simple && code.info.argcount == w.argc {
            return Flow::Call {
                code,
                window: w.function,
                step: Step::Store,
            };
        }
    }
    p.out_of_line(rest)
}

/// The window of a call as the instruction left it.
pub fn window_of<M: PyMachine>(p: &Probe<M>, i: &Ins) -> Window {
    let method =
        matches!(i.op, Op::CallMethod | Op::CallMethodKw) && !p.is_null_ref(p.reg(b(i) + 1));
    match method {
        true => Window {
            function: b(i) + 1,
            argc: c(i) + 1,
        },
        false => Window {
            function: b(i) + 2,
            argc: c(i),
        },
    }
}
pub fn call_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let w = window_of(&p, i);
    let callee = p.reg(w.function);
    match p.type_id(callee) {
        WFunction::TYPE_ID => call_function(p, w),
        WMethodDescr::TYPE_ID => {
            let descr = R::<M, WMethodDescr>::assume(callee);
            let def = p.promote(p.get(descr, WMethodDescr::DEF));
            match def.inline {
                Some(inline) => builtins::call(p, i, inline, w.function + 1, w.argc),
                None => match foreign::call_method(&p, descr, def, w.function + 1, w.argc, None) {
                    Some(call) => call.go(p, Step::Store),
                    None => residual_call(p, w),
                },
            }
        }
        WBuiltin::TYPE_ID => {
            let builtin = R::<M, WBuiltin>::assume(callee);
            let def = p.promote(p.get(builtin, WBuiltin::DEF));
            let receiver = p.get(builtin, WBuiltin::SELF);
            match def.inline {
                Some(inline) if p.is_null_ref(receiver) => {
                    builtins::call(p, i, inline, w.function + 1, w.argc)
                }
                Some(inline @ (Inline::ListAppend | Inline::ListPop | Inline::ListInsert)) => {
                    builtins::list_method(p, i, inline, receiver, w.function + 1, w.argc)
                }
                _ => match foreign::call_builtin(&p, builtin, def, w.function + 1, w.argc, None) {
                    Some(call) => call.go(p, Step::Store),
                    None => residual_call(p, w),
                },
            }
        }
        WMethod::TYPE_ID => call_bound(p, w),
        WClass::TYPE_ID => call_class(p, i, w),
        WInst::TYPE_ID => call_instance(p, w),
        _ => residual_call(p, w),
    }
}
/// The call by a residual function, to a builtin or to whatever there is no shorter way to.
pub fn residual<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let w = window_of(&p, i);
    residual_call(p, w)
}
pub fn residual_call<M: PyMachine>(p: Probe<M>, w: Window) -> Flow<M> {
    if let Some(call) = direct_calls::call(&p, w) {
        return call.go(p);
    }
    let r = |n: u32| p.word_ref(p.reg(w.function + n));
    match w.argc {
        0 => {
            let words = [r(0)];
            p.commit().call_store(&residuals::CALL0, words)
        }
        1 => {
            let words = [r(0), r(1)];
            p.commit().call_store(&residuals::CALL1, words)
        }
        2 => {
            let words = [r(0), r(1), r(2)];
            p.commit().call_store(&residuals::CALL2, words)
        }
        3 => {
            let words = [r(0), r(1), r(2), r(3)];
            p.commit().call_store(&residuals::CALL3, words)
        }
        _ => {
            let words = [r(0), p.word_ref(tuple_of(&p, w.function + 1, w.argc))];
            p.commit().call_store(&residuals::CALL_TUPLE, words)
        }
    }
}
/// A tuple of `count` registers from `first` on.
pub fn tuple_of<M: PyMachine>(p: &Probe<M>, first: u32, count: u32) -> M::Ref {
    let mut tuple = p.new_array(WTuple::ITEMS, p.const_int(i64::from(count)));
    for n in 0..count {
        tuple = tuple.with(p.const_int(i64::from(n)), p.reg(first + n));
    }
    tuple.any()
}

/// A bound method: the function and its self take the two registers below the arguments.
fn call_bound<M: PyMachine>(p: Probe<M>, w: Window) -> Flow<M> {
    let method = R::<M, WMethod>::assume(p.reg(w.function));
    let function = p.get(method, WMethod::FUNC);
    if let Some(f) = p.cast::<WFunction>(function) {
        let code = p.promote(p.get(f, WFunction::CODE));
        if code.info.simple && code.info.argcount == w.argc + 1 {
            let receiver = p.get(method, WMethod::SELF);
            return enter_in_place(p, w, code, function, receiver, Step::Store);
        }
        if let Some(code) = bind_method(&p, method, function, w, &[]) {
            return enter_above(p, code);
        }
    }
    residual_call(p, w)
}
/// As [`bind`] for the function of a bound method with the arguments in the window.
fn bind_method<M: PyMachine>(
    p: &Probe<M>,
    method: R<M, WMethod>,
    function: M::Ref,
    w: Window,
    names: &[Name],
) -> Option<&'static PyCode> {
    let receiver = p.get(method, WMethod::SELF);
    let arg = |n: u32| match n {
        0 => receiver,
        n => p.reg(w.function + n),
    };
    bind(p, function, w.argc + 1, arg, names)
}
/// Enters a function that gets `receiver` before the arguments: the two take the registers below these, one of which
/// held the callable. This is the last thing that a step does, since the operand is overwritten (P2).
fn enter_in_place<M: PyMachine>(
    p: Probe<M>,
    w: Window,
    code: &'static PyCode,
    function: M::Ref,
    receiver: M::Ref,
    step: Step,
) -> Flow<M> {
    p.set_reg(w.function - 1, function);
    p.set_reg(w.function, receiver);
    Flow::Call {
        code,
        window: w.function - 1,
        step,
    }
}
/// An instance with a `__call__` that is a Python function.
fn call_instance<M: PyMachine>(p: Probe<M>, w: Window) -> Flow<M> {
    let x = p.reg(w.function);
    match crate::operators::special(&p, x, Special::Call, w.argc + 1) {
        Some(method) => {
            let function = p.konst(method.function);
            enter_in_place(p, w, method.code, function, x, Step::Store)
        }
        None => residual_call(p, w),
    }
}

/// A Python function whose parameters are not plain, or not all given.
fn call_function<M: PyMachine>(p: Probe<M>, w: Window) -> Flow<M> {
    match bind(
        &p,
        p.reg(w.function),
        w.argc,
        |n| p.reg(w.function + 1 + n),
        &[],
    ) {
        Some(code) => enter_above(p, code),
        None => residual_call(p, w),
    }
}
/// Enters a function that [`bind`] has prepared.
pub fn enter_above<M: PyMachine>(p: Probe<M>, code: &'static PyCode) -> Flow<M> {
    Flow::Call {
        code,
        window: p.code().nregs,
        step: Step::Store,
    }
}
/// Most parameters, and names of arguments, that [`bind`] deals with.
const MAX_BOUND: usize = 64;
/// Most keyword-only parameters whose defaults [`bind`] looks up.
const MAX_NAMED_DEFAULTS: usize = 8;
/// Whether the arguments are those of the first parameters in their order, and only plain parameters are left without one.
fn as_declared(code: &PyCode, positional: usize, names: &[Name]) -> bool {
    let data = &code.info.data;
    let end = positional + names.len();
    positional <= data.argcount as usize
        && (names.is_empty() || positional >= data.posonlyargcount as usize)
        && end <= (data.argcount + data.kwonlyargcount) as usize
        && (data.kwonlyargcount == 0 || end == (data.argcount + data.kwonlyargcount) as usize)
        && code.info.params[positional..end] == *names
}
/// [`bind`] for arguments [`as_declared`]: the parameters after them have their defaults.
fn bind_in_order<M: PyMachine>(
    p: &Probe<M>,
    f: R<M, WFunction>,
    code: &'static PyCode,
    argc: u32,
    arg: impl Fn(u32) -> M::Ref,
) -> Option<&'static PyCode> {
    let (window, argcount) = (p.code().nregs, code.info.data.argcount);
    if argc < argcount {
        let held = p.get(f, WFunction::DEFAULTS);
        if p.is_null_ref(held) {
            return None;
        }
        let tuple = R::<M, WTuple>::assume(held);
        let count = p.promote_int(p.array_len(tuple, WTuple::ITEMS)) as u32;
        let first = argcount.checked_sub(count).filter(|&first| first <= argc)?;
        for n in argc..argcount {
            let default = p.item(tuple, WTuple::ITEMS, p.const_int(i64::from(n - first)));
            p.set_reg(window + 1 + n, default);
        }
    }
    (0..argc).for_each(|n| p.set_reg(window + 1 + n, arg(n)));
    p.set_reg(window, f.raw);
    Some(code)
}
/// Fills the registers of a frame above the present one for a call of `callee`, a Python function. None: an error, or a
/// case for the residual call. `names` are those of the last arguments.
///
/// Nothing is allocated once a register is filled: no root names these registers before the frame is entered, and an
/// allocation at the limit of the heap moves objects.
pub fn bind<M: PyMachine>(
    p: &Probe<M>,
    callee: M::Ref,
    argc: u32,
    arg: impl Fn(u32) -> M::Ref,
    names: &[Name],
) -> Option<&'static PyCode> {
    let f = R::<M, WFunction>::assume(callee);
    let code = p.promote(p.get(f, WFunction::CODE));
    let data = &code.info.data;
    let window = p.code().nregs;
    let positional = argc as usize - names.len();
    let (argcount, named) = (
        data.argcount as usize,
        (data.argcount + data.kwonlyargcount) as usize,
    );
    let (varargs, varkw) = (code.info.has(CO_VARARGS), code.info.has(CO_VARKEYWORDS));
    if named > MAX_BOUND || names.len() > MAX_BOUND || (positional > argcount && !varargs) {
        return None;
    }
    if !varargs && !varkw && as_declared(code, positional, names) {
        return bind_in_order(p, f, code, argc, arg);
    }
    // Which argument each parameter gets.
    let mut given: SmallVec<[Option<u32>; 12]> = smallvec![None; named];
    for n in 0..positional.min(argcount) {
        given[n] = Some(n as u32);
    }
    // Bits of the names that go to `**kwargs`.
    let mut others = 0u64;
    for (n, name) in names.iter().enumerate() {
        let found = code.info.params[..named].iter().position(|p| p == name);
        match found.filter(|&found| found >= data.posonlyargcount as usize) {
            Some(found) if given[found].is_none() => given[found] = Some((positional + n) as u32),
            None if varkw => others |= 1 << n,
            _ => return None,
        }
    }
    // Defaults of keyword-only parameters lie in a dict.
    let mut named_defaults = [None; MAX_NAMED_DEFAULTS];
    let missing = (argcount..named).filter(|&n| given[n].is_none());
    for (n, slot) in missing.clone().zip(&mut named_defaults) {
        let held = p.get(f, WFunction::KWDEFAULTS);
        if p.is_null_ref(held) {
            return None;
        }
        let words = [p.word_ref(held), p.word_ref(p.konst(code.info.params[n]))];
        let default = p.call_ref(&residuals::NAMED_DEFAULT, words);
        if p.is_null_ref(default) {
            return None;
        }
        *slot = Some(default);
    }
    if missing.clone().count() > MAX_NAMED_DEFAULTS {
        return None;
    }
    let mut defaults = None;
    if given[..argcount].contains(&None) {
        let held = p.get(f, WFunction::DEFAULTS);
        if p.is_null_ref(held) {
            return None;
        }
        let tuple = R::<M, WTuple>::assume(held);
        let count = p.promote_int(p.array_len(tuple, WTuple::ITEMS)) as usize;
        let first = argcount.checked_sub(count)?;
        if given[..first].contains(&None) {
            return None;
        }
        defaults = Some((tuple, first));
    }
    let rest = varargs.then(|| {
        let first = argcount.min(positional);
        let rest = positional - first;
        match rest {
            0 => p.konst(p.vm().world().empty_tuple),
            _ => {
                let mut tuple = p.new_array(WTuple::ITEMS, p.const_int(rest as i64));
                for n in 0..rest {
                    tuple = tuple.with(p.const_int(n as i64), arg((first + n) as u32));
                }
                tuple.any()
            }
        }
    });
    let keywords = varkw.then(|| {
        let which = (0..names.len()).filter(|n| others >> n & 1 != 0);
        if M::RECORDS {
            let which: Vec<usize> = which.clone().collect();
            let keys: Vec<Name> = which.iter().map(|&n| names[n]).collect();
            let value = |n: usize| arg((positional + which[n]) as u32);
            if let Some(dict) = dicts::of_names(p, &keys, value) {
                return dict;
            }
        }
        if others == 0 {
            return p.call_ref(&residuals::NEW_DICT, []);
        }
        let count = p.const_int(i64::from(others.count_ones()));
        let mut keys = p.new_array(WTuple::ITEMS, count);
        let mut values = p.new_array(WTuple::ITEMS, count);
        for (at, n) in which.enumerate() {
            let at = p.const_int(at as i64);
            keys = keys.with(at, p.konst(names[n]));
            values = values.with(at, arg((positional + n) as u32));
        }
        let words = [p.word_ref(keys.any()), p.word_ref(values.any())];
        p.call_ref(&residuals::NEW_KEYWORDS, words)
    });
    let set = |n: usize, v: M::Ref| p.set_reg(window + 1 + n as u32, v);
    for (n, given) in given.iter().enumerate() {
        match (given, defaults) {
            (Some(argument), _) => set(n, arg(*argument)),
            (None, Some((tuple, first))) if n < argcount => {
                let item = p.const_int((n - first) as i64);
                set(n, p.item(tuple, WTuple::ITEMS, item));
            }
            (None, _) if n >= argcount => {}
            (None, _) => unreachable!("parameters without argument have defaults"),
        }
    }
    for (n, default) in missing.zip(named_defaults) {
        default.into_iter().for_each(|v| set(n, v));
    }
    let rest = rest.into_iter().chain(keywords);
    rest.enumerate().for_each(|(n, v)| set(named + n, v));
    p.set_reg(window, callee);
    Some(code)
}

// ---- keywords
#[inline(always)]
pub fn call_kw<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(call_kw_rest)
}
#[inline(always)]
pub fn call_method_kw<M: PyMachine>(p: Probe<M>, _: &Ins) -> Flow<M> {
    p.out_of_line(call_kw_rest)
}
fn call_kw_rest<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let w = window_of(&p, i);
    let callee = p.reg(w.function);
    let keywords = p.code().info.kwnames[i.d as usize].as_ref();
    let keywords = keywords.expect("the constant holds keyword names");
    let names = &keywords.names[..];
    match p.type_id(callee) {
        WFunction::TYPE_ID => {
            let arg = |n: u32| p.reg(w.function + 1 + n);
            if let Some(code) = bind(&p, callee, w.argc, arg, names) {
                return enter_above(p, code);
            }
        }
        WMethod::TYPE_ID => {
            let method = R::<M, WMethod>::assume(callee);
            let function = p.get(method, WMethod::FUNC);
            if p.type_id(function) == WFunction::TYPE_ID
                && let Some(code) = bind_method(&p, method, function, w, names)
            {
                return enter_above(p, code);
            }
        }
        WClass::TYPE_ID => {
            let class = p.promote(p.get(R::<M, WClass>::assume(callee), WClass::CLASS));
            p.depend_on(&class.quasi);
            let named = Some(keywords);
            if let Some(call) = foreign::call_class(&p, class, w.function + 1, w.argc, named) {
                return call.go(p, Step::Store);
            }
            if class.has(class_flags::HEAP)
                && let Answer::New(map, init) = class.call_answer(p.vm())
                && let Some(flow) = new_instance(&p, i, w, map, init, names)
            {
                return flow;
            }
        }
        WBuiltin::TYPE_ID => {
            let builtin = R::<M, WBuiltin>::assume(callee);
            let def = p.promote(p.get(builtin, WBuiltin::DEF));
            let (first, named) = (w.function + 1, Some(keywords));
            if let Some(call) = foreign::call_builtin(&p, builtin, def, first, w.argc, named) {
                return call.go(p, Step::Store);
            }
        }
        WMethodDescr::TYPE_ID => {
            let descr = R::<M, WMethodDescr>::assume(callee);
            let def = p.promote(p.get(descr, WMethodDescr::DEF));
            let (first, named) = (w.function + 1, Some(keywords));
            if let Some(call) = foreign::call_method(&p, descr, def, first, w.argc, named) {
                return call.go(p, Step::Store);
            }
        }
        _ => {}
    }
    let names = p.word_ref(p.konst(p.code().constant(i.d as usize)));
    let callee = p.word_ref(callee);
    let r = |n: u32| p.word_ref(p.reg(w.function + n));
    match w.argc {
        1 => {
            let words = [callee, names, r(1)];
            p.commit().call_store(&residuals::CALL_KW1, words)
        }
        2 => {
            let words = [callee, names, r(1), r(2)];
            p.commit().call_store(&residuals::CALL_KW2, words)
        }
        3 => {
            let words = [callee, names, r(1), r(2), r(3)];
            p.commit().call_store(&residuals::CALL_KW3, words)
        }
        _ => {
            let tuple = p.word_ref(tuple_of(&p, w.function + 1, w.argc));
            p.commit()
                .call_store(&residuals::CALL_KW, [callee, tuple, names])
        }
    }
}
