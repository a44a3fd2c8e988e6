//! Calls.

use super::*;

/// More arguments than this go through a list, so that windows stay small.
const MAX_WINDOW_ARGS: usize = 255;

impl<'a> Compiler<'a> {
    /// Allocates a call window; its registers are `w`, `w+1`, `w+2`.
    pub(super) fn window(&mut self) -> Reg {
        self.u.alloc_many(3)
    }

    pub(super) fn call(&mut self, call: &'a ast::ExprCall, dst: Option<Reg>) -> Reg {
        self.check_callee(&call.func);
        let range = call.range();
        let (func, args) = (&*call.func, &call.arguments);
        self.check_keywords(args);
        let plain = is_plain(args);
        let mark = self.u.next_temp;
        if plain {
            if let Expr::Attribute(a) = func {
                let w = self.window();
                // A local is looked at where it is; anything else waits in its place of the window.
                let object = if a.value.is_name_expr() && self.direct(&a.value).is_some() {
                    self.expr(&a.value)
                } else {
                    self.expr_to(&a.value, w + 2);
                    w + 2
                };
                let n = self.name_index(a.attr.as_str());
                let old = self.at(a.range);
                self.attribute_position(a.range, &a.attr);
                self.u.emit_site(Op::LoadMethod, w, object, 0, n);
                self.at(old);
                self.plain_arguments(args);
                self.u.release(mark);
                let dst = self.u.dest(dst);
                self.method_call_position(range, a);
                self.finish_call(args, [Op::CallMethod, Op::CallMethodKw], dst, w, 0);
                return dst;
            }
            let w = self.window();
            self.expr_to(func, w + 2);
            self.plain_arguments(args);
            self.u.release(mark);
            let dst = self.u.dest(dst);
            self.finish_call(args, [Op::Call, Op::CallKw], dst, w, 0);
            return dst;
        }
        let callee = self.expr_temp(func);
        self.call_ex(callee, &[], args, dst, mark)
    }

    fn method_call_position(&mut self, range: TextRange, a: &ast::ExprAttribute) {
        if self.line_of(a.range.start()) != self.line_of(a.attr.range.start()) {
            self.u.range = TextRange::new(a.attr.range.start(), range.end());
        }
    }

    /// Arguments without stars into new registers.
    pub(super) fn plain_arguments(&mut self, args: &'a ast::Arguments) {
        if let [Expr::Generator(g)] = &args.args[..] {
            if !g.parenthesized {
                self.call_brackets = Some(args.range);
            }
        }
        for e in &args.args {
            self.expr_temp(e);
        }
        for k in &args.keywords {
            self.expr_temp(&k.value);
        }
    }
    /// The call instruction for window `w`, with `extra` arguments before those of `args`.
    pub(super) fn finish_call(
        &mut self,
        args: &'a ast::Arguments,
        [plain, kw]: [Op; 2],
        dst: Reg,
        w: Reg,
        extra: u16,
    ) {
        let count = extra + (args.args.len() + args.keywords.len()) as u16;
        if args.keywords.is_empty() {
            self.emit(plain, dst, w, count, 0);
        } else {
            let names = args
                .keywords
                .iter()
                .map(|k| {
                    let sym = self.mangled(k.arg.as_ref().expect("plain").as_str());
                    self.table.names.text(sym).clone()
                })
                .collect();
            let names = self.u.konst(Const::Names(names));
            self.emit(kw, dst, w, count, names);
        }
    }

