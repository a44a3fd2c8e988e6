//! Construction and unpacking.

use super::residuals;
use ouro_gc::Gc;
use ouro_machine::{Effects, residual};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, Errors, Python, Special, Temps, Vm, type_of};
use ouro_py_objects::{attribute, dict, error, function, list, operator, set, str, tuple};

residual!(
    /// `{}`
    pub NEW_DICT = new_dict, () -> Gc; Python, Effects::READS
);
fn new_dict(vm: &'static Vm) -> Gc {
    dict::new(vm)
}
residual!(
    /// `tuple(list)`
    pub TUPLE_OF_LIST = tuple_of_list, (list: Gc) -> Gc; Python, Effects::READS
);
fn tuple_of_list(vm: &'static Vm, list: Gc) -> Gc {
    tuple::of_list(vm, list)
}
residual!(
    /// `list(x)` of a list or a tuple.
    pub LIST_OF_SEQUENCE = list_of_sequence, (x: Gc) -> Gc; Python, Effects::READS
);
fn list_of_sequence(vm: &'static Vm, x: Gc) -> Gc {
    match x.is::<WTuple>() {
        true => list::new(vm, tuple::items(x)),
        false => list::copy(vm, x),
    }
}
residual!(
    /// `str(v)`
    pub DECIMAL = decimal, (v: i64) -> Gc; Python, Effects::READS
);
fn decimal(vm: &'static Vm, v: i64) -> Gc {
    ouro_py_objects::int_text::small_decimal(vm, v)
}
residual!(
    /// A dict of names and values, two tuples of the same length, for `**kwargs`.
    pub NEW_KEYWORDS = new_keywords, (names: Gc, values: Gc) -> Gc; Python, Effects::READS
);
fn new_keywords(vm: &'static Vm, names: Gc, values: Gc) -> Gc {
    let new = dict::new(vm);
    let pairs = tuple::items(names).iter().zip(tuple::items(values));
    let all: Vec<_> = pairs
        .map(|(&name, &value)| (name, str::hash(vm, name), value))
        .collect();
    dict::fill_new(vm, new, &all);
    new
}
residual!(
    /// The default of a keyword-only parameter; NULL if it has none.
    pub NAMED_DEFAULT = named_default, (defaults: Gc, name: Gc) -> Gc; Python, Effects::READS
);
fn named_default(_: &'static Vm, defaults: Gc, name: Gc) -> Gc {
    // Not looked up by hash: a key that is no str could run guest code.
    let (mut at, text) = (0, str::as_str(name));
    while let Some((key, value)) = dict::next(defaults, &mut at) {
        if key == name || text.is_some() && str::as_str(key) == text {
            return value;
        }
    }
    Gc::NULL
}
residual!(
    /// A function of a code object.
    pub MAKE_FUNCTION = make_function, (code: Gc, globals: Gc, defaults: Gc, kwdefaults: Gc, closure: Gc) -> Gc;
    Python, Effects::READS
);
fn make_function(
    vm: &'static Vm,
    code: Gc,
    globals: Gc,
    defaults: Gc,
    kwdefaults: Gc,
    closure: Gc,
) -> Gc {
    function::new(
        vm,
        code.get(WCode::CODE).expect(),
        globals,
        defaults,
        kwdefaults,
        closure,
    )
}
fn not_a_mapping(vm: &'static Vm, e: Gc, other: Gc, text: impl FnOnce(&str) -> String) -> Gc {
    // Only an object that cannot be asked for its keys gets the friendlier message.
    match error::is_instance_of(vm, e, vm.world().classes.attribute_error) {
        true => vm.type_error(text(&type_of(vm, other).text())),
        false => e,
    }
}

