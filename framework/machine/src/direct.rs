//! The plain interpreter: every operation is the Rust operation. All raw memory access of this crate is here.
//!
//! SAFETY of the dereferences below, once: registers lie in the guest stack (`Vm::push_frame` checked the limit); objects
//! reached from registers are live because collection happens at safepoints, between steps; field and item offsets come
//! from descriptors that were derived from the objects' layouts, and handlers check index bounds before they use an item.

use crate::machine::*;
use crate::{ArrayInfo, Code, Entry, FrameRecord, Language, Place, Quasi, Residual, Ret, Vm};
use ouro_gc::{FieldInfo, FieldKind, Gc, Header, RootVisitor, TypeId};

/// The machine that only executes.
pub struct Direct<L: Language> {
    pub(crate) vm: &'static Vm<L>,
    /// The instruction at hand.
    pub(crate) pc: *const L::Ins,
    pub(crate) base: *mut Gc,
    pub(crate) code: &'static Code<L>,
}
impl<L: Language> Clone for Direct<L> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<L: Language> Copy for Direct<L> {}

/// The reference whose bits travelled in a word.
#[inline(always)]
pub(crate) fn gc_from_word(word: u64) -> Gc {
    // SAFETY: words of type `Ref` hold null or the address of an object.
    unsafe { Gc::from_raw(word as *mut Header) }
}
/// Host data behind a pointer that a `Host` field held.
#[inline(always)]
pub(crate) fn host_ref<T>(address: i64) -> &'static T {
    // SAFETY: `Host` fields hold pointers to leaked host data of that type.
    unsafe { &*(address as *const T) }
}
#[inline(always)]
pub(crate) fn write_record<L: Language>(sp: *mut FrameRecord<L>, record: FrameRecord<L>) {
    // SAFETY: `push_frame` checked that `sp` is below the limit of the reserved records.
    unsafe { sp.write(record) }
}
#[inline(always)]
pub(crate) fn read_record<L: Language>(sp: *mut FrameRecord<L>) -> FrameRecord<L> {
    // SAFETY: records below `Vm::sp` are initialised.
    unsafe { sp.read() }
}
/// The registers of a frame that was just pushed, cleared.
#[inline]
pub(crate) fn registers<'a>(base: *mut Gc, count: usize) -> &'a mut [Gc] {
    // SAFETY: `push_frame` left `STACK_SLACK_WORDS` of room above any base; nobody else holds these words.
    let registers = unsafe { std::slice::from_raw_parts_mut(base, count) };
    registers.fill(Gc::NULL);
    registers
}
/// Reports a live register of a frame as a root.
pub(crate) fn visit_register(visitor: &mut dyn RootVisitor, slot: *mut Gc) {
    // SAFETY: live registers of frames are initialised words of the guest stack, and nobody borrows them.
    unsafe { visitor.slot_at(slot) }
}
/// Address space for `count` values, zero, given memory by the system when touched.
pub(crate) fn reserve<T>(count: usize) -> *mut T {
    let bytes = count * size_of::<T>();
    // SAFETY: a fresh private mapping; the result is checked. It is never unmapped, since a VM lives for ever.
    let p = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    assert!(
        p != libc::MAP_FAILED,
        "no address space for the guest stack"
    );
    p.cast()
}
/// Less than 256 KiB of the native stack are left. Run loops nest no deeper.
#[inline]
pub(crate) fn native_stack_is_low() -> bool {
    let here = 0u8;
    (&raw const here as usize) < limits().0
}
/// Less than half of the native stack is left.
#[inline]
pub(crate) fn native_stack_is_half_used() -> bool {
    let here = 0u8;
    (&raw const here as usize) < limits().1
}
/// The address below which half of this thread's native stack is used.
pub(crate) fn half_of_native_stack() -> usize {
    limits().1
}
#[inline]
fn limits() -> (usize, usize) {
    // 0: not asked for yet.
    thread_local!(static LIMITS: std::cell::Cell<(usize, usize)> = const { std::cell::Cell::new((0, 0)) });
    match LIMITS.get() {
        (0, _) => {
            let (low, half) = native_stack_limits();
            LIMITS.set((low.max(1), half));
            LIMITS.get()
        }
        known => known,
    }
}
/// The addresses below which the native stack is low, and half used.
#[cold]
fn native_stack_limits() -> (usize, usize) {
    // SAFETY: the attributes object is initialised by the first call and destroyed by the last; results are checked.
    unsafe {
        let mut attributes = std::mem::zeroed();
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attributes) != 0 {
            return (0, 0);
        }
        let (mut start, mut size) = (std::ptr::null_mut(), 0);
        let failed = libc::pthread_attr_getstack(&attributes, &mut start, &mut size) != 0;
        libc::pthread_attr_destroy(&mut attributes);
        if failed {
            (0, 0)
        } else {
            (start as usize + (256 << 10), start as usize + size / 2)
        }
    }
}

