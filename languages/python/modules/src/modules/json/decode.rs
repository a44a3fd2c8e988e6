//! `make_scanner`: JSON text to objects.

use super::text::{self, Fault};
use crate::args;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{getter, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::str::{self as strs, index};
use ouro_py_objects::{
    Access, BuiltinDef, Errors, GetSetDef, Kw, PyResult, Vm, error, float as floats, int_text,
};

/// Fields of the instances: `R0` is the tuple of the context's functions, `I0` whether control characters are refused.
pub static SCANNER: ClassSpec = ClassSpec::new("_json", "Scanner", METHODS).getsets(GETSETS);
static METHODS: &[BuiltinDef] = &[
    kw("__new__", new).static_method(),
    kw("__call__", scan_once),
];
static GETSETS: &[GetSetDef] = &[
    getter("strict", |vm, s| Ok(boolean(vm, s.get(WNative::I0) != 0))).member(),
    getter("object_hook", |_, s| Ok(part(s, OBJECT_HOOK))).member(),
    getter("object_pairs_hook", |_, s| Ok(part(s, PAIRS_HOOK))).member(),
    getter("parse_float", |_, s| Ok(part(s, PARSE_FLOAT))).member(),
    getter("parse_int", |_, s| Ok(part(s, PARSE_INT))).member(),
    getter("parse_constant", |_, s| Ok(part(s, PARSE_CONSTANT))).member(),
];

const OBJECT_HOOK: usize = 0;
const PAIRS_HOOK: usize = 1;
const PARSE_FLOAT: usize = 2;
const PARSE_INT: usize = 3;
const PARSE_CONSTANT: usize = 4;

fn part(scanner: Gc, n: usize) -> Gc {
    scanner.get(WNative::R0).items(&TUPLE)[n]
}
fn new(vm: &'static Vm, given: &[Gc], kw: &Kw) -> PyResult {
    let [context] = args::bind(vm, "make_scanner", ["context"], 1, &given[1..], kw)?;
    let strict = get_attr(vm, context, "strict")?;
    let strict = truth(vm, strict)?;
    let object_hook = get_attr(vm, context, "object_hook")?;
    let pairs_hook = get_attr(vm, context, "object_pairs_hook")?;
    let parse_float = get_attr(vm, context, "parse_float")?;
    let parse_int = get_attr(vm, context, "parse_int")?;
    let parse_constant = get_attr(vm, context, "parse_constant")?;
    let class = state(vm).class("Scanner");
    let scanner = native::new(vm, class);
    let parts = [
        object_hook,
        pairs_hook,
        parse_float,
        parse_int,
        parse_constant,
    ];
    scanner.set(vm, WNative::R0, tuple(vm, &parts));
    scanner.set(vm, WNative::I0, i64::from(strict));
    native::instance(vm, given[0], class, scanner)
}
fn scan_once(vm: &'static Vm, given: &[Gc], kw: &Kw) -> PyResult {
    let this = given[0];
    let [s, at] = args::bind(vm, "scan_once", ["string", "idx"], 2, &given[1..], kw)?;
    let at = to_i64(vm, at)?;
    let s = text::str_argument(vm, s)?;
    if at < 0 {
        return Err(vm.value_error("idx cannot be negative"));
    }
    let length = strs::char_len(s) as i64;
    if at >= length {
        return Err(vm.stop_iteration(int(vm, at)));
    }
    let run = Run {
        vm,
        this,
        s,
        strict: this.get(WNative::I0) != 0,
        keys: dict(vm),
    };
    let (value, end) = run.value(index::offset_of(vm, s, at as usize))?;
    let end = int(vm, index::index_of(vm, s, end) as i64);
    Ok(tuple(vm, &[value, end]))
}

/// One call of a scanner. Results are a value and the offset behind its text.
struct Run {
    vm: &'static Vm,
    this: Gc,
    s: Gc,
    strict: bool,
    /// The keys so far: equal ones become the same object.
    keys: Gc,
}
impl Run {
    /// The text. Not to be kept over a call of guest code.
    fn text(&self) -> &[u8] {
        strs::bytes(self.s)
    }
    fn at(&self, i: usize) -> Option<u8> {
        self.text().get(i).copied()
    }
    fn fault<T>(&self, fault: Fault) -> PyResult<T> {
        Err(text::decode_error(self.vm, self.s, fault))
    }
    /// There is no value at this offset; who called the scanner makes an error of it.
    fn nothing<T>(&self, at: usize) -> PyResult<T> {
        let position = index::index_of(self.vm, self.s, at) as i64;
        Err(self.vm.stop_iteration(int(self.vm, position)))
    }
    fn skip_blanks(&self, at: usize) -> usize {
        let text = self.text();
        let blank = |c: &u8| matches!(c, b' ' | b'\t' | b'\n' | b'\r');
        at + text[at..].iter().take_while(|c| blank(c)).count()
    }
    fn value(&self, at: usize) -> PyResult<(Gc, usize)> {
        let vm = self.vm;
        let world = vm.world();
        let rest = &self.text()[at..];
        match rest.first() {
            Some(b'"') => text::scan(vm, self.s, at + 1, self.strict),
            Some(b'{') => {
                let doing = " while decoding a JSON object from a unicode string";
                error::recursive(vm, doing, || self.object(at + 1))
            }
            Some(b'[') => {
                let doing = " while decoding a JSON array from a unicode string";
                error::recursive(vm, doing, || self.array(at + 1))
            }
            Some(b'n') if rest.starts_with(b"null") => Ok((world.none, at + 4)),
            Some(b't') if rest.starts_with(b"true") => Ok((world.bool(true), at + 4)),
            Some(b'f') if rest.starts_with(b"false") => Ok((world.bool(false), at + 5)),
            Some(b'N') if rest.starts_with(b"NaN") => self.constant("NaN", at),
            Some(b'I') if rest.starts_with(b"Infinity") => self.constant("Infinity", at),
            Some(b'-') if rest.starts_with(b"-Infinity") => self.constant("-Infinity", at),
            _ => self.number(at),
        }
    }
    fn constant(&self, word: &str, at: usize) -> PyResult<(Gc, usize)> {
        let parse = part(self.this, PARSE_CONSTANT);
        let value = call(self.vm, parse, &[string(self.vm, word)])?;
        Ok((value, at + word.len()))
    }
    fn number(&self, at: usize) -> PyResult<(Gc, usize)> {
        let vm = self.vm;
        let Some((length, whole)) = number_length(&self.text()[at..]) else {
            return self.nothing(at);
        };
        let end = at + length;
        let digits = &self.text()[at..end];
        let classes = &vm.world().classes;
        let parse = part(self.this, if whole { PARSE_INT } else { PARSE_FLOAT });
        let value = if whole && parse == classes.int.gc() {
            match small_int(digits) {
                Some(v) => int(vm, v),
                None => {
                    let shown = strs::from_wtf8(vm, digits);
                    int_text::parse_object(vm, strs::bytes(shown), 10, shown)?
                }
            }
        } else if !whole && parse == classes.float.gc() {
            let text = std::str::from_utf8(digits).expect("numbers are ASCII");
            // What JSON calls a number Rust can read, and rounds as CPython does.
            float(
                vm,
                text.parse()
                    .unwrap_or_else(|_| floats::parse(text).unwrap_or(f64::NAN)),
            )
        } else {
            call(vm, parse, &[strs::from_wtf8(vm, digits)])?
        };
        Ok((value, end))
    }
    fn array(&self, at: usize) -> PyResult<(Gc, usize)> {
        let items = list(self.vm, &[]);
        let mut at = self.skip_blanks(at);
        if self.at(at) == Some(b']') {
            return Ok((items, at + 1));
        }
        loop {
            let (value, end) = self.value(at)?;
            list_append(self.vm, items, value)?;
            at = self.skip_blanks(end);
            match self.at(at) {
                Some(b']') => return Ok((items, at + 1)),
                Some(b',') => at = self.skip_blanks(at + 1),
                _ => return self.fault(("Expecting ',' delimiter", at)),
            }
        }
    }
    fn object(&self, at: usize) -> PyResult<(Gc, usize)> {
        let vm = self.vm;
        let pairs_hook = part(self.this, PAIRS_HOOK);
        let object_hook = part(self.this, OBJECT_HOOK);
        let in_pairs = pairs_hook != none(vm);
        let result = if in_pairs { list(vm, &[]) } else { dict(vm) };
        let end = self.members(at, |key, value| match in_pairs {
            true => list_append(vm, result, tuple(vm, &[key, value])),
            false => dict_set(vm, result, key, value),
        })?;
        let result = match (in_pairs, object_hook != none(vm)) {
            (true, _) => call(vm, pairs_hook, &[result])?,
            (false, true) => call(vm, object_hook, &[result])?,
            (false, false) => result,
        };
        Ok((result, end))
    }
    /// Hands the members of an object to `add`; returns the offset behind the closing brace.
    fn members(&self, at: usize, add: impl Fn(Gc, Gc) -> PyResult<()>) -> PyResult<usize> {
        let mut at = self.skip_blanks(at);
        if self.at(at) == Some(b'}') {
            return Ok(at + 1);
        }
        loop {
            if self.at(at) != Some(b'"') {
                return self.fault(("Expecting property name enclosed in double quotes", at));
            }
            let (key, end) = text::scan(self.vm, self.s, at + 1, self.strict)?;
            let key = self.known_key(key)?;
            at = self.skip_blanks(end);
            if self.at(at) != Some(b':') {
                return self.fault(("Expecting ':' delimiter", at));
            }
            let (value, end) = self.value(self.skip_blanks(at + 1))?;
            add(key, value)?;
            at = self.skip_blanks(end);
            match self.at(at) {
                Some(b'}') => return Ok(at + 1),
                Some(b',') => at = self.skip_blanks(at + 1),
                _ => return self.fault(("Expecting ',' delimiter", at)),
            }
        }
    }
    fn known_key(&self, key: Gc) -> PyResult {
        if let Some(known) = dict_get(self.vm, self.keys, key)? {
            return Ok(known);
        }
        dict_set(self.vm, self.keys, key, key)?;
        Ok(key)
    }
}
/// How many bytes at the start are a number, and whether it is whole.
fn number_length(text: &[u8]) -> Option<(usize, bool)> {
    let digits = |from: usize| {
        text[from..]
            .iter()
            .take_while(|c| c.is_ascii_digit())
            .count()
    };
    let sign = usize::from(text.first() == Some(&b'-'));
    let mut end = match text.get(sign)? {
        b'0' => sign + 1,
        b'1'..=b'9' => sign + digits(sign),
        _ => return None,
    };
    let mut whole = true;
    if text.get(end) == Some(&b'.') && digits(end + 1) > 0 {
        whole = false;
        end += 1 + digits(end + 1);
    }
    if let Some(b'e' | b'E') = text.get(end) {
        let from = end + 1 + usize::from(matches!(text.get(end + 1), Some(b'+' | b'-')));
        if text.len() > from && digits(from) > 0 {
            whole = false;
            end = from + digits(from);
        }
    }
    Some((end, whole))
}
/// The value of up to 18 digits.
fn small_int(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        digits => (false, digits),
    };
    if digits.len() > 18 {
        return None;
    }
    let v = digits.iter().fold(0, |n, &c| n * 10 + i64::from(c - b'0'));
    Some(if negative { -v } else { v })
}
