//! Operators, comparisons, truth, subscripts, attributes, iteration.

use super::residuals;
use ouro_gc::{Gc, Object};
use ouro_machine::{Effects, residual};
use ouro_py_objects::layout::*;
use ouro_py_objects::special::SPECIALS;
use ouro_py_objects::{
    Access, BinOp, CmpOp, Errors, PyResult, Python, Special, Temps, Vm, growing, type_of,
};
use ouro_py_objects::{attribute, call, dict, int, list, operator, plain_keys, set, str};

/// The operator that a number from a handler stands for; true if it is the in-place one.
fn operator_of(number: i64) -> (BinOp, bool) {
    (BinOp::ALL[(number & 15) as usize], number & 16 != 0)
}
fn type_name(vm: &'static Vm, x: Gc) -> String {
    type_of(vm, x).text()
}
/// A length as `__len__` may give it.
fn length(vm: &'static Vm, v: Gc) -> PyResult<i64> {
    let n = int::to_i64(vm, v)?;
    if n < 0 {
        Err(vm.value_error("__len__() should return >= 0"))
    } else {
        Ok(n)
    }
}

residual!(
    /// `pow` of the C library.
    pub FLOAT_POWER = float_power, (x: f64, y: f64) -> f64; Python, Effects::PURE
);
fn float_power(_: &'static Vm, x: f64, y: f64) -> f64 {
    x.powf(y)
}

