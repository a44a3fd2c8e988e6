//! f-strings.

use super::*;
use crate::literal;
use ast::{FStringPart, InterpolatedStringElement};

/// Pieces are joined in groups of this many.
const MAX_PIECES: u32 = 30;

impl<'a> Compiler<'a> {
    pub(super) fn fstring(&mut self, f: &'a ast::ExprFString, dst: Option<Reg>) -> Reg {
        let mark = self.u.next_temp;
        let mut pieces = Pieces {
            first: mark,
            count: 0,
            text: Vec::new(),
        };
        for part in &f.value {
            match part {
                FStringPart::Literal(s) => {
                    let mut text = std::mem::take(&mut pieces.text);
                    self.string_part(s, &mut text);
                    pieces.text = text;
                }
                FStringPart::FString(s) => {
                    let raw = s.flags.prefix().is_raw();
                    for e in &s.elements {
                        self.element(e, raw, &mut pieces, 0);
                    }
                }
            }
        }
        self.join(pieces, dst)
    }

    fn join(&mut self, mut pieces: Pieces, dst: Option<Reg>) -> Reg {
        if pieces.count == 0 {
            self.u.release(pieces.first);
            return self.load_const(Const::Str(pieces.text.into()), dst);
        }
        self.flush(&mut pieces);
        self.u.release(pieces.first);
        let first = pieces.first.min(MAX_REGS) as Reg;
        if pieces.count == 1 {
            return match dst {
                Some(dst) => {
                    self.emit(Op::Move, dst, first, 0, 0);
                    dst
                }
                None => self.u.alloc(),
            };
        }
        let dst = self.u.dest(dst);
        self.emit(Op::BuildString, dst, first, pieces.count as u16, 0);
        dst
    }

    /// Gives the text that waits a register of its own.
    fn flush(&mut self, pieces: &mut Pieces) {
        if !pieces.text.is_empty() {
            let text = std::mem::take(&mut pieces.text);
            self.room(pieces);
            self.load_const(Const::Str(text.into()), None);
            pieces.count += 1;
        }
    }
    /// Joins what is there when it gets much.
    fn room(&mut self, pieces: &mut Pieces) {
        if pieces.count == MAX_PIECES {
            let first = pieces.first as Reg;
            self.emit(Op::BuildString, first, first, pieces.count as u16, 0);
            self.u.release(pieces.first + 1);
            pieces.count = 1;
        }
    }

    fn element(
        &mut self,
        e: &'a InterpolatedStringElement,
        raw: bool,
        pieces: &mut Pieces,
        nested: u32,
    ) {
        match e {
            InterpolatedStringElement::Literal(l) => {
                let body = &self.input.source[l.range];
                if !raw && l.value.contains('\u{FFFD}') && body.contains('\\') {
                    pieces
                        .text
                        .extend(literal::decode_string(body, nested == 0));
                } else {
                    pieces.text.extend(l.value.as_bytes());
                }
            }
            InterpolatedStringElement::Interpolation(i) => {
                if nested > 1 {
                    self.error(i.range, "f-string: expressions nested too deeply");
                    return;
                }
                let mut conversion = i32::from(i.conversion.to_byte().unwrap_or(0));
                if let Some(debug) = &i.debug_text {
                    pieces.text.extend(debug.as_str().as_bytes());
                    if conversion == 0 && i.format_spec.is_none() {
                        conversion = i32::from(b'r');
                    }
                }
                self.flush(pieces);
                self.room(pieces);
                let t = self.u.alloc();
                let inner = self.u.next_temp;
                let value = match &i.format_spec {
                    Some(spec) if !spec.elements.is_empty() => {
                        let value = if self.u.has_walrus {
                            self.expr_temp(&i.expression)
                        } else {
                            self.expr(&i.expression)
                        };
                        let mut sub = Pieces {
                            first: self.u.next_temp,
                            count: 0,
                            text: Vec::new(),
                        };
                        for e in &spec.elements {
                            self.element(e, raw, &mut sub, nested + 1);
                        }
                        let spec = self.join(sub, None);
                        self.emit(Op::FormatSpec, t, value, spec, conversion);
                        None
                    }
                    _ => Some(self.expr(&i.expression)),
                };
                if let Some(value) = value {
                    self.emit(Op::FormatValue, t, value, 0, conversion);
                }
                self.u.release(inner);
                pieces.count += 1;
            }
        }
    }
}

/// Pieces of a string in consecutive registers from `first`, and text that has no register yet.
struct Pieces {
    first: u32,
    count: u32,
    text: Vec<u8>,
}
