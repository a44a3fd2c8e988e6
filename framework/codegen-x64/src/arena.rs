//! Memory for machine code and its data.
//!
//! Invariants:
//! - A1: no mapping is ever writable and executable. Code pages are one memory file mapped twice:
//!   readable and executable at the address where the code runs, writable somewhere else.
//! - A2: placed code never moves; return addresses and jumps into it stay valid until it is freed.
//! - A3: code and data lie in one reserved range shorter than 2 GiB, so that 32-bit displacements reach.
//! - A4: freed code is filled with trap instructions before the range is handed out again.
//!
//! After `fork` the code pages are still shared with the parent; the child calls
//! [`Arena::after_fork_in_child`] before it compiles, patches or frees anything.

use std::fmt;
use std::ptr::NonNull;

/// Address space reserved for code, in bytes.
pub const CODE_BYTES: usize = 128 << 20;
/// Address space reserved for data (heap constants, float constants, counters), in bytes.
pub const DATA_BYTES: usize = 32 << 20;
/// Fills freed code: `int3`.
const TRAP: u8 = 0xcc;
/// `MFD_EXEC` of newer kernels, which may insist that a memory file says whether it is executable.
const MFD_EXEC: libc::c_uint = 0x10;

/// The system gave no executable memory, or the reserved range is used up.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArenaError {
    /// The named system call failed with this `errno`.
    Refused {
        /// The system call.
        call: &'static str,
        /// Its error number.
        errno: i32,
    },
    /// The range for code or data is used up.
    Full,
}

impl fmt::Display for ArenaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ArenaError::Refused { call, errno } => {
                let why = std::io::Error::from_raw_os_error(*errno);
                write!(f, "the system refuses executable memory: {call}: {why}")
            }
            ArenaError::Full => write!(f, "the memory for compiled code is used up"),
        }
    }
}

/// A range handed out by the arena.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// Address of its first byte, as compiled code sees it.
    pub address: usize,
    /// Its length in bytes, rounded up to the arena's unit.
    pub bytes: usize,
}

/// First-fit free list over `0..limit`; neighbours are merged, so freed traces of one age make room for big ones.
struct Space {
    free: Vec<(usize, usize)>,
    used_bytes: usize,
}

impl Space {
    fn new(limit: usize) -> Space {
        Space {
            free: vec![(0, limit)],
            used_bytes: 0,
        }
    }

    fn take(&mut self, bytes: usize) -> Option<usize> {
        let n = self.free.iter().position(|(_, len)| *len >= bytes)?;
        let (offset, len) = self.free[n];
        if len == bytes {
            self.free.remove(n);
        } else {
            self.free[n] = (offset + bytes, len - bytes);
        }
        self.used_bytes += bytes;
        Some(offset)
    }

    fn give_back(&mut self, offset: usize, bytes: usize) {
        self.used_bytes -= bytes;
        let n = self.free.partition_point(|(at, _)| *at < offset);
        self.free.insert(n, (offset, bytes));
        if n + 1 < self.free.len() && offset + bytes == self.free[n + 1].0 {
            self.free[n].1 += self.free[n + 1].1;
            self.free.remove(n + 1);
        }
        if n > 0 && self.free[n - 1].0 + self.free[n - 1].1 == offset {
            self.free[n - 1].1 += self.free[n].1;
            self.free.remove(n);
        }
    }
}

/// The memory of one code generator.
pub struct Arena {
    /// The range that compiled code sees: code, then data.
    seen: NonNull<u8>,
    /// The writable view of the code.
    writable: NonNull<u8>,
    code: Space,
    data: Space,
    /// One past the last byte of code ever used: what a forked child must copy.
    high_water: usize,
}

/// Whether returns of this thread are compared with a second stack.
fn has_shadow_stack() -> bool {
    let top: u64;
    // SAFETY: reads the shadow stack's pointer; does nothing where there is none.
    unsafe {
        std::arch::asm!(
            "xor {top:e}, {top:e}",
            "rdsspq {top}",
            top = out(reg) top,
            options(nomem, nostack),
        );
    }
    top != 0
}

