//! What a backend must know of the heap and of the options, as plain data.

/// The heap's fast paths: offsets from the VM pointer, sizes, and what to call when the fast path
/// does not do.
///
/// None of the functions is a safepoint: nothing moves and nothing is freed in them, not even at the heap's limit. So
/// what is known of barriers holds across them, and no reference needs to be where the collector looks.
#[derive(Clone, Copy, Debug)]
pub struct HeapAccess {
    /// Offset of the allocation pointer from the VM pointer.
    pub free_offset: i32,
    /// Offset of the limit of the allocation window. `free > top` is the poll's condition.
    pub top_offset: i32,
    /// Bytes that may be allocated behind the limit without a check.
    pub zone_bytes: u32,
    /// Offset of the barrier byte in an object; nonzero means that the slow path must run.
    pub barrier_offset: i32,
    /// Large arrays of references have a byte per chunk of items, see [`Chunks`].
    pub chunks: Option<Chunks>,
    /// Sizes of objects are rounded up to a multiple of this.
    pub granule_bytes: u32,
    /// Memory of a window is zero when it is handed out.
    pub zeroed: bool,
    /// Objects and arrays up to this size are allocated inline; at most half of the zone is used.
    pub max_inline_bytes: u32,
    /// Makes room for small objects again: `free + zone_bytes <= end of the window` afterwards.
    pub refill: extern "C" fn(vm: *mut u8),
    /// Write barrier of an object.
    pub barrier: extern "C" fn(vm: *mut u8, object: *mut u8),
    /// Write barrier of one item.
    pub barrier_item: extern "C" fn(vm: *mut u8, array: *mut u8, index: u64),
    /// A zeroed object of a type of fixed size.
    pub new_object: extern "C" fn(vm: *mut u8, type_id: u64, size_bytes: u64) -> *mut u8,
    /// A zeroed array with its length set.
    pub new_array: extern "C" fn(vm: *mut u8, type_id: u64, items: u64) -> *mut u8,
    /// Whether the object at this address may ever move or die: such a constant is a root of the code that names it.
    pub may_move: fn(address: u64) -> bool,
}

/// How the barrier of one item may be told from data to be needless: the barrier byte has `chunked_bit`, and the byte of the
/// item's chunk has `logged_bit`. The bytes of the chunks lie behind the array, rounded up to a granule. Compiled
/// code tests them and never writes one.
#[derive(Clone, Copy, Debug)]
pub struct Chunks {
    /// Mask of one bit.
    pub chunked_bit: u8,
    /// Mask of one bit. Other bits of a chunk byte belong to the collector.
    pub logged_bit: u8,
    /// Items of a chunk, as a power of two.
    pub items_log2: u8,
}

/// How compiled code calls compiled code, and returns to it. Offsets are in bytes.
///
/// A call with `CallAbi::Guest` goes to the address in a word that belongs to its token and classes: that of the descriptor's
/// function, or of the trace's own code while there is some that takes the arguments so ([`crate::Backend::set_callee`]).
/// Either takes the same words and gives the same results.
///
/// Called code first looks whether it may run, and otherwise goes on to the function: the VM wants no attention, the native
/// stack pointer is not below `native_limit`, and `frame_limit` less the site's `record_bytes` is not below
/// `compiled_frames`. Until it returns `frame_limit` is less by so much. Its guest frame is at `compiled_top`, where only
/// its exits write. It keeps the registers that calls keep. A `return` gives the caller the value if the site expects its
/// class, and what `other_result` makes of it if not. Any other exit that has no bridge fills an [`crate::ExitRecord`] on the native stack
/// and gives the caller what `leave` makes of that.
#[derive(Clone, Copy, Debug)]
pub struct GuestCalls {
    /// From the VM pointer.
    pub frame_limit: i32,
    /// From the VM pointer.
    pub compiled_frames: i32,
    /// From the VM pointer.
    pub native_limit: i32,
    /// From the VM pointer.
    pub compiled_top: i32,
    /// From a call's first word, 64 bits.
    pub record_bytes: i32,
    /// From a call's first word, 32 bits: the class of the result, or `ouro_ir::BOXED`.
    pub result: i32,
    /// Address of an `extern "C" fn(vm, *const ExitRecord, site: u64) -> Ret` that does what is left of the call after an exit.
    /// The site is the call's first word.
    pub leave: u64,
    /// Address of an `extern "C" fn(vm, site: u64, value: u64, class: u64) -> Ret` for a returned reference, or the leaf of an
    /// object of `class`, that is not of the class that the site expects.
    pub other_result: u64,
}

/// Everything that compiling depends on, apart from the trace.
#[derive(Clone, Copy, Debug)]
pub struct CompileEnv {
    /// The heap.
    pub heap: HeapAccess,
    /// Calls among compiled code; none: each such call goes to its descriptor's function.
    pub guest_calls: Option<GuestCalls>,
    /// Each guard counts down and leaves at zero, see `Backend::set_guard_stress`.
    pub guard_stress: bool,
    /// Write `/tmp/perf-PID.map`.
    pub perf_map: bool,
    /// Code counts how often its segments begin, see `Backend::runs`.
    pub count_runs: bool,
    /// Prove each register allocation before emitting it.
    pub check_allocation: bool,
}

impl CompileEnv {
    /// The environment for a heap, with default options.
    pub fn new(heap: HeapAccess) -> CompileEnv {
        CompileEnv {
            heap,
            guest_calls: None,
            guard_stress: false,
            perf_map: false,
            count_runs: false,
            check_allocation: cfg!(debug_assertions),
        }
    }
}
