//! `array`: compact arrays of numbers. The methods are in `array_methods`; here is what an array is.
//!
//! The layout is that of [`ouro_py_objects::typed_items`], so that handlers and traces reach items without a call; `I2` is
//! bytes per item. The bytearray knows of the views of its bytes and of code outside that looks at them.

use crate::native::{self, ClassSpec};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::class::class_flags;
use ouro_py_objects::layout::*;
use ouro_py_objects::memoryview::Export;
use ouro_py_objects::payload::payload;
use ouro_py_objects::{Access, Errors, PyResult, Vm, bytearray, int as ints};

static ARRAY: ClassSpec = ClassSpec::new("array", "array", super::array_methods::METHODS)
    .getsets(super::array_methods::GETSETS)
    .weakref()
    .unhashable()
    .sequence();

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    let class = native::define(vm, module, &ARRAY)?;
    class.add_flags(class_flags::BUFFER | class_flags::TYPED_ITEMS);
    vm.world().callouts.native_memory.set(Some(memory));
    put(vm, module, "ArrayType", class.gc());
    put(vm, module, "typecodes", string(vm, "bBuhHiIlLqQfd"));
    super::array_methods::init(vm, module)
}
/// The array below an object, if it is one.
pub fn cast(vm: &'static Vm, v: Gc) -> Option<Gc> {
    native::cast(vm, v, "array")
}
/// Bytes per item; None if there is no such typecode.
pub fn item_size(typecode: u8) -> Option<usize> {
    Some(match typecode {
        b'b' | b'B' => 1,
        b'h' | b'H' => 2,
        b'i' | b'I' | b'f' | b'u' => 4,
        b'l' | b'L' | b'q' | b'Q' | b'd' => 8,
        _ => return None,
    })
}
/// A new array without items.
pub fn new(vm: &'static Vm, typecode: u8) -> PyResult {
    let size = item_size(typecode).expect("the typecode was checked");
    let array = native::new_of(vm, "array");
    array.set(vm, WNative::R0, bytearray::try_new(vm, &[])?);
    array.set(vm, WNative::I1, i64::from(typecode));
    array.set(vm, WNative::I2, size as i64);
    Ok(array)
}
pub fn length(a: Gc) -> usize {
    a.get(WNative::I0) as usize
}
pub fn typecode(a: Gc) -> u8 {
    a.get(WNative::I1) as u8
}
pub fn size_of_item(a: Gc) -> usize {
    a.get(WNative::I2) as usize
}
/// The items' bytes. Not to be kept over a change.
pub fn data<'a>(a: Gc) -> &'a [u8] {
    bytearray::content(a.get(WNative::R0))
}
/// The items' bytes for writing. As [`data`].
pub fn data_mut<'a>(a: Gc) -> &'a mut [u8] {
    bytearray::content_mut(a.get(WNative::R0))
}
/// What a view of an array shows; None for other objects.
fn memory(vm: &'static Vm, v: Gc) -> Option<Export> {
    let a = cast(vm, v)?;
    let size = size_of_item(a) as i64;
    let format = match typecode(a) {
        b'u' => 'w',
        code => code as char,
    };
    Some(Export {
        holder: a.get(WNative::R0),
        object: v,
        start: 0,
        format: format.to_string(),
        item_bytes: size,
        readonly: false,
        shape: vec![length(a) as i64],
        strides: vec![size],
    })
}
/// Changes the number of items; new ones are zero.
pub fn resize(vm: &'static Vm, a: Gc, n: usize) -> PyResult<()> {
    if n == length(a) {
        return Ok(());
    }
    check_size_may_change(vm, a)?;
    bytearray::resize(vm, a.get(WNative::R0), n * size_of_item(a))?;
    a.set(vm, WNative::I0, n as i64);
    Ok(())
}
/// BufferError while there are views.
///
/// # Errors
/// See above.
pub fn check_size_may_change(vm: &'static Vm, a: Gc) -> PyResult<()> {
    match bytearray::is_exported(vm, a.get(WNative::R0)) {
        true => Err(vm.buffer_error("cannot resize an array that is exporting buffers")),
        false => Ok(()),
    }
}
/// Item `i` as an object.
pub fn get(vm: &'static Vm, a: Gc, i: usize) -> Gc {
    let size = size_of_item(a);
    item_from(vm, typecode(a), &data(a)[i * size..(i + 1) * size])
}
fn word<const N: usize>(b: &[u8]) -> [u8; N] {
    b.try_into().expect("an item has its typecode's size")
}
/// The object that these bytes are.
pub fn item_from(vm: &'static Vm, typecode: u8, b: &[u8]) -> Gc {
    match typecode {
        b'b' => int(vm, i64::from(b[0] as i8)),
        b'B' => int(vm, i64::from(b[0])),
        b'h' => int(vm, i64::from(i16::from_ne_bytes(word(b)))),
        b'H' => int(vm, i64::from(u16::from_ne_bytes(word(b)))),
        b'i' => int(vm, i64::from(i32::from_ne_bytes(word(b)))),
        b'I' => int(vm, i64::from(u32::from_ne_bytes(word(b)))),
        b'l' | b'q' => int(vm, i64::from_ne_bytes(word(b))),
        b'L' | b'Q' => ints::from_u64(vm, u64::from_ne_bytes(word(b))),
        b'f' => float(vm, f64::from(f32::from_ne_bytes(word(b)))),
        b'd' => float(vm, f64::from_ne_bytes(word(b))),
        _ => ouro_py_objects::str::from_code_point(vm, u32::from_ne_bytes(word(b))),
    }
}
/// The bytes of an object as an item; the first `item_size` of them count.
///
/// # Errors
/// TypeError, OverflowError with CPython's texts.
pub fn item_bytes(vm: &'static Vm, typecode: u8, v: Gc) -> PyResult<[u8; 8]> {
    let mut out = [0; 8];
    let fill = |out: &mut [u8; 8], b: &[u8]| out[..b.len()].copy_from_slice(b);
    match typecode {
        b'f' => fill(&mut out, &(to_f64(vm, v)? as f32).to_ne_bytes()),
        b'd' => fill(&mut out, &to_f64(vm, v)?.to_ne_bytes()),
        b'u' => {
            let c = ouro_py_objects::str::as_str(v).and_then(ouro_py_objects::str::single);
            let Some(c) = c else {
                return Err(vm.type_error("array item must be unicode character"));
            };
            fill(&mut out, &c.to_ne_bytes());
        }
        _ => {
            let (name, low, high): (&str, i128, i128) = match typecode {
                b'b' => ("signed char", -128, 127),
                b'B' => ("unsigned byte integer", 0, 255),
                b'h' => ("signed short integer", i16::MIN as i128, i16::MAX as i128),
                b'H' => ("unsigned short", 0, u16::MAX as i128),
                b'i' => ("signed integer", i32::MIN as i128, i32::MAX as i128),
                b'I' => ("unsigned int", 0, u32::MAX as i128),
                b'l' | b'q' => (
                    "int too large to convert to C long",
                    i64::MIN as i128,
                    i64::MAX as i128,
                ),
                _ => (
                    "int too large to convert to C unsigned long",
                    0,
                    u64::MAX as i128,
                ),
            };
            let n = match v.is::<WInt>() {
                true => i128::from(v.get(WInt::VALUE)),
                false => match ints::index(vm, v)? {
                    Int::Small(n) => i128::from(n),
                    big => i128::try_from(big.big()).unwrap_or(if big.is_negative() {
                        i128::MIN
                    } else {
                        i128::MAX
                    }),
                },
            };
            if n < low || n > high {
                let what = if n < low {
                    "less than minimum"
                } else {
                    "greater than maximum"
                };
                return Err(match typecode {
                    b'Q' if n < 0 => vm.overflow_error("can't convert negative int to unsigned"),
                    b'q' | b'Q' => vm.overflow_error("int too big to convert"),
                    b'l' => vm.overflow_error(format_args!("Python {name}")),
                    b'L' | b'I' if n < 0 => {
                        vm.overflow_error("can't convert negative value to unsigned int")
                    }
                    b'L' => vm.overflow_error(format_args!("Python {name}")),
                    b'b' | b'h' | b'i' | b'B' | b'H' | b'I' => {
                        vm.overflow_error(format_args!("{name} is {what}"))
                    }
                    _ => unreachable!("all typecodes of ints are above"),
                });
            }
            fill(&mut out, &(n as u64).to_le_bytes());
            if cfg!(target_endian = "big") {
                out[..item_size(typecode).expect("a known typecode")].reverse();
            }
        }
    }
    Ok(out)
}
/// Replaces item `i`.
pub fn put_item(vm: &'static Vm, a: Gc, i: usize, v: Gc) -> PyResult<()> {
    let b = item_bytes(vm, typecode(a), v)?;
    let size = size_of_item(a);
    // `__index__` or `__float__` may have shortened the array.
    if i >= length(a) {
        return Err(vm.index_error("array assignment index out of range"));
    }
    data_mut(a)[i * size..(i + 1) * size].copy_from_slice(&b[..size]);
    Ok(())
}
/// Appends an item.
pub fn append(vm: &'static Vm, a: Gc, v: Gc) -> PyResult<()> {
    let b = item_bytes(vm, typecode(a), v)?;
    let (n, size) = (length(a), size_of_item(a));
    resize(vm, a, n + 1)?;
    data_mut(a)[n * size..(n + 1) * size].copy_from_slice(&b[..size]);
    Ok(())
}
/// The bytes of an array, for functions that take anything bytes-like.
pub fn raw_bytes(vm: &'static Vm, v: Gc) -> Option<Vec<u8>> {
    payload(v)
        .is::<WNative>()
        .then(|| cast(vm, v))
        .flatten()
        .map(|a| data(a).to_vec())
}
