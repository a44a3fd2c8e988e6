//! `_sha512` and `_sha256`: hash objects.
//!
//! `R0` is a bytearray-like list of what was fed in: the digest is computed when it is asked for, so that copies are cheap
//! and no state of the hash function has to live outside the heap.

use crate::args::bind;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, getter, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, GetSetDef, Kw, PyResult, Vm};
use sha2::Digest;

static SHA512: ClassSpec = ClassSpec::new("_sha512", "sha512", METHODS)
    .getsets(GETSETS)
    .sealed();
static SHA384: ClassSpec = ClassSpec::new("_sha512", "sha384", METHODS)
    .getsets(GETSETS)
    .sealed();
static SHA256: ClassSpec = ClassSpec::new("_sha256", "sha256", METHODS)
    .getsets(GETSETS)
    .sealed();
static SHA224: ClassSpec = ClassSpec::new("_sha256", "sha224", METHODS)
    .getsets(GETSETS)
    .sealed();
static METHODS: &[BuiltinDef] = &[
    fn2("update", |vm, h, data| {
        let data = to_bytes(vm, data)?;
        list_append(vm, h.get(WNative::R0), bytes(vm, &data))?;
        Ok(none(vm))
    }),
    fn1("digest", |vm, h| {
        let d = digest(vm, h)?;
        Ok(bytes(vm, &d))
    }),
    fn1("hexdigest", |vm, h| {
        let text: String = digest(vm, h)?.iter().map(|b| format!("{b:02x}")).collect();
        Ok(string(vm, &text))
    }),
    fn1("copy", |vm, h| {
        let twin = native::new(vm, native::class_of(h));
        let parts = list_items(vm, h.get(WNative::R0));
        twin.set(vm, WNative::R0, list(vm, &parts));
        twin.set(vm, WNative::I0, h.get(WNative::I0));
        Ok(twin)
    }),
];
static GETSETS: &[GetSetDef] = &[
    getter("digest_size", |vm, h| Ok(int(vm, h.get(WNative::I0) / 8))),
    getter("block_size", |vm, h| {
        Ok(int(vm, if h.get(WNative::I0) > 256 { 128 } else { 64 }))
    }),
    getter("name", |vm, h| {
        Ok(string(vm, &format!("sha{}", h.get(WNative::I0))))
    }),
];
static FUNCTIONS_512: &[BuiltinDef] = &[
    kw("sha512", |vm, args, kw| make(vm, "sha512", 512, args, kw)),
    kw("sha384", |vm, args, kw| make(vm, "sha384", 384, args, kw)),
];
static FUNCTIONS_256: &[BuiltinDef] = &[
    kw("sha256", |vm, args, kw| make(vm, "sha256", 256, args, kw)),
    kw("sha224", |vm, args, kw| make(vm, "sha224", 224, args, kw)),
];

pub fn init_512(vm: &'static Vm, module: Gc) -> PyResult<()> {
    native::define(vm, Gc::NULL, &SHA512)?;
    native::define(vm, Gc::NULL, &SHA384)?;
    put_functions(vm, module, FUNCTIONS_512);
    Ok(())
}
pub fn init_256(vm: &'static Vm, module: Gc) -> PyResult<()> {
    native::define(vm, Gc::NULL, &SHA256)?;
    native::define(vm, Gc::NULL, &SHA224)?;
    put_functions(vm, module, FUNCTIONS_256);
    Ok(())
}
fn make(vm: &'static Vm, class: &'static str, bits: i64, args: &[Gc], keywords: &Kw) -> PyResult {
    let [data, _security] = bind(vm, class, ["string", "*usedforsecurity"], 0, args, keywords)?;
    let h = native::new_of(vm, class);
    let parts = list(vm, &[]);
    h.set(vm, WNative::R0, parts);
    h.set(vm, WNative::I0, bits);
    if !data.is_null() {
        let data = to_bytes(vm, data)?;
        list_append(vm, parts, bytes(vm, &data))?;
    }
    Ok(h)
}
fn digest(vm: &'static Vm, h: Gc) -> PyResult<Vec<u8>> {
    fn all<D: Digest>(vm: &'static Vm, parts: Gc) -> PyResult<Vec<u8>> {
        let mut hash = D::new();
        for &part in list_items(vm, parts).iter() {
            hash.update(part.items(&BYTES));
        }
        Ok(hash.finalize().to_vec())
    }
    let parts = h.get(WNative::R0);
    match h.get(WNative::I0) {
        512 => all::<sha2::Sha512>(vm, parts),
        384 => all::<sha2::Sha384>(vm, parts),
        256 => all::<sha2::Sha256>(vm, parts),
        _ => all::<sha2::Sha224>(vm, parts),
    }
}
