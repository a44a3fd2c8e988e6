//! Objects whose contents lie on the C side: making them, reading them, reference counts.
//!
//! Nothing here asks the interpreter, except that a destructor of C may.

use crate::abi::*;
use crate::context::{Context, context};
use crate::data;
use crate::memory::DEALLOCATING;
use std::ffi::{CStr, c_char, c_void};

/// What a link to an object of the interpreter adds to the reference count: C never brings a linked object to zero.
pub const BIAS: Ssize = 1 << 61;
/// The reference count of objects that are never freed.
pub const IMMORTAL: Ssize = 1 << 60;
const DIGIT: u32 = 30;
const SMALL_FROM: i64 = -5;
pub(crate) const SMALL_TO: i64 = 256;

/// Bits of `PyASCIIObject::state`.
pub mod state {
    /// Interned.
    pub const INTERNED: u32 = 1;
    /// Where the number of bytes of a character lies.
    pub const KIND: u32 = 2;
    /// The characters follow the head.
    pub const COMPACT: u32 = 1 << 5;
    /// All characters are ASCII.
    pub const ASCII: u32 = 1 << 6;
    /// The characters are there.
    pub const READY: u32 = 1 << 7;
}

inner! {
    /// One more reference.
    #[inline(always)]
    pub fn incref(o: Obj) -> Obj {
        (*o).ob_refcnt += 1;
        o
    }
    /// As [`incref`], NULL is allowed.
    #[inline(always)]
    pub fn xincref(o: Obj) -> Obj {
        if !o.is_null() { (*o).ob_refcnt += 1; }
        o
    }
    /// One reference less.
    #[inline(always)]
    pub fn decref(o: Obj) {
        (*o).ob_refcnt -= 1;
        if (*o).ob_refcnt == 0 { dealloc(o) }
    }
    /// As [`decref`], NULL is allowed.
    #[inline(always)]
    pub fn xdecref(o: Obj) {
        if !o.is_null() { decref(o) }
    }
    /// Calls the destructor of an object without references.
    #[inline]
    pub fn dealloc(o: Obj) {
        crate::values::free(o)
    }
    /// As [`dealloc`], for whatever is no int or float.
    pub(crate) fn dealloc_any(o: Obj) {
        let ty = (*o).ob_type;
        let Some(f) = (*ty).tp_dealloc else { return free(o) };
        // The destructor of a type of an extension, or of a class below it, may show the object to the interpreter.
        if (*ty).tp_cache.is_null() && (*ty).tp_flags & type_flags::HEAP == 0 { return f(o) }
        let memory = &context().memory;
        if !memory.is_ours(o as usize) { return f(o) }
        let link = memory.link(o.cast());
        if *link == 0 { *link = DEALLOCATING }
        f(o);
        // An object that was not freed is used again without being told of, or lives on.
        if *link == DEALLOCATING { *link = 0 }
    }
    /// Says whether the destructor of an object runs that has no link: then whoever links it knows that it goes.
    pub(crate) fn set_deallocating(o: Obj, on: bool) {
        let memory = &context().memory;
        if !memory.is_ours(o as usize) { return }
        let link = memory.link(o.cast());
        let (from, to) = match on { true => (0, DEALLOCATING), false => (DEALLOCATING, 0) };
        if *link == from { *link = to }
    }
    /// Replaces a reference in a field.
    pub fn replace(slot: *mut Obj, value: Obj) {
        let old = *slot;
        *slot = value;
        xdecref(old);
    }
    /// Gives the memory of an object back, wherever it came from.
    #[inline]
    pub fn free(o: Obj) {
        let c = context();
        if c.memory.is_ours(o as usize) && *c.memory.link(o.cast()) <= DEALLOCATING {
            return c.memory.free(o.cast());
        }
        free_linked(c, o)
    }
    #[inline(never)]
    fn free_linked(c: &Context, o: Obj) {
        c.guest.freed(o);
        match c.memory.is_ours(o as usize) {
            true => c.memory.free(o.cast()),
            false => libc::free(o.cast()),
        }
    }
    /// Gives memory back that is no object; NULL is allowed.
    #[inline]
    pub(crate) fn free_memory(c: &Context, p: *mut u8) {
        if p.is_null() { return }
        match c.memory.is_ours(p as usize) {
            true => c.memory.free(p),
            false => libc::free(p.cast()),
        }
    }
    /// Clears a new block. Small ones by words: a call of `memset` costs more.
    #[inline(always)]
    fn clear(p: *mut u8, bytes: usize) {
        if bytes > 128 { return std::ptr::write_bytes(p, 0, bytes) }
        // Blocks are multiples of 16 bytes, and what is cleared begins at a word.
        let mut at = p.cast::<u64>();
        let end = p.add(bytes).cast::<u64>();
        while at < end {
            // Volatile, lest this becomes a call of `memset`.
            at.write_volatile(0);
            at = at.add(1);
        }
    }
    /// Memory for an object of a builtin type, with one reference; the caller fills what follows the head. NULL, with
    /// MemoryError, if there is no room.
    #[inline(always)]
    pub(crate) fn new_head(c: &Context, ty: TypeObj, bytes: usize) -> Obj {
        let o: Obj = c.memory.alloc(bytes).cast();
        if o.is_null() {
            crate::errors::no_memory();
            return o;
        }
        (*o).ob_refcnt = 1;
        (*o).ob_type = ty;
        o
    }
    /// Cleared memory for an object of a type, with one reference. Instances of heap types hold their type.
    #[inline]
    pub fn new_object(ty: TypeObj, bytes: usize) -> Obj {
        let o = new_head(context(), ty, bytes);
        if o.is_null() { return o }
        let head = size_of::<PyObject>();
        if bytes > head { clear(o.cast::<u8>().add(head), bytes - head) }
        if (*ty).tp_flags & type_flags::HEAP != 0 { incref(ty.cast()); }
        o
    }
    /// Whether an object's type has a bit of [`type_flags`].
    #[inline(always)]
    pub fn has(o: Obj, flag: u64) -> bool {
        (*(*o).ob_type).tp_flags & flag != 0
    }
    /// The name of an object's type for messages: with its module if an extension made it.
    pub fn type_name(o: Obj) -> String {
        text((*(*o).ob_type).tp_name)
    }
    /// The name of a type, without its module.
    pub fn name_of(ty: TypeObj) -> String {
        let name = text((*ty).tp_name);
        name.rsplit('.').next().unwrap_or_default().to_owned()
    }
    /// A C string as text; NULL is empty.
    pub fn text(s: *const c_char) -> String {
        match s.is_null() {
            true => String::new(),
            false => CStr::from_ptr(s).to_string_lossy().into_owned(),
        }
    }

    // ---- numbers
    /// One of the ints that always exist.
    #[inline(always)]
    pub(crate) fn small_int(c: &Context, v: i64) -> Option<Obj> {
        let n = v.wrapping_sub(SMALL_FROM) as u64;
        if n > (SMALL_TO - SMALL_FROM) as u64 { return None }
        Some(c.small_ints.get().cast::<u8>().add(n as usize * 32).cast())
    }
    /// An int.
    #[inline]
    pub fn long_from_i64(v: i64) -> Obj {
        let magnitude = v.unsigned_abs();
        match magnitude >> (2 * DIGIT) {
            0 => context().new_int(v),
            _ => long_from_magnitude(v < 0, magnitude),
        }
    }
    /// An int.
    pub fn long_from_u64(v: u64) -> Obj {
        match i64::try_from(v) {
            Ok(v) => long_from_i64(v),
            Err(_) => long_from_magnitude(false, v),
        }
    }
    fn long_from_magnitude(negative: bool, v: u64) -> Obj {
        let digits = [v as u32 & 0x3fff_ffff, (v >> 30) as u32 & 0x3fff_ffff, (v >> 60) as u32];
        let n = match v { 0 => 0, v if v >> 30 == 0 => 1, v if v >> 60 == 0 => 2, _ => 3 };
        long_from_digits(negative, &digits[..n])
    }
    /// An int of 30-bit digits, least first, the last one not 0.
    pub fn long_from_digits(negative: bool, digits: &[u32]) -> Obj {
        let o = new_object(data::PyLong_Type.get(), 24 + 4 * digits.len().max(1));
        if o.is_null() { return o }
        let n = digits.len() as Ssize;
        (*o.cast::<PyVarObject>()).ob_size = if negative { -n } else { n };
        std::ptr::copy_nonoverlapping(digits.as_ptr(), long_digits(o), digits.len());
        o
    }
    fn long_digits(o: Obj) -> *mut u32 {
        (&raw mut (*o.cast::<PyLongObject>()).ob_digit).cast()
    }
    /// Whether an int is negative, and its digits.
    pub fn long_parts(o: Obj) -> (bool, &'static [u32]) {
        let size = (*o.cast::<PyVarObject>()).ob_size;
        (size < 0, std::slice::from_raw_parts(long_digits(o), size.unsigned_abs()))
    }
    /// The value of an int, if it fits.
    #[inline]
    pub fn long_to_i128(o: Obj) -> Option<i128> {
        let (negative, digits) = long_parts(o);
        if digits.len() > 4 { return None }
        let v = digits.iter().rev().fold(0i128, |v, &d| v << DIGIT | d as i128);
        Some(if negative { -v } else { v })
    }
    /// A float.
    #[inline]
    pub fn float_new(v: f64) -> Obj {
        context().new_float(v)
    }
    /// The value of a float.
    #[inline(always)]
    pub fn float_value(o: Obj) -> f64 {
        (*o.cast::<PyFloatObject>()).ob_fval
    }

    /// Whether an object is a float or a complex number.
    pub fn is_number(o: Obj) -> bool {
        (*o).ob_type == data::PyFloat_Type.get() || (*o).ob_type == data::PyComplex_Type.get()
    }

    // ---- texts
    /// A str of `len` characters up to `max`, with a zero behind them: the caller fills it before anybody else sees it.
    #[inline]
    pub fn unicode_new(len: usize, max: u32) -> Obj {
        let kind = match max { 0..=0xff => 1, 0x100..=0xffff => 2, _ => 4 };
        let ascii = max < 0x80;
        let head = if ascii { size_of::<PyASCIIObject>() } else { size_of::<PyCompactUnicodeObject>() };
        let bytes = (len + 1).checked_mul(kind).and_then(|n| n.checked_add(head));
        let Some(bytes) = bytes.filter(|&n| n < isize::MAX as usize) else {
            crate::errors::no_memory();
            return std::ptr::null_mut();
        };
        let o = new_head(context(), data::PyUnicode_Type.get(), bytes);
        if o.is_null() { return o }
        let s: *mut PyASCIIObject = o.cast();
        (*s).length = len as Ssize;
        (*s).hash = -1;
        (*s).wstr = std::ptr::null_mut();
        if !ascii {
            let s: *mut PyCompactUnicodeObject = o.cast();
            (*s).utf8_length = 0;
            (*s).utf8 = std::ptr::null_mut();
            (*s).wstr_length = 0;
        }
        let end = o.cast::<u8>().add(head + len * kind);
        match kind {
            1 => *end = 0,
            2 => *end.cast::<u16>() = 0,
            _ => *end.cast::<u32>() = 0,
        }
        (*s).state = (kind as u32) << state::KIND | state::COMPACT | state::READY | if ascii { state::ASCII } else { 0 };
        o
    }
    /// Bytes of a character: 1, 2 or 4.
    #[inline(always)]
    pub fn unicode_kind(o: Obj) -> u32 {
        (*o.cast::<PyASCIIObject>()).state >> state::KIND & 7
    }
    /// Number of characters.
    #[inline(always)]
    pub fn unicode_len(o: Obj) -> usize {
        (*o.cast::<PyASCIIObject>()).length as usize
    }
    /// Whether all characters are ASCII.
    #[inline(always)]
    pub fn unicode_is_ascii(o: Obj) -> bool {
        (*o.cast::<PyASCIIObject>()).state & state::ASCII != 0
    }
    /// The first character.
    pub fn unicode_data(o: Obj) -> *mut u8 {
        let s = (*o.cast::<PyASCIIObject>()).state;
        match (s & state::COMPACT != 0, s & state::ASCII != 0) {
            (true, true) => o.cast::<u8>().add(size_of::<PyASCIIObject>()),
            (true, false) => o.cast::<u8>().add(size_of::<PyCompactUnicodeObject>()),
            (false, _) => (*o.cast::<PyUnicodeObject>()).data.any.cast(),
        }
    }
    /// Character `i`.
    #[inline]
    pub fn unicode_read(o: Obj, i: usize) -> u32 {
        let p = unicode_data(o);
        match unicode_kind(o) {
            1 => *p.add(i) as u32,
            2 => *p.cast::<u16>().add(i) as u32,
            _ => *p.cast::<u32>().add(i),
        }
    }
    /// Writes character `i` of a str that nobody else has seen.
    #[inline]
    pub fn unicode_write(o: Obj, i: usize, c: u32) {
        let p = unicode_data(o);
        match unicode_kind(o) {
            1 => *p.add(i) = c as u8,
            2 => *p.cast::<u16>().add(i) = c as u16,
            _ => *p.cast::<u32>().add(i) = c,
        }
    }
    /// A str of code points.
    pub fn unicode_from_points(points: &[u32]) -> Obj {
        let max = points.iter().copied().max().unwrap_or(0);
        if points.len() < 2 && max < 256 {
            return small_str(points.first().map_or(256, |&c| c as usize));
        }
        let o = unicode_new(points.len(), max);
        if o.is_null() { return o }
        points.iter().enumerate().for_each(|(i, &c)| unicode_write(o, i, c));
        o
    }
    /// A str of generalised UTF-8 (surrogates are allowed); the text is known to be valid.
    pub fn unicode_from_wtf8(text: &[u8]) -> Obj {
        match text.is_ascii() {
            true => unicode_from_ascii(text),
            false => unicode_from_points(&decode_wtf8(text)),
        }
    }
    /// A str of ASCII characters.
    pub fn unicode_from_ascii(text: &[u8]) -> Obj {
        if text.len() < 2 {
            return small_str(text.first().map_or(256, |&c| c as usize));
        }
        let o = unicode_new(text.len(), 0x7f);
        if !o.is_null() {
            let data = o.cast::<u8>().add(size_of::<PyASCIIObject>());
            std::ptr::copy_nonoverlapping(text.as_ptr(), data, text.len());
        }
        o
    }
    /// A str of text.
    pub fn unicode_from_str(text: &str) -> Obj {
        unicode_from_wtf8(text.as_bytes())
    }
    /// The str of one Latin-1 character, or the empty one (256).
    #[inline(always)]
    fn small_str(n: usize) -> Obj {
        let cell = &context().small_strs[n];
        match cell.get().is_null() {
            true => make_small_str(n),
            false => incref(cell.get()),
        }
    }
    #[cold]
    fn make_small_str(n: usize) -> Obj {
        let o = unicode_new((n < 256) as usize, if n < 256 { n as u32 } else { 0 });
        if n < 256 { unicode_write(o, 0, n as u32) }
        (*o).ob_refcnt = IMMORTAL;
        context().small_strs[n].set(o);
        incref(o)
    }
    /// Moves the text of a compact str into a structure of a subtype, where characters lie apart. False with an exception if
    /// there is no memory.
    pub fn unicode_move(o: Obj, to: Obj) -> bool {
        let (n, kind) = (unicode_len(o), unicode_kind(o));
        let bytes = (n + 1) * kind as usize;
        let characters: *mut u8 = crate::api::PyObject_Malloc(bytes).cast();
        if characters.is_null() {
            crate::errors::no_memory();
            return false;
        }
        std::ptr::copy_nonoverlapping(unicode_data(o), characters, bytes);
        let (from, s): (*mut PyASCIIObject, *mut PyUnicodeObject) = (o.cast(), to.cast());
        let head: *mut PyASCIIObject = to.cast();
        (*head).length = n as Ssize;
        (*head).hash = (*from).hash;
        (*head).state = (*from).state & !(state::COMPACT | 3);
        (*s).data.any = characters.cast();
        decref(o);
        true
    }
    /// Frees what a str holds apart from its structure.
    #[inline(always)]
    pub fn unicode_free_parts(o: Obj) {
        const ALL_IN_ONE: u32 = state::ASCII | state::COMPACT;
        if (*o.cast::<PyASCIIObject>()).state & ALL_IN_ONE == ALL_IN_ONE { return }
        if !unicode_is_ascii(o) { crate::api::PyMem_Free((*o.cast::<PyCompactUnicodeObject>()).utf8.cast()) }
        if (*o.cast::<PyASCIIObject>()).state & state::COMPACT == 0 {
            crate::api::PyMem_Free((*o.cast::<PyUnicodeObject>()).data.any.cast());
        }
    }
    /// The text of a str as generalised UTF-8.
    pub fn unicode_to_wtf8(o: Obj) -> Vec<u8> {
        let n = unicode_len(o);
        if unicode_is_ascii(o) {
            return std::slice::from_raw_parts(unicode_data(o), n).to_vec();
        }
        let mut out = Vec::with_capacity(n * 2);
        for i in 0..n { encode_wtf8(unicode_read(o, i), &mut out) }
        out
    }
    /// The text of a str for messages.
    pub fn unicode_text(o: Obj) -> String {
        String::from_utf8_lossy(&unicode_to_wtf8(o)).into_owned()
    }
    /// A bytes object of `len` zero bytes.
    pub fn bytes_new(len: usize) -> Obj {
        if len > isize::MAX as usize - 64 {
            crate::errors::no_memory();
            return std::ptr::null_mut();
        }
        let o = new_object(data::PyBytes_Type.get(), 33 + len);
        if !o.is_null() {
            (*o.cast::<PyVarObject>()).ob_size = len as Ssize;
            (*o.cast::<PyBytesObject>()).ob_shash = -1;
        }
        o
    }
    /// A bytes object.
    pub fn bytes_from(bytes: &[u8]) -> Obj {
        let o = bytes_new(bytes.len());
        if !o.is_null() {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), bytes_data(o), bytes.len());
        }
        o
    }
    /// The first byte.
    pub fn bytes_data(o: Obj) -> *mut u8 {
        (&raw mut (*o.cast::<PyBytesObject>()).ob_sval).cast()
    }
    /// The bytes of a bytes object.
    pub fn bytes_slice(o: Obj) -> &'static [u8] {
        std::slice::from_raw_parts(bytes_data(o), (*o.cast::<PyVarObject>()).ob_size as usize)
    }

    // ---- containers
    /// A tuple of `len` items, all NULL.
    pub fn tuple_new(len: usize) -> Obj {
        let c = context();
        if len == 0 { return incref(c.empty_tuple.get()) }
        let o = new_head(c, data::PyTuple_Type.get(), 24 + 8 * len);
        if o.is_null() { return o }
        (*o.cast::<PyVarObject>()).ob_size = len as Ssize;
        clear(o.cast::<u8>().add(24), 8 * len);
        o
    }
    /// The items of a tuple.
    pub fn tuple_items(o: Obj) -> &'static mut [Obj] {
        let n = (*o.cast::<PyVarObject>()).ob_size as usize;
        std::slice::from_raw_parts_mut((&raw mut (*o.cast::<PyTupleObject>()).ob_item).cast(), n)
    }
    /// A tuple of borrowed references.
    pub fn tuple_from(items: &[Obj]) -> Obj {
        let c = context();
        if items.is_empty() { return incref(c.empty_tuple.get()) }
        let o = new_head(c, data::PyTuple_Type.get(), 24 + 8 * items.len());
        if o.is_null() { return o }
        (*o.cast::<PyVarObject>()).ob_size = items.len() as Ssize;
        for (slot, &item) in tuple_items(o).iter_mut().zip(items) { *slot = incref(item) }
        o
    }
    /// A list of `len` items, all NULL.
    pub fn list_new(len: usize) -> Obj {
        let c = context();
        let o = new_head(c, data::PyList_Type.get(), size_of::<PyListObject>());
        if o.is_null() { return o }
        let l: *mut PyListObject = o.cast();
        (*l).ob_base.ob_size = len as Ssize;
        (*l).allocated = len as Ssize;
        (*l).ob_item = std::ptr::null_mut();
        if len == 0 { return o }
        (*l).ob_item = match len.checked_mul(8) {
            Some(bytes) => c.memory.alloc(bytes).cast(),
            None => std::ptr::null_mut(),
        };
        if (*l).ob_item.is_null() {
            crate::errors::no_memory();
            c.memory.free(o.cast());
            return std::ptr::null_mut();
        }
        clear((*l).ob_item.cast(), 8 * len);
        o
    }
    /// Makes room for `len` items; new ones are NULL.
    #[inline(never)]
    pub fn list_reserve(o: Obj, len: usize) -> bool {
        let l: *mut PyListObject = o.cast();
        let old = (*l).allocated as usize;
        if len <= old { return true }
        let want = if old == 0 { len } else { len + (len >> 3) + 6 & !3 };
        let Some(bytes) = want.checked_mul(8) else { return false };
        let memory = &context().memory;
        let items: *mut Obj = memory.alloc(bytes).cast();
        if items.is_null() {
            crate::errors::no_memory();
            return false;
        }
        let used = (*l).ob_base.ob_size as usize;
        if !(*l).ob_item.is_null() {
            std::ptr::copy_nonoverlapping((*l).ob_item, items, used);
            crate::api::PyMem_Free((*l).ob_item.cast());
        }
        match used {
            0 => clear(items.cast(), bytes),
            _ => std::ptr::write_bytes(items.add(used), 0, want - used),
        }
        (*l).ob_item = items;
        (*l).allocated = want as Ssize;
        true
    }
    /// The items of a list.
    pub fn list_items(o: Obj) -> &'static mut [Obj] {
        let l: *mut PyListObject = o.cast();
        match (*l).ob_item.is_null() {
            true => &mut [],
            false => std::slice::from_raw_parts_mut((*l).ob_item, (*l).ob_base.ob_size as usize),
        }
    }
    /// Appends a borrowed reference.
    pub fn list_append(o: Obj, item: Obj) -> bool {
        let n = (*o.cast::<PyVarObject>()).ob_size as usize;
        if n as Ssize >= (*o.cast::<PyListObject>()).allocated && !list_reserve(o, n + 1) { return false }
        *(*o.cast::<PyListObject>()).ob_item.add(n) = incref(item);
        (*o.cast::<PyVarObject>()).ob_size = n as Ssize + 1;
        true
    }
}

