//! Functions of C called by the interpreter.
//!
//! [`method`]: functions and methods by their conventions. [`slots`]: which slots a type fills, as methods of its class;
//! [`slot_call`]: how they are called. [`instances`]: `__new__`. [`direct`]: the short way for handlers and compiled code. [`arguments`]: what the other ways pass.

mod arguments;
mod direct;
mod instances;
mod method;
mod slot_call;
mod slots;

pub use instances::{maker_def, new_def};
pub use method::{MethodData, function_object, method_def};
pub use slots::slot_defs;

use direct::Tables;
use ouro_py_objects::builtin::{ANY, Binding, BuiltinDef, BuiltinFn, Foreign, ForeignFn};
use std::cell::RefCell;
use std::collections::HashMap;

/// How functions of one sort are called, each made when it is first asked for. They live as long as the functions: for ever.
#[derive(Default)]
pub struct Ways(RefCell<HashMap<usize, &'static Foreign>>);
impl Ways {
    /// `key` stands for the sort.
    fn get(
        &self,
        key: usize,
        call: ForeignFn,
        tables: impl FnOnce() -> Tables,
    ) -> &'static Foreign {
        self.0.borrow_mut().entry(key).or_insert_with(|| {
            let Tables { direct, named } = tables();
            let foreign = Foreign {
                call,
                direct,
                named,
                names: arguments::names_for_ever,
                none: ouro_cpyext::data::none() as usize,
            };
            Box::leak(Box::new(foreign))
        })
    }
}
/// A builtin that is called with a word that says what it is; it checks its arguments itself.
fn foreign(name: &'static str, way: &'static Foreign, word: usize) -> BuiltinDef {
    BuiltinDef {
        name,
        doc: "",
        min: 0,
        max: ANY,
        func: BuiltinFn::Foreign(way, word),
        inline: None,
        quiet: ouro_py_objects::builtin::Quiet::No,
        binding: Binding::Instance,
        keeps_self: true,
        signature: "",
    }
}
/// As [`foreign`], without direct calls.
fn slow(name: &'static str, call: ForeignFn, word: usize) -> BuiltinDef {
    let way = crate::state::border()
        .ways
        .get(call as usize, call, Tables::none);
    foreign(name, way, word)
}
