//! `code.h`: code objects that C makes so that tracebacks and introspection have something to show. They are the
//! interpreter's own, compiled from a source that says what C says of them.

use crate::abi::*;
use crate::context::guest;
use crate::raw;
use std::ffi::{c_char, c_int};

const NULL: Obj = std::ptr::null_mut();
const VARARGS: c_int = 4;
const VARKEYWORDS: c_int = 8;
const GENERATOR: c_int = 0x20;
const COROUTINE: c_int = 0x80;
const ASYNC_GENERATOR: c_int = 0x200;

inner! {
    fn attribute(o: Obj, name: &str) -> Obj {
        let name = raw::unicode_from_str(name);
        let r = guest().get_attr(o, name);
        raw::decref(name);
        r
    }
    fn compiled(source: &str, file: Obj) -> Obj {
        let compile = guest().builtin("compile");
        if compile.is_null() { return NULL }
        let (text, mode) = (raw::unicode_from_str(source), raw::unicode_from_str("exec"));
        let code = guest().call(compile, &[text, file, mode], NULL);
        for o in [compile, text, mode] { raw::decref(o) }
        code
    }
    /// The code object with another name and line; the reference to it is given away.
    fn renamed(code: Obj, name: Obj, qualname: Obj, line: c_int) -> Obj {
        if code.is_null() { return NULL }
        let replace = attribute(code, "replace");
        raw::decref(code);
        if replace.is_null() { return NULL }
        let names = ["co_name", "co_qualname", "co_firstlineno"].map(|n| raw::unicode_from_str(n));
        let line = raw::long_from_i64(line as i64);
        let keywords = raw::tuple_from(&names);
        let r = guest().call(replace, &[name, qualname, line], keywords);
        names.iter().for_each(|&n| raw::decref(n));
        for o in [keywords, line, replace] { raw::decref(o) }
        r
    }
    /// The names of arguments as source takes them: what is no name in source (`.0`) becomes one.
    fn argument_names(names: Obj, count: usize) -> Vec<String> {
        let given: Vec<String> = raw::tuple_items(names).iter().take(count).map(|&n| raw::unicode_text(n)).collect();
        let usable = |n: &str| {
            let word = n.chars().enumerate().all(|(i, c)| c == '_' || if i == 0 { c.is_alphabetic() } else { c.is_alphanumeric() });
            word && !n.is_empty() && !matches!(n, "None" | "True" | "False")
        };
        (0..count).map(|i| match given.get(i) {
            Some(n) if usable(n) && !given[..i].contains(n) => n.clone(),
            _ => format!("_argument{i}"),
        }).collect()
    }
    /// `def` with the arguments that the counts and flags say, of a generator or a coroutine if the flags say so.
    fn definition(positional_only: usize, positional: usize, keyword_only: usize, flags: c_int, names: Obj) -> String {
        let extra = (flags & VARARGS != 0) as usize + (flags & VARKEYWORDS != 0) as usize;
        let names = argument_names(names, positional + keyword_only + extra);
        let mut parts: Vec<String> = names[..positional].to_vec();
        if positional_only > 0 { parts.insert(positional_only.min(parts.len()), "/".to_owned()) }
        let mut rest = positional + keyword_only;
        if flags & VARARGS != 0 {
            parts.push(format!("*{}", names[rest]));
            rest += 1;
        } else if keyword_only > 0 {
            parts.push("*".to_owned());
        }
        parts.extend_from_slice(&names[positional..positional + keyword_only]);
        if flags & VARKEYWORDS != 0 { parts.push(format!("**{}", names[rest])) }
        let is_async = if flags & (COROUTINE | ASYNC_GENERATOR) != 0 { "async " } else { "" };
        let body = if flags & (GENERATOR | ASYNC_GENERATOR) != 0 { "yield" } else { "pass" };
        format!("{is_async}def f({}): {body}\n", parts.join(", "))
    }
    /// The code of the one function that a source defines.
    fn function_code(source: &str, file: Obj) -> Obj {
        let module = compiled(source, file);
        if module.is_null() { return NULL }
        let consts = attribute(module, "co_consts");
        raw::decref(module);
        if consts.is_null() { return NULL }
        let found = raw::tuple_items(consts).iter().copied()
            .find(|&c| (*c).ob_type == crate::data::PyCode_Type.get())
            .map_or(NULL, |c| raw::incref(c));
        raw::decref(consts);
        if found.is_null() { crate::errors::bad_call("PyCode_New") }
        found
    }
}
api! {
    fn PyCode_NewEmpty(file: *const c_char, name: *const c_char, line: c_int) -> Obj {
        let (file, name) = (super::PyUnicode_DecodeFSDefault(file), super::PyUnicode_FromString(name));
        if file.is_null() || name.is_null() { return NULL }
        let r = renamed(compiled("", file), name, name, line);
        raw::decref(file);
        raw::decref(name);
        r
    }
    fn PyCode_NewWithPosOnlyArgs(
        positional: c_int, positional_only: c_int, keyword_only: c_int, locals: c_int, stack: c_int, flags: c_int,
        code: Obj, consts: Obj, names: Obj, local_names: Obj, free: Obj, cells: Obj, file: Obj, name: Obj,
        qualname: Obj, line: c_int, lines: Obj, exceptions: Obj,
    ) -> Obj {
        let _ = (locals, stack, code, consts, names, free, cells, lines, exceptions);
        let counts = [positional_only, positional, keyword_only];
        if counts.iter().any(|&n| n < 0) || positional_only > positional {
            crate::errors::bad_call("PyCode_New");
            return NULL;
        }
        let [positional_only, positional, keyword_only] = counts.map(|n| n as usize);
        let source = definition(positional_only, positional, keyword_only, flags, local_names);
        renamed(function_code(&source, file), name, qualname, line)
    }
    fn PyCode_New(
        positional: c_int, keyword_only: c_int, locals: c_int, stack: c_int, flags: c_int, code: Obj, consts: Obj,
        names: Obj, local_names: Obj, free: Obj, cells: Obj, file: Obj, name: Obj, qualname: Obj, line: c_int, lines: Obj,
        exceptions: Obj,
    ) -> Obj {
        PyCode_NewWithPosOnlyArgs(
            positional, 0, keyword_only, locals, stack, flags, code, consts, names, local_names, free, cells, file, name,
            qualname, line, lines, exceptions,
        )
    }
    fn PyCode_GetCode(code: Obj) -> Obj { attribute(code, "co_code") }
    fn PyCode_GetVarnames(code: Obj) -> Obj { attribute(code, "co_varnames") }
    fn PyCode_GetFreevars(code: Obj) -> Obj { attribute(code, "co_freevars") }
    fn PyCode_GetCellvars(code: Obj) -> Obj { attribute(code, "co_cellvars") }
}