    /// A call with stars; `first` are registers of positional arguments that come before all others.
    pub(super) fn call_ex(
        &mut self,
        callee: Reg,
        first: &[Reg],
        args: &'a ast::Arguments,
        dst: Option<Reg>,
        mark: u32,
    ) -> Reg {
        let positional = self.u.alloc();
        match &args.args[..] {
            [Expr::Starred(s)] if first.is_empty() => {
                let inner = self.u.next_temp;
                let value = self.expr(&s.value);
                self.emit(Op::StarArgs, positional, value, callee, 0);
                self.u.release(inner);
            }
            elts => {
                let inner = self.u.next_temp;
                for r in first {
                    let t = self.u.alloc();
                    self.emit(Op::Move, t, *r, 0, 0);
                }
                self.u.release(inner);
                self.emit(
                    Op::BuildList,
                    positional,
                    inner.min(MAX_REGS) as Reg,
                    first.len() as u16,
                    0,
                );
                for e in elts {
                    let inner = self.u.next_temp;
                    match e {
                        Expr::Starred(s) => {
                            let value = self.expr(&s.value);
                            self.emit(Op::ListExtend, positional, value, 1, 0);
                        }
                        e => {
                            let value = self.expr(e);
                            self.emit(Op::ListAppend, positional, value, 0, 0);
                        }
                    }
                    self.u.release(inner);
                }
            }
        }
        let mut kwargs = -1;
        if !args.keywords.is_empty() {
            let dict = self.u.alloc();
            kwargs = i32::from(dict);
            self.keyword_dict(callee, dict, &args.keywords);
        }
        let window = self.u.next_temp;
        self.u.alloc_many(3);
        self.u.release(mark);
        let dst = self.u.dest(dst);
        self.u
            .emit_e(Op::CallEx, dst, callee, positional, kwargs, window);
        dst
    }

    fn keyword_dict(&mut self, callee: Reg, dict: Reg, keywords: &'a [ast::Keyword]) {
        self.emit(Op::BuildDict, dict, 0, 0, 0);
        for k in keywords {
            let mark = self.u.next_temp;
            match &k.arg {
                Some(name) => {
                    // Names written in the call differ from each other, but not from what a `**` before gave.
                    let sym = self.mangled(name.as_str());
                    let text = self.table.names.text(sym).clone();
                    let first = self.u.alloc();
                    let value = self.u.alloc();
                    self.load_const(Const::Str(text.as_bytes().into()), Some(first));
                    self.expr_to(&k.value, value);
                    self.emit(Op::BuildDict, first, first, 1, 0);
                    self.emit(Op::DictMerge, dict, first, callee, 0);
                }
                None => {
                    let other = self.expr(&k.value);
                    self.emit(Op::DictMerge, dict, other, callee, 0);
                }
            }
            self.u.release(mark);
        }
    }

    pub(super) fn check_keywords(&mut self, args: &ast::Arguments) {
        let mut seen = ahash::AHashSet::new();
        for k in &args.keywords {
            if let Some(name) = &k.arg {
                if !seen.insert(name.as_str()) {
                    self.error(k.range, format!("keyword argument repeated: {name}"));
                }
            }
        }
    }

    fn check_callee(&mut self, func: &Expr) {
        let kind = match func {
            Expr::NoneLiteral(_) => "NoneType",
            Expr::BooleanLiteral(_) => "bool",
            Expr::NumberLiteral(n) => match n.value {
                ast::Number::Int(_) => "int",
                ast::Number::Float(_) => "float",
                ast::Number::Complex { .. } => "complex",
            },
            Expr::EllipsisLiteral(_) => "ellipsis",
            Expr::StringLiteral(_) | Expr::FString(_) => "str",
            Expr::BytesLiteral(_) => "bytes",
            Expr::Tuple(_) => "tuple",
            Expr::List(_) | Expr::ListComp(_) => "list",
            Expr::Dict(_) | Expr::DictComp(_) => "dict",
            Expr::Set(_) | Expr::SetComp(_) => "set",
            Expr::Generator(_) => "generator",
            _ => return,
        };
        let range = self.u.range;
        self.warn(
            range,
            format!("'{kind}' object is not callable; perhaps you missed a comma?"),
        );
    }
}

/// Whether the arguments fit a window: no stars, not too many.
pub(super) fn is_plain(args: &ast::Arguments) -> bool {
    args.args.len() + args.keywords.len() <= MAX_WINDOW_ARGS
        && !args.args.iter().any(Expr::is_starred_expr)
        && args.keywords.iter().all(|k| k.arg.is_some())
}
