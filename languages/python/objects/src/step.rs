//! Resume points of Python instructions: what is left to do when a guest call or residual call comes back.

use ouro_machine::ResumePoint;

macro_rules! steps {
    ($($(#[$meta:meta])* $name:ident,)*) => {
        /// Where an instruction goes on.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum Step { $($(#[$meta])* $name),* }
        const ALL: &[Step] = &[$(Step::$name),*];
    };
}
steps! {
    /// The instruction has not begun.
    Start,
    /// The value goes to the destination.
    Store,
    /// Bottom of a run loop.
    Exit,
    /// The value is dropped, the next instruction follows.
    Drop,
    /// `__init__` has returned: it must be None; the instance (register b of the call) is the result.
    Init,
    /// `__new__` has returned: `__init__` follows if it is an instance of the class.
    New,
    /// The left operand's method has returned; NotImplemented: the right operand's reflected method is next.
    BinLeft,
    /// The right operand's reflected method has returned and the left operand's is still to be tried (subclass first).
    BinRight,
    /// The last candidate of a binary operator or comparison has returned.
    BinLast,
    /// An in-place method has returned; NotImplemented: the binary operator is next.
    InPlace,
    /// A comparison has returned in a compare-and-jump: NotImplemented: the reflected comparison is next.
    CmpLeft,
    /// The reflected comparison has returned.
    CmpRight,
    /// The value's truth decides a jump.
    Truth,
    /// `__bool__` has returned: it must be a bool; it decides a jump.
    BoolResult,
    /// `__len__` has returned and decides a jump.
    LenResult,
    /// `__bool__` has returned for `not`.
    NotBool,
    /// `__len__` has returned for `not`.
    NotLen,
    /// `__contains__` has returned: its truth is the result.
    Contains,
    /// As `Contains`, negated.
    NotContains,
    /// `__next__` has returned in a for loop, or raised: StopIteration ends the loop.
    ForNext,
    /// A generator was resumed by a for loop.
    GenNext,
    /// A generator was resumed by `next()` or `send()`.
    GenSend,
    /// The subiterator of `yield from` has returned.
    YieldFrom,
    /// `__iter__` has returned: it must be an iterator.
    Iter,
    /// `__enter__` has returned.
    Enter,
    /// `__len__` called by `len()` has returned.
    Len,
    /// `__getattribute__` or a descriptor's `__get__` has returned; AttributeError: `__getattr__` is next.
    GetAttrFallback,
    /// As `GetAttrFallback`, for a method to be called: the value goes to the window.
    MethodFallback,
    /// A value for the window of a call to come.
    MethodValue,
    /// `__getattr__` has returned.
    GetAttr,
    /// `__setattr__`, `__set__`, `__delattr__`, `__setitem__` and the like have returned.
    SetDone,
    /// A helper of the iteration protocol has returned inside an unpacking.
    Unpack,
    /// As `Store` for a call in a trace that expected a result of one value class: any other is raised in a cell.
    Unboxed,
    /// As `ForNext` for such a call.
    UnboxedNext,
    /// Free for a handler.
    Aux0,
    /// Free for a handler.
    Aux1,
    /// Free for a handler.
    Aux2,
    /// Free for a handler.
    Aux3,
}

impl ResumePoint for Step {
    const START: Step = Step::Start;
    const STORE: Step = Step::Store;
    const EXIT: Step = Step::Exit;
    #[inline(always)]
    fn index(self) -> u8 {
        self as u8
    }
    #[inline(always)]
    fn from_index(index: u8) -> Step {
        ALL[index as usize]
    }
    fn unboxed(self) -> Option<Step> {
        match self {
            Step::Store => Some(Step::Unboxed),
            Step::ForNext => Some(Step::UnboxedNext),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_and_from_index_are_inverse() {
        assert!(ALL.iter().all(|&s| Step::from_index(s.index()) == s));
    }
}
