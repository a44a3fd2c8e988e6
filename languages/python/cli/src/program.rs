//! Runs a program: makes the VM, plugs in compiler and modules, runs, reports, and gives the exit code.

use crate::options::{HELP, JitMode, Options, Program, UsageError};
use ouro_codegen::{Backend, IrexecBackend};
use ouro_codegen_x64::X64Backend;
use ouro_gc::{COLLECTORS, Gc, Heap};
use ouro_py_modules::{Config, Flags};
use ouro_py_objects::boot;
use ouro_py_objects::world::Mode;
use ouro_py_objects::{PyResult, Vm};
use ouro_runtime::{Jit, log::Log};
use std::io::{IsTerminal, Read, Write};

/// Guest recursion may nest native frames; address space costs nothing until it is used.
const STACK_BYTES: usize = 512 << 20;

/// How the process ends.
enum End {
    Code(i32),
    Interrupted,
}

/// The binary: reads the command line and the environment, runs, and ends the process.
pub fn main() -> ! {
    let words: Vec<String> = std::env::args_os()
        .map(|w| w.to_string_lossy().into_owned())
        .collect();
    let options = match Options::parse(&words[1..], |name| std::env::var(name).ok()) {
        Ok(options) => options,
        Err(UsageError(message)) => {
            eprintln!("ouro: {message}\nTry `ouro --help' for more information.");
            std::process::exit(2);
        }
    };
    match options.program {
        Program::Help => {
            print!("{HELP}");
            std::process::exit(0);
        }
        Program::Version => {
            println!("Python 3.11.2 (Ouro {})", env!("CARGO_PKG_VERSION"));
            std::process::exit(0);
        }
        _ => {}
    }
    crate::memory::use_one_arena();
    let thread = std::thread::Builder::new()
        .name("main".into())
        .stack_size(STACK_BYTES);
    let end = thread
        .spawn(move || run(options, words))
        .expect("the system starts a thread")
        .join();
    match end {
        Ok(End::Code(code)) => std::process::exit(code),
        Ok(End::Interrupted) => crate::interrupt::die(),
        // The panic has been reported by its thread.
        Err(_) => std::process::abort(),
    }
}

fn run(options: Options, words: Vec<String>) -> End {
    let direct = ouro_py_direct::hooks();
    let hooks = match options.jit {
        JitMode::Off => direct,
        JitMode::On | JitMode::Irexec => ouro_py_record::with_compiler(direct),
    };
    let vm = match Heap::new(options.gc.clone(), COLLECTORS, boot::types()) {
        Ok(heap) => boot::new_vm(heap, hooks),
        Err(error) => {
            eprintln!("ouro: {error}");
            return End::Code(2);
        }
    };
    if options.gc_pauses.is_some() {
        vm.heap.log_pauses();
    }
    if let Err(message) = install_compiler(vm, &options) {
        eprintln!("ouro: {message}");
        return End::Code(2);
    }
    let result = ouro_py_modules::install(vm, config(&options, words));
    ouro_py_border::install(vm);
    crate::compiler::install(vm, &options);
    crate::interrupt::install(vm);
    let result = result.and_then(|()| run_program(vm, &options));
    if let Some(path) = &options.gc_dump
        && let Err(error) = ouro_py_modules::dump_heap(vm, &path.to_string_lossy())
    {
        eprintln!("ouro: {}: {error}", path.display());
    }
    let end = finish(vm, result);
    if let Some(jit) = Jit::of(vm) {
        jit.log_exits::<ouro_py_objects::Python>();
    }
    if options.jit_stats {
        match Jit::of(vm) {
            Some(jit) => eprint!("{}", jit.stats_text()),
            None => eprintln!("the compiler is off"),
        }
    }
    if options.gc_stats {
        eprint!("{}", vm.heap.stats_text());
    }
    if let Some(file) = &options.gc_pauses
        && let Err(error) = std::fs::write(file, vm.heap.pauses_text())
    {
        eprintln!("ouro: {}: {error}", file.display());
    }
    end
}

fn install_compiler(vm: &'static Vm, options: &Options) -> Result<(), String> {
    let backend: Box<dyn Backend> = match options.jit {
        JitMode::Off => return Ok(()),
        JitMode::Irexec => Box::new(IrexecBackend::new()),
        JitMode::On => match X64Backend::new() {
            Ok(backend) => Box::new(backend),
            Err(error) => {
                eprintln!("ouro: warning: {error}; going on without the compiler");
                return Ok(());
            }
        },
    };
    let log = match &options.jit_log {
        None => Log::default(),
        Some(path) => {
            let file =
                std::fs::File::create(path).map_err(|e| format!("{}: {e}", path.display()))?;
            Log::to(Box::new(std::io::BufWriter::new(file)))
        }
    };
    let mut jit_options = options.jit_options.clone();
    jit_options.parameters.count |= options.jit_stats;
    ouro_runtime::install(vm, backend, jit_options, log);
    Ok(())
}

