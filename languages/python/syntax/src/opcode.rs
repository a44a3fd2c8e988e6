//! THE list of instructions of the register machine.
//!
//! One table, [`for_each_instruction!`](crate::for_each_instruction), gives every operation its documentation, the registers that it reads and
//! writes, and its flags. The disassembler, the liveness analysis and the verifier of this crate derive from it, and so does
//! the dispatch of the interpreter.
//!
//! # Frame
//!
//! `r0` = the function that runs (its globals and closure are reached through it). `r1..` = parameters in order, then `*args`,
//! `**kwargs`, then other locals, cell variables, free variables, and then temporaries in stack discipline.
//! Code **without** `CO_OPTIMIZED` (module, class body, `exec`) has no parameters; its `r1` is the namespace mapping, a
//! hidden parameter, that `LoadName`, `StoreName`, `DeleteName`, `LoadClassDeref`, `SetupAnnotations` and `ImportStar` use.
//!
//! # Call windows
//!
//! A window of temporaries at the top of the frame, `w = b`:
//!
//! | `w` | `w+1` | `w+2` | `w+3` .. `w+3+c` |
//! |---|---|---|---|
//! | scratch of the interpreter (instance under construction) | method, or NULL | `self`, or the callable | arguments |
//!
//! Invariant O1: nothing is live above a window when its call runs; the callee's frame starts inside it.

