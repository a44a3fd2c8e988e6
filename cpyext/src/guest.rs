//! What the interpreter answers: the table of functions through which this crate reaches objects that are not its own.
//!
//! Every argument is a borrowed reference that is not NULL unless its text says so; every result is a new reference. A
//! result of NULL or -1 means that the thread's current exception is set.

use crate::abi::{Obj, PyTypeObject, Ssize};
use std::ffi::c_int;

/// Unary operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Neg,
    Pos,
    Abs,
    Invert,
    Int,
    Float,
    Index,
}
/// Binary operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    MatMul,
    TrueDiv,
    FloorDiv,
    Mod,
    DivMod,
    Pow,
    LShift,
    RShift,
    And,
    Or,
    Xor,
}
/// Ways to make a text of an object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Text {
    Repr,
    Str,
    Ascii,
}

/// The interpreter.
///
/// Implementations may run guest code in every function, and collect; this crate keeps no address that a collection
/// changes.
pub trait Guest {
    /// `callable(*args, **kw)`; `names` is a tuple of the names of the last arguments, or NULL.
    fn call(&self, callable: Obj, args: &[Obj], names: Obj) -> Obj;
    /// `o.name(*args)`
    fn call_method(&self, o: Obj, name: &str, args: &[Obj]) -> Obj;
    /// A name of module `builtins`.
    fn builtin(&self, name: &str) -> Obj;
    /// `import a.b.c`, the last module.
    fn import(&self, name: &str) -> Obj;
    /// `o.name`
    fn get_attr(&self, o: Obj, name: Obj) -> Obj;
    /// `o.name`, NULL without an exception if there is none.
    fn find_attr(&self, o: Obj, name: Obj) -> Obj;
    /// `o.name = value`, or `del o.name` if the value is NULL.
    fn set_attr(&self, o: Obj, name: Obj, value: Obj) -> c_int;
    /// `o[key]`
    fn get_item(&self, o: Obj, key: Obj) -> Obj;
    /// `o[key] = value`, or `del o[key]` if the value is NULL.
    fn set_item(&self, o: Obj, key: Obj, value: Obj) -> c_int;
    /// `a op b`, or `a op= b`.
    fn binary(&self, op: BinaryOp, in_place: bool, a: Obj, b: Obj) -> Obj;
    /// `op a`
    fn unary(&self, op: UnaryOp, a: Obj) -> Obj;
    /// `a op b` for `Py_LT` (0) to `Py_GE` (5).
    fn compare(&self, op: c_int, a: Obj, b: Obj) -> Obj;
    /// `bool(o)`
    fn truth(&self, o: Obj) -> c_int;
    /// `hash(o)`
    fn hash(&self, o: Obj) -> Ssize;
    /// `hash(text)` of an ASCII text.
    fn text_hash(&self, text: &[u8]) -> Ssize;
    /// `len(o)`
    fn len(&self, o: Obj) -> Ssize;
    /// `item in o`
    fn contains(&self, o: Obj, item: Obj) -> c_int;
    /// `repr(o)` and the like.
    fn text(&self, how: Text, o: Obj) -> Obj;
    /// `iter(o)`
    fn iter(&self, o: Obj) -> Obj;
    /// `next(o)`; NULL without an exception at the end.
    fn next(&self, o: Obj) -> Obj;
    /// `isinstance(o, class)`
    fn is_instance(&self, o: Obj, class: Obj) -> c_int;
    /// `issubclass(o, class)`
    fn is_subclass(&self, o: Obj, class: Obj) -> c_int;
    /// Whether one type is in the MRO of another.
    fn is_subtype(&self, a: *mut PyTypeObject, b: *mut PyTypeObject) -> bool;
    /// Whether `callable(o)`.
    fn is_callable(&self, o: Obj) -> bool;
    /// Whether the class of `o` has a special method.
    fn has_special(&self, o: Obj, name: &str) -> bool;

    /// The dict of an object's own attributes; NULL with an AttributeError if it has none.
    fn own_dict(&self, o: Obj) -> Obj;
    /// Replaces the dict of an object's own attributes.
    fn set_own_dict(&self, o: Obj, dict: Obj) -> c_int;
    /// A new dict.
    fn dict_new(&self) -> Obj;
    /// A borrowed reference that is valid as long as the dict holds the item; NULL without an exception if there is none.
    fn dict_get(&self, dict: Obj, key: Obj) -> Obj;
    /// The value of a key that is a text; NULL without an exception if there is none.
    fn dict_find(&self, dict: Obj, key: &[u8]) -> Obj;
    /// Sets an item, or deletes it if the value is NULL.
    fn dict_set(&self, dict: Obj, key: Obj, value: Obj) -> c_int;
    /// The entry at or after a position, which becomes the next one: borrowed references.
    fn dict_next(&self, dict: Obj, position: &mut Ssize) -> Option<(Obj, Obj)>;

    /// A new set, or a new frozenset that is still to be filled.
    fn set_new(&self, frozen: bool) -> Obj;
    /// Adds an item to a set, or to a frozenset that nobody but the caller has seen.
    fn set_add(&self, set: Obj, item: Obj) -> c_int;
    /// The item at or after a position, which becomes the next one, and its hash: a borrowed reference.
    fn set_next(&self, set: Obj, position: &mut Ssize) -> Option<(Obj, Ssize)>;

    /// A new module.
    fn module_new(&self, name: &str) -> Obj;
    /// A borrowed reference to the namespace of a module.
    fn module_dict(&self, module: Obj) -> Obj;

    /// Makes the class of a type that an extension filled in.
    fn type_ready(&self, ty: *mut PyTypeObject) -> c_int;
    /// Something in the type was changed behind the interpreter's back.
    fn type_modified(&self, ty: *mut PyTypeObject);

    /// A memoryview of a managed buffer, whose class the interpreter gets to know by that.
    fn memory_view(&self, managed: Obj) -> Obj;
    /// `list.sort` of an exact list or the list below an instance of a subclass; None.
    fn list_sort(&self, list: Obj) -> Obj;
    /// What the MRO of a type has under a name, unbound: a borrowed reference that is valid as long as the type holds it;
    /// NULL without an exception if there is nothing.
    fn type_lookup(&self, ty: *mut PyTypeObject, name: Obj) -> Obj;
    /// Adds an entry for a line of a code object to the traceback of the current exception.
    fn traceback_here(&self, code: Obj, line: i64);

    /// The object at this address is about to be freed: nobody has a link to it any more.
    fn freed(&self, o: Obj);
    /// Memory has grown to so many bytes that a collection may be worth it. Called inside of allocations: nothing may run.
    fn memory_grew(&self, bytes: usize);
    /// Reports the current exception, which nobody can handle, and clears it.
    fn unraisable(&self, about: Obj);
    /// Fills the pointers to exceptions and whatever else needs the interpreter's classes.
    fn boot(&self);
}
