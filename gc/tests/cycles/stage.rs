//! Plays a scene on a heap.
use super::notation::{Act, Kind, Name, Scene, Statement};
use super::parts::{self, Part, event};
use ouro_gc::pairing::Task;
use ouro_gc::*;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

/// An object with a few fields that reports its death.
#[repr(C)]
pub struct Thing {
    header: Header,
    name: Cell<u64>,
    fields: [GcField; 4],
}
/// A weak reference.
#[repr(C)]
pub struct Weak {
    header: Header,
    referent: Cell<Gc>,
    pub next: GcField,
    filler: Cell<u64>,
}

impl Thing {
    /// Its first field.
    pub fn next(&self) -> &GcField {
        &self.fields[0]
    }
}

thread_local!(static IN_STEPS: Cell<u64> = const { Cell::new(0) });
/// How often something happened after a step of an incremental cycle on this thread.
pub fn happened_in_steps() -> u64 {
    IN_STEPS.get()
}

thread_local!(static LIVING: Cell<u64> = const { Cell::new(0) });
fn bit(name: char) -> u64 {
    1 << (name as u64 - 'a' as u64)
}

impl Object for Thing {
    const TYPE_ID: u32 = 2;
    const BYTES: u32 = 48;
    const FIELDS: &'static [FieldInfo] = &[];
    fn info() -> TypeInfo {
        let dies: FinalizeFn = |_, gc| {
            let name = gc.expect::<Thing>().name.get() as u8 as char;
            LIVING.set(LIVING.get() & !bit(name));
        };
        TypeInfo {
            ref_offsets: vec![16, 24, 32, 40],
            finalize: Some(dies),
            ..TypeInfo::plain("Thing", 48)
        }
    }
}
impl Object for Weak {
    const TYPE_ID: u32 = 4;
    const BYTES: u32 = 32;
    const FIELDS: &'static [FieldInfo] = &[];
    fn info() -> TypeInfo {
        TypeInfo {
            ref_offsets: vec![8, 16],
            ..TypeInfo::plain("Weak", 32)
        }
        .with_weak(8)
    }
}

/// A heap of `row` that knows the structures of the scenes, and where their words lie if it is to reach them without calls.
pub fn heap_of(row: &CollectorInfo, more: &str, without_calls: bool) -> Box<Heap> {
    let text = format!(
        "{},nursery=128K,threshold=64K,max=256M,roots=precise,poison{more}",
        row.name
    );
    let config = Config {
        reserve_bytes: 1 << 30,
        ..Config::parse(&text).expect("the options are right")
    };
    let mut types = TypeTable::new();
    types.register::<Thing>().expect("the layout is right");
    types.register::<Weak>().expect("the layout is right");
    let heap = Heap::new(config, std::slice::from_ref(row), types);
    let heap = heap.expect("there is address space");
    parts::reset();
    LIVING.set(0);
    parts::describe(&heap, without_calls);
    heap
}
/// A new object.
pub fn thing(heap: &Heap, name: char) -> Gc {
    let gc = heap.alloc_checked(TypeId(Thing::TYPE_ID), Thing::BYTES);
    gc.expect::<Thing>().name.set(name as u64);
    LIVING.set(LIVING.get() | bit(name));
    gc
}

/// How a scene is played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Collected at once.
    Fresh,
    /// After collections of young objects.
    Aged,
    /// Destructors collect, and repeatedly.
    Nested,
    /// The first act is set up when a cycle of the incremental collector has made this many steps, and collected in steps.
    Steps(u32),
}

pub struct Stage<'h> {
    heap: &'h Heap,
    way: Way,
    parts: BTreeMap<Name, Part>,
    roots: BTreeMap<Name, Root>,
    weak: Vec<(Name, Root, bool)>,
    finalizers: BTreeMap<Name, Option<Name>>,
    immortal: BTreeSet<Name>,
    log: Vec<String>,
    pub is_loud: bool,
}

/// What is in memory besides the scene, so that a cycle takes many steps.
const FILLER: usize = 400;
/// An incremental cycle under `stress` is through after so many steps.
const STEPS: u32 = 33;

