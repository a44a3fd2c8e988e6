//! Classes and maps: host data that is leaked, and the lookups that inline caches remember.
//!
//! Invariants
//! - C1: a lookup in a class or map is a pure function of its version ([`Class::quasi`], [`Map::quasi`]): everything that
//!   can change an answer calls [`Class::changed`], which gives new versions to the class, its subclasses, their maps and
//!   (for a metaclass) to its instances.
//! - C2: the values of a class's namespace lie in the heap (`WClass::VALUES`); names and order lie here.
//! - C3: maps form a tree by the order in which attributes appear; the path is the order of `__dict__`.

use crate::Vm;
use crate::access::{Access, alloc_var};
use crate::builtin::BuiltinDef;
use crate::layout::*;
use crate::special::{SPECIAL_COUNT, Special};
use ahash::RandomState;
use ouro_gc::Gc;
use ouro_machine::Quasi;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;

/// An interned, immortal `WStr`: equal names are the same object.
pub type Name = Gc;

/// The key of a name in an index. Names are immortal, so that their addresses stay.
#[inline(always)]
fn key(name: Name) -> usize {
    debug_assert!(
        name.header().state() & ouro_gc::state_bits::IMMORTAL != 0,
        "{name:?} is no interned name"
    );
    name.address()
}

/// Properties of a class; a set of bits in [`Class::flags`].
pub mod class_flags {
    /// Made by a class statement or a call of `type`: attributes may be assigned.
    pub const HEAP: u32 = 1;
    /// May be a base class.
    pub const BASE: u32 = 2;
    /// Instances have a `__dict__`.
    pub const HAS_DICT: u32 = 4;
    /// Instances may be weakly referenced.
    pub const HAS_WEAKREF: u32 = 8;
    /// `__abstractmethods__` is not empty.
    pub const ABSTRACT: u32 = 16;
    /// A subclass of BaseException.
    pub const EXCEPTION: u32 = 32;
    /// A subclass of type: instances are classes.
    pub const METACLASS: u32 = 64;
    /// A mapping for pattern matching.
    pub const MAPPING: u32 = 128;
    /// A sequence for pattern matching.
    pub const SEQUENCE: u32 = 256;
    /// Instances have a `__del__`.
    pub const FINALIZER: u32 = 512;
    /// Created with `__slots__`.
    pub const SLOTS: u32 = 1024;
    /// A one-argument class pattern matches the subject itself (int, str, ...).
    pub const MATCH_SELF: u32 = 2048;
    /// Calling the class raises "cannot create '...' instances".
    pub const NO_NEW: u32 = 4096;
    /// Instances of the class itself stand for structures outside the heap: they are `WForeign`s.
    pub const RAW: u32 = 8192;
    /// Attributes may be assigned though no class statement made it.
    pub const MUTABLE: u32 = 16384;
    /// Code outside knows it by a structure that follows its changes.
    pub const HAS_TYPE: u32 = 32768;
    /// Instances export their memory, though no code outside made the class.
    pub const BUFFER: u32 = 65536;
    /// Instances of the class itself are compact arrays of numbers: `WNative`s with the layout that
    /// [`crate::typed_items`] describes.
    pub const TYPED_ITEMS: u32 = 131_072;
    /// A class with [`RAW`] whose instances are nothing but their structures: no `__dict__`, no weak references.
    pub const ONLY_RAW: u32 = 262_144;
}

#[derive(Default)]
struct Namespace {
    /// Insertion order; None after deletion.
    names: Vec<Option<Name>>,
    index: HashMap<usize, u32, RandomState>,
}

