//! What the objects of Python look like in memory: one list of types, their ids and their fields.
//!
//! Every layout is declared once in the table below. The struct of a type is never instantiated in Rust: it fixes the
//! offsets. Fields are read and written through [`crate::access`] in plain Rust and through `ouro_machine` in handlers.
//!
//! Invariants
//! - L1: ids are dense, in the order of the table, and `TypeId::nth` of the heap agrees (checked at registration).
//! - L2: `WDict`, `WSet` and `WFrozenSet` begin with the same five fields, so that one hash table serves them all.
//! - L3: a type that guest code may subclass has no room of its own for subclasses: their instances are `WInst`s whose
//!   `PAYLOAD` is an exact object of the builtin type. Exceptions and classes carry their class themselves.

use crate::builtin::{BuiltinDef, GetSetDef};
use crate::class::{Class, Map};
use crate::code::PyCode;
use crate::outside::{OutsideBytes, OutsideList};
use ouro_gc::{
    Field, FieldInfo, FieldKind, FieldValue, Gc, Header, Host, Immutable, Mutable, Object,
    TypeError, TypeInfo, TypeTable, VarObject, VarPart,
};
use ouro_machine::{Array, ArrayInfo, Quasi};

const fn round_up(bytes: usize, to: usize) -> u32 {
    bytes.div_ceil(to) as u32 * to as u32
}

