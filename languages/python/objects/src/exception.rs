//! Exception objects: construction, arguments, the attributes that classes declare, texts.
//!
//! The declared attributes of a class lie in `WException::FIELDS`, in the order of [`FIELDS`].

use crate::access::{Access, alloc, alloc_var};
use crate::builtin::{BuiltinDef, GetSetDef, Kw, fn1, fn2, getset, getter, kw, var};
use crate::class::Class;
use crate::layout::*;
use crate::{Errors, PyResult, Temps, Vm, type_of};
use ouro_gc::{Gc, Host};

/// Class and number of declared attributes.
const FIELD_COUNT: usize = 8;

/// Declared attribute `n`; NULL if unset.
pub fn field(e: Gc, n: usize) -> Gc {
    let fields = e.get(WException::FIELDS);
    if fields.is_null() {
        Gc::NULL
    } else {
        fields.item(&REFS, n)
    }
}
/// Sets declared attribute `n`.
pub fn set_field(vm: &'static Vm, e: Gc, n: usize, value: Gc) {
    let mut fields = e.get(WException::FIELDS);
    if fields.is_null() {
        fields = alloc_var::<WRefArray>(vm, FIELD_COUNT);
        e.set(vm, WException::FIELDS, fields);
    }
    fields.set_item(vm, &REFS, n, value);
}
/// Sets the declared attributes from the arguments.
pub fn fill_fields(vm: &'static Vm, e: Gc, args: &[Gc]) {
    let class = type_of(vm, e);
    let c = &vm.world().classes;
    let none = vm.world().none;
    if class.is_subclass(c.stop_iteration) {
        set_field(vm, e, 0, args.first().copied().unwrap_or(none));
    } else if class.is_subclass(c.system_exit) {
        let code = match args {
            [] => none,
            [one] => *one,
            _ => crate::tuple::new(vm, args),
        };
        set_field(vm, e, 0, code);
    } else if class.is_subclass(c.import_error) {
        set_field(vm, e, 0, if args.len() == 1 { args[0] } else { none });
    } else if class.is_subclass(c.os_error) && (2..=5).contains(&args.len()) {
        set_field(vm, e, 0, args[0]);
        set_field(vm, e, 1, args[1]);
        if args.len() > 2 && args[2] != none {
            set_field(vm, e, 2, args[2]);
            if args.len() > 4 && args[4] != none {
                set_field(vm, e, 3, args[4]);
            }
            e.set(vm, WException::ARGS, crate::tuple::new(vm, &args[..2]));
        }
    } else if class.is_subclass(c.unicode_decode_error) || class.is_subclass(c.unicode_encode_error)
    {
        args.iter()
            .take(5)
            .enumerate()
            .for_each(|(i, &a)| set_field(vm, e, i, a));
    } else if class.is_subclass(c.unicode_translate_error) {
        args.iter()
            .take(4)
            .enumerate()
            .for_each(|(i, &a)| set_field(vm, e, i + 1, a));
    } else if class.is_subclass(c.base_exception_group) {
        if let &[message, exceptions] = args {
            set_field(vm, e, 0, message);
            set_field(
                vm,
                e,
                1,
                crate::tuple::from_iterable(vm, exceptions).unwrap_or(vm.world().empty_tuple),
            );
        }
    }
}
/// `StopIteration.value`
pub fn stop_value(vm: &'static Vm, e: Gc) -> Gc {
    match field(e, 0) {
        v if v.is_null() => vm.world().none,
        v => v,
    }
}