/// Appends a code point, surrogates too.
pub fn encode_wtf8(c: u32, out: &mut Vec<u8>) {
    let tail = |shift: u32| 0x80 | (c >> shift & 0x3f) as u8;
    match c {
        0..=0x7f => out.push(c as u8),
        0x80..=0x7ff => out.extend([0xc0 | (c >> 6) as u8, tail(0)]),
        0x800..=0xffff => out.extend([0xe0 | (c >> 12) as u8, tail(6), tail(0)]),
        _ => out.extend([0xf0 | (c >> 18) as u8 & 7, tail(12), tail(6), tail(0)]),
    }
}
/// The code points of valid generalised UTF-8.
pub fn decode_wtf8(text: &[u8]) -> Vec<u32> {
    let mut out = Vec::with_capacity(text.len());
    let mut i = 0;
    while i < text.len() {
        let (n, first) = match text[i] {
            b @ 0..=0x7f => (1, b as u32),
            b @ 0x80..=0xdf => (2, b as u32 & 0x1f),
            b @ 0xe0..=0xef => (3, b as u32 & 0xf),
            b => (4, b as u32 & 7),
        };
        let rest = text.get(i + 1..i + n).unwrap_or(&[]);
        out.push(rest.iter().fold(first, |c, &b| c << 6 | b as u32 & 0x3f));
        i += n;
    }
    out
}

