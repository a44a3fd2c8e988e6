//! `_thread`: locks and identity. There is one thread: a lock that could only be released by another one is a deadlock,
//! which is raised as an error instead of hanging.

use crate::args::bind;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn0, fn1, fn2, kw, var};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Errors, Kw, PyResult, Vm};

/// I0: how often it is held.
static LOCK: ClassSpec = ClassSpec::new("_thread", "lock", LOCK_METHODS)
    .sealed()
    .weakref();
static RLOCK: ClassSpec = ClassSpec::new("_thread", "RLock", RLOCK_METHODS).weakref();

static LOCK_METHODS: &[BuiltinDef] = &[
    kw("acquire", |vm, args, kw| acquire(vm, args, kw, false)),
    kw("acquire_lock", |vm, args, kw| acquire(vm, args, kw, false)),
    fn1("release", release),
    fn1("release_lock", release),
    fn1("locked", |vm, l| Ok(boolean(vm, l.get(WNative::I0) != 0))),
    fn1("locked_lock", |vm, l| {
        Ok(boolean(vm, l.get(WNative::I0) != 0))
    }),
    fn1("__enter__", |vm, l| acquire(vm, &[l], &Kw::NONE, false)),
    kw("__exit__", |vm, args, _| release(vm, args[0])),
    fn1("_at_fork_reinit", |vm, l| {
        l.set(vm, WNative::I0, 0);
        Ok(none(vm))
    }),
    fn1("__repr__", |vm, l| {
        let held = if l.get(WNative::I0) != 0 {
            "locked"
        } else {
            "unlocked"
        };
        Ok(string(
            vm,
            &format!(
                "<{held} _thread.lock object at {:#x}>",
                ouro_py_objects::operator::id(vm, l)
            ),
        ))
    }),
];
static RLOCK_METHODS: &[BuiltinDef] = &[
    kw("__new__", |vm, args, _| {
        let l = native::new_of(vm, "RLock");
        native::instance(vm, args[0], native::class_of(l), l)
    })
    .static_method(),
    kw("acquire", |vm, args, kw| acquire(vm, args, kw, true)),
    fn1("release", release_owned),
    fn1("__enter__", |vm, l| acquire(vm, &[l], &Kw::NONE, true)),
    kw("__exit__", |vm, args, _| release_owned(vm, args[0])),
    fn1("__repr__", |vm, l| {
        let count = l.get(WNative::I0);
        let (held, owner) = match count {
            0 => ("unlocked", 0),
            _ => ("locked", IDENT),
        };
        let class = type_name(vm, l);
        let at = ouro_py_objects::operator::id(vm, l);
        let text =
            format!("<{held} _thread.{class} object owner={owner} count={count} at {at:#x}>");
        Ok(string(vm, &text))
    }),
    fn1("_is_owned", |vm, l| {
        Ok(boolean(vm, l.get(WNative::I0) != 0))
    }),
    fn1("_release_save", |vm, l| {
        let n = l.get(WNative::I0);
        if n == 0 {
            return Err(vm.runtime_error("cannot release un-acquired lock"));
        }
        l.set(vm, WNative::I0, 0);
        Ok(tuple(vm, &[int(vm, n), int(vm, IDENT)]))
    }),
    fn2("_acquire_restore", |vm, l, saved| {
        let n = to_i64(vm, collect(vm, saved)?[0])?;
        l.set(vm, WNative::I0, n);
        Ok(none(vm))
    }),
    fn1("_at_fork_reinit", |vm, l| {
        l.set(vm, WNative::I0, 0);
        Ok(none(vm))
    }),
];
static FUNCTIONS: &[BuiltinDef] = &[
    fn0("allocate_lock", |vm| Ok(native::new_of(vm, "lock"))),
    fn0("allocate", |vm| Ok(native::new_of(vm, "lock"))),
    fn0("get_ident", |vm| Ok(int(vm, IDENT))),
    fn0("get_native_id", |vm| {
        Ok(int(vm, i64::from(std::process::id())))
    }),
    fn0("_count", |vm| Ok(int(vm, 0))),
    var("start_new_thread", 2, 3, no_threads),
    var("start_new", 2, 3, no_threads),
    fn0("exit", |vm| {
        Err(exception(vm, vm.world().classes.system_exit, &[]))
    }),
    fn1("interrupt_main", |vm, _| {
        Err(exception(vm, vm.world().classes.keyboard_interrupt, &[]))
    })
    .opt(0),
    fn1("stack_size", |vm, _| Ok(int(vm, 0))).opt(0),
    fn0("_set_sentinel", |vm| Ok(native::new_of(vm, "lock"))),
];
/// The identity of the only thread.
const IDENT: i64 = 1;

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    for spec in [&LOCK, &RLOCK] {
        native::define(vm, module, spec)?;
    }
    put_functions(vm, module, FUNCTIONS);
    let lock = get_attr(vm, module, "lock")?;
    put(vm, module, "LockType", lock);
    put(vm, module, "error", vm.world().classes.runtime_error.gc());
    put(vm, module, "TIMEOUT_MAX", float(vm, 9_223_372_036.0));
    // With one thread an ordinary class is a thread-local one.
    let local = crate::spec::plain_class(vm, "_local", "_thread")?;
    put(vm, module, "_local", local.gc());
    Ok(())
}
fn no_threads(vm: &'static Vm, _args: &[Gc]) -> PyResult {
    Err(vm.runtime_error("can't start new thread"))
}
fn acquire(vm: &'static Vm, args: &[Gc], kw: &Kw, reentrant: bool) -> PyResult {
    let [blocking, timeout] = bind(vm, "acquire", ["blocking", "timeout"], 0, &args[1..], kw)?;
    let lock = args[0];
    let blocking = blocking.is_null() || truth(vm, blocking)?;
    let timeout = if timeout.is_null() {
        -1.0
    } else {
        to_f64(vm, timeout)?
    };
    if !blocking && timeout != -1.0 {
        return Err(vm.value_error("can't specify a timeout for a non-blocking call"));
    }
    if timeout < 0.0 && timeout != -1.0 {
        return Err(vm.value_error("timeout value must be positive"));
    }
    let held = lock.get(WNative::I0);
    if held == 0 || reentrant {
        lock.set(vm, WNative::I0, held + 1);
        return Ok(boolean(vm, true));
    }
    if !blocking {
        return Ok(boolean(vm, false));
    }
    if timeout >= 0.0 {
        std::thread::sleep(std::time::Duration::from_secs_f64(timeout.min(1e9)));
        return Ok(boolean(vm, false));
    }
    Err(vm.runtime_error("deadlock: the lock is held by this thread, and there is no other"))
}
fn release(vm: &'static Vm, lock: Gc) -> PyResult {
    if lock.get(WNative::I0) == 0 {
        return Err(vm.runtime_error("release unlocked lock"));
    }
    lock.set(vm, WNative::I0, 0);
    Ok(none(vm))
}
fn release_owned(vm: &'static Vm, lock: Gc) -> PyResult {
    let held = lock.get(WNative::I0);
    if held == 0 {
        return Err(vm.runtime_error("cannot release un-acquired lock"));
    }
    lock.set(vm, WNative::I0, held - 1);
    Ok(none(vm))
}