fn config(options: &Options, words: Vec<String>) -> Config {
    let first = match &options.program {
        Program::File(file) => file.clone(),
        Program::Code(_) => "-c".to_owned(),
        Program::Module(_) => "-m".to_owned(),
        Program::Stdin if options.dash => "-".to_owned(),
        _ => String::new(),
    };
    let script_folder = match &options.program {
        _ if options.safe_path => None,
        Program::File(file) => {
            let path = std::fs::canonicalize(file).unwrap_or_else(|_| file.into());
            let folder = if path.is_dir() || ouro_py_modules::run::is_archive(file) {
                Some(path.as_path())
            } else {
                path.parent()
            };
            folder.map(|f| f.to_string_lossy().into_owned())
        }
        Program::Module(_) => std::env::current_dir()
            .ok()
            .map(|d| d.to_string_lossy().into_owned()),
        _ => Some(String::new()),
    };
    let mut path: Vec<String> = script_folder.into_iter().collect();
    if !options.ignore_environment
        && let Ok(more) = std::env::var("PYTHONPATH")
    {
        path.extend(more.split(':').filter(|p| !p.is_empty()).map(str::to_owned));
    }
    let executable = std::env::current_exe().map(|p| p.to_string_lossy().into_owned());
    Config {
        argv: std::iter::once(first)
            .chain(options.args.iter().cloned())
            .collect(),
        orig_argv: words,
        executable: executable.unwrap_or_default(),
        flags: Flags {
            no_site: i64::from(options.no_site),
            isolated: i64::from(options.isolated),
            ignore_environment: i64::from(options.ignore_environment),
            no_user_site: i64::from(options.no_user_site),
            dont_write_bytecode: i64::from(options.dont_write_bytecode),
            optimize: options.optimize,
            quiet: i64::from(options.quiet),
            verbose: i64::from(options.verbose),
            safe_path: options.safe_path,
            ..Flags::default()
        },
        stdlib: options.stdlib.clone(),
        path,
        xoptions: options.xoptions.clone(),
        warnoptions: options.warnings.clone(),
        unbuffered: options.unbuffered,
    }
}

fn run_program(vm: &'static Vm, options: &Options) -> PyResult<()> {
    match &options.program {
        Program::Code(code) => {
            let namespace = ouro_py_modules::run::main_namespace(vm, None)?;
            ouro_py_modules::run_source(vm, code.as_bytes(), "<string>", Mode::Exec, namespace)?;
        }
        Program::Module(name) => {
            ouro_py_modules::run_module(vm, name)?;
        }
        Program::File(file) => {
            if let Err(error) = std::fs::metadata(file) {
                let code = error.raw_os_error().unwrap_or(0);
                let text = os_error_text(&error);
                eprintln!(
                    "ouro: can't open file '{}': [Errno {code}] {text}",
                    absolute(file)
                );
                return Err(exit_request(vm, 2));
            }
            ouro_py_modules::run_file(vm, file)?;
        }
        Program::Stdin => {
            if std::io::stdin().is_terminal() {
                eprintln!(
                    "ouro: there is no interactive mode yet; give a file, -c CODE or -m MODULE"
                );
                return Err(exit_request(vm, 2));
            }
            let mut source = Vec::new();
            if std::io::stdin().read_to_end(&mut source).is_err() {
                eprintln!("ouro: standard input cannot be read");
                return Err(exit_request(vm, 2));
            }
            let namespace = ouro_py_modules::run::main_namespace(vm, Some("<stdin>"))?;
            ouro_py_modules::run_source(vm, &source, "<stdin>", Mode::Exec, namespace)?;
        }
        Program::Version | Program::Help => {}
    }
    Ok(())
}

/// Strerror without Rust's "(os error N)".
fn os_error_text(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error")
        .next()
        .unwrap_or_default()
        .to_owned()
}
fn absolute(file: &str) -> String {
    let path = std::path::absolute(file).unwrap_or_else(|_| file.into());
    path.to_string_lossy().into_owned()
}

/// A SystemExit, so that all ways out meet in [`finish`].
fn exit_request(vm: &'static Vm, code: i64) -> Gc {
    let code = ouro_py_objects::int::new(vm, code);
    ouro_py_objects::error::new_exception(vm, vm.world().classes.system_exit, &[code])
}

fn finish(vm: &'static Vm, result: PyResult<()>) -> End {
    let end = match result {
        Ok(()) => End::Code(0),
        Err(exception) => report(vm, exception),
    };
    if let Err(exception) = ouro_py_modules::shutdown(vm) {
        report(vm, exception);
        return End::Code(120);
    }
    end
}

/// Prints an uncaught exception, or takes the exit code of a SystemExit.
fn report(vm: &'static Vm, exception: Gc) -> End {
    let classes = &vm.world().classes;
    let class = ouro_py_objects::type_of(vm, exception);
    if class.is_subclass(classes.system_exit) {
        return End::Code(exit_code(vm, exception));
    }
    flush(vm, "stdout");
    let text = ouro_py_objects::traceback::format(vm, exception);
    let mut stderr = std::io::stderr().lock();
    // Nobody is left to tell that standard error cannot be written.
    let _ = stderr.write_all(text.as_bytes());
    let _ = stderr.flush();
    if class.is_subclass(classes.keyboard_interrupt) {
        flush(vm, "stdout");
        return End::Interrupted;
    }
    End::Code(1)
}

fn flush(vm: &'static Vm, stream: &str) {
    ouro_py_modules::run::flush_stream(vm, stream);
}

fn exit_code(vm: &'static Vm, exception: Gc) -> i32 {
    match ouro_py_modules::run::exit_status(vm, exception) {
        Ok(code) => code,
        Err(text) => {
            flush(vm, "stdout");
            eprintln!("{text}");
            1
        }
    }
}