inner! {
    /// Fills the singletons, the small ints and the builtin types.
    pub(crate) fn boot(c: &'static Context) {
        let table = include_str!("../tables/types.csv");
        for line in table.lines().skip(1) { crate::api::boot_type(line) }
        for (o, ty) in [
            (data::_Py_NoneStruct.get().cast::<PyObject>(), data::_PyNone_Type.get()),
            (data::_Py_NotImplementedStruct.get().cast(), data::_PyNotImplemented_Type.get()),
            (data::_Py_EllipsisObject.get().cast(), data::PyEllipsis_Type.get()),
            (data::_Py_TrueStruct.get().cast(), data::PyBool_Type.get()),
            (data::_Py_FalseStruct.get().cast(), data::PyBool_Type.get()),
        ] {
            (*o).ob_refcnt = IMMORTAL;
            (*o).ob_type = ty;
        }
        let one: *mut PyLongObject = data::_Py_TrueStruct.get().cast();
        (*one).ob_base.ob_size = 1;
        (*one).ob_digit[0] = 1;
        let n = (SMALL_TO - SMALL_FROM + 1) as usize;
        let small = c.memory.alloc(n * 32);
        std::ptr::write_bytes(small, 0, n * 32);
        for i in 0..n {
            let o: *mut PyLongObject = small.add(i * 32).cast();
            let v = i as i64 + SMALL_FROM;
            (*o).ob_base.ob_base.ob_refcnt = IMMORTAL;
            (*o).ob_base.ob_base.ob_type = data::PyLong_Type.get();
            (*o).ob_base.ob_size = v.signum() as Ssize;
            (*o).ob_digit[0] = v.unsigned_abs() as u32;
        }
        c.small_ints.set(small.cast());
        let empty = new_object(data::PyTuple_Type.get(), 32);
        (*empty).ob_refcnt = IMMORTAL;
        c.empty_tuple.set(empty);
        let empty = bytes_new(0);
        (*empty).ob_refcnt = IMMORTAL;
        c.empty_bytes.set(empty);
        crate::api::boot_data();
    }
}
/// The address of a block as the memory gave it.
pub type Block = *mut c_void;
