//! Random programs of the toy language.

/// Register 0 counts iterations.
pub const REGISTERS: usize = 8;

/// A small generator; the same seed gives the same numbers everywhere.
pub struct Rng(u64);
impl Rng {
    pub fn new(seed: u64) -> Rng {
        let mut rng = Rng(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        (0..4).for_each(|_| {
            rng.below(2);
        });
        rng
    }
    pub fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }
    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Code {
    Add,
    Sub,
    Mul,
    AddK,
    FloorDivK,
    ModK,
    And,
    Xor,
    Shl,
    ToFloat,
    Move,
    New,
    Get,
    Set,
    GetN,
    SetN,
    GetU,
    SetU,
    /// Skips the next instruction if not less.
    Less,
    /// Skips the next instruction if the same object.
    Same,
    Promote,
    MakeTuple,
    Item,
    SetItem,
    Bump,
    Any,
    Pure,
    Raise,
    Valid,
    /// The last one.
    Loop,
}

#[derive(Clone, Copy, Debug)]
pub struct Ins {
    pub code: Code,
    pub d: usize,
    pub a: usize,
    pub b: usize,
    pub c: usize,
    pub k: i64,
}

pub fn program(rng: &mut Rng) -> Vec<Ins> {
    use Code::*;
    let length = 1 + rng.below(14);
    // Few kinds of instructions per program make them meet more often.
    let all = [
        Add, Sub, Mul, AddK, FloorDivK, ModK, And, Xor, Shl, ToFloat, Move, New, Get, Set, GetN,
        SetN, GetU, SetU, Less, Same, Promote, MakeTuple, Item, SetItem, Bump, Any, Pure, Raise,
        Valid,
    ];
    let weights = [
        6, 3, 1, 5, 1, 2, 1, 1, 1, 1, 9, 7, 9, 9, 3, 3, 2, 2, 2, 4, 1, 3, 3, 3, 2, 2, 1, 1, 1,
    ];
    let chosen: Vec<Code> = {
        let bag: Vec<Code> = all
            .iter()
            .zip(weights)
            .flat_map(|(c, w)| vec![*c; w])
            .collect();
        let kinds = 2 + rng.below(12);
        (0..kinds)
            .map(|_| bag[rng.below(bag.len() as u64) as usize])
            .collect()
    };
    // Registers mostly keep their kind, or no iteration would be like the one before.
    let wild = [0, 0, 4, 15][rng.below(4) as usize];
    let has_tuple = chosen.contains(&MakeTuple);
    let int = |rng: &mut Rng| if rng.chance(wild) { 1 + rng.below(7) } else { 1 + rng.below(3) } as usize;
    let object = |rng: &mut Rng| {
        let objects = if has_tuple { 3 } else { 4 };
        if rng.chance(wild) {
            1 + rng.below(7) as usize
        } else {
            4 + rng.below(objects) as usize
        }
    };
    let mut code: Vec<Ins> = Vec::new();
    for _ in 0..length {
        let which = chosen[rng.below(chosen.len() as u64) as usize];
        let k = [0, 1, 2, 3, 7, -1, 10, 1 << 40][rng.below(8) as usize];
        let mut ins = Ins {
            code: which,
            d: int(rng),
            a: int(rng),
            b: int(rng),
            c: object(rng),
            k,
        };
        match which {
            Add | Sub | Mul | AddK | FloorDivK | ModK | And | Xor | Shl | ToFloat | Pure | Less => {
                if rng.chance(15) {
                    ins.a = 0;
                }
            }
            Move if rng.chance(60) => (ins.d, ins.a) = (object(rng), object(rng)),
            Move => {}
            New => ins.d = object(rng),
            Get if k % 3 == 2 => (ins.d, ins.a) = (object(rng), object(rng)),
            Set if k % 3 == 2 => (ins.a, ins.b) = (object(rng), object(rng)),
            Get | Set | GetN | SetN | GetU | SetU | Bump => ins.a = object(rng),
            Same => (ins.a, ins.b) = (object(rng), object(rng)),
            Promote if k > 2 => ins.a = object(rng),
            Promote => {}
            MakeTuple => {
                ins.d = 7;
                if rng.chance(50) {
                    ins.b = object(rng);
                }
            }
            Item | SetItem => ins.a = if rng.chance(90) { 7 } else { object(rng) },
            Any => (ins.d, ins.a, ins.b) = (object(rng), object(rng), object(rng)),
            Raise | Valid => {}
            Loop => unreachable!("only at the end"),
        }
        code.push(ins);
    }
    code.push(Ins {
        code: AddK,
        d: 0,
        a: 0,
        b: 0,
        c: 0,
        k: 1,
    });
    code.push(Ins {
        code: Loop,
        d: 0,
        a: 0,
        b: 0,
        c: 0,
        k: 0,
    });
    code
}