impl<'h> Stage<'h> {
    pub fn new(heap: &'h Heap, way: Way) -> Stage<'h> {
        Stage {
            heap,
            way,
            parts: BTreeMap::new(),
            roots: BTreeMap::new(),
            weak: Vec::new(),
            finalizers: BTreeMap::new(),
            immortal: BTreeSet::new(),
            log: Vec::new(),
            is_loud: false,
        }
    }
    pub fn play(&mut self, scene: &Scene) {
        parts::set_collects(self.way == Way::Nested);
        let filler = self.heap.root(Gc::NULL);
        if let Way::Steps(before) = self.way {
            for _ in 0..FILLER {
                let gc = self.heap.alloc_checked(TypeId(Weak::TYPE_ID), Weak::BYTES);
                gc.expect::<Weak>().next.init(filler.get());
                filler.set(gc);
            }
            (0..before).for_each(|_| self.heap.collect(Reason::Stress));
        }
        for (n, act) in scene.acts.iter().enumerate() {
            self.set_up(act);
            if self.way == Way::Aged {
                (0..3).for_each(|_| self.heap.collect(Reason::Budget));
            }
            self.round();
            let in_steps = matches!(self.way, Way::Steps(_) | Way::Nested);
            if act.until_quiet || in_steps {
                while self.round() {}
            }
            let events = std::mem::take(&mut self.log);
            if self.is_loud {
                println!("{:?}: {events:?}, lives {:?}", self.way, self.living());
            }
            // An act that only goes on collecting sees what these ways saw already.
            let goes_on = scene
                .acts
                .get(n + 1)
                .is_some_and(|next| next.statements.is_empty());
            if in_steps && (goes_on || scene.has_finalizers()) && !act.until_quiet {
                continue;
            }
            let expected: BTreeSet<Name> = act.lives.iter().copied().collect();
            assert_eq!(self.living(), expected, "R11-R13: what lives; {events:?}");
            if let Some(expected) = &act.events
                && !in_steps
            {
                assert_eq!(&events, expected, "what happened");
            }
            self.check_weak(scene, &expected);
            self.heap.verify().expect("the heap is whole");
        }
    }
    /// Weak references to what is dead are clear, and those to what was never found dead are not.
    fn check_weak(&self, scene: &Scene, living: &BTreeSet<Name>) {
        for (name, owner, _) in &self.weak {
            let is_clear = owner.get().expect::<Weak>().referent.get().is_null();
            let lives = living.contains(name);
            assert!(is_clear || lives, "a weak reference to the dead {name}");
            assert!(
                !is_clear || !lives || scene.has_finalizers(),
                "a weak reference to {name} was cleared, which lives"
            );
        }
    }
    fn living(&self) -> BTreeSet<Name> {
        let things = ('a'..='z').filter(|&name| LIVING.get() & bit(name) != 0);
        things
            .chain(parts::all().into_iter().map(Part::name))
            .collect()
    }
    fn part(&mut self, name: Name) -> Part {
        *self.parts.entry(name).or_insert_with(|| Part::new(name))
    }
    /// The object, which is made now unless something leads to it.
    fn gc(&mut self, name: Name, temporary: &mut BTreeMap<Name, Root>) -> Gc {
        let known = self.roots.get(&name).or(temporary.get(&name));
        if let Some(root) = known {
            return root.get();
        }
        let heap = self.heap;
        let linked = parts::all().into_iter().filter_map(|part| part.gc(heap));
        let linked = linked.map(|gc| (gc.expect::<Thing>().name.get() as u8 as char, gc));
        let gc = match linked.into_iter().find(|(other, _)| *other == name) {
            Some((_, gc)) => gc,
            None if self.immortal.contains(&name) => {
                let gc = heap.alloc_immortal(TypeId(Thing::TYPE_ID), Thing::BYTES);
                gc.expect::<Thing>().name.set(name as u64);
                LIVING.set(LIVING.get() | bit(name));
                gc
            }
            None => thing(heap, name),
        };
        temporary.insert(name, heap.root(gc));
        gc
    }
    fn set_up(&mut self, act: &Act) {
        // Objects live until the act is set up, whatever leads to them.
        let mut temporary = BTreeMap::new();
        for statement in &act.statements {
            if let Statement::Immortal(name) = statement {
                self.immortal.insert(*name);
            }
        }
        for statement in &act.statements {
            self.apply(statement, &mut temporary);
        }
        for part in parts::all() {
            let name = part.name();
            assert!(
                part.with(|body| body.count != 0),
                "{name} is held by nothing"
            );
        }
    }
    fn apply(&mut self, statement: &Statement, temporary: &mut BTreeMap<Name, Root>) {
        let heap = self.heap;
        let is_raw = |name: Name| name.is_ascii_uppercase();
        match *statement {
            Statement::Link(a, b, kind) => {
                let gc = self.gc(a, temporary);
                let kind = match kind {
                    Kind::Twin => LinkKind::Twin,
                    Kind::LightTwin => LinkKind::LightTwin,
                    Kind::Proxy => LinkKind::Proxy,
                    Kind::LightProxy => LinkKind::LightProxy,
                };
                self.part(b).link(heap, gc, kind);
            }
            Statement::Edge(a, b) if is_raw(a) => {
                let (from, to) = (self.part(a), self.part(b));
                to.incref();
                from.with(|body| body.refers.push(to));
            }
            Statement::Edge(a, b) => {
                self.gc(a, temporary);
                let to = self.gc(b, temporary);
                let from = self.gc(a, temporary);
                let thing = from.expect::<Thing>();
                let free = thing.fields.iter().find(|field| field.get().is_null());
                free.expect("four fields are enough").set(heap, from, to);
            }
            Statement::Cut(a, b) if is_raw(a) => {
                let (from, to) = (self.part(a), self.part(b));
                from.with(|body| {
                    let n = body.refers.iter().position(|&part| part == to);
                    body.refers.remove(n.expect("there is such a reference"))
                });
                to.decref(heap);
            }
            Statement::Cut(a, b) => {
                let from = self.gc(a, temporary);
                let names = |field: &&GcField| {
                    let gc = field.get();
                    !gc.is_null() && gc.expect::<Thing>().name.get() == b as u64
                };
                let thing = from.expect::<Thing>();
                let field = thing.fields.iter().find(names);
                field
                    .expect("there is such a reference")
                    .set(heap, from, Gc::NULL);
            }
            Statement::Hold(a) if is_raw(a) => {
                let part = self.part(a);
                part.incref();
                part.with(|body| body.held += 1);
            }
            Statement::Hold(a) => {
                let gc = self.gc(a, temporary);
                self.roots.insert(a, heap.root(gc));
            }
            Statement::Drop(a) if is_raw(a) => {
                let part = self.part(a);
                part.with(|body| body.held -= 1);
                part.decref(heap);
            }
            Statement::Drop(a) => drop(self.roots.remove(&a).expect("a root names it")),
            Statement::Finalizer(a, target) => {
                match is_raw(a) {
                    true => self.part(a).with(|body| body.has_finalizer = true),
                    false => {
                        let gc = self.gc(a, temporary);
                        heap.register_finalizer(gc);
                    }
                }
                self.finalizers.insert(a, target);
            }
            Statement::Weak(a) => {
                self.gc(a, temporary);
                let owner = heap.alloc_checked(TypeId(Weak::TYPE_ID), Weak::BYTES);
                let owner = heap.root(owner);
                let gc = self.gc(a, temporary);
                owner.get().expect::<Weak>().referent.set(gc);
                heap.register_weak(owner.get());
                self.weak.push((a, owner, false));
            }
            Statement::Opaque(a) => self.part(a).with(|body| body.is_opaque = true),
            Statement::NoClear(a) => self.part(a).with(|body| body.clears = false),
            Statement::Untracked(a) => self.part(a).with(|body| body.is_tracked = false),
            Statement::Immortal(a) if is_raw(a) => self.part(a).make_immortal(),
            Statement::Immortal(a) => drop(self.gc(a, temporary)),
            Statement::Unlink(a) => self.part(a).unlink(heap),
            Statement::LinksInDestructor(a) => {
                self.part(a).with(|body| body.links_in_destructor = true)
            }
        }
    }
    /// A collection of the whole heap, and what it asks for. Whether anything happened.
    fn round(&mut self) -> bool {
        let heap = self.heap;
        let before = self.log.len();
        match self.way {
            Way::Steps(_) => {
                for _ in 0..STEPS {
                    let whole = heap.stats().major.count;
                    let happened = self.log.len();
                    heap.collect(Reason::Stress);
                    self.answer();
                    if self.log.len() != happened && heap.stats().major.count == whole {
                        IN_STEPS.set(IN_STEPS.get() + 1);
                    }
                }
            }
            _ => {
                heap.collect(Reason::Explicit);
                self.answer();
            }
        }
        self.log.len() != before
    }
    /// Does what a collection asked for: weak references, finalizers, raw structures, in this order.
    fn answer(&mut self) {
        let heap = self.heap;
        self.log.append(&mut parts::take_events());
        let told = heap.take_dead_weakrefs();
        for (name, owner, is_cleared) in &mut self.weak {
            let referent = owner.get().expect::<Weak>().referent.get();
            if !*is_cleared && referent.is_null() {
                assert!(
                    told.contains(&owner.get()),
                    "the owner of a weak reference is told"
                );
                *is_cleared = true;
                event('w', *name);
            }
        }
        let queue = heap.take_finalizable();
        let queue: Vec<Root> = queue.into_iter().map(|gc| heap.root(gc)).collect();
        for root in queue {
            let name = root.get().expect::<Thing>().name.get() as u8 as char;
            event('f', name);
            self.resurrect(name, Some(root.get()));
        }
        while let Some((part, task)) = parts::next_task(heap) {
            match task {
                Task::Drop => {}
                Task::Clear => {
                    assert_eq!(part.gc(heap), None, "R6: what is cleared has no link");
                    event('c', part.name());
                    part.drop_references(heap);
                }
                Task::Finalize => {
                    event('f', part.name());
                    part.with(|body| body.has_finalizer = false);
                    self.resurrect(part.name(), None);
                }
            }
            part.decref(heap);
        }
        self.log.append(&mut parts::take_events());
    }
    /// What the finalizer of `name` makes reachable again.
    fn resurrect(&mut self, name: Name, own: Option<Gc>) {
        let Some(target) = self.finalizers[&name] else {
            return;
        };
        if target.is_ascii_uppercase() {
            let part = self.part(target);
            part.incref();
            return part.with(|body| body.held += 1);
        }
        let gc = match own {
            Some(gc) if target == name => gc,
            Some(gc) => {
                let fields = &gc.expect::<Thing>().fields;
                let mut named = fields.iter().map(GcField::get).filter(|gc| !gc.is_null());
                named
                    .find(|gc| gc.expect::<Thing>().name.get() == target as u64)
                    .expect("a finalizer reaches what it resurrects")
            }
            None => self.part(name).gc(self.heap).expect("it is linked"),
        };
        self.roots.insert(target, self.heap.root(gc));
    }
}
