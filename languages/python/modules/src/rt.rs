//! The runtime calls that modules use, under short names: objects in and out of Rust, calls, containers.

use ouro_gc::Gc;
use ouro_py_objects as o;
use ouro_py_objects::layout::*;
use ouro_py_objects::{
    Access, BinOp, Class, CmpOp, Errors, Kw, Name, PyResult, Temps, Vm, type_of,
};

pub use ouro_py_objects::int::Int;

// ---- objects from Rust values
/// An int.
pub fn int(vm: &'static Vm, v: i64) -> Gc {
    o::int::new(vm, v)
}
/// A float.
pub fn float(vm: &'static Vm, v: f64) -> Gc {
    o::float::new(vm, v)
}
/// A str.
pub fn string(vm: &'static Vm, v: &str) -> Gc {
    o::str::new(vm, v)
}
/// A bytes object.
pub fn bytes(vm: &'static Vm, v: &[u8]) -> Gc {
    o::bytes::new(vm, v)
}
/// A bool.
pub fn boolean(vm: &'static Vm, v: bool) -> Gc {
    vm.world().bool(v)
}
/// `None`.
pub fn none(vm: &'static Vm) -> Gc {
    vm.world().none
}
/// A tuple.
pub fn tuple(vm: &'static Vm, items: &[Gc]) -> Gc {
    o::tuple::new(vm, items)
}
/// A list.
pub fn list(vm: &'static Vm, items: &[Gc]) -> Gc {
    o::list::new(vm, items)
}
/// An interned str.
pub fn name(vm: &'static Vm, text: &str) -> Name {
    o::str::intern(vm, text)
}

// ---- Rust values from objects
/// Whether the argument is missing or `None`.
pub fn absent(vm: &'static Vm, v: Gc) -> bool {
    v.is_null() || v == vm.world().none
}
/// The text of a str; empty if it is none. For objects known to be strs.
pub fn text_of(v: Gc) -> String {
    o::str::as_str(v).map(o::str::to_text).unwrap_or_default()
}
/// The text of a str argument.
///
/// # Errors
/// TypeError: "`what` must be str, not ...".
pub fn to_text(vm: &'static Vm, what: &str, v: Gc) -> PyResult<String> {
    match o::str::as_str(v) {
        Some(s) => Ok(o::str::to_text(s)),
        None => Err(vm.type_error(format_args!("{what} must be str, not {}", type_name(vm, v)))),
    }
}
/// `tp_name` of the class of an object.
pub fn type_name(vm: &'static Vm, v: Gc) -> String {
    type_of(vm, v).text()
}
/// `operator.index` as 64 bits.
///
/// # Errors
/// TypeError, OverflowError.
pub fn to_i64(vm: &'static Vm, v: Gc) -> PyResult<i64> {
    o::int::to_size(vm, v, false)
}
/// A float argument.
///
/// # Errors
/// TypeError.
pub fn to_f64(vm: &'static Vm, v: Gc) -> PyResult<f64> {
    o::float::to_f64(vm, v)
}
/// A copy of the bytes of a bytes-like object.
///
/// # Errors
/// TypeError: "a bytes-like object is required, not ...".
pub fn to_bytes(vm: &'static Vm, v: Gc) -> PyResult<Vec<u8>> {
    if let Some(array) = crate::modules::array::raw_bytes(vm, v) {
        return Ok(array);
    }
    o::bytes::buffer(vm, v).map(<[u8]>::to_vec)
}

