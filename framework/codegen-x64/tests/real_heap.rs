//! Both backends on the collector's heap, through the interface that the run-time driver uses: random traces with callees
//! that really collect have the outcome that they have on the toy heap, and constants follow their objects.
#![cfg(target_arch = "x86_64")]

use ouro_codegen::{
    Backend, Chunks, CompileEnv, ExitRecord, Form, HeapAccess, IrexecBackend, Request,
};
use ouro_codegen_x64::X64Backend;
use ouro_gc::{
    CHUNK_ITEMS, COLLECTORS, CollectorInfo, Config, FastPath, Gc, Header, Heap, Reason, RootMode,
    RootVec, RootVisitor, TypeId, TypeInfo, TypeTable, VarPart,
};
use ouro_ir::irexec::{End, HeapMemory};
use ouro_ir::random::{Case, Form as CaseForm};
use ouro_ir::{ArgKind, Descr, Opcode, Ret, Source, Trace};
use std::cell::Cell;
use std::collections::HashSet;
use std::rc::Rc;

thread_local! {
    static COLLECTIONS: Cell<usize> = const { Cell::new(0) };
    /// Why [`collect`] collects.
    static REASON: Cell<Reason> = const { Cell::new(Reason::Explicit) };
    /// Calls of the slow path for items.
    static ITEM_CALLS: Cell<usize> = const { Cell::new(0) };
}

fn heap_at<'a>(vm: *mut u8) -> &'a Heap {
    // SAFETY: the VM pointer of this file is the heap.
    unsafe { &*vm.cast::<Heap>() }
}
fn gc(address: *mut u8) -> Gc {
    // SAFETY: compiled code passes objects only.
    unsafe { Gc::from_raw(address.cast::<Header>()) }
}

/// Stands for the random traces' callee of this name, and really is a safepoint.
extern "C" fn collect(vm: *mut u8, a: u64) -> Ret {
    heap_at(vm).collect(REASON.get());
    COLLECTIONS.set(COLLECTIONS.get() + 1);
    let value = a ^ 0x55;
    Ret { value, exc: 0 }
}
/// Stands for the callee that only allocates: the heap is at its limit, so the collector looks at the native stack.
extern "C" fn nothing(vm: *mut u8) -> Ret {
    heap_at(vm).collect(Reason::Limit);
    COLLECTIONS.set(COLLECTIONS.get() + 1);
    Ret { value: 0, exc: 0 }
}
extern "C" fn refill(vm: *mut u8) {
    assert!(heap_at(vm).refill_window(), "there is memory");
}
extern "C" fn barrier(vm: *mut u8, object: *mut u8) {
    heap_at(vm).write(gc(object));
}
extern "C" fn barrier_item(vm: *mut u8, object: *mut u8, index: u64) {
    ITEM_CALLS.set(ITEM_CALLS.get() + 1);
    let index = index as usize;
    heap_at(vm).write_range(gc(object), index..index + 1);
}
extern "C" fn new_object(vm: *mut u8, type_id: u64, bytes: u64) -> *mut u8 {
    let (heap, id) = (heap_at(vm), TypeId(type_id as u32));
    let object = heap.without_collecting(|| heap.alloc_checked(id, bytes as u32));
    object.address() as *mut u8
}
extern "C" fn new_array(vm: *mut u8, type_id: u64, items: u64) -> *mut u8 {
    let (heap, id) = (heap_at(vm), TypeId(type_id as u32));
    let array = heap.without_collecting(|| heap.alloc_var(id, items as usize));
    array.expect("there is memory").address() as *mut u8
}

fn env() -> CompileEnv {
    let fast = FastPath::OURO;
    CompileEnv::new(HeapAccess {
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
        max_inline_bytes: 1024,
        refill,
        barrier,
        barrier_item,
        new_object,
        new_array,
        may_move: |_| true,
    })
}

