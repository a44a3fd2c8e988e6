//! Programs under the compiler: same output as the plain interpreter, with a small threshold, under guard stress, with
//! each pass off.

use ouro_brainfuck::{Brainfuck, Output, handlers::BrainfuckHandlers, new_vm, parse, run};
use ouro_codegen::{Backend, IrexecBackend};
use ouro_codegen_x64::X64Backend;
use ouro_gc::{COLLECTORS, Config};
use ouro_machine::Vm;
use ouro_runtime::{Jit, JitOptions, hooks, install, log::Log};
use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;

/// Nested loops, branches on the way, input, output, a long walk, and an end off the tape.
const PROGRAMS: &[(&str, &str)] = &[
    ("++++++++++[>++++++++++[>++++++++++[>+<-]<-]<-]>>>.", ""),
    (",[.,]", "a line of input that is copied"),
    (",[>,]<[.<]", "reversed by a walk to the left"),
    ("+++++++[>++++++++[>+++<-]>.[-]<<-]", ""),
    (
        "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++.",
        "",
    ),
    ("+[>+]", ""),
];

fn compiled(
    backend: Box<dyn Backend>,
    options: &[&str],
    program: &str,
    input: &str,
) -> (Output, &'static Vm<Brainfuck>) {
    compiled_on(Config::default(), backend, options, program, input)
}
fn compiled_on(
    heap: Config,
    backend: Box<dyn Backend>,
    options: &[&str],
    program: &str,
    input: &str,
) -> (Output, &'static Vm<Brainfuck>) {
    let vm = new_vm(
        heap,
        hooks::<BrainfuckHandlers>(ouro_brainfuck::run::hooks()),
    )
    .expect("the default collector");
    let mut jit = JitOptions::default();
    options
        .iter()
        .for_each(|o| jit.set(o).expect("a known option"));
    install(vm, backend, jit, Log::default());
    let program = parse(program).expect("brackets match");
    (run(vm, program, input.as_bytes()), vm)
}

fn x64() -> Box<dyn Backend> {
    Box::new(X64Backend::new().expect("executable memory"))
}
fn irexec() -> Box<dyn Backend> {
    Box::new(IrexecBackend::new())
}

fn plain(program: &str, input: &str) -> Output {
    let vm =
        new_vm(Config::default(), ouro_brainfuck::run::hooks()).expect("the default collector");
    run(
        vm,
        parse(program).expect("brackets match"),
        input.as_bytes(),
    )
}

#[test]
fn output_is_that_of_the_interpreter() {
    let configurations: &[&[&str]] = &[
        &["threshold=2"],
        &["threshold=7"],
        &["threshold=2", "guard-stress=1"],
        &["threshold=2", "guard-stress=2"],
        &["threshold=2", "guard-stress=3"],
        &["threshold=2", "guard-stress=7"],
        &["threshold=2", "no-peel"],
        &["threshold=2", "no-fold"],
        &["threshold=2", "no-virtuals"],
        &["threshold=2", "no-heap"],
        &["threshold=2", "no-guards"],
        &["threshold=2", "no-pure"],
        &["threshold=2", "no-dead"],
        &["threshold=2", "no-open"],
    ];
    let mut loops = 0;
    for (program, input) in PROGRAMS {
        let want = plain(program, input);
        for options in configurations {
            for backend in [x64(), irexec()] {
                let name = backend.name();
                let (output, vm) = compiled(backend, options, program, input);
                assert_eq!(output, want, "{program} on {name} with {options:?}");
                loops += Jit::of(vm).expect("installed").stats.loops.get();
            }
        }
    }
    assert!(loops > 100, "only {loops} loops were compiled");
}

/// Every collector that collects: at each safepoint and at some, with the least nursery, checked before and after.
#[test]
fn output_is_the_same_on_every_collector() {
    let (mut collections, mut moved) = (0, 0);
    for collector in COLLECTORS.iter().filter(|c| c.capabilities.collects) {
        for stress in [1, 997] {
            for options in [
                &["threshold=2"][..],
                &["threshold=2", "guard-stress=1"],
                &["threshold=2", "guard-stress=3"],
                &["threshold=2", "no-virtuals"],
            ] {
                // The long one only with few collections.
                for (program, input) in &PROGRAMS[usize::from(stress == 1)..4] {
                    let want = plain(program, input);
                    for backend in [x64(), irexec()] {
                        let heap = Config {
                            collector: collector.name.into(),
                            stress,
                            verify: 13,
                            poison: true,
                            nursery_bytes: Config::LEAST_NURSERY_BYTES,
                            ..Config::default()
                        };
                        let name = backend.name();
                        let (output, vm) = compiled_on(heap, backend, options, program, input);
                        assert_eq!(
                            output, want,
                            "{program} on {name} and {} with stress={stress} {options:?}",
                            collector.name
                        );
                        let stats = vm.heap.stats();
                        collections += stats.collections;
                        if collector.capabilities.moves {
                            moved += stats.work.moved_objects;
                        }
                    }
                }
            }
        }
    }
    assert!(
        collections > 1000 && moved > 1000,
        "{collections} collections moved {moved} objects"
    );
}

#[test]
fn nested_loops_become_bridges() {
    let (output, vm) = compiled(x64(), &["threshold=20"], PROGRAMS[0].0, "");
    assert_eq!(output.bytes, [(1000 % 256) as u8]);
    let stats = &Jit::of(vm).expect("installed").stats;
    assert!(
        stats.loops.get() >= 1 && stats.bridges.get() >= 1,
        "{stats}"
    );
}

/// A log in memory.
#[derive(Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);
impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn bridges_of_nested_loops_allocate_nothing() {
    let vm = new_vm(
        Config::default(),
        hooks::<BrainfuckHandlers>(ouro_brainfuck::run::hooks()),
    )
    .expect("the default collector");
    let mut jit = JitOptions::default();
    jit.set("threshold=5").expect("a known option");
    let sink = Sink::default();
    install(vm, x64(), jit, Log::to(Box::new(sink.clone())));
    run(vm, parse(PROGRAMS[0].0).expect("brackets match"), b"");
    let log = String::from_utf8(sink.0.take()).expect("text");
    let bridges: Vec<&str> = log
        .split("{optimized bridge")
        .skip(1)
        .map(|part| part.split("optimized}").next().expect("a first part"))
        .collect();
    assert!(bridges.len() >= 2, "{log}");
    for bridge in bridges {
        assert!(
            !bridge.contains("= new(") && bridge.contains("jump inside("),
            "{bridge}"
        );
    }
}
