//! Reading a `va_list` of the System V ABI.

/// What `va_list` points to.
#[repr(C)]
pub struct VaList {
    gp_offset: u32,
    fp_offset: u32,
    overflow: *mut u8,
    registers: *mut u8,
}
inner! {
    /// The next argument that is an integer or a pointer, as a word.
    pub fn next_word(list: *mut VaList) -> u64 {
        let l = &mut *list;
        if l.gp_offset < 48 {
            let v = *l.registers.add(l.gp_offset as usize).cast::<u64>();
            l.gp_offset += 8;
            return v;
        }
        let v = *l.overflow.cast::<u64>();
        l.overflow = l.overflow.add(8);
        v
    }
    /// The next argument that is a pointer.
    pub fn next_pointer(list: *mut VaList) -> *mut std::ffi::c_void {
        next_word(list) as *mut std::ffi::c_void
    }
    /// The next argument that is an `int`.
    pub fn next_int(list: *mut VaList) -> i32 {
        next_word(list) as i32
    }
    /// The next argument that is a `double`.
    pub fn next_double(list: *mut VaList) -> f64 {
        let l = &mut *list;
        if l.fp_offset < 176 {
            let v = *l.registers.add(l.fp_offset as usize).cast::<f64>();
            l.fp_offset += 16;
            return v;
        }
        let v = *l.overflow.cast::<f64>();
        l.overflow = l.overflow.add(8);
        v
    }
}