residuals! {
    /// `x op y`, or `x op= y`.
    BINARY = binary(vm, op: i64, x: Gc, y: Gc) -> Gc, Effects::ANY, {
        match operator_of(op) {
            (op, true) => operator::inplace(vm, op, x, y),
            (op, false) => operator::binary(vm, op, x, y),
        }
    }
    /// `x += y` for two strs, in a local that a loop adds to: what is built of them.
    GROW_FIRST = grow_first(vm, x: Gc, y: Gc) -> Gc, Effects::READS_OR_RAISES, { growing::begin(vm, x, y) }
    /// `x += y` for a str that is being built and a str; the result is `x`.
    GROW = grow(vm, x: Gc, y: Gc) -> Gc, Effects::writes(&["WGrowing", "WByteStore"]), {
        growing::add(vm, x, y)?;
        Ok(x)
    }
    /// The str that was built.
    FLATTEN = flatten(vm, x: Gc) -> Gc, Effects::READS_OR_RAISES, { growing::flatten(vm, x) }
    /// `x op= y` for a str that is being built.
    BINARY_OF_GROWING = binary_of_growing(vm, op: i64, x: Gc, y: Gc) -> Gc, Effects::ANY, {
        let mut kept = Temps::new(vm);
        kept.push(y);
        let x = growing::flatten(vm, x)?;
        operator::inplace(vm, operator_of(op).0, x, kept[0])
    }
    /// As [`BINARY`] for exact numbers and strs.
    EXACT_BINARY = exact_binary(vm, op: i64, x: Gc, y: Gc) -> Gc, Effects::READS_OR_RAISES, {
        match operator_of(op) {
            (op, true) => operator::inplace(vm, op, x, y),
            (op, false) => operator::binary(vm, op, x, y),
        }
    }
    /// `x + y` of two bytes objects.
    BYTES_CONCAT = bytes_concat(vm, x: Gc, y: Gc) -> Gc, Effects::READS_OR_RAISES, {
        ouro_py_objects::bytes::concat(vm, x, y)
    }
    /// `s.encode()` of an ASCII str.
    ASCII_BYTES = ascii_bytes(vm, s: Gc) -> Gc, Effects::READS_OR_RAISES, {
        Ok(ouro_py_objects::bytes::new(vm, str::bytes(s)))
    }
    /// The rest of `x op y` when the method of `x` gave NotImplemented.
    BINARY_REFLECTED = binary_reflected(vm, op: i64, x: Gc, y: Gc) -> Gc, Effects::ANY, {
        let (op, in_place) = operator_of(op);
        let (left, right) = (type_of(vm, x), type_of(vm, y));
        let f = right.special(vm, op.specials().1);
        if !std::ptr::eq(left, right) && !f.is_null() {
            let v = call::call_unbound(vm, f, &[y, x])?;
            if v != vm.world().not_implemented {
                return Ok(v);
            }
        }
        Err(operator::no_operator(vm, op, x, y, &symbol(op, in_place)))
    }
    /// No method wanted to do `x op y`.
    BINARY_ERROR = binary_error(vm, op: i64, x: Gc, y: Gc) -> Gc, Effects::READS_OR_RAISES, {
        let (op, in_place) = operator_of(op);
        Err(operator::no_operator(vm, op, x, y, &symbol(op, in_place)))
    }
    /// A unary operator, by the number of its special method.
    UNARY = unary(vm, special: i64, x: Gc) -> Gc, Effects::ANY, {
        operator::unary(vm, SPECIALS[special as usize], x)
    }
    /// `x op y` for a comparison.
    COMPARE = compare(vm, op: i64, x: Gc, y: Gc) -> Gc, Effects::ANY, {
        operator::compare(vm, CmpOp::ALL[op as usize], x, y)
    }
    /// As [`COMPARE`] for exact numbers and strs.
    EXACT_COMPARE = exact_compare(vm, op: i64, x: Gc, y: Gc) -> Gc, Effects::READS_OR_RAISES, {
        operator::compare(vm, CmpOp::ALL[op as usize], x, y)
    }
    /// The rest of a comparison when the method of `x` gave NotImplemented.
    COMPARE_REFLECTED = compare_reflected(vm, op: i64, x: Gc, y: Gc) -> Gc, Effects::ANY, {
        let op = CmpOp::ALL[op as usize];
        let f = type_of(vm, y).special(vm, op.reflected().special());
        if !f.is_null() {
            let v = call::call_unbound(vm, f, &[y, x])?;
            if v != vm.world().not_implemented {
                return Ok(v);
            }
        }
        default_comparison(vm, op, x, y)
    }
    /// A comparison that no method wanted to do.
    COMPARE_DEFAULT = compare_default(vm, op: i64, x: Gc, y: Gc) -> Gc, Effects::READS_OR_RAISES, {
        default_comparison(vm, CmpOp::ALL[op as usize], x, y)
    }
    /// `bool(x)`
    TRUTH = truth(vm, x: Gc) -> Gc, Effects::ANY, {
        operator::truth(vm, x).map(|t| vm.world().bool(t))
    }
    /// `__bool__` gave `x`, which is no bool.
    BAD_BOOL = bad_bool(vm, x: Gc) -> Gc, Effects::READS_OR_RAISES, {
        Err(vm.type_error(format_args!("__bool__ should return bool, returned {}", type_name(vm, x))))
    }
    /// The truth of what `__len__` gave.
    LEN_TRUTH = len_truth(vm, x: Gc) -> Gc, Effects::ANY, {
        length(vm, x).map(|n| vm.world().bool(n != 0))
    }
    /// What `__len__` gave, as `len` gives it.
    CHECK_LEN = check_len(vm, x: Gc) -> Gc, Effects::ANY, {
        length(vm, x).map(|n| int::new(vm, n))
    }
    /// `item in container` as a bool.
    CONTAINS = contains(vm, container: Gc, item: Gc) -> Gc, Effects::ANY, {
        let found = match container.type_id().0 {
            WDict::TYPE_ID => dict::get(vm, container, item)?.is_some(),
            WSet::TYPE_ID if !item.is::<WSet>() => set::contains(vm, container, item)?,
            _ => operator::contains(vm, container, item)?,
        };
        Ok(vm.world().bool(found))
    }
    /// `x[key]`
    GET_ITEM = get_item(vm, x: Gc, key: Gc) -> Gc, Effects::ANY, {
        match x.type_id().0 {
            WDict::TYPE_ID => dict::get(vm, x, key)?.ok_or_else(|| vm.key_error(key)),
            WList::TYPE_ID => ouro_py_objects::list_methods::get_item(vm, x, key),
            WStr::TYPE_ID if key.is::<WInt>() => {
                let (n, len) = (key.get(WInt::VALUE), str::char_len(x) as i64);
                let n = if n < 0 { n + len } else { n };
                match (0..len).contains(&n) {
                    true => Ok(str::char_at(vm, x, n as usize)),
                    false => Err(vm.index_error("string index out of range")),
                }
            }
            _ => operator::get_item(vm, x, key),
        }
    }
    /// `l[start:stop:step]` of an exact list; the step is not 0.
    LIST_SLICE = list_slice(vm, l: Gc, start: i64, stop: i64, step: i64) -> Gc, Effects::READS_OR_RAISES, {
        let at = ouro_py_objects::slice::adjust((start, stop, step), list::len(l));
        Ok(list::slice_by(vm, l, at.start as usize, at.step, at.count))
    }
    /// `s[start:stop:step]` of an exact str; the step is not 0.
    STR_SLICE = str_slice(vm, s: Gc, start: i64, stop: i64, step: i64) -> Gc, Effects::READS_OR_RAISES, {
        let at = ouro_py_objects::slice::adjust((start, stop, step), str::char_len(s));
        Ok(str::methods::slice_by(vm, s, at.start, at.step, at.count))
    }
    /// `list.pop(n)` of an exact list.
    LIST_POP_AT = list_pop_at(vm, l: Gc, n: i64) -> Gc, Effects::writes(&["WList", "WRefArray", "WIntArray", "WFloatArray"]), {
        ouro_py_objects::list_methods::pop_at(vm, l, n)
    }
    /// `list.insert(n, v)` of an exact list.
    LIST_INSERT = list_insert(vm, l: Gc, n: i64, v: Gc) -> (), Effects::writes(&["WList", "WRefArray", "WIntArray", "WFloatArray"]), {
        ouro_py_objects::list_methods::insert_at(vm, l, n, v)
    }
    /// `l[start:stop] = v` for exact lists.
    LIST_SET_SLICE = list_set_slice(vm, l: Gc, start: i64, stop: i64, v: Gc) -> (), Effects::writes(&["WList", "WRefArray", "WIntArray", "WFloatArray"]), {
        let at = ouro_py_objects::slice::adjust((start, stop, 1), list::len(l));
        list::splice_list(vm, l, at.start as usize, at.start as usize + at.count, v)
    }
    /// `d[key] = v` for a plain key that is not there, in a dict without cells that no structure outside the heap shows.
    DICT_INSERT = dict_insert(vm, d: Gc, key: Gc, v: Gc) -> (), Effects::writes(&["WDict", "WRefArray", "WIntArray"]), {
        let hash = plain_keys::plain_hash(vm, key).expect("the key was looked up");
        dict::append_hashed(vm, d, key, hash, v)
    }
    /// Removes an entry of a dict without cells that no structure outside the heap shows, and gives its value. The key is
    /// plain.
    DICT_POP_ENTRY = dict_pop_entry(vm, d: Gc, entry: i64) -> Gc, Effects::writes(&["WDict", "WRefArray", "WIntArray"]), {
        let key = ouro_py_objects::table::key_at::<WDict>(d, entry as usize);
        let hash = plain_keys::plain_hash(vm, key).expect("the key was looked up");
        Ok(dict::remove_entry(vm, d, entry as usize, hash))
    }
    /// `s.add(key)` for a plain key that is not there, of a set that no structure outside the heap shows.
    SET_INSERT = set_insert(vm, s: Gc, key: Gc) -> (), Effects::writes(&["WSet", "WRefArray", "WIntArray"]), {
        let hash = plain_keys::plain_hash(vm, key).expect("the key was looked up");
        ouro_py_objects::table::append::<WSet>(vm, s, key, hash, Gc::NULL)
    }
    /// `x[key] = v`
    SET_ITEM = set_item(vm, x: Gc, key: Gc, v: Gc) -> (), Effects::ANY, {
        match x.type_id().0 {
            WDict::TYPE_ID => dict::set(vm, x, key, v),
            WList::TYPE_ID => ouro_py_objects::list_methods::set_item(vm, x, key, v).map(drop),
            _ => operator::set_item(vm, x, key, v),
        }
    }
    /// `del x[key]`
    DELETE_ITEM = delete_item(vm, x: Gc, key: Gc) -> (), Effects::ANY, {
        operator::del_item(vm, x, key)
    }
    /// `x.name`
    GET_ATTR = get_attr(vm, x: Gc, name: Gc) -> Gc, Effects::ANY, {
        attribute::get_attr(vm, x, name)
    }
    /// `x.name`, of which a getter raised AttributeError `e`: `__getattr__` is asked.
    ASK_GETATTR = ask_getattr(vm, x: Gc, name: Gc, e: Gc) -> Gc, Effects::ANY, {
        match type_of(vm, x).special(vm, Special::GetAttr) {
            fallback if fallback.is_null() => Err(e),
            fallback => call::call_unbound(vm, fallback, &[x, name]),
        }
    }
    /// `x.name = v`
    SET_ATTR = set_attr(vm, x: Gc, name: Gc, v: Gc) -> (), Effects::ANY, {
        attribute::set_attr(vm, x, name, v)
    }
    /// `del x.name`
    DELETE_ATTR = delete_attr(vm, x: Gc, name: Gc) -> (), Effects::ANY, {
        attribute::del_attr(vm, x, name)
    }
    /// `iter(x)`
    GET_ITER = get_iter(vm, x: Gc) -> Gc, Effects::ANY, {
        operator::iter(vm, x)
    }
    /// `__iter__` gave `x`: it must be an iterator.
    CHECK_ITER = check_iter(vm, x: Gc) -> Gc, Effects::READS_OR_RAISES, {
        match type_of(vm, x).special(vm, Special::Next).is_null() {
            true => Err(vm.type_error(format_args!("iter() returned non-iterator of type '{}'", type_name(vm, x)))),
            false => Ok(x),
        }
    }
    /// `next(x)`, or NULL at the end.
    NEXT = next(vm, x: Gc) -> Gc, Effects::ANY, {
        operator::next(vm, x).map(|v| v.unwrap_or(Gc::NULL))
    }
}
residual!(
    /// Whether two strs are equal.
    pub STR_EQUAL = str_equal, (x: Gc, y: Gc) -> bool; Python, Effects::PURE
);
fn str_equal(_: &'static Vm, x: Gc, y: Gc) -> bool {
    str::same(x, y)
}
residual!(
    /// `id(x)` of an object that has an identity of its own, not that of a value.
    pub IDENTITY = identity, (x: Gc) -> i64; Python, Effects::PURE
);
fn identity(vm: &'static Vm, x: Gc) -> i64 {
    operator::id(vm, x) as i64
}
residual!(
    /// Whether a str is part of another.
    pub STR_CONTAINS = str_contains, (s: Gc, part: Gc) -> bool; Python, Effects::PURE
);
fn str_contains(_: &'static Vm, s: Gc, part: Gc) -> bool {
    str::search::find(str::bytes(s), str::bytes(part), 0).is_some()
}
residual!(
    /// Whether a str has characters and all of them are of the kind with this number.
    pub STR_OF_KIND = str_of_kind, (s: Gc, kind: i64) -> bool; Python, Effects::PURE
);
fn str_of_kind(_: &'static Vm, s: Gc, kind: i64) -> bool {
    str::kinds::CharKind::ALL[kind as usize].all(s)
}
residual!(
    /// Whether two floats are the same to `is`.
    pub SAME_FLOAT = same_float, (x: Gc, y: Gc) -> bool; Python, Effects::PURE
);
fn same_float(_: &'static Vm, x: Gc, y: Gc) -> bool {
    operator::identical(x, y)
}
/// Declares functions that look keys up: by the key, and by the value of an int. The last argument is the version of the
/// table's keys: for a plain key they depend on what they are given only, since a change of the table gives another version
/// and guest code that changes how keys compare writes everything.
macro_rules! finders {
    ($($layout:ident: $key:ident = $by_key:ident, $int:ident = $by_int:ident;)*) => { $(
        residual!(
            /// The entry of a key, or one of the two numbers below 0 of `plain_keys`.
            pub $key = $by_key, (t: Gc, key: Gc, version: i64) -> i64; Python, Effects::PURE
        );
        fn $by_key(vm: &'static Vm, t: Gc, key: Gc, _: i64) -> i64 {
            plain_keys::find::<$layout>(vm, t, key)
        }
        residual!(
            /// As by the key for the value of an int.
            pub $int = $by_int, (t: Gc, key: i64, version: i64) -> i64; Python, Effects::PURE
        );
        fn $by_int(vm: &'static Vm, t: Gc, key: i64, _: i64) -> i64 {
            plain_keys::find_int::<$layout>(vm, t, key)
        }
    )* };
}
finders! {
    WDict: DICT_ENTRY = dict_entry, DICT_ENTRY_OF_INT = dict_entry_of_int;
    WSet: SET_ENTRY = set_entry, SET_ENTRY_OF_INT = set_entry_of_int;
    WFrozenSet: FROZEN_ENTRY = frozen_entry, FROZEN_ENTRY_OF_INT = frozen_entry_of_int;
}
residual!(
    /// The first entry of a dict from one on that was not removed, or -1.
    pub DICT_LIVING_ENTRY = dict_living_entry, (d: Gc, from: i64) -> i64; Python, Effects::READS
);
fn dict_living_entry(_: &'static Vm, d: Gc, from: i64) -> i64 {
    ouro_py_objects::table::next::<WDict>(d, from as usize).map_or(-1, |entry| entry as i64)
}
residual!(
    /// NULL if an instance without special handling of attributes certainly has no attribute of this name.
    pub FIND_SIMPLE_ATTR = find_simple_attr, (x: Gc, name: Gc) -> Gc; Python, Effects::READS
);
fn find_simple_attr(_: &'static Vm, x: Gc, name: Gc) -> Gc {
    let map = x.get(WInst::MAP).expect();
    let absent = !map.dict_mode && map.find(name).is_none() && map.class.lookup(name).is_none();
    if absent { Gc::NULL } else { x }
}
fn symbol(op: BinOp, in_place: bool) -> String {
    match (op, in_place) {
        (BinOp::Pow, true) => "**=".to_owned(),
        (_, true) => format!("{}=", op.symbol()),
        (_, false) => op.symbol().to_owned(),
    }
}
fn default_comparison(vm: &'static Vm, op: CmpOp, x: Gc, y: Gc) -> PyResult {
    match op {
        CmpOp::Eq => Ok(vm.world().bool(operator::identical(x, y))),
        CmpOp::Ne => Ok(vm.world().bool(!operator::identical(x, y))),
        _ => {
            let (tx, ty) = (type_name(vm, x), type_name(vm, y));
            let text = format!(
                "'{}' not supported between instances of '{tx}' and '{ty}'",
                op.symbol()
            );
            Err(vm.type_error(text))
        }
    }
}
