//! System calls: the only file of this crate with `unsafe`. Every function checks the result and gives an `io::Error`.

#![allow(unsafe_code)]

use crate::modules::time::Calendar;
use std::ffi::CString;
use std::io::{Error, Result};
use std::mem::MaybeUninit;

fn check(result: i64) -> Result<i64> {
    match result {
        -1 => Err(Error::last_os_error()),
        n => Ok(n),
    }
}
fn c_text(path: &[u8]) -> Result<CString> {
    CString::new(path).map_err(|_| Error::from_raw_os_error(libc::EINVAL))
}

/// Nanoseconds of a clock.
pub fn clock(id: i32) -> Result<i128> {
    let mut t = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `t` is valid for writing.
    check(i64::from(unsafe { libc::clock_gettime(id, &mut t) }))?;
    Ok(i128::from(t.tv_sec) * 1_000_000_000 + i128::from(t.tv_nsec))
}
/// The local calendar of a moment in seconds since 1970.
pub fn local_time(seconds: i64) -> Calendar {
    let t: libc::time_t = seconds;
    let mut tm = MaybeUninit::<libc::tm>::zeroed();
    // SAFETY: both pointers are valid; all-zero is a valid `tm`, which is what stays when the call fails.
    let tm = unsafe {
        libc::localtime_r(&t, tm.as_mut_ptr());
        tm.assume_init()
    };
    let zone = match tm.tm_zone.is_null() {
        true => String::new(),
        // SAFETY: the C library keeps the names of time zones for ever and ends them with 0.
        false => unsafe { std::ffi::CStr::from_ptr(tm.tm_zone) }
            .to_string_lossy()
            .into_owned(),
    };
    let f = |v: i32| i64::from(v);
    Calendar {
        fields: [
            f(tm.tm_year) + 1900,
            f(tm.tm_mon) + 1,
            f(tm.tm_mday),
            f(tm.tm_hour),
            f(tm.tm_min),
            f(tm.tm_sec),
            (f(tm.tm_wday) + 6) % 7,
            f(tm.tm_yday) + 1,
        ],
        is_dst: f(tm.tm_isdst),
        zone,
        offset: tm.tm_gmtoff,
    }
}
/// Bytes from the system's random source.
pub fn random_bytes(n: usize) -> Result<Vec<u8>> {
    let mut out = vec![0u8; n];
    let mut done = 0;
    while done < n {
        let rest = &mut out[done..];
        // SAFETY: `rest` is valid for writing of its length.
        done += check(unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) } as i64)?
            as usize;
    }
    Ok(out)
}
/// `open(2)`; the descriptor is not inherited by other programs.
pub fn open(path: &[u8], flags: i32, mode: u32) -> Result<i32> {
    let path = c_text(path)?;
    // SAFETY: `path` ends with 0.
    check(i64::from(unsafe {
        libc::open(path.as_ptr(), flags | libc::O_CLOEXEC, mode)
    }))
    .map(|fd| fd as i32)
}
/// `close(2)`
pub fn close(fd: i32) -> Result<()> {
    // SAFETY: the call takes any number; the guest answers for what it closes, and this process keeps no descriptor of its own.
    check(i64::from(unsafe { libc::close(fd) })).map(|_| ())
}
/// `fsync(2)`
pub fn fsync(fd: i32) -> Result<()> {
    // SAFETY: no pointers.
    check(i64::from(unsafe { libc::fsync(fd) })).map(|_| ())
}
/// `read(2)`: at most `n` bytes.
pub fn read(fd: i32, n: usize) -> Result<Vec<u8>> {
    let mut out = vec![0u8; n];
    // SAFETY: `out` is valid for writing of its length.
    let got = check(unsafe { libc::read(fd, out.as_mut_ptr().cast(), n) } as i64)?;
    out.truncate(got as usize);
    Ok(out)
}
/// `write(2)`: how many bytes were written.
pub fn write(fd: i32, data: &[u8]) -> Result<usize> {
    // SAFETY: `data` is valid for reading of its length.
    check(unsafe { libc::write(fd, data.as_ptr().cast(), data.len()) } as i64).map(|n| n as usize)
}
/// `lseek(2)`
pub fn seek(fd: i32, offset: i64, whence: i32) -> Result<i64> {
    // SAFETY: no pointers.
    check(unsafe { libc::lseek(fd, offset, whence) })
}
/// `ftruncate(2)`
pub fn truncate(fd: i32, length: i64) -> Result<()> {
    // SAFETY: no pointers.
    check(i64::from(unsafe { libc::ftruncate(fd, length) })).map(|_| ())
}
/// `isatty(3)`
pub fn is_terminal(fd: i32) -> bool {
    // SAFETY: no pointers.
    unsafe { libc::isatty(fd) == 1 }
}
/// `dup(2)`
pub fn dup(fd: i32) -> Result<i32> {
    // SAFETY: no pointers.
    check(i64::from(unsafe {
        libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0)
    }))
    .map(|n| n as i32)
}
/// `dup2(2)`
pub fn dup2(fd: i32, to: i32) -> Result<i32> {
    // SAFETY: no pointers; the guest answers for the descriptor that is replaced.
    check(i64::from(unsafe { libc::dup2(fd, to) })).map(|n| n as i32)
}
/// `pipe(2)`: read end, write end.
pub fn pipe() -> Result<(i32, i32)> {
    let mut ends = [0; 2];
    // SAFETY: `ends` is valid for writing of two numbers.
    check(i64::from(unsafe {
        libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC)
    }))?;
    Ok((ends[0], ends[1]))
}
/// What a `stat` call is about.
pub enum Target<'a> {
    /// A path; links are followed.
    Path(&'a [u8]),
    /// A path; a link itself.
    Link(&'a [u8]),
    /// An open file.
    Descriptor(i32),
}
/// `stat(2)`, `lstat(2)`, `fstat(2)`
pub fn stat(target: &Target) -> Result<libc::stat> {
    let mut out = MaybeUninit::<libc::stat>::zeroed();
    let result = match target {
        Target::Path(p) => {
            let p = c_text(p)?;
            // SAFETY: `p` ends with 0 and `out` is valid for writing.
            unsafe { libc::stat(p.as_ptr(), out.as_mut_ptr()) }
        }
        Target::Link(p) => {
            let p = c_text(p)?;
            // SAFETY: as above.
            unsafe { libc::lstat(p.as_ptr(), out.as_mut_ptr()) }
        }
        // SAFETY: `out` is valid for writing.
        Target::Descriptor(fd) => unsafe { libc::fstat(*fd, out.as_mut_ptr()) },
    };
    check(i64::from(result))?;
    // SAFETY: the call succeeded and filled it.
    Ok(unsafe { out.assume_init() })
}
/// `access(2)`
pub fn access(path: &[u8], mode: i32) -> Result<bool> {
    let path = c_text(path)?;
    // SAFETY: `path` ends with 0.
    Ok(unsafe { libc::access(path.as_ptr(), mode) } == 0)
}
/// `umask(2)`
pub fn umask(mask: u32) -> u32 {
    // SAFETY: no pointers.
    unsafe { libc::umask(mask) }
}
/// Ends the process at once.
pub fn exit_now(status: i32) -> ! {
    // SAFETY: never returns; nothing is unwound, as asked for.
    unsafe { libc::_exit(status) }
}
/// `kill(2)`
pub fn kill(pid: i32, signal: i32) -> Result<()> {
    // SAFETY: no pointers.
    check(i64::from(unsafe { libc::kill(pid, signal) })).map(|_| ())
}
/// User, effective user, group and effective group.
pub fn ids() -> [u32; 4] {
    // SAFETY: these calls have no arguments and cannot fail.
    unsafe {
        [
            libc::getuid(),
            libc::geteuid(),
            libc::getgid(),
            libc::getegid(),
        ]
    }
}
/// `getppid(2)`
pub fn parent() -> i32 {
    // SAFETY: no arguments; cannot fail.
    unsafe { libc::getppid() }
}
/// Columns and lines of a terminal.
pub fn terminal_size(fd: i32) -> Result<(u16, u16)> {
    let mut size = libc::winsize {
        ws_row: 0,
        ws_col: 0,
        ws_xpixel: 0,
        ws_ypixel: 0,
    };
    // SAFETY: `size` is what this request writes.
    check(i64::from(unsafe {
        libc::ioctl(fd, libc::TIOCGWINSZ, &mut size)
    }))?;
    Ok((size.ws_col, size.ws_row))
}
/// `uname(2)`: system, node, release, version, machine.
pub fn uname() -> Result<[String; 5]> {
    let mut out = MaybeUninit::<libc::utsname>::zeroed();
    // SAFETY: `out` is valid for writing.
    check(i64::from(unsafe { libc::uname(out.as_mut_ptr()) }))?;
    // SAFETY: the call succeeded and filled it.
    let out = unsafe { out.assume_init() };
    let text = |field: &[libc::c_char]| {
        let bytes: Vec<u8> = field
            .iter()
            .take_while(|&&c| c != 0)
            .map(|&c| c as u8)
            .collect();
        String::from_utf8_lossy(&bytes).into_owned()
    };
    Ok([
        text(&out.sysname),
        text(&out.nodename),
        text(&out.release),
        text(&out.version),
        text(&out.machine),
    ])
}
/// The text of an error number.
pub fn error_text(errno: i32) -> String {
    let mut buffer = [0 as libc::c_char; 256];
    // SAFETY: `buffer` is valid for writing of its length.
    unsafe { libc::strerror_r(errno, buffer.as_mut_ptr(), buffer.len()) };
    let bytes: Vec<u8> = buffer
        .iter()
        .take_while(|&&c| c != 0)
        .map(|&c| c as u8)
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}
/// `wait` status of a child: its number and status.
pub fn wait(pid: i32, options: i32) -> Result<(i32, i32)> {
    let mut status = 0;
    // SAFETY: `status` is valid for writing.
    let pid = check(i64::from(unsafe {
        libc::waitpid(pid, &mut status, options)
    }))?;
    Ok((pid as i32, status))
}
/// Sets an environment variable, or removes it.
pub fn set_variable(key: &std::ffi::OsStr, value: Option<&std::ffi::OsStr>) {
    // SAFETY: guest code runs in one thread at a time, under the interpreter's lock, and no other thread of this process
    // reads the environment.
    unsafe {
        match value {
            Some(value) => std::env::set_var(key, value),
            None => std::env::remove_var(key),
        }
    }
}
/// Waits until a descriptor is ready; `fds` are descriptors with the events wanted, and get the events that there are.
/// A negative number of milliseconds is for ever.
pub fn poll(fds: &mut [libc::pollfd], milliseconds: i32) -> Result<usize> {
    // SAFETY: `fds` is valid for reading and writing of its length.
    let ready = unsafe { libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, milliseconds) };
    Ok(check(i64::from(ready))? as usize)
}

