//! Builtins that consume an iterator, written in Python: `tuple`, `sum`, `any`, ... of a generator.
//!
//! A builtin in Rust resumes a generator by a run loop of its own for each item, and a trace sees nothing of it. So when the
//! argument is a generator, the interpreter enters one of the functions below instead; then the generator's frame lies above
//! its frame, and a trace holds both (PyPy's app-level builtins, with a merge point of their own for each kind of iterator).
//!
//! - **N1** Each code of a generator has code of its own for each of these functions, made at its third use: loops of
//!   different generators share neither counters nor traces.
//! - **N2** Nobody sees these frames: no traceback, no frame object, no `locals()` shows code with `hidden`.
//! - **N3** What they do is what the builtin does with an iterator that is exactly a generator. Errors are those of the
//!   builtin, which is called for them where it is not the generator that raises.

use crate::code::{PyCode, load_code};
use crate::layout::*;
use crate::{Access, Vm};
use ouro_gc::Gc;
use ouro_py_syntax::{CodeData, Const, Mode, Options, compile};
use std::cell::{Cell, OnceCell};
use std::sync::Arc;

/// `co_filename` of hidden code; no file has it.
pub const FILENAME: &str = "<builtin>";

/// A builtin with a form for generators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Consumer {
    List,
    Tuple,
    Set,
    FrozenSet,
    Sorted,
    Sum,
    Any,
    All,
    Min,
    Max,
    /// `str.join(separator, generator)`
    Join,
    /// `list.extend(list, generator)`
    Extend,
}
impl Consumer {
    const ALL: [Consumer; 12] = {
        use Consumer::*;
        [
            List, Tuple, Set, FrozenSet, Sorted, Sum, Any, All, Min, Max, Join, Extend,
        ]
    };
    /// The one with this number, `consumer as i64`.
    pub fn from_number(n: i64) -> Option<Consumer> {
        Self::ALL.get(usize::try_from(n).ok()?).copied()
    }
}
const COUNT: usize = Consumer::ALL.len();

/// In the order of [`Consumer`].
const SOURCE: &str = "
def list_of(iterator):
    return [item for item in iterator]
def tuple_of(iterator):
    return tuple([item for item in iterator])
def set_of(iterator):
    return set([item for item in iterator])
def frozenset_of(iterator):
    return frozenset([item for item in iterator])
def sorted_of(iterator):
    items = [item for item in iterator]
    items.sort()
    return items
def sum_of(iterator):
    total = 0
    for item in iterator:
        total = total + item
    return total
def any_of(iterator):
    for item in iterator:
        if item:
            return True
    return False
def all_of(iterator):
    for item in iterator:
        if not item:
            return False
    return True
def min_of(iterator):
    for least in iterator:
        break
    else:
        return min(())
    for item in iterator:
        if item < least:
            least = item
    return least
def max_of(iterator):
    for most in iterator:
        break
    else:
        return max(())
    for item in iterator:
        if item > most:
            most = item
    return most
def join(separator, iterator):
    return str.join(separator, [item for item in iterator])
def extend(items, iterator):
    for item in iterator:
        items.append(item)
";
/// What the namespace of the functions has of that of the builtins.
const NAMES: [&str; 7] = ["__name__", "tuple", "set", "frozenset", "str", "min", "max"];

/// What the compiler made of the source, and where the function objects are. One for the VM.
#[derive(Default)]
pub(crate) struct Sources(OnceCell<Vec<Source>>);
struct Source {
    data: Arc<CodeData>,
    /// Number of the root that holds the function. The codes of one source share it: they read its namespace only.
    function: usize,
}
impl Sources {
    fn get(&self, vm: &'static Vm, what: Consumer) -> &Source {
        &self.0.get_or_init(|| make(vm))[what as usize]
    }
}
fn make(vm: &'static Vm) -> Vec<Source> {
    let compiled = compile(SOURCE, FILENAME, Mode::Exec, Options::default());
    let module = compiled
        .unwrap_or_else(|_| unreachable!("the source is right"))
        .code;
    let globals = vm.world().add_root(crate::dict::new_namespace(vm));
    // `__name__` is what functions made by the codes take for their module.
    for name in NAMES {
        let name = crate::str::intern(vm, name);
        if let Ok(Some(v)) = crate::dict::get_str(vm, vm.world().builtins.get(), name) {
            let set = crate::dict::set_str(vm, vm.world().root(globals), name, v);
            set.unwrap_or_else(|_| unreachable!("a name is hashable"));
        }
    }
    let functions = module.consts.iter().filter_map(|c| match c {
        Const::Code(data) => Some(data),
        _ => None,
    });
    let made: Vec<Source> = functions
        .map(|data| {
            let code = load_code(vm, data);
            let globals = vm.world().root(globals);
            let function = crate::function::new(vm, code, globals, Gc::NULL, Gc::NULL, Gc::NULL);
            Source {
                data: data.clone(),
                function: vm.world().add_root(function),
            }
        })
        .collect();
    assert_eq!(made.len(), COUNT);
    made
}

/// The codes for one generator's code.
#[derive(Default)]
pub struct Consumers(OnceCell<Box<[Slot; COUNT]>>);
#[derive(Default)]
struct Slot {
    uses: Cell<u32>,
    code: Cell<Option<&'static PyCode>>,
}
/// How a builtin gets at a generator's items.
#[derive(Clone, Copy)]
pub enum Way {
    /// By the builtin: there is no code yet, and the use was too early to make some.
    Call,
    /// [`prepare`], then ask again.
    Prepare,
    /// By entering the code with this function.
    Enter(&'static PyCode, Gc),
}
/// Uses of one generator's code by one builtin without code of their own.
const EARLY: u32 = 2;

/// The way for a generator with this code; counts a use.
pub fn way(vm: &'static Vm, code: &'static PyCode, what: Consumer) -> Way {
    let slot = &code.info.consumers.0.get_or_init(Box::default)[what as usize];
    match slot.code.get() {
        Some(own) => {
            let function = vm.world().consumers.get(vm, what).function;
            Way::Enter(own, vm.world().root(function))
        }
        None if slot.uses.get() < EARLY => {
            slot.uses.set(slot.uses.get() + 1);
            Way::Call
        }
        None => Way::Prepare,
    }
}
/// Makes the code by which `what` consumes generators with this code.
pub fn prepare(vm: &'static Vm, code: &'static PyCode, what: Consumer) {
    let own = load_code(vm, &vm.world().consumers.get(vm, what).data);
    let slots = code.info.consumers.0.get_or_init(Box::default);
    slots[what as usize].code.set(Some(own));
}
/// The code of a generator, if `v` is one.
pub fn code_of(v: Gc) -> Option<&'static PyCode> {
    (v.is::<WGenerator>() && v.get(WGenerator::KIND) == crate::generator::GENERATOR)
        .then(|| v.get(WGenerator::CODE).expect())
}
