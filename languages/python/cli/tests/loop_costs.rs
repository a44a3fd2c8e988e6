//! What hot loops cost, in operations that were executed: calls of the interpreter's functions, objects made, and what
//! attributes, methods and globals leave behind. Counts, never times.

mod traces;
use traces::{count, printed, run, traces};

/// Residual calls, objects made and operations that compiled code executed.
fn executed(source: &str, prints: &str) -> (u64, u64, u64) {
    let output = run("jit=threshold=50", source);
    assert_eq!(printed(&output).trim(), prints);
    let counted = ["calls", "allocations", "operations"];
    let [calls, made, all] = counted.map(|what| count(&output, &format!("executed {what}")));
    assert!(all > 0, "nothing was compiled");
    (calls, made, all)
}

/// Of a program of at least `operations` operations fewer than one in a thousand is a call of the interpreter's.
fn calls_nothing(source: &str, prints: &str, operations: u64) {
    let (calls, _, all) = executed(source, prints);
    assert!(all > operations, "only {all} operations");
    assert!(calls * 1000 < all, "{calls} calls among {all} operations");
}

#[test]
fn the_planets_call_nothing() {
    let source = "
from math import sqrt
def bodies():
    return [[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], 39.5], [[4.8, -1.2, -0.1], [0.6, 2.8, -0.02], 0.04],
            [[8.3, 4.1, -0.4], [-1.0, 1.8, 0.008], 0.01], [[12.9, -15.1, -0.2], [1.1, 0.9, -0.01], 0.002]]
def pairs_of(l):
    return [(a, b) for i, a in enumerate(l) for b in l[i + 1:]]
def advance(n, dt, pairs, all):
    for _ in range(n):
        for ([x1, y1, z1], v1, m1), ([x2, y2, z2], v2, m2) in pairs:
            dx = x1 - x2
            dy = y1 - y2
            dz = z1 - z2
            mag = dt * (dx * dx + dy * dy + dz * dz) ** -1.5
            v1[0] -= dx * m2 * mag
            v1[1] -= dy * m2 * mag
            v1[2] -= dz * m2 * mag
            v2[0] += dx * m1 * mag
            v2[1] += dy * m1 * mag
            v2[2] += dz * m1 * mag
        for r, [vx, vy, vz], m in all:
            r[0] += dt * vx
            r[1] += dt * vy
            r[2] += dt * vz
def energy(pairs, all):
    e = 0.0
    for ([x1, y1, z1], _, m1), ([x2, y2, z2], _, m2) in pairs:
        e -= m1 * m2 / sqrt((x1 - x2) ** 2 + (y1 - y2) ** 2 + (z1 - z2) ** 2)
    for _, [vx, vy, vz], m in all:
        e += m * (vx * vx + vy * vy + vz * vz) / 2.0
    return e
all = bodies()
pairs = pairs_of(all)
before = energy(pairs, all)
advance(3000, 0.001, pairs, all)
print(abs(energy(pairs, all) - before) < 0.001)
";
    let (calls, _, all) = executed(source, "True");
    // One power for each pair of bodies; everything else is arithmetic.
    let powers = 6 * 3000;
    assert!(all > 600_000, "only {all} operations");
    assert!(
        calls.saturating_sub(powers) * 1000 < all,
        "{calls} calls among {all} operations"
    );
}

#[test]
fn the_spectral_norm_calls_nothing() {
    let source = "
def element(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)
def times(u):
    return [sum(element(i, j) * u[j] for j in range(len(u))) for i in range(len(u))]
def transposed(u):
    out = []
    for i in range(len(u)):
        s = 0.0
        for j in range(len(u)):
            s += element(j, i) * u[j]
        out.append(s)
    return out
u = [1.0] * 50
for _ in range(8):
    v = transposed(times(u))
    u = transposed(times(v))
dot = sum(a * b for a, b in zip(u, v))
norm = sum(b * b for b in v)
print(round((dot / norm) ** 0.5, 6))
";
    calls_nothing(source, "1.274194", 500_000);
}

