//! Conservative scanning of native stacks.
//!
//! The stack of the running thread is scanned from the frame that started the collection up to the thread's first frame;
//! the collector's own frames lie below and are not looked at. Callee-saved registers may still hold references of the
//! callers, so they are copied out by assembly code. Threads that wait have parked theirs.
use crate::roots::RootVisitor;
use std::cell::{Cell, RefCell};
use std::ops::Range;

/// A native stack that waits: everything between these addresses is scanned.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Parked {
    low: usize,
    high: usize,
}

/// A place on the running thread's stack: the frames above it, and the registers that they expect to be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NativeMark {
    low: usize,
    registers: Registers,
}

impl NativeMark {
    /// The caller's frame and everything above it.
    #[inline(always)]
    pub fn here() -> NativeMark {
        let (low, registers) = stack_pointer_and_registers();
        NativeMark { low, registers }
    }
}

/// Native stacks of one heap.
#[derive(Default)]
pub struct NativeStacks {
    /// Set while a collection runs.
    current: Cell<Option<Parked>>,
    /// Frames below hold no references at the present safepoint.
    mark: Cell<Option<NativeMark>>,
    registers: RefCell<Vec<usize>>,
    parked: RefCell<Vec<(u64, Parked, Vec<usize>)>>,
    next_key: Cell<u64>,
}

impl NativeStacks {
    /// Calls `body`; while it runs, the stack above this frame counts as the running thread's.
    #[inline(never)]
    pub(crate) fn scan_from_here(&self, body: impl FnOnce()) {
        let NativeMark { low, registers } = self.mark.get().unwrap_or_else(NativeMark::here);
        let outer = self.current.replace(Some(Parked {
            low,
            high: stack_base(),
        }));
        *self.registers.borrow_mut() = registers.to_vec();
        body();
        self.current.set(outer);
        // The registers of this collection must not keep objects of the next one.
        self.registers.borrow_mut().clear();
    }
    /// Calls `body`; collections in it scan the stack from `mark` on only.
    pub(crate) fn with_mark<R>(&self, mark: Option<NativeMark>, body: impl FnOnce() -> R) -> R {
        let outer = self.mark.replace(mark);
        let result = body();
        self.mark.set(outer);
        result
    }
    /// Calls `body`, in which another thread may use the heap; this thread's stack is scanned meanwhile.
    #[inline(never)]
    pub fn park<R>(&self, body: impl FnOnce() -> R) -> R {
        let key = self.park_here();
        let result = body();
        self.unpark(key);
        result
    }
    #[inline(never)]
    fn park_here(&self) -> u64 {
        let key = self.next_key.replace(self.next_key.get() + 1);
        let (low, registers) = stack_pointer_and_registers();
        self.parked.borrow_mut().push((
            key,
            Parked {
                low,
                high: stack_base(),
            },
            registers.to_vec(),
        ));
        key
    }
    fn unpark(&self, key: u64) {
        self.parked.borrow_mut().retain(|p| p.0 != key);
    }
    pub(crate) fn visit(&self, visitor: &mut dyn RootVisitor) {
        self.registers
            .borrow()
            .iter()
            .for_each(|&word| visitor.ambiguous(word));
        let current = self.current.get();
        current
            .iter()
            .for_each(|stack| visit_stack(*stack, visitor));
        for (_, stack, registers) in self.parked.borrow().iter() {
            registers.iter().for_each(|&word| visitor.ambiguous(word));
            visit_stack(*stack, visitor);
        }
    }
}

fn visit_stack(stack: Parked, visitor: &mut dyn RootVisitor) {
    let range: Range<*const usize> = stack.low as *const usize..stack.high as *const usize;
    // SAFETY: the frames from `low` to the base of the thread's stack are mapped while the thread is inside `park` or
    // `scan_from_here`, and `low` is aligned like a stack pointer.
    unsafe { visitor.ambiguous_range(range) };
}

/// The upper end of the running thread's stack.
fn stack_base() -> usize {
    thread_local!(static BASE: Cell<usize> = const { Cell::new(0) });
    if BASE.get() == 0 {
        // SAFETY: plain C calls with valid out-pointers; the attribute object is destroyed after use.
        let base = unsafe {
            let mut attributes: libc::pthread_attr_t = std::mem::zeroed();
            assert_eq!(
                libc::pthread_getattr_np(libc::pthread_self(), &mut attributes),
                0,
                "the thread has a stack"
            );
            let (mut low, mut bytes) = (std::ptr::null_mut(), 0);
            libc::pthread_attr_getstack(&attributes, &mut low, &mut bytes);
            libc::pthread_attr_destroy(&mut attributes);
            low as usize + bytes
        };
        BASE.set(base);
    }
    BASE.get()
}

#[cfg(target_arch = "x86_64")]
type Registers = [usize; 6];
#[cfg(target_arch = "aarch64")]
type Registers = [usize; 12];

/// The stack pointer, and the registers that a callee saves: a caller's reference that is in none of its stack slots is in
/// one of them, or was spilled above the stack pointer by a function in between.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn stack_pointer_and_registers() -> (usize, [usize; 6]) {
    let (rbx, rbp, r12, r13, r14, r15): (usize, usize, usize, usize, usize, usize);
    let stack_pointer: usize;
    // They go through registers and not through memory: what is stored word by word is slow to be copied as a whole.
    // SAFETY: copies registers to others.
    unsafe {
        std::arch::asm!(
            "mov rax, rbx",
            "mov rcx, rbp",
            "mov rdx, r12",
            "mov rsi, r13",
            "mov rdi, r14",
            "mov r8, r15",
            "mov r9, rsp",
            out("rax") rbx,
            out("rcx") rbp,
            out("rdx") r12,
            out("rsi") r13,
            out("rdi") r14,
            out("r8") r15,
            out("r9") stack_pointer,
            options(nomem, nostack, preserves_flags),
        );
    }
    (stack_pointer, [rbx, rbp, r12, r13, r14, r15])
}

/// See above.
#[cfg(target_arch = "aarch64")]
#[inline(always)]
fn stack_pointer_and_registers() -> (usize, [usize; 12]) {
    let mut registers = [0usize; 12];
    let stack_pointer: usize;
    // SAFETY: stores twelve registers into the array, whose address is passed, and reads the stack pointer.
    unsafe {
        std::arch::asm!(
            "stp x19, x20, [{to}]",
            "stp x21, x22, [{to}, #16]",
            "stp x23, x24, [{to}, #32]",
            "stp x25, x26, [{to}, #48]",
            "stp x27, x28, [{to}, #64]",
            "stp x29, x30, [{to}, #80]",
            "mov {sp}, sp",
            to = in(reg) registers.as_mut_ptr(),
            sp = lateout(reg) stack_pointer,
            options(nostack, preserves_flags),
        );
    }
    (stack_pointer, registers)
}
