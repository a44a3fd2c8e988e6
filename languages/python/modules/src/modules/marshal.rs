//! `marshal`: simple values as bytes, in CPython's format version 4 without references. Code objects are not supported.

use crate::args::count;
use crate::rt::*;
use dashu_int::{IBig, UBig};
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, var};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Errors, PyResult, Temps, Vm, int as ints};

static FUNCTIONS: &[BuiltinDef] = &[
    var("dumps", 1, 2, |vm, args| {
        let data = dumps(vm, args[0])?;
        Ok(bytes(vm, &data))
    }),
    fn1("loads", |vm, data| loads(vm, &to_bytes(vm, data)?)),
    var("dump", 2, 3, |vm, args| {
        let data = dumps(vm, args[0])?;
        call_method(vm, args[1], "write", &[bytes(vm, &data)])
    }),
    var("load", 0, 2, |vm, args| {
        count(vm, "load", args.len(), 1, 1)?;
        let data = call_method(vm, args[0], "read", &[])?;
        loads(vm, &to_bytes(vm, data)?)
    }),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    put_ints(vm, module, &[("version", 4)]);
    Ok(())
}
const MAX_DEPTH: usize = 2000;

fn dumps(vm: &'static Vm, v: Gc) -> PyResult<Vec<u8>> {
    let mut out = Vec::new();
    write(vm, v, &mut out, 0)?;
    Ok(out)
}
fn put_len(out: &mut Vec<u8>, n: usize) {
    out.extend_from_slice(&(n as u32).to_le_bytes());
}
fn write(vm: &'static Vm, v: Gc, out: &mut Vec<u8>, depth: usize) -> PyResult<()> {
    if depth > MAX_DEPTH {
        return Err(vm.value_error("object too deeply nested to marshal"));
    }
    let w = vm.world();
    if v == w.none {
        out.push(b'N');
    } else if v == w.true_ || v == w.false_ {
        out.push(if v == w.true_ { b'T' } else { b'F' });
    } else if v == w.ellipsis {
        out.push(b'.');
    } else if v == w.classes.stop_iteration.gc() {
        out.push(b'S');
    } else if v.is::<WInt>() && i32::try_from(v.get(WInt::VALUE)).is_ok() {
        out.push(b'i');
        out.extend_from_slice(&(v.get(WInt::VALUE) as i32).to_le_bytes());
    } else if v.is::<WInt>() || v.is::<WBigInt>() {
        let n = ints::get(v).expect("an int").big();
        let negative = n < IBig::ZERO;
        // Digits of 15 bits, least first; the count has the sign.
        let mut magnitude = n.into_parts().1;
        let mut digits = Vec::new();
        while !magnitude.is_zero() {
            let digit = u16::try_from(&magnitude & UBig::from(0x7fffu16)).expect("fifteen bits");
            digits.push(digit);
            magnitude >>= 15usize;
        }
        out.push(b'l');
        let n = digits.len() as i32;
        out.extend_from_slice(&(if negative { -n } else { n }).to_le_bytes());
        digits
            .iter()
            .for_each(|d| out.extend_from_slice(&d.to_le_bytes()));
    } else if v.is::<WFloat>() {
        out.push(b'g');
        out.extend_from_slice(&v.get(WFloat::VALUE).to_le_bytes());
    } else if v.is::<WComplex>() {
        out.push(b'y');
        out.extend_from_slice(&v.get(WComplex::REAL).to_le_bytes());
        out.extend_from_slice(&v.get(WComplex::IMAG).to_le_bytes());
    } else if v.is::<WStr>() {
        let data = ouro_py_objects::str::bytes(v);
        let ascii = ouro_py_objects::str::is_ascii(v);
        if ascii && data.len() < 256 {
            out.extend_from_slice(&[b'z', data.len() as u8]);
        } else {
            out.push(if ascii { b'a' } else { b'u' });
            put_len(out, data.len());
        }
        out.extend_from_slice(data);
    } else if v.is::<WTuple>() {
        let items = collect(vm, v)?;
        if items.len() < 256 {
            out.extend_from_slice(&[b')', items.len() as u8]);
        } else {
            out.push(b'(');
            put_len(out, items.len());
        }
        write_all(vm, &items, out, depth)?;
    } else if v.is::<WList>() || v.is::<WSet>() || v.is::<WFrozenSet>() {
        out.push(if v.is::<WList>() {
            b'['
        } else if v.is::<WSet>() {
            b'<'
        } else {
            b'>'
        });
        let items = collect(vm, v)?;
        put_len(out, items.len());
        write_all(vm, &items, out, depth)?;
    } else if v.is::<WDict>() {
        out.push(b'{');
        write_all(vm, &dict_items(vm, v), out, depth)?;
        out.push(b'0');
    } else if let Ok(data) = to_bytes(vm, v) {
        out.push(b's');
        put_len(out, data.len());
        out.extend_from_slice(&data);
    } else {
        return Err(vm.value_error("unmarshallable object"));
    }
    Ok(())
}
fn write_all(vm: &'static Vm, items: &[Gc], out: &mut Vec<u8>, depth: usize) -> PyResult<()> {
    items.iter().try_for_each(|&v| write(vm, v, out, depth + 1))
}