// ---- protocols
/// Calls an object.
///
/// # Errors
/// What it raises.
pub fn call(vm: &'static Vm, f: Gc, args: &[Gc]) -> PyResult {
    o::call::call(vm, f, args, &Kw::NONE)
}
/// Calls an object with keyword arguments too.
///
/// # Errors
/// What it raises.
pub fn call_kw(vm: &'static Vm, f: Gc, args: &[Gc], kw: &Kw) -> PyResult {
    o::call::call(vm, f, args, kw)
}
/// Calls a method.
///
/// # Errors
/// AttributeError, what it raises.
pub fn call_method(vm: &'static Vm, object: Gc, method: &str, args: &[Gc]) -> PyResult {
    let f = get_attr(vm, object, method)?;
    call(vm, f, args)
}
/// `getattr(object, name)`.
///
/// # Errors
/// AttributeError.
pub fn get_attr(vm: &'static Vm, object: Gc, attr: &str) -> PyResult {
    get_attr_of(vm, object, name(vm, attr))
}
/// As [`get_attr`] with a str object.
///
/// # Errors
/// AttributeError.
pub fn get_attr_of(vm: &'static Vm, object: Gc, attr: Gc) -> PyResult {
    let attr = o::attribute::name_argument(vm, attr, "getattr")?;
    o::attribute::get_attr(vm, object, attr)
}
/// The attribute, or None if there is none.
///
/// # Errors
/// Any but AttributeError.
pub fn find_attr(vm: &'static Vm, object: Gc, attr: &str) -> PyResult<Option<Gc>> {
    let result = get_attr(vm, object, attr);
    o::error::catch(vm, vm.world().classes.attribute_error, result)
}
/// `setattr(object, name, value)`.
///
/// # Errors
/// What it raises.
pub fn set_attr(vm: &'static Vm, object: Gc, attr: &str, value: Gc) -> PyResult<()> {
    set_attr_of(vm, object, name(vm, attr), value)
}
/// As [`set_attr`] with a str object; a NULL value deletes.
///
/// # Errors
/// What it raises.
pub fn set_attr_of(vm: &'static Vm, object: Gc, attr: Gc, value: Gc) -> PyResult<()> {
    let attr = o::attribute::name_argument(vm, attr, "setattr")?;
    match value.is_null() {
        true => o::attribute::del_attr(vm, object, attr),
        false => o::attribute::set_attr(vm, object, attr, value),
    }
}
/// `bool(object)`.
///
/// # Errors
/// What `__bool__` raises.
pub fn truth(vm: &'static Vm, v: Gc) -> PyResult<bool> {
    o::operator::truth(vm, v)
}
/// `a is b`: value classes have no identity, so equal ints and floats are the same.
pub fn is(a: Gc, b: Gc) -> bool {
    o::operator::identical(a, b)
}
/// `a op b`.
///
/// # Errors
/// What the operands raise.
pub fn compare(vm: &'static Vm, op: CmpOp, a: Gc, b: Gc) -> PyResult {
    o::operator::compare(vm, op, a, b)
}
/// The truth of `a op b`.
///
/// # Errors
/// What the operands raise.
pub fn holds(vm: &'static Vm, op: CmpOp, a: Gc, b: Gc) -> PyResult<bool> {
    let v = compare(vm, op, a, b)?;
    truth(vm, v)
}
/// `a is b or a == b`.
///
/// # Errors
/// What `__eq__` raises.
pub fn same(vm: &'static Vm, a: Gc, b: Gc) -> PyResult<bool> {
    Ok(is(a, b) || holds(vm, CmpOp::Eq, a, b)?)
}
/// `a op b`.
///
/// # Errors
/// What the operands raise.
pub fn binary(vm: &'static Vm, op: BinOp, a: Gc, b: Gc) -> PyResult {
    o::operator::binary(vm, op, a, b)
}
/// `a op= b`.
///
/// # Errors
/// What the operands raise.
pub fn in_place(vm: &'static Vm, op: BinOp, a: Gc, b: Gc) -> PyResult {
    o::operator::inplace(vm, op, a, b)
}
/// `hash(v)`.
///
/// # Errors
/// TypeError: unhashable.
pub fn hash(vm: &'static Vm, v: Gc) -> PyResult<i64> {
    o::operator::hash(vm, v)
}
/// `len(v)`.
///
/// # Errors
/// TypeError.
pub fn len(vm: &'static Vm, v: Gc) -> PyResult<usize> {
    o::operator::len(vm, v)
}
/// `repr(v)`.
///
/// # Errors
/// What `__repr__` raises.
pub fn repr(vm: &'static Vm, v: Gc) -> PyResult<String> {
    o::operator::repr_text(vm, v)
}
/// `str(v)`.
///
/// # Errors
/// What `__str__` raises.
pub fn str_of(vm: &'static Vm, v: Gc) -> PyResult<String> {
    o::operator::str_text(vm, v)
}
/// `v[key]`.
///
/// # Errors
/// What it raises.
pub fn get_item(vm: &'static Vm, v: Gc, key: Gc) -> PyResult {
    o::operator::get_item(vm, v, key)
}
/// `v[key] = value`.
///
/// # Errors
/// What it raises.
pub fn set_item(vm: &'static Vm, v: Gc, key: Gc, value: Gc) -> PyResult<()> {
    o::operator::set_item(vm, v, key, value)
}
/// `del v[key]`.
///
/// # Errors
/// What it raises.
pub fn del_item(vm: &'static Vm, v: Gc, key: Gc) -> PyResult<()> {
    o::operator::del_item(vm, v, key)
}
/// Whether the class of `v` is `class` or a subclass.
pub fn is_a(vm: &'static Vm, v: Gc, class: &'static Class) -> bool {
    type_of(vm, v).is_subclass(class)
}
/// `callable(v)`.
pub fn callable(vm: &'static Vm, v: Gc) -> bool {
    o::function::is_callable(vm, v)
}

