//! Calls among compiled code: the way in, the way back, refusals and exits, with a VM that has no more than they look at.
#![cfg(target_arch = "x86_64")]

use ouro_codegen::{
    Backend, CodeHandle, CompileEnv, ExitRecord, Form, Function, GuestCalls, Request,
};
use ouro_codegen_x64::X64Backend;
use ouro_ir::{Opcode, Ret, Trace, parse_with};
use std::cell::RefCell;

mod support;
use support::env;

/// What `env` describes lies in front.
#[repr(C, align(16))]
struct Vm {
    heap: [u64; 64],
    frame_limit: u64,
    compiled_frames: u64,
    native_limit: u64,
    compiled_top: u64,
}

#[repr(C)]
struct Site {
    record_bytes: u64,
    result: u32,
    number: u32,
}

const RECORD: u64 = 32;
const INT: u32 = 2;

thread_local! {
    /// What the functions below were called with.
    static SEEN: RefCell<Vec<(&'static str, Vec<u64>)>> = const { RefCell::new(Vec::new()) };
}
fn seen() -> Vec<(&'static str, Vec<u64>)> {
    SEEN.with(RefCell::take)
}
fn see(what: &'static str, words: &[u64]) {
    SEEN.with(|s| s.borrow_mut().push((what, words.to_vec())));
}
fn ok(value: u64) -> Ret {
    Ret { value, exc: 0 }
}

/// What calls go to while no code takes them.
extern "C" fn function(
    _vm: *const Vm,
    site: &Site,
    a: u64,
    b: u64,
    c: u64,
    d: u64,
    e: u64,
    f: u64,
) -> Ret {
    see("function", &[u64::from(site.number), a, b, c, d, e, f]);
    ok(1000)
}
extern "C" fn leave(vm: &Vm, record: &ExitRecord, site: &Site) -> Ret {
    assert_eq!(record.guest_base as u64, vm.compiled_top);
    see(
        "leave",
        &[record.exit, u64::from(site.number), vm.frame_limit],
    );
    match record.exit().0 % 2 {
        0 => ok(500),
        _ => Ret { value: 0, exc: 77 },
    }
}
extern "C" fn other_result(_vm: *const Vm, site: &Site, value: u64, class: u64) -> Ret {
    see("other", &[u64::from(site.number), value, class]);
    ok(2000)
}

struct Bench {
    backend: X64Backend,
    env: CompileEnv,
    vm: Box<Vm>,
    guest: Vec<u64>,
}

impl Bench {
    fn new() -> Bench {
        let mut env = env(1024);
        let at = |field: usize| field as i32;
        env.guest_calls = Some(GuestCalls {
            frame_limit: at(std::mem::offset_of!(Vm, frame_limit)),
            compiled_frames: at(std::mem::offset_of!(Vm, compiled_frames)),
            native_limit: at(std::mem::offset_of!(Vm, native_limit)),
            compiled_top: at(std::mem::offset_of!(Vm, compiled_top)),
            record_bytes: at(std::mem::offset_of!(Site, record_bytes)),
            result: at(std::mem::offset_of!(Site, result)),
            leave: leave as *const () as u64,
            other_result: other_result as *const () as u64,
        });
        let guest = vec![0; 256];
        let mut vm = Box::new(Vm {
            heap: [0; 64],
            frame_limit: 1 << 20,
            compiled_frames: 0,
            native_limit: 0,
            compiled_top: guest.as_ptr() as u64 + 512,
        });
        // The window is large and empty: `free` is 0.
        vm.heap[env.heap.top_offset as usize / 8] = 1 << 40;
        Bench {
            backend: X64Backend::new().expect("executable memory"),
            env,
            vm,
            guest,
        }
    }

    /// Compiles a function of six ints, of which the last two are passed on the stack. `body` begins at value 20.
    fn compile(&self, body: &str) -> (Trace, CodeHandle) {
        let registers: Vec<String> = (0..6).map(|r| format!("r{r} WInt")).collect();
        let mut text = format!(
            "loop f
  type WInt = {INT} size 16 exact leaf WInt.value
  type Other = 3 size 16 exact leaf Other.value
  field WInt.value = 8 i64 immutable
  field Other.value = 8 i64 immutable
  callee f = guest 0x1 (2, 2, 2, 2, 2, 2) (int, int, int, int, int, int, int) -> int reads can_raise can_collect allocates writes all
  target open open ({})",
            registers.join(", ")
        );
        for r in 0..6 {
            text += &format!("\n  input v{r}: ref = r{r}");
        }
        for r in 0..6 {
            text += &format!("\n  v{} = getfield(v{r}, WInt.value)", r + 6);
        }
        let params: Vec<String> = (0..6)
            .map(|r| format!("v{} = v{}", r + 12, r + 6))
            .collect();
        text += &format!("\n  label open({})\n{body}", params.join(", "));
        let resolve = |_: &str| Some(function as *const () as u64);
        let trace = parse_with(&text, &resolve).unwrap_or_else(|e| panic!("{e}\n{text}"));
        trace.verify().unwrap_or_else(|e| panic!("{e}\n{text}"));
        let request = Request {
            trace: &trace,
            form: Form::Loop,
            entry_of: &|_| None,
            function: Some(Function {
                arguments: 6,
                address: function as *const () as u64,
            }),
        };
        let code = self
            .backend
            .compile(&request, &self.env)
            .expect("it compiles");
        (trace, code)
    }

    /// Enters with boxes of these ints; the operation that leaves.
    fn run(&mut self, trace: &Trace, code: CodeHandle, ints: [i64; 6]) -> (Opcode, ExitRecord) {
        let boxes = ints.map(|n| Box::new([u64::from(INT), n as u64]));
        for (word, object) in self.guest.iter_mut().zip(&boxes) {
            *word = object.as_ptr() as u64;
        }
        let mut record = ExitRecord::default();
        let vm = std::ptr::from_mut(&mut *self.vm).cast::<u8>();
        // SAFETY: the VM has what the environment says, and the registers hold boxes as the trace wants them.
        unsafe { (self.backend).enter(code, vm, self.guest.as_mut_ptr(), &mut record) };
        let info = self.backend.exit_info(record.exit());
        (trace.ops[info.op as usize].code, record)
    }
}

fn site(number: u32, result: u32) -> Site {
    Site {
        record_bytes: RECORD,
        result,
        number,
    }
}
const EXITS: &str = "
  @0: [0x10:0:0+0] start
  @1: [0x10:1:0+0] pending_raise
  @2: [0x10:2:0+0 r0=virtual0] start where virtual0 = WInt{WInt.value=v22}";

/// f(n, b, c, d, e, f) = 0 if n == 0 else f(n - 1, b, c, d, e, f) + e: left at the guard, where n is 0. The value that is
/// added lives across the call.
fn summing(site: &Site) -> String {
    let site = std::ptr::from_ref(site) as u64;
    format!(
        "  guard_int_ne(v12, 0) @0
  v20 = int_sub(v12, 1)
  v21 = call({site}, v20, v13, v14, v15, v16, v17, f) @1
  v22 = int_add(v21, v16)
  return_leaf(v22, WInt) @2{EXITS}"
    )
}

#[test]
fn calls_go_to_the_function_until_there_is_code() {
    let mut bench = Bench::new();
    let place = site(1, INT);
    let (trace, code) = bench.compile(&summing(&place));
    let (left, record) = bench.run(&trace, code, [5, 1, 2, 3, 4, 6]);
    assert_eq!(left, Opcode::ReturnLeaf);
    assert_eq!(seen(), [("function", vec![1, 4, 1, 2, 3, 4, 6])]);
    let info = bench.backend.exit_info(record.exit());
    assert_eq!(info.value(&record, 22), Some(1004));
    // And again when it is taken away.
    bench.backend.set_callee(1, Some(code));
    bench.backend.set_callee(1, None);
    bench.run(&trace, code, [5, 1, 2, 3, 4, 6]);
    assert_eq!(seen().len(), 1);
}

#[test]
fn code_calls_itself_and_comes_back() {
    let mut bench = Bench::new();
    let place = site(1, INT);
    let (trace, code) = bench.compile(&summing(&place));
    bench.backend.set_callee(1, Some(code));
    let limit = bench.vm.frame_limit;
    let (left, record) = bench.run(&trace, code, [5, 1, 2, 3, 4, 6]);
    assert_eq!(left, Opcode::ReturnLeaf);
    // The innermost call leaves at the guard, five frames down; what is left of it is done by `leave`.
    let exit = u64::from(bench.backend.exits(code)[0].0);
    assert_eq!(seen(), [("leave", vec![exit, 1, limit - 5 * RECORD])]);
    let info = bench.backend.exit_info(record.exit());
    let ends = 500 * u64::from(exit % 2 == 0);
    assert_eq!(info.value(&record, 22), Some(ends + 5 * 4));
    assert_eq!(
        bench.vm.frame_limit, limit,
        "every call gives back what it took"
    );
}

#[test]
fn called_code_refuses_at_each_limit() {
    for limit in 0..3 {
        let mut bench = Bench::new();
        let place = site(2, INT);
        let (trace, code) = bench.compile(&summing(&place));
        bench.backend.set_callee(1, Some(code));
        let refused_at = match limit {
            0 => {
                bench.vm.compiled_frames = bench.vm.frame_limit - 3 * RECORD;
                7 - 1 - 3
            }
            1 => {
                bench.vm.native_limit = u64::MAX;
                7 - 1
            }
            _ => {
                let top = bench.env.heap.top_offset as usize / 8;
                bench.vm.heap[top] = 0;
                bench.vm.heap[bench.env.heap.free_offset as usize / 8] = 8;
                7 - 1
            }
        };
        let (left, record) = bench.run(&trace, code, [7, 1, 2, 3, 4, 6]);
        assert_eq!(left, Opcode::ReturnLeaf);
        assert_eq!(seen(), [("function", vec![2, refused_at, 1, 2, 3, 4, 6])]);
        let info = bench.backend.exit_info(record.exit());
        assert_eq!(info.value(&record, 22), Some(1000 + 4 * (7 - refused_at)));
        assert_eq!(bench.vm.frame_limit, 1 << 20);
    }
}

#[test]
fn results_of_another_class_are_made_fit() {
    let mut bench = Bench::new();
    // The caller expects an `Other`; what returns is a `WInt`.
    let place = site(3, 3);
    let (trace, code) = bench.compile(&summing(&place));
    bench.backend.set_callee(1, Some(code));
    bench.vm.compiled_frames = bench.vm.frame_limit - RECORD;
    let (_, record) = bench.run(&trace, code, [2, 0, 0, 0, 9, 0]);
    let calls = seen();
    assert_eq!(calls[0].0, "function");
    assert_eq!(calls[1..], [("other", vec![3, 1009, u64::from(INT)])]);
    let info = bench.backend.exit_info(record.exit());
    assert_eq!(info.value(&record, 22), Some(2009));
}

#[test]
fn arguments_of_another_class_go_to_the_function() {
    let mut bench = Bench::new();
    let place = site(4, INT);
    let (trace, code) = bench.compile(&summing(&place));
    let text = summing(&place);
    assert!(text.contains("f) @1"));
    // The same code, called as one that takes `Other`s.
    let other = trace
        .to_string()
        .replace("(2, 2, 2, 2, 2, 2)", "(3, 2, 2, 2, 2, 2)");
    let resolve = |_: &str| Some(function as *const () as u64);
    let other = parse_with(&other, &resolve).expect("a trace");
    let request = Request {
        trace: &other,
        form: Form::Loop,
        entry_of: &|_| None,
        function: None,
    };
    let caller = bench
        .backend
        .compile(&request, &bench.env)
        .expect("it compiles");
    bench.backend.set_callee(1, Some(code));
    bench.run(&other, caller, [5, 1, 2, 3, 4, 6]);
    assert_eq!(seen(), [("function", vec![4, 4, 1, 2, 3, 4, 6])]);
}
