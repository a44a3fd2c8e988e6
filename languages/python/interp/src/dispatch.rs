//! THE list: operation to handler. The operations themselves are listed in `ouro_py_syntax::opcode`.
//!
//! Two functions come from it: [`dispatch`] for an operation that is known at run time, and [`run_op`] for one that is a
//! constant, which is what makes one small function per instruction for the threaded driver.

use crate::prelude::*;
use crate::{
    arith, asynchronous, attributes, build, calls, compare, delegation, exceptions, generators,
    imports, items, iterate, jumps, moves, names, patterns, spread, with,
};
use ouro_py_syntax::opcode::Op;

macro_rules! handlers {
    ($($op:ident => $family:ident::$handler:ident($($with:expr),*);)*) => {
        /// The operations as numbers, to be patterns.
        #[allow(non_upper_case_globals)]
        mod number {
            use ouro_py_syntax::opcode::Op;
            $(pub const $op: usize = Op::$op as usize;)*
        }
        /// Every operation has exactly one handler.
        const _: () = {
            let mut seen = [false; ouro_py_syntax::opcode::ALL_OPS.len()];
            $(assert!(!seen[number::$op], "two handlers of one operation"); seen[number::$op] = true;)*
            let mut n = 0;
            while n < seen.len() {
                assert!(seen[n], "an operation without handler");
                n += 1;
            }
        };
        /// Runs the handler of operation `op`.
        pub fn dispatch<M: PyMachine>(op: Op, p: Probe<M>, i: &Ins) -> Flow<M> {
            match op { $(Op::$op => $family::$handler(p, i $(, $with)*)),* }
        }
        /// Runs the handler of the operation with number `OP`. The other arms are dropped before code is generated.
        #[inline(always)]
        pub fn run_op<M: PyMachine, const OP: usize>(p: Probe<M>, i: &Ins) -> Flow<M> {
            match OP {
                $(number::$op => $family::$handler(p, i $(, $with)*),)*
                _ => unreachable!("operations are numbered without gaps"),
            }
        }
    };
}

