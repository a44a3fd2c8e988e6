//! Items of memoryviews: native formats of one character, as in `struct`.

use crate::access::Access;
use crate::layout::*;
use crate::{Errors, PyResult, Vm, float, int};
use ouro_gc::Gc;

/// Size of an item of a native format; None for formats that views do not have.
pub(crate) fn native_size(format: &str) -> Option<usize> {
    Some(match format.trim_start_matches('@') {
        "c" | "b" | "B" | "?" => 1,
        "h" | "H" => 2,
        "i" | "I" | "f" => 4,
        "l" | "L" | "q" | "Q" | "n" | "N" | "d" | "P" => 8,
        _ => return None,
    })
}
/// The object for the bytes of an item.
pub(crate) fn unpack(vm: &'static Vm, format: char, b: &[u8]) -> Gc {
    let mut wide = [0; 8];
    wide[..b.len()].copy_from_slice(b);
    let unsigned = u64::from_le_bytes(wide);
    let shift = 64 - 8 * b.len() as u32;
    match format {
        'c' => crate::bytes::new(vm, b),
        '?' => vm.world().bool(unsigned != 0),
        'f' => float::new(vm, f32::from_bits(unsigned as u32) as f64),
        'd' => float::new(vm, f64::from_bits(unsigned)),
        'b' | 'h' | 'i' | 'l' | 'q' | 'n' => int::new(vm, (unsigned << shift) as i64 >> shift),
        _ => int::from_u64(vm, unsigned),
    }
}
/// The bytes of an item for an object.
///
/// # Errors
/// TypeError, ValueError.
pub(crate) fn pack(vm: &'static Vm, format: char, size: usize, value: Gc) -> PyResult<Vec<u8>> {
    let wrong_type = || {
        vm.type_error(format_args!(
            "memoryview: invalid type for format '{format}'"
        ))
    };
    let wrong_value = || {
        vm.value_error(format_args!(
            "memoryview: invalid value for format '{format}'"
        ))
    };
    let bits = match format {
        'c' => match crate::bytes::as_bytes(value).map(|b| b.items(&BYTES)) {
            Some(&[b]) => b as u64,
            Some(_) => return Err(wrong_value()),
            None => return Err(wrong_type()),
        },
        '?' => crate::operator::truth(vm, value)? as u64,
        'f' | 'd' => {
            if float::get(value).is_none() && !int::has_index(vm, value) {
                return Err(wrong_type());
            }
            let v = float::to_f64(vm, value)?;
            if format == 'f' {
                (v as f32).to_bits() as u64
            } else {
                v.to_bits()
            }
        }
        _ => {
            if !int::has_index(vm, value) {
                return Err(wrong_type());
            }
            let v = i128::try_from(&int::index(vm, value)?.big()).map_err(|_| wrong_value())?;
            let bits = 8 * size as u32;
            let signed = matches!(format, 'b' | 'h' | 'i' | 'l' | 'q' | 'n');
            let (low, high) = if signed {
                (-(1i128 << (bits - 1)), 1i128 << (bits - 1))
            } else {
                (0, 1i128 << bits)
            };
            if v < low || v >= high {
                return Err(wrong_value());
            }
            v as u64
        }
    };
    Ok(bits.to_le_bytes()[..size].to_vec())
}
