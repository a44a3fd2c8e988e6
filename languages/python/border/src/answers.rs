//! The functions through which C reaches the interpreter.

use crate::containers::{self, lend, to_gc_stored};
use crate::convert::{set_error, take_error, to_gc, to_raw, with_items};
use crate::state::{Border, border, linked};
use crate::types;
use ouro_cpyext::abi::*;
use ouro_cpyext::guest::{BinaryOp, Guest, Text, UnaryOp};
use ouro_cpyext::{data, errors, raw};
use ouro_gc::Gc;
use ouro_py_objects::layout::*;
use ouro_py_objects::special::{BinOp, CmpOp};
use ouro_py_objects::{Access, Errors, Kw, PyResult, Special, Temps, Vm, operator, type_of};
use std::ffi::c_int;

const NULL: Obj = std::ptr::null_mut();

/// The table for `ouro-cpyext`.
pub struct Answers(pub &'static Border);

impl Answers {
    fn vm(&self) -> &'static Vm {
        self.0.vm
    }
    /// An object for a borrowed reference.
    fn gc(&self, o: Obj) -> Gc {
        // SAFETY: C passes objects where the interface says so.
        unsafe { to_gc(self.vm(), o) }
    }
    fn object(&self, r: PyResult) -> Obj {
        match r {
            Ok(gc) => to_raw(self.vm(), gc),
            Err(e) => {
                set_error(self.vm(), e);
                NULL
            }
        }
    }
    fn flag(&self, r: PyResult<bool>) -> c_int {
        match r {
            Ok(v) => v as c_int,
            Err(e) => {
                set_error(self.vm(), e);
                -1
            }
        }
    }
    fn unit(&self, r: PyResult<()>) -> c_int {
        self.flag(r.map(|()| false))
    }
    fn size(&self, r: PyResult<i64>) -> Ssize {
        match r {
            Ok(v) => v as Ssize,
            Err(e) => {
                set_error(self.vm(), e);
                -1
            }
        }
    }
    /// An attribute's name as the interpreter keeps names.
    fn name(&self, o: Obj) -> PyResult {
        let name = self.gc(o);
        match ouro_py_objects::str::as_str(name) {
            Some(s) => Ok(ouro_py_objects::str::intern_gc(self.vm(), s)),
            None => Err(self.vm().type_error(format_args!(
                "attribute name must be string, not '{}'",
                type_of(self.vm(), name).text()
            ))),
        }
    }
    fn gcs(&self, all: &[Obj]) -> Temps {
        let mut gcs = Temps::new(self.vm());
        all.iter().for_each(|&o| gcs.push(self.gc(o)));
        gcs
    }
    /// A value that C puts into a container.
    fn stored(&self, container: Obj, into: Gc, value: Obj) -> Gc {
        match ouro_py_objects::payload(into).is::<WDict>() {
            // SAFETY: an object of the C side.
            true => unsafe { to_gc_stored(self.vm(), container, value) },
            false => self.gc(value),
        }
    }
    fn dict(&self, d: Obj) -> Gc {
        ouro_py_objects::payload(self.gc(d))
    }
}

