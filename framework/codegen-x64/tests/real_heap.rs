//! Both backends on the collector's heap, through the interface that the run-time driver uses:
//! random traces with callees that really collect have the outcome that they have on the toy heap.
#![cfg(target_arch = "x86_64")]

use ouro_codegen::{Backend, CompileEnv, ExitRecord, Form, HeapAccess, IrexecBackend, Request};
use ouro_codegen_x64::X64Backend;
use ouro_gc::{
    COLLECTORS, CollectorInfo, Config, FastPath, Gc, Header, Heap, Reason, RootMode, RootVec,
    TypeId, TypeInfo, TypeTable, VarPart,
};
use ouro_ir::irexec::{End, HeapMemory};
use ouro_ir::random::{Case, Form as CaseForm};
use ouro_ir::{ArgKind, Descr, Opcode, Ret, Source, Trace};
use std::cell::Cell;

thread_local! {
    static COLLECTIONS: Cell<usize> = const { Cell::new(0) };
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
    heap_at(vm).collect(Reason::Explicit);
    COLLECTIONS.set(COLLECTIONS.get() + 1);
    let value = a ^ 0x55;
    Ret { value, exc: 0 }
}
extern "C" fn refill(vm: *mut u8) {
    assert!(heap_at(vm).refill_window(), "there is memory");
}
extern "C" fn barrier(vm: *mut u8, object: *mut u8) {
    heap_at(vm).write(gc(object));
}
extern "C" fn barrier_item(vm: *mut u8, object: *mut u8, index: u64) {
    let index = index as usize;
    heap_at(vm).write_range(gc(object), index..index + 1);
}
extern "C" fn new_object(vm: *mut u8, type_id: u64, bytes: u64) -> *mut u8 {
    let object = heap_at(vm).alloc_checked(TypeId(type_id as u32), bytes as u32);
    object.address() as *mut u8
}
extern "C" fn new_array(vm: *mut u8, type_id: u64, items: u64) -> *mut u8 {
    let array = heap_at(vm).alloc_var(TypeId(type_id as u32), items as usize);
    array.expect("there is memory").address() as *mut u8
}

fn env() -> CompileEnv {
    let fast = FastPath::OURO;
    CompileEnv::new(HeapAccess {
        free_offset: fast.free_offset as i32,
        top_offset: fast.top_offset as i32,
        zone_bytes: fast.zone_bytes as u32,
        barrier_offset: fast.barrier_byte_offset as i32,
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
fn heap(collector: &CollectorInfo) -> Box<Heap> {
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
        roots: RootMode::Conservative,
        reserve_bytes: 1 << 30,
        ..Config::default()
    };
    Heap::new(config, COLLECTORS, types).expect("there is address space")
}

fn with_collecting_callee(trace: &Trace) -> Trace {
    let mut trace = trace.clone();
    for descr in &mut trace.descrs {
        if let Descr::Call(callee) = descr
            && callee.name == "collect"
        {
            callee.function = collect as *const () as u64;
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
        let heap = heap(collector);
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