/// A class. Never freed.
pub struct Class {
    /// Number in [`crate::world::World::all_classes`].
    pub id: u32,
    /// The class object (`WClass`). A root.
    pub object: Cell<Gc>,
    /// Its class.
    pub metaclass: Cell<Option<&'static Class>>,
    /// See [`class_flags`].
    pub flags: Cell<u32>,
    /// The builtin class whose exact object an instance holds as `PAYLOAD`, or which its instances are. `object` has none.
    pub solid: Cell<Option<&'static Class>>,
    /// Type id of instances: `WInst` for classes of the guest, `WException` for exceptions, ...
    pub instance_type_id: Cell<u32>,
    /// Changes when any lookup in the class may give another answer.
    pub quasi: Quasi,
    /// Slots that `__slots__` of this class and its bases use.
    pub fixed_slots: Cell<u32>,
    bases: RefCell<Vec<&'static Class>>,
    mro: Cell<&'static [&'static Class]>,
    subclasses: RefCell<Vec<&'static Class>>,
    namespace: RefCell<Namespace>,
    maps: RefCell<Vec<&'static Map>>,
    root_map: OnceCell<&'static Map>,
    dict_map: OnceCell<&'static Map>,
    known_specials: Cell<u128>,
    /// The version for which [`Class::tells_its_class`] was found out, and the answer.
    tells_its_class: Cell<(u64, bool)>,
    /// Of a class with [`class_flags::RAW`]: what makes an instance in one call and calls `__init__`. Looked at under `quasi`.
    pub maker: Cell<Option<&'static BuiltinDef>>,
    /// The address of what stands for the class outside the heap, or 0.
    pub outside: Cell<usize>,
    full_name: OnceCell<String>,
    signature: OnceCell<String>,
}