macro_rules! layouts {
    ($( $(#[$meta:meta])* $name:ident = $n:literal, $guest:literal {
        $($(#[$fmeta:meta])* $f:ident: $t:ty, $k:ident;)*
    } $([$array:ident: $item:ty, immutable $imm:literal])? )*) => {
        $(
            $(#[$meta])*
            #[repr(C)]
            #[allow(non_snake_case, dead_code)]
            pub struct $name { header: Header, $($f: $t,)* }
            #[allow(clippy::declare_interior_mutable_const)]
            impl $name {
                $($(#[$fmeta])* pub const $f: Field<$name, $t, $k> =
                    Field::at(std::mem::offset_of!($name, $f) as u32, concat!(stringify!($name), ".", stringify!($f)));)*
            }
            impl Object for $name {
                const TYPE_ID: u32 = 2 * $n;
                const BYTES: u32 = round_up(size_of::<$name>(), 16);
                const FIELDS: &'static [FieldInfo] = &[$($name::$f.info),*];
                fn info() -> TypeInfo {
                    #[allow(unused_mut)]
                    let mut info = TypeInfo::from_fields($guest, Self::BYTES, <Self as Object>::FIELDS);
                    $(
                        info.size_bytes = size_of::<$name>() as u32;
                        info.var_part = Some(VarPart {
                            len_offset: <$name as VarObject>::LEN_OFFSET,
                            items_offset: <$name as VarObject>::ITEMS_OFFSET,
                            item_bytes: size_of::<$item>() as u32,
                            items_are_refs: matches!(<$item as FieldValue>::KIND, FieldKind::Ref),
                        });
                    )?
                    info.value_class = matches!(Self::TYPE_ID, WInt::TYPE_ID | WFloat::TYPE_ID);
                    if Self::TYPE_ID == WWeakRef::TYPE_ID {
                        info = info.with_weak(WWeakRef::REFERENT.info.offset);
                    }
                    info
                }
            }
            $(
                impl VarObject for $name {
                    type Item = $item;
                    const LEN_OFFSET: u32 = $name::LEN.info.offset;
                    const ITEMS_OFFSET: u32 = size_of::<$name>() as u32;
                }
                impl $name {
                    /// The items, for handlers: a constant, whose parts the code generator sees.
                    pub const ITEMS: &'static Array<$name, $item> = &Array::new(ArrayInfo {
                        type_id: 2 * $n,
                        name: stringify!($name),
                        len_offset: <$name as VarObject>::LEN_OFFSET,
                        items_offset: <$name as VarObject>::ITEMS_OFFSET,
                        item: <$item as FieldValue>::KIND,
                        immutable: $imm,
                    });
                }
                #[doc = concat!("The items of a `", stringify!($name), "`.")]
                pub const $array: Array<$name, $item> = Array::new(ArrayInfo {
                    type_id: 2 * $n,
                    name: stringify!($name),
                    len_offset: <$name as VarObject>::LEN_OFFSET,
                    items_offset: <$name as VarObject>::ITEMS_OFFSET,
                    item: <$item as FieldValue>::KIND,
                    immutable: $imm,
                });
            )?
        )*
        /// Number of layouts.
        pub const LAYOUTS: usize = [$($n),*].len();
        /// Registers every layout, in the order of the ids.
        ///
        /// # Errors
        /// If the table of layouts breaks a rule of the heap.
        pub fn register(types: &mut TypeTable) -> Result<(), TypeError> {
            $(types.register::<$name>()?;)*
            Ok(())
        }
    };
}

layouts! {
    /// An int of 64 bits. A value class: no identity.
    WInt = 1, "int" { VALUE: i64, Immutable; }
    /// A float. A value class: no identity.
    WFloat = 2, "float" { VALUE: f64, Immutable; }
    /// `True` and `False`: two immortal objects.
    WBool = 3, "bool" { VALUE: i64, Immutable; }
    /// `None`
    WNone = 4, "NoneType" {}
    /// `...`
    WEllipsis = 5, "ellipsis" {}
    /// `NotImplemented`
    WNotImplemented = 6, "NotImplementedType" {}
    /// An int that does not fit 64 bits: magnitude as 64-bit limbs, least first, the last one not 0.
    WBigInt = 7, "int" { NEGATIVE: i64, Immutable; LEN: i64, Immutable; } [BIGINT: u64, immutable true]
    /// A complex number.
    WComplex = 8, "complex" { REAL: f64, Immutable; IMAG: f64, Immutable; }
    /// A str: WTF-8. It is ASCII if and only if `CHARS == LEN`. `HASH` is 0 until computed.
    WStr = 9, "str" { HASH: i64, Mutable; CHARS: i64, Immutable; LEN: i64, Immutable; } [STR: u8, immutable true]
    /// A bytes object. `HASH` is 0 until computed.
    WBytes = 10, "bytes" { HASH: i64, Mutable; LEN: i64, Immutable; } [BYTES: u8, immutable true]
    /// A bytearray: the first `LEN` bytes of the `WByteStore` in `STORE`. `EXPORTS` counts memoryviews.
    WByteArray = 11, "bytearray" { LEN: i64, Mutable; STORE: Gc, Mutable; EXPORTS: i64, Mutable; }
    /// Raw bytes, not visible to the guest.
    WByteStore = 12, "bytestore" { LEN: i64, Immutable; } [BYTE_STORE: u8, immutable false]
    /// A tuple.
    WTuple = 13, "tuple" { LEN: i64, Immutable; } [TUPLE: Gc, immutable true]
    /// A list: the first `LEN` items of `ITEMS`, a `WRefArray`, `WIntArray` or `WFloatArray`. That class is the strategy;
    /// with a `WOutsideItems` the items are elsewhere and `LEN` is 0.
    WList = 14, "list" { LEN: i64, Mutable; ITEMS: Gc, Mutable; }
    /// An array of references, not visible to the guest.
    WRefArray = 15, "refarray" { LEN: i64, Immutable; } [REFS: Gc, immutable false]
    /// An array of unboxed ints, not visible to the guest.
    WIntArray = 16, "intarray" { LEN: i64, Immutable; } [INTS: i64, immutable false]
    /// An array of unboxed floats, not visible to the guest.
    WFloatArray = 17, "floatarray" { LEN: i64, Immutable; } [FLOATS: f64, immutable false]
    /// A dict. See [`crate::table`] for `FILL`, `INDEX` and `ENTRIES`. `KEYS` grows when a key is added or removed.
    /// `STRUCTURE` is there in namespaces of modules (`FLAGS` has `CELLS`): their values are `WGlobalCell`s.
    WDict = 18, "dict" {
        USED: i64, Mutable; FILL: i64, Mutable; INDEX: Gc, Mutable; ENTRIES: Gc, Mutable; KEYS: i64, Mutable;
        FLAGS: i64, Immutable; STRUCTURE: Host<Quasi>, Immutable;
    }
    /// A global variable. `STABLE` is changed by each write after the first; `WRITES` counts them up to
    /// [`WGlobalCell::PLAIN`].
    WGlobalCell = 19, "globalcell" { VALUE: Gc, Mutable; WRITES: i64, Mutable; STABLE: Host<Quasi>, Immutable; }
    /// A set: a table without values.
    WSet = 20, "set" {
        USED: i64, Mutable; FILL: i64, Mutable; INDEX: Gc, Mutable; ENTRIES: Gc, Mutable; KEYS: i64, Mutable;
    }
    /// A frozenset. `HASH` is 0 until computed.
    WFrozenSet = 21, "frozenset" {
        USED: i64, Mutable; FILL: i64, Mutable; INDEX: Gc, Mutable; ENTRIES: Gc, Mutable; KEYS: i64, Mutable;
        HASH: i64, Mutable;
    }
    /// An instance of a user class: slots `0..INLINE_SLOTS` inline, the others in `EXTRA` (a `WRefArray` or NULL).
    /// `PAYLOAD` is the builtin object below an instance of a subclass of int, list, ...; NULL otherwise.
    /// `DICT` is the `__dict__` object of an instance in dict mode; NULL otherwise.
    WInst = 22, "object" {
        MAP: Host<Map>, Mutable; EXTRA: Gc, Mutable; PAYLOAD: Gc, Mutable; DICT: Gc, Mutable;
        S0: Gc, Mutable; S1: Gc, Mutable; S2: Gc, Mutable; S3: Gc, Mutable; S4: Gc, Mutable;
    }
    /// A class object. `VALUES` holds the values of the class's own namespace, `SPECIALS` caches special methods.
    WClass = 23, "type" {
        CLASS: Host<Class>, Immutable; VALUES: Gc, Mutable; SPECIALS: Gc, Mutable; NAME: Gc, Mutable;
        QUALNAME: Gc, Mutable; BASES: Gc, Mutable; MRO: Gc, Mutable;
    }
    /// An exception. `ARGS` is a tuple; `TRACEBACK`, `CAUSE` and `CONTEXT` are NULL for None; `FIELDS` holds attributes
    /// that the class declares (see [`crate::exception`]); `DICT` is NULL until it is needed.
    WException = 24, "BaseException" {
        CLASS: Host<Class>, Mutable; ARGS: Gc, Mutable; TRACEBACK: Gc, Mutable; CAUSE: Gc, Mutable; CONTEXT: Gc, Mutable;
        SUPPRESS: i64, Mutable; DICT: Gc, Mutable; FIELDS: Gc, Mutable;
    }
    /// An entry of a traceback. `LINE` is 0 until it is computed from `PC`.
    WTraceback = 25, "traceback" {
        NEXT: Gc, Mutable; CODE: Host<PyCode>, Immutable; PC: i64, Immutable; LINE: i64, Mutable; FRAME: Gc, Mutable;
    }
    /// A frame object. `DEPTH` is the number of the running frame's record, -1 after the frame has ended. `REGS` are its
    /// registers when the object was made or when the frame was left; while the object is linked (`crate::watch`) those on
    /// the guest stack count. `LINE` is one more than the line of an event that is being told, else 0.
    /// `OPTIONS` are bits of `crate::frame`.
    WFrame = 26, "frame" {
        CODE: Host<PyCode>, Immutable; PC: i64, Mutable; DEPTH: i64, Mutable; REGS: Gc, Mutable; GLOBALS: Gc, Mutable;
        LOCALS: Gc, Mutable; BACK: Gc, Mutable; FUNC: Gc, Mutable; TRACE: Gc, Mutable; LINE: i64, Mutable;
        OPTIONS: i64, Mutable;
    }
    /// A Python function. `DEFAULTS` is a tuple or NULL, `KWDEFAULTS` a dict or NULL, `CLOSURE` a tuple of cells or NULL.
    WFunction = 27, "function" {
        CODE: Host<PyCode>, Mutable; GLOBALS: Gc, Immutable; DEFAULTS: Gc, Mutable; KWDEFAULTS: Gc, Mutable;
        CLOSURE: Gc, Immutable; NAME: Gc, Mutable; QUALNAME: Gc, Mutable; DOC: Gc, Mutable; MODULE: Gc, Mutable;
        ANNOTATIONS: Gc, Mutable; DICT: Gc, Mutable;
    }
    /// A variable of a closure; NULL when unbound.
    WCell = 28, "cell" { VALUE: Gc, Mutable; }
    /// A bound method.
    WMethod = 29, "method" { FUNC: Gc, Immutable; SELF: Gc, Immutable; }
    /// A builtin function, or a builtin method bound to `SELF` (NULL if it is not bound).
    WBuiltin = 30, "builtin_function_or_method" { DEF: Host<BuiltinDef>, Immutable; SELF: Gc, Immutable; MODULE: Gc, Mutable; }
    /// A method in the namespace of a builtin class.
    WMethodDescr = 31, "method_descriptor" { DEF: Host<BuiltinDef>, Immutable; CLASS: Host<Class>, Immutable; }
    /// A computed attribute in the namespace of a builtin class.
    WGetSet = 32, "getset_descriptor" { DEF: Host<GetSetDef>, Immutable; CLASS: Host<Class>, Immutable; }
    /// A slot of `__slots__`: slot `SLOT` of instances of `CLASS`.
    WMember = 33, "member_descriptor" { CLASS: Host<Class>, Immutable; NAME: Gc, Immutable; SLOT: i64, Immutable; }
    /// A property; absent functions and doc are NULL.
    WProperty = 34, "property" { GET: Gc, Mutable; SET: Gc, Mutable; DEL: Gc, Mutable; DOC: Gc, Mutable; NAME: Gc, Mutable; }
    /// A staticmethod.
    WStaticMethod = 35, "staticmethod" { FUNC: Gc, Mutable; DICT: Gc, Mutable; }
    /// A classmethod.
    WClassMethod = 36, "classmethod" { FUNC: Gc, Mutable; DICT: Gc, Mutable; }
    /// A super object: class after which the search starts, object and class that is searched (both NULL if unbound).
    WSuper = 37, "super" { CLASS: Gc, Mutable; SELF: Gc, Mutable; SELF_CLASS: Gc, Mutable; }
    /// A module.
    WModule = 38, "module" { DICT: Gc, Mutable; }
    /// A code object as the guest sees it.
    WCode = 39, "code" { CODE: Host<PyCode>, Immutable; }
    /// A slice.
    WSlice = 40, "slice" { START: Gc, Immutable; STOP: Gc, Immutable; STEP: Gc, Immutable; }
    /// A range whose numbers and length fit 64 bits.
    WRange = 41, "range" { START: i64, Immutable; STOP: i64, Immutable; STEP: i64, Immutable; LEN: i64, Immutable; }
    /// Any other range.
    WBigRange = 42, "range" { START: Gc, Immutable; STOP: Gc, Immutable; STEP: Gc, Immutable; LEN: Gc, Immutable; }
    /// Iterator of a list. `SEQ` is NULL when exhausted.
    WListIter = 43, "list_iterator" { SEQ: Gc, Mutable; INDEX: i64, Mutable; }
    /// Reverse iterator of a list; `INDEX` is the next item's number.
    WListRevIter = 44, "list_reverseiterator" { SEQ: Gc, Mutable; INDEX: i64, Mutable; }
    /// Iterator of a tuple.
    WTupleIter = 45, "tuple_iterator" { SEQ: Gc, Mutable; INDEX: i64, Mutable; }
    /// Iterator of a str; `INDEX` is in bytes.
    WStrIter = 46, "str_iterator" { SEQ: Gc, Mutable; INDEX: i64, Mutable; }
    /// Iterator of a bytes object.
    WBytesIter = 47, "bytes_iterator" { SEQ: Gc, Mutable; INDEX: i64, Mutable; }
    /// Iterator of a bytearray.
    WByteArrayIter = 48, "bytearray_iterator" { SEQ: Gc, Mutable; INDEX: i64, Mutable; }
    /// Iterator of a range: next value, step, number of values left.
    WRangeIter = 49, "range_iterator" { NEXT: i64, Mutable; STEP: i64, Immutable; LEFT: i64, Mutable; }
    /// Iterator of a big range: next value, step, number of values left, all ints.
    WBigRangeIter = 50, "longrange_iterator" { NEXT: Gc, Mutable; STEP: Gc, Immutable; LEFT: Gc, Mutable; }
    /// Iterator over a dict. `KIND`: 0 keys, 1 values, 2 items, plus 4 if reversed. `POS` is the next entry's number.
    /// `USED` is the expected size. `DICT` is NULL when exhausted.
    WDictIter = 51, "dict_keyiterator" { DICT: Gc, Mutable; POS: i64, Mutable; USED: i64, Mutable; KIND: i64, Immutable; }
    /// View of a dict. `KIND`: 0 keys, 1 values, 2 items.
    WDictView = 52, "dict_keys" { DICT: Gc, Immutable; KIND: i64, Immutable; }
    /// Iterator of a set.
    WSetIter = 53, "set_iterator" { SET: Gc, Mutable; POS: i64, Mutable; USED: i64, Mutable; }
    /// Iterator by `__getitem__`.
    WSeqIter = 54, "iterator" { SEQ: Gc, Mutable; INDEX: i64, Mutable; }
    /// `iter(callable, sentinel)`
    WCallableIter = 55, "callable_iterator" { FUNC: Gc, Mutable; SENTINEL: Gc, Mutable; }
    /// `enumerate`; `BIG` is the next number if it does not fit into `INDEX`, otherwise NULL.
    WEnumerate = 56, "enumerate" { ITER: Gc, Mutable; INDEX: i64, Mutable; BIG: Gc, Mutable; }
    /// `zip`; `ITERS` is a tuple.
    WZip = 57, "zip" { ITERS: Gc, Mutable; STRICT: i64, Mutable; }
    /// `map`; `ITERS` is a tuple.
    WMap = 58, "map" { FUNC: Gc, Mutable; ITERS: Gc, Mutable; }
    /// `filter`
    WFilter = 59, "filter" { FUNC: Gc, Mutable; ITER: Gc, Mutable; }
    /// `reversed` of a sequence; `INDEX` is the next item's number.
    WReversed = 60, "reversed" { SEQ: Gc, Mutable; INDEX: i64, Mutable; }
    /// A generator, coroutine or asynchronous generator (`KIND`, see [`crate::generator`]).
    ///
    /// `REGS` holds the frame's registers while it is suspended; `PC` is the instruction that suspended it; `STATE` see
    /// [`crate::generator`]; `HANDLED` is the exception that its frame was handling, or NULL.
    WGenerator = 61, "generator" {
        CODE: Host<PyCode>, Immutable; FUNC: Gc, Immutable; KIND: i64, Immutable; REGS: Gc, Mutable; PC: i64, Mutable;
        STATE: i64, Mutable; HANDLED: Gc, Mutable; NAME: Gc, Mutable; QUALNAME: Gc, Mutable; FRAME: Gc, Mutable;
        EXTRA: Gc, Mutable;
    }
    /// What `__await__` of a coroutine gives (`KIND` 0), or an awaitable of an asynchronous generator: `asend` (1),
    /// `athrow` (2), `aclose` (3). `STATE`: 0 new, 1 running, 2 closed.
    WAwaitable = 62, "coroutine_wrapper" { GEN: Gc, Immutable; KIND: i64, Immutable; STATE: i64, Mutable; ARG: Gc, Mutable; }
    /// A value that an asynchronous generator yields, on its way to `__anext__`.
    WAsyncValue = 63, "async_generator_wrapped_value" { VALUE: Gc, Immutable; }
    /// A read-only view of a mapping.
    WMappingProxy = 64, "mappingproxy" { MAPPING: Gc, Immutable; }
    /// A view of bytes: `ITEMSIZE` bytes an item, `LEN` items from byte `START`, `STRIDE` bytes apart. `OBJ` is the exporter,
    /// `HOLDER` what has its memory if it is no bytes or bytearray, `DIMS` see [`crate::memoryview`].
    WMemoryView = 65, "memoryview" {
        OBJ: Gc, Mutable; START: i64, Immutable; LEN: i64, Immutable; STRIDE: i64, Immutable; ITEMSIZE: i64, Immutable;
        FORMAT: Gc, Immutable; READONLY: i64, Immutable; HOLDER: Gc, Mutable; DIMS: Gc, Immutable;
    }
    /// A weak reference. `REFERENT` is registered with the heap; `HASH` is -1 until computed.
    WWeakRef = 66, "weakref" { REFERENT: Gc, Mutable; CALLBACK: Gc, Mutable; HASH: i64, Mutable; HAS_HASH: i64, Mutable; }
    /// `list[int]`
    WGenericAlias = 67, "types.GenericAlias" { ORIGIN: Gc, Immutable; ARGS: Gc, Immutable; PARAMS: Gc, Mutable; UNPACKED: i64, Immutable; }
    /// `int | str`
    WUnionType = 68, "types.UnionType" { ARGS: Gc, Immutable; PARAMS: Gc, Mutable; }
    /// The state of the thread: the exception being handled, or None.
    WThread = 69, "threadstate" { HANDLED: Gc, Mutable; }
    /// An object of a class that a module written in Rust defines. What the fields mean is the module's affair.
    WNative = 70, "native" {
        CLASS: Host<Class>, Immutable; R0: Gc, Mutable; R1: Gc, Mutable; R2: Gc, Mutable; R3: Gc, Mutable; R4: Gc, Mutable;
        DICT: Gc, Mutable; I0: i64, Mutable; I1: i64, Mutable; I2: i64, Mutable; I3: i64, Mutable;
    }
    /// Items of a list that lie outside the heap, see [`crate::outside`]. Not visible to the guest.
    WOutsideItems = 71, "outsideitems" { RAW: i64, Immutable; TABLE: Host<OutsideList>, Immutable; }
    /// Bytes of a bytearray that lie outside the heap. Not visible to the guest.
    WOutsideBytes = 72, "outsidebytes" { RAW: i64, Immutable; TABLE: Host<OutsideBytes>, Immutable; }
    /// An object that stands for a structure outside the heap, whose address `RAW` is; of a class with `class_flags::RAW`.
    WForeign = 73, "foreign" { CLASS: Host<Class>, Immutable; RAW: i64, Immutable; DICT: Gc, Mutable; }
    /// A str that is being built, see [`crate::growing`]: the first `LEN` bytes of the `WByteStore` in `STORE`, `CHARS`
    /// characters; `PIECES` were added since it was made. Only in registers of locals; not visible to the guest.
    WGrowing = 74, "growing" { LEN: i64, Mutable; CHARS: i64, Mutable; PIECES: i64, Mutable; STORE: Gc, Mutable; }
}

/// Slots of an instance that lie in the object itself.
pub const INLINE_SLOTS: u32 = 5;

impl WInst {
    /// The field of inline slot `n < INLINE_SLOTS`.
    #[inline(always)]
    pub const fn slot(n: u32) -> Field<WInst, Gc, Mutable> {
        const NAMES: [&str; INLINE_SLOTS as usize] =
            ["WInst.S0", "WInst.S1", "WInst.S2", "WInst.S3", "WInst.S4"];
        Field::at(WInst::S0.info.offset + 8 * n, NAMES[n as usize])
    }
}

impl WDict {
    /// Of a dict without cells: the structure outside the heap that is told of changes, 0 for none. It has the word of
    /// `STRUCTURE`, which such a dict does not use.
    pub const TWIN: Field<WDict, i64, Mutable> =
        Field::at(WDict::STRUCTURE.info.offset, "WDict.TWIN");
}
impl WGlobalCell {
    /// `WRITES` of a cell that is a plain field: whoever writes it need tell nobody. Below, the value is taken for a
    /// constant; above, the namespace has to be told (see [`crate::dict::watch`]).
    pub const PLAIN: i64 = 2;
    /// `WRITES` of a cell that was written more than once and whose namespace has to be told.
    pub const WATCHED: i64 = 3;
}

/// Bits of `WDict::FLAGS`.
pub mod dict_flags {
    /// The namespace of a module: values are `WGlobalCell`s, `STRUCTURE` is set.
    pub const CELLS: i64 = 1;
}
