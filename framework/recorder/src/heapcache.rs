//! What is known while recording, so that it is not recorded twice: classes, promoted values, field values.

use ahash::AHashMap;
use ouro_ir::Arg;

/// Facts by value number.
#[derive(Default)]
pub struct HeapCache {
    /// Type id + 1 of a value; 0: unknown.
    classes: Vec<u32>,
    /// The value was compared with its present value: it is as good as a constant.
    promoted: Vec<bool>,
    /// (object, offset) of fields that never change.
    immutable: AHashMap<(Arg, u32), Arg>,
    mutable: AHashMap<(Arg, u32), Arg>,
    /// (array, number) of items that never change.
    items: AHashMap<(Arg, i64), Arg>,
}

fn at<T: Clone + Default>(v: &mut Vec<T>, n: u32) -> &mut T {
    if v.len() <= n as usize {
        v.resize((n as usize + 1).next_power_of_two().max(64), T::default());
    }
    &mut v[n as usize]
}

impl HeapCache {
    /// True if the class was not known before.
    pub fn learn_class(&mut self, value: Arg, type_id: u32) -> bool {
        let Some(n) = value.as_var() else {
            return false;
        };
        std::mem::replace(at(&mut self.classes, n), type_id + 1) != type_id + 1
    }
    pub fn class_known(&mut self, value: Arg) -> bool {
        value
            .as_var()
            .is_some_and(|n| *at(&mut self.classes, n) != 0)
    }
    /// True if it was not promoted before.
    pub fn promote(&mut self, value: Arg) -> bool {
        let Some(n) = value.as_var() else {
            return false;
        };
        !std::mem::replace(at(&mut self.promoted, n), true)
    }
    pub fn is_promoted(&mut self, value: Arg) -> bool {
        value.as_var().is_some_and(|n| *at(&mut self.promoted, n))
    }
    pub fn field(&self, object: Arg, offset: u32, immutable: bool) -> Option<Arg> {
        let map = if immutable {
            &self.immutable
        } else {
            &self.mutable
        };
        map.get(&(object, offset)).copied()
    }
    pub fn loaded(&mut self, object: Arg, offset: u32, immutable: bool, value: Arg) {
        let map = if immutable {
            &mut self.immutable
        } else {
            &mut self.mutable
        };
        map.insert((object, offset), value);
    }
    /// Item `i` of an array whose items never change.
    pub fn item(&self, array: Arg, i: i64) -> Option<Arg> {
        self.items.get(&(array, i)).copied()
    }
    pub fn loaded_item(&mut self, array: Arg, i: i64, value: Arg) {
        self.items.insert((array, i), value);
    }
    /// A store may change the same field of any other object that could be the same one.
    pub fn stored(&mut self, object: Arg, offset: u32, value: Option<Arg>) {
        self.mutable
            .retain(|(other, o), _| *o != offset || *other == object);
        match value {
            Some(value) => self.mutable.insert((object, offset), value),
            None => self.mutable.remove(&(object, offset)),
        };
    }
    /// A call may have written anywhere.
    pub fn forget_mutable(&mut self) {
        self.mutable.clear();
    }
}