/// The types of random traces, in the order of their ids.
fn heap(collector: &CollectorInfo, roots: RootMode) -> Box<Heap> {
    let mut types = TypeTable::new();
    let array = |name, item_bytes, items_are_refs| TypeInfo {
        var_part: Some(VarPart {
            len_offset: 8,
            items_offset: 16,
            item_bytes,
            items_are_refs,
        }),
        ..TypeInfo::plain(name, 16)
    };
    let node = TypeInfo {
        ref_offsets: vec![8],
        ..TypeInfo::plain("Node", 64)
    };
    let infos = [
        TypeInfo::plain("WInt", 16),
        TypeInfo::plain("WFloat", 16),
        node,
        TypeInfo::plain("Error", 16),
        array("Ints", 8, false),
        array("Floats", 8, false),
        array("Refs", 8, true),
        array("Bytes", 1, false),
    ];
    for info in infos {
        types.push(info).expect("the layout is right");
    }
    let config = Config {
        collector: collector.name.into(),
        poison: true,
        verify: 1,
        nursery_bytes: Config::LEAST_NURSERY_BYTES,
        tenure: 1,
        roots,
        reserve_bytes: 1 << 30,
        ..Config::default()
    };
    Heap::new(config, COLLECTORS, types).expect("there is address space")
}

fn with_collecting_callee(trace: &Trace) -> Trace {
    let mut trace = trace.clone();
    for descr in &mut trace.descrs {
        if let Descr::Call(callee) = descr {
            match &*callee.name {
                "collect" => callee.function = collect as *const () as u64,
                "nothing" => callee.function = nothing as *const () as u64,
                _ => {}
            }
        }
    }
    trace
}

/// Runs one case and tells what can be observed; `None` if a full window made a poll leave early.
#[inline(never)]
fn run(
    backend: &dyn Backend,
    heap: &Heap,
    case: &Case,
    trace: &Trace,
    env: &CompileEnv,
    leave_at: u64,
) -> (Opcode, String) {
    let request = Request {
        trace,
        form: Form::Loop,
        entry_of: &|_| None,
        function: None,
    };
    let code = backend.compile(&request, env).expect("small");
    let invalidated = Cell::new(false);
    // SAFETY: the heap has the types that random traces describe; it is the VM of the callees.
    let mut memory =
        unsafe { HeapMemory::new(heap, std::ptr::from_ref(heap).cast(), &invalidated) };
    let (inputs, objects) = case.objects_in(0, &mut memory);
    let roots: RootVec = heap.root_vec();
    for object in objects {
        roots.push(gc(object as *mut u8));
    }
    // On the native stack, where the collector finds and pins what it holds.
    let mut guest = [0u64; 64];
    for (input, bits) in trace.inputs.iter().zip(&inputs) {
        let Source::Register(word) = input.source else {
            panic!("a loop has registers")
        };
        guest[word as usize] = *bits;
    }
    let mut record = ExitRecord::default();
    backend.set_guard_stress(leave_at);
    let vm = std::ptr::from_ref(heap).cast_mut().cast::<u8>();
    // SAFETY: the heap is the VM, and the frame has all registers that the traces name.
    unsafe { backend.enter(code, vm, guest.as_mut_ptr(), &mut record) };
    let info = backend.exit_info(record.exit());
    assert_eq!(info.code, code);
    let end = End::Exit {
        op: info.op as usize,
        exit: info.local,
        pending: info.pending(&record).unwrap_or(0),
    };
    let value_of = |arg: ouro_ir::Arg| match arg.kind() {
        ArgKind::Var(v) => info.value(&record, v).expect("the exit needs it"),
        _ => trace.constant(arg).expect("an operand").bits,
    };
    let roots: Vec<u64> = roots.to_vec().iter().map(|r| r.address() as u64).collect();
    let text = case.observe_end(trace, &end, &value_of, &roots, &memory);
    backend.free(code);
    (trace.ops[info.op as usize].code, text)
}

