//! `_blake2`: BLAKE2b and BLAKE2s (RFC 7693) with keys, salts, personalisation and tree parameters.
//!
//! `R0` is the list of what was fed in, `R1` the parameter block and `R2` the key: the digest is computed when it is asked for.

use crate::args::bind;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, getter, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Errors, GetSetDef, Kw, PyResult, Vm};

static BLAKE2B: ClassSpec = ClassSpec::new("_blake2", "blake2b", METHODS_B)
    .getsets(GETSETS)
    .sealed();
static BLAKE2S: ClassSpec = ClassSpec::new("_blake2", "blake2s", METHODS_S)
    .getsets(GETSETS)
    .sealed();
const UPDATE: BuiltinDef = fn2("update", |vm, h, data| {
    let data = to_bytes(vm, data)?;
    list_append(vm, h.get(WNative::R0), bytes(vm, &data))?;
    Ok(none(vm))
});
const DIGEST: BuiltinDef = fn1("digest", |vm, h| {
    let d = digest(vm, h);
    Ok(bytes(vm, &d))
});
const HEXDIGEST: BuiltinDef = fn1("hexdigest", |vm, h| {
    let text: String = digest(vm, h).iter().map(|b| format!("{b:02x}")).collect();
    Ok(string(vm, &text))
});
const COPY: BuiltinDef = fn1("copy", |vm, h| {
    let twin = native::new(vm, native::class_of(h));
    let parts = list_items(vm, h.get(WNative::R0));
    twin.set(vm, WNative::R0, list(vm, &parts));
    twin.set(vm, WNative::R1, h.get(WNative::R1));
    twin.set(vm, WNative::R2, h.get(WNative::R2));
    twin.set(vm, WNative::I0, h.get(WNative::I0));
    Ok(twin)
});
static METHODS_B: &[BuiltinDef] = &[
    kw("__new__", |vm, args, kw| new(vm, &B, &args[1..], kw)).static_method(),
    UPDATE,
    DIGEST,
    HEXDIGEST,
    COPY,
];
static METHODS_S: &[BuiltinDef] = &[
    kw("__new__", |vm, args, kw| new(vm, &S, &args[1..], kw)).static_method(),
    UPDATE,
    DIGEST,
    HEXDIGEST,
    COPY,
];
static GETSETS: &[GetSetDef] = &[
    getter("name", |vm, h| Ok(string(vm, variant(h).name))),
    getter("digest_size", |vm, h| {
        Ok(int(vm, i64::from(h.get(WNative::R1).items(&BYTES)[0])))
    }),
    getter("block_size", |vm, h| {
        Ok(int(vm, variant(h).word as i64 * 16))
    }),
];

/// One of the two functions.
struct Variant {
    name: &'static str,
    /// Bytes of a word; a block has sixteen, the state eight of them.
    word: usize,
    rounds: usize,
    rotations: [u32; 4],
    start: [u64; 8],
}
static B: Variant = Variant {
    name: "blake2b",
    word: 8,
    rounds: 12,
    rotations: [32, 24, 16, 63],
    start: [
        0x6A09_E667_F3BC_C908,
        0xBB67_AE85_84CA_A73B,
        0x3C6E_F372_FE94_F82B,
        0xA54F_F53A_5F1D_36F1,
        0x510E_527F_ADE6_82D1,
        0x9B05_688C_2B3E_6C1F,
        0x1F83_D9AB_FB41_BD6B,
        0x5BE0_CD19_137E_2179,
    ],
};
/// The words of the smaller function are the upper halves of those of the larger one.
static S: Variant = Variant {
    name: "blake2s",
    word: 4,
    rounds: 10,
    rotations: [16, 12, 8, 7],
    start: [
        0x6A09_E667,
        0xBB67_AE85,
        0x3C6E_F372,
        0xA54F_F53A,
        0x510E_527F,
        0x9B05_688C,
        0x1F83_D9AB,
        0x5BE0_CD19,
    ],
};
const ORDER: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];