handlers! {
    // ---- moves, constants, locals
    Move => moves::copy();
    Nop => moves::nothing();
    LoadConst => moves::load_const();
    CheckBound => moves::check_bound();
    Flatten => moves::flatten();
    DeleteLocal => moves::delete_local();
    MakeCell => moves::make_cell();
    CopyFreeVars => moves::copy_free_vars();
    LoadDeref => moves::load_deref();
    StoreDeref => moves::store_deref();
    DeleteDeref => moves::delete_deref();
    LoadClassDeref => names::load_class_deref();
    // ---- names
    LoadGlobal => names::load_global();
    StoreGlobal => names::store_global();
    DeleteGlobal => names::delete_global();
    LoadName => names::load_name();
    StoreName => names::store_name();
    DeleteName => names::delete_name();
    LoadBuildClass => names::load_build_class();
    LoadAssertionError => names::load_assertion_error();
    SetupAnnotations => names::setup_annotations();
    // ---- binary operators
    Add => arith::add(false);
    Sub => arith::sub(false);
    Mul => arith::mul(false);
    TrueDiv => arith::true_div(false);
    FloorDiv => arith::floor_div(false);
    Mod => arith::modulo(false);
    Pow => arith::other();
    LShift => arith::shift_left(false);
    RShift => arith::shift_right(false);
    And => arith::bits(false, IntOp::And);
    Or => arith::bits(false, IntOp::Or);
    Xor => arith::bits(false, IntOp::Xor);
    MatMul => arith::other();
    AddK => arith::add(true);
    SubK => arith::sub(true);
    MulK => arith::mul(true);
    TrueDivK => arith::true_div(true);
    FloorDivK => arith::floor_div(true);
    ModK => arith::modulo(true);
    PowK => arith::other();
    LShiftK => arith::shift_left(true);
    RShiftK => arith::shift_right(true);
    AndK => arith::bits(true, IntOp::And);
    OrK => arith::bits(true, IntOp::Or);
    XorK => arith::bits(true, IntOp::Xor);
    IAdd => arith::add(false);
    ISub => arith::sub(false);
    IMul => arith::mul(false);
    ITrueDiv => arith::true_div(false);
    IFloorDiv => arith::floor_div(false);
    IMod => arith::modulo(false);
    IPow => arith::other();
    ILShift => arith::shift_left(false);
    IRShift => arith::shift_right(false);
    IAnd => arith::bits(false, IntOp::And);
    IOr => arith::bits(false, IntOp::Or);
    IXor => arith::bits(false, IntOp::Xor);
    IMatMul => arith::other();
    IAddK => arith::add(true);
    ISubK => arith::sub(true);
    IMulK => arith::mul(true);
    ITrueDivK => arith::true_div(true);
    IFloorDivK => arith::floor_div(true);
    IModK => arith::modulo(true);
    IPowK => arith::other();
    ILShiftK => arith::shift_left(true);
    IRShiftK => arith::shift_right(true);
    IAndK => arith::bits(true, IntOp::And);
    IOrK => arith::bits(true, IntOp::Or);
    IXorK => arith::bits(true, IntOp::Xor);
    // ---- unary operators and comparisons as values
    Neg => arith::negative();
    Pos => arith::positive();
    Invert => arith::invert();
    Not => compare::not();
    Lt => compare::value(CmpOp::Lt);
    Le => compare::value(CmpOp::Le);
    Eq => compare::value(CmpOp::Eq);
    Ne => compare::value(CmpOp::Ne);
    Gt => compare::value(CmpOp::Gt);
    Ge => compare::value(CmpOp::Ge);
    Is => compare::is(true);
    IsNot => compare::is(false);
    In => compare::contains();
    NotIn => compare::contains();
    // ---- jumps
    Jump => jumps::jump();
    JumpIfTrue => jumps::on_truth(true);
    JumpIfFalse => jumps::on_truth(false);
    JumpIfNone => jumps::on_none(true);
    JumpIfNotNone => jumps::on_none(false);
    JumpIfIs => jumps::on_identity(true);
    JumpIfIsNot => jumps::on_identity(false);
    JumpIfLt => jumps::on_relation(CmpOp::Lt, true, false);
    JumpIfLe => jumps::on_relation(CmpOp::Le, true, false);
    JumpIfEq => jumps::on_relation(CmpOp::Eq, true, false);
    JumpIfNe => jumps::on_relation(CmpOp::Ne, true, false);
    JumpIfGt => jumps::on_relation(CmpOp::Gt, true, false);
    JumpIfGe => jumps::on_relation(CmpOp::Ge, true, false);
    JumpUnlessLt => jumps::on_relation(CmpOp::Lt, false, false);
    JumpUnlessLe => jumps::on_relation(CmpOp::Le, false, false);
    JumpUnlessEq => jumps::on_relation(CmpOp::Eq, false, false);
    JumpUnlessNe => jumps::on_relation(CmpOp::Ne, false, false);
    JumpUnlessGt => jumps::on_relation(CmpOp::Gt, false, false);
    JumpUnlessGe => jumps::on_relation(CmpOp::Ge, false, false);
    JumpIfLtK => jumps::on_relation(CmpOp::Lt, true, true);
    JumpIfLeK => jumps::on_relation(CmpOp::Le, true, true);
    JumpIfEqK => jumps::on_relation(CmpOp::Eq, true, true);
    JumpIfNeK => jumps::on_relation(CmpOp::Ne, true, true);
    JumpIfGtK => jumps::on_relation(CmpOp::Gt, true, true);
    JumpIfGeK => jumps::on_relation(CmpOp::Ge, true, true);
    JumpUnlessLtK => jumps::on_relation(CmpOp::Lt, false, true);
    JumpUnlessLeK => jumps::on_relation(CmpOp::Le, false, true);
    JumpUnlessEqK => jumps::on_relation(CmpOp::Eq, false, true);
    JumpUnlessNeK => jumps::on_relation(CmpOp::Ne, false, true);
    JumpUnlessGtK => jumps::on_relation(CmpOp::Gt, false, true);
    JumpUnlessGeK => jumps::on_relation(CmpOp::Ge, false, true);
    // ---- loops and iteration
    Loop => jumps::back();
    Poll => jumps::poll();
    GetIter => iterate::get_iter();
    ForIter => iterate::for_iter();
    // ---- attributes and items
    LoadAttr => attributes::load();
    StoreAttr => attributes::store();
    DeleteAttr => attributes::delete();
    LoadItem => items::load(false);
    LoadItemK => items::load(true);
    StoreItem => items::store();
    DeleteItem => items::delete();
    // ---- construction
    BuildTuple => build::tuple();
    BuildList => build::list();
    BuildSet => build::set();
    BuildDict => build::dict();
    BuildSlice => build::slice();
    BuildString => build::string();
    ListAppend => build::list_append();
    SetAdd => build::set_add();
    MapAdd => build::map_add();
    ListExtend => build::list_extend();
    SetUpdate => build::set_update();
    DictUpdate => build::dict_update();
    DictMerge => build::dict_merge();
    ListToTuple => build::list_to_tuple();
    UnpackSequence => build::unpack_sequence();
    UnpackEx => build::unpack_ex();
    FormatValue => build::format_value();
    FormatSpec => build::format_spec();
    // ---- patterns
    JumpUnlessSequence => patterns::jump_unless_sequence();
    JumpUnlessMapping => patterns::jump_unless_mapping();
    JumpUnlessInstance => patterns::jump_unless_instance();
    Length => patterns::length();
    MatchKeys => patterns::keys();
    MatchClass => patterns::class();
    // ---- functions, classes, calls
    MakeFunction => build::function();
    LoadMethod => attributes::load_method();
    Call => calls::call();
    CallMethod => calls::call_method();
    CallKw => calls::call_kw();
    CallMethodKw => calls::call_method_kw();
    StarArgs => spread::star_args();
    CallEx => spread::call_ex();
    Return => calls::return_value();
    ReturnConst => calls::return_const();
    // ---- imports
    ImportName => imports::import_name();
    ImportFrom => imports::import_from();
    ImportStar => imports::import_star();
    // ---- exceptions
    Raise => exceptions::raise();
    RaiseFrom => exceptions::raise_from();
    RaiseBare => exceptions::raise_bare();
    Reraise => exceptions::reraise();
    PushExc => exceptions::push();
    PopExc => exceptions::pop();
    JumpUnlessExcMatch => exceptions::jump_unless_match();
    ExcGroupMatch => exceptions::group_match();
    PrepReraiseStar => exceptions::prepare_reraise_star();
    // ---- with
    BeforeWith => with::before_with();
    BeforeAsyncWith => with::before_async_with();
    ExcInfoArgs => with::exc_info_args();
    // ---- generators and coroutines
    MakeGenerator => generators::make();
    Yield => generators::yield_value();
    YieldFrom => delegation::yield_from();
    Delegate => delegation::yield_from();
    GenReturn => generators::gen_return();
    GetYieldFromIter => delegation::get_yield_from_iter();
    GetAwaitable => asynchronous::get_awaitable();
    GetAiter => asynchronous::get_aiter();
    GetAnext => asynchronous::get_anext();
    EndAsyncFor => asynchronous::end_async_for();
    AsyncGenWrap => asynchronous::wrap();
    // ---- interactive mode
    PrintExpr => names::print_expr();
}
