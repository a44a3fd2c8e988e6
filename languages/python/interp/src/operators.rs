//! Operators whose operands are no plain numbers: special methods of user classes by guest calls, all else residual.

use crate::prelude::*;
use ouro_py_objects::growing;

/// Which operator an instruction stands for.
#[derive(Clone, Copy)]
pub struct Operator {
    pub binary: BinOp,
    /// The right operand is constant d.
    pub constant: bool,
    pub in_place: bool,
}

/// Reads the operator off the place of `op` in the table: four groups in one order, the constant ones without `@`.
#[inline(always)]
pub fn operator(op: Op) -> Operator {
    let n = op as usize;
    let group = |first: Op| n - first as usize;
    let (number, constant, in_place) = match n {
        _ if n < Op::AddK as usize => (group(Op::Add), false, false),
        _ if n < Op::IAdd as usize => (group(Op::AddK), true, false),
        _ if n < Op::IAddK as usize => (group(Op::IAdd), false, true),
        _ => (group(Op::IAddK), true, true),
    };
    Operator {
        binary: BINARIES[number],
        constant,
        in_place,
    }
}
/// The binary operators in the order of the instructions.
const BINARIES: [BinOp; 13] = [
    BinOp::Add,
    BinOp::Sub,
    BinOp::Mul,
    BinOp::TrueDiv,
    BinOp::FloorDiv,
    BinOp::Mod,
    BinOp::Pow,
    BinOp::LShift,
    BinOp::RShift,
    BinOp::And,
    BinOp::Or,
    BinOp::Xor,
    BinOp::MatMul,
];

/// Left and right operand of a binary operator.
#[inline(always)]
pub fn operands<M: PyMachine>(p: &Probe<M>, i: &Ins, k: bool) -> (M::Ref, M::Ref) {
    let right = if k {
        p.konst(p.code().constant(i.d as usize))
    } else {
        p.reg(c(i))
    };
    (p.reg(b(i)), right)
}

/// A Python function to be called as a special method.
#[derive(Clone, Copy)]
pub struct Method {
    pub function: Gc,
    pub code: &'static PyCode,
}
/// What the class of an operand has for a special method.
#[derive(Clone, Copy)]
pub enum Lookup {
    /// A Python function that takes exactly the arguments that it will get.
    Function(Method),
    /// A user class without that method.
    Missing,
    /// No instance of a user class, or a method of another kind.
    Other,
}