impl Class {
    /// A class without namespace, bases and object: see [`crate::make_class`] for how classes are made.
    pub(crate) fn leak(vm: &'static Vm, id: u32) -> &'static Class {
        Box::leak(Box::new(Class {
            id,
            object: Cell::new(Gc::NULL),
            metaclass: Cell::new(None),
            flags: Cell::new(0),
            solid: Cell::new(None),
            instance_type_id: Cell::new(0),
            quasi: Quasi::new(vm.fresh_version()),
            fixed_slots: Cell::new(0),
            bases: RefCell::default(),
            mro: Cell::new(&[]),
            subclasses: RefCell::default(),
            namespace: RefCell::default(),
            maps: RefCell::default(),
            root_map: OnceCell::new(),
            dict_map: OnceCell::new(),
            known_specials: Cell::new(0),
            tells_its_class: Cell::default(),
            maker: Cell::new(None),
            outside: Cell::new(0),
            full_name: OnceCell::new(),
            signature: OnceCell::new(),
        }))
    }
    /// Whether the class has all bits of `flag`.
    #[inline(always)]
    pub fn has(&self, flag: u32) -> bool {
        self.flags.get() & flag == flag
    }
    /// Sets bits.
    pub fn add_flags(&self, flags: u32) {
        self.flags.set(self.flags.get() | flags);
    }
    /// Clears bits.
    pub fn remove_flags(&self, flags: u32) {
        self.flags.set(self.flags.get() & !flags);
    }
    /// The class object.
    #[inline(always)]
    pub fn gc(&self) -> Gc {
        self.object.get()
    }
    /// `__name__` as a str.
    pub fn name(&self) -> Gc {
        self.gc().get(WClass::NAME)
    }
    /// What messages call the class: `__name__`, or what [`Class::set_full_name`] said.
    pub fn text(&self) -> String {
        match self.full_name.get() {
            Some(name) => name.clone(),
            None => crate::str::to_text(self.name()),
        }
    }
    /// `__text_signature__`, which stands in front of the documentation of a type of an extension module.
    pub fn signature(&self) -> Option<&str> {
        self.signature.get().map(String::as_str)
    }
    /// Sets `__text_signature__`, once.
    pub fn set_signature(&self, text: String) {
        let _ = self.signature.set(text);
    }
    /// Messages call the class by its module and name: so do they with classes of extension modules.
    pub fn set_full_name(&self, name: String) {
        // A class gets one name for ever.
        let _ = self.full_name.set(name);
    }
    /// `__qualname__` in Rust.
    pub fn qualname_text(&self) -> String {
        crate::str::to_text(self.gc().get(WClass::QUALNAME))
    }
    /// Direct bases.
    pub fn bases(&self) -> Vec<&'static Class> {
        self.bases.borrow().clone()
    }
    /// Method resolution order, the class itself first.
    #[inline(always)]
    pub fn mro(&self) -> &'static [&'static Class] {
        self.mro.get()
    }
    /// Direct subclasses, oldest first.
    pub fn subclasses(&self) -> Vec<&'static Class> {
        self.subclasses.borrow().clone()
    }
    /// The metaclass.
    #[inline(always)]
    pub fn meta(&self) -> &'static Class {
        self.metaclass
            .get()
            .expect("every class has a metaclass after bootstrap")
    }
    /// Whether `other` is in the MRO. Virtual subclasses (`__subclasscheck__`) do not count.
    #[inline]
    pub fn is_subclass(&'static self, other: &'static Class) -> bool {
        std::ptr::eq(self, other) || self.mro().iter().any(|&c| std::ptr::eq(c, other))
    }
    /// Replaces bases and MRO and links the subclass lists.
    pub(crate) fn set_bases(
        &'static self,
        vm: &'static Vm,
        bases: Vec<&'static Class>,
        mro: Vec<&'static Class>,
    ) {
        for old in self.bases.borrow().iter() {
            old.subclasses
                .borrow_mut()
                .retain(|&c| !std::ptr::eq(c, self));
        }
        for base in &bases {
            base.subclasses.borrow_mut().push(self);
        }
        *self.bases.borrow_mut() = bases;
        self.set_mro(vm, mro);
    }
    /// Replaces the MRO.
    pub(crate) fn set_mro(&'static self, vm: &'static Vm, mro: Vec<&'static Class>) {
        self.mro.set(Box::leak(mro.into_boxed_slice()));
        self.changed(vm);
    }

    // ---- namespace
    /// The value in the class's own namespace.
    pub fn own(&self, name: Name) -> Option<Gc> {
        self.own_slot(name)
            .map(|value| match value.is::<WGlobalCell>() {
                true => value.get(WGlobalCell::VALUE),
                false => value,
            })
    }
    /// The value in the class's own namespace, or the cell around it, see [`Class::put`].
    fn own_slot(&self, name: Name) -> Option<Gc> {
        let slot = *self.namespace.borrow().index.get(&key(name))?;
        Some(self.gc().get(WClass::VALUES).item(&REFS, slot as usize))
    }
    /// The cell around the value found along the MRO, if it is one that changes.
    pub fn cell(&self, name: Name) -> Option<Gc> {
        let found = self.mro().iter().find_map(|c| c.own_slot(name));
        found.filter(|value| value.is::<WGlobalCell>())
    }
    /// The value found along the MRO.
    #[inline]
    pub fn lookup(&self, name: Name) -> Option<Gc> {
        self.mro().iter().find_map(|c| c.own(name))
    }
    /// As [`Class::lookup`], with the class that has it.
    pub fn lookup_where(&self, name: Name) -> Option<(Gc, &'static Class)> {
        self.mro().iter().find_map(|&c| c.own(name).map(|v| (v, c)))
    }
    /// As [`Class::lookup`], only in the classes of the MRO after `after`.
    pub fn lookup_after(&self, after: &'static Class, name: Name) -> Option<Gc> {
        let at = self.mro().iter().position(|&c| std::ptr::eq(c, after))?;
        self.mro()[at + 1..].iter().find_map(|c| c.own(name))
    }
    /// Puts a value into the namespace.
    ///
    /// A value that is replaced by another is put into a cell: counters in classes are common, and what depends on lookups
    /// in the class need not be told of each new number. The values of a cell are no descriptors, so that how an
    /// attribute is looked up does not depend on them.
    pub fn put(&'static self, vm: &'static Vm, name: Name, value: Gc) {
        let old = self.own_slot(name).unwrap_or(Gc::NULL);
        let plain = !old.is_null() && may_change(vm, name, value);
        if plain && old.is::<WGlobalCell>() {
            return crate::dict::write_cell(vm, old, value);
        }
        let new = match plain && may_change(vm, name, old) {
            true => crate::dict::new_cell(vm, value, 2),
            false => value,
        };
        self.store(vm, name, new);
        self.changed(vm);
    }
    /// As [`Class::put`] for a class that nobody has looked into yet.
    pub(crate) fn store(&'static self, vm: &'static Vm, name: Name, value: Gc) {
        let object = self.gc();
        let mut values = object.get(WClass::VALUES);
        let mut namespace = self.namespace.borrow_mut();
        let slot = match namespace.index.get(&key(name)) {
            Some(&slot) => slot as usize,
            None => {
                let slot = namespace.names.len();
                if values.is_null() || slot == values.items_len::<WRefArray>() {
                    let grown = alloc_var::<WRefArray>(vm, (slot * 2).max(8));
                    for i in 0..slot {
                        grown.init_item(&REFS, i, values.item(&REFS, i));
                    }
                    object.set(vm, WClass::VALUES, grown);
                    values = grown;
                }
                namespace.names.push(Some(name));
                namespace.index.insert(key(name), slot as u32);
                slot
            }
        };
        values.set_item(vm, &REFS, slot, value);
    }
    /// Removes a name; false if it is not there.
    pub fn remove(&'static self, vm: &'static Vm, name: Name) -> bool {
        let Some(slot) = self.namespace.borrow_mut().index.remove(&key(name)) else {
            return false;
        };
        self.namespace.borrow_mut().names[slot as usize] = None;
        self.gc()
            .get(WClass::VALUES)
            .set_item(vm, &REFS, slot as usize, Gc::NULL);
        self.changed(vm);
        true
    }
    /// The names of the own namespace, in insertion order.
    pub fn own_names(&self) -> Vec<Name> {
        self.namespace
            .borrow()
            .names
            .iter()
            .flatten()
            .copied()
            .collect()
    }
    /// Everything that depends on a lookup in this class is out of date.
    pub fn changed(&'static self, vm: &'static Vm) {
        self.quasi.change(vm);
        if self.known_specials.replace(0) != 0 {
            let cache = self.gc().get(WClass::SPECIALS);
            if !cache.is_null() {
                (0..SPECIAL_COUNT).for_each(|i| cache.set_item(vm, &REFS, i, Gc::NULL));
            }
        }
        self.maps.borrow().iter().for_each(|m| m.quasi.change(vm));
        self.subclasses.borrow().iter().for_each(|c| c.changed(vm));
        if self.has(class_flags::METACLASS) && vm.has_world() {
            let all = vm.world().all_classes.borrow().clone();
            let mine =
                |c: &&&'static Class| c.metaclass.get().is_some_and(|m| std::ptr::eq(m, self));
            all.iter().filter(mine).for_each(|c| c.quasi.change(vm));
        }
        if self.has(class_flags::HAS_TYPE)
            && let Some(hook) = vm.world().callouts.class_changed.get()
        {
            hook(vm, self);
        }
    }
    /// A special method, unbound, as found along the MRO; NULL if there is none.
    #[inline]
    pub fn special(&'static self, vm: &'static Vm, special: Special) -> Gc {
        let bit = 1u128 << special as u8;
        if self.known_specials.get() & bit != 0 {
            return self
                .gc()
                .get(WClass::SPECIALS)
                .item(&REFS, special as usize);
        }
        self.find_special(vm, special)
    }
    #[cold]
    fn find_special(&'static self, vm: &'static Vm, special: Special) -> Gc {
        let found = self.lookup(special.name(vm)).unwrap_or(Gc::NULL);
        let mut cache = self.gc().get(WClass::SPECIALS);
        if cache.is_null() {
            cache = alloc_var::<WRefArray>(vm, SPECIAL_COUNT);
            self.gc().set(vm, WClass::SPECIALS, cache);
        }
        cache.set_item(vm, &REFS, special as usize, found);
        self.known_specials
            .set(self.known_specials.get() | 1u128 << special as u8);
        found
    }
    /// Whether instances are made and behave as `object` says for this method (it is not overridden).
    pub fn inherits_from_object(&'static self, vm: &'static Vm, special: Special) -> bool {
        let object = vm.world().classes.object;
        self.special(vm, special) == object.special(vm, special)
    }
    /// Whether `x.__class__` of an instance is its class for certain, without guest code.
    pub fn tells_its_class(&'static self, vm: &'static Vm) -> bool {
        let (version, known) = self.tells_its_class.get();
        if version == self.quasi.version() {
            return known;
        }
        let (name, object) = (vm.world().names.class, vm.world().classes.object);
        let found = self.inherits_from_object(vm, Special::GetAttribute)
            && self.lookup(name) == object.lookup(name);
        self.tells_its_class.set((self.quasi.version(), found));
        found
    }

    // ---- maps
    /// The map of a new instance.
    pub fn root_map(&'static self, vm: &'static Vm) -> &'static Map {
        self.root_map.get_or_init(|| {
            let names = vec![Gc::NULL; self.fixed_slots.get() as usize];
            Map::leak(vm, self, names, false)
        })
    }
    /// The map of an instance whose attributes lie in a dict.
    pub fn dict_map(&'static self, vm: &'static Vm) -> &'static Map {
        self.dict_map.get_or_init(|| {
            let names = vec![Gc::NULL; self.fixed_slots.get() as usize];
            Map::leak(vm, self, names, true)
        })
    }
    /// What loading attribute `name` of an object of this class without instance attributes does, for caches keyed on
    /// [`Class::quasi`]. Only for layouts other than `WInst` whose instances have no `__dict__`.
    pub fn load_answer(&'static self, vm: &'static Vm, name: Name) -> Answer {
        crate::lookup::load_of_class(vm, self, name)
    }
    /// What loading attribute `name` of this class object does, for caches keyed on [`Class::quasi`].
    pub fn type_answer(&'static self, vm: &'static Vm, name: Name) -> Answer {
        crate::lookup::load_of_type(vm, self, name)
    }
    /// What calling this class does, for caches keyed on [`Class::quasi`].
    pub fn call_answer(&'static self, vm: &'static Vm) -> Answer {
        crate::lookup::call_of_type(vm, self)
    }
}

