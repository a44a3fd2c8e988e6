//! The state that survives a step: heap, guest stack, frame records, hooks.

use crate::direct;
use crate::roots::{Codes, GuestRoots};
use crate::{Code, CodeParts, Entry, Language, Quasi, ResumePoint, Ret};
use ouro_gc::{Attention, Gc, Heap, NativeMark};
use std::cell::{Cell, OnceCell};
use std::mem::offset_of;

/// Where a guest frame stands.
pub struct Place<L: Language> {
    pub pc: *const L::Ins,
    pub base: *mut Gc,
    pub code: &'static Code<L>,
}
impl<L: Language> Clone for Place<L> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<L: Language> Copy for Place<L> {}
impl<L: Language> Place<L> {
    /// The place `instructions` further.
    #[inline(always)]
    pub fn offset(self, instructions: isize) -> Self {
        Place {
            pc: self.pc.wrapping_offset(instructions),
            ..self
        }
    }
    pub fn index(&self) -> usize {
        self.code.index(self.pc)
    }
}

/// A suspended caller: where it stands and which return step runs.
pub struct FrameRecord<L: Language> {
    pub at: Place<L>,
    pub step: L::Step,
}
impl<L: Language> Clone for FrameRecord<L> {
    #[inline(always)]
    fn clone(&self) -> Self {
        *self
    }
}
impl<L: Language> Copy for FrameRecord<L> {}

/// Result or uncaught exception of a run loop.
pub type Outcome = Result<Gc, Gc>;

/// Where a driver came to rest.
pub enum Settled<L: Language> {
    /// An instruction is about to start.
    At(Place<L>),
    /// The bottom frame of the run loop was left.
    Done(Outcome),
    /// The machine asked to stop before this step.
    Stopped {
        at: Place<L>,
        step: L::Step,
        entry: Entry<Gc>,
    },
}

