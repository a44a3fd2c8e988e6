//! From an exit to guest frames: virtual objects are made, registers are written, suspended frames are pushed.
//!
//! What an exit means is worked out once, into an [`ExitPlan`]; taking the exit then only follows the plan. The plan keeps
//! no address: a constant that may move is looked up in its trace, whose constants follow their objects.
//!
//! Source: [schneider-2012-guards]; all virtuals first, then their fields, so that cycles need no care.

use crate::compile::Compiled;
use crate::heap_access::may_move;
use crate::join::Seen;
use ouro_codegen::{ExitInfo, ExitRecord, Loc};
use ouro_gc::{Gc, Header, TypeId};
use ouro_ir::{Arg, ArgKind, Entry as ExitEntry, Exit, ExitId, Opcode, Ty, VirtualObject, Width};
use ouro_machine::{Code, Entry, FrameRecord, Language, Place, ResumePoint, Vm};
use ouro_recorder::JoinPlace;
use std::cell::Cell;
use std::rc::Rc;

/// Where the interpreter goes on.
pub struct Resumed<L: Language> {
    pub at: Place<L>,
    pub step: L::Step,
    pub entry: Entry<Gc>,
    /// Base of the loop's frame.
    pub loop_base: *mut Gc,
}

/// Where a word comes from.
#[derive(Clone, Copy, Debug)]
enum Source {
    Constant(u64),
    /// The constant with this number in the trace, an object that may move.
    Moving(u32),
    Place(Loc),
    /// The virtual object with this number.
    Object(u32),
}

/// A virtual object and what it holds: (offset, width, source).
struct Object {
    type_id: TypeId,
    /// Size of a struct, or number of items of an array; or the object.
    shape: Shape,
    contents: Vec<(u32, Width, Source)>,
}
#[derive(Clone, Copy)]
enum Shape {
    Struct {
        bytes: u32,
    },
    Array {
        items: usize,
    },
    /// It is there already.
    Existing {
        object: Source,
    },
}

/// A guest frame: its code, where it stands, and its base in words above the loop's.
#[derive(Clone, Copy)]
struct PlannedFrame {
    code: u64,
    pc: u32,
    step: u8,
    base: u32,
}

impl PlannedFrame {
    fn code<L: Language>(&self) -> &'static Code<L> {
        // SAFETY: the recorder put the address of a code object there, which lives for ever.
        unsafe { &*(self.code as *const Code<L>) }
    }
}

/// What taking one exit does.
pub struct ExitPlan {
    /// The trace that has the exit, and the exit's number there.
    pub compiled: Rc<Compiled>,
    pub local: ExitId,
    /// The operation that leaves.
    pub leaving: Opcode,
    /// The operation stands in front of the label where other traces arrive: it checks the class of a register.
    pub in_front: bool,
    /// How often the exit was taken; [`crate::bridge::NEVER`]: it gets no bridge.
    pub taken: Cell<u32>,
    /// How often the exit led back to the interpreter in all, for the log.
    pub hits: Cell<u64>,
    /// How often its bridge was invalidated.
    pub invalidated: Cell<u32>,
    /// How often no bridge could be made.
    pub refused: Cell<u32>,
    /// What the registers held, if the trace stops here where branches come together.
    pub(crate) seen: Seen,
    objects: Vec<Object>,
    /// (word above the loop's base, source)
    registers: Vec<(u32, Source)>,
    /// Outermost first; the last one is where the interpreter goes on.
    frames: Vec<PlannedFrame>,
    entry: Entry<Source>,
}

