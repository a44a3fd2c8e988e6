//! `make_encoder`: objects to JSON text in one go.

use super::text;
use crate::args;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{getter, kw};
use ouro_py_objects::int_text::{self, SmallDecimal};
use ouro_py_objects::layout::*;
use ouro_py_objects::str as strs;
use ouro_py_objects::{
    Access, BuiltinDef, Errors, GetSetDef, Kw, PyResult, Temps, Vm, error, float as floats,
    int as ints,
};

/// Fields of the instances: `R0` is the tuple of what `__new__` got up to the item separator, `I0` are the flags.
pub static ENCODER: ClassSpec = ClassSpec::new("_json", "Encoder", METHODS).getsets(GETSETS);
static METHODS: &[BuiltinDef] = &[kw("__new__", new).static_method(), kw("__call__", encode)];
static GETSETS: &[GetSetDef] = &[
    getter("markers", |vm, e| Ok(part(vm, e, MARKERS))).member(),
    getter("default", |vm, e| Ok(part(vm, e, DEFAULT))).member(),
    getter("encoder", |vm, e| Ok(part(vm, e, STRING_ENCODER))).member(),
    getter("indent", |vm, e| Ok(part(vm, e, INDENT))).member(),
    getter("key_separator", |vm, e| Ok(part(vm, e, KEY_SEPARATOR))).member(),
    getter("item_separator", |vm, e| Ok(part(vm, e, ITEM_SEPARATOR))).member(),
    getter("sort_keys", |vm, e| Ok(flag(vm, e, SORT_KEYS))).member(),
    getter("skipkeys", |vm, e| Ok(flag(vm, e, SKIP_KEYS))).member(),
];

const MARKERS: usize = 0;
const DEFAULT: usize = 1;
const STRING_ENCODER: usize = 2;
const INDENT: usize = 3;
const KEY_SEPARATOR: usize = 4;
const ITEM_SEPARATOR: usize = 5;

const SORT_KEYS: i64 = 1;
const SKIP_KEYS: i64 = 2;
const ALLOW_NAN: i64 = 4;
/// The encoder of strings is one of ours, which need not be called.
const PLAIN_STRINGS: i64 = 8;
const ASCII_STRINGS: i64 = 16;

fn part(_: &'static Vm, encoder: Gc, n: usize) -> Gc {
    encoder.get(WNative::R0).items(&TUPLE)[n]
}
fn flag(vm: &'static Vm, encoder: Gc, flag: i64) -> Gc {
    boolean(vm, encoder.get(WNative::I0) & flag != 0)
}

fn new(vm: &'static Vm, given: &[Gc], kw: &Kw) -> PyResult {
    let names = [
        "markers",
        "default",
        "encoder",
        "indent",
        "key_separator",
        "item_separator",
        "sort_keys",
        "skipkeys",
        "allow_nan",
    ];
    let all = args::bind(vm, "make_encoder", names, 9, &given[1..], kw)?;
    for n in [KEY_SEPARATOR, ITEM_SEPARATOR] {
        if strs::as_str(all[n]).is_none() {
            return Err(vm.type_error(format_args!(
                "make_encoder() argument {} must be str, not {}",
                n + 1,
                type_name(vm, all[n])
            )));
        }
    }
    let mut flags = 0;
    for (value, flag) in all[6..].iter().zip([SORT_KEYS, SKIP_KEYS, ALLOW_NAN]) {
        if truth(vm, *value)? {
            flags |= flag;
        }
    }
    if all[MARKERS] != none(vm) && as_dict(all[MARKERS]).is_none() {
        return Err(vm.type_error(format_args!(
            "make_encoder() argument 1 must be dict or None, not {}",
            type_name(vm, all[MARKERS])
        )));
    }
    if all[STRING_ENCODER].is::<WBuiltin>() {
        let def = all[STRING_ENCODER].get(WBuiltin::DEF).expect();
        flags |= match def.name {
            _ if !std::ptr::addr_eq(def, ours(def.name)) => 0,
            "encode_basestring" => PLAIN_STRINGS,
            _ => ASCII_STRINGS,
        };
    }
    let class = state(vm).class("Encoder");
    let encoder = native::new(vm, class);
    encoder.set(vm, WNative::R0, tuple(vm, &all[..6]));
    encoder.set(vm, WNative::I0, flags);
    native::instance(vm, given[0], class, encoder)
}
/// The definition of this name among the module's own encoders of strings; NULL if there is none.
fn ours(name: &str) -> *const BuiltinDef {
    let found = super::FUNCTIONS[..2].iter().find(|def| def.name == name);
    found.map_or(std::ptr::null(), |def| def)
}

