//! `posix`: files and folders.

use super::{decode_path, path_bytes, system};
use crate::args::bind;
use crate::native::{self, ClassSpec};
use crate::rt::*;
use crate::structseq::{self, StructSeq};
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn0, fn1, fn2, fn3, getter, kw};
use ouro_py_objects::layout::*;
use ouro_py_objects::{Access, BuiltinDef, Errors, GetSetDef, Kw, PyResult, Vm};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use system::Target;

static STAT_RESULT: StructSeq = StructSeq {
    module: "os",
    name: "stat_result",
    fields: &[
        "st_mode",
        "st_ino",
        "st_dev",
        "st_nlink",
        "st_uid",
        "st_gid",
        "st_size",
        "st_atime_int",
        "st_mtime_int",
        "st_ctime_int",
        "st_atime",
        "st_mtime",
        "st_ctime",
        "st_atime_ns",
        "st_mtime_ns",
        "st_ctime_ns",
        "st_blksize",
        "st_blocks",
        "st_rdev",
    ],
    visible: 10,
    callable: true,
};

static FUNCTIONS: &[BuiltinDef] = &[
    fn0("getcwd", |vm| current_dir(vm).map(|p| decode_path(vm, &p))),
    fn0("getcwdb", |vm| current_dir(vm).map(|p| bytes(vm, &p))),
    fn1("chdir", |vm, p| {
        with_path(vm, "chdir", p, |p| std::env::set_current_dir(p))
    }),
    kw("listdir", listdir),
    kw("scandir", scandir),
    kw("stat", stat),
    kw("lstat", lstat),
    fn1("fstat", |vm, fd| {
        stat_of(vm, &Target::Descriptor(to_i64(vm, fd)? as i32), fd)
    }),
    kw("open", open),
    fn1("close", |vm, fd| {
        system::close(to_i64(vm, fd)? as i32).map_err(|e| io_error(vm, &e, None))?;
        Ok(none(vm))
    }),
    fn2("read", |vm, fd, n| {
        let (fd, n) = (to_i64(vm, fd)? as i32, to_i64(vm, n)?);
        if n < 0 {
            return Err(os_error(vm, libc::EINVAL, None));
        }
        ouro_py_objects::error::check_room(vm, n as usize)?;
        let data = system::read(fd, n as usize).map_err(|e| io_error(vm, &e, None))?;
        Ok(bytes(vm, &data))
    }),
    fn2("write", |vm, fd, data| {
        let data = to_bytes(vm, data)?;
        let n = system::write(to_i64(vm, fd)? as i32, &data).map_err(|e| io_error(vm, &e, None))?;
        Ok(int(vm, n as i64))
    }),
    fn3("lseek", |vm, fd, offset, whence| {
        let (fd, offset, whence) = (
            to_i64(vm, fd)? as i32,
            to_i64(vm, offset)?,
            to_i64(vm, whence)? as i32,
        );
        system::seek(fd, offset, whence)
            .map(|n| int(vm, n))
            .map_err(|e| io_error(vm, &e, None))
    }),
    fn2("ftruncate", |vm, fd, n| {
        system::truncate(to_i64(vm, fd)? as i32, to_i64(vm, n)?)
            .map_err(|e| io_error(vm, &e, None))?;
        Ok(none(vm))
    }),
    fn1("isatty", |vm, fd| {
        Ok(boolean(vm, system::is_terminal(to_i64(vm, fd)? as i32)))
    }),
    fn1("dup", |vm, fd| {
        let fd = system::dup(to_i64(vm, fd)? as i32).map_err(|e| io_error(vm, &e, None))?;
        Ok(int(vm, i64::from(fd)))
    }),
    fn3("dup2", |vm, fd, to, _inheritable| {
        let fd = system::dup2(to_i64(vm, fd)? as i32, to_i64(vm, to)? as i32)
            .map_err(|e| io_error(vm, &e, None))?;
        Ok(int(vm, i64::from(fd)))
    })
    .opt(2),
    fn0("pipe", |vm| {
        let (r, w) = system::pipe().map_err(|e| io_error(vm, &e, None))?;
        Ok(tuple(vm, &[int(vm, i64::from(r)), int(vm, i64::from(w))]))
    }),
    kw("mkdir", |vm, args, kw| {
        use std::os::unix::fs::DirBuilderExt;
        let [path, mode, _dir] = bind(vm, "mkdir", ["path", "mode", "*dir_fd"], 1, args, kw)?;
        let mode = if mode.is_null() {
            0o777
        } else {
            to_i64(vm, mode)? as u32
        };
        with_path(vm, "mkdir", path, |p| {
            std::fs::DirBuilder::new().mode(mode).create(p)
        })
    }),
    kw("rmdir", |vm, args, kw| {
        let [path, _dir] = bind(vm, "rmdir", ["path", "*dir_fd"], 1, args, kw)?;
        with_path(vm, "rmdir", path, |p| std::fs::remove_dir(p))
    }),
    kw("unlink", |vm, args, kw| remove(vm, "unlink", args, kw)),
    kw("remove", |vm, args, kw| remove(vm, "remove", args, kw)),
    kw("rename", |vm, args, kw| rename(vm, "rename", args, kw)),
    kw("replace", |vm, args, kw| rename(vm, "replace", args, kw)),
    kw("symlink", |vm, args, kw| {
        let [source, target, _is_dir, _dir] = bind(
            vm,
            "symlink",
            ["src", "dst", "target_is_directory", "*dir_fd"],
            2,
            args,
            kw,
        )?;
        let source_path = PathBuf::from(OsString::from_vec(path_bytes(vm, "symlink", source)?));
        with_path(vm, "symlink", target, |p| {
            std::os::unix::fs::symlink(&source_path, p)
        })
    }),
    kw("link", |vm, args, kw| {
        let [source, target, _s, _d, _f] = bind(
            vm,
            "link",
            [
                "src",
                "dst",
                "*src_dir_fd",
                "*dst_dir_fd",
                "*follow_symlinks",
            ],
            2,
            args,
            kw,
        )?;
        let source_path = PathBuf::from(OsString::from_vec(path_bytes(vm, "link", source)?));
        with_path(vm, "link", target, |p| std::fs::hard_link(&source_path, p))
    }),
    kw("readlink", |vm, args, kw| {
        let [path, _dir] = bind(vm, "readlink", ["path", "*dir_fd"], 1, args, kw)?;
        let p = path_bytes(vm, "readlink", path)?;
        let target = std::fs::read_link(as_path(&p)).map_err(|e| io_error(vm, &e, Some(path)))?;
        Ok(like(vm, path, target.as_os_str().as_bytes()))
    }),
    kw("access", |vm, args, kw| {
        let names = [
            "path",
            "mode",
            "*dir_fd",
            "*effective_ids",
            "*follow_symlinks",
        ];
        let [path, mode, _d, _e, _f] = bind(vm, "access", names, 2, args, kw)?;
        let p = path_bytes(vm, "access", path)?;
        Ok(boolean(
            vm,
            system::access(&p, to_i64(vm, mode)? as i32).unwrap_or(false),
        ))
    }),
    kw("chmod", |vm, args, kw| {
        use std::os::unix::fs::PermissionsExt;
        let [path, mode, _d, _f] = bind(
            vm,
            "chmod",
            ["path", "mode", "*dir_fd", "*follow_symlinks"],
            2,
            args,
            kw,
        )?;
        let mode = to_i64(vm, mode)? as u32;
        with_path(vm, "chmod", path, |p| {
            std::fs::set_permissions(p, std::fs::Permissions::from_mode(mode))
        })
    }),
    kw("utime", utime),
    fn2("set_inheritable", |vm, _, _| Ok(none(vm))),
    fn1("get_inheritable", |vm, _| Ok(boolean(vm, false))),
    fn1("fsync", |vm, fd| {
        let fd = to_i64(vm, fd)?;
        if fd < 0 {
            let text = format_args!("file descriptor cannot be a negative integer ({fd})");
            return Err(vm.value_error(text));
        }
        system::fsync(fd as i32).map_err(|e| io_error(vm, &e, None))?;
        Ok(none(vm))
    }),
];

pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    let class = structseq::define(vm, &STAT_RESULT);
    put(vm, module, "stat_result", class.gc());
    native::define(vm, module, &DIR_ENTRY)?;
    native::define(vm, Gc::NULL, &SCANDIR)?;
    put_ints(
        vm,
        module,
        &[
            ("O_RDONLY", libc::O_RDONLY as i64),
            ("O_WRONLY", libc::O_WRONLY as i64),
            ("O_RDWR", libc::O_RDWR as i64),
            ("O_CREAT", libc::O_CREAT as i64),
            ("O_EXCL", libc::O_EXCL as i64),
            ("O_TRUNC", libc::O_TRUNC as i64),
            ("O_APPEND", libc::O_APPEND as i64),
            ("O_NONBLOCK", libc::O_NONBLOCK as i64),
            ("O_CLOEXEC", libc::O_CLOEXEC as i64),
            ("O_NOFOLLOW", libc::O_NOFOLLOW as i64),
            ("O_DIRECTORY", libc::O_DIRECTORY as i64),
            ("O_SYNC", libc::O_SYNC as i64),
            ("F_OK", 0),
            ("R_OK", 4),
            ("W_OK", 2),
            ("X_OK", 1),
            ("SEEK_DATA", 3),
            ("SEEK_HOLE", 4),
        ],
    );
    Ok(())
}
fn as_path(p: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(p))
}
/// A path as the same type as the argument it comes from.
fn like(vm: &'static Vm, argument: Gc, path: &[u8]) -> Gc {
    match is_a(vm, argument, vm.world().classes.bytes) {
        true => bytes(vm, path),
        false => decode_path(vm, path),
    }
}
fn with_path(
    vm: &'static Vm,
    name: &str,
    path: Gc,
    f: impl FnOnce(&Path) -> std::io::Result<()>,
) -> PyResult {
    let p = path_bytes(vm, name, path)?;
    f(as_path(&p)).map_err(|e| io_error(vm, &e, Some(path)))?;
    Ok(none(vm))
}
fn current_dir(vm: &'static Vm) -> PyResult<Vec<u8>> {
    std::env::current_dir()
        .map(|p| p.into_os_string().into_vec())
        .map_err(|e| io_error(vm, &e, None))
}
fn remove(vm: &'static Vm, name: &'static str, args: &[Gc], kw: &Kw) -> PyResult {
    let [path, _dir] = bind(vm, name, ["path", "*dir_fd"], 1, args, kw)?;
    with_path(vm, name, path, |p| std::fs::remove_file(p))
}
fn rename(vm: &'static Vm, name: &'static str, args: &[Gc], kw: &Kw) -> PyResult {
    let [source, target, _s, _d] = bind(
        vm,
        name,
        ["src", "dst", "*src_dir_fd", "*dst_dir_fd"],
        2,
        args,
        kw,
    )?;
    let to = path_bytes(vm, name, target)?;
    with_path(vm, name, source, |p| std::fs::rename(p, as_path(&to)))
}
fn listdir(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [path] = bind(vm, "listdir", ["path"], 0, args, kw)?;
    let p = if absent(vm, path) {
        b".".to_vec()
    } else {
        path_bytes(vm, "listdir", path)?
    };
    let failed = |e: std::io::Error| io_error(vm, &e, (!absent(vm, path)).then_some(path));
    let all = list(vm, &[]);
    for entry in std::fs::read_dir(as_path(&p)).map_err(failed)? {
        let file = entry.map_err(failed)?.file_name();
        let shown = if path.is_null() {
            decode_path(vm, file.as_bytes())
        } else {
            like(vm, path, file.as_bytes())
        };
        list_append(vm, all, shown)?;
    }
    Ok(all)
}