/// The special method of the class of `x`, to be called with `argc` arguments.
///
/// The answer is green: it depends on the class and its version, and on the function's code.
#[inline(always)]
pub fn lookup<M: PyMachine>(p: &Probe<M>, x: M::Ref, s: Special, argc: u32) -> Lookup {
    let Some(class) = user_class(p, x) else {
        return Lookup::Other;
    };
    p.depend_on(&class.quasi);
    let found = class.special(p.vm(), s);
    if found.is_null() {
        return Lookup::Missing;
    }
    match function(p, found, argc) {
        Some(method) => Lookup::Function(method),
        None => Lookup::Other,
    }
}
/// As [`lookup`], if it is a Python function.
#[inline(always)]
pub fn special<M: PyMachine>(p: &Probe<M>, x: M::Ref, s: Special, argc: u32) -> Option<Method> {
    match lookup(p, x, s, argc) {
        Lookup::Function(method) => Some(method),
        _ => None,
    }
}
/// `found` as a Python function that takes exactly `argc` arguments.
#[inline(always)]
pub fn function<M: PyMachine>(p: &Probe<M>, found: Gc, argc: u32) -> Option<Method> {
    if found.type_id().0 != WFunction::TYPE_ID {
        return None;
    }
    let f = R::<M, WFunction>::assume(p.konst(found));
    let code = p.promote(p.get(f, WFunction::CODE));
    (code.info.simple && code.info.argcount == argc).then_some(Method {
        function: found,
        code,
    })
}
/// The class of an instance of a user class.
#[inline(always)]
pub fn user_class<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> Option<&'static Class> {
    let o = p.cast::<WInst>(x)?;
    Some(p.promote(p.get(o, WInst::MAP)).class)
}
/// The builtin object that an instance of a subclass of a builtin class stands for, or `x` itself: what methods of builtin
/// classes get.
pub fn inner<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> M::Ref {
    match user_class(p, x) {
        Some(class) if class.solid.get().is_some() => {
            let payload = p.get(R::<M, WInst>::assume(x), WInst::PAYLOAD);
            match p.is_null_ref(payload) {
                true => x,
                false => payload,
            }
        }
        _ => x,
    }
}
/// As [`inner`] if the special method of the class is that of the builtin class: then the operation may be done with the
/// builtin object.
pub fn below<M: PyMachine>(p: &Probe<M>, x: M::Ref, s: Special) -> Option<M::Ref> {
    let class = user_class(p, x)?;
    let solid = class.solid.get()?;
    p.depend_on(&class.quasi);
    let found = class.special(p.vm(), s);
    if found.is_null() || !found.is::<WMethodDescr>() {
        return None;
    }
    // A class of an extension module has methods of this kind, too.
    let owner = found.get(WMethodDescr::CLASS).expect();
    if !std::ptr::eq(owner, solid) {
        return None;
    }
    let payload = p.get(R::<M, WInst>::assume(x), WInst::PAYLOAD);
    (!p.is_null_ref(payload)).then_some(payload)
}
/// The class of `y` is a proper subclass of that of `x`, so that its reflected method may come first.
#[inline(always)]
pub fn may_override<M: PyMachine>(p: &Probe<M>, x: M::Ref, y: M::Ref) -> bool {
    match (user_class(p, x), user_class(p, y)) {
        (Some(x), Some(y)) => !std::ptr::eq(x, y) && y.is_subclass(x),
        _ => false,
    }
}
/// Calls a Python function with these arguments above the frame (I2); the result goes to `step`.
#[inline(always)]
pub fn call_special<M: PyMachine, const N: usize>(
    p: Probe<M>,
    f: Method,
    args: [M::Ref; N],
    step: Step,
) -> Flow<M> {
    let window = p.code().nregs;
    p.set_reg(window, p.konst(f.function));
    for (n, v) in args.into_iter().enumerate() {
        p.set_reg(window + 1 + n as u32, v);
    }
    Flow::Call {
        code: f.code,
        window,
        step,
    }
}