residuals! {
    /// A new list of the items of a tuple.
    LIST_OF_TUPLE = list_of_tuple(vm, items: Gc) -> Gc, Effects::READS_OR_RAISES, {
        Ok(list::new(vm, tuple::items(items)))
    }
    /// A new set of the items of a tuple.
    SET_OF_TUPLE = set_of_tuple(vm, items: Gc) -> Gc, Effects::ANY, {
        let new = set::new(vm);
        for n in 0..tuple::len(items) {
            set::add(vm, new, tuple::items(items)[n])?;
        }
        Ok(new)
    }
    /// A new dict of keys and values in turn.
    DICT_OF_TUPLE = dict_of_tuple(vm, items: Gc) -> Gc, Effects::ANY, {
        let new = dict::new(vm);
        for n in (0..tuple::len(items)).step_by(2) {
            dict::set(vm, new, tuple::items(items)[n], tuple::items(items)[n + 1])?;
        }
        Ok(new)
    }
    /// `list.append`
    LIST_APPEND = list_append(vm, x: Gc, v: Gc) -> (), Effects::writes(&["WList", "WRefArray", "WIntArray", "WFloatArray"]), {
        list::append(vm, x, v)
    }
    /// `set.add`
    SET_ADD = set_add(vm, x: Gc, v: Gc) -> (), Effects::ANY, {
        set::add(vm, x, v)
    }
    /// `x[key] = v` of a dict.
    DICT_SET = dict_set(vm, x: Gc, key: Gc, v: Gc) -> (), Effects::ANY, {
        dict::set(vm, x, key, v)
    }
    /// `list.extend` for a star in a display or a call.
    LIST_EXTEND = list_extend(vm, x: Gc, other: Gc, _star: i64) -> (), Effects::ANY, {
        let iterable = !type_of(vm, other).special(vm, Special::Iter).is_null()
            || !type_of(vm, other).special(vm, Special::GetItem).is_null();
        if !iterable {
            let name = type_of(vm, other).text();
            return Err(vm.type_error(format_args!("Value after * must be an iterable, not {name}")));
        }
        list::extend(vm, x, other)
    }
    /// `set.update`
    SET_UPDATE = set_update(vm, x: Gc, other: Gc) -> (), Effects::ANY, {
        set::update(vm, x, other)
    }
    /// `{**other}`
    DICT_UPDATE = dict_update(vm, x: Gc, other: Gc) -> (), Effects::ANY, {
        if dict::as_dict(other).is_some() {
            return dict::update(vm, x, other);
        }
        dict::update_from_mapping(vm, x, other)
            .map_err(|e| not_a_mapping(vm, e, other, |name| format!("'{name}' object is not a mapping")))
    }
    /// `f(**other)`: a key must not be there twice.
    DICT_MERGE = dict_merge(vm, x: Gc, other: Gc, callee: Gc) -> (), Effects::ANY, {
        let source = match dict::as_dict(other) {
            Some(d) => d,
            None => {
                let copy = dict::new(vm);
                dict::update_from_mapping(vm, copy, other).map_err(|e| not_a_mapping(vm, e, other, |name| {
                    format!("{} argument after ** must be a mapping, not {name}", super::function_text(vm, callee))
                }))?;
                copy
            }
        };
        let mut at = 0;
        while let Some((key, v)) = dict::next(source, &mut at) {
            if dict::get(vm, x, key)?.is_some() {
                let name = str::as_str(key).map_or_else(String::new, str::to_text);
                let callee = super::function_text(vm, callee);
                return Err(vm.type_error(format_args!("{callee} got multiple values for keyword argument '{name}'")));
            }
            if str::as_str(key).is_none() {
                return Err(vm.type_error("keywords must be strings"));
            }
            dict::set(vm, x, key, v)?;
        }
        Ok(())
    }
    /// `tuple(x)` of a list.
    LIST_TO_TUPLE = list_to_tuple(vm, x: Gc) -> Gc, Effects::READS_OR_RAISES, {
        tuple::from_iterable(vm, x)
    }
    /// `x + y` of strs.
    CONCAT = concat(vm, x: Gc, y: Gc) -> Gc, Effects::READS_OR_RAISES, {
        str::concat(vm, x, y)
    }
    /// All items of a tuple of strs, joined.
    CONCAT_TUPLE = concat_tuple(vm, items: Gc) -> Gc, Effects::READS_OR_RAISES, {
        let len = tuple::items(items).iter().map(|s| str::bytes(*s).len()).sum();
        str::build(vm, len, |out| {
            let mut at = 0;
            for s in tuple::items(items) {
                let bytes = str::bytes(*s);
                out[at..at + bytes.len()].copy_from_slice(bytes);
                at += bytes.len();
            }
        })
    }
    /// A tuple of exactly `count` items of an iterable.
    UNPACK = unpack(vm, x: Gc, count: i64) -> Gc, Effects::ANY, {
        let count = count as usize;
        let it = iterator_to_unpack(vm, x)?;
        let mut items = Temps::new(vm);
        while items.len() < count {
            match operator::next(vm, it)? {
                Some(v) => items.push(v),
                None => {
                    let got = items.len();
                    return Err(vm.value_error(format_args!("not enough values to unpack (expected {count}, got {got})")));
                }
            }
        }
        match operator::next(vm, it)? {
            Some(_) => Err(vm.value_error(format_args!("too many values to unpack (expected {count})"))),
            None => Ok(tuple::new(vm, &items)),
        }
    }
    /// A tuple of `before` items, a list of those in the middle, and `after` items.
    UNPACK_EX = unpack_ex(vm, x: Gc, before: i64, after: i64) -> Gc, Effects::ANY, {
        let (before, after) = (before as usize, after as usize);
        let it = iterator_to_unpack(vm, x)?;
        let mut items = Temps::new(vm);
        while let Some(v) = operator::next(vm, it)? {
            items.push(v);
        }
        if items.len() < before + after {
            let (wanted, got) = (before + after, items.len());
            return Err(vm.value_error(format_args!("not enough values to unpack (expected at least {wanted}, got {got})")));
        }
        let end = items.len() - after;
        let mut parts = Temps::from_slice(vm, &items[..before]);
        parts.push(list::new(vm, &items[before..end]));
        parts.extend(&items[end..]);
        Ok(tuple::new(vm, &parts))
    }
    /// `format(convert(x), spec)`
    FORMAT = format_value(vm, x: Gc, conversion: i64, spec: Gc) -> Gc, Effects::ANY, {
        let x = match conversion as u8 {
            b's' => operator::str_of(vm, x)?,
            b'r' => operator::repr(vm, x)?,
            b'a' => str::new(vm, &escaped(&operator::repr_text(vm, x)?)),
            _ => x,
        };
        operator::format(vm, x, spec)
    }
    /// Gives a function its annotations, a tuple of names and values.
    ANNOTATE = annotate(vm, function: Gc, annotations: Gc) -> Gc, Effects::writes(&["WFunction"]), {
        function.set(vm, WFunction::ANNOTATIONS, annotations);
        Ok(function)
    }
    /// The bound `__enter__` and `__exit__` of a context manager.
    BEFORE_WITH = before_with(vm, x: Gc, is_async: i64) -> Gc, Effects::ANY, {
        let name = type_of(vm, x).text();
        let (enter, exit, protocol) = match is_async != 0 {
            true => (Special::Aenter, Special::Aexit, "asynchronous context manager"),
            false => (Special::Enter, Special::Exit, "context manager"),
        };
        let Some(enter) = attribute::lookup_special(vm, x, enter)? else {
            return Err(vm.type_error(format_args!("'{name}' object does not support the {protocol} protocol")));
        };
        let text = exit.text();
        let Some(exit) = attribute::lookup_special(vm, x, exit)? else {
            let text = format!("'{name}' object does not support the {protocol} protocol (missed {text} method)");
            return Err(vm.type_error(text));
        };
        Ok(tuple::new(vm, &[enter, exit]))
    }
}
fn iterator_to_unpack(vm: &'static Vm, x: Gc) -> ouro_py_objects::PyResult {
    let class = type_of(vm, x);
    if class.special(vm, Special::Iter).is_null() && class.special(vm, Special::GetItem).is_null() {
        return Err(vm.type_error(format_args!(
            "cannot unpack non-iterable {} object",
            class.text()
        )));
    }
    operator::iter(vm, x)
}
/// A text with all but ASCII characters escaped.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match u32::from(c) {
            0..=0x7f => out.push(c),
            n @ 0..=0xff => out.push_str(&format!("\\x{n:02x}")),
            n @ 0..=0xffff => out.push_str(&format!("\\u{n:04x}")),
            n => out.push_str(&format!("\\U{n:08x}")),
        }
    }
    out
}