fn stat(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [path, _dir, follow] = bind(
        vm,
        "stat",
        ["path", "*dir_fd", "*follow_symlinks"],
        1,
        args,
        kw,
    )?;
    if let Some(fd) = ouro_py_objects::int::small(path) {
        return stat_of(vm, &Target::Descriptor(fd as i32), path);
    }
    let p = path_bytes(vm, "stat", path)?;
    match follow.is_null() || truth(vm, follow)? {
        true => stat_of(vm, &Target::Path(&p), path),
        false => stat_of(vm, &Target::Link(&p), path),
    }
}
fn lstat(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [path, _dir] = bind(vm, "lstat", ["path", "*dir_fd"], 1, args, kw)?;
    let p = path_bytes(vm, "lstat", path)?;
    stat_of(vm, &Target::Link(&p), path)
}
fn stat_of(vm: &'static Vm, target: &Target, path: Gc) -> PyResult {
    let named = !matches!(target, Target::Descriptor(_));
    let s = system::stat(target).map_err(|e| io_error(vm, &e, named.then_some(path)))?;
    let times = [
        (s.st_atime, s.st_atime_nsec),
        (s.st_mtime, s.st_mtime_nsec),
        (s.st_ctime, s.st_ctime_nsec),
    ];
    let mut values = ouro_py_objects::Temps::new(vm);
    for v in [
        i64::from(s.st_mode),
        s.st_ino as i64,
        s.st_dev as i64,
        s.st_nlink as i64,
        i64::from(s.st_uid),
        i64::from(s.st_gid),
        s.st_size,
    ] {
        values.push(int(vm, v));
    }
    times.iter().for_each(|t| values.push(int(vm, t.0)));
    times
        .iter()
        .for_each(|t| values.push(float(vm, t.0 as f64 + 1e-9 * t.1 as f64)));
    times.iter().for_each(|t| {
        values.push(ouro_py_objects::int::from_i128(
            vm,
            i128::from(t.0) * 1_000_000_000 + i128::from(t.1),
        ))
    });
    for v in [s.st_blksize, s.st_blocks, s.st_rdev as i64] {
        values.push(int(vm, v));
    }
    structseq::make(vm, &STAT_RESULT, &values)
}
fn open(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    let [path, flags, mode, _dir] = bind(
        vm,
        "open",
        ["path", "flags", "mode", "*dir_fd"],
        2,
        args,
        kw,
    )?;
    let p = path_bytes(vm, "open", path)?;
    let mode = if mode.is_null() {
        0o777
    } else {
        to_i64(vm, mode)? as u32
    };
    let fd = system::open(&p, to_i64(vm, flags)? as i32, mode)
        .map_err(|e| io_error(vm, &e, Some(path)))?;
    Ok(int(vm, i64::from(fd)))
}
fn utime(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    use std::time::{Duration, SystemTime};
    let names = ["path", "times", "*ns", "*dir_fd", "*follow_symlinks"];
    let [path, times, ns, _d, _f] = bind(vm, "utime", names, 1, args, kw)?;
    let p = path_bytes(vm, "utime", path)?;
    let moment = |nanos: i128| match nanos >= 0 {
        true => SystemTime::UNIX_EPOCH + Duration::from_nanos(nanos as u64),
        false => SystemTime::UNIX_EPOCH - Duration::from_nanos(nanos.unsigned_abs() as u64),
    };
    let (accessed, modified) = if !absent(vm, times) {
        let t = collect(vm, times)?;
        if t.len() != 2 {
            return Err(vm.type_error("utime: 'times' must be either a tuple of two ints or None"));
        }
        let nanos = |v: Gc| to_f64(vm, v).map(|s| moment((s * 1e9) as i128));
        (nanos(t[0])?, nanos(t[1])?)
    } else if !absent(vm, ns) {
        let t = collect(vm, ns)?;
        if t.len() != 2 {
            return Err(vm.type_error("utime: 'ns' must be a tuple of two ints"));
        }
        (
            moment(to_i64(vm, t[0])?.into()),
            moment(to_i64(vm, t[1])?.into()),
        )
    } else {
        (SystemTime::now(), SystemTime::now())
    };
    let file = std::fs::File::open(as_path(&p)).map_err(|e| io_error(vm, &e, Some(path)))?;
    let set = std::fs::FileTimes::new()
        .set_accessed(accessed)
        .set_modified(modified);
    file.set_times(set)
        .map_err(|e| io_error(vm, &e, Some(path)))?;
    Ok(none(vm))
}