// ---- iteration
/// `iter(v)`.
///
/// # Errors
/// TypeError.
pub fn iter(vm: &'static Vm, v: Gc) -> PyResult {
    o::operator::iter(vm, v)
}
/// The next value of an iterator, None at its end.
///
/// # Errors
/// What the iterator raises, except StopIteration.
pub fn next(vm: &'static Vm, iterator: Gc) -> PyResult<Option<Gc>> {
    o::operator::next(vm, iterator)
}
/// All values of an iterable.
///
/// # Errors
/// What the iterator raises.
pub fn collect(vm: &'static Vm, iterable: Gc) -> PyResult<Temps> {
    o::list::to_temps(vm, iterable)
}

// ---- lists
/// `list.append`
pub fn list_append(vm: &'static Vm, list: Gc, v: Gc) -> PyResult<()> {
    o::list::append(vm, list, v)
}
/// The items of an exact list.
pub fn list_items(vm: &'static Vm, list: Gc) -> Temps {
    let mut out = Temps::new(vm);
    for i in 0..o::list::len(list) {
        out.push(list_get(vm, list, i));
    }
    out
}
/// Item `i` of an exact list; there must be one.
pub fn list_get(vm: &'static Vm, list: Gc, i: usize) -> Gc {
    o::list::get(vm, list, i)
}
/// Replaces item `i` of an exact list; there must be one.
///
/// # Errors
/// MemoryError.
pub fn list_set(vm: &'static Vm, list: Gc, i: usize, v: Gc) -> PyResult<()> {
    o::list::set(vm, list, i, v)
}
/// Length of an exact list.
pub fn list_len(list: Gc) -> usize {
    o::list::len(list)
}
/// The exact list below an object.
pub fn as_list(v: Gc) -> Option<Gc> {
    let v = o::payload::payload(v);
    v.is::<WList>().then_some(v)
}
/// The exact tuple below an object.
pub fn as_tuple(v: Gc) -> Option<Gc> {
    let v = o::payload::payload(v);
    v.is::<WTuple>().then_some(v)
}
/// The exact dict below an object.
pub fn as_dict(v: Gc) -> Option<Gc> {
    let v = o::payload::payload(v);
    v.is::<WDict>().then_some(v)
}

