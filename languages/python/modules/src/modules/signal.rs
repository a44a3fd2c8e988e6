//! `_signal`: names and a table of handlers. Delivering signals to handlers is left to the program that plugs in
//! `callouts.attention`.

use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2};
use ouro_py_objects::{BuiltinDef, Errors, PyResult, Vm};

static FUNCTIONS: &[BuiltinDef] = &[
    fn2("signal", signal),
    fn1("getsignal", |vm, number| {
        let number = checked(vm, number)?;
        Ok(dict_get(vm, handlers(vm), int(vm, number))?.unwrap_or(int(vm, 0)))
    }),
    fn2("default_int_handler", |vm, _, _| {
        Err(exception(vm, vm.world().classes.keyboard_interrupt, &[]))
    }),
    fn1("raise_signal", |vm, number| {
        let number = checked(vm, number)? as i32;
        crate::modules::posix::system::kill(std::process::id() as i32, number)
            .map_err(|e| io_error(vm, &e, None))?;
        Ok(none(vm))
    }),
    fn1("set_wakeup_fd", |vm, _| Ok(int(vm, -1))),
    fn2("siginterrupt", |vm, _, _| Ok(none(vm))),
];
static NUMBERS: &[(&str, i32)] = &[
    ("SIGABRT", libc::SIGABRT),
    ("SIGALRM", libc::SIGALRM),
    ("SIGBUS", libc::SIGBUS),
    ("SIGCHLD", libc::SIGCHLD),
    ("SIGCLD", libc::SIGCHLD),
    ("SIGCONT", libc::SIGCONT),
    ("SIGFPE", libc::SIGFPE),
    ("SIGHUP", libc::SIGHUP),
    ("SIGILL", libc::SIGILL),
    ("SIGINT", libc::SIGINT),
    ("SIGIO", libc::SIGIO),
    ("SIGIOT", libc::SIGIOT),
    ("SIGKILL", libc::SIGKILL),
    ("SIGPIPE", libc::SIGPIPE),
    ("SIGPOLL", libc::SIGPOLL),
    ("SIGPROF", libc::SIGPROF),
    ("SIGPWR", libc::SIGPWR),
    ("SIGQUIT", libc::SIGQUIT),
    ("SIGSEGV", libc::SIGSEGV),
    ("SIGSTKFLT", libc::SIGSTKFLT),
    ("SIGSTOP", libc::SIGSTOP),
    ("SIGSYS", libc::SIGSYS),
    ("SIGTERM", libc::SIGTERM),
    ("SIGTRAP", libc::SIGTRAP),
    ("SIGTSTP", libc::SIGTSTP),
    ("SIGTTIN", libc::SIGTTIN),
    ("SIGTTOU", libc::SIGTTOU),
    ("SIGURG", libc::SIGURG),
    ("SIGUSR1", libc::SIGUSR1),
    ("SIGUSR2", libc::SIGUSR2),
    ("SIGVTALRM", libc::SIGVTALRM),
    ("SIGWINCH", libc::SIGWINCH),
    ("SIGXCPU", libc::SIGXCPU),
    ("SIGXFSZ", libc::SIGXFSZ),
    ("NSIG", 65),
    ("SIG_DFL", 0),
    ("SIG_IGN", 1),
    ("SIG_BLOCK", 0),
    ("SIG_UNBLOCK", 1),
    ("SIG_SETMASK", 2),
    ("ITIMER_REAL", 0),
    ("ITIMER_VIRTUAL", 1),
    ("ITIMER_PROF", 2),
    ("SIGRTMIN", 34),
    ("SIGRTMAX", 64),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    for &(text, number) in NUMBERS {
        put(vm, module, text, int(vm, i64::from(number)));
    }
    let default = get_attr(vm, module, "default_int_handler")?;
    dict_set(vm, handlers(vm), int(vm, i64::from(libc::SIGINT)), default)
}
/// Handlers by number; a number that is missing has the default action.
fn handlers(vm: &'static Vm) -> Gc {
    match state(vm).kept(vm, "signal handlers") {
        Some(known) => known,
        None => {
            let fresh = dict(vm);
            state(vm).keep(vm, "signal handlers", fresh);
            fresh
        }
    }
}
fn checked(vm: &'static Vm, number: Gc) -> PyResult<i64> {
    let number = to_i64(vm, number)?;
    match (1..65).contains(&number) {
        true => Ok(number),
        false => Err(vm.value_error("signal number out of range")),
    }
}
fn signal(vm: &'static Vm, number: Gc, handler: Gc) -> PyResult {
    let number = int(vm, checked(vm, number)?);
    if !callable(vm, handler)
        && !matches!(
            ouro_py_objects::int::get(handler).and_then(|i| i.small()),
            Some(0 | 1)
        )
    {
        return Err(vm.type_error(
            "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object",
        ));
    }
    let old = dict_get(vm, handlers(vm), number)?.unwrap_or(int(vm, 0));
    dict_set(vm, handlers(vm), number, handler)?;
    Ok(old)
}
