//! irexec on the collector's heap: random traces have the same outcome as on the toy heap, with every collector, while
//! a callee collects in the middle of them.

use ouro_gc::{
    COLLECTORS, CollectorInfo, Config, Gc, Header, Heap, Reason, RootMode, RootVec, TypeInfo,
    TypeTable, VarPart,
};
use ouro_ir::irexec::{End, HeapMemory, State};
use ouro_ir::random::{Case, Form, every};
use ouro_ir::{Descr, Opcode, Ret, Trace};
use std::cell::{Cell, RefCell};
use std::rc::Rc;

thread_local! {
    /// The heap that `collect` collects.
    static HEAP: RefCell<Option<Rc<Heap>>> = const { RefCell::new(None) };
    static COLLECTIONS: Cell<usize> = const { Cell::new(0) };
}

/// Stands for the random traces' callee of this name, and really is a safepoint.
extern "C" fn collect(_vm: *const u8, a: u64) -> Ret {
    HEAP.with_borrow(|heap| {
        heap.as_ref()
            .expect("a test has set it")
            .collect(Reason::Explicit)
    });
    COLLECTIONS.set(COLLECTIONS.get() + 1);
    Ret {
        value: a ^ 0x55,
        exc: 0,
    }
}

/// Stands for the callee that only allocates: the heap may be at its limit.
extern "C" fn nothing(_vm: *const u8) -> Ret {
    collect(std::ptr::null(), 0);
    Ret { value: 0, exc: 0 }
}

/// The types of random traces, in the order of their ids.
fn heap(collector: &CollectorInfo) -> Rc<Heap> {
    let mut types = TypeTable::new();
    let array = |name, item_bytes, items_are_refs| {
        let var_part = Some(VarPart {
            len_offset: 8,
            items_offset: 16,
            item_bytes,
            items_are_refs,
        });
        TypeInfo {
            var_part,
            ..TypeInfo::plain(name, 16)
        }
    };
    let node = TypeInfo {
        ref_offsets: vec![8],
        ..TypeInfo::plain("Node", 64)
    };
    let boxes = [
        TypeInfo::plain("WInt", 16),
        TypeInfo::plain("WFloat", 16),
        node,
        TypeInfo::plain("Error", 16),
    ];
    let arrays = [
        array("Ints", 8, false),
        array("Floats", 8, false),
        array("Refs", 8, true),
        array("Bytes", 1, false),
    ];
    for info in boxes.into_iter().chain(arrays) {
        types.push(info).expect("the layout is right");
    }
    let config = Config {
        collector: collector.name.into(),
        poison: true,
        verify: 1,
        nursery_bytes: Config::LEAST_NURSERY_BYTES,
        tenure: 1,
        roots: RootMode::Precise,
        reserve_bytes: 1 << 30,
        ..Config::default()
    };
    Heap::new(config, COLLECTORS, types)
        .expect("there is address space")
        .into()
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

#[test]
fn random_traces_have_the_same_outcome_on_every_collector() {
    let (mut compared, mut polls) = (0, 0);
    for collector in COLLECTORS {
        let heap = heap(collector);
        HEAP.set(Some(heap.clone()));
        for seed in 0..25 {
            for form in [Form::Recorded, Form::Compiled] {
                let case = Case::new(seed, form);
                for (run, k) in [(0, u64::MAX), (0, 23), (1, 50)] {
                    let toy = case
                        .run_on_irexec(&case.trace, run, &mut every(k))
                        .expect("no faults");
                    let trace = with_collecting_callee(&case.trace);
                    let (end, text) = run_on(&heap, &case, &trace, run, k);
                    // The window was full: the toy heap's poll never leaves.
                    if let End::Exit { op, .. } = end
                        && trace.ops[op].code == Opcode::Poll
                        && text != toy.text
                    {
                        polls += 1;
                        continue;
                    }
                    assert_eq!(
                        text, toy.text,
                        "{} seed {seed} {form:?} run {run}\n{trace}",
                        collector.name
                    );
                    compared += 1;
                }
                heap.poll();
            }
        }
        HEAP.set(None);
    }
    assert!(
        compared > 20 * polls && compared > 120,
        "{compared} compared, {polls} left by a poll"
    );
    assert!(
        COLLECTIONS.get() > 40,
        "only {} collections",
        COLLECTIONS.get()
    );
}

fn run_on(heap: &Heap, case: &Case, trace: &Trace, run: u32, k: u64) -> (End, String) {
    let invalidated = Cell::new(false);
    // SAFETY: the heap has the types that random traces describe, the callees are those of the descriptors, and they do
    // not look at the VM.
    let mut memory = unsafe { HeapMemory::new(heap, std::ptr::null(), &invalidated) };
    let (inputs, objects) = case.objects_in(run, &mut memory);
    let roots: RootVec = heap.root_vec();
    for object in objects {
        // SAFETY: it was just made on this heap.
        roots.push(unsafe { Gc::from_raw(object as *mut Header) });
    }
    let mut state = State::new(trace, &inputs);
    let end = state
        .run(trace, &mut memory, &mut every(k), 100_000)
        .expect("no faults");
    let roots: Vec<u64> = roots
        .to_vec()
        .iter()
        .map(|gc| gc.address() as u64)
        .collect();
    let text = case.observe_end(trace, &end, &|arg| state.get(arg), &roots, &memory);
    (end, text)
}
