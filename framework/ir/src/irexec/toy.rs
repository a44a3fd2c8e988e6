//! A heap for tests: objects at real addresses that never move and never die, every access checked.
//!
//! The header is the collector's: type id in the first four bytes, barrier byte behind it. Bit 0 of the barrier byte
//! (the store must be announced) is set in all objects at each safepoint and cleared by the barrier, so a store of a
//! reference without its barrier is a fault. Machine code that runs on this heap sees the same protocol.

use super::memory::{self, Block};
use super::{Fault, Memory, VisitRefs};
use crate::descr::{ArrayDescr, CallDescr, Ret, TypeDescr, Width};
use std::collections::BTreeMap;

/// Offset of the barrier byte.
const BARRIER_OFFSET: u64 = 4;
const HEADER_BYTES: u64 = 8;
/// Larger arrays are taken for mistakes.
const MAX_BYTES: u64 = 1 << 24;

/// See the module.
#[derive(Default)]
pub struct ToyHeap {
    blocks: BTreeMap<u64, Block>,
    windows: BTreeMap<u64, Block>,
    /// Passed to callees as the VM.
    pub vm: u64,
    /// `poll` leaves when this many polls were passed.
    pub polls_left: Option<u32>,
    /// `guard_not_invalidated` leaves.
    pub invalidated: bool,
    /// Number of calls so far.
    pub calls: u64,
}

impl ToyHeap {
    /// An empty heap.
    pub fn new() -> ToyHeap {
        ToyHeap::default()
    }
    /// A zeroed object with this type id.
    pub fn add(&mut self, type_id: u32, bytes: u64) -> u64 {
        let block = Block::zeroed(bytes);
        let address = block.address();
        block.store(0, Width::U32, type_id.into());
        self.blocks.insert(address, block);
        address
    }
    /// Zeroed memory in which somebody else makes objects: accesses inside of it are right.
    pub fn add_window(&mut self, bytes: u64) -> u64 {
        let block = Block::zeroed(bytes);
        let address = block.address();
        self.windows.insert(address, block);
        address
    }
    /// Takes all objects for old: their next store needs a barrier. A safepoint does this.
    pub fn safepoint(&mut self) {
        self.blocks
            .values()
            .for_each(|b| b.store(BARRIER_OFFSET, Width::U8, 1));
    }
    /// The number of objects.
    pub fn len(&self) -> usize {
        self.blocks.len()
    }
    /// Whether there is no object.
    pub fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }
    /// The object's block, and the offset from its start, checked.
    fn block(&self, object: u64, offset: u64, width: Width) -> Result<(&Block, u64), Fault> {
        let in_window = || {
            self.windows
                .range(..=object)
                .next_back()
                .map(|(start, block)| (block, object - start))
        };
        let found = self
            .blocks
            .get(&object)
            .map(|block| (block, 0))
            .or_else(in_window);
        let (block, start) = found.ok_or(Fault::BadAccess)?;
        let offset = start.checked_add(offset).ok_or(Fault::BadAccess)?;
        let end = offset
            .checked_add(width.bytes().into())
            .ok_or(Fault::BadAccess)?;
        if end <= block.bytes() {
            Ok((block, offset))
        } else {
            Err(Fault::BadAccess)
        }
    }
}

impl Memory for ToyHeap {
    fn alloc(&mut self, ty: &TypeDescr) -> Result<u64, Fault> {
        Ok(self.add(ty.type_id, ty.size_bytes.into()))
    }
    fn alloc_array(&mut self, array: &ArrayDescr, len: i64) -> Result<u64, Fault> {
        let bytes = u64::try_from(len).ok().and_then(|len| array.bytes_for(len));
        let bytes = bytes.filter(|b| *b <= MAX_BYTES).ok_or(Fault::OutOfRange)?;
        let address = self.add(array.type_id, bytes);
        self.blocks[&address].store(array.len_offset.into(), Width::I64, len as u64);
        Ok(address)
    }
    fn load(&self, object: u64, offset: u64, width: Width) -> Result<u64, Fault> {
        let (block, at) = self.block(object, offset, width)?;
        Ok(block.load(at, width))
    }
    fn store(&mut self, object: u64, offset: u64, width: Width, bits: u64) -> Result<(), Fault> {
        if offset < HEADER_BYTES {
            return Err(Fault::BadAccess);
        }
        if width == Width::Ref && self.load(object, BARRIER_OFFSET, Width::U8)? != 0 {
            return Err(Fault::NoBarrier);
        }
        let (block, at) = self.block(object, offset, width)?;
        block.store(at, width, bits);
        Ok(())
    }
    fn barrier(&mut self, object: u64) -> Result<(), Fault> {
        let (block, at) = self.block(object, BARRIER_OFFSET, Width::U8)?;
        block.store(at, Width::U8, 0);
        Ok(())
    }
    fn barrier_item(&mut self, object: u64, _array: &ArrayDescr, _index: u64) -> Result<(), Fault> {
        self.barrier(object)
    }
    fn call(&mut self, callee: &CallDescr, args: &[u64], _live: VisitRefs) -> Result<Ret, Fault> {
        self.calls += 1;
        if callee.effects.ends_barriers() {
            self.safepoint();
        }
        memory::call(callee, self.vm, args).ok_or(Fault::BadCall)
    }
    fn wants_attention(&mut self) -> bool {
        match &mut self.polls_left {
            None => false,
            Some(0) => true,
            Some(n) => {
                *n -= 1;
                false
            }
        }
    }
    fn is_invalidated(&self) -> bool {
        self.invalidated
    }
}
