//! Runs a program: `bf FILE [off|on|irexec] [jit option ..]`. Input and output are those of the process.

use ouro_brainfuck::{handlers::BrainfuckHandlers, new_vm, parse, run};
use ouro_codegen::{Backend, IrexecBackend};
use ouro_codegen_x64::X64Backend;
use ouro_gc::Config;
use ouro_runtime::{Jit, JitOptions, hooks, install, log::Log};
use std::error::Error;
use std::io::{Read, Write};

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let file = words
        .next()
        .ok_or("usage: bf FILE [off|on|irexec] [jit option ..]")?;
    let mode = words.next().unwrap_or("on".to_owned());
    let mut jit = JitOptions::default();
    words.try_for_each(|option| jit.set(&option))?;
    let program = parse(&std::fs::read_to_string(file)?)?;
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input)?;
    let direct = ouro_brainfuck::run::hooks();
    let backend: Option<Box<dyn Backend>> = match mode.as_str() {
        "off" => None,
        "on" => Some(Box::new(X64Backend::new()?)),
        "irexec" => Some(Box::new(IrexecBackend::new())),
        _ => return Err("the mode is off, on or irexec".into()),
    };
    let vm = match backend {
        None => new_vm(Config::default(), direct)?,
        Some(backend) => {
            let vm = new_vm(Config::default(), hooks::<BrainfuckHandlers>(direct))?;
            install(vm, backend, jit, Log::default());
            vm
        }
    };
    let output = run(vm, program, &input);
    std::io::stdout().write_all(&output.bytes)?;
    if let Some(reason) = output.stopped {
        eprintln!("stopped: {reason:?}");
    }
    if let Some(jit) = Jit::of(vm) {
        eprint!("{}", jit.stats);
    }
    Ok(())
}