fn refused(call: &'static str) -> ArenaError {
    let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    ArenaError::Refused { call, errno }
}

/// A memory file for code.
fn memory_file() -> Result<libc::c_int, ArenaError> {
    let name = c"ouro-code".as_ptr();
    // SAFETY: the name is a C string that outlives the call.
    let mut fd = unsafe { libc::memfd_create(name, libc::MFD_CLOEXEC | MFD_EXEC) };
    if fd < 0 {
        // An older kernel does not know the flag.
        // SAFETY: as above.
        fd = unsafe { libc::memfd_create(name, libc::MFD_CLOEXEC) };
    }
    if fd < 0 {
        return Err(refused("memfd_create"));
    }
    // SAFETY: the descriptor is ours.
    if unsafe { libc::ftruncate(fd, CODE_BYTES as libc::off_t) } != 0 {
        let error = refused("ftruncate");
        close(fd);
        return Err(error);
    }
    Ok(fd)
}

fn close(fd: libc::c_int) {
    // SAFETY: the caller owns the descriptor and does not use it again.
    unsafe { libc::close(fd) };
}

/// Maps anew, or over `at` if that is given.
///
/// # Safety
/// If `at` is given, `at .. at + bytes` is a range of this arena.
unsafe fn map(
    at: Option<NonNull<u8>>,
    bytes: usize,
    protection: libc::c_int,
    flags: libc::c_int,
    fd: libc::c_int,
) -> Result<NonNull<u8>, ArenaError> {
    let (hint, fixed) = match at {
        Some(at) => (at.as_ptr().cast(), libc::MAP_FIXED),
        None => (std::ptr::null_mut(), 0),
    };
    // SAFETY: a fixed mapping replaces only a range of this arena, as the caller promises.
    let mapped = unsafe { libc::mmap(hint, bytes, protection, flags | fixed, fd, 0) };
    if mapped == libc::MAP_FAILED {
        return Err(refused("mmap"));
    }
    NonNull::new(mapped.cast()).ok_or(ArenaError::Full)
}

impl Arena {
    /// Reserves the address range and maps it.
    ///
    /// # Errors
    /// `ArenaError::Refused` where the system gives no executable memory.
    pub fn new() -> Result<Arena, ArenaError> {
        let none = libc::PROT_NONE;
        let reserve = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        let total = CODE_BYTES + DATA_BYTES;
        // SAFETY: a fresh mapping.
        let seen = unsafe { map(None, total, none, reserve, -1) }?;
        let fail = |error| {
            // SAFETY: our own reservation, which nobody has seen.
            unsafe { libc::munmap(seen.as_ptr().cast(), total) };
            Err(error)
        };
        let fd = match memory_file() {
            Ok(fd) => fd,
            Err(error) => return fail(error),
        };
        let shared = libc::MAP_SHARED;
        let read_write = libc::PROT_READ | libc::PROT_WRITE;
        let read_execute = libc::PROT_READ | libc::PROT_EXEC;
        // SAFETY: `seen` is the reservation above.
        let code = unsafe { map(Some(seen), CODE_BYTES, read_execute, shared, fd) };
        // SAFETY: the reservation is `CODE_BYTES + DATA_BYTES` long.
        let data_at = unsafe { seen.add(CODE_BYTES) };
        // SAFETY: the second part of the reservation.
        let data = unsafe { map(Some(data_at), DATA_BYTES, read_write, reserve, -1) };
        // SAFETY: a fresh mapping.
        let writable = unsafe { map(None, CODE_BYTES, read_write, shared, fd) };
        close(fd);
        match (code, data, writable) {
            (Ok(_), Ok(_), Ok(writable)) => Ok(Arena {
                seen,
                writable,
                code: Space::new(CODE_BYTES),
                data: Space::new(DATA_BYTES),
                high_water: 0,
            }),
            (Err(e), _, writable) | (_, Err(e), writable) => {
                if let Ok(writable) = writable {
                    // SAFETY: our own mapping, which nobody has seen.
                    unsafe { libc::munmap(writable.as_ptr().cast(), CODE_BYTES) };
                }
                fail(e)
            }
            (_, _, Err(e)) => fail(e),
        }
    }