// ---- scandir: R0 list of entries, I0 the next. An entry: R0 name, R1 path, I0 its kind, I1 its inode.
static SCANDIR: ClassSpec = ClassSpec::new("posix", "ScandirIterator", SCANDIR_METHODS).sealed();
static SCANDIR_METHODS: &[BuiltinDef] = &[
    native::ITER,
    fn1("__next__", |vm, it| {
        let (all, i) = (it.get(WNative::R0), it.get(WNative::I0) as usize);
        if i >= list_len(all) {
            return Err(vm.stop_iteration(Gc::NULL));
        }
        it.set(vm, WNative::I0, i as i64 + 1);
        Ok(list_get(vm, all, i))
    }),
    fn1("__enter__", |_, it| Ok(it)),
    kw("__exit__", |vm, _, _| Ok(none(vm))),
    fn1("close", |vm, it| {
        it.set(vm, WNative::I0, i64::from(u32::MAX));
        Ok(none(vm))
    }),
];
static DIR_ENTRY: ClassSpec = ClassSpec::new("posix", "DirEntry", ENTRY_METHODS)
    .getsets(ENTRY_GETSETS)
    .sealed();
static ENTRY_METHODS: &[BuiltinDef] = &[
    kw("is_dir", |vm, args, kw| {
        is_kind(vm, args, kw, libc::S_IFDIR)
    }),
    kw("is_file", |vm, args, kw| {
        is_kind(vm, args, kw, libc::S_IFREG)
    }),
    fn1("is_symlink", |vm, e| {
        Ok(boolean(vm, e.get(WNative::I0) as u32 == libc::S_IFLNK))
    }),
    fn1("inode", |vm, e| Ok(int(vm, e.get(WNative::I1)))),
    kw("stat", |vm, args, kw| {
        stat(vm, &[args[0].get(WNative::R1)], kw)
    }),
    fn1("__fspath__", |_, e| Ok(e.get(WNative::R1))),
    fn1("__repr__", |vm, e| {
        let shown = repr(vm, e.get(WNative::R0))?;
        Ok(string(vm, &format!("<DirEntry {shown}>")))
    }),
];
static ENTRY_GETSETS: &[GetSetDef] = &[
    getter("name", |_, e| Ok(e.get(WNative::R0))),
    getter("path", |_, e| Ok(e.get(WNative::R1))),
];