impl ExitPlan {
    /// The plan of an exit of `compiled`.
    pub fn new(compiled: Rc<Compiled>, info: &ExitInfo) -> ExitPlan {
        let trace = &*compiled.trace.borrow();
        let exit = trace.exit(info.local);
        let source = |a: Arg| match a.kind() {
            ArgKind::Const(n) => {
                let constant = trace.consts.get(n);
                let is_object = constant.ty == Ty::Ref && constant.bits != 0;
                match is_object && may_move(constant.bits) {
                    true => Source::Moving(n),
                    false => Source::Constant(constant.bits),
                }
            }
            ArgKind::Virtual(n) => Source::Object(n),
            ArgKind::Var(v) => {
                Source::Place(info.location(v).expect("the backend keeps what exits need"))
            }
            ArgKind::None => unreachable!("an exit has no empty operands"),
        };
        let pending = || Source::Place(info.pending.expect("a call leaves with its outcome"));
        let objects = exit.virtuals.iter().map(|object| match object {
            VirtualObject::Struct { ty, fields } => {
                let ty = trace.type_descr(*ty);
                let contents = fields.iter().map(|(f, a)| {
                    let field = trace.field(*f);
                    (field.offset, field.width, source(*a))
                });
                Object {
                    type_id: TypeId(ty.type_id),
                    shape: Shape::Struct {
                        bytes: ty.size_bytes,
                    },
                    contents: contents.collect(),
                }
            }
            VirtualObject::Existing { object, fields } => {
                let contents = fields.iter().map(|(f, a)| {
                    let field = trace.field(*f);
                    (field.offset, field.width, source(*a))
                });
                Object {
                    type_id: TypeId(0),
                    shape: Shape::Existing {
                        object: source(*object),
                    },
                    contents: contents.collect(),
                }
            }
            VirtualObject::Array { descr, items } => {
                let array = trace.array(*descr);
                let offset = |n: usize| array.items_offset + n as u32 * array.item.bytes();
                let contents = items
                    .iter()
                    .enumerate()
                    .map(|(n, a)| (offset(n), array.item, source(*a)));
                Object {
                    type_id: TypeId(array.type_id),
                    shape: Shape::Array { items: items.len() },
                    contents: contents.collect(),
                }
            }
        });
        let registers = exit.frames.iter().flat_map(|frame| {
            let word = |r: u16| frame.base + u32::from(r);
            frame.live.iter().map(move |(r, a)| (word(*r), *a))
        });
        let frames = exit.frames.iter().map(|f| PlannedFrame {
            code: f.code,
            pc: f.pc,
            step: f.step,
            base: f.base,
        });
        let entry = match exit.entry {
            ExitEntry::Start => Entry::Start,
            ExitEntry::Value(a) => Entry::Value(source(a)),
            ExitEntry::Raise(a) => Entry::Raised(source(a)),
            ExitEntry::PendingValue => Entry::Value(pending()),
            ExitEntry::PendingRaise => Entry::Raised(pending()),
        };
        ExitPlan {
            local: info.local,
            leaving: trace.ops[info.op as usize].code,
            in_front: trace
                .open_label()
                .is_some_and(|(at, _)| (info.op as usize) < at),
            taken: Cell::new(0),
            hits: Cell::new(0),
            invalidated: Cell::new(0),
            refused: Cell::new(0),
            seen: Seen::default(),
            objects: objects.collect(),
            registers: registers.map(|(word, a)| (word, source(a))).collect(),
            frames: frames.collect(),
            entry,
            compiled: compiled.clone(),
        }
    }

    /// Where the exit is and where it leads, for the log.
    pub fn describe<L: Language>(&self) -> String {
        let places = self.frames.iter().map(|frame| {
            let code = frame.code::<L>();
            let line = L::line(&code.info, frame.pc as usize);
            format!("{} line {line} pc {}", code.name(), frame.pc)
        });
        let places: Vec<String> = places.collect();
        let never = match self.taken.get() == crate::bridge::NEVER {
            true => ", gets no bridge",
            false => "",
        };
        format!(
            "{:?} @{} of {}{never}: {}",
            self.leaving,
            self.local.0,
            self.compiled.trace.borrow().name,
            places.join(" > ")
        )
    }
    /// Where the trace stops at this exit, since branches come together there.
    pub fn stops_at(&self) -> Option<&JoinPlace> {
        let stops = self.leaving == Opcode::Finish;
        self.compiled.stopped_at.as_ref().filter(|_| stops)
    }
    /// Frames above the loop's.
    pub fn callers(&self) -> usize {
        self.frames.len() - 1
    }
    /// Looks at the registers that were just written.
    pub fn note_classes(&self, loop_base: *mut Gc) {
        let words = self.registers.iter().map(|(word, _)| *word);
        self.seen.note(loop_base, words);
    }
    /// The exit in its trace.
    pub fn exit(&self) -> Exit {
        self.compiled.trace.borrow().exit(self.local).clone()
    }

