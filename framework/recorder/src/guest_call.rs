//! How guest calls that are not inlined, and returns, go into a trace.

use crate::call_out::{self, CallSite, Leaf};
use crate::{Recorder, Recording, Sym};
use ouro_gc::{FieldInfo, FieldKind, Gc};
use ouro_ir::{Arg, CallAbi, CallDescr, Descr, DescrId, Entry as ExitEntry, ExitId, Opcode, Ty};
use ouro_machine::{Code, Effects, Language, Machine, ResumePoint};

type Site<L> = Box<CallSite<L>>;

fn leaf_type(leaf: FieldInfo) -> Ty {
    match leaf.kind {
        FieldKind::Float => Ty::Float,
        _ => Ty::Int,
    }
}

impl<L: Language> Recorder<'_, L> {
    /// Runs a guest call in a run loop of its own and records it.
    pub(crate) fn record_call_out(
        self,
        code: &'static Code<L>,
        window: u32,
        after: L::Step,
    ) -> Result<Sym<Gc>, Sym<Gc>> {
        // Named before the call: their addresses are not theirs any more afterwards.
        let arguments: Vec<Sym<Gc>> = (0..code.nargs).map(|r| self.reg(window + r)).collect();
        let (site, mut args) = self.call_site(code, &arguments);
        self.rec.vm.frames_walked.set(false);
        let outcome = self.direct.call_out(code, window, after);
        if self.rec.vm.frames_walked.get() {
            self.rec.end_before_walk();
        }
        if !self.rec.is_active() {
            return outcome.map(Sym::constant).map_err(Sym::constant);
        }
        self.before_effect();
        let unboxed = outcome.ok().and_then(|v| {
            let type_id = (!v.is_null()).then(|| v.type_id().0)?;
            Some((after.unboxed()?, type_id, self.rec.leaf_of(type_id)?))
        });
        if let Some((_, type_id, leaf)) = unboxed {
            site.expect(type_id, leaf);
        }
        let result = unboxed.map_or(Ty::Ref, |(_, _, leaf)| leaf_type(leaf));
        let descr = self.rec.call_out_descr(&site, &mut args, result);
        let (opcode, entry, step) = match (outcome, unboxed) {
            (Ok(_), Some((step, ..))) => (Opcode::Call, ExitEntry::PendingRaise, step),
            (Ok(_), None) => (Opcode::Call, ExitEntry::PendingRaise, after),
            (Err(_), _) => (Opcode::CallRaises, ExitEntry::PendingValue, after),
        };
        self.rec.keep_site(site);
        let exit = self.rec.call_exit(entry, Some(step));
        let mut arg = {
            let mut trace = self.rec.trace.borrow_mut();
            trace.push_pool(opcode, &args, descr, exit)
        };
        self.after_call(Effects::ANY);
        if let Some((_, type_id, leaf)) = unboxed {
            arg = self.boxed(arg, type_id, leaf);
        }
        outcome.map(|v| Sym { v, arg }).map_err(|v| Sym { v, arg })
    }
    /// The site of a guest call that is not inlined, and the call's operands, the first of which is missing. Arguments of
    /// value classes are unboxed if their class is known or may still be asked for.
    fn call_site(self, code: &'static Code<L>, arguments: &[Sym<Gc>]) -> (Site<L>, Vec<Arg>) {
        let rec = self.rec;
        let mut leaves = [None; call_out::MAX_ARGUMENTS];
        let mut args = vec![Arg::NONE];
        for (n, argument) in arguments.iter().enumerate() {
            let leaf = rec.argument_leaf(code, n, argument.v);
            let known =
                || argument.is_constant() || rec.cache.borrow_mut().class_known(argument.arg);
            let Some(leaf) = leaf.filter(|_| known() || !rec.effect.get()) else {
                args.push(rec.operand_ref(*argument));
                continue;
            };
            leaves[n] = Some(leaf);
            args.push(self.leaf_operand(*argument, leaf));
        }
        (Box::new(CallSite::new(code, rec.callers(), leaves)), args)
    }
    /// The leaf of an object of a value class, whose class is checked unless it is known.
    fn leaf_operand(self, object: Sym<Gc>, leaf: Leaf) -> Arg {
        let bits = call_out::read_leaf(object.v, leaf.field);
        let is_float = leaf.field.kind == FieldKind::Float;
        if object.is_constant() {
            let mut trace = self.rec.trace.borrow_mut();
            return match is_float {
                true => trace.float(f64::from_bits(bits)),
                false => trace.int(bits as i64),
            };
        }
        if self.rec.is_active()
            && self
                .rec
                .cache
                .borrow_mut()
                .learn_class(object.arg, leaf.type_id)
        {
            let descr = self.rec.type_descr(leaf.type_id);
            self.record_guard(Opcode::GuardClass, &[object.arg], descr);
        }
        match is_float {
            true => (self.rec).operand_float(self.load(object, leaf.field, f64::from_bits(bits))),
            false => (self.rec).operand_int(self.load(object, leaf.field, bits as i64)),
        }
    }
}

