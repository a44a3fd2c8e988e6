//! `super()` without arguments, and methods that are looked up through it.
//!
//! All that the usual case reads of the frame are two registers, which are always live: the first argument and the cell of
//! `__class__`. So neither the interpreter nor a trace has to look at frames for it, as the residual call does.

use crate::operators;
use crate::prelude::*;
use ouro_py_objects::builtin::Binding;
use ouro_py_syntax::LocalKind;

/// The super object of the running method. None: the residual call knows the other cases and the errors.
pub fn implicit<M: PyMachine>(p: &Probe<M>) -> Option<M::Ref> {
    let data = &p.code().info.data;
    let is_plain = |l: &ouro_py_syntax::Local| l.kind == LocalKind::Local;
    if data.argcount == 0 || !data.locals.first().is_some_and(is_plain) {
        return None;
    }
    let cell = p.reg(data.register_of("__class__")?);
    let object = p.reg(1);
    if p.is_null_ref(object) || p.is_null_ref(cell) {
        return None;
    }
    let class = p.get(p.cast::<WCell>(cell)?, WCell::VALUE);
    if p.is_null_ref(class) {
        return None;
    }
    let class = p.cast::<WClass>(class)?;
    let after = p.promote(p.get(class, WClass::CLASS));
    let searched = match p.cast::<WClass>(object) {
        Some(own) => p.promote(p.get(own, WClass::CLASS)),
        None => operators::user_class(p, object)?,
    };
    p.depend_on(&searched.quasi);
    if !searched.is_subclass(after) {
        return None;
    }
    let new = p
        .new_object::<WSuper>()
        .with(WSuper::CLASS, class.raw)
        .with(WSuper::SELF, object)
        .with(WSuper::SELF_CLASS, p.konst(searched.gc()));
    Some(new.any())
}

/// What a method to be called on a super object is: the function and its receiver, which is NULL if there is none to be
/// bound. None: nothing so simple.
pub fn method<M: PyMachine>(
    p: &Probe<M>,
    s: R<M, WSuper>,
    name: Name,
) -> Option<(Gc, Option<M::Ref>)> {
    let (searched, after) = (p.get(s, WSuper::SELF_CLASS), p.get(s, WSuper::CLASS));
    if p.is_null_ref(searched) || name == p.vm().world().names.class {
        return None;
    }
    let of = p.promote(p.get(p.cast::<WClass>(searched)?, WClass::CLASS));
    let after = p.promote(p.get(p.cast::<WClass>(after)?, WClass::CLASS));
    p.depend_on(&of.quasi);
    let found = of.lookup_after(after, name)?;
    let binds = match found.type_id().0 {
        WFunction::TYPE_ID => true,
        WMethodDescr::TYPE_ID => found.get(WMethodDescr::DEF).expect().binding == Binding::Instance,
        _ => false,
    };
    // The static ones: `__new__` most of all.
    if found.is::<WBuiltin>() {
        return Some((found, None));
    }
    if found.is::<WStaticMethod>() {
        return Some((found.get(WStaticMethod::FUNC), None));
    }
    let object = p.get(s, WSuper::SELF);
    // In a class method the class itself is searched, and a function of it is not bound.
    match binds && !p.guard(p.same(object, searched)) {
        true => Some((found, Some(object))),
        false => None,
    }
}