    /// Reserves `bytes` for code. The range is filled by [`Arena::write`].
    ///
    /// # Errors
    /// `ArenaError::Full` if no free range is long enough.
    pub fn reserve_code(&mut self, bytes: usize) -> Result<Range, ArenaError> {
        let bytes = bytes.max(1).next_multiple_of(32);
        let offset = self.code.take(bytes).ok_or(ArenaError::Full)?;
        self.high_water = self.high_water.max(offset + bytes);
        Ok(Range {
            address: self.seen.as_ptr() as usize + offset,
            bytes,
        })
    }

    /// Gives the end of a reserved range back, so that at least `used` bytes stay.
    pub fn trim_code(&mut self, range: Range, used: usize) -> Range {
        let keep = used.max(1).next_multiple_of(32);
        assert!(keep <= range.bytes, "code is longer than its range");
        if keep < range.bytes {
            let offset = self.code_offset(range.address + keep, range.bytes - keep);
            self.code.give_back(offset, range.bytes - keep);
        }
        Range {
            address: range.address,
            bytes: keep,
        }
    }

    /// Reserves `words` zeroed words of data.
    ///
    /// # Errors
    /// `ArenaError::Full` if no free range is long enough.
    pub fn reserve_data(&mut self, words: usize) -> Result<Range, ArenaError> {
        let bytes = (words.max(1) * 8).next_multiple_of(64);
        let offset = self.data.take(bytes).ok_or(ArenaError::Full)?;
        let address = self.seen.as_ptr() as usize + CODE_BYTES + offset;
        // SAFETY: `Space` gave out this range of the writable data part, and nobody else has it.
        unsafe { std::ptr::write_bytes(address as *mut u8, 0, bytes) };
        Ok(Range { address, bytes })
    }

    /// Pointer to a word of data, checked to lie inside.
    fn data_word(&self, address: usize) -> *mut u64 {
        let offset = address.wrapping_sub(self.seen.as_ptr() as usize + CODE_BYTES);
        assert!(
            offset <= DATA_BYTES - 8 && address.is_multiple_of(8),
            "outside the data arena"
        );
        address as *mut u64
    }

    /// Changes a word of data.
    pub fn set_word(&mut self, address: usize, word: u64) {
        // SAFETY: the word was checked to lie in the writable data part.
        unsafe { self.data_word(address).write(word) };
    }

    /// A word of data.
    pub fn word(&self, address: usize) -> u64 {
        // SAFETY: the word was checked to lie in the writable data part.
        unsafe { self.data_word(address).read_volatile() }
    }

    /// A word of data, to be changed in place.
    pub fn word_mut(&mut self, address: usize) -> &mut u64 {
        // SAFETY: the word was checked to lie in the writable data part; compiled code, which also
        // reads it, does not run while the arena is borrowed.
        unsafe { &mut *self.data_word(address) }
    }

    /// Offset of a range of code, checked to lie inside.
    fn code_offset(&self, address: usize, bytes: usize) -> usize {
        let offset = address.wrapping_sub(self.seen.as_ptr() as usize);
        assert!(
            offset < CODE_BYTES && bytes <= CODE_BYTES - offset,
            "outside the code arena"
        );
        offset
    }