/// Calls a residual function with its words.
#[inline(always)]
pub(crate) fn invoke<L: Language, const N: usize>(
    f: &Residual,
    vm: &'static Vm<L>,
    w: [u64; N],
) -> Ret {
    debug_assert_eq!(f.args.len(), N, "{}", f.name);
    type V<L> = &'static Vm<L>;
    let a = f.address;
    // SAFETY: `residual!` made `address` from an `extern "C"` function of `N` words after the VM (or of one or two
    // floats), and `Residual::args` says so.
    unsafe {
        use std::mem::transmute as cast;
        match (f.abi, N) {
            (crate::Abi::Float1, 1) => {
                let v = cast::<_, extern "C" fn(f64) -> f64>(a)(f64::from_bits(w[0]));
                Ret {
                    value: v.to_bits(),
                    exc: 0,
                }
            }
            (crate::Abi::Float2, 2) => {
                let (x, y) = (f64::from_bits(w[0]), f64::from_bits(w[1]));
                Ret {
                    value: cast::<_, extern "C" fn(f64, f64) -> f64>(a)(x, y).to_bits(),
                    exc: 0,
                }
            }
            (_, 0) => cast::<_, extern "C" fn(V<L>) -> Ret>(a)(vm),
            (_, 1) => cast::<_, extern "C" fn(V<L>, u64) -> Ret>(a)(vm, w[0]),
            (_, 2) => cast::<_, extern "C" fn(V<L>, u64, u64) -> Ret>(a)(vm, w[0], w[1]),
            (_, 3) => cast::<_, extern "C" fn(V<L>, u64, u64, u64) -> Ret>(a)(vm, w[0], w[1], w[2]),
            (_, 4) => cast::<_, extern "C" fn(V<L>, u64, u64, u64, u64) -> Ret>(a)(
                vm, w[0], w[1], w[2], w[3],
            ),
            (_, 5) => cast::<_, extern "C" fn(V<L>, u64, u64, u64, u64, u64) -> Ret>(a)(
                vm, w[0], w[1], w[2], w[3], w[4],
            ),
            (_, 6) => cast::<_, extern "C" fn(V<L>, u64, u64, u64, u64, u64, u64) -> Ret>(a)(
                vm, w[0], w[1], w[2], w[3], w[4], w[5],
            ),
            (_, 7) => cast::<_, extern "C" fn(V<L>, u64, u64, u64, u64, u64, u64, u64) -> Ret>(a)(
                vm, w[0], w[1], w[2], w[3], w[4], w[5], w[6],
            ),
            (_, 8) => {
                cast::<_, extern "C" fn(V<L>, u64, u64, u64, u64, u64, u64, u64, u64) -> Ret>(a)(
                    vm, w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7],
                )
            }
            (_, 9) => {
                type Nine<L> =
                    extern "C" fn(V<L>, u64, u64, u64, u64, u64, u64, u64, u64, u64) -> Ret;
                cast::<_, Nine<L>>(a)(vm, w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7], w[8])
            }
            _ => panic!("a residual call has at most 9 arguments"),
        }
    }
}

#[inline(always)]
fn item_address(r: Gc, a: &ArrayInfo, i: i64) -> *mut u8 {
    r.word::<u8>(a.items_offset)
        .wrapping_offset(i as isize * a.item.bytes() as isize)
}

impl<L: Language> Direct<L> {
    /// Base of the frame.
    pub fn base(self) -> *mut Gc {
        self.base
    }
    /// Calls Rust code, which may allocate up to the hard limit, and there the collector looks at the guest stack: it is
    /// told where this frame stands. The fast driver does not park in line.
    #[inline(always)]
    fn invoke<const N: usize>(self, f: &Residual, words: [u64; N]) -> Ret {
        self.vm.parked.set(Place {
            pc: self.pc,
            base: self.base,
            code: self.code,
        });
        invoke(f, self.vm, words)
    }
}

impl<L: Language> Machine for Direct<L> {
    const RECORDS: bool = false;
    type L = L;
    type World = &'static Vm<L>;
    type Int = i64;
    type Float = f64;
    type Bool = bool;
    type Ref = Gc;
    type Word = u64;