/// What the top of the program plugs in.
pub struct Hooks<L: Language> {
    /// Runs a whole run loop; its bottom record is pushed.
    pub run: fn(&'static Vm<L>, Place<L>, L::Step, Entry<Gc>) -> Outcome,
    /// A back edge or the entry of a function became hot; the place is the loop header or the function's first instruction.
    pub hot: Option<fn(&'static Vm<L>, Place<L>) -> Settled<L>>,
    /// Code that compiled code has called has left at an exit: does what is left of the call. What the words are is the
    /// compiler's business.
    pub called_code_left: Option<extern "C" fn(&'static Vm<L>, u64, u64) -> Ret>,
    /// Compiled traces with these numbers depend on a fact that has changed.
    pub invalidate: Option<fn(&Vm<L>, &[u32])>,
}
impl<L: Language> Clone for Hooks<L> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<L: Language> Copy for Hooks<L> {}

/// Offsets from the VM pointer in bytes, see [`Vm::COMPILED`].
#[derive(Clone, Copy, Debug)]
pub struct CompiledAccess {
    /// Address: the limit of frame records, less by each suspended frame that has no record.
    pub frame_limit: usize,
    /// Address: what `frame_limit` must not be below.
    pub compiled_frames: usize,
    /// Address: what the native stack pointer must not be below.
    pub native_limit: usize,
    /// Address: base of the guest frame of called code.
    pub compiled_top: usize,
    /// Size of a record.
    pub record_bytes: usize,
}

const COUNTERS: usize = 4096;
/// Room that is kept at the end of the guest stack, so that one frame always fits.
const STACK_SLACK_WORDS: usize = 1 << 17;
const STACK_WORDS: usize = 32 << 20;
/// Frame records that exist; the language's own recursion limit is below.
const MAX_FRAMES: usize = 1 << 20;
/// Records beyond the limit that exits of compiled code may push: they are popped again before more are.
const EXIT_FRAMES: usize = 1 << 14;

/// One guest thread. The heap comes first, so that its address is the VM's.
#[repr(C)]
pub struct Vm<L: Language> {
    pub heap: Heap,
    /// Next free frame record.
    pub sp: Cell<*mut FrameRecord<L>>,
    /// Where no more records may be pushed: less than `all_frames` by as many as there are suspended frames without a
    /// record, see [`Vm::with_hidden_frames`]. Compiled code that calls compiled code moves it too.
    frame_limit: Cell<*mut FrameRecord<L>>,
    all_frames: Cell<*mut FrameRecord<L>>,
    /// While compiled code runs: `sp`, and the records that its exits may push.
    compiled_frames: Cell<*mut FrameRecord<L>>,
    /// While compiled code runs: it is called by compiled code only above this address of the native stack.
    native_limit: Cell<usize>,
    stack_limit: *mut Gc,
    /// Where the fast driver goes on, and (while a handler is out of line) where it stands.
    pub parked: Cell<Place<L>>,
    /// First guest stack word that compiled code, if it runs, does not need; null if it does not run.
    pub compiled_top: Cell<*mut Gc>,
    pub outcome: Cell<Option<Outcome>>,
    /// Where the innermost run loop was entered: its own native frames keep no references over a safepoint.
    run_loop: Cell<Option<NativeMark>>,
    /// Somebody looked at guest frames since the recorder last cleared it, see [`Vm::note_frames_read`].
    pub frames_read: Cell<bool>,
    /// Somebody looked at a frame other than the innermost since the recorder last cleared it, see
    /// [`Vm::note_frames_walked`].
    pub frames_walked: Cell<bool>,
    /// See [`crate::watch`].
    watched: Cell<bool>,
    /// That nobody watches: changes when that begins. Traces look at it after whatever may begin it.
    pub unwatched: Quasi,
    /// An exception on its way into a cold path.
    pub pending: Cell<Gc>,
    hooks: Cell<Hooks<L>>,
    counters: Box<[Cell<u32>]>,
    threshold: Cell<u32>,
    versions: Cell<u64>,
    stack: *mut Gc,
    frames: *mut FrameRecord<L>,
    pub(crate) codes: Codes<L>,
    world: OnceCell<L::World>,
    /// What the compiler keeps per VM. Nobody else looks inside.
    pub compiler: OnceCell<Box<dyn std::any::Any>>,
}

impl<L: Language> Vm<L> {
    /// A VM that lives as long as the process. `ins` and `info` make the placeholder code object of the stack's bottom.
    pub fn leak(heap: Box<Heap>, hooks: Hooks<L>, bottom: CodeParts<L>) -> &'static Vm<L> {
        let code: &'static Code<L> = Box::leak(Box::new(Code::new(bottom)));
        let stack = crate::direct::reserve::<Gc>(STACK_WORDS);
        let frames = crate::direct::reserve::<FrameRecord<L>>(MAX_FRAMES + EXIT_FRAMES);
        let place = Place {
            pc: code.entry(),
            base: stack,
            code,
        };
        let vm: &'static Vm<L> = Box::leak(Box::new(Vm {
            heap: *heap,
            sp: Cell::new(frames),
            frame_limit: Cell::new(frames.wrapping_add(MAX_FRAMES)),
            all_frames: Cell::new(frames.wrapping_add(MAX_FRAMES)),
            compiled_frames: Cell::new(frames),
            native_limit: Cell::new(usize::MAX),
            stack_limit: stack.wrapping_add(STACK_WORDS - STACK_SLACK_WORDS),
            parked: Cell::new(place),
            compiled_top: Cell::new(std::ptr::null_mut()),
            outcome: Cell::new(None),
            run_loop: Cell::new(None),
            frames_read: Cell::new(false),
            frames_walked: Cell::new(false),
            watched: Cell::new(false),
            unwatched: Quasi::new(1),
            pending: Cell::new(Gc::NULL),
            hooks: Cell::new(hooks),
            counters: (0..COUNTERS).map(|_| Cell::new(u32::MAX)).collect(),
            threshold: Cell::new(u32::MAX),
            versions: Cell::new(2),
            stack,
            frames,
            codes: Codes::default(),
            world: OnceCell::new(),
            compiler: OnceCell::new(),
        }));
        vm.heap.stays_here();
        vm.heap.add_root_provider(std::rc::Rc::new(GuestRoots(vm)));
        vm
    }
    /// The language's global state. Panics before [`Vm::set_world`].
    #[inline(always)]
    pub fn world(&self) -> &L::World {
        self.world
            .get()
            .expect("the world is set before guest code runs")
    }
    pub fn has_world(&self) -> bool {
        self.world.get().is_some()
    }
    /// Once per VM.
    pub fn set_world(&self, world: L::World) {
        assert!(self.world.set(world).is_ok(), "the world is set once");
    }
    pub fn hooks(&self) -> Hooks<L> {
        self.hooks.get()
    }
    pub fn set_hooks(&self, hooks: Hooks<L>) {
        self.hooks.set(hooks)
    }
    /// Registers a code object: it lives for ever, and its constants with it.
    pub fn add_code(&self, parts: CodeParts<L>) -> &'static Code<L> {
        let code: &'static Code<L> = Box::leak(Box::new(Code::new(parts)));
        code.reset_calls(self.threshold.get());
        self.codes.add(code);
        code
    }
    /// A number never given before.
    pub fn fresh_version(&self) -> u64 {
        self.versions.replace(self.versions.get() + 1)
    }
    pub(crate) fn invalidate(&self, traces: &[u32]) {
        if let Some(invalidate) = self.hooks.get().invalidate {
            invalidate(self, traces);
        }
    }

    // ---- frames
    /// Enters `code` with its base at the caller's register `window`. None if the guest stack is exhausted.
    #[inline(always)]
    pub fn push_frame(
        &self,
        caller: Place<L>,
        step: L::Step,
        window: u32,
        code: &'static Code<L>,
    ) -> Option<Place<L>> {
        let base = caller.base.wrapping_add(window as usize);
        let sp = self.sp.get();
        if base > self.stack_limit || sp >= self.frame_limit.get() {
            return None;
        }
        crate::direct::write_record(sp, FrameRecord { at: caller, step });
        self.sp.set(sp.wrapping_add(1));
        Some(Place {
            pc: code.entry(),
            base,
            code,
        })
    }
    /// Pops the newest record. The bottom record of a run loop has step `EXIT`, at which every driver stops.
    #[inline(always)]
    pub fn pop_frame(&self) -> FrameRecord<L> {
        let sp = self.sp.get().wrapping_sub(1);
        self.sp.set(sp);
        crate::direct::read_record(sp)
    }
    /// Pushes a record as it is: the compiler rebuilds frames that it had removed. Room was checked by `has_room`, but code
    /// that was compiled since may need more.
    pub fn push_record(&self, record: FrameRecord<L>) {
        let sp = self.sp.get();
        assert!(
            sp < self.frames.wrapping_add(MAX_FRAMES + EXIT_FRAMES),
            "room was checked when compiled code was entered"
        );
        crate::direct::write_record(sp, record);
        self.sp.set(sp.wrapping_add(1));
    }
    /// To be called by whoever reads guest frames from inside a residual call (`locals()`, frame objects): the frames that
    /// compiled code inlined are not there, so a call that does this ends a recording.
    pub fn note_frames_read(&self) {
        self.frames_read.set(true);
    }
    /// To be called by whoever looks at a guest frame that is not the innermost: those that compiled callers have removed
    /// are not there, so a trace ends before a guest call below which this happens.
    pub fn note_frames_walked(&self) {
        self.frames_walked.set(true);
    }
    /// Whether the language is told what happens, see [`crate::watch`].
    #[inline(always)]
    pub fn is_watched(&self) -> bool {
        self.watched.get()
    }
    /// Run loops begin or cease to tell the language what happens. No compiled code is entered while they do; what of it
    /// runs already is left as soon as it is returned to, if [`Vm::unwatched`] is changed too.
    pub fn set_watched(&self, watched: bool) {
        self.watched.set(watched);
        self.tell_run_loop();
    }
    /// A run loop that does not know yet that somebody watches finds out at its next safepoint.
    fn tell_run_loop(&self) {
        if self.watched.get() {
            self.heap.request_attention(Attention::FIRST_USER);
        }
    }
    /// Number of suspended frames, run-loop bottoms included.
    pub fn depth(&self) -> usize {
        (self.sp.get() as usize - self.frames as usize) / size_of::<FrameRecord<L>>()
    }
    /// Record `index`, counted from the bottom.
    pub fn record(&self, index: usize) -> FrameRecord<L> {
        assert!(index < self.depth(), "no such frame");
        crate::direct::read_record(self.frames.wrapping_add(index))
    }
    /// At most this many frames may be suspended; more raise the language's recursion error.
    pub fn set_frame_limit(&self, frames: usize) {
        let limit = self.frames.wrapping_add(frames.min(MAX_FRAMES));
        let moved = limit as isize - self.all_frames.replace(limit) as isize;
        let present = self.frame_limit.get();
        self.frame_limit.set(present.wrapping_byte_offset(moved));
    }
    /// Runs `f`, during which `frames` more suspended frames count for the limit than there are records.
    pub fn with_hidden_frames<T>(&self, frames: usize, f: impl FnOnce() -> T) -> T {
        // The limit itself may be changed meanwhile.
        self.move_frame_limit(-(frames as isize));
        let result = f();
        self.move_frame_limit(frames as isize);
        result
    }
    fn move_frame_limit(&self, records: isize) {
        let limit = self.frame_limit.get();
        self.frame_limit.set(limit.wrapping_offset(records));
    }
    /// Room for `frames` more records and `words` above `base`?
    pub fn has_room(&self, base: *mut Gc, frames: usize, words: usize) -> bool {
        self.sp.get().wrapping_add(frames) <= self.frame_limit.get()
            && base.wrapping_add(words) <= self.stack_limit
    }
    /// Whether the native stack is nearly used up: runtime code that recurses natively raises the language's recursion
    /// error then.
    #[inline]
    pub fn native_stack_is_low(&self) -> bool {
        crate::direct::native_stack_is_low()
    }
    /// Whether less than half of the native stack is left. Each compiled function that calls itself takes a part of it, the
    /// interpreter does not.
    #[inline]
    pub fn native_stack_is_half_used(&self) -> bool {
        crate::direct::native_stack_is_half_used()
    }
    pub fn stack_base(&self) -> *mut Gc {
        self.stack
    }

    /// Runs `code` in a new run loop above everything that is on the guest stack. `fill` gets the frame's registers from
    /// 0; those it does not fill are null. The caller is at a point where parked and live registers are up to date
    /// (inside a residual call or before any guest code).
    ///
    /// # Errors
    /// The exception that leaves the frame.
    pub fn call_frame(
        &'static self,
        code: &'static Code<L>,
        pc: usize,
        entry: Entry<Gc>,
        fill: impl FnOnce(&mut [Gc]),
    ) -> Outcome {
        let outer = self.parked.get();
        let above = outer.base.wrapping_add(outer.code.nregs as usize);
        let base = above.max(self.compiled_top.get());
        let window = (base as usize - outer.base as usize) / size_of::<Gc>();
        let Some(at) = self.push_frame(outer, L::Step::EXIT, window as u32, code) else {
            return Err(L::recursion_error(self));
        };
        if crate::direct::native_stack_is_low() {
            self.pop_frame();
            return Err(L::recursion_error(self));
        }
        fill(crate::direct::registers(at.base, code.nregs as usize));
        let compiled_top = self.compiled_top.replace(std::ptr::null_mut());
        // Made where it is needed: a place that was just put together in memory is slow to copy.
        let (pc, base) = (code.at(pc), at.base);
        let at = || Place { pc, base, code };
        let run_loop = self.run_loop.replace(Some(NativeMark::here()));
        // Entering a frame is a safepoint here too: a callback that is called again and again may have no other.
        let entry = match self.heap.wants_attention() {
            true => self.attend_before(at(), entry, |vm, at| vm.attention(at)),
            false => entry,
        };
        let entry = match self.watched.get() {
            true => self.attend_before(at(), entry, L::watch_enter),
            false => entry,
        };
        let outcome = (self.hooks.get().run)(self, at(), L::Step::START, entry);
        self.run_loop.set(run_loop);
        self.compiled_top.set(compiled_top);
        self.parked.set(outer);
        self.tell_run_loop();
        outcome
    }

    /// The slow side of the poll at a frame's entry: what is brought in is kept as a root meanwhile.
    #[cold]
    #[inline(never)]
    fn attend_before(
        &'static self,
        at: Place<L>,
        entry: Entry<Gc>,
        attend: fn(&'static Vm<L>, Place<L>) -> Result<(), Gc>,
    ) -> Entry<Gc> {
        let entry = entry.map(|v| self.heap.root(v));
        self.parked.set(at);
        match attend(self, at) {
            Err(e) => Entry::Raised(e),
            Ok(()) => entry.map(|kept| kept.get()),
        }
    }

    // ---- compiled code that calls compiled code
    /// Where compiled code finds what it has to look at and to change, as offsets from the VM.
    pub const COMPILED: CompiledAccess = CompiledAccess {
        frame_limit: offset_of!(Vm<L>, frame_limit),
        compiled_frames: offset_of!(Vm<L>, compiled_frames),
        native_limit: offset_of!(Vm<L>, native_limit),
        compiled_top: offset_of!(Vm<L>, compiled_top),
        record_bytes: size_of::<FrameRecord<L>>(),
    };
    /// Runs `f`, which enters compiled code at `base`; its exits need at most so many records and stack words.
    pub fn entering_compiled<T>(
        &self,
        base: *mut Gc,
        frames: usize,
        words: usize,
        f: impl FnOnce() -> T,
    ) -> T {
        let top = self.compiled_top.replace(base.wrapping_add(words));
        let room = self.sp.get().wrapping_add(frames);
        let room = self.compiled_frames.replace(room);
        let native = direct::half_of_native_stack();
        let native = self.native_limit.replace(native);
        let result = f();
        self.compiled_top.set(top);
        self.compiled_frames.set(room);
        self.native_limit.set(native);
        result
    }
    /// Goes on in a run loop for compiled code that was called by compiled code and has left at an exit. `rebuild` pushes
    /// the frames of the exit above `compiled_top` and says where the interpreter goes on; the run loop ends as the called
    /// function does.
    ///
    /// # Errors
    /// The exception that leaves the function.
    pub fn finish_call(&'static self, rebuild: impl FnOnce() -> Settled<L>) -> Outcome {
        let outer = self.parked.get();
        // The called frame counts for the limit as a frame without record. It gets its record here.
        self.move_frame_limit(1);
        self.push_record(FrameRecord {
            at: outer,
            step: L::Step::EXIT,
        });
        let compiled_top = self.compiled_top.replace(std::ptr::null_mut());
        let run_loop = self.run_loop.replace(Some(NativeMark::here()));
        let outcome = match rebuild() {
            Settled::Done(outcome) => outcome,
            Settled::At(at) => (self.hooks.get().run)(self, at, L::Step::START, Entry::Start),
            Settled::Stopped { at, step, entry } => (self.hooks.get().run)(self, at, step, entry),
        };
        self.run_loop.set(run_loop);
        self.compiled_top.set(compiled_top);
        self.parked.set(outer);
        self.move_frame_limit(-1);
        self.tell_run_loop();
        outcome
    }

    // ---- safepoints
    /// The slow side of a poll: new allocation window or collection, then the language's own work.
    ///
    /// # Errors
    /// An exception to be raised at `at`.
    #[cold]
    #[inline(never)]
    pub fn attention(&'static self, at: Place<L>) -> Result<(), Gc> {
        self.parked.set(at);
        let why = self.heap.poll_slow_above(self.run_loop.get());
        if why.is_none() {
            Ok(())
        } else {
            L::attention(self, why)
        }
    }

    // ---- hot loops
    #[inline(always)]
    fn counter(&self, pc: *const L::Ins) -> &Cell<u32> {
        let hash = (pc as usize >> 4) % COUNTERS;
        &self.counters[hash]
    }
    /// True when the loop at `pc` has become hot.
    #[inline(always)]
    pub fn count_back_edge(&self, pc: *const L::Ins) -> bool {
        let counter = self.counter(pc);
        let left = counter.get().wrapping_sub(1);
        counter.set(left);
        left == 0
    }
    /// The loop or function at `at` reports itself after `times` more.
    pub fn reset_counter(&self, at: Place<L>, times: u32) {
        let counter = self.counter(at.pc);
        let is_entry = at.pc == at.code.entry();
        if is_entry {
            at.code.reset_calls(times);
        }
        // Where a function begins with a loop there are two counters. Loops share theirs, so it is left alone otherwise.
        if !is_entry || counter.get() == 0 {
            counter.set(times.max(1));
        }
    }
    /// As [`Vm::reset_counter`] for who knows only the address; not quick.
    pub fn reset_counter_of(&self, pc: *const L::Ins, times: u32) {
        match self.codes.all().iter().find(|code| code.entry() == pc) {
            Some(code) => code.reset_calls(times),
            None => self.counter(pc).set(times.max(1)),
        }
    }
    /// Loops and functions become hot after so many `times`; `u32::MAX`: never.
    pub fn set_threshold(&self, times: u32) {
        self.threshold.set(times);
        self.counters.iter().for_each(|c| c.set(times));
        let codes = self.codes.all();
        codes.iter().for_each(|code| code.reset_calls(times));
    }
    pub fn threshold(&self) -> u32 {
        self.threshold.get()
    }
    #[cold]
    pub(crate) fn hot(&'static self, at: Place<L>) -> Settled<L> {
        match self.hooks.get().hot {
            Some(hook) => hook(self, at),
            None => {
                self.reset_counter(at, u32::MAX);
                Settled::At(at)
            }
        }
    }
}
