//! `_sre`: compiled patterns, matches, scanners. [`decode`] makes a [`program`] of the compiler's words, [`heads`] finds
//! what may begin where, [`search`] the places worth trying, [`matcher`] runs the program there.
//!
//! A pattern: `R0` source, `R1` dict of group numbers, `R2` tuple of group names, `I0` flags, `I1` groups, `I2` number of
//! its program, `I3` 0 for str, 1 for bytes, -1 for neither. A match: `R0` text, `R1` pattern, `R2` array of spans,
//! `I0` and `I1` the searched range, `I2` last group.

pub mod chars;
pub mod decode;
pub mod heads;
pub mod matcher;
pub mod methods;
mod op;
mod places;
pub mod program;
mod search;
pub mod subject;
pub mod text;

use crate::args::bind;
use crate::native;
use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn0, fn1, fn2, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Errors, Kw, PyResult, Vm};

static FUNCTIONS: &[BuiltinDef] = &[
    kw("compile", compile),
    fn0("getcodesize", |vm| Ok(int(vm, 4))),
    fn1("ascii_iscased", |vm, c| {
        let c = to_i64(vm, c)? as u32;
        Ok(boolean(
            vm,
            u8::try_from(c).is_ok_and(|c| c.is_ascii_alphabetic()),
        ))
    }),
    fn1("ascii_tolower", |vm, c| {
        Ok(int(
            vm,
            i64::from(chars::ascii_lower(to_i64(vm, c)? as u32)),
        ))
    }),
    fn1("unicode_iscased", |vm, c| {
        let c = to_i64(vm, c)? as u32;
        Ok(boolean(vm, chars::lower(c) != c || chars::upper(c) != c))
    }),
    fn1("unicode_tolower", |vm, c| {
        Ok(int(vm, i64::from(chars::lower(to_i64(vm, c)? as u32))))
    }),
    fn2("getlower", |vm, c, flags| {
        let (c, flags) = (to_i64(vm, c)? as u32, to_i64(vm, flags)?);
        Ok(int(
            vm,
            i64::from(if flags & 32 != 0 {
                chars::lower(c)
            } else {
                chars::ascii_lower(c)
            }),
        ))
    }),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    put_ints(
        vm,
        module,
        &[
            ("MAGIC", 20_220_615),
            ("CODESIZE", 4),
            ("MAXREPEAT", i64::from(u32::MAX)),
            ("MAXGROUPS", 1_073_741_823),
        ],
    );
    put(vm, module, "copyright", string(vm, "SRE"));
    for spec in [&methods::PATTERN, &methods::SCANNER] {
        native::define(vm, Gc::NULL, spec)?;
    }
    let match_class = native::define(vm, Gc::NULL, &methods::MATCH)?;
    // A module that is initialised again keeps its first class of matches.
    let _ = state(vm).match_class.set(match_class);
    Ok(())
}
fn compile(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let names = [
        "pattern",
        "flags",
        "code",
        "groups",
        "groupindex",
        "indexgroup",
    ];
    let [source, flags, code, groups, group_index, index_group] =
        bind(vm, "compile", names, 6, args, keywords)?;
    let mut words = Vec::new();
    for &w in collect(vm, code)?.iter() {
        words.push(to_i64(vm, w)? as u32);
    }
    let number = program_number(vm, words)?;
    let p = native::new_of(vm, "Pattern");
    p.set(vm, WNative::R0, source);
    p.set(vm, WNative::R1, group_index);
    p.set(vm, WNative::R2, index_group);
    p.set(vm, WNative::I0, to_i64(vm, flags)?);
    p.set(vm, WNative::I1, to_i64(vm, groups)?);
    p.set(vm, WNative::I2, number as i64);
    let kind = match (
        source == none(vm),
        ouro_py_objects::str::as_str(source).is_some(),
    ) {
        (true, _) => -1,
        (_, true) => 0,
        _ => 1,
    };
    p.set(vm, WNative::I3, kind);
    Ok(p)
}
/// The number under which the program of these words is kept. Equal patterns share one.
fn program_number(vm: &'static Vm, words: Vec<u32>) -> PyResult<usize> {
    let patterns = &state(vm).patterns;
    let known = patterns.borrow().numbers.get(&words[..]).copied();
    if let Some(n) = known {
        return Ok(n);
    }
    let Ok(decoded) = decode::decode(&words) else {
        return Err(vm.runtime_error("invalid SRE code"));
    };
    let mut patterns = patterns.borrow_mut();
    let n = patterns.programs.len();
    patterns.programs.push(std::rc::Rc::new(decoded));
    patterns.numbers.insert(words.into(), n);
    Ok(n)
}
/// The programs of a VM.
#[derive(Default)]
pub(crate) struct Patterns {
    pub programs: Vec<std::rc::Rc<program::Program>>,
    /// Numbers of programs by the words they come from.
    numbers: ahash::HashMap<Box<[u32]>, usize>,
}