#[test]
fn turning_pancakes_calls_little() {
    let source = "
def most_flips(n):
    order = list(range(n))
    counts = list(range(1, n + 1))
    most = 0
    left = n
    while True:
        while left != 1:
            counts[left - 1] = left
            left -= 1
        if order[0] != 0 and order[n - 1] != n - 1:
            stack = order[:]
            flips = 0
            k = stack[0]
            while k:
                i, j = 0, k
                while i < j:
                    stack[i], stack[j] = stack[j], stack[i]
                    i += 1
                    j -= 1
                flips += 1
                k = stack[0]
            most = flips if flips > most else most
        while left != n:
            first = order[0]
            for i in range(left):
                order[i] = order[i + 1]
            order[left] = first
            counts[left] -= 1
            if counts[left] > 0:
                break
            left += 1
        else:
            return most
print(most_flips(7))
";
    let (calls, _, all) = executed(source, "16");
    assert!(all > 300_000, "only {all} operations");
    // One copy of a list for each permutation but those that begin or end right: at most 5040.
    assert!(
        calls.saturating_sub(5040) * 500 < all,
        "{calls} calls among {all} operations"
    );
}

#[test]
fn a_scheduler_of_objects_calls_nothing() {
    let source = "
class Packet:
    def __init__(self, link, to, kind):
        self.link, self.to, self.kind = link, to, kind
        self.datum = 0
        self.data = [0, 0, 0, 0]
    def append_to(self, queue):
        self.link = None
        if queue is None:
            return self
        p = queue
        while p.link is not None:
            p = p.link
        p.link = self
        return queue
class Task:
    def __init__(self, system, number, priority):
        self.system, self.number, self.priority = system, number, priority
        self.queue = None
        self.held = False
        self.waits = False
        system.tasks[number] = self
        system.order.append(self)
    def take(self):
        packet = self.queue
        self.queue = packet.link
        return packet
    def add(self, packet):
        self.queue = packet.append_to(self.queue)
        self.waits = False
class Idle(Task):
    bits = 1
    def run(self):
        system = self.system
        if self.bits & 1:
            self.bits = self.bits >> 1 ^ 0xd008
            system.tasks[1].held = False
        else:
            self.bits >>= 1
            system.tasks[2].held = False
        system.steps += 1
class Worker(Task):
    turn = 1
    def run(self):
        if self.queue is None:
            self.waits = True
            return
        packet = self.take()
        self.turn = 3 - self.turn
        packet.to = self.turn
        for i in range(4):
            packet.data[i] = packet.data[i] + i & 31
        self.system.send(packet, self.number)
class Device(Task):
    def run(self):
        if self.queue is None:
            self.held = True
            return
        packet = self.take()
        packet.to = 3
        packet.datum += packet.data[packet.kind]
        self.system.total += packet.datum
        self.system.send(packet, self.number)
class System:
    def __init__(self):
        self.tasks = [None] * 4
        self.order = []
        self.steps = self.total = self.sent = 0
    def send(self, packet, sender):
        task = self.tasks[packet.to]
        packet.to = sender
        self.sent += 1
        task.add(packet)
    def schedule(self, steps):
        while self.steps < steps:
            for task in self.order:
                if not task.held and not task.waits:
                    task.run()
system = System()
Idle(system, 0, 0), Device(system, 1, 10), Device(system, 2, 10), Worker(system, 3, 20)
for kind in range(4):
    system.tasks[3].add(Packet(None, 3, kind))
system.schedule(20000)
print(system.steps, system.sent > 10000, system.total > 0)
";
    calls_nothing(source, "20000 True True", 1_000_000);
}