    /// Turns the values of the exit back into guest frames, innermost last. Does not collect (R2), not even at the heap's
    /// limit: the values are in the record and in objects that nobody else knows.
    ///
    /// Room for the frames was checked when the loop was entered.
    pub fn rebuild<L: Language>(&self, vm: &'static Vm<L>, record: &ExitRecord) -> Resumed<L> {
        let rebuild = || self.rebuild_without_collecting(vm, record);
        vm.heap.without_collecting(rebuild)
    }
    fn rebuild_without_collecting<L: Language>(
        &self,
        vm: &'static Vm<L>,
        record: &ExitRecord,
    ) -> Resumed<L> {
        let trace = self.compiled.trace.borrow();
        let loop_base = record.guest_base.cast::<Gc>();
        let mut few = [Gc::NULL; 16];
        let mut many;
        let objects: &mut [Gc] = match few.get_mut(..self.objects.len()) {
            Some(few) => few,
            None => {
                many = vec![Gc::NULL; self.objects.len()];
                &mut many
            }
        };
        let word = |source: Source| match source {
            Source::Constant(bits) => bits,
            Source::Moving(n) => trace.consts.get(n).bits,
            Source::Place(place) => record.word(place),
            Source::Object(_) => unreachable!("a virtual object is not asked for here"),
        };
        for (made, object) in objects.iter_mut().zip(&self.objects) {
            *made = match object.shape {
                Shape::Existing { object } => word_to_gc(word(object)),
                Shape::Struct { bytes } => vm.heap.alloc_checked(object.type_id, bytes),
                Shape::Array { items } => {
                    let array = vm.heap.alloc_var(object.type_id, items);
                    array.expect("virtual arrays are small")
                }
            };
        }
        let bits = |source: Source| match source {
            Source::Object(n) => objects[n as usize].address() as u64,
            source => word(source),
        };
        for (made, object) in objects.iter().zip(&self.objects) {
            // One that was there before may have an armed barrier, and so may a large one that was just made.
            vm.heap.write(*made);
            for (offset, width, source) in &object.contents {
                write(*made, *offset, *width, bits(*source));
            }
        }
        let entry = self.entry.map(|source| word_to_gc(bits(source)));
        // Registers are read from the record, so writing frames cannot disturb it (R1).
        for (word, source) in &self.registers {
            let slot = loop_base.wrapping_add(*word as usize);
            // SAFETY: room on the guest stack was checked on entry for the deepest exit.
            unsafe { *slot = word_to_gc(bits(*source)) };
        }
        let (top, callers) = self
            .frames
            .split_last()
            .expect("an exit has the loop's frame");
        for frame in callers {
            let step = L::Step::from_index(frame.step);
            vm.push_record(FrameRecord {
                at: place(frame, loop_base),
                step,
            });
        }
        Resumed {
            at: place(top, loop_base),
            step: L::Step::from_index(top.step),
            entry,
            loop_base,
        }
    }
}

/// Number of suspended frames between the loop's frame and the innermost one.
pub fn callers(exit: &Exit) -> usize {
    exit.frames.len() - 1
}

fn place<L: Language>(frame: &PlannedFrame, loop_base: *mut Gc) -> Place<L> {
    let code = frame.code::<L>();
    Place {
        pc: code.at(frame.pc as usize),
        base: loop_base.wrapping_add(frame.base as usize),
        code,
    }
}
fn word_to_gc(word: u64) -> Gc {
    // SAFETY: values of type Ref hold null or the address of an object.
    unsafe { Gc::from_raw(word as *mut Header) }
}
fn write(object: Gc, offset: u32, width: Width, bits: u64) {
    // SAFETY: a field of an object that was just made with this layout.
    unsafe {
        match width {
            Width::U8 => *object.word::<u8>(offset) = bits as u8,
            Width::U16 => *object.word::<u16>(offset) = bits as u16,
            Width::U32 | Width::I32 => *object.word::<u32>(offset) = bits as u32,
            Width::I64 | Width::F64 | Width::Ref | Width::Host => {
                *object.word::<u64>(offset) = bits
            }
        }
    }
}
