//! What the raw side has to tell so that dead cycles through both sides are found: a second table of functions.
use super::raw::Raw;

/// How to look into raw structures. None of the functions may call the heap or change a structure.
///
/// `holds` and `traverse` are asked of structures that have a link or that `tracked` or `traverse` named, at any safepoint.
#[derive(Clone, Copy)]
pub struct CycleOps {
    /// Whether `traverse` can say what the structure refers to. If not, what it refers to counts as held from outside.
    pub holds: unsafe fn(*mut Raw) -> bool,
    /// Calls the function once for each counted reference of the structure to another one. It may leave out references:
    /// what they name is kept. It may not name what it has no reference to.
    pub traverse: unsafe fn(*mut Raw, &mut dyn FnMut(*mut Raw)),
    /// Calls the function with the structures that may be part of a cycle without having a link. Those that have one may
    /// be among them, none twice.
    pub tracked: unsafe fn(&mut dyn FnMut(*mut Raw)),
    /// Whether a dead structure wants [`Task::Finalize`] before it is taken apart. False once that was done.
    pub wants_finalizer: unsafe fn(*mut Raw) -> bool,
    /// Whether a dead structure that others of its cycle hold can be told to drop its references ([`Task::Clear`]).
    pub clears: unsafe fn(*mut Raw) -> bool,
}

/// What the owner of a pending structure's reference does with it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Task {
    /// Drops the reference: the structure's destructor runs, unless somebody has taken a reference meanwhile.
    Drop,
    /// Lets the structure drop what it refers to, and then drops the reference. Everything that holds the structure is
    /// dead as well, and no object of the heap stands for it any more.
    Clear,
    /// Runs the structure's finalizer and then drops the reference. The structure and all that it reaches on both sides is
    /// whole; if nobody has taken a reference, a later collection finds it dead again.
    Finalize,
}