/// What [`fork_exec`] starts and how.
pub struct Spawn {
    /// Arguments of the program.
    pub args: Vec<CString>,
    /// Files to be tried in turn.
    pub files: Vec<CString>,
    /// The whole environment; None: as here.
    pub environment: Option<Vec<CString>>,
    /// Folder to start in.
    pub folder: Option<CString>,
    /// Close all descriptors from 3 on that are not kept.
    pub close: bool,
    /// Descriptors that stay open.
    pub keep: Vec<i32>,
    /// Standard input, output and error; -1: as here.
    pub standard: [i32; 3],
    /// The other ends of their pipes, which the child closes; -1: none.
    pub other_ends: [i32; 3],
    /// Where the child tells why it could not start.
    pub report: i32,
    /// Signals that are ignored here get their default again.
    pub restore_signals: bool,
    /// `setsid`
    pub new_session: bool,
    /// Process group to enter, or -1.
    pub group: i32,
    /// File mode mask, or -1.
    pub mask: i32,
}
/// Starts a program in a new process; the identifier of the process.
pub fn fork_exec(spawn: &Spawn) -> Result<i32> {
    // Everything that allocates happens before the fork.
    let list = |texts: &[CString]| -> Vec<*const libc::c_char> {
        let pointers = texts.iter().map(|t| t.as_ptr());
        pointers.chain([std::ptr::null()]).collect()
    };
    let args = list(&spawn.args);
    let environment = spawn.environment.as_deref().map(list);
    let mut highest = 256;
    let mut limit = MaybeUninit::<libc::rlimit>::zeroed();
    // SAFETY: `limit` is valid for writing, and all-zero is a valid one.
    let limit = unsafe {
        libc::getrlimit(libc::RLIMIT_NOFILE, limit.as_mut_ptr());
        limit.assume_init()
    };
    highest = highest.max(limit.rlim_cur.min(1 << 16) as i32);
    // SAFETY: the child only calls functions that are allowed after a fork of a process with threads.
    let pid = unsafe { libc::fork() };
    if pid != 0 {
        return Ok(check(i64::from(pid))? as i32);
    }
    // SAFETY: this is the child: every pointer was made above and every descriptor is a plain number; it never returns.
    unsafe { child(spawn, &args, environment.as_deref(), highest) }
}
/// The child of [`fork_exec`]: becomes the program, or writes what went wrong to the report and ends.
///
/// # Safety
/// Runs in the child of a fork only; the lists end with NULL and point to texts that end with 0.
unsafe fn child(
    spawn: &Spawn,
    args: &[*const libc::c_char],
    environment: Option<&[*const libc::c_char]>,
    highest: i32,
) -> ! {
    // SAFETY: see the function's contract; the functions called here are async-signal-safe.
    unsafe {
        let fail = |what: &str| -> ! {
            let errno = *libc::__errno_location();
            // "OSError:", the number in hexadecimal, ":" and what failed, as `subprocess` reads it.
            let mut text = [0u8; 64];
            let mut len = 0;
            let mut put = |b: u8| {
                text[len] = b;
                len += 1;
            };
            b"OSError:".iter().for_each(|b| put(*b));
            let digits = (0..8).rev().map(|n| (errno >> (4 * n) & 15) as usize);
            let mut digits = digits.skip_while(|d| *d == 0);
            digits.by_ref().for_each(|d| put(b"0123456789ABCDEF"[d]));
            put(b':');
            what.bytes().for_each(&mut put);
            libc::write(spawn.report, text.as_ptr().cast(), len);
            libc::_exit(255)
        };
        for fd in spawn.other_ends {
            if fd >= 0 {
                libc::close(fd);
            }
        }
        // Descriptors below 3 would be overwritten before they are put in their places.
        let mut standard = spawn.standard;
        for (n, fd) in standard.iter_mut().enumerate() {
            if *fd >= 0 && *fd < 3 && *fd != n as i32 {
                *fd = libc::fcntl(*fd, libc::F_DUPFD_CLOEXEC, 3);
                if *fd < 0 {
                    fail("");
                }
            }
        }
        for (n, fd) in standard.into_iter().enumerate() {
            let done = match fd {
                -1 => 0,
                fd if fd == n as i32 => libc::fcntl(fd, libc::F_SETFD, 0),
                fd => libc::dup2(fd, n as i32),
            };
            if done < 0 {
                fail("");
            }
        }
        for fd in &spawn.keep {
            if *fd != spawn.report && libc::fcntl(*fd, libc::F_SETFD, 0) < 0 {
                fail("");
            }
        }
        if let Some(folder) = &spawn.folder {
            if libc::chdir(folder.as_ptr()) < 0 {
                fail("noexec");
            }
        }
        if spawn.mask >= 0 {
            libc::umask(spawn.mask as libc::mode_t);
        }
        if spawn.restore_signals {
            for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
                libc::signal(signal, libc::SIG_DFL);
            }
        }
        if spawn.new_session && libc::setsid() < 0 {
            fail("");
        }
        if spawn.group >= 0 && libc::setpgid(0, spawn.group) < 0 {
            fail("");
        }
        if spawn.close {
            for fd in 3..highest {
                if fd != spawn.report && !spawn.keep.contains(&fd) {
                    libc::close(fd);
                }
            }
        }
        let mut first_error = 0;
        for file in &spawn.files {
            match environment {
                Some(environment) => {
                    libc::execve(file.as_ptr(), args.as_ptr(), environment.as_ptr())
                }
                None => libc::execv(file.as_ptr(), args.as_ptr()),
            };
            let errno = *libc::__errno_location();
            if errno != libc::ENOENT && errno != libc::ENOTDIR && first_error == 0 {
                first_error = errno;
            }
        }
        if first_error != 0 {
            *libc::__errno_location() = first_error;
        }
        fail("")
    }
}