    /// Writes code at an address as compiled code sees it. See [`Arena::forget_fetched`].
    pub fn write(&mut self, address: usize, bytes: &[u8]) {
        let offset = self.code_offset(address, bytes.len());
        // SAFETY: the range was checked to lie inside the writable view.
        unsafe {
            let to = self.writable.add(offset).as_ptr();
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, bytes.len());
        }
    }

    /// Code at an address, as it is now.
    pub fn read(&self, address: usize, bytes: usize) -> Vec<u8> {
        let offset = self.code_offset(address, bytes);
        // SAFETY: the range was checked to lie inside the view; code is changed only through `&mut self`.
        unsafe { std::slice::from_raw_parts(self.writable.add(offset).as_ptr(), bytes) }.to_vec()
    }

    /// Gives code back. Nothing may run it or jump to it any more.
    pub fn free_code(&mut self, range: Range) {
        let traps = vec![TRAP; range.bytes];
        self.write(range.address, &traps);
        let offset = self.code_offset(range.address, range.bytes);
        self.code.give_back(offset, range.bytes);
        Arena::forget_fetched();
    }

    /// To be called after code that may have run was changed: it was written through another
    /// address than it is fetched from, so the processor need not notice by itself, and a
    /// serializing instruction makes it forget what it has fetched (Intel SDM volume 3, "Handling
    /// self- and cross-modifying code" and "Serializing instructions"; AMD's manual says the same
    /// of `IRET`). Fresh code goes without: nothing was ever fetched from there but traps.
    ///
    /// `CPUID` serializes too, but leaves to the hypervisor of a virtual machine, which takes
    /// microseconds for each exit that is patched; a return from an interrupt that never was takes
    /// a hundred cycles anywhere. It would not match a shadow stack, so with one it is `CPUID`.
    pub fn forget_fetched() {
        if has_shadow_stack() {
            std::arch::x86_64::__cpuid(0);
            return;
        }
        // SAFETY: returns to the next instruction with the stack pointer, the flags and the segments
        // that there were; without `nostack` the words below the stack pointer are not in use.
        unsafe {
            std::arch::asm!(
                "mov {sp}, rsp",
                "mov {segment:e}, ss",
                "push {segment}",
                "push {sp}",
                "pushfq",
                "mov {segment:e}, cs",
                "push {segment}",
                "lea {segment}, [rip + 2f]",
                "push {segment}",
                "iretq",
                "2:",
                sp = out(reg) _,
                segment = out(reg) _,
            );
        }
    }

    /// Gives data back.
    pub fn free_data(&mut self, range: Range) {
        let offset = range.address - self.seen.as_ptr() as usize - CODE_BYTES;
        self.data.give_back(offset, range.bytes);
    }

    /// Bytes of code and of data in use.
    pub fn used_bytes(&self) -> (usize, usize) {
        (self.code.used_bytes, self.data.used_bytes)
    }

    /// Makes the code pages private to this process, at the same addresses.
    ///
    /// Data pages are private mappings and need nothing. To be called in the child of a `fork`
    /// before any code is compiled, patched or freed in either process.
    ///
    /// # Errors
    /// `ArenaError::Refused`; the pages are then still shared and the compiler must stay off.
    pub fn after_fork_in_child(&mut self) -> Result<(), ArenaError> {
        let fd = memory_file()?;
        let copied = self.copy_to(fd);
        close(fd);
        copied
    }

    fn copy_to(&mut self, fd: libc::c_int) -> Result<(), ArenaError> {
        let mut done = 0;
        while done < self.high_water {
            // SAFETY: `done .. high_water` lies inside the writable view.
            let wrote = unsafe {
                let from = self.writable.add(done).as_ptr();
                let left = self.high_water - done;
                libc::pwrite(fd, from.cast(), left, done as libc::off_t)
            };
            if wrote <= 0 {
                return Err(refused("pwrite"));
            }
            done += wrote as usize;
        }
        let shared = libc::MAP_SHARED;
        let read_execute = libc::PROT_READ | libc::PROT_EXEC;
        let read_write = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: replaces the executable view by pages with the same bytes.
        unsafe { map(Some(self.seen), CODE_BYTES, read_execute, shared, fd) }?;
        // SAFETY: replaces the writable view by the same pages.
        unsafe { map(Some(self.writable), CODE_BYTES, read_write, shared, fd) }?;
        Ok(())
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        // SAFETY: our own mappings; the owner of the arena drops it after the last compiled frame is gone.
        unsafe {
            libc::munmap(self.seen.as_ptr().cast(), CODE_BYTES + DATA_BYTES);
            libc::munmap(self.writable.as_ptr().cast(), CODE_BYTES);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `mov eax, n; ret`
    fn constant(n: i32) -> Vec<u8> {
        let mut code = vec![0xb8];
        code.extend(n.to_le_bytes());
        code.push(0xc3);
        code
    }

    fn place(arena: &mut Arena, code: &[u8]) -> Range {
        let range = arena.reserve_code(code.len()).expect("room");
        arena.write(range.address, code);
        range
    }

    fn call(range: Range) -> i32 {
        // SAFETY: the tests place only functions of this type.
        let function: extern "C" fn() -> i32 = unsafe { std::mem::transmute(range.address) };
        function()
    }

    #[test]
    fn a1_no_mapping_is_writable_and_executable() {
        let mut arena = Arena::new().expect("executable memory");
        let range = place(&mut arena, &constant(1));
        let maps = std::fs::read_to_string("/proc/self/maps").expect("proc");
        let both = |l: &&str| {
            let rights = l.split_whitespace().nth(1).unwrap_or("");
            rights.contains('w') && rights.contains('x')
        };
        assert_eq!(maps.lines().filter(both).collect::<Vec<_>>(), [""; 0]);
        let views = maps.lines().filter(|l| l.contains("ouro-code")).count();
        assert!(views >= 2, "both views are mapped: {maps}");
        assert_eq!(call(range), 1);
    }

    #[test]
    fn a2_code_stays_where_it_is_while_more_is_placed() {
        let mut arena = Arena::new().expect("executable memory");
        let ranges: Vec<Range> = (0..2000).map(|n| place(&mut arena, &constant(n))).collect();
        for (n, range) in ranges.iter().enumerate() {
            assert_eq!(call(*range), n as i32);
        }
    }

    #[test]
    fn a4_freed_code_is_trapped_and_used_again() {
        let mut arena = Arena::new().expect("executable memory");
        let ranges: Vec<Range> = (0..10).map(|n| place(&mut arena, &constant(n))).collect();
        let used = arena.used_bytes().0;
        for n in [3, 5, 4] {
            arena.free_code(ranges[n]);
            assert!(
                arena
                    .read(ranges[n].address, ranges[n].bytes)
                    .iter()
                    .all(|b| *b == TRAP)
            );
        }
        assert_eq!(arena.used_bytes().0, used - 96);
        // Three neighbours merged into one range.
        let merged = arena.reserve_code(96).expect("room");
        assert_eq!(merged.address, ranges[3].address);
        let trimmed = arena.trim_code(merged, 20);
        assert_eq!(trimmed.bytes, 32);
        assert_eq!(arena.used_bytes().0, used - 64);
        assert_eq!(call(ranges[6]), 6);
    }

    #[test]
    fn a3_code_reaches_data() {
        let mut arena = Arena::new().expect("executable memory");
        let code = place(&mut arena, &constant(1));
        let data = arena.reserve_data(3).expect("room");
        assert!(i32::try_from(data.address as i64 - code.address as i64).is_ok());
        assert_eq!(data.bytes, 64);
        arena.free_data(data);
        assert_eq!(arena.used_bytes().1, 0);
    }

    #[test]
    fn a_forked_child_changes_only_its_own_code() {
        let mut arena = Arena::new().expect("executable memory");
        let range = place(&mut arena, &constant(7));
        // SAFETY: the child calls only system calls and compiled code, then ends without unwinding.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let copied = arena.after_fork_in_child().is_ok();
            let same = call(range) == 7;
            arena.write(range.address, &constant(8));
            Arena::forget_fetched();
            let changed = call(range) == 8;
            let code = if copied && same && changed { 0 } else { 1 };
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(code) };
        }
        assert!(child > 0);
        let mut status = 0;
        // SAFETY: our own child.
        assert_eq!(unsafe { libc::waitpid(child, &mut status, 0) }, child);
        assert_eq!(libc::WEXITSTATUS(status), 0);
        assert!(libc::WIFEXITED(status));
        assert_eq!(call(range), 7, "the parent's code is as it was");
    }
}
