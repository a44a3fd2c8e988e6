//! The bytes under construction, and the jumps among them: what the assembler macro writes into.
//!
//! One buffer serves all traces, one after the other: what it has allocated it keeps. Labels are numbered; named labels
//! are not used here.

use dynasmrt::components::{LabelRegistry, PatchLoc, RelocRegistry};
use dynasmrt::x64::X64Relocation;
use dynasmrt::{AssemblyOffset, DynamicLabel, DynasmApi, DynasmLabelApi};

/// See the module.
pub struct Buffer {
    bytes: Vec<u8>,
    /// Where the first byte will run.
    address: usize,
    labels: LabelRegistry,
    jumps: RelocRegistry<X64Relocation>,
    /// A displacement does not reach, or a label was bound twice.
    failed: bool,
}

/// A displacement does not reach, or a label is not bound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unreachable;

impl Default for Buffer {
    fn default() -> Buffer {
        Buffer {
            bytes: Vec::new(),
            address: 0,
            labels: LabelRegistry::new(),
            jumps: RelocRegistry::new(),
            failed: false,
        }
    }
}

impl Buffer {
    /// Forgets all; `capacity` bytes that will run at `address` follow.
    pub fn restart(&mut self, address: usize, capacity: usize) {
        self.bytes.clear();
        self.bytes.reserve(capacity);
        self.address = address;
        self.labels.clear();
        // What an emission that failed has left.
        self.jumps.take_dynamics().for_each(drop);
        self.failed = false;
    }

    /// A label to be bound later.
    pub fn label(&mut self) -> DynamicLabel {
        self.labels.new_dynamic_label()
    }

    /// The bytes, with all jumps led to their labels.
    ///
    /// # Errors
    /// [`Unreachable`].
    pub fn finish(&mut self) -> Result<&[u8], Unreachable> {
        for (place, label) in self.jumps.take_dynamics() {
            let target = self.labels.resolve_dynamic(label);
            let AssemblyOffset(target) = target.map_err(|_| Unreachable)?;
            let field = &mut self.bytes[place.range(0)];
            let patched = place.patch(field, self.address, target);
            patched.map_err(|_| Unreachable)?;
        }
        match self.failed {
            false => Ok(&self.bytes),
            true => Err(Unreachable),
        }
    }
}

impl Extend<u8> for Buffer {
    fn extend<T: IntoIterator<Item = u8>>(&mut self, bytes: T) {
        self.bytes.extend(bytes);
    }
}
impl<'b> Extend<&'b u8> for Buffer {
    fn extend<T: IntoIterator<Item = &'b u8>>(&mut self, bytes: T) {
        self.bytes.extend(bytes);
    }
}

impl DynasmApi for Buffer {
    #[inline]
    fn offset(&self) -> AssemblyOffset {
        AssemblyOffset(self.bytes.len())
    }
    #[inline]
    fn push(&mut self, byte: u8) {
        self.bytes.push(byte);
    }
    fn align(&mut self, alignment: usize, with: u8) {
        self.bytes
            .resize(self.bytes.len().next_multiple_of(alignment), with);
    }
}

impl DynasmLabelApi for Buffer {
    type Relocation = X64Relocation;

    fn local_label(&mut self, _: &'static str) {
        unreachable!("labels have numbers")
    }
    fn global_label(&mut self, _: &'static str) {
        unreachable!("labels have numbers")
    }
    fn dynamic_label(&mut self, label: DynamicLabel) {
        let here = self.offset();
        self.failed |= self.labels.define_dynamic(label, here).is_err();
    }
    fn forward_relocation(&mut self, _: &'static str, _: isize, _: u8, _: u8, _: X64Relocation) {
        unreachable!("labels have numbers")
    }
    fn backward_relocation(&mut self, _: &'static str, _: isize, _: u8, _: u8, _: X64Relocation) {
        unreachable!("labels have numbers")
    }
    fn global_relocation(&mut self, _: &'static str, _: isize, _: u8, _: u8, _: X64Relocation) {
        unreachable!("labels have numbers")
    }
    fn dynamic_relocation(
        &mut self,
        label: DynamicLabel,
        beyond: isize,
        field: u8,
        origin: u8,
        kind: X64Relocation,
    ) {
        let place = PatchLoc::new(self.offset(), beyond, field, origin, kind);
        self.jumps.add_dynamic(label, place);
    }
    fn value_relocation(&mut self, to: usize, field: u8, origin: u8, kind: X64Relocation) {
        let place = PatchLoc::new(self.offset(), 0, field, origin, kind);
        let field = &mut self.bytes[place.range(0)];
        self.failed |= place.patch(field, self.address, to).is_err();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dynasmrt::dynasm;

    #[test]
    fn a_buffer_that_is_used_again_gives_the_same_bytes() {
        let mut buffer = Buffer::default();
        let mut made = Vec::new();
        for _ in 0..3 {
            buffer.restart(0x1000, 16);
            let (back, on) = (buffer.label(), buffer.label());
            dynasm!(buffer; .arch x64; =>back; jmp =>on; jmp extern 0x1000; =>on; jmp =>back);
            made.push(buffer.finish().expect("all labels are bound").to_vec());
        }
        let jumps = [5, -10, -15].map(|d: i32| [&[0xe9][..], &d.to_le_bytes()].concat());
        assert_eq!(made, [jumps.concat(), jumps.concat(), jumps.concat()]);
    }

    #[test]
    fn what_cannot_be_reached_is_an_error_once() {
        let mut buffer = Buffer::default();
        buffer.restart(0, 0);
        let nowhere = buffer.label();
        dynasm!(buffer; .arch x64; jmp =>nowhere; jmp =>nowhere);
        assert_eq!(buffer.finish(), Err(Unreachable));
        buffer.restart(0, 0);
        dynasm!(buffer; .arch x64; jmp extern 1 << 40);
        assert_eq!(buffer.finish(), Err(Unreachable));
        buffer.restart(0, 0);
        dynasm!(buffer; .arch x64; nop);
        assert_eq!(buffer.finish(), Ok(&[0x90][..]));
    }
}