/// Calls `$callback! { Name => { "doc", [reads], [writes], [flags] } ... }` with the whole table.
///
/// *reads* and *writes* are names of [`Regs`](crate::opcode::Regs) constants, *flags* names of [`Flags`](crate::opcode::Flags) constants.
#[macro_export]
macro_rules! for_each_instruction {
    ($callback:ident) => { $callback! {
        // ---- moves, constants, locals
        Move => { "a = b. `b` may be a cell register: the cell itself is copied.", [B], [A], [] }
        Nop => { "Nothing. For trace functions it stands for a line on which nothing else is done.", [], [], [] }
        LoadConst => { "a = constant d.", [], [A], [KONST_D] }
        CheckBound => { "UnboundLocalError for name d if local a is NULL.", [A], [], [NAME_D RAISES] }
        Flatten => { "Local a becomes a str if it is one that is being built (see IAdd).", [A], [A], [RAISES] }
        DeleteLocal => { "local a = NULL; UnboundLocalError for name d if it is NULL already.", [], [], [NAME_D RAISES] }
        MakeCell => { "a = new cell holding a (which may be NULL).", [], [], [] }
        CopyFreeVars => { "Copies the c cells of r0's closure to a, a+1, ... First instruction of a code with free variables.", [], [], [] }
        LoadDeref => { "a = contents of the cell in b. Empty: NameError for name d if c = 1 (free variable), UnboundLocalError if c = 0.", [B], [A], [NAME_D RAISES] }
        StoreDeref => { "Contents of the cell in b = a.", [A B], [], [] }
        DeleteDeref => { "Empties the cell in b; empty already: as LoadDeref.", [B], [], [NAME_D RAISES] }
        LoadClassDeref => { "a = r1[name d] if there, else as LoadDeref with cell b, c = 1.", [B], [A], [NAME_D RAISES CALLS] }
        // ---- names
        LoadGlobal => { "a = global or builtin of name d.", [], [A], [NAME_D SITE_E RAISES CALLS] }
        StoreGlobal => { "Global of name d = a.", [A], [], [NAME_D SITE_E RAISES CALLS] }
        DeleteGlobal => { "Deletes the global of name d, or NameError.", [], [], [NAME_D RAISES CALLS] }
        LoadName => { "a = r1[name d], or global, or builtin, or NameError.", [], [A], [NAME_D SITE_E RAISES CALLS] }
        StoreName => { "r1[name d] = a.", [A], [], [NAME_D SITE_E RAISES CALLS] }
        DeleteName => { "del r1[name d], or NameError.", [], [], [NAME_D RAISES CALLS] }
        LoadBuildClass => { "a = builtins.__build_class__.", [], [A], [RAISES CALLS] }
        LoadAssertionError => { "a = AssertionError, whatever the name is bound to.", [], [A], [] }
        SetupAnnotations => { "r1['__annotations__'] = {} unless it is there.", [], [], [RAISES CALLS] }
        // ---- binary operators: a = b op c; with K the right operand is constant d
        Add => { "a = b + c.", [B C], [A], [RAISES CALLS] }
        Sub => { "a = b - c.", [B C], [A], [RAISES CALLS] }
        Mul => { "a = b * c.", [B C], [A], [RAISES CALLS] }
        TrueDiv => { "a = b / c.", [B C], [A], [RAISES CALLS] }
        FloorDiv => { "a = b // c.", [B C], [A], [RAISES CALLS] }
        Mod => { "a = b % c.", [B C], [A], [RAISES CALLS] }
        Pow => { "a = b ** c.", [B C], [A], [RAISES CALLS] }
        LShift => { "a = b << c.", [B C], [A], [RAISES CALLS] }
        RShift => { "a = b >> c.", [B C], [A], [RAISES CALLS] }
        And => { "a = b & c.", [B C], [A], [RAISES CALLS] }
        Or => { "a = b | c.", [B C], [A], [RAISES CALLS] }
        Xor => { "a = b ^ c.", [B C], [A], [RAISES CALLS] }
        MatMul => { "a = b @ c.", [B C], [A], [RAISES CALLS] }
        AddK => { "a = b + constant d.", [B], [A], [KONST_D RAISES CALLS] }
        SubK => { "a = b - constant d.", [B], [A], [KONST_D RAISES CALLS] }
        MulK => { "a = b * constant d.", [B], [A], [KONST_D RAISES CALLS] }
        TrueDivK => { "a = b / constant d.", [B], [A], [KONST_D RAISES CALLS] }
        FloorDivK => { "a = b // constant d.", [B], [A], [KONST_D RAISES CALLS] }
        ModK => { "a = b % constant d.", [B], [A], [KONST_D RAISES CALLS] }
        PowK => { "a = b ** constant d.", [B], [A], [KONST_D RAISES CALLS] }
        LShiftK => { "a = b << constant d.", [B], [A], [KONST_D RAISES CALLS] }
        RShiftK => { "a = b >> constant d.", [B], [A], [KONST_D RAISES CALLS] }
        AndK => { "a = b & constant d.", [B], [A], [KONST_D RAISES CALLS] }
        OrK => { "a = b | constant d.", [B], [A], [KONST_D RAISES CALLS] }
        XorK => { "a = b ^ constant d.", [B], [A], [KONST_D RAISES CALLS] }
        // ---- in-place operators: as above, `__iadd__` and friends first
        IAdd => { "a = b += c. With e = 1, a = b is a local, and what it holds may be a str that is being built, for which there is room to grow; everything that reads such a local but IAdd and IAddK is behind a Flatten.", [B C], [A], [RAISES CALLS] }
        ISub => { "a = b -= c.", [B C], [A], [RAISES CALLS] }
        IMul => { "a = b *= c.", [B C], [A], [RAISES CALLS] }
        ITrueDiv => { "a = b /= c.", [B C], [A], [RAISES CALLS] }
        IFloorDiv => { "a = b //= c.", [B C], [A], [RAISES CALLS] }
        IMod => { "a = b %= c.", [B C], [A], [RAISES CALLS] }
        IPow => { "a = b **= c.", [B C], [A], [RAISES CALLS] }
        ILShift => { "a = b <<= c.", [B C], [A], [RAISES CALLS] }
        IRShift => { "a = b >>= c.", [B C], [A], [RAISES CALLS] }
        IAnd => { "a = b &= c.", [B C], [A], [RAISES CALLS] }
        IOr => { "a = b |= c.", [B C], [A], [RAISES CALLS] }
        IXor => { "a = b ^= c.", [B C], [A], [RAISES CALLS] }
        IMatMul => { "a = b @= c.", [B C], [A], [RAISES CALLS] }
        IAddK => { "a = b += constant d; e as IAdd.", [B], [A], [KONST_D RAISES CALLS] }
        ISubK => { "a = b -= constant d.", [B], [A], [KONST_D RAISES CALLS] }
        IMulK => { "a = b *= constant d.", [B], [A], [KONST_D RAISES CALLS] }
        ITrueDivK => { "a = b /= constant d.", [B], [A], [KONST_D RAISES CALLS] }
        IFloorDivK => { "a = b //= constant d.", [B], [A], [KONST_D RAISES CALLS] }
        IModK => { "a = b %= constant d.", [B], [A], [KONST_D RAISES CALLS] }
        IPowK => { "a = b **= constant d.", [B], [A], [KONST_D RAISES CALLS] }
        ILShiftK => { "a = b <<= constant d.", [B], [A], [KONST_D RAISES CALLS] }
        IRShiftK => { "a = b >>= constant d.", [B], [A], [KONST_D RAISES CALLS] }
        IAndK => { "a = b &= constant d.", [B], [A], [KONST_D RAISES CALLS] }
        IOrK => { "a = b |= constant d.", [B], [A], [KONST_D RAISES CALLS] }
        IXorK => { "a = b ^= constant d.", [B], [A], [KONST_D RAISES CALLS] }
        // ---- unary operators and comparisons as values
        Neg => { "a = -b.", [B], [A], [RAISES CALLS] }
        Pos => { "a = +b.", [B], [A], [RAISES CALLS] }
        Invert => { "a = ~b.", [B], [A], [RAISES CALLS] }
        Not => { "a = not b.", [B], [A], [RAISES CALLS] }
        Lt => { "a = b < c.", [B C], [A], [RAISES CALLS] }
        Le => { "a = b <= c.", [B C], [A], [RAISES CALLS] }
        Eq => { "a = b == c.", [B C], [A], [RAISES CALLS] }
        Ne => { "a = b != c.", [B C], [A], [RAISES CALLS] }
        Gt => { "a = b > c.", [B C], [A], [RAISES CALLS] }
        Ge => { "a = b >= c.", [B C], [A], [RAISES CALLS] }
        Is => { "a = b is c.", [B C], [A], [] }
        IsNot => { "a = b is not c.", [B C], [A], [] }
        In => { "a = b in c.", [B C], [A], [RAISES CALLS] }
        NotIn => { "a = b not in c.", [B C], [A], [RAISES CALLS] }
        // ---- jumps; d = offset from this instruction, always forward
        Jump => { "Goes to d.", [], [], [JUMP END] }
        JumpIfTrue => { "Goes to d if a is true.", [A], [], [JUMP RAISES CALLS] }
        JumpIfFalse => { "Goes to d if a is false.", [A], [], [JUMP RAISES CALLS] }
        JumpIfNone => { "Goes to d if a is None.", [A], [], [JUMP] }
        JumpIfNotNone => { "Goes to d if a is not None.", [A], [], [JUMP] }
        JumpIfIs => { "Goes to d if a is b.", [A B], [], [JUMP] }
        JumpIfIsNot => { "Goes to d if a is not b.", [A B], [], [JUMP] }
        JumpIfLt => { "Goes to d if a < b is true. The comparison may give any object; its truth decides.", [A B], [], [JUMP RAISES CALLS] }
        JumpIfLe => { "Goes to d if a <= b is true.", [A B], [], [JUMP RAISES CALLS] }
        JumpIfEq => { "Goes to d if a == b is true.", [A B], [], [JUMP RAISES CALLS] }
        JumpIfNe => { "Goes to d if a != b is true.", [A B], [], [JUMP RAISES CALLS] }
        JumpIfGt => { "Goes to d if a > b is true.", [A B], [], [JUMP RAISES CALLS] }
        JumpIfGe => { "Goes to d if a >= b is true.", [A B], [], [JUMP RAISES CALLS] }
        JumpUnlessLt => { "Goes to d if a < b is false.", [A B], [], [JUMP RAISES CALLS] }
        JumpUnlessLe => { "Goes to d if a <= b is false.", [A B], [], [JUMP RAISES CALLS] }
        JumpUnlessEq => { "Goes to d if a == b is false.", [A B], [], [JUMP RAISES CALLS] }
        JumpUnlessNe => { "Goes to d if a != b is false.", [A B], [], [JUMP RAISES CALLS] }
        JumpUnlessGt => { "Goes to d if a > b is false.", [A B], [], [JUMP RAISES CALLS] }
        JumpUnlessGe => { "Goes to d if a >= b is false.", [A B], [], [JUMP RAISES CALLS] }
        JumpIfLtK => { "Goes to d if a < constant e is true.", [A], [], [JUMP KONST_E RAISES CALLS] }
        JumpIfLeK => { "Goes to d if a <= constant e is true.", [A], [], [JUMP KONST_E RAISES CALLS] }
        JumpIfEqK => { "Goes to d if a == constant e is true.", [A], [], [JUMP KONST_E RAISES CALLS] }
        JumpIfNeK => { "Goes to d if a != constant e is true.", [A], [], [JUMP KONST_E RAISES CALLS] }
        JumpIfGtK => { "Goes to d if a > constant e is true.", [A], [], [JUMP KONST_E RAISES CALLS] }
        JumpIfGeK => { "Goes to d if a >= constant e is true.", [A], [], [JUMP KONST_E RAISES CALLS] }
        JumpUnlessLtK => { "Goes to d if a < constant e is false.", [A], [], [JUMP KONST_E RAISES CALLS] }
        JumpUnlessLeK => { "Goes to d if a <= constant e is false.", [A], [], [JUMP KONST_E RAISES CALLS] }
        JumpUnlessEqK => { "Goes to d if a == constant e is false.", [A], [], [JUMP KONST_E RAISES CALLS] }
        JumpUnlessNeK => { "Goes to d if a != constant e is false.", [A], [], [JUMP KONST_E RAISES CALLS] }
        JumpUnlessGtK => { "Goes to d if a > constant e is false.", [A], [], [JUMP KONST_E RAISES CALLS] }
        JumpUnlessGeK => { "Goes to d if a >= constant e is false.", [A], [], [JUMP KONST_E RAISES CALLS] }
        // ---- loops and iteration
        Loop => { "Goes back to d (negative): safepoint and merge point. The only backward jump there is.", [], [], [JUMP END LOOP RAISES CALLS] }
        Poll => { "Safepoint in long straight-line code.", [], [], [RAISES CALLS] }
        GetIter => { "a = iter(b).", [B], [A], [RAISES CALLS] }
        ForIter => { "a = next(b); goes to d when b is exhausted (a stays as it is, b is dead then).", [B], [A], [JUMP RAISES CALLS] }
        // ---- attributes and items
        LoadAttr => { "a = b.name d.", [B], [A], [NAME_D SITE_E RAISES CALLS] }
        StoreAttr => { "a.name d = b.", [A B], [], [NAME_D SITE_E RAISES CALLS] }
        DeleteAttr => { "del a.name d.", [A], [], [NAME_D SITE_E RAISES CALLS] }
        LoadItem => { "a = b[c].", [B C], [A], [RAISES CALLS] }
        LoadItemK => { "a = b[constant d].", [B], [A], [KONST_D RAISES CALLS] }
        StoreItem => { "a[b] = c.", [A B C], [], [RAISES CALLS] }
        DeleteItem => { "del a[b].", [A B], [], [RAISES CALLS] }
        // ---- construction; c consecutive registers from b
        BuildTuple => { "a = (b, b+1, ...), c items. Also closures: the items may be cells.", [BC], [A], [] }
        BuildList => { "a = [b, b+1, ...], c items.", [BC], [A], [] }
        BuildSet => { "a = {b, b+1, ...}, c items.", [BC], [A], [RAISES CALLS] }
        BuildDict => { "a = {b: b+1, b+2: b+3, ...}, c pairs.", [BC2], [A], [RAISES CALLS] }
        BuildSlice => { "a = slice(b, b+1) or slice(b, b+1, b+2), c = 2 or 3.", [BC], [A], [] }
        BuildString => { "a = concatenation of the c exact strings from b.", [BC], [A], [RAISES] }
        ListAppend => { "a.append(b); a is an exact list.", [A B], [], [] }
        SetAdd => { "a.add(b); a is an exact set.", [A B], [], [RAISES CALLS] }
        MapAdd => { "a[b] = c; a is an exact dict.", [A B C], [], [RAISES CALLS] }
        ListExtend => { "a.extend(b); c = 1: b is `*b` of a call (its TypeError names the value after *).", [A B], [], [RAISES CALLS] }
        SetUpdate => { "a.update(b) for an exact set.", [A B], [], [RAISES CALLS] }
        DictUpdate => { "a.update(b) for `{**b}`: TypeError if b is not a mapping.", [A B], [], [RAISES CALLS] }
        DictMerge => { "As DictUpdate for `f(**b)`: TypeError if a key is there twice; c = register of the callable for its message.", [A B C], [], [RAISES CALLS] }
        ListToTuple => { "a = tuple(b); b is an exact list that nobody else has.", [B], [A], [] }
        UnpackSequence => { "a, a+1, ... (c registers) = b.", [B], [AC], [RAISES CALLS] }
        UnpackEx => { "c registers from a, then the list of the rest, then d registers = b.", [B], [ACD], [RAISES CALLS] }
        FormatValue => { "a = format(convert(b), ''); d = conversion: 0, or the character s, r or a.", [B], [A], [RAISES CALLS] }
        FormatSpec => { "a = format(convert(b), c); d as FormatValue.", [B C], [A], [RAISES CALLS] }
        // ---- patterns
        JumpUnlessSequence => { "Goes to d unless a is a sequence for patterns.", [A], [], [JUMP] }
        JumpUnlessMapping => { "Goes to d unless a is a mapping for patterns.", [A], [], [JUMP] }
        JumpUnlessInstance => { "Goes to d unless isinstance(a, b); TypeError if b is no class.", [A B], [], [JUMP RAISES CALLS] }
        Length => { "a = len(b), whatever the name is bound to.", [B], [A], [RAISES CALLS] }
        MatchKeys => { "a = tuple of the values of mapping b under the keys in tuple c, or None if one is missing.", [B C], [A], [RAISES CALLS] }
        MatchClass => { "a = tuple of attributes of b, an instance of class c: the first e of `c.__match_args__`, then those in constant d (a tuple of names); None if one is missing.", [B C], [A], [KONST_D RAISES CALLS] }
        // ---- functions, classes, calls
        MakeFunction => { "a = function of code constant d. c = flags; for each bit set, in this order, one register from b: 1 tuple of defaults, 2 dict of keyword defaults, 4 tuple of annotations (name, value, ...), 8 tuple of closure cells.", [FUNC], [A], [KONST_D] }
        LoadMethod => { "Window in a: a+1 = function and a+2 = b if b.name d is a method, else a+1 = NULL and a+2 = b.name d.", [B], [WINDOW], [NAME_D SITE_E RAISES CALLS] }
        Call => { "a = call of window b with c arguments; b+1 is unused (the callable is in b+2).", [CALL], [A], [SITE_E RAISES CALLS SAFEPOINT] }
        CallMethod => { "a = call of window b as LoadMethod left it, with c arguments.", [METHOD], [A], [SITE_E RAISES CALLS SAFEPOINT] }
        CallKw => { "As Call; the last arguments have the names in constant d (Const::Names).", [CALL], [A], [KONST_D RAISES CALLS SAFEPOINT] }
        CallMethodKw => { "As CallMethod; the last arguments have the names in constant d (Const::Names).", [METHOD], [A], [KONST_D RAISES CALLS SAFEPOINT] }
        StarArgs => { "a = b if b is an exact tuple or list, else the list of its items; for `c(*b)`: TypeError names callable c if b is not iterable.", [B C], [A], [RAISES CALLS] }
        CallEx => { "a = b(*c) or, if d >= 0, b(*c, **register d). c is a tuple or list, register d an exact dict. The window for the call starts at register e.", [B C D], [A], [RAISES CALLS SAFEPOINT] }
        Return => { "Returns a.", [A], [], [END SAFEPOINT] }
        ReturnConst => { "Returns constant d.", [], [], [KONST_D END SAFEPOINT] }
        // ---- imports
        ImportName => { "a = __import__(name d, globals, locals, b, level e).", [B], [A], [NAME_D RAISES CALLS] }
        ImportFrom => { "a = b.name d, or the submodule, or ImportError.", [B], [A], [NAME_D RAISES CALLS] }
        ImportStar => { "Puts all public names of module a into r1.", [A], [], [RAISES CALLS] }
        // ---- exceptions
        Raise => { "raise a.", [A], [], [RAISES CALLS END] }
        RaiseFrom => { "raise a from b.", [A B], [], [RAISES CALLS END] }
        RaiseBare => { "raise: the handled exception again, or RuntimeError.", [], [], [RAISES END] }
        Reraise => { "Raises a again without a new traceback entry.", [A], [], [RAISES END] }
        PushExc => { "Entry of a handler: a = exception handled so far (None if there is none), handled exception = b.", [B], [A], [] }
        PopExc => { "Handled exception = a.", [A], [], [] }
        JumpUnlessExcMatch => { "Goes to d unless exception a matches class or tuple b; TypeError if b is neither.", [A B], [], [JUMP RAISES CALLS] }
        ExcGroupMatch => { "except*: a = part of b that matches c or None, a+1 = rest or None. When a is not None it becomes the handled exception.", [B C], [A2], [RAISES CALLS] }
        PrepReraiseStar => { "except*: a = what to raise of original group b and list c of raised and unhandled ones, or None.", [B C], [A], [RAISES CALLS] }
        // ---- with
        BeforeWith => { "Looks up `__enter__` and `__exit__` of b's type: a, a+1 = method or NULL, self or callable of `__exit__`; window c gets `__enter__` as LoadMethod leaves it.", [B], [A2 WINDOWC], [RAISES CALLS] }
        BeforeAsyncWith => { "As BeforeWith for `__aenter__` and `__aexit__`.", [B], [A2 WINDOWC], [RAISES CALLS] }
        ExcInfoArgs => { "a, a+1, a+2 = type, value and traceback of exception b.", [B], [A3], [] }
        // ---- generators and coroutines
        MakeGenerator => { "Makes the generator, coroutine or asynchronous generator (see the flags of the code) of this frame and returns it; the first resume goes on with the next instruction.", [], [], [SAFEPOINT] }
        Yield => { "Gives b to the resumer; a = value sent. A thrown exception is raised here.", [B], [A], [RAISES CALLS SAFEPOINT] }
        YieldFrom => { "Sends c to iterator b. It yields v: suspend with v, on resume c = value sent and the next instruction, a Delegate with the same operands, runs; it returns v: a = v, and the Delegate is passed over.", [B C], [A C], [RAISES CALLS SAFEPOINT] }
        Delegate => { "As YieldFrom for a frame that was resumed here: it yields v: suspend with v, on resume c = value sent and this instruction runs again; it returns v: a = v. A thrown exception is delegated to b.", [B C], [A C], [RAISES CALLS SAFEPOINT] }
        GenReturn => { "Ends the generator with value a.", [A], [], [END SAFEPOINT] }
        GetYieldFromIter => { "a = b if b is a generator (or a coroutine, where allowed), else iter(b).", [B], [A], [RAISES CALLS] }
        GetAwaitable => { "a = iterator of awaitable b; c = 0, or 1 for `__aenter__`, 2 for `__aexit__` in the message.", [B], [A], [RAISES CALLS] }
        GetAiter => { "a = type(b).__aiter__(b).", [B], [A], [RAISES CALLS] }
        GetAnext => { "a = awaitable of type(b).__anext__(b).", [B], [A], [RAISES CALLS] }
        EndAsyncFor => { "Goes on if exception a is StopAsyncIteration, else raises it again.", [A], [], [RAISES] }
        AsyncGenWrap => { "a = b wrapped as a value of an asynchronous generator.", [B], [A], [] }
        // ---- interactive mode
        PrintExpr => { "sys.displayhook(a).", [A], [], [RAISES CALLS] }
    } };
}