fn is_kind(vm: &'static Vm, args: &[Gc], kw: &Kw, kind: u32) -> PyResult {
    let [follow] = bind(vm, "is_dir", ["*follow_symlinks"], 0, &args[1..], kw)?;
    let entry = args[0];
    let mut found = entry.get(WNative::I0) as u32;
    if found == libc::S_IFLNK && (follow.is_null() || truth(vm, follow)?) {
        let p = path_bytes(vm, "is_dir", entry.get(WNative::R1))?;
        found = system::stat(&Target::Path(&p)).map_or(0, |s| s.st_mode & libc::S_IFMT);
    }
    Ok(boolean(vm, found == kind))
}
fn scandir(vm: &'static Vm, args: &[Gc], kw: &Kw) -> PyResult {
    use std::os::unix::fs::{DirEntryExt, MetadataExt};
    let [path] = bind(vm, "scandir", ["path"], 0, args, kw)?;
    let folder = if absent(vm, path) {
        string(vm, ".")
    } else {
        path
    };
    let p = path_bytes(vm, "scandir", folder)?;
    let failed = |e: std::io::Error| io_error(vm, &e, Some(folder));
    let all = list(vm, &[]);
    for entry in std::fs::read_dir(as_path(&p)).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let file = entry.file_name();
        let mut full = p.clone();
        if !full.ends_with(b"/") {
            full.push(b'/');
        }
        full.extend_from_slice(file.as_bytes());
        let object = native::new_of(vm, "DirEntry");
        object.set(vm, WNative::R0, like(vm, folder, file.as_bytes()));
        object.set(vm, WNative::R1, like(vm, folder, &full));
        let kind = std::fs::symlink_metadata(as_path(&full)).map_or(0, |m| m.mode() & libc::S_IFMT);
        object.set(vm, WNative::I0, i64::from(kind));
        object.set(vm, WNative::I1, entry.ino() as i64);
        list_append(vm, all, object)?;
    }
    let it = native::new_of(vm, "ScandirIterator");
    it.set(vm, WNative::R0, all);
    Ok(it)
}
