//! Step 2: bytecode. Runs of `+-` and `<>` become one instruction; brackets become jumps.

use std::fmt;

/// Operations; `Ins::n` is what the comment says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Op {
    /// Moves by `n`.
    Move,
    /// Adds `n` to the cell.
    Add,
    /// Writes the cell.
    Write,
    /// Reads into the cell.
    Read,
    /// `[`: if the cell is zero, to the instruction `n` further.
    Open,
    /// `]`: unless the cell is zero, back to the instruction `n` further (`n` is negative).
    Close,
    /// The end of the program.
    End,
}
/// All operations, in order.
pub const ALL: [Op; 7] = [
    Op::Move,
    Op::Add,
    Op::Write,
    Op::Read,
    Op::Open,
    Op::Close,
    Op::End,
];

/// One instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ins {
    pub op: Op,
    pub n: i32,
}

/// A bracket without partner, at this byte of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SyntaxError {
    pub at: usize,
}
impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "the bracket at byte {} has no partner", self.at)
    }
}
impl std::error::Error for SyntaxError {}

/// Compiles a program. Anything but the eight commands is a comment.
///
/// # Errors
/// [`SyntaxError`] for the first bracket without partner.
pub fn parse(text: &str) -> Result<Vec<Ins>, SyntaxError> {
    let mut code: Vec<Ins> = Vec::new();
    let mut open: Vec<(usize, usize)> = Vec::new();
    let fold = |code: &mut Vec<Ins>, op, n| match code.last_mut() {
        Some(last) if last.op == op => last.n += n,
        _ => code.push(Ins { op, n }),
    };
    for (at, c) in text.bytes().enumerate() {
        match c {
            b'>' => fold(&mut code, Op::Move, 1),
            b'<' => fold(&mut code, Op::Move, -1),
            b'+' => fold(&mut code, Op::Add, 1),
            b'-' => fold(&mut code, Op::Add, -1),
            b'.' => code.push(Ins {
                op: Op::Write,
                n: 0,
            }),
            b',' => code.push(Ins { op: Op::Read, n: 0 }),
            b'[' => {
                open.push((code.len(), at));
                code.push(Ins { op: Op::Open, n: 0 });
            }
            b']' => {
                let (start, _) = open.pop().ok_or(SyntaxError { at })?;
                let distance = (code.len() - start) as i32;
                code[start].n = distance + 1;
                code.push(Ins {
                    op: Op::Close,
                    n: 1 - distance,
                });
            }
            _ => {}
        }
    }
    if let Some((_, at)) = open.pop() {
        return Err(SyntaxError { at });
    }
    code.push(Ins { op: Op::End, n: 0 });
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_folded_and_brackets_matched() {
        let code = parse("++[->+<] comment").expect("brackets match");
        let text: Vec<String> = code.iter().map(|i| format!("{:?} {}", i.op, i.n)).collect();
        let want = [
            "Add 2", "Open 6", "Add -1", "Move 1", "Add 1", "Move -1", "Close -4", "End 0",
        ];
        assert_eq!(text, want);
    }

    #[test]
    fn a_lonely_bracket_is_named() {
        assert_eq!(parse("+]"), Err(SyntaxError { at: 1 }));
        assert_eq!(parse("[[]"), Err(SyntaxError { at: 0 }));
    }
}