/// The hidden class of an instance: which attribute is in which slot. Never freed.
pub struct Map {
    /// The class of the instances.
    pub class: &'static Class,
    /// Names by slot. NULL for slots of `__slots__`, which are reached by their descriptors.
    pub names: Vec<Name>,
    index: HashMap<usize, u32, RandomState>,
    /// Changes when the class changes.
    pub quasi: Quasi,
    /// The attributes lie in `WInst::DICT`; only slots of `__slots__` lie in slots.
    pub dict_mode: bool,
    grown: RefCell<Vec<(Name, &'static Map)>>,
}

/// More attributes than this put an instance into dict mode.
pub const MAX_MAP_SLOTS: usize = 80;

impl Map {
    fn leak(
        vm: &'static Vm,
        class: &'static Class,
        names: Vec<Name>,
        dict_mode: bool,
    ) -> &'static Map {
        let named = names.iter().enumerate().filter(|(_, n)| !n.is_null());
        let index = if names.len() > 6 {
            named.map(|(i, n)| (key(*n), i as u32)).collect()
        } else {
            HashMap::default()
        };
        let quasi = Quasi::new(vm.fresh_version());
        let map = Box::leak(Box::new(Map {
            class,
            names,
            index,
            quasi,
            dict_mode,
            grown: RefCell::default(),
        }));
        class.maps.borrow_mut().push(map);
        map
    }
    /// The slot of an attribute.
    #[inline]
    pub fn find(&self, name: Name) -> Option<u32> {
        if self.names.len() > 6 {
            return self.index.get(&key(name)).copied();
        }
        self.names.iter().position(|&n| n == name).map(|i| i as u32)
    }
    /// The map with one more attribute, which gets the last slot. Idempotent.
    pub fn grow(&'static self, vm: &'static Vm, name: Name) -> &'static Map {
        if let Some(found) = self.grown.borrow().iter().find(|g| g.0 == name) {
            return found.1;
        }
        let map = Map::leak(
            vm,
            self.class,
            self.names.iter().copied().chain([name]).collect(),
            false,
        );
        self.grown.borrow_mut().push((name, map));
        map
    }
    /// The map without the attribute in slot `gone`, which is no slot of `__slots__`: those behind it move down by one.
    pub fn without_slot(&self, vm: &'static Vm, gone: u32) -> &'static Map {
        let fixed = self.class.fixed_slots.get();
        let left = (fixed..self.names.len() as u32).filter(|&slot| slot != gone);
        left.fold(self.class.root_map(vm), |map, slot| {
            map.grow(vm, self.names[slot as usize])
        })
    }
    /// What deleting an attribute that nothing in the class says anything about leaves, and the slot that it had. A pure
    /// function of the version of [`Map::quasi`].
    pub fn without(&self, vm: &'static Vm, name: Name) -> Option<(&'static Map, u32)> {
        let simple = !self.dict_mode
            && self.class.inherits_from_object(vm, Special::DelAttr)
            && self.class.lookup(name).is_none();
        let gone = self.find(name).filter(|_| simple)?;
        Some((self.without_slot(vm, gone), gone))
    }
    /// The map of the same names in another class with as many fixed slots, for `__class__` assignment.
    pub fn transplant(&self, vm: &'static Vm, class: &'static Class) -> &'static Map {
        if self.dict_mode {
            return class.dict_map(vm);
        }
        let names = self
            .names
            .iter()
            .skip(self.class.fixed_slots.get() as usize);
        names.fold(class.root_map(vm), |m, &n| m.grow(vm, n))
    }
    /// What loading attribute `name` of an instance with this map does, for caches keyed on [`Map::quasi`].
    pub fn load_answer(&'static self, vm: &'static Vm, name: Name) -> Answer {
        crate::lookup::load_of_map(vm, self, name)
    }
    /// What storing attribute `name` of an instance with this map does.
    pub fn store_answer(&'static self, vm: &'static Vm, name: Name) -> Answer {
        crate::lookup::store_of_map(vm, self, name)
    }
    /// The special method of the instance's class.
    #[inline]
    pub fn special(&'static self, vm: &'static Vm, special: Special) -> Gc {
        self.class.special(vm, special)
    }
}