struct Reader<'a> {
    vm: &'static Vm,
    data: &'a [u8],
    /// Objects that were marked to be referred to.
    refs: Temps,
}
fn loads(vm: &'static Vm, data: &[u8]) -> PyResult {
    if data.is_empty() {
        return Err(vm.eof_error("EOF read where object expected"));
    }
    let mut reader = Reader {
        vm,
        data,
        refs: Temps::new(vm),
    };
    match reader.value(0)? {
        Some(v) => Ok(v),
        None => Err(vm.type_error("NULL object in marshal data for object")),
    }
}
impl Reader<'_> {
    fn take(&mut self, n: usize) -> PyResult<Vec<u8>> {
        if n > self.data.len() {
            return Err(self.vm.eof_error("marshal data too short"));
        }
        let (head, rest) = self.data.split_at(n);
        self.data = rest;
        Ok(head.to_vec())
    }
    fn byte(&mut self) -> PyResult<u8> {
        Ok(self.take(1)?[0])
    }
    fn word(&mut self) -> PyResult<i32> {
        Ok(i32::from_le_bytes(
            self.take(4)?.try_into().expect("four bytes"),
        ))
    }
    fn count(&mut self) -> PyResult<usize> {
        usize::try_from(self.word()?)
            .map_err(|_| self.vm.value_error("bad marshal data (size out of range)"))
    }
    fn double(&mut self) -> PyResult<f64> {
        Ok(f64::from_le_bytes(
            self.take(8)?.try_into().expect("eight bytes"),
        ))
    }
    fn items(&mut self, n: usize, depth: usize) -> PyResult<Temps> {
        let mut out = Temps::new(self.vm);
        for _ in 0..n {
            match self.value(depth + 1)? {
                Some(v) => out.push(v),
                None => return Err(self.vm.type_error("NULL object in marshal data for object")),
            }
        }
        Ok(out)
    }
    /// The next value; None is the end mark of a dict.
    fn value(&mut self, depth: usize) -> PyResult<Option<Gc>> {
        let vm = self.vm;
        if depth > MAX_DEPTH {
            return Err(vm.value_error("recursion limit exceeded"));
        }
        let tag = self.byte()?;
        let marked = tag & 0x80 != 0;
        // The number of a container is given before those of its items.
        let slot = marked.then(|| {
            self.refs.push(none(vm));
            self.refs.len() - 1
        });
        let v = match tag & 0x7f {
            b'0' => return Ok(None),
            b'N' => none(vm),
            b'T' => boolean(vm, true),
            b'F' => boolean(vm, false),
            b'.' => vm.world().ellipsis,
            b'S' => vm.world().classes.stop_iteration.gc(),
            b'i' => int(vm, i64::from(self.word()?)),
            b'I' => int(
                vm,
                i64::from_le_bytes(self.take(8)?.try_into().expect("eight bytes")),
            ),
            b'l' => {
                let n = self.word()?;
                let raw = self.take(n.unsigned_abs() as usize * 2)?;
                let mut magnitude = UBig::ZERO;
                for digit in raw.chunks(2).rev() {
                    magnitude = (magnitude << 15usize)
                        + UBig::from(u16::from_le_bytes([digit[0], digit[1]]));
                }
                let magnitude = IBig::from(magnitude);
                ints::from_big(vm, &if n < 0 { -magnitude } else { magnitude })
            }
            b'g' => float(vm, self.double()?),
            b'y' => {
                let parts = [float(vm, self.double()?), float(vm, self.double()?)];
                call(vm, vm.world().classes.complex.gc(), &parts)?
            }
            b'z' | b'Z' => {
                let n = self.byte()? as usize;
                ouro_py_objects::str::from_wtf8(vm, &self.take(n)?)
            }
            b'a' | b'A' | b'u' | b't' => {
                let n = self.count()?;
                ouro_py_objects::str::from_wtf8(vm, &self.take(n)?)
            }
            b's' => {
                let n = self.count()?;
                bytes(vm, &self.take(n)?)
            }
            b')' => {
                let n = self.byte()? as usize;
                tuple(vm, &self.items(n, depth)?)
            }
            b'(' => {
                let n = self.count()?;
                tuple(vm, &self.items(n, depth)?)
            }
            kind @ (b'[' | b'<' | b'>') => {
                let n = self.count()?;
                let all = list(vm, &self.items(n, depth)?);
                match kind {
                    b'[' => all,
                    b'<' => call(vm, vm.world().classes.set.gc(), &[all])?,
                    _ => call(vm, vm.world().classes.frozenset.gc(), &[all])?,
                }
            }
            b'{' => {
                let d = dict(vm);
                while let Some(key) = self.value(depth + 1)? {
                    let Some(value) = self.value(depth + 1)? else {
                        break;
                    };
                    dict_set(vm, d, key, value)?;
                }
                d
            }
            b'r' => {
                let n = self.count()?;
                match self.refs.get(n) {
                    Some(&v) => v,
                    None => return Err(vm.value_error("bad marshal data (invalid reference)")),
                }
            }
            b'c' => return Err(vm.value_error("marshal of code objects is not supported")),
            _ => return Err(vm.value_error("bad marshal data (unknown type code)")),
        };
        if let Some(slot) = slot {
            self.refs[slot] = v;
        }
        Ok(Some(v))
    }
}
