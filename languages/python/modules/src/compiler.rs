//! What `ouro.jit` needs of a compiler. The modules know none: the binary hands one in by [`set_compiler`].

use crate::state::state;
use ouro_py_objects::{PyCode, Vm};
use std::rc::Rc;

/// What was told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    Compiled,
    Aborted,
    Invalidated,
    Freed,
}

/// Something that the compiler did.
#[derive(Clone, Debug)]
pub struct CompilerEvent {
    pub told: Told,
    /// "loop", "function" or "bridge".
    pub kind: &'static str,
    pub name: String,
    pub file: String,
    pub line: u32,
    /// Of an aborted recording.
    pub reason: String,
    /// The others begin with the trace's number. A compiled one goes on with operations recorded and compiled, guards, bytes
    /// of machine code, and nanoseconds of recording, optimizing and generating code.
    pub numbers: Vec<i64>,
}

/// The value of a parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Setting {
    Number(u64),
    Switch(bool),
}

/// A statistic.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Figure {
    Number(u64),
    Table(Vec<(String, u64)>),
}

/// A compiler, or what stands for one where it is off.
pub trait Compiler {
    /// "on", "irexec", or "off" if nothing is ever compiled.
    fn mode(&self) -> &'static str;
    /// Events are kept from now on, or not any more. At a safepoint after an event `Callouts::compiler` is called.
    fn listen(&self, listening: bool);
    /// The oldest event that nobody has taken.
    fn next_event(&self) -> Option<CompilerEvent>;
    /// Name, value and meaning of each parameter.
    fn parameters(&self) -> Vec<(String, Setting, String)>;
    /// Changes a parameter.
    ///
    /// # Errors
    /// What is wrong with the name, with the known ones, or with the value.
    fn set_parameter(&self, name: &str, value: Setting) -> Result<(), String>;
    /// Counters and times by name.
    fn statistics(&self) -> Vec<(String, Figure)>;
    /// `code` is only interpreted from now on.
    fn never_trace(&self, code: &'static PyCode);
    /// Whether anything is recorded, and compiled code entered.
    fn is_on(&self) -> bool;
    fn set_on(&self, on: bool);
}

/// Gives `ouro.jit` its compiler. Once per VM, before guest code runs.
pub fn set_compiler(vm: &'static Vm, compiler: Rc<dyn Compiler>) {
    *state(vm).compiler.borrow_mut() = Some(compiler);
}