fn compare(backend: &dyn Backend) {
    let mut env = env();
    env.guard_stress = true;
    let (mut compared, mut polls) = (0, 0);
    for collector in COLLECTORS {
        let heap = heap(collector, RootMode::Conservative);
        for seed in 0..40 {
            let forms = [CaseForm::Recorded, CaseForm::Compiled];
            let case = Case::new(seed, forms[seed as usize % 2]);
            let last = case.trace.ops.last().expect("not empty");
            let to_other = last.code == Opcode::Jump
                && matches!(
                    case.trace.label(last.descr).target,
                    ouro_ir::LabelTarget::Entry { .. }
                );
            if to_other {
                continue;
            }
            let trace = with_collecting_callee(&case.trace);
            for leave_at in [u64::MAX, 1 + seed, 40 + seed] {
                let mut left = leave_at;
                let toy = case
                    .run_on_irexec(&case.trace, 0, &mut |_| {
                        left -= 1;
                        left == 0
                    })
                    .expect("no faults");
                let (op, text) = run(backend, &heap, &case, &trace, &env, leave_at);
                if op == Opcode::Poll && text != toy.text {
                    polls += 1;
                } else {
                    assert_eq!(
                        text,
                        toy.text,
                        "{} on {} seed {seed}\n{trace}",
                        backend.name(),
                        collector.name
                    );
                    compared += 1;
                }
            }
            heap.poll();
        }
    }
    assert!(
        compared > 20 * polls && compared > 90,
        "{compared} compared, {polls} left by a poll"
    );
    assert!(
        COLLECTIONS.get() > 40,
        "only {} collections",
        COLLECTIONS.get()
    );
}

#[test]
fn machine_code_runs_on_every_collector() {
    compare(&X64Backend::new().expect("executable memory"));
}

#[test]
fn the_reference_backend_runs_on_every_collector() {
    compare(&IrexecBackend::new());
}