// ---- construction by the guest
fn base_new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let Some(mut class) = args.first().and_then(|&c| crate::make_class::class_of(c)) else {
        return Err(vm.type_error("BaseException.__new__(): not enough arguments"));
    };
    let c = &vm.world().classes;
    if std::ptr::eq(class, c.os_error)
        && args.len() > 2
        && let Some(errno) = crate::int::get(args[1]).and_then(|v| v.small())
    {
        class = os_class(vm, errno as i32);
    }
    if class.has(crate::class::class_flags::ABSTRACT) {
        crate::object::check_abstract(vm, class)?;
    }
    let _ = kw;
    let tuple = crate::tuple::new(vm, &args[1..]);
    let e = alloc::<WException>(vm);
    e.init(WException::CLASS, Host::new(class));
    e.init(WException::ARGS, tuple);
    crate::finalize::register_instance(vm, class, e);
    if class.is_subclass(c.base_exception_group) {
        return new_group(vm, e, class, &args[1..]);
    }
    if class.is_subclass(c.stop_iteration)
        || class.is_subclass(c.system_exit)
        || class.is_subclass(c.os_error)
    {
        fill_fields(vm, e, &args[1..]);
    }
    Ok(e)
}
fn base_init(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let (e, rest) = (args[0], &args[1..]);
    let class = type_of(vm, e);
    let c = &vm.world().classes;
    e.set(vm, WException::ARGS, crate::tuple::new(vm, rest));
    if !kw.is_empty() {
        let allowed: &[(&str, usize)] = if class.is_subclass(c.import_error) {
            &[("name", 1), ("path", 2)]
        } else if class.is_subclass(c.attribute_error) {
            &[("name", 0), ("obj", 1)]
        } else if class.is_subclass(c.name_error) {
            &[("name", 0)]
        } else {
            return Err(vm.type_error(format_args!(
                "{}() takes no keyword arguments",
                class.text()
            )));
        };
        for (&name, &value) in kw.names.iter().zip(kw.values) {
            let text = crate::str::to_text(crate::payload(name));
            match allowed.iter().find(|a| a.0 == text) {
                Some(&(_, n)) => set_field(vm, e, n, value),
                None => {
                    let function = base_name(vm, class);
                    return Err(vm.type_error(format_args!(
                        "'{text}' is an invalid keyword argument for {function}()"
                    )));
                }
            }
        }
    }
    if class.is_subclass(c.syntax_error) {
        init_syntax_error(vm, e, rest)?;
    } else if class.is_subclass(c.unicode_decode_error) || class.is_subclass(c.unicode_encode_error)
    {
        if rest.len() != 5 {
            return Err(vm.type_error(format_args!(
                "function takes exactly 5 arguments ({} given)",
                rest.len()
            )));
        }
        fill_fields(vm, e, rest);
    } else if !class.is_subclass(c.base_exception_group) {
        // A group took its message and exceptions in `__new__`.
        fill_fields(vm, e, rest);
    }
    Ok(vm.world().none)
}
fn base_name(vm: &'static Vm, class: &'static Class) -> String {
    let c = &vm.world().classes;
    let known = [c.import_error, c.attribute_error, c.name_error];
    known
        .iter()
        .find(|k| class.is_subclass(k))
        .map_or_else(|| class.text(), |k| k.text())
}
fn init_syntax_error(vm: &'static Vm, e: Gc, args: &[Gc]) -> PyResult<()> {
    if let Some(&msg) = args.first() {
        set_field(vm, e, 0, msg);
    }
    if args.len() == 2 {
        let info = crate::list::to_temps(vm, args[1])?;
        if info.len() < 4 || info.len() == 5 || info.len() > 6 {
            return Err(vm.type_error(format_args!(
                "function takes exactly 4 or 6 arguments ({} given)",
                info.len()
            )));
        }
        for (i, &v) in info.iter().take(4).enumerate() {
            set_field(vm, e, i + 1, v);
        }
        if info.len() == 6 {
            set_field(vm, e, 6, info[4]);
            set_field(vm, e, 7, info[5]);
        }
    }
    Ok(())
}
/// A SyntaxError with all its attributes.
pub fn syntax_error(
    vm: &'static Vm,
    class: &'static Class,
    message: &str,
    filename: Gc,
    position: [i64; 4],
    text: Gc,
) -> Gc {
    let [line, offset, end_line, end_offset] = position.map(|v| crate::int::new(vm, v));
    let details = crate::tuple::new(vm, &[filename, line, offset, text, end_line, end_offset]);
    let message = crate::str::new(vm, message);
    let e = crate::error::new_exception(vm, class, &[message, details]);
    for (n, v) in [message, filename, line, offset, text]
        .into_iter()
        .enumerate()
    {
        set_field(vm, e, n, v);
    }
    set_field(vm, e, 6, end_line);
    set_field(vm, e, 7, end_offset);
    e
}
fn new_group(vm: &'static Vm, e: Gc, class: &'static Class, args: &[Gc]) -> PyResult {
    let c = &vm.world().classes;
    let [message, exceptions] = args else {
        return Err(vm.type_error(format_args!(
            "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)",
            args.len()
        )));
    };
    if crate::str::as_str(*message).is_none() {
        let got = type_of(vm, *message).text();
        return Err(vm.type_error(format_args!("argument 1 must be str, not {got}")));
    }
    let sequence = crate::payload(*exceptions);
    if !sequence.is::<WList>()
        && !sequence.is::<WTuple>()
        && type_of(vm, *exceptions)
            .special(vm, crate::Special::GetItem)
            .is_null()
    {
        return Err(vm.type_error("second argument (exceptions) must be a sequence"));
    }
    let items = crate::list::to_temps(vm, *exceptions)?;
    if items.is_empty() {
        return Err(vm.value_error("second argument (exceptions) must be a non-empty sequence"));
    }
    for (i, &item) in items.iter().enumerate() {
        if !item.is::<WException>() {
            return Err(vm.value_error(format_args!(
                "Item {i} of second argument (exceptions) is not an exception"
            )));
        }
    }
    let all_plain = items
        .iter()
        .all(|&i| type_of(vm, i).is_subclass(c.exception));
    if all_plain && std::ptr::eq(class, c.base_exception_group) {
        e.init(WException::CLASS, Host::new(c.exception_group));
    } else if !all_plain && class.is_subclass(c.exception) {
        let text = match std::ptr::eq(class, c.exception_group) {
            true => "Cannot nest BaseExceptions in an ExceptionGroup".to_owned(),
            false => format!("Cannot nest BaseExceptions in '{}'", class.text()),
        };
        return Err(vm.type_error(text));
    }
    set_field(vm, e, 0, *message);
    set_field(vm, e, 1, crate::tuple::new(vm, &items));
    Ok(e)
}

