//! dict: the operations. Methods are in `dict_methods.rs`, views and iterators in `dict_views.rs`.
//!
//! All functions take an exact `WDict`. Namespaces of modules hold cells; these functions hide them.

use crate::access::{Access, alloc};
use crate::layout::*;
use crate::table;
use crate::{Errors, Name, PyResult, Vm};
use ouro_gc::{Gc, Host};
use ouro_machine::Quasi;

/// An empty dict.
pub fn new(vm: &'static Vm) -> Gc {
    alloc::<WDict>(vm)
}
/// An empty namespace of a module.
pub fn new_namespace(vm: &'static Vm) -> Gc {
    let d = alloc::<WDict>(vm);
    let structure: &'static Quasi = Box::leak(Box::new(Quasi::new(vm.fresh_version())));
    d.init(WDict::FLAGS, dict_flags::CELLS);
    d.init(WDict::STRUCTURE, Host::new(structure))
}
/// Whether the values are global cells.
#[inline(always)]
pub fn has_cells(d: Gc) -> bool {
    d.get(WDict::FLAGS) & dict_flags::CELLS != 0
}
/// The exact dict below a dict or an instance of a subclass.
pub fn as_dict(object: Gc) -> Option<Gc> {
    let object = crate::payload(object);
    object.is::<WDict>().then_some(object)
}
/// Number of items.
#[inline(always)]
pub fn len(d: Gc) -> usize {
    table::used::<WDict>(d)
}
#[inline(always)]
fn unwrap(d: Gc, value: Gc) -> Gc {
    if has_cells(d) {
        value.get(WGlobalCell::VALUE)
    } else {
        value
    }
}
/// The value of a key.
///
/// # Errors
/// What `__hash__` and `__eq__` raise.
pub fn get(vm: &'static Vm, d: Gc, key: Gc) -> PyResult<Option<Gc>> {
    let hash = crate::operator::hash(vm, key)?;
    get_hashed(vm, d, key, hash)
}
/// As [`get`], with the hash of the key.
#[inline]
pub fn get_hashed(vm: &'static Vm, d: Gc, key: Gc, hash: i64) -> PyResult<Option<Gc>> {
    let entry = table::find::<WDict>(vm, d, key, hash)?;
    Ok(entry.map(|e| unwrap(d, table::value_at(d, e))))
}
/// The value of a str key. Keys that are not strs are compared by guest code only if they have the same hash.
pub fn get_str(vm: &'static Vm, d: Gc, key: Gc) -> PyResult<Option<Gc>> {
    get_hashed(vm, d, key, crate::str::hash(vm, key))
}
/// The value of a key given in Rust.
pub fn get_text(vm: &'static Vm, d: Gc, key: &str) -> PyResult<Option<Gc>> {
    get_str(vm, d, crate::str::intern(vm, key))
}
/// The cell of a global variable.
pub fn get_cell(vm: &'static Vm, d: Gc, name: Name) -> Option<Gc> {
    debug_assert!(has_cells(d));
    let entry = table::find::<WDict>(vm, d, name, crate::str::hash(vm, name)).ok()??;
    Some(table::value_at(d, entry))
}
/// Sets the value of a key.
///
/// # Errors
/// What `__hash__` and `__eq__` raise.
pub fn set(vm: &'static Vm, d: Gc, key: Gc, value: Gc) -> PyResult<()> {
    let hash = crate::operator::hash(vm, key)?;
    set_hashed(vm, d, key, hash, value)
}
/// As [`set`], with the hash of the key.
pub fn set_hashed(vm: &'static Vm, d: Gc, key: Gc, hash: i64, value: Gc) -> PyResult<()> {
    match table::find::<WDict>(vm, d, key, hash)? {
        Some(entry) if has_cells(d) => {
            let cell = table::value_at(d, entry);
            write_cell(vm, cell, value);
            told(vm, d, cell);
        }
        Some(entry) => table::set_value_at(vm, d, entry, value),
        None => append(vm, d, key, hash, value)?,
    }
    Ok(())
}
/// As [`set_hashed`] for a key that is not in the dict, which is no namespace of a module.
///
/// # Errors
/// MemoryError.
pub fn append_hashed(vm: &'static Vm, d: Gc, key: Gc, hash: i64, value: Gc) -> PyResult<()> {
    table::append::<WDict>(vm, d, key, hash, value)
}
/// Fills a dict that was just made with entries of different keys: key, hash, value.
pub fn fill_new(vm: &'static Vm, d: Gc, all: &[(Gc, i64, Gc)]) {
    table::fill_new::<WDict>(vm, d, all);
}
fn append(vm: &'static Vm, d: Gc, key: Gc, hash: i64, value: Gc) -> PyResult<()> {
    if !has_cells(d) {
        return table::append::<WDict>(vm, d, key, hash, value);
    }
    let cell = new_cell(vm, value, 1);
    let key = if key.is::<WStr>() {
        crate::str::intern_gc(vm, key)
    } else {
        key
    };
    table::append::<WDict>(vm, d, key, hash, cell)?;
    structure_changed(vm, d);
    Ok(())
}
/// A cell around a value that was written so many times: once means that it may be a constant.
pub(crate) fn new_cell(vm: &'static Vm, value: Gc, writes: i64) -> Gc {
    let stable: &'static Quasi = Box::leak(Box::new(Quasi::new(vm.fresh_version())));
    let cell = alloc::<WGlobalCell>(vm);
    cell.init(WGlobalCell::VALUE, value)
        .init(WGlobalCell::WRITES, writes)
        .init(WGlobalCell::STABLE, Host::new(stable));
    cell
}
/// The next writes of a cell are told, too, if its namespace is watched.
fn told(vm: &'static Vm, d: Gc, cell: Gc) {
    if table::changed::<WDict>(vm, d) && cell.get(WGlobalCell::WRITES) == WGlobalCell::PLAIN {
        cell.set(vm, WGlobalCell::WRITES, WGlobalCell::WATCHED);
    }
}
/// From now on each change of the dict is told to `Callouts::contents_changed`: `twin` is the structure outside the heap
/// that the dict is paired with. Nothing that a trace assumes lets a write pass unseen afterwards.
pub fn watch(vm: &'static Vm, d: Gc, twin: i64) {
    if !has_cells(d) {
        return d.set(vm, WDict::TWIN, twin);
    }
    let mut at = 0;
    while let Some(entry) = table::next::<WDict>(d, at) {
        let cell = table::value_at(d, entry);
        if cell.get(WGlobalCell::WRITES) == WGlobalCell::PLAIN {
            cell.set(vm, WGlobalCell::WRITES, WGlobalCell::WATCHED);
        }
        at = entry + 1;
    }
    structure_changed(vm, d);
}
/// Writes a global variable; the caller tells the namespace.
pub fn write_cell(vm: &'static Vm, cell: Gc, value: Gc) {
    let writes = cell.get(WGlobalCell::WRITES);
    cell.set(vm, WGlobalCell::VALUE, value);
    if writes < 2 {
        cell.set(vm, WGlobalCell::WRITES, writes + 1);
        if writes == 1 {
            cell.get(WGlobalCell::STABLE).expect().change(vm);
        }
    }
}
fn structure_changed(vm: &'static Vm, d: Gc) {
    d.get(WDict::STRUCTURE).expect().change(vm);
    if vm.has_world() && d == vm.world().builtins.get() {
        let users = std::mem::take(&mut *vm.world().builtin_users.borrow_mut());
        users.iter().for_each(|q| q.change(vm));
    }
}
/// Sets the value of a str key.
pub fn set_str(vm: &'static Vm, d: Gc, key: Gc, value: Gc) -> PyResult<()> {
    set_hashed(vm, d, key, crate::str::hash(vm, key), value)
}
/// Sets the value of a key given in Rust.
pub fn set_text(vm: &'static Vm, d: Gc, key: &str, value: Gc) {
    let key = crate::str::intern(vm, key);
    // Only keys that are not strs and share the hash could raise; then the entry is left out.
    let _ = set_str(vm, d, key, value);
}
/// Removes a key and returns its value.
pub fn remove(vm: &'static Vm, d: Gc, key: Gc) -> PyResult<Option<Gc>> {
    let hash = crate::operator::hash(vm, key)?;
    let Some(entry) = table::find::<WDict>(vm, d, key, hash)? else {
        return Ok(None);
    };
    Ok(Some(remove_entry(vm, d, entry, hash)))
}
/// Removes a living entry and returns its value.
pub fn remove_entry(vm: &'static Vm, d: Gc, entry: usize, hash: i64) -> Gc {
    let held = table::value_at(d, entry);
    let value = unwrap(d, held);
    table::remove::<WDict>(vm, d, entry, hash);
    if has_cells(d) {
        write_cell(vm, held, Gc::NULL);
        structure_changed(vm, d);
    }
    value
}
/// Removes everything.
pub fn clear(vm: &'static Vm, d: Gc) {
    if has_cells(d) {
        let mut at = 0;
        while let Some(entry) = table::next::<WDict>(d, at) {
            write_cell(vm, table::value_at(d, entry), Gc::NULL);
            at = entry + 1;
        }
    }
    table::clear::<WDict>(vm, d);
    if has_cells(d) {
        structure_changed(vm, d);
    }
}
/// The item at or after entry `*at`; moves `*at` behind it.
pub fn next(d: Gc, at: &mut usize) -> Option<(Gc, Gc)> {
    let entry = table::next::<WDict>(d, *at)?;
    *at = entry + 1;
    Some((
        table::key_at::<WDict>(d, entry),
        unwrap(d, table::value_at(d, entry)),
    ))
}
/// The value of entry `entry`.
pub fn value_at(d: Gc, entry: usize) -> Gc {
    unwrap(d, table::value_at(d, entry))
}
/// A shallow copy, without cells.
pub fn copy(vm: &'static Vm, d: Gc) -> Gc {
    let to = new(vm);
    if has_cells(d) {
        let mut at = 0;
        while let Some((k, v)) = next(d, &mut at) {
            // Keys of a namespace compare without guest code or were found different before.
            let _ = set(vm, to, k, v);
        }
    } else {
        table::copy_into::<WDict, WDict>(vm, d, to);
    }
    to
}
/// `d.update(other)` where `other` is a mapping or an iterable of pairs.
///
/// # Errors
/// CPython's TypeError and ValueError of `dict.update`.
pub fn update(vm: &'static Vm, d: Gc, other: Gc) -> PyResult<()> {
    if let Some(source) = plain_dict(vm, other) {
        return merge(vm, d, source);
    }
    if crate::attribute::get_attr_opt(vm, other, vm.world().names.keys)?.is_some() {
        return update_from_mapping(vm, d, other);
    }
    let it = crate::operator::iter(vm, other)?;
    let mut number = 0;
    while let Some(pair) = crate::operator::next(vm, it)? {
        let exact = pair.is::<WTuple>() || pair.is::<WList>();
        let pair = match exact {
            true => crate::list::to_temps(vm, pair)?,
            false => match crate::error::catch(
                vm,
                vm.world().classes.type_error,
                crate::list::to_temps(vm, pair),
            )? {
                Some(items) => items,
                None => {
                    let text = format!(
                        "cannot convert dictionary update sequence element #{number} to a sequence"
                    );
                    return Err(vm.type_error(text));
                }
            },
        };
        let [key, value] = pair[..] else {
            return Err(vm.value_error(format_args!(
                "dictionary update sequence element #{number} has length {}; 2 is required",
                pair.len()
            )));
        };
        set(vm, d, key, value)?;
        number += 1;
    }
    Ok(())
}
/// The dict below `other` if `__iter__` is not overridden: then CPython copies it without asking `keys` and `__getitem__`.
fn plain_dict(vm: &'static Vm, other: Gc) -> Option<Gc> {
    let d = as_dict(other)?;
    if d == other {
        return Some(d);
    }
    let iter = crate::Special::Iter.name(vm);
    let class = crate::type_of(vm, other);
    (class.lookup(iter) == vm.world().classes.dict.lookup(iter)).then_some(d)
}
fn merge(vm: &'static Vm, d: Gc, source: Gc) -> PyResult<()> {
    if d == source {
        return Ok(());
    }
    if len(d) == 0 && !has_cells(d) && !has_cells(source) {
        table::copy_into::<WDict, WDict>(vm, source, d);
        return Ok(());
    }
    let keys = source.get(WDict::KEYS);
    let mut at = 0;
    while let Some((k, v)) = next(source, &mut at) {
        set(vm, d, k, v)?;
        if source.get(WDict::KEYS) != keys {
            return Err(vm.runtime_error("dict mutated during update"));
        }
    }
    Ok(())
}
/// Copies all items of a mapping by its `keys()` and `__getitem__`.
pub fn update_from_mapping(vm: &'static Vm, d: Gc, other: Gc) -> PyResult<()> {
    if let Some(source) = plain_dict(vm, other) {
        return merge(vm, d, source);
    }
    let keys = crate::call::call_method(vm, other, vm.world().names.keys, &[])?;
    let it = crate::operator::iter(vm, keys)?;
    while let Some(key) = crate::operator::next(vm, it)? {
        let value = crate::operator::get_item(vm, other, key)?;
        set(vm, d, key, value)?;
    }
    Ok(())
}
/// Equality of two dicts.
///
/// # Errors
/// What comparing keys and values raises.
pub fn equal(vm: &'static Vm, a: Gc, b: Gc) -> PyResult<bool> {
    if len(a) != len(b) {
        return Ok(false);
    }
    let mut at = 0;
    while let Some((k, v)) = next(a, &mut at) {
        match get(vm, b, k)? {
            Some(w) if crate::operator::eq(vm, v, w)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}
