//! `sliceobject.h`.

use crate::abi::*;
use crate::data;
use crate::errors;
use crate::raw;
use std::ffi::c_int;

api! {
    fn PySlice_New(start: Obj, stop: Obj, step: Obj) -> Obj {
        let o = raw::new_object(data::PySlice_Type.get(), size_of::<PySliceObject>());
        if o.is_null() { return o }
        let s: *mut PySliceObject = o.cast();
        let or_none = |v: Obj| raw::incref(if v.is_null() { data::none() } else { v });
        (*s).start = or_none(start);
        (*s).stop = or_none(stop);
        (*s).step = or_none(step);
        o
    }
    fn PySlice_Unpack(o: Obj, start: *mut Ssize, stop: *mut Ssize, step: *mut Ssize) -> c_int {
        let s: *mut PySliceObject = o.cast();
        let number = |v: Obj, default: Ssize| match v == data::none() {
            true => Some(default),
            false => {
                let n = super::PyNumber_AsSsize_t(v, std::ptr::null_mut());
                if n == -1 && errors::occurred() { None } else { Some(n) }
            }
        };
        let Some(by) = number((*s).step, 1) else { return -1 };
        if by == 0 {
            errors::value_error("slice step cannot be zero");
            return -1;
        }
        *step = by.max(-Ssize::MAX);
        let (first, last) = if by < 0 { (Ssize::MAX, Ssize::MIN) } else { (0, Ssize::MAX) };
        let Some(a) = number((*s).start, first) else { return -1 };
        let Some(b) = number((*s).stop, last) else { return -1 };
        *start = a;
        *stop = b;
        0
    }
    fn PySlice_AdjustIndices(len: Ssize, start: *mut Ssize, stop: *mut Ssize, step: Ssize) -> Ssize {
        let adjust = |v: Ssize| {
            let v = if v < 0 { v.saturating_add(len) } else { v };
            match v { v if v < 0 => if step < 0 { -1 } else { 0 }, v if v >= len => if step < 0 { len - 1 } else { len }, v => v }
        };
        *start = adjust(*start);
        *stop = adjust(*stop);
        match step < 0 {
            true if *stop < *start => (*start - *stop - 1) / -step + 1,
            false if *start < *stop => (*stop - *start - 1) / step + 1,
            _ => 0,
        }
    }
    fn PySlice_GetIndicesEx(o: Obj, len: Ssize, start: *mut Ssize, stop: *mut Ssize, step: *mut Ssize, n: *mut Ssize) -> c_int {
        if PySlice_Unpack(o, start, stop, step) < 0 { return -1 }
        *n = PySlice_AdjustIndices(len, start, stop, *step);
        0
    }
}
