//! The heap's slow paths as compiled code calls them. The VM pointer is the heap pointer (`Vm` starts with its heap).

use ouro_codegen::{Chunks, HeapAccess};
use ouro_gc::{FastPath, Gc, Header, Heap, TypeId};

/// The fast path of `ouro_gc` for a backend.
pub fn heap_access() -> HeapAccess {
    let fast = FastPath::OURO;
    HeapAccess {
        free_offset: fast.free_offset as i32,
        top_offset: fast.top_offset as i32,
        zone_bytes: fast.zone_bytes as u32,
        barrier_offset: fast.barrier_byte_offset as i32,
        chunks: Some(Chunks {
            chunked_bit: fast.chunked_bit,
            logged_bit: fast.chunk_logged_bit,
            items_log2: fast.chunk_items_log2,
        }),
        granule_bytes: fast.granule_bytes as u32,
        zeroed: true,
        max_inline_bytes: (fast.large_object_bytes as u32).min(1024),
        refill,
        barrier,
        barrier_item,
        new_object,
        new_array,
        may_move,
    }
}

fn heap<'a>(vm: *mut u8) -> &'a Heap {
    // SAFETY: compiled code passes the VM that it was entered with, whose first field is its heap.
    unsafe { &*vm.cast::<Heap>() }
}
fn object(address: *mut u8) -> Gc {
    // SAFETY: compiled code passes objects only.
    unsafe { Gc::from_raw(address.cast::<Header>()) }
}

extern "C" fn refill(vm: *mut u8) {
    assert!(heap(vm).refill_window(), "the system has memory left");
}
extern "C" fn barrier(vm: *mut u8, address: *mut u8) {
    heap(vm).write(object(address));
}
extern "C" fn barrier_item(vm: *mut u8, address: *mut u8, index: u64) {
    heap(vm).write_range(object(address), index as usize..index as usize + 1);
}
extern "C" fn new_object(vm: *mut u8, type_id: u64, bytes: u64) -> *mut u8 {
    let (heap, id) = (heap(vm), TypeId(type_id as u32));
    let object = heap.without_collecting(|| heap.alloc_checked(id, bytes as u32));
    object.as_ptr().cast()
}
extern "C" fn new_array(vm: *mut u8, type_id: u64, items: u64) -> *mut u8 {
    let (heap, id) = (heap(vm), TypeId(type_id as u32));
    let array = heap.without_collecting(|| heap.alloc_var(id, items as usize));
    array.expect("handlers make small arrays").as_ptr().cast()
}
/// Immortal objects neither move nor die.
pub(crate) fn may_move(address: u64) -> bool {
    let state = object(address as *mut u8).header().state();
    state & ouro_gc::state_bits::IMMORTAL == 0
}

/// Shows the collector a word that holds a reference or null; a moving collector changes it.
pub(crate) fn visit_word(visitor: &mut dyn ouro_gc::RootVisitor, word: &mut u64) {
    // SAFETY: the word is borrowed by nobody else, and a `Gc` is a word.
    unsafe { visitor.slot_at(std::ptr::from_mut(word).cast::<Gc>()) }
}

/// Runs compiled code until it leaves.
pub(crate) fn run<L: ouro_machine::Language>(
    backend: &dyn ouro_codegen::Backend,
    code: ouro_codegen::CodeHandle,
    vm: &'static ouro_machine::Vm<L>,
    base: *mut Gc,
    record: &mut ouro_codegen::ExitRecord,
) {
    let pointer = std::ptr::from_ref(vm).cast_mut().cast::<u8>();
    // SAFETY: the trace was recorded on this VM; its owner checked the room on the guest stack, and the interpreter
    // stands at the loop header, where the live registers are the trace's inputs. A VM is used by one thread.
    unsafe { backend.enter(code, pointer, base.cast(), record) }
}

/// The processor's clock, to compare short times; about 2.5 ticks per nanosecond.
pub(crate) fn ticks() -> u64 {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: reading the time-stamp counter has no preconditions.
    let ticks = unsafe { std::arch::x86_64::_rdtsc() };
    #[cfg(not(target_arch = "x86_64"))]
    let ticks = 0;
    ticks
}
