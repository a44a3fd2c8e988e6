//! Programs under every machine: the plain interpreter, and the compiler on each backend.

use ouro_brainfuck::objects::Reason;
use ouro_brainfuck::{Output, new_vm, parse, run};
use ouro_gc::Config;

const HELLO: &str = "++++++++[>++++[>++>+++>+++>+<<<<-]>+>+>->>+[<]<-]>>.>---.+++++++..+++.>>.<-.<.+++.------.--------.>>+.>++.";
/// Counts to ten to the power of `depth` in as many nested loops, and writes the last byte of the count.
fn count(depth: usize) -> String {
    let open = "++++++++++[>".repeat(depth);
    let close = "<-]".repeat(depth);
    let right = ">".repeat(depth);
    format!("{open}+{close}{right}.")
}

fn config() -> Config {
    Config::default()
}
fn plain(program: &str, input: &str) -> Output {
    let vm = new_vm(config(), ouro_brainfuck::run::hooks()).expect("the default collector");
    run(
        vm,
        parse(program).expect("brackets match"),
        input.as_bytes(),
    )
}

#[test]
fn hello_world() {
    let output = plain(HELLO, "");
    assert_eq!(String::from_utf8_lossy(&output.bytes), "Hello World!\n");
    assert_eq!(output.stopped, None);
}

#[test]
fn input_is_read_to_its_end() {
    assert_eq!(plain(",[.,]", "echo").bytes, b"echo");
}

#[test]
fn leaving_the_tape_stops_the_program() {
    assert_eq!(plain("+<", "").stopped, Some(Reason::OffTheTape));
    assert_eq!(plain("+[>+]", "").stopped, Some(Reason::OffTheTape));
}

#[test]
fn many_instructions_run_on_a_small_native_stack() {
    // The fast driver is a chain of tail calls: 50 million instructions fit into 512 KiB of stack.
    let thread = std::thread::Builder::new().stack_size(512 << 10);
    let depth = if cfg!(debug_assertions) { 5 } else { 7 };
    let output = thread
        .spawn(move || plain(&count(depth), ""))
        .expect("a thread")
        .join();
    let byte = (10usize.pow(depth as u32) % 256) as u8;
    assert_eq!(output.expect("no overflow").bytes, [byte]);
}