fn encode(vm: &'static Vm, given: &[Gc], kw: &Kw) -> PyResult {
    let this = given[0];
    let names = ["obj", "_current_indent_level"];
    let [object, level] = args::bind(vm, "_iterencode", names, 2, &given[1..], kw)?;
    to_i64(vm, level)?;
    let mut run = Run {
        vm,
        this,
        flags: this.get(WNative::I0),
        key_separator: strs::bytes(strs::as_str(part(vm, this, KEY_SEPARATOR)).expect("a str"))
            .into(),
        item_separator: strs::bytes(strs::as_str(part(vm, this, ITEM_SEPARATOR)).expect("a str"))
            .into(),
        open: Temps::new(vm),
        out: Vec::new(),
    };
    run.value(object)?;
    let out = run.out;
    let text = strs::build(vm, out.len(), |bytes| bytes.copy_from_slice(&out))?;
    Ok(list(vm, &[text]))
}

/// One call of an encoder.
struct Run {
    vm: &'static Vm,
    this: Gc,
    flags: i64,
    key_separator: Box<[u8]>,
    item_separator: Box<[u8]>,
    /// The objects that the one being written is part of.
    open: Temps,
    out: Vec<u8>,
}
impl Run {
    fn has(&self, flag: i64) -> bool {
        self.flags & flag != 0
    }
    fn value(&mut self, v: Gc) -> PyResult<()> {
        let vm = self.vm;
        if let Some(word) = constant(vm, v) {
            self.out.extend_from_slice(word);
            return Ok(());
        }
        if let Some(s) = strs::as_str(v) {
            return self.string(s, v);
        }
        if ints::is_int(v) {
            return self.int(v);
        }
        if let Some(v) = floats::get(v) {
            return self.float(v);
        }
        let doing = " while encoding a JSON object";
        if let Some(items) = as_list(v) {
            return error::recursive(vm, doing, || self.guarded(v, |run| run.list(items)));
        }
        if let Some(items) = as_tuple(v) {
            return error::recursive(vm, doing, || self.guarded(v, |run| run.tuple(items)));
        }
        if as_dict(v).is_some() {
            return error::recursive(vm, doing, || self.guarded(v, |run| run.dict(v)));
        }
        self.guarded(v, |run| {
            let default = part(vm, run.this, DEFAULT);
            let other = call(vm, default, &[v])?;
            error::recursive(vm, doing, || run.value(other))
        })
    }
    /// Runs `f` with `v` among the open objects.
    fn guarded(&mut self, v: Gc, f: impl FnOnce(&mut Run) -> PyResult<()>) -> PyResult<()> {
        if part(self.vm, self.this, MARKERS) == none(self.vm) {
            return f(self);
        }
        if self.open.iter().any(|&open| open == v) {
            return Err(self.vm.value_error("Circular reference detected"));
        }
        self.open.push(v);
        let result = f(self);
        self.open.pop();
        result
    }
    fn string(&mut self, s: Gc, given: Gc) -> PyResult<()> {
        if self.has(ASCII_STRINGS) {
            text::quote_ascii(&mut self.out, strs::bytes(s));
            return Ok(());
        }
        if self.has(PLAIN_STRINGS) {
            text::quote(&mut self.out, strs::bytes(s));
            return Ok(());
        }
        let encoder = part(self.vm, self.this, STRING_ENCODER);
        let encoded = call(self.vm, encoder, &[given])?;
        let Some(encoded) = strs::as_str(encoded) else {
            return Err(self.vm.type_error(format_args!(
                "encoder() must return a string, not {}",
                type_name(self.vm, encoded)
            )));
        };
        self.out.extend_from_slice(strs::bytes(encoded));
        Ok(())
    }
    fn int(&mut self, v: Gc) -> PyResult<()> {
        let v = ints::get(v).expect("an int");
        match v.small() {
            Some(v) => self.out.extend_from_slice(SmallDecimal::new(v).as_bytes()),
            None => {
                let text = int_text::decimal_object(self.vm, &v)?;
                self.out.extend_from_slice(strs::bytes(text));
            }
        }
        Ok(())
    }
    fn float(&mut self, v: f64) -> PyResult<()> {
        if !v.is_finite() && !self.has(ALLOW_NAN) {
            let message = "Out of range float values are not JSON compliant";
            return Err(self.vm.value_error(message));
        }
        match v {
            _ if v.is_nan() => self.out.extend_from_slice(b"NaN"),
            f64::INFINITY => self.out.extend_from_slice(b"Infinity"),
            f64::NEG_INFINITY => self.out.extend_from_slice(b"-Infinity"),
            _ => self.out.extend_from_slice(floats::repr(v).as_bytes()),
        }
        Ok(())
    }
    fn list(&mut self, list: Gc) -> PyResult<()> {
        self.out.push(b'[');
        // The length is read again each time: `default` may change the list.
        let mut i = 0;
        while i < list_len(list) {
            self.separate(i);
            self.value(list_get(self.vm, list, i))?;
            i += 1;
        }
        self.out.push(b']');
        Ok(())
    }
    fn tuple(&mut self, tuple: Gc) -> PyResult<()> {
        self.out.push(b'[');
        for i in 0..tuple.items(&TUPLE).len() {
            self.separate(i);
            self.value(tuple.items(&TUPLE)[i])?;
        }
        self.out.push(b']');
        Ok(())
    }
    fn separate(&mut self, i: usize) {
        if i > 0 {
            self.out.extend_from_slice(&self.item_separator);
        }
    }
    fn dict(&mut self, given: Gc) -> PyResult<()> {
        let vm = self.vm;
        let items = self.dict_items(given)?;
        self.out.push(b'{');
        let mut written = 0;
        for i in 0..items.len() / 2 {
            let (key, value) = (items[2 * i], items[2 * i + 1]);
            let known = strs::as_str(key).is_some()
                || ints::is_int(key)
                || floats::get(key).is_some()
                || constant(vm, key).is_some();
            if !known {
                if self.has(SKIP_KEYS) {
                    continue;
                }
                return Err(vm.type_error(format_args!(
                    "keys must be str, int, float, bool or None, not {}",
                    type_name(vm, key)
                )));
            }
            self.separate(written);
            written += 1;
            self.key(key)?;
            self.out.extend_from_slice(&self.key_separator);
            self.value(value)?;
        }
        self.out.push(b'}');
        Ok(())
    }
    /// A key is always a string: what is not one is quoted as it would be written.
    fn key(&mut self, key: Gc) -> PyResult<()> {
        if let Some(s) = strs::as_str(key) {
            return self.string(s, key);
        }
        let start = self.out.len();
        match floats::get(key) {
            Some(v) => self.float(v)?,
            None => self.value(key)?,
        }
        let written = self.out.split_off(start);
        let written = strs::from_wtf8(self.vm, &written);
        self.string(written, written)
    }
    /// Keys and values in turn.
    fn dict_items(&self, given: Gc) -> PyResult<Temps> {
        let vm = self.vm;
        let exact = given.is::<WDict>();
        if exact && !self.has(SORT_KEYS) {
            return Ok(dict_items(vm, given));
        }
        if as_dict(given).is_some_and(|d| ouro_py_objects::dict::len(d) == 0) {
            return Ok(Temps::new(vm));
        }
        let items = call_method(vm, given, "items", &[])?;
        let items = ouro_py_objects::list::from_iterable(vm, items)?;
        if self.has(SORT_KEYS) {
            call_method(vm, items, "sort", &[])?;
        }
        let mut out = Temps::new(vm);
        for i in 0..list_len(items) {
            let item = list_get(vm, items, i);
            match as_tuple(item).map(|pair| pair.items(&TUPLE)) {
                Some([key, value]) => {
                    out.push(*key);
                    out.push(*value);
                }
                _ => return Err(vm.value_error("items must return 2-tuples")),
            }
        }
        Ok(out)
    }
}
/// How the constants of the language are written.
fn constant(vm: &'static Vm, v: Gc) -> Option<&'static [u8]> {
    let world = vm.world();
    match v {
        _ if v == world.none => Some(b"null"),
        _ if v == world.bool(true) => Some(b"true"),
        _ if v == world.bool(false) => Some(b"false"),
        _ => None,
    }
}
