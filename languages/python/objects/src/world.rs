//! The global state of Python: builtin classes, singletons, names, namespaces, hooks.
//!
//! Start at [`boot`]: it makes a VM with everything in place. The table [`for_each_class!`] is the list of builtin classes.

use crate::access::Access;
use crate::class::{Class, Name};
use crate::code::PyCode;
use crate::layout::*;
use crate::special::{Names, SPECIAL_COUNT};
use crate::{PyResult, Vm};
use ahash::RandomState;
use ouro_gc::{Gc, RootProvider, RootVisitor};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// Calls `$callback! { field "name" (base) [layouts] flags; ... }` with all builtin classes; a base comes before its
/// subclasses. Flags are names of [`crate::class::class_flags`].
#[macro_export]
macro_rules! for_each_class {
    ($callback:ident) => { $callback! {
        object "object" (object) [WInst WNative WForeign] BASE;
        type_ "type" (object) [WClass] BASE METACLASS;
        int "int" (object) [WInt WBigInt] BASE MATCH_SELF;
        bool_ "bool" (int) [WBool] MATCH_SELF;
        float "float" (object) [WFloat] BASE MATCH_SELF;
        complex "complex" (object) [WComplex] BASE;
        none_type "NoneType" (object) [WNone];
        ellipsis_type "ellipsis" (object) [WEllipsis];
        not_implemented_type "NotImplementedType" (object) [WNotImplemented];
        str_ "str" (object) [WStr] BASE MATCH_SELF;
        bytes "bytes" (object) [WBytes] BASE MATCH_SELF;
        bytearray "bytearray" (object) [WByteArray] BASE MATCH_SELF;
        tuple "tuple" (object) [WTuple] BASE SEQUENCE MATCH_SELF;
        list "list" (object) [WList WRefArray WIntArray WFloatArray WByteStore WOutsideItems WOutsideBytes WGrowing] BASE SEQUENCE MATCH_SELF;
        dict "dict" (object) [WDict] BASE MAPPING MATCH_SELF;
        set "set" (object) [WSet] BASE MATCH_SELF HAS_WEAKREF;
        frozenset "frozenset" (object) [WFrozenSet] BASE MATCH_SELF HAS_WEAKREF;
        function "function" (object) [WFunction] HAS_WEAKREF;
        cell "cell" (object) [WCell WGlobalCell WThread];
        method "method" (object) [WMethod] HAS_WEAKREF;
        builtin_function "builtin_function_or_method" (object) [WBuiltin] NO_NEW HAS_WEAKREF;
        method_wrapper "method-wrapper" (object) [] NO_NEW;
        method_descriptor "method_descriptor" (object) [WMethodDescr] NO_NEW;
        wrapper_descriptor "wrapper_descriptor" (object) [] NO_NEW;
        classmethod_descriptor "classmethod_descriptor" (object) [] NO_NEW;
        getset_descriptor "getset_descriptor" (object) [WGetSet] NO_NEW;
        member_descriptor "member_descriptor" (object) [WMember] NO_NEW;
        property "property" (object) [WProperty] BASE;
        staticmethod "staticmethod" (object) [WStaticMethod] BASE;
        classmethod "classmethod" (object) [WClassMethod] BASE;
        super_ "super" (object) [WSuper] BASE;
        module "module" (object) [WModule] BASE HAS_DICT HAS_WEAKREF;
        code "code" (object) [WCode] HAS_WEAKREF;
        frame "frame" (object) [WFrame] NO_NEW;
        traceback "traceback" (object) [WTraceback];
        slice "slice" (object) [WSlice];
        range "range" (object) [WRange WBigRange] SEQUENCE;
        list_iterator "list_iterator" (object) [WListIter] NO_NEW;
        list_reverseiterator "list_reverseiterator" (object) [WListRevIter] NO_NEW;
        tuple_iterator "tuple_iterator" (object) [WTupleIter] NO_NEW;
        str_iterator "str_iterator" (object) [WStrIter] NO_NEW;
        bytes_iterator "bytes_iterator" (object) [WBytesIter] NO_NEW;
        bytearray_iterator "bytearray_iterator" (object) [WByteArrayIter] NO_NEW;
        range_iterator "range_iterator" (object) [WRangeIter] NO_NEW;
        longrange_iterator "longrange_iterator" (object) [WBigRangeIter] NO_NEW;
        dict_keyiterator "dict_keyiterator" (object) [WDictIter] NO_NEW;
        dict_valueiterator "dict_valueiterator" (object) [] NO_NEW;
        dict_itemiterator "dict_itemiterator" (object) [] NO_NEW;
        dict_reversekeyiterator "dict_reversekeyiterator" (object) [] NO_NEW;
        dict_reversevalueiterator "dict_reversevalueiterator" (object) [] NO_NEW;
        dict_reverseitemiterator "dict_reverseitemiterator" (object) [] NO_NEW;
        dict_keys "dict_keys" (object) [WDictView] NO_NEW;
        dict_values "dict_values" (object) [] NO_NEW;
        dict_items "dict_items" (object) [] NO_NEW;
        set_iterator "set_iterator" (object) [WSetIter] NO_NEW;
        seq_iterator "iterator" (object) [WSeqIter] NO_NEW;
        callable_iterator "callable_iterator" (object) [WCallableIter] NO_NEW;
        enumerate "enumerate" (object) [WEnumerate] BASE;
        zip "zip" (object) [WZip] BASE;
        map "map" (object) [WMap] BASE;
        filter "filter" (object) [WFilter] BASE;
        reversed "reversed" (object) [WReversed] BASE;
        generator "generator" (object) [WGenerator] NO_NEW HAS_WEAKREF;
        coroutine "coroutine" (object) [] NO_NEW HAS_WEAKREF;
        async_generator "async_generator" (object) [] NO_NEW HAS_WEAKREF;
        coroutine_wrapper "coroutine_wrapper" (object) [WAwaitable] NO_NEW;
        async_generator_asend "async_generator_asend" (object) [] NO_NEW;
        async_generator_athrow "async_generator_athrow" (object) [] NO_NEW;
        async_generator_wrapped_value "async_generator_wrapped_value" (object) [WAsyncValue] NO_NEW;
        mappingproxy "mappingproxy" (object) [WMappingProxy] MAPPING;
        memoryview "memoryview" (object) [WMemoryView] SEQUENCE;
        weakref "weakref.ReferenceType" (object) [WWeakRef] BASE;
        generic_alias "types.GenericAlias" (object) [WGenericAlias] BASE HAS_WEAKREF;
        union_type "types.UnionType" (object) [WUnionType] NO_NEW;
        base_exception "BaseException" (object) [WException] BASE HAS_DICT EXCEPTION;
        exception "Exception" (base_exception) [] BASE HAS_DICT EXCEPTION;
        system_exit "SystemExit" (base_exception) [] BASE HAS_DICT EXCEPTION;
        keyboard_interrupt "KeyboardInterrupt" (base_exception) [] BASE HAS_DICT EXCEPTION;
        generator_exit "GeneratorExit" (base_exception) [] BASE HAS_DICT EXCEPTION;
        base_exception_group "BaseExceptionGroup" (base_exception) [] BASE HAS_DICT EXCEPTION;
        exception_group "ExceptionGroup" (base_exception_group) [] BASE HAS_DICT EXCEPTION;
        stop_iteration "StopIteration" (exception) [] BASE HAS_DICT EXCEPTION;
        stop_async_iteration "StopAsyncIteration" (exception) [] BASE HAS_DICT EXCEPTION;
        arithmetic_error "ArithmeticError" (exception) [] BASE HAS_DICT EXCEPTION;
        floating_point_error "FloatingPointError" (arithmetic_error) [] BASE HAS_DICT EXCEPTION;
        overflow_error "OverflowError" (arithmetic_error) [] BASE HAS_DICT EXCEPTION;
        zero_division_error "ZeroDivisionError" (arithmetic_error) [] BASE HAS_DICT EXCEPTION;
        assertion_error "AssertionError" (exception) [] BASE HAS_DICT EXCEPTION;
        attribute_error "AttributeError" (exception) [] BASE HAS_DICT EXCEPTION;
        buffer_error "BufferError" (exception) [] BASE HAS_DICT EXCEPTION;
        eof_error "EOFError" (exception) [] BASE HAS_DICT EXCEPTION;
        import_error "ImportError" (exception) [] BASE HAS_DICT EXCEPTION;
        module_not_found_error "ModuleNotFoundError" (import_error) [] BASE HAS_DICT EXCEPTION;
        lookup_error "LookupError" (exception) [] BASE HAS_DICT EXCEPTION;
        index_error "IndexError" (lookup_error) [] BASE HAS_DICT EXCEPTION;
        key_error "KeyError" (lookup_error) [] BASE HAS_DICT EXCEPTION;
        memory_error "MemoryError" (exception) [] BASE HAS_DICT EXCEPTION;
        name_error "NameError" (exception) [] BASE HAS_DICT EXCEPTION;
        unbound_local_error "UnboundLocalError" (name_error) [] BASE HAS_DICT EXCEPTION;
        os_error "OSError" (exception) [] BASE HAS_DICT EXCEPTION;
        blocking_io_error "BlockingIOError" (os_error) [] BASE HAS_DICT EXCEPTION;
        child_process_error "ChildProcessError" (os_error) [] BASE HAS_DICT EXCEPTION;
        connection_error "ConnectionError" (os_error) [] BASE HAS_DICT EXCEPTION;
        broken_pipe_error "BrokenPipeError" (connection_error) [] BASE HAS_DICT EXCEPTION;
        connection_aborted_error "ConnectionAbortedError" (connection_error) [] BASE HAS_DICT EXCEPTION;
        connection_refused_error "ConnectionRefusedError" (connection_error) [] BASE HAS_DICT EXCEPTION;
        connection_reset_error "ConnectionResetError" (connection_error) [] BASE HAS_DICT EXCEPTION;
        file_exists_error "FileExistsError" (os_error) [] BASE HAS_DICT EXCEPTION;
        file_not_found_error "FileNotFoundError" (os_error) [] BASE HAS_DICT EXCEPTION;
        interrupted_error "InterruptedError" (os_error) [] BASE HAS_DICT EXCEPTION;
        is_a_directory_error "IsADirectoryError" (os_error) [] BASE HAS_DICT EXCEPTION;
        not_a_directory_error "NotADirectoryError" (os_error) [] BASE HAS_DICT EXCEPTION;
        permission_error "PermissionError" (os_error) [] BASE HAS_DICT EXCEPTION;
        process_lookup_error "ProcessLookupError" (os_error) [] BASE HAS_DICT EXCEPTION;
        timeout_error "TimeoutError" (os_error) [] BASE HAS_DICT EXCEPTION;
        reference_error "ReferenceError" (exception) [] BASE HAS_DICT EXCEPTION;
        runtime_error "RuntimeError" (exception) [] BASE HAS_DICT EXCEPTION;
        not_implemented_error "NotImplementedError" (runtime_error) [] BASE HAS_DICT EXCEPTION;
        recursion_error "RecursionError" (runtime_error) [] BASE HAS_DICT EXCEPTION;
        syntax_error "SyntaxError" (exception) [] BASE HAS_DICT EXCEPTION;
        indentation_error "IndentationError" (syntax_error) [] BASE HAS_DICT EXCEPTION;
        tab_error "TabError" (indentation_error) [] BASE HAS_DICT EXCEPTION;
        system_error "SystemError" (exception) [] BASE HAS_DICT EXCEPTION;
        type_error "TypeError" (exception) [] BASE HAS_DICT EXCEPTION;
        value_error "ValueError" (exception) [] BASE HAS_DICT EXCEPTION;
        unicode_error "UnicodeError" (value_error) [] BASE HAS_DICT EXCEPTION;
        unicode_decode_error "UnicodeDecodeError" (unicode_error) [] BASE HAS_DICT EXCEPTION;
        unicode_encode_error "UnicodeEncodeError" (unicode_error) [] BASE HAS_DICT EXCEPTION;
        unicode_translate_error "UnicodeTranslateError" (unicode_error) [] BASE HAS_DICT EXCEPTION;
        warning "Warning" (exception) [] BASE HAS_DICT EXCEPTION;
        bytes_warning "BytesWarning" (warning) [] BASE HAS_DICT EXCEPTION;
        deprecation_warning "DeprecationWarning" (warning) [] BASE HAS_DICT EXCEPTION;
        encoding_warning "EncodingWarning" (warning) [] BASE HAS_DICT EXCEPTION;
        future_warning "FutureWarning" (warning) [] BASE HAS_DICT EXCEPTION;
        import_warning "ImportWarning" (warning) [] BASE HAS_DICT EXCEPTION;
        pending_deprecation_warning "PendingDeprecationWarning" (warning) [] BASE HAS_DICT EXCEPTION;
        resource_warning "ResourceWarning" (warning) [] BASE HAS_DICT EXCEPTION;
        runtime_warning "RuntimeWarning" (warning) [] BASE HAS_DICT EXCEPTION;
        syntax_warning "SyntaxWarning" (warning) [] BASE HAS_DICT EXCEPTION;
        unicode_warning "UnicodeWarning" (warning) [] BASE HAS_DICT EXCEPTION;
        user_warning "UserWarning" (warning) [] BASE HAS_DICT EXCEPTION;
    } };
}