/// Ints and floats are boxed objects in Python and none in a loop: carried around, passed to an inlined function, and to
/// a user's own `__add__`.
#[test]
fn loops_over_numbers_make_no_objects() {
    let loops = [
        ("t = t + i", "4498500"),
        ("t = t + i * 0.5", "2249250.0"),
        ("t = add(t, i)", "4498500"),
        ("t = add(t, i * 0.5)", "2249250.0"),
        ("t = add(x=i, y=t) if i & 1 else add(t, i)", "4498500"),
        ("t += Meters(i) + Meters(2)", "4504500"),
        ("t += Meters(i * 0.5) + 2.0", "2255250.0"),
        ("a, t = t, t + i; b = a", "4498500"),
        ("t = max(t, i) + min(i, 3)", "8995"),
        ("t = t + (i if i % 3 else -i) // 2 - i % 7 & 65535", "20110"),
    ];
    for (statement, prints) in loops {
        let source = format!(
            "
class Meters:
    def __init__(self, n):
        self.n = n
    def __add__(self, other):
        return self.n + (other.n if type(other) is Meters else other)
def add(x, y):
    return x + y
def work(n):
    t = 0
    for i in range(n):
        {statement}
    return t
print(work(3000))
"
        );
        let (calls, made, all) = executed(&source, prints);
        assert!(all > 10_000, "{statement}: {all} operations");
        // Each time the loop is left and entered again a few.
        assert!(
            made < 100,
            "{statement}: {made} objects in {all} operations"
        );
        assert!(
            calls < 100,
            "{statement}: {calls} calls in {all} operations"
        );
    }
}

/// What is read again and again costs guards at most: no call, no allocation, and no search.
#[test]
fn attributes_methods_and_globals_cost_guards_only() {
    let accesses = [
        ("attribute", "p.x"),
        ("class attribute", "p.kind"),
        ("method", "p.get()"),
        ("inherited method", "p.base()"),
        ("property", "p.prop"),
        ("slot", "s.x"),
        ("global", "scale"),
        ("function", "double(3)"),
        ("builtin", "len(text)"),
        ("module's global", "math.tau"),
        ("static method", "p.fixed(1)"),
        ("class method", "P.made(1)"),
        ("super", "p.above()"),
    ];
    let source = |access: &str| {
        format!(
            "
import math
scale = 3
text = 'abc'
def double(x):
    return x * 2
class B:
    def base(self):
        return self.x
class P(B):
    kind = 7
    def __init__(self):
        self.x = 5
    def get(self):
        return self.x
    @property
    def prop(self):
        return self.x
    @staticmethod
    def fixed(n):
        return n + 1
    @classmethod
    def made(cls, n):
        return n + 2
    def above(self):
        return super().base()
class S:
    __slots__ = ('x',)
    def __init__(self):
        self.x = 4
def work(p, s, n):
    t = 0.5
    for i in range(n):
        t = {access}
    return t
print(work(P(), S(), 500))
"
        )
    };
    for (what, access) in accesses {
        let test = format!("access-{}", what.replace([' ', '\''], "-"));
        let found = traces(&test, "jit=threshold=50", &source(access), "loop work ");
        assert_eq!(found.len(), 1, "{what}");
        let hot = loop_of(&found[0]);
        for word in ["call", "new", "getitem"] {
            assert!(!hot.contains(&format!("{word}(")), "{what}: {hot}");
        }
        // The loop's own counting and its poll, and what is read once in a round at most.
        let operations = hot.lines().filter(|l| !l.contains("guard")).count();
        assert!(operations <= 8, "{what}: {operations} operations\n{hot}");
        let guards = hot.lines().filter(|l| l.contains("guard")).count();
        assert!(guards <= 4, "{what}: {guards} guards\n{hot}");
    }
}

/// What follows the last label.
fn loop_of(trace: &str) -> &str {
    let at = trace.rfind("\n  label loop(").expect("a loop");
    let end = trace[at..].find("\n  @0:");
    &trace[at..end.map_or(trace.len(), |n| at + n)]
}
