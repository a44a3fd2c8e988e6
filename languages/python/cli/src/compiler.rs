//! The compiler as `ouro.jit` sees it.

use crate::options::{JitMode, Options};
use ouro_py_modules::{Compiler, CompilerEvent, Figure, Setting, Told};
use ouro_py_objects::{PyCode, Vm};
use ouro_runtime::events::{Event, Happened};
use ouro_runtime::options::Value;
use ouro_runtime::{Jit, JitOptions, Stats};
use std::cell::RefCell;
use std::rc::Rc;

/// Plugs the compiler of `vm` into `ouro.jit`, whether there is one or not.
pub fn install(vm: &'static Vm, options: &Options) {
    let mode = match options.jit {
        _ if Jit::of(vm).is_none() => "off",
        JitMode::Irexec => "irexec",
        JitMode::On | JitMode::Off => "on",
    };
    let idle = RefCell::new(options.jit_options.clone());
    let control = Control { vm, mode, idle };
    ouro_py_modules::set_compiler(vm, Rc::new(control));
}

struct Control {
    vm: &'static Vm,
    mode: &'static str,
    /// The parameters while there is no compiler that follows them.
    idle: RefCell<JitOptions>,
}

impl Control {
    fn jit(&self) -> Option<&'static Jit> {
        Jit::of(self.vm)
    }
}

impl Compiler for Control {
    fn mode(&self) -> &'static str {
        self.mode
    }
    fn listen(&self, listening: bool) {
        if let Some(jit) = self.jit() {
            jit.events.listen(listening);
        }
    }
    fn next_event(&self) -> Option<CompilerEvent> {
        self.jit()?.events.take().map(tell)
    }
    fn parameters(&self) -> Vec<(String, Setting, String)> {
        let options = match self.jit() {
            Some(jit) => jit.options(),
            None => self.idle.borrow().clone(),
        };
        let values = options.values().into_iter();
        let setting = |value| match value {
            Value::Number(n) => Setting::Number(n),
            Value::Switch(on) => Setting::Switch(on),
        };
        let values = values.map(|(name, value, doc, _)| (name, setting(value), doc));
        values.collect()
    }
    fn set_parameter(&self, name: &str, value: Setting) -> Result<(), String> {
        let value = match value {
            Setting::Number(n) => Value::Number(n),
            Setting::Switch(on) => Value::Switch(on),
        };
        let set = match self.jit() {
            Some(jit) => jit.change(self.vm, name, value),
            None => self.idle.borrow_mut().change(name, value),
        };
        set.map_err(|e| e.to_string())
    }
    fn statistics(&self) -> Vec<(String, Figure)> {
        let none = Stats::default();
        let jit = self.jit();
        let stats = jit.map_or(&none, |jit| &jit.stats);
        let number = |(name, n): (&'static str, u64)| (name.to_owned(), Figure::Number(n));
        let sizes = Jit::sizes_of(jit);
        let numbers = stats.counters().into_iter().chain(sizes).map(number);
        let tables = stats.tables().into_iter();
        let tables = tables.map(|(name, rows)| (name.to_owned(), Figure::Table(rows)));
        numbers.chain(tables).collect()
    }
    fn never_trace(&self, code: &'static PyCode) {
        if let Some(jit) = self.jit() {
            jit.never_trace(code);
        }
    }
    fn is_on(&self) -> bool {
        self.jit().is_some_and(Jit::is_on)
    }
    fn set_on(&self, on: bool) {
        if let Some(jit) = self.jit() {
            jit.set_on(self.vm, on);
        }
    }
}

fn tell(event: Event) -> CompilerEvent {
    let Event { spot, happened } = event;
    let mut reason = String::new();
    let (told, numbers) = match happened {
        Happened::Compiled(c) => {
            let sizes = [c.recorded_ops, c.compiled_ops, c.guards, c.code_bytes];
            let times = [c.record_ns, c.optimize_ns, c.codegen_ns];
            let sizes = sizes.map(|n| n as i64).into_iter();
            let rest = sizes.chain(times.map(|ns| ns as i64));
            let all = std::iter::once(i64::from(c.number)).chain(rest);
            (Told::Compiled, all.collect())
        }
        Happened::Aborted(why) => {
            reason = why;
            (Told::Aborted, Vec::new())
        }
        Happened::Invalidated(number) => (Told::Invalidated, vec![number.into()]),
        Happened::Freed(number) => (Told::Freed, vec![number.into()]),
    };
    CompilerEvent {
        told,
        kind: spot.kind.word(),
        name: spot.name,
        file: spot.file,
        line: spot.line,
        reason,
        numbers,
    }
}