/// A row of the table of builtin classes.
pub(crate) struct ClassRow {
    pub name: &'static str,
    pub base: &'static str,
    pub field: &'static str,
    pub layouts: &'static [u32],
    pub flags: u32,
}

macro_rules! define {
    ($($field:ident $name:literal ($base:ident) [$($layout:ident)*] $($flag:ident)*;)*) => {
        /// The builtin classes.
        #[allow(missing_docs)]
        pub struct Classes { $(pub $field: &'static Class),* }
        pub(crate) static CLASS_ROWS: &[ClassRow] = &[$(ClassRow {
            name: $name, base: stringify!($base), field: stringify!($field),
            layouts: &[$(<$layout as ouro_gc::Object>::TYPE_ID),*],
            flags: 0 $(| crate::class::class_flags::$flag)*,
        }),*];
        impl Classes {
            pub(crate) fn new(mut make: impl FnMut() -> &'static Class) -> Classes {
                Classes { $($field: make()),* }
            }
        }
    };
}
for_each_class!(define);

/// How source is compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// A module.
    Exec,
    /// An expression.
    Eval,
    /// An interactive statement.
    Single,
}

/// What crates above plug in.
#[derive(Default)]
pub struct Callouts {
    /// Compiles UTF-8 source. `flags` are `CO_FUTURE_*` bits.
    pub compile: Cell<Option<fn(&'static Vm, &[u8], &str, Mode, u32) -> PyResult<&'static PyCode>>>,
    /// `__import__(name, globals, locals, fromlist, level)`; absent arguments are None.
    pub import: Cell<Option<fn(&'static Vm, Gc, Gc, Gc, Gc, i64) -> PyResult>>,
    /// Work at safepoints: signals.
    pub attention: Cell<Option<fn(&'static Vm) -> PyResult<()>>>,
    /// Told at a safepoint after collections.
    pub collected: Cell<Option<fn(&'static Vm)>>,
    /// Told at each safepoint that has something to do: hands on what the compiler tells.
    pub compiler: Cell<Option<fn(&'static Vm)>>,
    /// Calls `sys.unraisablehook` for an exception, what to say of it (None for the usual text) and the object it is
    /// about.
    pub unraisable: Cell<Option<fn(&'static Vm, Gc, Option<&str>, Gc) -> PyResult<()>>>,
    /// Reports a coroutine that was never awaited.
    pub never_awaited: Cell<Option<fn(&'static Vm, Gc) -> PyResult<()>>>,
    /// An asynchronous generator is iterated for the first time: calls the hook for that, and gives the one for its end,
    /// or None.
    pub async_generator_begins: Cell<Option<fn(&'static Vm, Gc) -> PyResult>>,
    /// `input(prompt)` when standard input is a terminal.
    pub input: Cell<Option<fn(&'static Vm, Gc) -> PyResult>>,
    /// Loads an extension module: its name, its file and its spec. None: there are no extension modules.
    pub extension: Cell<Option<fn(&'static Vm, &str, &str, Gc) -> PyResult>>,
    /// Drops raw structures whose objects died, see `ouro_gc::Heap::next_pending`.
    pub pending_raw: Cell<Option<fn(&'static Vm)>>,
    /// A class with `class_flags::HAS_TYPE` changed.
    pub class_changed: Cell<Option<fn(&'static Vm, &'static Class)>>,
    /// Told of each change of a dict or set, and of the hash of a str or bytes object, that is paired with a structure
    /// outside the heap: the object and the address of the structure.
    pub contents_changed: Cell<Option<fn(&'static Vm, Gc, i64)>>,
    /// The memory of objects of modules written in Rust: their bytes lie in a bytearray, which is the holder.
    pub native_memory: Cell<Option<fn(&'static Vm, Gc) -> Option<crate::memoryview::Export>>>,
    /// The memory of objects of other classes, for memoryview and bytes-like arguments.
    pub exporters: Cell<Option<&'static crate::memoryview::Exporters>>,
}

/// The global state.
pub struct World {
    /// Builtin classes by name.
    pub classes: Classes,
    /// All classes ever made, by [`Class::id`].
    pub all_classes: RefCell<Vec<&'static Class>>,
    by_layout: Vec<&'static Class>,
    /// Interned names of special methods, by number.
    pub special_names: [Name; SPECIAL_COUNT],
    /// Further interned names.
    pub names: Names,
    pub(crate) interned: RefCell<HashMap<Box<[u8]>, Name, RandomState>>,
    /// `None`
    pub none: Gc,
    /// `True`
    pub true_: Gc,
    /// `False`
    pub false_: Gc,
    /// `...`
    pub ellipsis: Gc,
    /// `NotImplemented`
    pub not_implemented: Gc,
    /// `()`
    pub empty_tuple: Gc,
    /// `''`
    pub empty_str: Gc,
    /// `b''`
    pub empty_bytes: Gc,
    /// The array of every empty list.
    pub empty_refs: Gc,
    /// Strings of one ASCII or Latin-1 character.
    pub latin1: Vec<Gc>,
    /// The same as a tuple, for traces.
    pub characters: Gc,
    /// Bytes: the kinds of each ASCII character ([`crate::str::kinds::bits`]), for traces.
    pub char_kinds: Gc,
    /// The thread state (`WThread`).
    pub thread: Gc,
    /// The namespace of module `builtins` (with cells).
    pub builtins: Cell<Gc>,
    /// `sys.modules`
    pub modules: Cell<Gc>,
    /// The namespace of module `sys`, once there is one.
    pub sys: Cell<Gc>,
    /// What crates above plug in.
    pub callouts: Callouts,
    /// Further roots: modules written in Rust keep their state here, see [`World::add_root`].
    pub(crate) roots: RefCell<Vec<Cell<Gc>>>,
    /// Identities of the containers whose `repr` is running, innermost last.
    pub(crate) repr_stack: RefCell<Vec<u64>>,
    /// Structures of module namespaces that have answers from `builtins`.
    pub(crate) builtin_users: RefCell<Vec<&'static ouro_machine::Quasi>>,
    /// Nesting of runtime functions that recurse natively.
    pub(crate) native_depth: Cell<u32>,
    /// Trace and profile functions.
    pub watch: crate::watch::Watch,
    /// `sys.getrecursionlimit()`
    pub recursion_limit: Cell<usize>,
    /// `sys.set_int_max_str_digits`
    pub int_max_str_digits: Cell<usize>,
    /// State of the modules written in Rust that is not an object. Nobody else looks inside.
    pub module_state: std::cell::OnceCell<Box<dyn std::any::Any>>,
    pub(crate) temps: crate::temps::Registry,
    /// Key of the hash of str and bytes.
    pub hash_key: Cell<(u64, u64)>,
    pub(crate) str_indices: crate::str::index::Indices,
    /// Identity numbers given out so far.
    pub(crate) codes: RefCell<Vec<&'static PyCode>>,
    /// Builtins that have a form in Python.
    pub(crate) consumers: crate::consumers::Sources,
}

impl World {
    /// The class of objects with this type id, for layouts that do not know their class themselves.
    #[inline(always)]
    pub fn class_of_type_id(&self, type_id: u32) -> &'static Class {
        self.by_layout[type_id as usize / 2]
    }
    /// A number under which [`World::root`] finds the object again.
    pub fn add_root(&self, object: Gc) -> usize {
        let mut roots = self.roots.borrow_mut();
        roots.push(Cell::new(object));
        roots.len() - 1
    }
    /// The object that [`World::add_root`] or [`World::set_root`] stored.
    pub fn root(&self, number: usize) -> Gc {
        self.roots.borrow()[number].get()
    }
    /// Replaces a root.
    pub fn set_root(&self, number: usize, object: Gc) {
        self.roots.borrow()[number].set(object);
    }
    /// `True` or `False`.
    #[inline(always)]
    pub fn bool(&self, v: bool) -> Gc {
        if v { self.true_ } else { self.false_ }
    }
    pub(crate) fn new(vm: &'static Vm) -> World {
        let mut all = Vec::new();
        let classes = Classes::new(|| {
            let class = Class::leak(vm, all.len() as u32);
            all.push(class);
            class
        });
        let mut by_layout = vec![classes.object; LAYOUTS + 1];
        for (row, class) in CLASS_ROWS.iter().zip(&all) {
            row.layouts
                .iter()
                .for_each(|&id| by_layout[id as usize / 2] = class);
        }
        let interned = RefCell::new(HashMap::default());
        let intern = |text: &str| crate::str::intern_in(vm, &interned, text.as_bytes());
        let special_names = crate::special::SPECIALS
            .iter()
            .map(|s| intern(s.text()))
            .collect::<Vec<_>>();
        let names = Names::new(intern);
        let bool_object = |v: i64| crate::immortal::fixed::<WBool>(vm).init(WBool::VALUE, v);
        let latin1 = (0..256u32).map(|c| {
            let c = char::from_u32(c).expect("Latin-1 characters are characters");
            crate::str::intern_in(vm, &interned, c.encode_utf8(&mut [0; 4]).as_bytes())
        });
        let latin1: Vec<Gc> = latin1.collect();
        let characters = crate::immortal::variable::<WTuple>(vm, latin1.len());
        for (i, &c) in latin1.iter().enumerate() {
            characters.init_item(&TUPLE, i, c);
        }
        let char_kinds = crate::immortal::variable::<WBytes>(vm, 128);
        for (c, kinds) in (0..128).zip(char_kinds.items_mut(&BYTES)) {
            *kinds = crate::str::kinds::bits(c);
        }
        World {
            all_classes: RefCell::new(all),
            by_layout,
            special_names: special_names
                .try_into()
                .expect("one name per special method"),
            names,
            none: crate::immortal::fixed::<WNone>(vm),
            true_: bool_object(1),
            false_: bool_object(0),
            ellipsis: crate::immortal::fixed::<WEllipsis>(vm),
            not_implemented: crate::immortal::fixed::<WNotImplemented>(vm),
            empty_tuple: crate::immortal::variable::<WTuple>(vm, 0),
            empty_str: crate::str::intern_in(vm, &interned, b""),
            empty_bytes: crate::immortal::variable::<WBytes>(vm, 0),
            empty_refs: crate::immortal::variable::<WRefArray>(vm, 0),
            latin1,
            characters,
            char_kinds,
            thread: crate::immortal::fixed::<WThread>(vm),
            builtins: Cell::new(Gc::NULL),
            modules: Cell::new(Gc::NULL),
            sys: Cell::new(Gc::NULL),
            callouts: Callouts::default(),
            roots: RefCell::default(),
            consumers: crate::consumers::Sources::default(),
            repr_stack: RefCell::default(),
            builtin_users: RefCell::default(),
            native_depth: Cell::new(0),
            watch: Default::default(),
            recursion_limit: Cell::new(1000),
            int_max_str_digits: Cell::new(4300),
            module_state: std::cell::OnceCell::new(),
            temps: Default::default(),
            hash_key: Cell::new((0, 0)),
            str_indices: Default::default(),
            codes: RefCell::default(),
            classes,
            interned,
        }
    }
}

/// The exact class of an object: `type(obj)`, never `__class__`.
#[inline]
pub fn type_of(vm: &Vm, object: Gc) -> &'static Class {
    match object.type_id().0 {
        <WInst as ouro_gc::Object>::TYPE_ID => object.get(WInst::MAP).expect().class,
        <WException as ouro_gc::Object>::TYPE_ID => object.get(WException::CLASS).expect(),
        <WClass as ouro_gc::Object>::TYPE_ID => object.get(WClass::CLASS).expect().meta(),
        <WNative as ouro_gc::Object>::TYPE_ID => object.get(WNative::CLASS).expect(),
        <WForeign as ouro_gc::Object>::TYPE_ID => object.get(WForeign::CLASS).expect(),
        id => crate::make_class::class_by_state(vm, id, object),
    }
}

/// What the world keeps alive.
pub(crate) struct WorldRoots(pub &'static Vm);

impl RootProvider for WorldRoots {
    fn visit(&self, visitor: &mut dyn RootVisitor) {
        if !self.0.has_world() || !visitor.wants_slots() {
            return;
        }
        let world = self.0.world();
        world
            .all_classes
            .borrow()
            .iter()
            .for_each(|c| visitor.slot(&c.object));
        for cell in [&world.builtins, &world.modules, &world.sys] {
            visitor.slot(cell);
        }
        visitor.slots(&world.roots.borrow());
        world
            .codes
            .borrow()
            .iter()
            .for_each(|c| visitor.slot(&c.info.object));
        world.watch.visit(visitor);
        world.temps.visit(visitor);
    }
}
