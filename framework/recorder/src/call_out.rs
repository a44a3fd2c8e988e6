//! Guest calls that a trace makes instead of following them: recursion, callees with loops of their own.
//!
//! A trace calls the function here, whose words are a [`CallSite`] and the guest's arguments, unboxed where the recorded ones
//! were of a value class. The callee runs in a run loop of its own, where it may enter compiled code. A backend may also go
//! from the call to the callee's compiled code at once ([`ouro_ir::CallAbi::Guest`]); then what this function would do is done
//! by the called code, and by [`CallSite::finish`] if that leaves at an exit.

use ouro_gc::{FieldInfo, FieldKind, Gc, TypeId};
use ouro_ir::{BOXED, MAX_GUEST_ARGS};
use ouro_machine::residual::{IntoRet, Word};
use ouro_machine::{Code, Entry, Language, Outcome, Ret, Vm};
use std::cell::Cell;

/// Most arguments, the callee's register 0 included.
pub const MAX_ARGUMENTS: usize = MAX_GUEST_ARGS;

/// How an object of a value class is made of its leaf.
#[derive(Clone, Copy)]
pub struct Leaf {
    pub type_id: u32,
    pub bytes: u32,
    pub field: FieldInfo,
}

/// Calls of such functions are always inlined.
pub(crate) fn has_too_many_arguments<L: Language>(code: &Code<L>) -> bool {
    code.nargs as usize >= ouro_ir::MAX_CALL_ARGS.min(MAX_ARGUMENTS)
}

/// A guest call in a trace. Lives as long as the trace's code; its address is the first word of the call. Compiled code reads
/// the first two fields, see [`CallSite::ACCESS`].
#[repr(C)]
pub struct CallSite<L: Language> {
    /// Bytes of frame records that the called frame stands for while it has none: its own, and those of the frames between
    /// the caller's own and the one that calls, which the caller has removed.
    record_bytes: u64,
    /// Type id of the value class of the result: the leaf is given, and a result of another class is raised in
    /// [`Language::unexpected`]. [`BOXED`]: any result is given as it is. Known when the call was recorded.
    result: Cell<u32>,
    code: &'static Code<L>,
    /// Suspended frames that the caller has removed.
    hidden: usize,
    leaf_of_result: Cell<Option<FieldInfo>>,
    arguments: [Option<Leaf>; MAX_ARGUMENTS],
}

/// Where compiled code finds the parts of a site, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct SiteAccess {
    /// 64 bits.
    pub record_bytes: usize,
    /// 32 bits.
    pub result: usize,
}

impl<L: Language> CallSite<L> {
    pub const ACCESS: SiteAccess = SiteAccess {
        record_bytes: std::mem::offset_of!(CallSite<L>, record_bytes),
        result: std::mem::offset_of!(CallSite<L>, result),
    };
    /// The site of a call of `code` with `hidden` suspended frames removed; its result is not known yet.
    pub(crate) fn new(
        code: &'static Code<L>,
        hidden: usize,
        arguments: [Option<Leaf>; MAX_ARGUMENTS],
    ) -> CallSite<L> {
        CallSite {
            record_bytes: ((hidden + 1) * Vm::<L>::COMPILED.record_bytes) as u64,
            result: Cell::new(BOXED),
            code,
            hidden,
            leaf_of_result: Cell::new(None),
            arguments,
        }
    }
    /// The trace wants the leaf of objects of this class.
    pub(crate) fn expect(&self, type_id: u32, leaf: FieldInfo) {
        self.result.set(type_id);
        self.leaf_of_result.set(Some(leaf));
    }
    /// Address of the callee's first instruction: the token of its trace.
    pub(crate) fn entry(&self) -> usize {
        self.code.entry() as usize
    }
    /// The value classes of the arguments, as the call's descriptor wants them.
    pub(crate) fn classes(&self) -> [u32; MAX_ARGUMENTS] {
        self.arguments.map(|a| a.map_or(BOXED, |leaf| leaf.type_id))
    }
    /// The site with this address.
    pub fn at(word: u64) -> &'static CallSite<L> {
        // SAFETY: the recorder put the address of a site there, which lives as long as the code that names it, and
        // who is in a call from that code keeps it (ageing.rs of the runtime).
        unsafe { &*(word as *const CallSite<L>) }
    }
    /// How the callee ended, as the trace wants it.
    pub fn finish(&self, vm: &'static Vm<L>, outcome: Outcome) -> Ret {
        let Some(leaf) = self.leaf_of_result.get() else {
            return outcome.into_ret();
        };
        match outcome {
            Ok(v) if !v.is_null() && v.type_id().0 == self.result.get() => Ret {
                value: read_leaf(v, leaf),
                exc: 0,
            },
            Ok(v) => Err::<Gc, Gc>(L::unexpected(vm, v)).into_ret(),
            Err(e) => Err::<Gc, Gc>(e).into_ret(),
        }
    }
    fn argument(&self, vm: &'static Vm<L>, n: usize, word: u64) -> Gc {
        match self.arguments[n] {
            None => <Gc as Word>::from_word(word),
            Some(leaf) => make_object(vm, leaf, word),
        }
    }
}

/// The leaf of an object of a value class: 64 bits.
pub(crate) fn read_leaf(object: Gc, leaf: FieldInfo) -> u64 {
    debug_assert!(matches!(leaf.kind, FieldKind::Int | FieldKind::Float));
    // SAFETY: the field belongs to the object's class.
    unsafe { *object.word::<u64>(leaf.offset) }
}
/// An object of a value class; nothing moves meanwhile.
pub fn make_object<L: Language>(vm: &'static Vm<L>, leaf: Leaf, word: u64) -> Gc {
    let make = || vm.heap.alloc_checked(TypeId(leaf.type_id), leaf.bytes);
    let object = vm.heap.without_collecting(make);
    // SAFETY: the field belongs to the object's class; the object is new.
    unsafe { *object.word::<u64>(leaf.field.offset) = word };
    object
}

fn run<L: Language>(vm: &'static Vm<L>, site: u64, words: &[u64]) -> Ret {
    let site = CallSite::<L>::at(site);
    let mut arguments = [Gc::NULL; MAX_ARGUMENTS];
    for (n, word) in words.iter().enumerate() {
        arguments[n] = site.argument(vm, n, *word);
    }
    site.code.note_call_from_compiled();
    let outcome = vm.with_hidden_frames(site.hidden, || {
        vm.call_frame(site.code, 0, Entry::Start, |registers| {
            registers[..words.len()].copy_from_slice(&arguments[..words.len()]);
        })
    });
    site.finish(vm, outcome)
}

macro_rules! shims {
    ($($n:literal $name:ident($($a:ident)*);)*) => {
        $(extern "C" fn $name<L: Language>(vm: &'static Vm<L>, site: u64, $($a: u64),*) -> Ret {
            run(vm, site, &[$($a),*])
        })*
        /// Address of the function for callees with this many arguments, at most [`MAX_ARGUMENTS`].
        pub fn address<L: Language>(arguments: usize) -> u64 {
            match arguments {
                $($n => $name::<L> as *const () as u64,)*
                _ => unreachable!("the recorder inlines calls with more arguments"),
            }
        }
    };
}
shims! {
    0 call0();
    1 call1(a);
    2 call2(a b);
    3 call3(a b c);
    4 call4(a b c d);
    5 call5(a b c d e);
    6 call6(a b c d e f);
    7 call7(a b c d e f g);
    8 call8(a b c d e f g h);
}