/// Which registers an instruction reads or writes, as a function of its operands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Regs {
    /// Register a.
    A,
    /// Register b.
    B,
    /// Register c.
    C,
    /// Register d, unless d is negative.
    D,
    /// a and a+1.
    A2,
    /// a, a+1 and a+2.
    A3,
    /// c registers from a.
    AC,
    /// c + 1 + d registers from a.
    ACD,
    /// c registers from b.
    BC,
    /// 2 * c registers from b.
    BC2,
    /// As many registers from b as c has bits set.
    FUNC,
    /// Callable b+2 and c arguments from b+3.
    CALL,
    /// b+1, b+2 and c arguments from b+3.
    METHOD,
    /// a+1 and a+2.
    WINDOW,
    /// c+1 and c+2.
    WINDOWC,
}

/// Properties of an operation; a set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Flags(pub u16);

impl Flags {
    /// d is the offset of a jump target from this instruction.
    pub const JUMP: Flags = Flags(1);
    /// Control never goes on with the next instruction.
    pub const END: Flags = Flags(2);
    /// Jumps backwards.
    pub const LOOP: Flags = Flags(4);
    /// May raise, so control may go to the handler of this instruction.
    pub const RAISES: Flags = Flags(8);
    /// May run guest code, so it may be a safepoint.
    pub const CALLS: Flags = Flags(16);
    /// Is always a safepoint or leaves the frame, as far as `Poll` is concerned.
    pub const SAFEPOINT: Flags = Flags(32);
    /// d is an index of a constant.
    pub const KONST_D: Flags = Flags(64);
    /// e is an index of a constant.
    pub const KONST_E: Flags = Flags(128);
    /// d is an index of a name.
    pub const NAME_D: Flags = Flags(256);
    /// e is the number of an inline-cache site.
    pub const SITE_E: Flags = Flags(512);