/// What an inline cache remembers of a lookup. References in it live as long as the version that is its key.
#[derive(Clone, Copy, Debug)]
pub enum Answer {
    /// Load or store: slot `n` of the instance. When loading, NULL means [`Answer::Slow`].
    Slot(u32),
    /// Load or store: the value of this key of the instance's dict. If that has none when loading, as [`Answer::Slow`].
    InDict,
    /// Store of a new attribute: it gets slot `n`, the instance gets the map.
    Grow(u32, &'static Map),
    /// Load: this value.
    Value(Gc),
    /// Load: a `WFunction` of the class to be bound to the object. Call of a class: its `__new__`, a `WFunction`.
    Method(Gc),
    /// Load: a `WMethodDescr` of the class to be bound to the object.
    BuiltinMethod(Gc),
    /// Load: a `WFunction` under a classmethod, to be bound to the class object that follows.
    ClassMethod(Gc, Gc),
    /// Load: call this `WFunction`, the getter of a property, with the object.
    Property(Gc),
    /// Store: call this `WFunction`, the setter of a property, with object and value.
    PropertySet(Gc),
    /// Load or store: `__get__` or `__set__` of the class of this descriptor, an instance of a user class, says what happens.
    Descriptor(Gc),
    /// Load or store: the `WGlobalCell` of a global variable; NULL inside means it was deleted.
    Global(Gc),
    /// A special method: the function as found in the class, NULL if there is none.
    Special(Gc),
    /// Call of a class: make an instance with this map and call `__init__` (a `WFunction`) with it; NULL: no `__init__`
    /// but `object`'s, and no arguments allowed.
    New(&'static Map, Gc),
    /// Nothing simple: the residual call does it all.
    Slow,
}

/// Whether a class attribute of this name and value is looked up like any other that `may_change`.
fn may_change(vm: &'static Vm, name: Name, value: Gc) -> bool {
    let is_descriptor = || {
        let class = crate::type_of(vm, value);
        [Special::Get, Special::Set, Special::Delete]
            .iter()
            .any(|&s| !class.special(vm, s).is_null())
    };
    !value.is::<WGlobalCell>()
        && !value.is::<WClass>()
        && !crate::str::bytes(name).starts_with(b"__")
        && vm.has_world()
        && !is_descriptor()
}

impl std::fmt::Debug for Map {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "Map({} slots of class {})",
            self.names.len(),
            self.class.id
        )
    }
}
impl std::fmt::Debug for Class {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Class({})", self.id)
    }
}