/// Names `one`, a box, and `node`, in every way in which a trace can name an object: by a guard, as an object that is read
/// or written, as a value that is stored, as an operand of a call, in an exit and inside a virtual object of one.
fn trace_of_constants(one: u64, node: u64) -> Trace {
    let text = format!(
        "loop constants
  type WInt = 2 size 16 exact leaf WInt.value
  type Node = 6 size 64
  array Refs = 14 len 8 items 16 ref
  field WInt.value = 8 i64 immutable
  field Node.next = 8 ref mutable
  callee collect = vm(int) -> int reads can_collect allocates writes all
  callee same = vm(ref) -> ref pure
  input v0: ref = r1
  guard_ptr_eq(v0, #{one:x}) @0
  v1 = call(1, collect)
  guard_ptr_ne(#{one:x}, #{node:x}) @0
  v2 = getfield(#{one:x}, WInt.value)
  guard_int_eq(v2, 7) @0
  barrier(#{node:x})
  setfield(#{node:x}, #{one:x}, Node.next)
  v3 = call(#{one:x}, same)
  guard_ptr_eq(v3, #{one:x}) @0
  v4 = new(Node)
  setfield(v4, #{one:x}, Node.next)
  v5 = new_array(3, Refs)
  setitem(v5, 1, #{node:x}, Refs)
  finish() @1
  @0: [0x10:4:0+0 r1=#{one:x}] start
  @1: [0x10:4:0+0 r1=v3 r2=v4 r3=v5 r4=#{node:x} r5=virtual0] start where virtual0 = Node{{Node.next=#{one:x}}}"
    );
    let resolve = |name: &str| match name {
        "collect" => Some(collect as *const () as u64),
        "same" => Some(same as *const () as u64),
        _ => None,
    };
    let trace = ouro_ir::parse_with(&text, &resolve).unwrap_or_else(|e| panic!("{e}\n{text}"));
    trace.verify().unwrap_or_else(|e| panic!("{e}\n{text}"));
    trace.verify_barriers().expect("its barriers are right");
    trace
}
extern "C" fn same(_vm: *mut u8, value: u64) -> Ret {
    Ret { value, exc: 0 }
}

fn reference(at: Gc, offset: u32) -> Gc {
    // SAFETY: the tests ask for a field that holds a reference.
    unsafe { at.word::<Gc>(offset).read() }
}

/// Compiles while the objects are young, then collects and runs by turns. Roots are precise, so all of them move that can.
fn constants_follow_their_objects(backend: &Rc<dyn Backend>) {
    let mut moved = 0;
    for collector in COLLECTORS.iter().filter(|c| c.capabilities.collects) {
        let heap = heap(collector, RootMode::Precise);
        let words = Rc::new(Cell::new(0));
        let (shown, counted) = (backend.clone(), words.clone());
        let provider = heap.add_root_provider(Rc::new(move |visitor: &mut dyn RootVisitor| {
            shown.visit_ref_constants(&mut |word| {
                counted.set(counted.get() + 1);
                // SAFETY: a word of the backend that holds a reference, borrowed by nobody else.
                unsafe { visitor.slot_at(std::ptr::from_mut(word).cast::<Gc>()) }
            });
        }));
        let objects = heap.root_vec();
        for (id, bytes) in [(2, 16), (6, 64)] {
            objects.push(heap.alloc_checked(TypeId(id), bytes));
        }
        // SAFETY: the value of a box.
        unsafe { objects.get(0).word::<i64>(8).write(7) };
        let address = |n: usize| objects.get(n).address() as u64;
        let trace = trace_of_constants(address(0), address(1));
        let request = Request {
            trace: &trace,
            form: Form::Loop,
            entry_of: &|_| None,
            function: None,
        };
        let env = env();
        let code = backend.compile(&request, &env).expect("small");
        let shown_bytes = backend.listing(code);
        for round in 0..6 {
            let before = address(0);
            heap.collect(Reason::Explicit);
            moved += usize::from(address(0) != before);
            let mut guest = [0, address(0)];
            let mut record = ExitRecord::default();
            let vm = std::ptr::from_ref(&*heap).cast_mut().cast::<u8>();
            // SAFETY: the heap is the VM, and the frame has the one register that the trace names.
            unsafe { backend.enter(code, vm, guest.as_mut_ptr(), &mut record) };
            let info = backend.exit_info(record.exit());
            let left = trace.ops[info.op as usize].code;
            assert_eq!(left, Opcode::Finish, "{} round {round}", collector.name);
            let value = |v: u32| gc(info.value(&record, v).expect("the exit needs it") as *mut u8);
            let (one, node) = (objects.get(0), objects.get(1));
            assert_eq!(value(3), one);
            assert_eq!(reference(value(4), 8), one);
            assert_eq!(reference(value(5), 24), node);
            assert_eq!(reference(node, 8), one, "the store went into the object");
        }
        if let Some(listing) = shown_bytes {
            for object in [0, 1] {
                let bytes = trace.consts.entries()[object].bits.to_le_bytes();
                let inside = listing.bytes.windows(8).any(|w| w == bytes);
                assert!(!inside, "the code holds an address");
            }
        }
        assert!(words.get() >= 12, "the constants are roots");
        backend.free(code);
        heap.remove_root_provider(provider);
    }
    let movers = COLLECTORS.iter().filter(|c| c.capabilities.moves).count();
    assert!(moved >= movers, "nothing moved");
}

#[test]
fn constants_of_machine_code_follow_their_objects() {
    let backend: Rc<dyn Backend> = Rc::new(X64Backend::new().expect("executable memory"));
    constants_follow_their_objects(&backend);
}

#[test]
fn constants_of_the_reference_backend_follow_their_objects() {
    let backend: Rc<dyn Backend> = Rc::new(IrexecBackend::new());
    constants_follow_their_objects(&backend);
}

/// Stores new objects into an old, large array, twice into each chunk, and collects; each time round again.
fn stores_into_large_arrays(backend: &dyn Backend, check_calls: bool) {
    const ITEMS: usize = 2000;
    const STORED: [usize; 6] = [0, 127, 128, 1000, 1001, ITEMS - 1];
    let chunks: HashSet<usize> = STORED.iter().map(|n| n / CHUNK_ITEMS).collect();
    assert!(chunks.len() < STORED.len());
    let mut text = String::from(
        "loop stores
  type WInt = 2 size 16 exact leaf WInt.value
  array Refs = 14 len 8 items 16 ref
  field WInt.value = 8 i64 immutable
  callee collect = vm(int) -> int reads can_collect allocates writes all
  input v0: ref = r1
  input v1: ref = r2
  v2 = getfield(v1, WInt.value)",
    );
    let mut value = 3;
    for round in 0..3 {
        for (n, index) in STORED.iter().enumerate() {
            let (made, at) = (value, value + 1);
            value += 2;
            // The index is a value that is 0, plus the number.
            text += &format!(
                "
  v{made} = new(WInt)
  setfield(v{made}, {}, WInt.value)
  v{at} = int_add(v2, {index})
  barrier_item(v0, v{at}, Refs)
  setitem(v0, v{at}, v{made}, Refs)
  barrier_item(v0, {index}, Refs)
  setitem(v0, {index}, v{made}, Refs)",
                100 * round + n
            );
        }
        text += &format!("\n  v{value} = call(1, collect)");
        value += 1;
    }
    text += "\n  finish() @0\n  @0: [0x10:4:0+0 r1=v0] start";
    let resolve = |_: &str| Some(collect as *const () as u64);
    let trace = ouro_ir::parse_with(&text, &resolve).unwrap_or_else(|e| panic!("{e}\n{text}"));
    trace.verify().unwrap_or_else(|e| panic!("{e}\n{text}"));
    trace.verify_barriers().expect("its barriers are right");
    let request = Request {
        trace: &trace,
        form: Form::Loop,
        entry_of: &|_| None,
        function: None,
    };
    let code = backend.compile(&request, &env()).expect("small");
    // Between the steps of incremental marking chunks have a bit that is not that of the barrier.
    let reasons = [Reason::Explicit, Reason::Stress];
    let collecting = COLLECTORS.iter().filter(|c| c.capabilities.collects);
    for (collector, reason) in collecting.flat_map(|c| reasons.map(|r| (c, r))) {
        let heap = heap(collector, RootMode::Conservative);
        let array = heap.root(heap.alloc_var(TypeId(14), ITEMS).expect("there is memory"));
        let zero = heap.root(heap.alloc_checked(TypeId(2), 16));
        // So much that marking in small steps does not come to the array's gray chunks between the rounds.
        let pile = heap.root_vec();
        (0..5000).for_each(|_| _ = pile.push(heap.alloc_checked(TypeId(2), 16)));
        // Old from now on.
        (0..3).for_each(|_| heap.collect(Reason::Explicit));
        let mut guest = [0, array.get().address() as u64, zero.get().address() as u64];
        let mut record = ExitRecord::default();
        let vm = std::ptr::from_ref(&*heap).cast_mut().cast::<u8>();
        REASON.set(reason);
        let before = ITEM_CALLS.get();
        // SAFETY: the heap is the VM, and the frame has both registers that the trace names.
        unsafe { backend.enter(code, vm, guest.as_mut_ptr(), &mut record) };
        REASON.set(Reason::Explicit);
        let calls = ITEM_CALLS.get() - before;
        if check_calls && collector.capabilities.generational {
            // Each chunk once in each of three rounds: the other stores find their chunk logged.
            assert_eq!(calls, chunks.len() * 3, "{}", collector.name);
        }
        heap.collect(Reason::Explicit);
        for (n, index) in STORED.iter().enumerate() {
            let stored = reference(array.get(), 16 + 8 * *index as u32);
            // SAFETY: the value of a box.
            let value = unsafe { stored.word::<i64>(8).read() };
            assert_eq!(value, 200 + n as i64, "{} item {index}", collector.name);
        }
        let logged = heap.stats().work.logged_chunks;
        assert!(
            !collector.capabilities.generational || logged >= chunks.len() as u64 * 3,
            "only {logged} chunks were logged by {}",
            collector.name
        );
    }
    backend.free(code);
}

#[test]
fn stores_into_large_arrays_are_logged_by_chunk() {
    stores_into_large_arrays(&IrexecBackend::new(), false);
    let machine_code = X64Backend::new().expect("executable memory");
    stores_into_large_arrays(&machine_code, true);
}