    /// Whether all of `other` is in `self`.
    pub const fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }
}

macro_rules! define {
    ($($name:ident => { $doc:literal, [$($read:ident)*], [$($write:ident)*], [$($flag:ident)*] })*) => {
        /// An operation; see [`for_each_instruction!`](crate::for_each_instruction) for the table.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u16)]
        pub enum Op { $(#[doc = $doc] $name),* }
        /// What the table says of one operation.
        #[derive(Debug)]
        pub struct OpInfo {
            /// Name as in the table.
            pub name: &'static str,
            /// Meaning, in terms of the operands a to e.
            pub doc: &'static str,
            /// Registers read.
            pub reads: &'static [Regs],
            /// Registers written.
            pub writes: &'static [Regs],
            /// Properties.
            pub flags: Flags,
        }
        /// All operations in the order of the table.
        pub const ALL_OPS: &[Op] = &[$(Op::$name),*];
        static INFO: &[OpInfo] = &[$(OpInfo {
            name: stringify!($name), doc: $doc, reads: &[$(Regs::$read),*], writes: &[$(Regs::$write),*],
            flags: Flags(0 $(| Flags::$flag.0)*),
        }),*];
    };
}
for_each_instruction!(define);

impl Op {
    /// The row of the table.
    pub fn info(self) -> &'static OpInfo {
        &INFO[self as usize]
    }
    /// Whether the operation has all of `flags`.
    pub fn has(self, flags: Flags) -> bool {
        self.info().flags.has(flags)
    }
}

/// One instruction, 16 bytes. What the operands mean is in the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(C, align(16))]
pub struct Ins {
    /// Operation.
    pub op: Op,
    /// Mostly the destination register.
    pub a: u16,
    /// Register.
    pub b: u16,
    /// Register or count.
    pub c: u16,
    /// Jump offset in instructions relative to this one, or index of a constant or name.
    pub d: i32,
    /// Inline-cache site number, or index of a constant.
    pub e: u32,
}

const _: () = assert!(size_of::<Ins>() == 16);

impl Ins {
    /// Calls `f` for each register that the instruction reads (hidden reads of r0 and r1 apart).
    pub fn for_each_read(&self, f: impl FnMut(u32)) {
        self.for_each(self.op.info().reads, f);
    }
    /// Calls `f` for each register that the instruction writes.
    pub fn for_each_write(&self, f: impl FnMut(u32)) {
        self.for_each(self.op.info().writes, f);
    }
    fn for_each(&self, what: &[Regs], mut f: impl FnMut(u32)) {
        let (a, b, c) = (u32::from(self.a), u32::from(self.b), u32::from(self.c));
        for regs in what {
            let (from, count) = match regs {
                Regs::A => (a, 1),
                Regs::B => (b, 1),
                Regs::C => (c, 1),
                Regs::D => (self.d.max(0) as u32, u32::from(self.d >= 0)),
                Regs::A2 => (a, 2),
                Regs::A3 => (a, 3),
                Regs::AC => (a, c),
                Regs::ACD => (a, c + 1 + self.d as u32),
                Regs::BC => (b, c),
                Regs::BC2 => (b, 2 * c),
                Regs::FUNC => (b, c.count_ones()),
                Regs::CALL => (b + 2, c + 1),
                Regs::METHOD => (b + 1, c + 2),
                Regs::WINDOW => (a + 1, 2),
                Regs::WINDOWC => (c + 1, 2),
            };
            (from..from + count).for_each(&mut f);
        }
    }
    /// Index of the instruction that this one, at `pc`, may jump to.
    pub fn target(&self, pc: usize) -> Option<usize> {
        self.op
            .has(Flags::JUMP)
            .then(|| (pc as i64 + i64::from(self.d)) as usize)
    }
}
