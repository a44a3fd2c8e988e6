//! `_md5`, `_sha1`, `_sha256`, `_sha512` and `_sha3`: hash objects.
//!
//! `R0` is a bytearray-like list of what was fed in: the digest is computed when it is asked for, so that copies are cheap
//! and no state of the hash function has to live outside the heap.

use crate::args::bind;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, getter, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Errors, GetSetDef, Kw, PyResult, Vm};
use sha2::Digest;
use sha3::digest::{ExtendableOutput, Update, XofReader};

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
static MD5: ClassSpec = ClassSpec::new("_md5", "md5", METHODS)
    .getsets(GETSETS)
    .sealed();
static SHA1: ClassSpec = ClassSpec::new("_sha1", "sha1", METHODS)
    .getsets(GETSETS)
    .sealed();
static SHA3: [ClassSpec; 4] = [
    ClassSpec::new("_sha3", "sha3_224", SHA3_METHODS)
        .getsets(GETSETS)
        .sealed(),
    ClassSpec::new("_sha3", "sha3_256", SHA3_METHODS)
        .getsets(GETSETS)
        .sealed(),
    ClassSpec::new("_sha3", "sha3_384", SHA3_METHODS)
        .getsets(GETSETS)
        .sealed(),
    ClassSpec::new("_sha3", "sha3_512", SHA3_METHODS)
        .getsets(GETSETS)
        .sealed(),
];
static SHAKE: [ClassSpec; 2] = [
    ClassSpec::new("_sha3", "shake_128", SHAKE_METHODS)
        .getsets(GETSETS)
        .sealed(),
    ClassSpec::new("_sha3", "shake_256", SHAKE_METHODS)
        .getsets(GETSETS)
        .sealed(),
];
const UPDATE: BuiltinDef = fn2("update", |vm, h, data| {
    let data = to_bytes(vm, data)?;
    list_append(vm, h.get(WNative::R0), bytes(vm, &data))?;
    Ok(none(vm))
});
const COPY: BuiltinDef = fn1("copy", |vm, h| {
    let twin = native::new(vm, native::class_of(h));
    let parts = list_items(vm, h.get(WNative::R0));
    twin.set(vm, WNative::R0, list(vm, &parts));
    twin.set(vm, WNative::I0, h.get(WNative::I0));
    Ok(twin)
});
const DIGEST: BuiltinDef = fn1("digest", |vm, h| {
    let d = digest(vm, h)?;
    Ok(bytes(vm, &d))
});
const HEXDIGEST: BuiltinDef = fn1("hexdigest", |vm, h| {
    let d = digest(vm, h)?;
    Ok(string(vm, &hexadecimal(&d)))
});
fn hexadecimal(digest: &[u8]) -> String {
    digest.iter().map(|b| format!("{b:02x}")).collect()
}
/// Classes of `_sha3` are called themselves.
macro_rules! new_sha3 {
    () => {
        kw("__new__", |vm, args, kw| {
            let class = native_class(args[0]);
            make(vm, class, &args[1..], kw)
        })
        .static_method()
    };
}
fn native_class(class: Gc) -> &'static str {
    let name = class.get(WClass::CLASS).expect().text();
    let all = SHA3.iter().chain(&SHAKE);
    all.map(|c| c.name)
        .find(|n| *n == name)
        .unwrap_or("sha3_256")
}
static SHA3_METHODS: &[BuiltinDef] = &[new_sha3!(), UPDATE, DIGEST, HEXDIGEST, COPY];
static SHAKE_METHODS: &[BuiltinDef] = &[
    new_sha3!(),
    UPDATE,
    COPY,
    fn2("digest", |vm, h, length| {
        let d = shake(vm, h, length)?;
        Ok(bytes(vm, &d))
    }),
    fn2("hexdigest", |vm, h, length| {
        let d = shake(vm, h, length)?;
        Ok(string(vm, &hexadecimal(&d)))
    }),
];
static METHODS: &[BuiltinDef] = &[UPDATE, DIGEST, HEXDIGEST, COPY];
static GETSETS: &[GetSetDef] = &[
    getter("digest_size", |vm, h| Ok(int(vm, algorithm(h).digest_size))),
    getter("block_size", |vm, h| Ok(int(vm, algorithm(h).block_size))),
    getter("name", |vm, h| Ok(string(vm, algorithm(h).name))),
];