impl Variant {
    fn read(&self, bytes: &[u8]) -> u64 {
        bytes.iter().rev().fold(0, |v, b| v << 8 | u64::from(*b))
    }
    fn add(&self, a: u64, b: u64) -> u64 {
        let sum = a.wrapping_add(b);
        if self.word == 8 {
            sum
        } else {
            sum & 0xFFFF_FFFF
        }
    }
    fn rotate(&self, v: u64, n: u32) -> u64 {
        match self.word {
            8 => v.rotate_right(n),
            _ => u64::from((v as u32).rotate_right(n)),
        }
    }
    /// Mixes one block into the state; `count` bytes have been seen, `end` holds the flags of the last block.
    fn compress(&self, state: &mut [u64; 8], block: &[u8], count: u128, end: [bool; 2]) {
        let m: Vec<u64> = block.chunks(self.word).map(|w| self.read(w)).collect();
        let mask = if self.word == 8 {
            u64::MAX
        } else {
            0xFFFF_FFFF
        };
        let mut v = [0; 16];
        v[..8].copy_from_slice(state);
        v[8..].copy_from_slice(&self.start);
        v[12] ^= count as u64 & mask;
        v[13] ^= (count >> (8 * self.word)) as u64 & mask;
        for (n, end) in end.into_iter().enumerate() {
            if end {
                v[14 + n] ^= mask;
            }
        }
        for round in 0..self.rounds {
            let order = &ORDER[round % 10];
            for n in 0..8 {
                let (row, shift) = (n % 4, n / 4);
                let [a, b, c, d] = [0, 1, 2, 3].map(|k| 4 * k + (row + k * shift) % 4);
                for half in 0..2 {
                    let x = m[order[2 * n + half]];
                    v[a] = self.add(self.add(v[a], v[b]), x);
                    v[d] = self.rotate(v[d] ^ v[a], self.rotations[2 * half]);
                    v[c] = self.add(v[c], v[d]);
                    v[b] = self.rotate(v[b] ^ v[c], self.rotations[2 * half + 1]);
                }
            }
        }
        for n in 0..8 {
            state[n] ^= v[n] ^ v[n + 8];
        }
    }
}

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    for (spec, v) in [(&BLAKE2B, &B), (&BLAKE2S, &S)] {
        let class = native::define(vm, module, spec)?;
        let w = v.word as i64;
        for (key, n) in [
            ("SALT_SIZE", 2 * w),
            ("PERSON_SIZE", 2 * w),
            ("MAX_KEY_SIZE", 8 * w),
            ("MAX_DIGEST_SIZE", 8 * w),
        ] {
            let n = int(vm, n);
            class.put(vm, name(vm, key), n);
        }
    }
    Ok(())
}
fn variant(h: Gc) -> &'static Variant {
    if h.get(WNative::I0) & 1 == 0 { &B } else { &S }
}
fn new(vm: &'static Vm, v: &'static Variant, args: &[Gc], keywords: &Kw) -> PyResult {
    let names = [
        "data",
        "*digest_size",
        "*key",
        "*salt",
        "*person",
        "*fanout",
        "*depth",
        "*leaf_size",
        "*node_offset",
        "*node_depth",
        "*inner_size",
        "*last_node",
        "*usedforsecurity",
    ];
    let given = bind(vm, v.name, names, 0, args, keywords)?;
    let [
        data,
        size,
        key,
        salt,
        person,
        fanout,
        depth,
        leaf,
        offset,
        node_depth,
        inner,
        last,
        _,
    ] = given;
    let number = |v: Gc, default: i64, range: std::ops::RangeInclusive<i64>, message: &str| {
        let n = if v.is_null() { default } else { to_i64(vm, v)? };
        match range.contains(&n) {
            true => Ok(n as u64),
            false => Err(vm.value_error(message)),
        }
    };
    let most = 8 * v.word as i64;
    let text = format!("digest_size must be between 1 and {most} bytes");
    let size = number(size, most, 1..=most, &text)?;
    let fanout = number(fanout, 1, 0..=255, "fanout must be between 0 and 255")?;
    let depth = number(depth, 1, 1..=255, "depth must be between 1 and 255")?;
    let leaf = number(leaf, 0, 0..=0xFFFF_FFFF, "leaf_size is too large")?;
    let widest = if v.word == 8 {
        i64::MAX
    } else {
        0xFFFF_FFFF_FFFF
    };
    let offset = number(offset, 0, 0..=widest, "node_offset is too large")?;
    let node_depth = number(
        node_depth,
        0,
        0..=255,
        "node_depth must be between 0 and 255",
    )?;
    let text = format!("inner_size must be between 0 and {most}");
    let inner = number(inner, 0, 0..=most, &text)?;
    let limited = |v: Gc, most: i64, what: &str| -> PyResult<Vec<u8>> {
        if v.is_null() {
            return Ok(Vec::new());
        }
        let content = to_bytes(vm, v)?;
        match content.len() as i64 <= most {
            true => Ok(content),
            false => Err(vm.value_error(format_args!("maximum {what} length is {most} bytes"))),
        }
    };
    let key = limited(key, most, "key")?;
    let salt = limited(salt, most / 4, "salt")?;
    let person = limited(person, most / 4, "person")?;
    let mut block = vec![size as u8, key.len() as u8, fanout as u8, depth as u8];
    block.extend((leaf as u32).to_le_bytes());
    block.extend(&offset.to_le_bytes()[..if v.word == 8 { 8 } else { 6 }]);
    block.extend([node_depth as u8, inner as u8]);
    block.resize(4 * v.word, 0);
    block.extend(salt);
    block.resize(6 * v.word, 0);
    block.extend(person);
    block.resize(8 * v.word, 0);
    let last = !last.is_null() && truth(vm, last)?;
    let h = native::new_of(vm, v.name);
    h.set(
        vm,
        WNative::I0,
        i64::from(v.word == 4) | i64::from(last) << 1,
    );
    let parts = list(vm, &[]);
    h.set(vm, WNative::R0, parts);
    let block = bytes(vm, &block);
    h.set(vm, WNative::R1, block);
    let key = bytes(vm, &key);
    h.set(vm, WNative::R2, key);
    if !data.is_null() {
        let data = to_bytes(vm, data)?;
        list_append(vm, parts, bytes(vm, &data))?;
    }
    Ok(h)
}
fn digest(vm: &'static Vm, h: Gc) -> Vec<u8> {
    let v = variant(h);
    let parameters = h.get(WNative::R1).items(&BYTES).to_vec();
    let mut input = h.get(WNative::R2).items(&BYTES).to_vec();
    if !input.is_empty() {
        input.resize(16 * v.word, 0);
    }
    for part in list_items(vm, h.get(WNative::R0)).iter() {
        input.extend(part.items(&BYTES));
    }
    let mut state = v.start;
    for (n, word) in parameters.chunks(v.word).enumerate() {
        state[n] ^= v.read(word);
    }
    let size = 16 * v.word;
    let blocks = input.len().div_ceil(size).max(1);
    let len = input.len();
    input.resize(blocks * size, 0);
    let last_node = h.get(WNative::I0) & 2 != 0;
    for (n, block) in input.chunks(size).enumerate() {
        let last = n + 1 == blocks;
        let count = if last { len } else { (n + 1) * size };
        v.compress(&mut state, block, count as u128, [last, last && last_node]);
    }
    let words = state
        .iter()
        .flat_map(|w| w.to_le_bytes().into_iter().take(v.word));
    words.take(parameters[0] as usize).collect()
}
