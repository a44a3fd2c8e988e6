//! The entry for recorded loops, and traces that do not loop.

use crate::assemble::assemble;
use crate::give_up::GiveUp;
use crate::options::Options;
use crate::peel::{bind_inputs, compile_loop, force_jump};
use crate::pipeline::walk;
use crate::state::{Input, State};
use ouro_ir::{Descr, ExitId, LabelTarget, Opcode, Trace};

/// Compiles a recorded trace that is entered from the interpreter.
///
/// # Errors
/// [`GiveUp::ContradictoryGuard`] if the recorded path cannot be run again.
pub fn optimize(trace: &Trace, options: &Options) -> Result<Trace, GiveUp> {
    let input = Input::new(trace, options, Vec::new());
    let last = trace.ops.last().expect("a trace ends");
    let loops = last.code == Opcode::Jump
        && matches!(trace.descr(last.descr), Descr::Label(l) if l.target == LabelTarget::Start);
    if loops {
        return compile_loop(&input);
    }
    let mut state = State::new(&input);
    let inputs = bind_inputs(&mut state);
    walk(&mut state)?;
    if last.code == Opcode::Jump {
        let jump = force_jump(&mut state);
        state.emit_pool(Opcode::Jump, &jump, last.descr, ExitId::NONE);
    }
    Ok(assemble(state, None, &inputs))
}