/// A hash function.
struct Algorithm {
    name: &'static str,
    digest_size: i64,
    block_size: i64,
    /// The digest of several parts.
    digest: fn(&[Gc]) -> Vec<u8>,
}
const fn algorithm_of(
    name: &'static str,
    digest_size: i64,
    block_size: i64,
    digest: fn(&[Gc]) -> Vec<u8>,
) -> Algorithm {
    Algorithm {
        name,
        digest_size,
        block_size,
        digest,
    }
}
fn all<D: Digest>(parts: &[Gc]) -> Vec<u8> {
    let mut hash = D::new();
    for part in parts {
        hash.update(part.items(&BYTES));
    }
    hash.finalize().to_vec()
}
static ALGORITHMS: &[Algorithm] = &[
    algorithm_of("md5", 16, 64, all::<md5::Md5>),
    algorithm_of("sha1", 20, 64, all::<sha1::Sha1>),
    algorithm_of("sha224", 28, 64, all::<sha2::Sha224>),
    algorithm_of("sha256", 32, 64, all::<sha2::Sha256>),
    algorithm_of("sha384", 48, 128, all::<sha2::Sha384>),
    algorithm_of("sha512", 64, 128, all::<sha2::Sha512>),
    algorithm_of("sha3_224", 28, 144, all::<sha3::Sha3_224>),
    algorithm_of("sha3_256", 32, 136, all::<sha3::Sha3_256>),
    algorithm_of("sha3_384", 48, 104, all::<sha3::Sha3_384>),
    algorithm_of("sha3_512", 64, 72, all::<sha3::Sha3_512>),
    algorithm_of("shake_128", 0, 168, |_| Vec::new()),
    algorithm_of("shake_256", 0, 136, |_| Vec::new()),
];
fn algorithm(h: Gc) -> &'static Algorithm {
    &ALGORITHMS[h.get(WNative::I0) as usize]
}
fn shake(vm: &'static Vm, h: Gc, length: Gc) -> PyResult<Vec<u8>> {
    fn of<D: Default + Update + ExtendableOutput>(parts: &[Gc], out: &mut [u8]) {
        let mut hash = D::default();
        for part in parts {
            hash.update(part.items(&BYTES));
        }
        hash.finalize_xof().read(out);
    }
    let length = to_i64(vm, length)?;
    if !(0..1 << 29).contains(&length) {
        return Err(vm.value_error("length is too large"));
    }
    let mut out = vec![0; length as usize];
    let parts = list_items(vm, h.get(WNative::R0));
    match algorithm(h).name {
        "shake_128" => of::<sha3::Shake128>(&parts, &mut out),
        _ => of::<sha3::Shake256>(&parts, &mut out),
    }
    Ok(out)
}
static FUNCTIONS_MD5: &[BuiltinDef] = &[kw("md5", |vm, args, kw| make(vm, "md5", args, kw))];
static FUNCTIONS_SHA1: &[BuiltinDef] = &[kw("sha1", |vm, args, kw| make(vm, "sha1", args, kw))];
static FUNCTIONS_512: &[BuiltinDef] = &[
    kw("sha512", |vm, args, kw| make(vm, "sha512", args, kw)),
    kw("sha384", |vm, args, kw| make(vm, "sha384", args, kw)),
];
static FUNCTIONS_256: &[BuiltinDef] = &[
    kw("sha256", |vm, args, kw| make(vm, "sha256", args, kw)),
    kw("sha224", |vm, args, kw| make(vm, "sha224", args, kw)),
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
pub fn init_md5(vm: &'static Vm, module: Gc) -> PyResult<()> {
    native::define(vm, Gc::NULL, &MD5)?;
    put_functions(vm, module, FUNCTIONS_MD5);
    Ok(())
}
pub fn init_sha1(vm: &'static Vm, module: Gc) -> PyResult<()> {
    native::define(vm, Gc::NULL, &SHA1)?;
    put_functions(vm, module, FUNCTIONS_SHA1);
    Ok(())
}
pub fn init_sha3(vm: &'static Vm, module: Gc) -> PyResult<()> {
    for class in SHA3.iter().chain(&SHAKE) {
        native::define(vm, module, class)?;
    }
    Ok(())
}
fn make(vm: &'static Vm, class: &'static str, args: &[Gc], keywords: &Kw) -> PyResult {
    let [data, _security] = bind(vm, class, ["string", "*usedforsecurity"], 0, args, keywords)?;
    let h = native::new_of(vm, class);
    let parts = list(vm, &[]);
    h.set(vm, WNative::R0, parts);
    let number = ALGORITHMS.iter().position(|a| a.name == class);
    let number = number.expect("every class has its algorithm");
    h.set(vm, WNative::I0, number as i64);
    if !data.is_null() {
        let data = to_bytes(vm, data)?;
        list_append(vm, parts, bytes(vm, &data))?;
    }
    Ok(h)
}
fn digest(vm: &'static Vm, h: Gc) -> PyResult<Vec<u8>> {
    let parts = list_items(vm, h.get(WNative::R0));
    Ok((algorithm(h).digest)(&parts))
}
