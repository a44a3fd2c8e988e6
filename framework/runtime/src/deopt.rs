//! From an exit to guest frames: virtual objects are made, registers are written, suspended frames are pushed.
//!
//! Source: [schneider-2012-guards]; all virtuals first, then their fields, so that cycles need no care.

use crate::compile::Compiled;
use ouro_codegen::{ExitInfo, ExitRecord};
use ouro_gc::{Gc, Header, TypeId};
use ouro_ir::{Arg, ArgKind, Entry as ExitEntry, Exit, Trace, VirtualObject, Width};
use ouro_machine::{Code, Entry, FrameRecord, Language, Place, ResumePoint, Vm};

/// Where the interpreter goes on.
pub struct Resumed<L: Language> {
    pub at: Place<L>,
    pub step: L::Step,
    pub entry: Entry<Gc>,
    /// Base of the loop's frame.
    pub loop_base: *mut Gc,
}

/// Turns the values of an exit back into guest frames, innermost last. Does not collect (R2).
///
/// Room for the frames was checked when the loop was entered.
pub fn rebuild<L: Language>(
    vm: &'static Vm<L>,
    compiled: &Compiled,
    info: &ExitInfo,
    record: &ExitRecord,
) -> Resumed<L> {
    let trace = &compiled.trace;
    let exit = trace.exit(info.local);
    let loop_base = record.guest_base.cast::<Gc>();
    let objects: Vec<Gc> = exit.virtuals.iter().map(|v| make(vm, trace, v)).collect();
    let values = Values {
        trace,
        info,
        record,
        objects: &objects,
    };
    for (object, virtual_) in objects.iter().zip(&exit.virtuals) {
        fill(vm, &values, *object, virtual_);
    }
    let entry = match exit.entry {
        ExitEntry::Start => Entry::Start,
        ExitEntry::Value(a) => Entry::Value(values.reference(a)),
        ExitEntry::Raise(a) => Entry::Raised(values.reference(a)),
        ExitEntry::PendingValue => Entry::Value(word_to_gc(values.pending())),
        ExitEntry::PendingRaise => Entry::Raised(word_to_gc(values.pending())),
    };
    // Registers are read from the record, so writing frames cannot disturb it (R1).
    for frame in &exit.frames {
        for (register, a) in &frame.live {
            let value = values.reference(*a);
            let slot = loop_base.wrapping_add((frame.base + u32::from(*register)) as usize);
            // SAFETY: room on the guest stack was checked on entry for the deepest exit.
            unsafe { *slot = value };
        }
    }
    let (top, callers) = exit
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

/// Number of suspended frames between the loop's frame and the innermost one.
pub fn callers(exit: &Exit) -> usize {
    exit.frames.len() - 1
}

fn place<L: Language>(frame: &ouro_ir::Frame, loop_base: *mut Gc) -> Place<L> {
    // SAFETY: the recorder put the address of a code object there, which lives for ever.
    let code = unsafe { &*(frame.code as *const Code<L>) };
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

struct Values<'a> {
    trace: &'a Trace,
    info: &'a ExitInfo,
    record: &'a ExitRecord,
    objects: &'a [Gc],
}
impl Values<'_> {
    fn bits(&self, a: Arg) -> u64 {
        match a.kind() {
            ArgKind::Const(n) => self.trace.consts.get(n).bits,
            ArgKind::Virtual(n) => self.objects[n as usize].address() as u64,
            ArgKind::Var(v) => self
                .info
                .value(self.record, v)
                .expect("the backend keeps what exits need"),
            ArgKind::None => unreachable!("an exit has no empty operands"),
        }
    }
    fn reference(&self, a: Arg) -> Gc {
        word_to_gc(self.bits(a))
    }
    fn pending(&self) -> u64 {
        self.info.pending(self.record).expect("a call left here")
    }
}

fn make<L: Language>(vm: &'static Vm<L>, trace: &Trace, object: &VirtualObject) -> Gc {
    match object {
        VirtualObject::Struct { ty, .. } => {
            let ty = trace.type_descr(*ty);
            vm.heap.alloc_checked(TypeId(ty.type_id), ty.size_bytes)
        }
        VirtualObject::Array { descr, items } => vm
            .heap
            .alloc_var(TypeId(trace.array(*descr).type_id), items.len())
            .expect("virtual arrays are small"),
    }
}
fn fill<L: Language>(vm: &'static Vm<L>, values: &Values, object: Gc, virtual_: &VirtualObject) {
    // A large object may be born with an armed barrier.
    vm.heap.write(object);
    match virtual_ {
        VirtualObject::Struct { fields, .. } => {
            for (field, a) in fields {
                let field = values.trace.field(*field);
                write(object, field.offset, field.width, values.bits(*a));
            }
        }
        VirtualObject::Array { descr, items } => {
            let array = values.trace.array(*descr);
            for (n, a) in items.iter().enumerate() {
                let offset = array.items_offset + n as u32 * array.item.bytes();
                write(object, offset, array.item, values.bits(*a));
            }
        }
    }
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
