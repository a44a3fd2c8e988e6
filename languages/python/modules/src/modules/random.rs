//! `_random`: the Mersenne Twister MT19937, seeded and read as CPython does it.
//!
//! The state lies in a byte store of the object (`R0`): 624 words of 32 bits, little end first; `I0` is the position.

use crate::args;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use dashu_int::{IBig, UBig};
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Errors, Kw, PyResult, Temps, Vm, access, int as ints};

const N: usize = 624;
const M: usize = 397;

static RANDOM: ClassSpec = ClassSpec::new("_random", "Random", METHODS);
static METHODS: &[BuiltinDef] = &[
    kw("__new__", new).static_method(),
    kw("__init__", init_object),
    fn1("random", random).doc("random() -> x in the interval [0, 1)."),
    fn2("seed", seed).opt(1),
    fn2("getrandbits", getrandbits),
    fn1("getstate", getstate),
    fn2("setstate", setstate),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    native::define(vm, module, &RANDOM)?;
    Ok(())
}

/// The generator's state while a function works on it.
struct Twister<'a> {
    words: &'a mut [i64],
    object: Gc,
}
/// The state of an object. No guest code may run while it is borrowed.
fn twister<'a>(this: Gc) -> Twister<'a> {
    Twister {
        words: this.get(WNative::R0).items_mut(&INTS),
        object: this,
    }
}
impl Twister<'_> {
    fn word(&self, i: usize) -> u32 {
        self.words[i] as u32
    }
    fn put(&mut self, i: usize, v: u32) {
        self.words[i] = i64::from(v);
    }
    fn init_genrand(&mut self, s: u32) {
        self.put(0, s);
        for i in 1..N {
            let previous = self.word(i - 1);
            let v = 1_812_433_253u32
                .wrapping_mul(previous ^ previous >> 30)
                .wrapping_add(i as u32);
            self.put(i, v);
        }
        self.set_index(N);
    }
    fn init_by_array(&mut self, key: &[u32]) {
        self.init_genrand(19_650_218);
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            let previous = self.word(i - 1);
            let mixed = self.word(i) ^ (previous ^ previous >> 30).wrapping_mul(1_664_525);
            self.put(i, mixed.wrapping_add(key[j]).wrapping_add(j as u32));
            (i, j) = (i + 1, (j + 1) % key.len());
            if i >= N {
                let last = self.word(N - 1);
                self.put(0, last);
                i = 1;
            }
        }
        for _ in 1..N {
            let previous = self.word(i - 1);
            let mixed = self.word(i) ^ (previous ^ previous >> 30).wrapping_mul(1_566_083_941);
            self.put(i, mixed.wrapping_sub(i as u32));
            i += 1;
            if i >= N {
                let last = self.word(N - 1);
                self.put(0, last);
                i = 1;
            }
        }
        self.put(0, 0x8000_0000);
    }
    fn index(&self) -> usize {
        self.object.get(WNative::I0) as usize
    }
    fn set_index(&mut self, i: usize) {
        // An int field needs no barrier.
        self.object.init(WNative::I0, i as i64);
    }
    fn next(&mut self) -> u32 {
        let mut index = self.index();
        if index >= N {
            for k in 0..N {
                let y = self.word(k) & 0x8000_0000 | self.word((k + 1) % N) & 0x7fff_ffff;
                let magic = if y & 1 == 1 { 0x9908_b0df } else { 0 };
                let v = self.word((k + M) % N) ^ y >> 1 ^ magic;
                self.put(k, v);
            }
            index = 0;
        }
        let mut y = self.word(index);
        self.set_index(index + 1);
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c_5680;
        y ^= y << 15 & 0xefc6_0000;
        y ^ y >> 18
    }
}

