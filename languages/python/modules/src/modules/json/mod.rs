//! `_json`: the quick half of the package `json`. `encode` writes, `decode` reads, `text` has the strings of both.
//!
//! Positions that the guest sees count characters; inside they are byte offsets, because everything that JSON gives a
//! meaning is ASCII.

mod decode;
mod encode;
mod text;

use crate::native;
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, kw};
use ouro_py_objects::{BuiltinDef, PyResult, Vm};

static FUNCTIONS: &[BuiltinDef] = &[
    fn1("encode_basestring", text::encode)
        .doc("encode_basestring(string) -> string\n\nReturn a JSON representation of a Python string"),
    fn1("encode_basestring_ascii", text::encode_ascii).doc(
        "encode_basestring_ascii(string) -> string\n\nReturn an ASCII-only JSON representation of a Python string",
    ),
    kw("scanstring", text::scanstring).doc(
        "scanstring(string, end, strict=True) -> (string, end)\n\nReads the JSON string whose first quote stands before \
         the character `end`. Returns its value and the position behind its last quote.",
    ),
];

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    let encoder = native::define(vm, Gc::NULL, &encode::ENCODER)?;
    put(vm, module, "make_encoder", encoder.gc());
    let scanner = native::define(vm, Gc::NULL, &decode::SCANNER)?;
    put(vm, module, "make_scanner", scanner.gc());
    Ok(())
}