// ---- dicts (exact ones)
/// A new dict.
pub fn dict(vm: &'static Vm) -> Gc {
    o::dict::new(vm)
}
/// `d.get(key)`.
///
/// # Errors
/// What `__hash__` and `__eq__` raise.
pub fn dict_get(vm: &'static Vm, d: Gc, key: Gc) -> PyResult<Option<Gc>> {
    o::dict::get(vm, d, key)
}
/// `d[key] = value`.
///
/// # Errors
/// What `__hash__` and `__eq__` raise.
pub fn dict_set(vm: &'static Vm, d: Gc, key: Gc, value: Gc) -> PyResult<()> {
    o::dict::set(vm, d, key, value)
}
/// Removes a key; false if it is not there.
///
/// # Errors
/// What `__hash__` and `__eq__` raise.
pub fn dict_del(vm: &'static Vm, d: Gc, key: Gc) -> PyResult<bool> {
    Ok(o::dict::remove(vm, d, key)?.is_some())
}
/// The value of a str key.
pub fn dict_get_str(vm: &'static Vm, d: Gc, key: &str) -> Option<Gc> {
    // A str key runs no guest code, so that nothing can be raised.
    o::dict::get_text(vm, d, key).ok().flatten()
}
/// Sets the value of a str key.
pub fn dict_set_str(vm: &'static Vm, d: Gc, key: &str, value: Gc) {
    o::dict::set_text(vm, d, key, value)
}
/// Keys and values in turn.
pub fn dict_items(vm: &'static Vm, d: Gc) -> Temps {
    let mut out = Temps::new(vm);
    let mut at = 0;
    while let Some((key, value)) = o::dict::next(d, &mut at) {
        out.push(key);
        out.push(value);
    }
    out
}

// ---- functions and modules
/// A builtin function object.
pub fn builtin(vm: &'static Vm, def: &'static o::BuiltinDef, this: Gc, module: Gc) -> Gc {
    let f = o::access::alloc::<WBuiltin>(vm);
    f.init(WBuiltin::DEF, ouro_gc::Host::new(def))
        .init(WBuiltin::SELF, this)
        .init(WBuiltin::MODULE, module)
}
/// A new module with `__name__`, `__doc__`, `__package__`, `__loader__` and `__spec__`.
pub fn module(vm: &'static Vm, module_name: &str) -> Gc {
    o::module::new(vm, module_name)
}
/// What CPython prints for an exception that nobody catches.
pub fn exception_text(vm: &'static Vm, e: Gc) -> String {
    o::traceback::format(vm, e)
}
/// The namespace of a module; None for other objects.
pub fn module_dict(v: Gc) -> Option<Gc> {
    v.is::<WModule>().then(|| v.get(WModule::DICT))
}
/// Puts a value into a module.
pub fn put(vm: &'static Vm, module: Gc, key: &str, value: Gc) {
    dict_set_str(vm, module.get(WModule::DICT), key, value)
}
/// Puts functions into a module.
pub fn put_functions(vm: &'static Vm, module: Gc, functions: &'static [o::BuiltinDef]) {
    let module_name = dict_get_str(vm, module.get(WModule::DICT), "__name__").unwrap_or(Gc::NULL);
    for def in functions {
        let f = builtin(vm, def, Gc::NULL, module_name);
        put(vm, module, def.name, f);
    }
}
/// Puts ints into a module.
pub fn put_ints(vm: &'static Vm, module: Gc, values: &[(&str, i64)]) {
    for &(key, v) in values {
        let v = int(vm, v);
        put(vm, module, key, v);
    }
}
/// Runs the code of a module, class body or `exec` in a namespace.
///
/// # Errors
/// What the code raises.
pub fn run_code(vm: &'static Vm, code: &'static o::PyCode, globals: Gc, locals: Gc) -> PyResult {
    o::call::run_code(vm, code, globals, locals, Gc::NULL)
}
/// A new exception of this class with arguments.
pub fn exception(vm: &'static Vm, class: &'static Class, args: &[Gc]) -> Gc {
    o::error::new_exception(vm, class, args)
}
/// The frame object `depth` frames above the running one.
///
/// # Errors
/// ValueError.
pub fn frame(vm: &'static Vm, depth: usize) -> PyResult {
    o::frame::frame_object(vm, depth).ok_or_else(|| vm.value_error("call stack is not deep enough"))
}
/// The OSError for `errno`.
pub fn os_error(vm: &'static Vm, errno: i32, filename: Option<Gc>) -> Gc {
    o::error::os_error_from(vm, errno, filename)
}
/// The OSError of a failed operation of `std`.
pub fn io_error(vm: &'static Vm, e: &std::io::Error, filename: Option<Gc>) -> Gc {
    os_error(vm, e.raw_os_error().unwrap_or(libc::EIO), filename)
}
