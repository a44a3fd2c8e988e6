//! Exits of the output: the recorded frames with operands in output terms and virtual objects described.
//!
//! Invariant X1: an object has one number in an exit, however often it is reached, so that identity and
//! cycles survive. A recorded exit shows the frames at the start of a step, and a step does not write to
//! older objects before its last guard; so the current contents of a virtual, and the stores that are put aside, are the
//! right ones.

use crate::state::State;
use ouro_ir::{Arg, Entry, Exit, ExitId, Frame, VirtualObject};
use std::sync::Arc;

/// Frames shared between exits.
type SharedFrame = Arc<Frame>;

/// What the latest exits were made of.
#[derive(Default)]
pub struct ExitCache {
    /// The latest recorded exit, the generation of the objects then, and what became of it.
    last: Option<(ExitId, u32, ExitId)>,
    /// By depth: the latest recorded frame that mentions no virtual, and what became of it.
    frames: Vec<Option<(SharedFrame, SharedFrame)>>,
    /// Objects of the exit under construction, by number.
    numbered: Vec<u32>,
    /// By object: its number, valid if `numbered` agrees.
    number: Vec<u32>,
}

impl ExitCache {
    fn number_of(&mut self, object: u32) -> u32 {
        let at = object as usize;
        if self.number.len() <= at {
            self.number.resize(at + 1, 0);
        }
        let n = self.number[at] as usize;
        if self.numbered.get(n) != Some(&object) {
            self.number[at] = self.numbered.len() as u32;
            self.numbered.push(object);
        }
        self.number[at]
    }
    /// Forgets the latest exit: it belongs to a segment that was put aside.
    pub fn forget(&mut self) {
        self.last = None;
        self.frames.clear();
    }
}

impl State<'_> {
    /// The output's exit for a recorded one, at this point of the walk.
    pub fn exit(&mut self, recorded: ExitId) -> ExitId {
        let trace = self.input.trace;
        let mut cache = std::mem::take(&mut self.exit_cache);
        let generation = self.objects.generation;
        let exit = match cache.last {
            // Each guard has an exit of its own, since each can get a bridge; but the contents are shared.
            Some((from, then, made)) if from == recorded && then == generation => {
                let local = made.0 - self.segment.first_exit;
                self.segment.exits[local as usize].clone()
            }
            _ => self.build_exit(&mut cache, trace.exit(recorded)),
        };
        let id = self.add_exit(exit);
        cache.last = Some((recorded, generation, id));
        self.exit_cache = cache;
        id
    }
    fn build_exit(&self, cache: &mut ExitCache, recorded: &Exit) -> Exit {
        cache.numbered.clear();
        cache
            .frames
            .resize(cache.frames.len().max(recorded.frames.len()), None);
        let mut frames = ouro_ir::Frames::with_capacity(recorded.frames.len());
        for (depth, frame) in recorded.frames.iter().enumerate() {
            if let Some((from, made)) = &cache.frames[depth]
                && Arc::ptr_eq(from, frame)
            {
                frames.push(made.clone());
                continue;
            }
            let mut has_virtual = false;
            let live = frame.live.iter().map(|(register, a)| {
                let a = self.in_exit(cache, self.get(*a));
                has_virtual |= a.as_virtual().is_some();
                (*register, a)
            });
            let live = live.collect();
            let made = Arc::new(Frame { live, ..**frame });
            // Without virtuals, a recorded frame means the same for the rest of the walk.
            cache.frames[depth] = (!has_virtual).then(|| (frame.clone(), made.clone()));
            frames.push(made);
        }
        let entry = match recorded.entry {
            Entry::Value(a) => Entry::Value(self.in_exit(cache, self.get(a))),
            Entry::Raise(a) => Entry::Raise(self.in_exit(cache, self.get(a))),
            entry @ (Entry::Start | Entry::PendingValue | Entry::PendingRaise) => entry,
        };
        let delayed = self.delayed_stores(cache);
        let mut virtuals = Vec::with_capacity(cache.numbered.len() + delayed.len());
        while let Some(&object) = cache.numbered.get(virtuals.len()) {
            virtuals.push(self.describe(cache, object));
        }
        virtuals.extend(delayed);
        Exit {
            frames,
            entry,
            virtuals,
        }
    }
    /// What is still to be stored, in order.
    fn delayed_stores(&self, cache: &mut ExitCache) -> Vec<VirtualObject> {
        let delayed = self.delayed.iter().map(|d| VirtualObject::Existing {
            object: self.resolve(d.object),
            fields: [(d.field, self.in_exit(cache, self.resolve(d.value)))]
                .into_iter()
                .collect(),
        });
        delayed.collect()
    }
    fn in_exit(&self, cache: &mut ExitCache, a: Arg) -> Arg {
        match a.as_virtual() {
            Some(n) => Arg::virtual_(cache.number_of(n)),
            None => a,
        }
    }
    fn describe(&self, cache: &mut ExitCache, object: u32) -> VirtualObject {
        let contents = self
            .objects
            .contents(object)
            .map(|(field, v)| (field, self.resolve(v)));
        let object = *self.objects.get(object);
        if object.is_array {
            let items = contents.map(|(_, v)| self.in_exit(cache, v)).collect();
            VirtualObject::Array {
                descr: object.descr,
                items,
            }
        } else {
            // What is zero needs no mention.
            let fields = contents
                .filter(|(_, v)| self.bits(*v) != Some(0))
                .map(|(field, v)| (field, self.in_exit(cache, v)))
                .collect();
            VirtualObject::Struct {
                ty: object.descr,
                fields,
            }
        }
    }
}
