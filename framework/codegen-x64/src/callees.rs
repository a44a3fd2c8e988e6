//! Guest calls go through words of the data range: to the code that takes their arguments, or to a function. See
//! `ouro_codegen::GuestCalls`.

use crate::backend::{State, arena_error};
use crate::thunks::{self, Returns, Shared};
use ouro_codegen::{CodeHandle, CompileEnv, CompileError};
use ouro_ir::{CallAbi, Descr, MAX_GUEST_ARGS, Trace};

/// A word through which the guest calls of one function go that bring arguments of the same classes.
pub(crate) struct CalleeWord {
    address: usize,
    token: u64,
    classes: [u32; MAX_GUEST_ARGS],
    /// Where they go while no code takes them.
    function: u64,
}

impl State {
    /// How called code goes back; made when it is first wanted.
    pub(crate) fn returns(
        &mut self,
        shared: &Shared,
        env: &CompileEnv,
    ) -> Result<Option<Returns>, CompileError> {
        let Some(guest) = &env.guest_calls else {
            return Ok(None);
        };
        if self.returns.is_none() {
            let made = thunks::returns(&mut self.arena, &env.heap, guest).map_err(arena_error)?;
            let leave = made.leave_called as u64;
            self.arena.set_word(shared.leave_called, leave);
            self.returns = Some(made);
        }
        Ok(self.returns)
    }

    /// By descriptor: the word through which a guest call goes, or 0.
    pub(crate) fn callees(
        &mut self,
        trace: &Trace,
        env: &CompileEnv,
    ) -> Result<Vec<usize>, CompileError> {
        let mut words = Vec::new();
        if env.guest_calls.is_none() {
            return Ok(words);
        }
        for (n, descr) in trace.descrs.iter().enumerate() {
            let Descr::Call(call) = descr else { continue };
            let CallAbi::Guest { token, classes } = call.abi else {
                continue;
            };
            words.resize(trace.descrs.len(), 0);
            words[n] = self.callee_word(token, classes, call.function)?;
        }
        Ok(words)
    }

    fn callee_word(
        &mut self,
        token: u64,
        classes: [u32; MAX_GUEST_ARGS],
        function: u64,
    ) -> Result<usize, CompileError> {
        let same =
            |w: &&CalleeWord| w.token == token && w.classes == classes && w.function == function;
        if let Some(word) = self.callee_words.iter().find(same) {
            return Ok(word.address);
        }
        let address = self.arena.reserve_data(1).map_err(arena_error)?.address;
        let word = CalleeWord {
            address,
            token,
            classes,
            function,
        };
        let to = self.callee_address(&word);
        self.arena.set_word(address, to);
        self.callee_words.push(word);
        Ok(address)
    }

    /// Where calls through a word go now.
    fn callee_address(&self, word: &CalleeWord) -> u64 {
        let code = self.callees.get(&word.token).map(|code| self.code(*code));
        let callee = code.and_then(|code| Some((code.range.address, code.callee?)));
        match callee {
            Some((start, callee)) if callee.takes(&word.classes) => {
                start as u64 + u64::from(callee.offset)
            }
            _ => word.function,
        }
    }

    /// Lets the guest calls of `token` go to this code, or to their functions.
    pub(crate) fn set_callee(&mut self, token: u64, code: Option<CodeHandle>) {
        match code {
            Some(code) => self.callees.insert(token, code),
            None => self.callees.remove(&token),
        };
        let changed = self.callee_words.iter().filter(|w| w.token == token);
        let words = changed.map(|w| (w.address, self.callee_address(w)));
        for (address, to) in words.collect::<Vec<_>>() {
            self.arena.set_word(address, to);
        }
    }
}