/// The general binary operator: in-place method, left method, reflected method, or what builtin classes do.
pub fn binary<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let o = operator(i.op);
    let (x, y) = operands(&p, i, o.constant);
    if i.e == 1 && o.in_place && o.binary == BinOp::Add {
        match p.type_id(x) {
            WGrowing::TYPE_ID => return grow(p, o, x, y),
            WStr::TYPE_ID if p.type_id(y) == WStr::TYPE_ID && growing::pays(p.code()) => {
                let len = p.get(R::<M, WStr>::assume(x), WStr::LEN);
                if p.guard(p.int_cmp(IntCmp::Ge, len, p.const_int(growing::LONG))) {
                    let words = [p.word_ref(x), p.word_ref(y)];
                    return p.commit().call_store(&residuals::GROW_FIRST, words);
                }
            }
            _ => {}
        }
    }
    if let (true, Some(s)) = (o.in_place, o.binary.specials().2) {
        match lookup(&p, x, s, 2) {
            Lookup::Function(f) => return call_special(p, f, [x, y], Step::InPlace),
            Lookup::Missing => {}
            Lookup::Other => return builtin_left(p, o, x, y),
        }
    }
    left(p, o, x, y)
}
/// More for a str that is being built.
fn grow<M: PyMachine>(p: Probe<M>, o: Operator, x: M::Ref, y: M::Ref) -> Flow<M> {
    if p.type_id(y) == WStr::TYPE_ID {
        let words = [p.word_ref(x), p.word_ref(y)];
        return p.commit().call_store(&residuals::GROW, words);
    }
    let words = operator_words(&p, o, x, y);
    p.commit().call_store(&residuals::BINARY_OF_GROWING, words)
}
/// The left operand's method, if it is an instance of a user class.
fn left<M: PyMachine>(p: Probe<M>, o: Operator, x: M::Ref, y: M::Ref) -> Flow<M> {
    match lookup(&p, x, o.binary.specials().0, 2) {
        Lookup::Function(f) if !may_override(&p, x, y) => call_special(p, f, [x, y], Step::BinLeft),
        _ => builtin_left(p, o, x, y),
    }
}
/// A number beside an instance of a user class with a reflected method calls that; anything else is residual.
fn builtin_left<M: PyMachine>(p: Probe<M>, o: Operator, x: M::Ref, y: M::Ref) -> Flow<M> {
    let number = matches!(p.type_id(x), WInt::TYPE_ID | WFloat::TYPE_ID);
    if number
        && let Some(class) = user_class(&p, y)
        && class.solid.get().is_none()
        && let Some(f) = special(&p, y, o.binary.specials().1, 2)
    {
        return call_special(p, f, [y, x], Step::BinLast);
    }
    if o.binary == BinOp::Add && p.type_id(x) == WBytes::TYPE_ID && p.type_id(y) == WBytes::TYPE_ID
    {
        let words = [p.word_ref(x), p.word_ref(y)];
        return p.commit().call_store(&residuals::BYTES_CONCAT, words);
    }
    let exact = is_exact(&p, x) && is_exact(&p, y);
    let words = operator_words(&p, o, x, y);
    p.commit().call_store(
        if exact {
            &residuals::EXACT_BINARY
        } else {
            &residuals::BINARY
        },
        words,
    )
}
/// Numbers and strs, exactly: operators on them run no guest code.
pub fn is_exact<M: PyMachine>(p: &Probe<M>, x: M::Ref) -> bool {
    matches!(
        p.type_id(x),
        WInt::TYPE_ID | WFloat::TYPE_ID | WBool::TYPE_ID | WBigInt::TYPE_ID | WStr::TYPE_ID
    )
}
/// The operator as a number (bit 4: in place) and its operands.
fn operator_words<M: PyMachine>(p: &Probe<M>, o: Operator, x: M::Ref, y: M::Ref) -> [M::Word; 3] {
    let number = o.binary as i64 | i64::from(o.in_place) << 4;
    [
        p.word_int(p.const_int(number)),
        p.word_ref(x),
        p.word_ref(y),
    ]
}
/// Return step `InPlace`.
pub fn after_in_place<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    if p.type_id(v) != WNotImplemented::TYPE_ID {
        p.set_reg(a(i), v);
        return Flow::Next;
    }
    let o = operator(i.op);
    let (x, y) = operands(&p, i, o.constant);
    left(
        p,
        Operator {
            in_place: false,
            ..o
        },
        x,
        y,
    )
}
/// Return step `BinLeft`.
pub fn after_left<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    if p.type_id(v) != WNotImplemented::TYPE_ID {
        p.set_reg(a(i), v);
        return Flow::Next;
    }
    let o = operator(i.op);
    let (x, y) = operands(&p, i, o.constant);
    let same = match (user_class(&p, x), user_class(&p, y)) {
        (Some(x), Some(y)) => std::ptr::eq(x, y),
        _ => false,
    };
    if !same && let Some(f) = special(&p, y, o.binary.specials().1, 2) {
        return call_special(p, f, [y, x], Step::BinLast);
    }
    let words = operator_words(&p, o, x, y);
    p.commit().call_store(&residuals::BINARY_REFLECTED, words)
}
/// Return step `BinLast`.
pub fn after_last<M: PyMachine>(p: Probe<M>, i: &Ins, v: M::Ref) -> Flow<M> {
    if p.type_id(v) != WNotImplemented::TYPE_ID {
        p.set_reg(a(i), v);
        return Flow::Next;
    }
    let o = operator(i.op);
    let (x, y) = operands(&p, i, o.constant);
    let words = operator_words(&p, o, x, y);
    p.commit().call_store(&residuals::BINARY_ERROR, words)
}

/// The general unary operator.
pub fn unary<M: PyMachine>(p: Probe<M>, i: &Ins) -> Flow<M> {
    let s = match i.op {
        Op::Neg => Special::Neg,
        Op::Pos => Special::Pos,
        _ => Special::Invert,
    };
    let x = p.reg(b(i));
    if let Some(f) = special(&p, x, s, 1) {
        return call_special(p, f, [x], Step::Store);
    }
    let words = [p.word_int(p.const_int(s as i64)), p.word_ref(x)];
    p.commit().call_store(&residuals::UNARY, words)
}