impl<L: Language> Recording<'_, L> {
    /// The trace calls the function that it is recorded for: it will be entered from compiled code, which is cheap.
    pub(crate) fn calls_itself(&self) -> bool {
        let sites = self.sites.borrow();
        sites.iter().any(|site| site.entry() == self.header)
    }
    /// The trace ends with the value that its frame returns; where the interpreter entered it, that does the step again.
    pub(crate) fn return_value(&self, value: Sym<Gc>, exit: ExitId) {
        let class = (!value.v.is_null()).then(|| value.v.type_id().0);
        let leaf = class.and_then(|class| self.leaf_of(class).map(|leaf| (class, leaf)));
        let (code, operand, descr) = match leaf.filter(|_| value.is_constant()) {
            Some((class, leaf)) => {
                let bits = call_out::read_leaf(value.v, leaf);
                let operand = match leaf.kind {
                    FieldKind::Float => self.trace.borrow_mut().float(f64::from_bits(bits)),
                    _ => self.trace.borrow_mut().int(bits as i64),
                };
                (Opcode::ReturnLeaf, operand, self.type_descr(class))
            }
            None => (Opcode::Return, self.operand_ref(value), DescrId::NONE),
        };
        self.trace.borrow_mut().push(code, &[operand], descr, exit);
    }
    /// How the argument for register `n` of a guest call is unboxed, if it is.
    pub(crate) fn argument_leaf(&self, code: &'static Code<L>, n: usize, v: Gc) -> Option<Leaf> {
        let type_id = (!v.is_null()).then(|| v.type_id().0)?;
        let (class, field) = (self.environment.type_descr)(type_id);
        let entry = code.entry() as usize;
        let boxed = (self.environment.takes_reference)(entry, n as u32);
        field.filter(|_| !boxed).map(|field| Leaf {
            type_id,
            bytes: class.size_bytes,
            field,
        })
    }
    /// The callee of a guest call that is not inlined, for the site that becomes the first operand.
    pub(crate) fn call_out_descr(
        &self,
        site: &CallSite<L>,
        args: &mut [Arg],
        result: Ty,
    ) -> DescrId {
        let mut trace = self.trace.borrow_mut();
        args[0] = trace.int(std::ptr::from_ref(site) as i64);
        let params = args.iter().map(|a| trace.type_of(*a)).collect();
        let has_code = || (self.environment.compiled)(site.entry()).is_some();
        if site.entry() != self.header && !has_code() {
            self.calls_out.set(self.calls_out.get() + 1);
        }
        trace.add_descr(Descr::Call(CallDescr {
            name: format!("call_out{}", args.len() - 1).into(),
            function: call_out::address::<L>(args.len() - 1),
            abi: CallAbi::Guest {
                token: site.entry() as u64,
                classes: site.classes(),
            },
            params,
            result: Some(result),
            effects: ouro_ir::Effects::ANY,
            unused: DescrId::NONE,
        }))
    }
    pub(crate) fn keep_site(&self, site: Box<CallSite<L>>) {
        self.sites.borrow_mut().push(site);
    }
}
