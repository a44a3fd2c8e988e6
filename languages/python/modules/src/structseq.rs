//! Tuples with named fields, such as `sys.version_info` and `os.stat_result`: subclasses of tuple.

use crate::rt::*;
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{
    Access, BuiltinDef, Class, Errors, GetSetDef, Kw, PyResult, Vm, make_class, payload::payload,
    type_of,
};

/// A class of named tuples.
#[derive(Clone, Copy)]
pub struct StructSeq {
    /// `__module__`
    pub module: &'static str,
    /// `__name__`
    pub name: &'static str,
    /// All fields; those after the first `visible` are attributes only.
    pub fields: &'static [&'static str],
    /// Length of the tuple.
    pub visible: usize,
    /// May be called with a sequence.
    pub callable: bool,
}

fn item<const N: usize>(vm: &'static Vm, this: Gc) -> PyResult {
    let items = payload(this).items(&TUPLE);
    Ok(items.get(N).copied().unwrap_or(none(vm)))
}
type Getter = fn(&'static Vm, Gc) -> PyResult;
const GETTERS: [Getter; 20] = [
    item::<0>, item::<1>, item::<2>, item::<3>, item::<4>, item::<5>, item::<6>, item::<7>,
    item::<8>, item::<9>, item::<10>, item::<11>, item::<12>, item::<13>, item::<14>, item::<15>,
    item::<16>, item::<17>, item::<18>, item::<19>,
];

static METHODS: &[BuiltinDef] = &[
    fn1("__repr__", show).keep_self(),
    fn1("__reduce__", reduce).keep_self(),
];
static NEW: &[BuiltinDef] = &[kw("__new__", new).static_method()];

/// Defines the class.
pub fn define(vm: &'static Vm, seq: &'static StructSeq) -> &'static Class {
    let known = state(vm).classes.borrow().get(seq.name).copied();
    if let Some(class) = known {
        return class;
    }
    use ouro_py_objects::class::class_flags::{HAS_DICT, NO_NEW};
    // Invisible fields lie in the dict of the instance.
    let with_dict = if seq.fields.len() > seq.visible {
        HAS_DICT
    } else {
        0
    };
    let flags = with_dict | if seq.callable { 0 } else { NO_NEW };
    let class =
        make_class::new_builtin_class(vm, seq.module, seq.name, vm.world().classes.tuple, flags);
    class
        .instance_type_id
        .set(<WInst as ouro_gc::Object>::TYPE_ID);
    make_class::add_members(vm, class, METHODS, &[]);
    if seq.callable {
        make_class::add_members(vm, class, NEW, &[]);
    }
    // The getters of one class live as long as the class, that is for ever.
    let getsets: Vec<GetSetDef> = seq.fields[..seq.visible]
        .iter()
        .zip(GETTERS)
        .map(|(field, get)| ouro_py_objects::builtin::getter(field, get).member())
        .collect();
    make_class::add_members(vm, class, &[], Box::leak(getsets.into_boxed_slice()));
    for (key, value) in [
        ("n_fields", seq.fields.len()),
        ("n_sequence_fields", seq.visible),
        ("n_unnamed_fields", 0),
    ] {
        class.put(vm, name(vm, key), int(vm, value as i64));
    }
    let mut names = ouro_py_objects::Temps::new(vm);
    for field in &seq.fields[..seq.visible] {
        names.push(name(vm, field));
    }
    class.put(vm, name(vm, "__match_args__"), tuple(vm, &names));
    state(vm).classes.borrow_mut().insert(seq.name, class);
    state(vm).structs.borrow_mut().insert(class.id, seq);
    class
}
/// A new value; `values` are all fields, the invisible ones last.
///
/// # Errors
/// What setting an invisible field raises; none is expected.
pub fn make(vm: &'static Vm, seq: &'static StructSeq, values: &[Gc]) -> PyResult {
    let class = define(vm, seq);
    let object = make_class::new_instance(vm, class, tuple(vm, &values[..seq.visible]));
    for (field, &value) in seq.fields.iter().zip(values).skip(seq.visible) {
        ouro_py_objects::instance::set_own(vm, object, name(vm, field), value)?;
    }
    Ok(object)
}
fn spec_of(vm: &'static Vm, class: &'static Class) -> Option<&'static StructSeq> {
    state(vm).structs.borrow().get(&class.id).copied()
}
fn show(vm: &'static Vm, this: Gc) -> PyResult {
    let class = type_of(vm, this);
    let seq = spec_of(vm, class).expect("only struct sequences have this method");
    let mut text = format!("{}.{}(", seq.module, seq.name);
    let items = crate::rt::collect(vm, payload(this))?;
    for (i, (field, &v)) in seq.fields.iter().zip(items.iter()).enumerate() {
        let shown = repr(vm, v)?;
        // Where an attribute of the same name is more exact than the item, the item has a suffix.
        let field = field.trim_end_matches("_int");
        text += &format!("{}{field}={shown}", if i == 0 { "" } else { ", " });
    }
    Ok(string(vm, &(text + ")")))
}
fn reduce(vm: &'static Vm, this: Gc) -> PyResult {
    let class = type_of(vm, this).gc();
    let args = tuple(vm, &[payload(this), dict(vm)]);
    Ok(tuple(vm, &[class, args]))
}
fn new(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [class, values, _extra] =
        crate::args::bind(vm, "structseq", ["cls", "sequence", "dict"], 2, args, kw)?;
    let class = class.get(WClass::CLASS).expect();
    let Some(seq) = spec_of(vm, class) else {
        return Err(vm.type_error("not a struct sequence"));
    };
    let mut values = crate::rt::collect(vm, values)?;
    let (n, all) = (values.len(), seq.fields.len());
    if n < seq.visible || n > all {
        let (word, limit) = if n < seq.visible {
            ("at least", seq.visible)
        } else {
            ("at most", all)
        };
        let word = if seq.visible == all { "a" } else { word };
        let shape = if word == "a" {
            format!("a {limit}-sequence")
        } else {
            format!("{word} {limit}-sequence")
        };
        return Err(vm.type_error(format_args!(
            "{}.{}() takes {shape} ({n}-sequence given)",
            seq.module, seq.name
        )));
    }
    while values.len() < all {
        values.push(none(vm));
    }
    make(vm, seq, &values)
}