// ---- OSError
fn os_class(vm: &'static Vm, errno: i32) -> &'static Class {
    let c = &vm.world().classes;
    match errno {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => c.blocking_io_error,
        libc::EPIPE | libc::ESHUTDOWN => c.broken_pipe_error,
        libc::ECHILD => c.child_process_error,
        libc::ECONNABORTED => c.connection_aborted_error,
        libc::ECONNREFUSED => c.connection_refused_error,
        libc::ECONNRESET => c.connection_reset_error,
        libc::EEXIST => c.file_exists_error,
        libc::ENOENT => c.file_not_found_error,
        libc::EISDIR => c.is_a_directory_error,
        libc::ENOTDIR => c.not_a_directory_error,
        libc::EINTR => c.interrupted_error,
        libc::EACCES | libc::EPERM => c.permission_error,
        libc::ESRCH => c.process_lookup_error,
        libc::ETIMEDOUT => c.timeout_error,
        _ => c.os_error,
    }
}
/// The text of an errno.
pub fn strerror(errno: i32) -> String {
    let text = std::io::Error::from_raw_os_error(errno).to_string();
    match text.find(" (os error") {
        Some(at) => text[..at].to_owned(),
        None => text,
    }
}
/// An OSError for an errno.
pub fn os_error(vm: &'static Vm, errno: i32, filename: Option<Gc>) -> Gc {
    let mut args = Temps::from_slice(
        vm,
        &[
            crate::int::new(vm, errno as i64),
            crate::str::new(vm, &strerror(errno)),
        ],
    );
    filename.into_iter().for_each(|f| args.push(f));
    crate::error::new_exception(vm, os_class(vm, errno), &args)
}

// ---- texts
fn base_str(vm: &'static Vm, e: Gc) -> PyResult {
    let class = type_of(vm, e);
    let c = &vm.world().classes;
    let args = e.get(WException::ARGS);
    let text = |f: Gc| crate::operator::str_text(vm, f);
    let quoted = |f: Gc| crate::operator::repr_text(vm, f);
    let set = |n: usize| Some(field(e, n)).filter(|f| !f.is_null() && *f != vm.world().none);
    if class.is_subclass(c.key_error) && crate::tuple::len(args) == 1 {
        return crate::operator::repr(vm, args.item(&TUPLE, 0));
    }
    if class.is_subclass(c.os_error)
        && let (Some(errno), Some(strerror)) = (set(0), set(1))
    {
        let mut out = format!("[Errno {}] {}", text(errno)?, text(strerror)?);
        if let Some(filename) = set(2) {
            out += &format!(": {}", quoted(filename)?);
            if let Some(second) = set(3) {
                out += &format!(" -> {}", quoted(second)?);
            }
        }
        return Ok(crate::str::new(vm, &out));
    }
    if class.is_subclass(c.import_error)
        && let Some(msg) = set(0).filter(|m| m.is::<WStr>())
    {
        return Ok(msg);
    }
    if class.is_subclass(c.syntax_error) {
        let msg = match set(0) {
            Some(m) => text(m)?,
            None => "None".into(),
        };
        let name = set(1).and_then(crate::str::as_str).map(|f| {
            let f = crate::str::to_text(f);
            f.rsplit('/').next().unwrap_or(&f).to_owned()
        });
        let line = set(2)
            .filter(|l| crate::int::is_int(*l))
            .map(text)
            .transpose()?;
        let out = match (name, line) {
            (Some(f), Some(l)) => format!("{msg} ({f}, line {l})"),
            (Some(f), None) => format!("{msg} ({f})"),
            (None, Some(l)) => format!("{msg} (line {l})"),
            (None, None) => msg,
        };
        return Ok(crate::str::new(vm, &out));
    }
    if class.is_subclass(c.unicode_error) && !field(e, 1).is_null() {
        return unicode_str(vm, e);
    }
    if class.is_subclass(c.base_exception_group) {
        let n = crate::tuple::len(field(e, 1));
        let message = text(field(e, 0))?;
        return Ok(crate::str::new(
            vm,
            &format!(
                "{message} ({n} sub-exception{})",
                if n == 1 { "" } else { "s" }
            ),
        ));
    }
    match crate::tuple::items(args) {
        [] => Ok(vm.world().empty_str),
        &[one] => crate::operator::str_of(vm, one),
        _ => crate::operator::repr(vm, args),
    }
}
fn unicode_str(vm: &'static Vm, e: Gc) -> PyResult {
    let c = &vm.world().classes;
    let class = type_of(vm, e);
    let int = |n: usize| {
        crate::int::get(field(e, n))
            .and_then(|v| v.small())
            .unwrap_or(0)
    };
    let (start, end) = (int(2), int(3));
    let encoding = match field(e, 0) {
        f if f.is_null() => String::new(),
        f => crate::operator::str_text(vm, f)?,
    };
    let reason = match field(e, 4) {
        f if f.is_null() => String::new(),
        f => crate::operator::str_text(vm, f)?,
    };
    let object = crate::payload(field(e, 1));
    let text = if class.is_subclass(c.unicode_decode_error) {
        let byte = crate::bytes::content(object)
            .and_then(|b| b.get(start as usize))
            .copied();
        match (end == start + 1, byte) {
            (true, Some(b)) => format!(
                "'{encoding}' codec can't decode byte 0x{b:02x} in position {start}: {reason}"
            ),
            _ => format!(
                "'{encoding}' codec can't decode bytes in position {start}-{}: {reason}",
                end - 1
            ),
        }
    } else {
        let (subject, verb) = match class.is_subclass(c.unicode_encode_error) {
            true => (format!("'{encoding}' codec can't "), "encode"),
            false => ("can't ".to_owned(), "translate"),
        };
        let bad = object
            .is::<WStr>()
            .then(|| crate::str::code_points(object).nth(start as usize))
            .flatten();
        match (end == start + 1, bad) {
            (true, Some(ch)) => {
                let escaped = match ch {
                    0..=0xff => format!("\\x{ch:02x}"),
                    0..=0xffff => format!("\\u{ch:04x}"),
                    _ => format!("\\U{ch:08x}"),
                };
                format!("{subject}{verb} character '{escaped}' in position {start}: {reason}")
            }
            _ => format!(
                "{subject}{verb} characters in position {start}-{}: {reason}",
                end - 1
            ),
        }
    };
    Ok(crate::str::new(vm, &text))
}
fn base_repr(vm: &'static Vm, e: Gc) -> PyResult {
    let args = e.get(WException::ARGS);
    let name = crate::str::to_text(type_of(vm, e).name());
    let text = match crate::tuple::items(args) {
        &[one] => format!("{name}({})", crate::operator::repr_text(vm, one)?),
        _ => format!("{name}{}", crate::operator::repr_text(vm, args)?),
    };
    Ok(crate::str::new(vm, &text))
}

// ---- attributes
fn get_field<const N: usize>(vm: &'static Vm, e: Gc) -> PyResult {
    let v = field(e, N);
    Ok(if v.is_null() { vm.world().none } else { v })
}
fn set_field_n<const N: usize>(vm: &'static Vm, e: Gc, v: Gc) -> PyResult<()> {
    set_field(vm, e, N, v);
    Ok(())
}
const fn attr<const N: usize>(name: &'static str) -> GetSetDef {
    getset(name, get_field::<N>, set_field_n::<N>).member()
}
fn or_none(vm: &'static Vm, v: Gc) -> PyResult {
    Ok(if v.is_null() { vm.world().none } else { v })
}
fn set_traceback(vm: &'static Vm, e: Gc, tb: Gc) -> PyResult<()> {
    if tb.is_null() {
        return Err(vm.type_error("__traceback__ may not be deleted"));
    }
    if tb != vm.world().none && !tb.is::<WTraceback>() {
        return Err(vm.type_error("__traceback__ must be a traceback or None"));
    }
    e.set(
        vm,
        WException::TRACEBACK,
        if tb == vm.world().none { Gc::NULL } else { tb },
    );
    Ok(())
}
fn exception_or_none(vm: &'static Vm, v: Gc, what: &str) -> PyResult {
    if v.is_null() {
        return Err(vm.type_error(format_args!("{what} may not be deleted")));
    }
    if v == vm.world().none {
        return Ok(Gc::NULL);
    }
    if !v.is::<WException>() {
        let what = what.trim_matches('_');
        return Err(vm.type_error(format_args!(
            "exception {what} must be None or derive from BaseException"
        )));
    }
    Ok(v)
}
/// Whether loading attribute `name` of an exception of this class gives its `ARGS`, as long as the class does not change.
pub fn is_args(class: &'static Class, name: crate::Name) -> bool {
    let own = |v: Gc| v.is::<WGetSet>().then(|| v.get(WGetSet::DEF).expect());
    let def = class.lookup(name).and_then(own);
    def.is_some_and(|def| std::ptr::eq(def, &BASE_ATTRIBUTES[0]))
}
static BASE_ATTRIBUTES: &[GetSetDef] = &[
    getset(
        "args",
        |_, e| Ok(e.get(WException::ARGS)),
        |vm, e, v| {
            if v.is_null() {
                return Err(vm.type_error("args may not be deleted"));
            }
            let t = crate::tuple::from_iterable(vm, v)?;
            e.set(vm, WException::ARGS, t);
            Ok(())
        },
    ),
    getset(
        "__traceback__",
        |vm, e| or_none(vm, e.get(WException::TRACEBACK)),
        set_traceback,
    ),
    getset(
        "__cause__",
        |vm, e| or_none(vm, e.get(WException::CAUSE)),
        |vm, e, v| {
            let v = exception_or_none(vm, v, "__cause__")?;
            e.set(vm, WException::CAUSE, v);
            e.set(vm, WException::SUPPRESS, 1);
            Ok(())
        },
    ),
    getset(
        "__context__",
        |vm, e| or_none(vm, e.get(WException::CONTEXT)),
        |vm, e, v| {
            let v = exception_or_none(vm, v, "__context__")?;
            e.set(vm, WException::CONTEXT, v);
            Ok(())
        },
    ),
    getset(
        "__suppress_context__",
        |vm, e| Ok(vm.world().bool(e.get(WException::SUPPRESS) != 0)),
        |vm, e, v| {
            let flag = !v.is_null() && crate::operator::truth(vm, v)?;
            e.set(vm, WException::SUPPRESS, flag as i64);
            Ok(())
        },
    )
    .member(),
    getset(
        "__dict__",
        |vm, e| Ok(crate::instance::dict_of(vm, e).unwrap_or(vm.world().none)),
        crate::instance::set_dict,
    ),
];
static BASE_METHODS: &[BuiltinDef] = &[
    kw("__new__", base_new).static_method(),
    kw("__init__", base_init),
    fn1("__str__", base_str),
    fn1("__repr__", base_repr),
    fn2("with_traceback", |vm, e, tb| {
        set_traceback(vm, e, tb).map(|()| e)
    }),
    fn2("add_note", |vm, e, note| {
        if crate::str::as_str(note).is_none() {
            let got = type_of(vm, note).text();
            return Err(vm.type_error(format_args!("note must be a str, not '{got}'")));
        }
        let name = vm.world().names.notes;
        let notes = match crate::attribute::get_attr_opt(vm, e, name)? {
            Some(n) if n.is::<WList>() => n,
            Some(_) => return Err(vm.type_error("Cannot add note: __notes__ is not a list")),
            None => {
                let n = crate::list::empty(vm);
                crate::attribute::set_attr(vm, e, name, n)?;
                n
            }
        };
        crate::list::append(vm, notes, note)?;
        Ok(vm.world().none)
    }),
    fn1("__reduce__", |vm, e| {
        let d = e.get(WException::DICT);
        let (class, args) = (type_of(vm, e).gc(), e.get(WException::ARGS));
        Ok(if d.is_null() {
            crate::tuple::new(vm, &[class, args])
        } else {
            crate::tuple::new(vm, &[class, args, d])
        })
    }),
    fn2("__setstate__", |vm, e, state| {
        if state != vm.world().none {
            let mut at = 0;
            let Some(d) = crate::dict::as_dict(state) else {
                return Err(vm.type_error("state is not a dictionary"));
            };
            while let Some((k, v)) = crate::dict::next(d, &mut at) {
                let name = crate::attribute::name_argument(vm, k, "")?;
                crate::attribute::set_attr(vm, e, name, v)?;
            }
        }
        Ok(vm.world().none)
    }),
];
static GROUP_METHODS: &[BuiltinDef] = &[
    fn2("derive", |vm, e, exceptions| {
        crate::call::call_args(
            vm,
            vm.world().classes.base_exception_group.gc(),
            &[field(e, 0), exceptions],
        )
    }),
    fn2("split", |vm, e, condition| {
        let (matched, rest) = split_group(vm, e, condition)?;
        Ok(crate::tuple::new(
            vm,
            &[or_none(vm, matched)?, or_none(vm, rest)?],
        ))
    }),
    fn2("subgroup", |vm, e, condition| {
        split_group(vm, e, condition).and_then(|(matched, _)| or_none(vm, matched))
    }),
    var("__class_getitem__", 2, 2, |vm, args| {
        crate::generic_alias::new(vm, args[0], args[1])
    })
    .class_method(),
];
fn matches(vm: &'static Vm, e: Gc, condition: Gc) -> PyResult<bool> {
    if condition.is::<WFunction>() || (!condition.is::<WClass>() && !condition.is::<WTuple>()) {
        let result = crate::call::call_args(vm, condition, &[e])?;
        return crate::operator::truth(vm, result);
    }
    crate::operator::is_instance(vm, e, condition)
}
/// Splits an exception (group) into the part that matches and the rest; NULL for an empty part.
///
/// # Errors
/// What conditions and `derive` raise.
pub fn split_group(vm: &'static Vm, e: Gc, condition: Gc) -> PyResult<(Gc, Gc)> {
    if matches(vm, e, condition)? {
        return Ok((e, Gc::NULL));
    }
    if !type_of(vm, e).is_subclass(vm.world().classes.base_exception_group) {
        return Ok((Gc::NULL, e));
    }
    let (mut yes, mut no) = (Temps::new(vm), Temps::new(vm));
    let items = field(e, 1);
    for i in 0..crate::tuple::len(items) {
        let (matched, rest) = split_group(vm, items.item(&TUPLE, i), condition)?;
        if !matched.is_null() {
            yes.push(matched);
        }
        if !rest.is_null() {
            no.push(rest);
        }
    }
    Ok((derive(vm, e, &yes)?, derive(vm, e, &no)?))
}
/// The leaves of an exception (group), itself if it is none.
fn leaves(vm: &'static Vm, e: Gc, out: &mut Temps) {
    if !type_of(vm, e).is_subclass(vm.world().classes.base_exception_group) {
        return out.push(e);
    }
    let items = field(e, 1);
    (0..crate::tuple::len(items)).for_each(|i| leaves(vm, items.item(&TUPLE, i), out));
}
/// The part of a group, in its shape, that has the leaves of `parts`; NULL if there are none.
///
/// # Errors
/// What `derive` raises.
pub fn project(vm: &'static Vm, group: Gc, parts: &[Gc]) -> PyResult {
    let mut kept = Temps::new(vm);
    parts.iter().for_each(|&p| leaves(vm, p, &mut kept));
    project_leaves(vm, group, &kept)
}
fn project_leaves(vm: &'static Vm, e: Gc, kept: &Temps) -> PyResult {
    if !type_of(vm, e).is_subclass(vm.world().classes.base_exception_group) {
        return Ok(if kept.contains(&e) { e } else { Gc::NULL });
    }
    let items = field(e, 1);
    let mut some = Temps::new(vm);
    let mut all = true;
    for i in 0..crate::tuple::len(items) {
        let item = items.item(&TUPLE, i);
        let part = project_leaves(vm, item, kept)?;
        all &= part == item;
        if !part.is_null() {
            some.push(part);
        }
    }
    if all { Ok(e) } else { derive(vm, e, &some) }
}
/// A group like `e` with these exceptions; NULL if there are none.
pub fn derive(vm: &'static Vm, e: Gc, exceptions: &[Gc]) -> PyResult {
    if exceptions.is_empty() {
        return Ok(Gc::NULL);
    }
    let list = crate::list::new(vm, exceptions);
    let group = crate::call::call_text(vm, e, "derive", &[list])?;
    if group.is::<WException>() {
        group.set(vm, WException::TRACEBACK, e.get(WException::TRACEBACK));
        group.set(vm, WException::CONTEXT, e.get(WException::CONTEXT));
        group.set(vm, WException::CAUSE, e.get(WException::CAUSE));
        group.set(vm, WException::SUPPRESS, e.get(WException::SUPPRESS));
        if let Some(notes) = crate::attribute::get_attr_opt(vm, e, vm.world().names.notes)? {
            let copy = crate::list::from_iterable(vm, notes)?;
            crate::attribute::set_attr(vm, group, vm.world().names.notes, copy)?;
        }
    }
    Ok(group)
}
static NAME_ATTRIBUTES: &[GetSetDef] = &[attr::<0>("name")];
static ATTRIBUTE_ATTRIBUTES: &[GetSetDef] = &[attr::<0>("name"), attr::<1>("obj")];
static VALUE_ATTRIBUTES: &[GetSetDef] = &[attr::<0>("value")];
static CODE_ATTRIBUTES: &[GetSetDef] = &[attr::<0>("code")];
static IMPORT_ATTRIBUTES: &[GetSetDef] = &[attr::<0>("msg"), attr::<1>("name"), attr::<2>("path")];
static OS_ATTRIBUTES: &[GetSetDef] = &[
    attr::<0>("errno"),
    attr::<1>("strerror"),
    attr::<2>("filename"),
    attr::<3>("filename2"),
    attr::<4>("characters_written"),
];
static SYNTAX_ATTRIBUTES: &[GetSetDef] = &[
    attr::<0>("msg"),
    attr::<1>("filename"),
    attr::<2>("lineno"),
    attr::<3>("offset"),
    attr::<4>("text"),
    attr::<5>("print_file_and_line"),
    attr::<6>("end_lineno"),
    attr::<7>("end_offset"),
];
static UNICODE_ATTRIBUTES: &[GetSetDef] = &[
    attr::<0>("encoding"),
    attr::<1>("object"),
    attr::<2>("start"),
    attr::<3>("end"),
    attr::<4>("reason"),
];
static GROUP_ATTRIBUTES: &[GetSetDef] = &[
    getter("message", get_field::<0>),
    getter("exceptions", get_field::<1>),
];

/// Fills the namespaces of the exception classes.
pub(crate) fn boot(vm: &'static Vm) {
    let c = &vm.world().classes;
    crate::make_class::add_members(vm, c.base_exception, BASE_METHODS, BASE_ATTRIBUTES);
    let tables: &[(&'static Class, &'static [GetSetDef])] = &[
        (c.name_error, NAME_ATTRIBUTES),
        (c.attribute_error, ATTRIBUTE_ATTRIBUTES),
        (c.stop_iteration, VALUE_ATTRIBUTES),
        (c.system_exit, CODE_ATTRIBUTES),
        (c.import_error, IMPORT_ATTRIBUTES),
        (c.os_error, OS_ATTRIBUTES),
        (c.syntax_error, SYNTAX_ATTRIBUTES),
        (c.unicode_decode_error, UNICODE_ATTRIBUTES),
        (c.unicode_encode_error, UNICODE_ATTRIBUTES),
        (c.unicode_translate_error, UNICODE_ATTRIBUTES),
        (c.base_exception_group, GROUP_ATTRIBUTES),
    ];
    for (class, attributes) in tables {
        crate::make_class::add_members(vm, class, &[], attributes);
    }
    crate::make_class::add_members(vm, c.base_exception_group, GROUP_METHODS, &[]);
    // ExceptionGroup derives from Exception as well.
    let mro = vec![
        c.exception_group,
        c.base_exception_group,
        c.exception,
        c.base_exception,
        c.object,
    ];
    c.exception_group
        .set_bases(vm, vec![c.base_exception_group, c.exception], mro);
    crate::make_class::refresh_tuples(vm, c.exception_group);
}
/// What `raise value` raises: an exception, or an instance of an exception class.
///
/// # Errors
/// The TypeError of other values, what the class's call raises.
pub fn from_raise(vm: &'static Vm, value: Gc) -> PyResult {
    if value.is::<WException>() {
        return Ok(value);
    }
    if let Some(class) =
        crate::make_class::class_of(value).filter(|c| c.has(crate::class::class_flags::EXCEPTION))
    {
        let e = crate::call::call(vm, value, &[], &Kw::NONE)?;
        if !e.is::<WException>() {
            let got = crate::operator::repr_text(vm, type_of(vm, e).gc())?;
            return Err(vm.type_error(format_args!(
                "calling {} should have returned an instance of BaseException, not {got}",
                crate::operator::repr_text(vm, class.gc())?
            )));
        }
        return Ok(e);
    }
    Err(vm.type_error("exceptions must derive from BaseException"))
}
/// Sets `__context__` of an exception that is being raised while another is handled; breaks cycles.
pub fn chain_context(vm: &'static Vm, e: Gc) {
    let handled = vm.world().thread.get(WThread::HANDLED);
    if handled.is_null() || handled == e || !handled.is::<WException>() || !e.is::<WException>() {
        return;
    }
    if !e.get(WException::CONTEXT).is_null() && e.get(WException::CONTEXT) == handled {
        return;
    }
    let mut at = handled;
    let mut steps = 0;
    while !at.is_null() && steps < 10_000 {
        let next = at.get(WException::CONTEXT);
        if next == e {
            at.set(vm, WException::CONTEXT, Gc::NULL);
            break;
        }
        at = next;
        steps += 1;
    }
    e.set(vm, WException::CONTEXT, handled);
}
/// `raise e from cause`
///
/// # Errors
/// TypeError if the cause is no exception.
pub fn set_cause(vm: &'static Vm, e: Gc, cause: Gc) -> PyResult<()> {
    let cause = if cause == vm.world().none {
        Gc::NULL
    } else if cause.is::<WException>() {
        cause
    } else if crate::make_class::class_of(cause)
        .is_some_and(|c| c.has(crate::class::class_flags::EXCEPTION))
    {
        from_raise(vm, cause)?
    } else {
        return Err(vm.type_error("exception causes must derive from BaseException"));
    };
    e.set(vm, WException::CAUSE, cause);
    e.set(vm, WException::SUPPRESS, 1);
    Ok(())
}