impl Guest for Answers {
    fn call(&self, callable: Obj, args: &[Obj], names: Obj) -> Obj {
        let vm = self.vm();
        let f = self.gc(callable);
        if names.is_null() {
            // SAFETY: C passes objects.
            return self.object(unsafe {
                with_items(vm, args, false, |all| {
                    ouro_py_objects::call::call_args(vm, f, all)
                })
            });
        }
        let all = self.gcs(args);
        // SAFETY: `names` is a tuple.
        let names = self.gcs(unsafe { raw::tuple_items(names) });
        let n = all.len() - names.len();
        let kw = Kw {
            names: &names,
            values: &all[n..],
        };
        self.object(ouro_py_objects::call::call(vm, f, &all[..n], &kw))
    }
    fn call_method(&self, o: Obj, name: &str, args: &[Obj]) -> Obj {
        let object = self.gc(o);
        let all = self.gcs(args);
        self.object(ouro_py_objects::call::call_text(
            self.vm(),
            object,
            name,
            &all,
        ))
    }
    fn builtin(&self, name: &str) -> Obj {
        let vm = self.vm();
        let found = ouro_py_objects::dict::get_text(vm, vm.world().builtins.get(), name);
        self.object(found.and_then(|f| {
            f.ok_or_else(|| vm.name_error(format_args!("name '{name}' is not defined")))
        }))
    }
    fn import(&self, name: &str) -> Obj {
        self.object(ouro_py_objects::module::import(self.vm(), name))
    }
    fn get_attr(&self, o: Obj, name: Obj) -> Obj {
        let object = self.gc(o);
        self.object(
            self.name(name)
                .and_then(|n| ouro_py_objects::attribute::get_attr(self.vm(), object, n)),
        )
    }
    fn find_attr(&self, o: Obj, name: Obj) -> Obj {
        let object = self.gc(o);
        match self
            .name(name)
            .and_then(|n| ouro_py_objects::attribute::get_attr_opt(self.vm(), object, n))
        {
            Ok(Some(v)) => to_raw(self.vm(), v),
            Ok(None) => NULL,
            Err(e) => self.object(Err(e)),
        }
    }
    fn set_attr(&self, o: Obj, name: Obj, value: Obj) -> c_int {
        let vm = self.vm();
        let object = self.gc(o);
        let r = self.name(name).and_then(|n| match value.is_null() {
            true => ouro_py_objects::attribute::del_attr(vm, object, n),
            false => ouro_py_objects::attribute::set_attr(vm, object, n, self.gc(value)),
        });
        self.unit(r)
    }
    fn get_item(&self, o: Obj, key: Obj) -> Obj {
        let (object, key) = (self.gc(o), self.gc(key));
        self.object(operator::get_item(self.vm(), object, key))
    }
    fn set_item(&self, o: Obj, key: Obj, value: Obj) -> c_int {
        let vm = self.vm();
        let (object, k) = (self.gc(o), self.gc(key));
        let r = match value.is_null() {
            true => operator::del_item(vm, object, k),
            false => operator::set_item(vm, object, k, self.stored(o, object, value)),
        };
        self.unit(r)
    }
    fn binary(&self, op: BinaryOp, in_place: bool, a: Obj, b: Obj) -> Obj {
        let op = BinOp::ALL[op as usize];
        let (a, b) = (self.gc(a), self.gc(b));
        self.object(match in_place {
            true => operator::inplace(self.vm(), op, a, b),
            false => operator::binary(self.vm(), op, a, b),
        })
    }
    fn unary(&self, op: UnaryOp, a: Obj) -> Obj {
        let vm = self.vm();
        let classes = &vm.world().classes;
        let v = self.gc(a);
        let call = |class: &'static ouro_py_objects::Class| {
            ouro_py_objects::call::call_args(vm, class.gc(), &[v])
        };
        self.object(match op {
            UnaryOp::Neg => operator::unary(vm, Special::Neg, v),
            UnaryOp::Pos => operator::unary(vm, Special::Pos, v),
            UnaryOp::Abs => match ouro_py_objects::call::call_special(vm, v, Special::Abs, &[]) {
                Ok(None) => Err(vm.type_error(format_args!(
                    "bad operand type for abs(): '{}'",
                    type_of(vm, v).text()
                ))),
                Ok(Some(r)) => Ok(r),
                Err(e) => Err(e),
            },
            UnaryOp::Invert => operator::unary(vm, Special::Invert, v),
            UnaryOp::Int => call(classes.int),
            UnaryOp::Float => call(classes.float),
            UnaryOp::Index => ouro_py_objects::int::index(vm, v).map(|i| i.object(vm)),
        })
    }
    fn compare(&self, op: c_int, a: Obj, b: Obj) -> Obj {
        let op = [
            CmpOp::Lt,
            CmpOp::Le,
            CmpOp::Eq,
            CmpOp::Ne,
            CmpOp::Gt,
            CmpOp::Ge,
        ][op as usize];
        let (a, b) = (self.gc(a), self.gc(b));
        self.object(operator::compare(self.vm(), op, a, b))
    }
    fn truth(&self, o: Obj) -> c_int {
        let v = self.gc(o);
        self.flag(operator::truth(self.vm(), v))
    }
    fn hash(&self, o: Obj) -> Ssize {
        let v = self.gc(o);
        self.size(operator::hash(self.vm(), v))
    }
    fn text_hash(&self, text: &[u8]) -> Ssize {
        ouro_py_objects::str::hash_bytes(self.vm(), text) as Ssize
    }
    fn len(&self, o: Obj) -> Ssize {
        let v = self.gc(o);
        self.size(operator::len(self.vm(), v).map(|n| n as i64))
    }
    fn contains(&self, o: Obj, item: Obj) -> c_int {
        let (o, item) = (self.gc(o), self.gc(item));
        self.flag(operator::contains(self.vm(), o, item))
    }
    fn text(&self, how: Text, o: Obj) -> Obj {
        let vm = self.vm();
        let v = self.gc(o);
        self.object(match how {
            Text::Repr => operator::repr(vm, v),
            Text::Str => operator::str_of(vm, v),
            Text::Ascii => {
                let f = ouro_py_objects::dict::get_text(vm, vm.world().builtins.get(), "ascii");
                f.and_then(|f| {
                    ouro_py_objects::call::call_args(vm, f.unwrap_or(vm.world().none), &[v])
                })
            }
        })
    }
    fn iter(&self, o: Obj) -> Obj {
        let v = self.gc(o);
        self.object(operator::iter(self.vm(), v))
    }
    fn next(&self, o: Obj) -> Obj {
        let v = self.gc(o);
        match operator::next(self.vm(), v) {
            Ok(Some(item)) => to_raw(self.vm(), item),
            Ok(None) => NULL,
            Err(e) => self.object(Err(e)),
        }
    }
    fn is_instance(&self, o: Obj, class: Obj) -> c_int {
        let (o, class) = (self.gc(o), self.gc(class));
        self.flag(operator::is_instance(self.vm(), o, class))
    }
    fn is_subclass(&self, o: Obj, class: Obj) -> c_int {
        let (o, class) = (self.gc(o), self.gc(class));
        self.flag(operator::is_subclass(self.vm(), o, class))
    }
    fn is_subtype(&self, a: *mut PyTypeObject, b: *mut PyTypeObject) -> bool {
        if a == b {
            return true;
        }
        // SAFETY: both are types of the C side.
        unsafe {
            types::class_of_type(self.vm(), a).is_subclass(types::class_of_type(self.vm(), b))
        }
    }
    fn is_callable(&self, o: Obj) -> bool {
        let v = self.gc(o);
        !type_of(self.vm(), v)
            .special(self.vm(), Special::Call)
            .is_null()
            || v.is::<WFunction>()
            || v.is::<WBuiltin>()
    }
    fn has_special(&self, o: Obj, name: &str) -> bool {
        let vm = self.vm();
        let v = self.gc(o);
        type_of(vm, v)
            .lookup(ouro_py_objects::str::intern(vm, name))
            .is_some_and(|f| f != vm.world().none)
    }

    fn own_dict(&self, o: Obj) -> Obj {
        let object = self.gc(o);
        let found = ouro_py_objects::instance::dict_of(self.vm(), object);
        self.object(found.ok_or_else(|| self.vm().attribute_error("This object has no __dict__")))
    }
    fn set_own_dict(&self, o: Obj, dict: Obj) -> c_int {
        let (object, d) = (self.gc(o), self.gc(dict));
        self.unit(ouro_py_objects::instance::set_dict(self.vm(), object, d))
    }
    fn dict_new(&self) -> Obj {
        let d = ouro_py_objects::dict::new(self.vm());
        to_raw(self.vm(), d)
    }
    fn dict_get(&self, dict: Obj, key: Obj) -> Obj {
        let (d, k) = (self.dict(dict), self.gc(key));
        let found = ouro_py_objects::dict::get(self.vm(), d, k);
        // SAFETY: `key` is the object of C for `k`.
        unsafe { containers::note_hash(self.vm(), key, k) }
        match found {
            Ok(Some(v)) => lend(self.vm(), v),
            Ok(None) => NULL,
            Err(e) => self.object(Err(e)),
        }
    }
    fn dict_find(&self, dict: Obj, key: &[u8]) -> Obj {
        let vm = self.vm();
        let found = match std::str::from_utf8(key) {
            Ok(key) => ouro_py_objects::dict::get_text(vm, self.dict(dict), key),
            Err(_) => Ok(None),
        };
        match found {
            Ok(Some(v)) => to_raw(vm, v),
            Ok(None) => NULL,
            Err(e) => self.object(Err(e)),
        }
    }
    fn dict_set(&self, dict: Obj, key: Obj, value: Obj) -> c_int {
        let vm = self.vm();
        let d = self.dict(dict);
        let r = match value.is_null() {
            false => {
                // SAFETY: objects of the C side, which stay valid as long as the dict holds them.
                let k = unsafe { to_gc_stored(vm, dict, key) };
                // SAFETY: as above.
                let v = unsafe { to_gc_stored(vm, dict, value) };
                let done = ouro_py_objects::dict::set(vm, d, k, v);
                // SAFETY: `key` is the object of C for `k`.
                unsafe { containers::note_hash(vm, key, k) }
                done
            }
            true => {
                let k = self.gc(key);
                ouro_py_objects::dict::remove(vm, d, k).and_then(|old| match old {
                    Some(_) => Ok(()),
                    None => Err(vm.key_error(k)),
                })
            }
        };
        self.unit(r)
    }
    fn dict_next(&self, dict: Obj, position: &mut Ssize) -> Option<(Obj, Obj)> {
        let mut at = *position as usize;
        let (k, v) = ouro_py_objects::dict::next(self.dict(dict), &mut at)?;
        *position = at as Ssize;
        Some((lend(self.vm(), k), lend(self.vm(), v)))
    }

    fn set_new(&self, frozen: bool) -> Obj {
        let s = match frozen {
            true => ouro_py_objects::set::new_frozen(self.vm()),
            false => ouro_py_objects::set::new(self.vm()),
        };
        to_raw(self.vm(), s)
    }
    fn set_add(&self, set: Obj, item: Obj) -> c_int {
        let s = ouro_py_objects::payload(self.gc(set));
        // SAFETY: `set` is an object of the C side.
        let unseen = unsafe { (*set).ob_refcnt == ouro_gc::pairing::LIGHT_BIAS + 1 };
        if !s.is::<WSet>() && !(s.is::<WFrozenSet>() && unseen) {
            errors::bad_call("PySet_Add");
            return -1;
        }
        // SAFETY: an object of the C side, which stays valid as long as the set holds it.
        let item = unsafe { containers::to_gc_held(self.vm(), item) };
        self.unit(ouro_py_objects::set::add(self.vm(), s, item))
    }
    fn set_next(&self, set: Obj, position: &mut Ssize) -> Option<(Obj, Ssize)> {
        let mut at = *position as usize;
        let key = ouro_py_objects::set::next(ouro_py_objects::payload(self.gc(set)), &mut at)?;
        *position = at as Ssize;
        // A key was hashed before, by the same function.
        let hash = ouro_py_objects::operator::hash(self.vm(), key).unwrap_or(-1);
        Some((lend(self.vm(), key), hash as Ssize))
    }

    fn module_new(&self, name: &str) -> Obj {
        let m = ouro_py_objects::module::new(self.vm(), name);
        to_raw(self.vm(), m)
    }
    fn module_dict(&self, module: Obj) -> Obj {
        let m = ouro_py_objects::payload(self.gc(module));
        if !m.is::<WModule>() {
            errors::bad_call("PyModule_GetDict");
            return NULL;
        }
        lend(self.vm(), m.get(WModule::DICT))
    }

    fn type_ready(&self, ty: *mut PyTypeObject) -> c_int {
        // SAFETY: an extension filled the type in.
        unsafe { types::type_ready(self.vm(), ty) }
    }
    fn type_modified(&self, ty: *mut PyTypeObject) {
        // SAFETY: as above.
        unsafe { types::modified(self.vm(), ty) }
    }
    fn memory_view(&self, managed: Obj) -> Obj {
        // SAFETY: C has just acquired the buffer.
        self.object(unsafe { crate::buffers::view_of_managed(self.vm(), managed) })
    }
    fn list_sort(&self, list: Obj) -> Obj {
        let vm = self.vm();
        let l = ouro_py_objects::payload(self.gc(list));
        self.object(ouro_py_objects::sort::sort(vm, l, Gc::NULL, false).map(|()| vm.world().none))
    }
    fn type_lookup(&self, ty: *mut PyTypeObject, name: Obj) -> Obj {
        let vm = self.vm();
        // SAFETY: a type of the C side.
        let class = unsafe { types::class_of_type(vm, ty) };
        let found = match self.name(name) {
            Ok(name) => class.lookup(name),
            Err(_) => None,
        };
        match found {
            // SAFETY: the class holds the object; what is passed by value is kept until the outermost call returns.
            Some(v) => unsafe { ouro_cpyext::context::park(to_raw(vm, v)) },
            None => NULL,
        }
    }
    fn traceback_here(&self, code: Obj, line: i64) {
        let code = self.gc(code);
        if !code.is::<WCode>() {
            return;
        }
        let e = take_error(self.vm());
        if e.is::<WException>() {
            let code = code.get(WCode::CODE).expect();
            // No instruction: whoever asks for positions gets none, and takes the line.
            ouro_py_objects::traceback::add(self.vm(), e, code, usize::MAX, Gc::NULL);
            e.get(WException::TRACEBACK).init(WTraceback::LINE, line);
        }
        set_error(self.vm(), e);
    }
    fn freed(&self, o: Obj) {
        // SAFETY: nobody refers to the structure any more.
        unsafe {
            if let Some(gc) = linked(self.vm(), o) {
                containers::forget(self.vm(), gc, o);
                self.vm().heap.unlink(o.cast());
            }
        }
    }
    fn memory_grew(&self, bytes: usize) {
        crate::state::memory_grew(self.0, bytes);
    }
    fn unraisable(&self, about: Obj) {
        let vm = self.vm();
        if !errors::occurred() {
            return;
        }
        let e = take_error(vm);
        let object = if about.is_null() {
            vm.world().none
        } else {
            self.gc(about)
        };
        ouro_py_objects::finalize::write_unraisable(vm, e, None, object);
    }
    fn boot(&self) {
        let _ = (border(), data::none());
    }
}