    #[inline(always)]
    fn at(vm: &'static Vm<L>, at: Place<L>) -> Self {
        Direct {
            vm,
            pc: at.pc,
            base: at.base,
            code: at.code,
        }
    }
    #[inline(always)]
    fn vm(self) -> &'static Vm<L> {
        self.vm
    }
    #[inline(always)]
    fn code(self) -> &'static Code<L> {
        self.code
    }
    #[inline(always)]
    fn begin_step(self, _: Place<L>, _: L::Step, _: Entry<Gc>) -> bool {
        false
    }
    #[inline(always)]
    fn entering(self, _: Place<L>) {}
    #[inline(always)]
    fn returning(self, _: Gc) {}
    #[inline(always)]
    fn back_edge(self, _: Place<L>) {}
    #[inline(always)]
    fn inlines(self, _: &'static Code<L>) -> bool {
        true
    }
    fn enters(self, _: &'static Code<L>) -> bool {
        true
    }
    #[cold]
    fn call_out(self, code: &'static Code<L>, window: u32, _: L::Step) -> Result<Gc, Gc> {
        let arguments: Vec<Gc> = (0..code.nargs).map(|r| self.reg(window + r)).collect();
        self.vm.call_frame(code, 0, Entry::Start, |registers| {
            registers[..arguments.len()].copy_from_slice(&arguments);
        })
    }
    #[inline(always)]
    fn concrete(self, r: Gc) -> Gc {
        r
    }
    #[inline(always)]
    fn adopt(self, v: Gc) -> Gc {
        v
    }
    #[inline(always)]
    fn reg(self, i: u32) -> Gc {
        // SAFETY: see the module.
        unsafe { *self.base.add(i as usize) }
    }
    #[inline(always)]
    fn set_reg(self, i: u32, v: Gc) {
        // SAFETY: see the module.
        unsafe { *self.base.add(i as usize) = v }
    }
    #[inline(always)]
    fn konst(self, v: Gc) -> Gc {
        v
    }
    #[inline(always)]
    fn const_int(self, v: i64) -> i64 {
        v
    }
    #[inline(always)]
    fn const_float(self, v: f64) -> f64 {
        v
    }
    #[inline(always)]
    fn host_ptr(self, p: *const ()) -> i64 {
        p as i64
    }
    #[inline(always)]
    fn int_op(self, op: IntOp, a: i64, b: i64) -> i64 {
        match op {
            IntOp::Add => a.wrapping_add(b),
            IntOp::Sub => a.wrapping_sub(b),
            IntOp::Mul => a.wrapping_mul(b),
            IntOp::And => a & b,
            IntOp::Or => a | b,
            IntOp::Xor => a ^ b,
            IntOp::Shl => a << (b & 63),
            IntOp::Shr => a >> (b & 63),
            IntOp::Ushr => ((a as u64) >> (b & 63)) as i64,
            IntOp::FloorDiv => {
                let q = a.wrapping_div(b);
                q - ((a.wrapping_rem(b) != 0 && (a < 0) != (b < 0)) as i64)
            }
            IntOp::Mod => {
                let r = a.wrapping_rem(b);
                if r != 0 && (r < 0) != (b < 0) {
                    r + b
                } else {
                    r
                }
            }
        }
    }
    #[inline(always)]
    fn int_neg(self, a: i64) -> i64 {
        a.wrapping_neg()
    }
    #[inline(always)]
    fn int_invert(self, a: i64) -> i64 {
        !a
    }
    #[inline(always)]
    fn int_cmp(self, op: IntCmp, a: i64, b: i64) -> bool {
        match op {
            IntCmp::Eq => a == b,
            IntCmp::Ne => a != b,
            IntCmp::Lt => a < b,
            IntCmp::Le => a <= b,
            IntCmp::Gt => a > b,
            IntCmp::Ge => a >= b,
            IntCmp::Ult => (a as u64) < b as u64,
            IntCmp::Uge => a as u64 >= b as u64,
        }
    }
    #[inline(always)]
    fn int_to_float(self, a: i64) -> f64 {
        a as f64
    }
    #[inline(always)]
    fn float_to_int(self, a: f64) -> i64 {
        a as i64
    }
    #[inline(always)]
    fn float_op(self, op: FloatOp, a: f64, b: f64) -> f64 {
        match op {
            FloatOp::Add => a + b,
            FloatOp::Sub => a - b,
            FloatOp::Mul => a * b,
            FloatOp::Div => a / b,
        }
    }
    #[inline(always)]
    fn float_unary(self, op: FloatUnary, a: f64) -> f64 {
        match op {
            FloatUnary::Neg => -a,
            FloatUnary::Abs => a.abs(),
            FloatUnary::Sqrt => a.sqrt(),
        }
    }
    #[inline(always)]
    fn float_cmp(self, op: FloatCmp, a: f64, b: f64) -> bool {
        match op {
            FloatCmp::Eq => a == b,
            FloatCmp::Ne => a != b,
            FloatCmp::Lt => a < b,
            FloatCmp::Le => a <= b,
            FloatCmp::Gt => a > b,
            FloatCmp::Ge => a >= b,
        }
    }
    #[inline(always)]
    fn same(self, a: Gc, b: Gc) -> bool {
        a == b
    }
    #[inline(always)]
    fn is_null(self, a: Gc) -> bool {
        a.is_null()
    }
    #[inline(always)]
    fn word_int(self, v: i64) -> u64 {
        v as u64
    }
    #[inline(always)]
    fn word_float(self, v: f64) -> u64 {
        v.to_bits()
    }
    #[inline(always)]
    fn word_ref(self, v: Gc) -> u64 {
        v.address() as u64
    }
    #[inline(always)]
    fn alloc(self, type_id: u32, bytes: u32) -> Gc {
        self.vm.heap.alloc(TypeId(type_id), bytes)
    }
    #[inline(always)]
    fn alloc_array(self, info: &'static ArrayInfo, len: i64) -> Gc {
        // The references that the handler holds are in no place where the collector looks.
        let heap = &self.vm.heap;
        let array = heap.without_collecting(|| heap.alloc_var(TypeId(info.type_id), len as usize));
        array.expect(
            "handlers make small arrays; large ones come from residual calls, which may raise",
        )
    }
    #[inline(always)]
    fn load_int(self, r: Gc, f: FieldInfo) -> i64 {
        // SAFETY: see the module.
        unsafe {
            match f.kind {
                FieldKind::U8 => *r.word::<u8>(f.offset) as i64,
                FieldKind::U16 => *r.word::<u16>(f.offset) as i64,
                FieldKind::U32 => *r.word::<u32>(f.offset) as i64,
                FieldKind::I32 => *r.word::<i32>(f.offset) as i64,
                _ => *r.word::<i64>(f.offset),
            }
        }
    }
    #[inline(always)]
    fn load_float(self, r: Gc, f: FieldInfo) -> f64 {
        // SAFETY: see the module.
        unsafe { *r.word(f.offset) }
    }
    #[inline(always)]
    fn load_ref(self, r: Gc, f: FieldInfo) -> Gc {
        // SAFETY: see the module.
        unsafe { *r.word(f.offset) }
    }
    #[inline(always)]
    fn item_int(self, r: Gc, a: &'static ArrayInfo, i: i64) -> i64 {
        let p = item_address(r, a, i);
        // SAFETY: see the module.
        unsafe {
            match a.item {
                FieldKind::U8 => *p as i64,
                FieldKind::U16 => *p.cast::<u16>() as i64,
                FieldKind::U32 => *p.cast::<u32>() as i64,
                FieldKind::I32 => *p.cast::<i32>() as i64,
                _ => *p.cast::<i64>(),
            }
        }
    }
    #[inline(always)]
    fn item_float(self, r: Gc, a: &'static ArrayInfo, i: i64) -> f64 {
        // SAFETY: see the module.
        unsafe { *item_address(r, a, i).cast() }
    }
    #[inline(always)]
    fn item_ref(self, r: Gc, a: &'static ArrayInfo, i: i64) -> Gc {
        // SAFETY: see the module.
        unsafe { *item_address(r, a, i).cast() }
    }
    #[inline(always)]
    fn store_int(self, _: Key, r: Gc, f: FieldInfo, v: i64) {
        // SAFETY: see the module.
        unsafe {
            match f.kind {
                FieldKind::U8 => *r.word::<u8>(f.offset) = v as u8,
                FieldKind::U16 => *r.word::<u16>(f.offset) = v as u16,
                FieldKind::U32 | FieldKind::I32 => *r.word::<u32>(f.offset) = v as u32,
                _ => *r.word::<i64>(f.offset) = v,
            }
        }
    }
    #[inline(always)]
    fn store_float(self, _: Key, r: Gc, f: FieldInfo, v: f64) {
        // SAFETY: see the module.
        unsafe { *r.word(f.offset) = v }
    }
    #[inline(always)]
    fn store_ref(self, _: Key, r: Gc, f: FieldInfo, v: Gc) {
        // SAFETY: see the module; the phase ran the barrier.
        unsafe { *r.word(f.offset) = v }
    }
    #[inline(always)]
    fn set_item_int(self, _: Key, r: Gc, a: &'static ArrayInfo, i: i64, v: i64) {
        let p = item_address(r, a, i);
        // SAFETY: see the module.
        unsafe {
            match a.item {
                FieldKind::U8 => *p = v as u8,
                FieldKind::U16 => *p.cast::<u16>() = v as u16,
                FieldKind::U32 | FieldKind::I32 => *p.cast::<u32>() = v as u32,
                _ => *p.cast::<i64>() = v,
            }
        }
    }
    #[inline(always)]
    fn set_item_float(self, _: Key, r: Gc, a: &'static ArrayInfo, i: i64, v: f64) {
        // SAFETY: see the module.
        unsafe { *item_address(r, a, i).cast() = v }
    }
    #[inline(always)]
    fn set_item_ref(self, _: Key, r: Gc, a: &'static ArrayInfo, i: i64, v: Gc) {
        // SAFETY: see the module; the phase ran the barrier.
        unsafe { *item_address(r, a, i).cast() = v }
    }
    #[inline(always)]
    fn barrier(self, _: Key, r: Gc) {
        self.vm.heap.write(r)
    }
    #[inline(always)]
    fn barrier_item(self, _: Key, r: Gc, _: &'static ArrayInfo, i: i64) {
        self.vm.heap.write_range(r, i as usize..i as usize + 1)
    }
    #[inline(always)]
    fn plain_effect(self, _: Key, _: Gc) {}
    #[inline(always)]
    fn must_log(self, r: Gc) -> bool {
        r.header().barrier() != 0
    }
    #[inline(always)]
    fn guard(self, _: Key, c: bool) -> bool {
        c
    }
    #[inline(always)]
    fn guard_class(self, _: Key, r: Gc) -> u32 {
        r.type_id().0
    }
    #[inline(always)]
    fn guard_int(self, _: Key, v: i64) -> i64 {
        v
    }
    #[inline(always)]
    fn guard_ref(self, _: Key, v: Gc) -> Gc {
        v
    }
    #[inline(always)]
    fn int_ovf(self, _: Key, op: OvfOp, a: i64, b: i64) -> Option<i64> {
        let (v, overflow) = match op {
            OvfOp::Add => a.overflowing_add(b),
            OvfOp::Sub => a.overflowing_sub(b),
            OvfOp::Mul => a.overflowing_mul(b),
        };
        (!overflow).then_some(v)
    }
    #[inline(always)]
    fn memo(
        self,
        _: Key,
        site: u32,
        key: &'static Quasi,
        _: impl FnOnce() -> L::Answer,
    ) -> Option<L::Answer> {
        let cache = self.code.cache(site);
        if cache.version.get() == key.version() {
            cache.answer.get()
        } else {
            None
        }
    }
    fn refill(self, site: u32, key: &'static Quasi, answer: L::Answer) {
        let cache = self.code.cache(site);
        cache.answer.set(Some(answer));
        self.vm.codes.note_refill(self.code);
        cache.version.set(key.version());
    }
    #[inline(always)]
    fn depend_on(self, _: Key, _: &'static Quasi) {}
    #[inline(always)]
    fn call_probe_ref<const N: usize>(self, _: Key, f: &'static Residual, words: [u64; N]) -> Gc {
        gc_from_word(self.invoke(f, words).value)
    }
    #[inline(always)]
    fn call_probe_int<const N: usize>(self, _: Key, f: &'static Residual, words: [u64; N]) -> i64 {
        self.invoke(f, words).value as i64
    }
    #[inline(always)]
    fn call_probe_float<const N: usize>(
        self,
        _: Key,
        f: &'static Residual,
        words: [u64; N],
    ) -> f64 {
        f64::from_bits(self.invoke(f, words).value)
    }
    #[inline(always)]
    fn call<const N: usize>(
        self,
        _: Key,
        f: &'static Residual,
        words: [u64; N],
        _: L::Step,
    ) -> Result<Gc, Gc> {
        let ret = self.invoke(f, words);
        if ret.exc == 0 {
            Ok(gc_from_word(ret.value))
        } else {
            Err(gc_from_word(ret.exc))
        }
    }
    #[inline(always)]
    fn call_void<const N: usize>(self, _: Key, f: &'static Residual, words: [u64; N]) {
        let ret = self.invoke(f, words);
        debug_assert_eq!(ret.exc, 0, "{} was declared not to raise", f.name);
    }
}
