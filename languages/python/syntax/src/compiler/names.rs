//! Loading, storing and deleting names.

use super::*;

/// How a name is reached from the current unit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Access {
    /// Register of a local.
    Local(Reg),
    /// Cell in a register; whether it is a free variable.
    Cell(Reg, bool),
    /// Class body: namespace first, then the cell.
    ClassCell(Reg),
    /// Global.
    Global,
    /// Namespace r1, then globals.
    Name,
}

impl<'a> Compiler<'a> {
    /// The symbol of an identifier, mangled where it has to be.
    pub(super) fn mangled(&mut self, name: &str) -> Sym {
        match crate::symtable::mangle(self.u.class.as_deref(), name) {
            Some(mangled) => self.table.names.intern(&mangled),
            None => self.table.names.intern(name),
        }
    }
    /// Index of the mangled name in the unit.
    pub(super) fn name_index(&mut self, name: &str) -> i32 {
        let sym = self.mangled(name);
        self.u.name(sym)
    }
    pub(super) fn access(&self, sym: Sym) -> Access {
        let scope = self.table.scope(self.u.scope);
        let place = scope.symbol(sym).map_or(Place::GlobalImplicit, |s| s.place);
        if scope.kind.is_function_like() {
            let reg = || self.u.regs[&sym];
            return match place {
                Place::Local => Access::Local(reg()),
                Place::Cell => Access::Cell(reg(), false),
                Place::Free => Access::Cell(reg(), true),
                Place::GlobalExplicit | Place::GlobalImplicit | Place::Unknown => Access::Global,
            };
        }
        match place {
            Place::Free => match self.u.regs.get(&sym) {
                Some(r) => Access::ClassCell(*r),
                None => Access::Name,
            },
            Place::GlobalExplicit => Access::Global,
            _ => Access::Name,
        }
    }
    /// The register of a name that is a plain local here.
    pub(super) fn local_register(&mut self, name: &str) -> Option<Reg> {
        let sym = self.mangled(name);
        match self.access(sym) {
            Access::Local(r) => Some(r),
            _ => None,
        }
    }

    pub(super) fn load_name(&mut self, name: &str, dst: Option<Reg>) -> Reg {
        let sym = self.mangled(name);
        self.load_sym(sym, dst)
    }
    pub(super) fn load_sym(&mut self, sym: Sym, dst: Option<Reg>) -> Reg {
        match self.access(sym) {
            Access::Local(r) => {
                self.check_bound(sym, r);
                if self.is_grown(sym) {
                    self.emit(Op::Flatten, r, 0, 0, 0);
                }
                match dst {
                    Some(dst) if dst != r => {
                        self.emit(Op::Move, dst, r, 0, 0);
                        dst
                    }
                    _ => {
                        let range = self.u.range;
                        self.u.mark(range);
                        r
                    }
                }
            }
            Access::Cell(r, free) => {
                let dst = self.u.dest(dst);
                let n = self.u.name(sym);
                self.emit(Op::LoadDeref, dst, r, u16::from(free), n);
                dst
            }
            Access::ClassCell(r) => {
                let dst = self.u.dest(dst);
                let n = self.u.name(sym);
                self.emit(Op::LoadClassDeref, dst, r, 1, n);
                dst
            }
            Access::Global => self.load_by_name(Op::LoadGlobal, sym, dst),
            Access::Name => self.load_by_name(Op::LoadName, sym, dst),
        }
    }
    fn load_by_name(&mut self, op: Op, sym: Sym, dst: Option<Reg>) -> Reg {
        let dst = self.u.dest(dst);
        let n = self.u.name(sym);
        self.u.emit_site(op, dst, 0, 0, n);
        dst
    }
    /// Whether the local may hold a str that is being built (see [`Op::IAdd`]).
    pub(super) fn is_grown(&self, sym: Sym) -> bool {
        let scope = self.table.scope(self.u.scope);
        scope.symbol(sym).is_some_and(Symbol::is_grown)
    }
    /// Parameters that nothing deletes need no check; the others are looked at again when the unit is assembled.
    pub(super) fn check_bound(&mut self, sym: Sym, r: Reg) {
        let scope = self.table.scope(self.u.scope);
        let symbol = scope.symbol(sym).expect("locals are in the table");
        if !symbol.is_param() || symbol.may_be_deleted() {
            let n = self.u.name(sym);
            self.emit(Op::CheckBound, r, 0, 0, n);
        }
    }

    pub(super) fn store_name(&mut self, name: &str, value: Reg) {
        let sym = self.mangled(name);
        self.store_sym(sym, value);
    }
    pub(super) fn store_sym(&mut self, sym: Sym, value: Reg) {
        match self.access(sym) {
            Access::Local(r) => {
                if r != value {
                    self.emit(Op::Move, r, value, 0, 0);
                }
            }
            Access::Cell(r, _) | Access::ClassCell(r) => self.emit(Op::StoreDeref, value, r, 0, 0),
            Access::Global => {
                let n = self.u.name(sym);
                self.u.emit_site(Op::StoreGlobal, value, 0, 0, n);
            }
            Access::Name => {
                let n = self.u.name(sym);
                self.u.emit_site(Op::StoreName, value, 0, 0, n);
            }
        }
    }
    pub(super) fn delete_sym(&mut self, sym: Sym) {
        let n = self.u.name(sym);
        match self.access(sym) {
            Access::Local(r) => self.emit(Op::DeleteLocal, r, 0, 0, n),
            Access::Cell(r, free) => self.emit(Op::DeleteDeref, 0, r, u16::from(free), n),
            Access::ClassCell(r) => self.emit(Op::DeleteDeref, 0, r, 1, n),
            Access::Global => self.emit(Op::DeleteGlobal, 0, 0, 0, n),
            Access::Name => self.emit(Op::DeleteName, 0, 0, 0, n),
        }
    }
}