fn new(vm: &'static Vm, arguments: &[Gc], _kw: &Kw) -> PyResult {
    let class = crate::state::state(vm).class("Random");
    let this = native::new(vm, class);
    let words = access::alloc_var::<WIntArray>(vm, N);
    this.set(vm, WNative::R0, words);
    seed(vm, this, arguments.get(1).copied().unwrap_or(Gc::NULL))?;
    native::instance(vm, arguments[0], class, this)
}
fn init_object(vm: &'static Vm, arguments: &[Gc], kw: &Kw) -> PyResult {
    args::no_keywords(vm, "Random", kw)?;
    args::count(vm, "Random", arguments.len() - 1, 0, 1)?;
    Ok(none(vm))
}
fn random(vm: &'static Vm, this: Gc) -> PyResult {
    let mut t = twister(this);
    let (a, b) = (t.next() >> 5, t.next() >> 6);
    Ok(float(
        vm,
        (f64::from(a) * 67_108_864.0 + f64::from(b)) * (1.0 / 9_007_199_254_740_992.0),
    ))
}
fn seed(vm: &'static Vm, this: Gc, v: Gc) -> PyResult {
    if absent(vm, v) {
        let entropy = crate::modules::posix::system::random_bytes(N * 4)
            .map_err(|e| io_error(vm, &e, None))?;
        let key: Vec<u32> = entropy
            .chunks(4)
            .map(|c| u32::from_le_bytes(c.try_into().expect("chunks of four")))
            .collect();
        twister(this).init_by_array(&key);
        return Ok(none(vm));
    }
    let magnitude = match ints::get(v) {
        Some(i) => i.big().into_parts().1,
        // As CPython: the hash, read as an unsigned number.
        None => UBig::from(hash(vm, v)? as u64),
    };
    let mut key: Vec<u32> = magnitude
        .to_le_bytes()
        .chunks(4)
        .map(|c| c.iter().rev().fold(0, |w, &b| w << 8 | u32::from(b)))
        .collect();
    if key.is_empty() {
        key.push(0);
    }
    twister(this).init_by_array(&key);
    Ok(none(vm))
}
fn getrandbits(vm: &'static Vm, this: Gc, k: Gc) -> PyResult {
    let k = to_i64(vm, k)?;
    if k < 0 {
        return Err(vm.value_error("number of bits must be non-negative"));
    }
    if k == 0 {
        return Ok(int(vm, 0));
    }
    let mut t = twister(this);
    if k <= 32 {
        return Ok(int(vm, i64::from(t.next() >> (32 - k))));
    }
    let mut left = k;
    let mut words = Vec::new();
    while left > 0 {
        let mut r = t.next();
        if left < 32 {
            r >>= 32 - left;
        }
        words.extend_from_slice(&r.to_le_bytes());
        left -= 32;
    }
    Ok(ints::from_big(vm, &IBig::from(UBig::from_le_bytes(&words))))
}
fn getstate(vm: &'static Vm, this: Gc) -> PyResult {
    let words = this.get(WNative::R0);
    let mut out = Temps::new(vm);
    for i in 0..N {
        out.push(int(vm, words.items(&INTS)[i]));
    }
    out.push(int(vm, this.get(WNative::I0)));
    Ok(tuple(vm, &out))
}
fn setstate(vm: &'static Vm, this: Gc, v: Gc) -> PyResult {
    let Some(items) = as_tuple(v) else {
        return Err(vm.type_error("state vector must be a tuple"));
    };
    let items = collect(vm, items)?;
    if items.len() != N + 1 {
        return Err(vm.value_error("state vector is the wrong size"));
    }
    let mut words = Vec::with_capacity(N);
    for &v in &items[..N] {
        words.push(to_i64(vm, v)? & 0xffff_ffff);
    }
    let index = to_i64(vm, items[N])?;
    if !(0..=N as i64).contains(&index) {
        return Err(vm.value_error("invalid state"));
    }
    twister(this).words.copy_from_slice(&words);
    this.set(vm, WNative::I0, index);
    Ok(none(vm))
}
