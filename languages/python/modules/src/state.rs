//! What the modules of one VM know beside objects: the command line, classes by name, the standard library.

use ouro_gc::Gc;
use ouro_py_objects::{Class, Vm};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::path::PathBuf;

/// `sys.flags`, as the command line gives them.
#[derive(Clone, Debug)]
#[allow(missing_docs)]
pub struct Flags {
    pub debug: i64,
    pub inspect: i64,
    pub interactive: i64,
    pub optimize: i64,
    pub dont_write_bytecode: i64,
    pub no_user_site: i64,
    pub no_site: i64,
    pub ignore_environment: i64,
    pub verbose: i64,
    pub bytes_warning: i64,
    pub quiet: i64,
    pub hash_randomization: i64,
    pub isolated: i64,
    pub dev_mode: bool,
    pub utf8_mode: i64,
    pub warn_default_encoding: i64,
    pub safe_path: bool,
    pub int_max_str_digits: i64,
}
impl Default for Flags {
    fn default() -> Flags {
        Flags {
            debug: 0,
            inspect: 0,
            interactive: 0,
            optimize: 0,
            dont_write_bytecode: 0,
            no_user_site: 0,
            no_site: 0,
            ignore_environment: 0,
            verbose: 0,
            bytes_warning: 0,
            quiet: 0,
            hash_randomization: 1,
            isolated: 0,
            dev_mode: false,
            utf8_mode: 0,
            warn_default_encoding: 0,
            safe_path: false,
            int_max_str_digits: 4300,
        }
    }
}

/// What the binary knows when it starts a VM.
#[derive(Clone, Debug, Default)]
pub struct Config {
    /// `sys.argv`
    pub argv: Vec<String>,
    /// `sys.orig_argv`
    pub orig_argv: Vec<String>,
    /// `sys.executable`
    pub executable: String,
    /// `sys.flags`
    pub flags: Flags,
    /// `--stdlib`: the folder of the standard library. None: it is looked for when it is first needed.
    pub stdlib: Option<PathBuf>,
    /// Entries of `sys.path` before the standard library: folder of the script, `PYTHONPATH`.
    pub path: Vec<String>,
    /// `-X` options: name and value (None: `True`).
    pub xoptions: Vec<(String, Option<String>)>,
    /// `-W` options.
    pub warnoptions: Vec<String>,
    /// `-u`: standard streams are not buffered.
    pub unbuffered: bool,
}

/// State of the modules of one VM.
pub(crate) struct State {
    pub config: RefCell<Config>,
    pub classes: RefCell<HashMap<&'static str, &'static Class>>,
    /// Classes of named tuples by class number.
    pub structs: RefCell<HashMap<u32, &'static crate::structseq::StructSeq>>,
    /// Root numbers of objects by name.
    pub objects: RefCell<HashMap<&'static str, usize>>,
    pub stdlib: OnceCell<Option<PathBuf>>,
    /// The entry for the standard library was put into `sys.path`.
    pub stdlib_in_path: Cell<bool>,
    /// Compiled patterns of `_sre`.
    pub patterns: RefCell<crate::modules::sre::Patterns>,
    /// The class of matches.
    pub match_class: OnceCell<&'static Class>,
    /// Formats of `_struct`.
    pub struct_layouts: RefCell<crate::modules::struct_::Layouts>,
    /// What the last matching left for the next.
    pub scratch: Cell<Option<Box<crate::modules::sre::matcher::Scratch>>>,
    /// What module `gc` remembers.
    pub gc: crate::modules::gc::GcState,
    /// Who listens to the heap for `ouro.gc`.
    pub gc_recorder: RefCell<Option<std::rc::Rc<crate::modules::ouro_heap::Recorder>>>,
    /// The compiler that `ouro.jit` is about.
    pub compiler: RefCell<Option<std::rc::Rc<dyn crate::compiler::Compiler>>>,
    /// Its callbacks are being called.
    pub compiler_told: Cell<bool>,
    /// What `_abc` counts.
    pub abc_counter: Cell<i64>,
    /// Code objects by file name, length and time of change.
    pub compiled: RefCell<HashMap<(String, u64, u128), &'static ouro_py_objects::PyCode>>,
}

/// The state of `vm`, made at first use.
pub(crate) fn state(vm: &'static Vm) -> &'static State {
    let any = vm.world().module_state.get_or_init(|| {
        Box::new(State {
            config: RefCell::default(),
            classes: RefCell::default(),
            structs: RefCell::default(),
            objects: RefCell::default(),
            stdlib: OnceCell::new(),
            stdlib_in_path: Cell::new(false),
            patterns: RefCell::default(),
            match_class: OnceCell::new(),
            struct_layouts: RefCell::default(),
            scratch: Cell::default(),
            gc: Default::default(),
            gc_recorder: RefCell::default(),
            compiler: RefCell::default(),
            compiler_told: Cell::new(false),
            abc_counter: Cell::new(0),
            compiled: RefCell::default(),
        })
    });
    any.downcast_ref()
        .expect("only this crate sets the state of modules")
}

impl State {
    /// Keeps an object under a name.
    pub fn keep(&self, vm: &'static Vm, name: &'static str, object: Gc) {
        let known = self.objects.borrow().get(name).copied();
        match known {
            Some(n) => vm.world().set_root(n, object),
            None => {
                let n = vm.world().add_root(object);
                self.objects.borrow_mut().insert(name, n);
            }
        }
    }
    /// The object kept under a name.
    pub fn kept(&self, vm: &'static Vm, name: &'static str) -> Option<Gc> {
        let n = self.objects.borrow().get(name).copied()?;
        Some(vm.world().root(n))
    }
    /// A class that a module of this crate defined. Panics if the module was not initialised.
    pub fn class(&self, name: &'static str) -> &'static Class {
        self.classes
            .borrow()
            .get(name)
            .copied()
            .unwrap_or_else(|| panic!("class {name} is not defined yet"))
    }
}
