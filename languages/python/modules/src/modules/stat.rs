//! `_stat`: file modes.

use crate::rt::*;
use ouro_gc::Gc;
use ouro_py_objects::builtin::fn1;
use ouro_py_objects::{BuiltinDef, PyResult, Vm};

macro_rules! kind {
    ($name:literal, $kind:ident) => {
        fn1($name, |vm, mode| {
            Ok(boolean(
                vm,
                to_i64(vm, mode)? as u32 & libc::S_IFMT == libc::$kind,
            ))
        })
    };
}
static FUNCTIONS: &[BuiltinDef] = &[
    kind!("S_ISDIR", S_IFDIR),
    kind!("S_ISCHR", S_IFCHR),
    kind!("S_ISBLK", S_IFBLK),
    kind!("S_ISREG", S_IFREG),
    kind!("S_ISFIFO", S_IFIFO),
    kind!("S_ISLNK", S_IFLNK),
    kind!("S_ISSOCK", S_IFSOCK),
    fn1("S_ISDOOR", |vm, _| Ok(boolean(vm, false))),
    fn1("S_ISPORT", |vm, _| Ok(boolean(vm, false))),
    fn1("S_ISWHT", |vm, _| Ok(boolean(vm, false))),
    fn1("S_IMODE", |vm, mode| {
        Ok(int(vm, to_i64(vm, mode)? & 0o7777))
    }),
    fn1("S_IFMT", |vm, mode| {
        Ok(int(vm, to_i64(vm, mode)? & 0o170000))
    }),
    fn1("filemode", filemode),
];
static NUMBERS: &[(&str, i64)] = &[
    ("S_IFDIR", 0o040000),
    ("S_IFCHR", 0o020000),
    ("S_IFBLK", 0o060000),
    ("S_IFREG", 0o100000),
    ("S_IFIFO", 0o010000),
    ("S_IFLNK", 0o120000),
    ("S_IFSOCK", 0o140000),
    ("S_IFDOOR", 0),
    ("S_IFPORT", 0),
    ("S_IFWHT", 0),
    ("S_ISUID", 0o4000),
    ("S_ISGID", 0o2000),
    ("S_ISVTX", 0o1000),
    ("S_ENFMT", 0o2000),
    ("S_IREAD", 0o400),
    ("S_IWRITE", 0o200),
    ("S_IEXEC", 0o100),
    ("S_IRWXU", 0o700),
    ("S_IRUSR", 0o400),
    ("S_IWUSR", 0o200),
    ("S_IXUSR", 0o100),
    ("S_IRWXG", 0o070),
    ("S_IRGRP", 0o040),
    ("S_IWGRP", 0o020),
    ("S_IXGRP", 0o010),
    ("S_IRWXO", 0o007),
    ("S_IROTH", 0o004),
    ("S_IWOTH", 0o002),
    ("S_IXOTH", 0o001),
    ("UF_NODUMP", 1),
    ("UF_IMMUTABLE", 2),
    ("UF_APPEND", 4),
    ("UF_OPAQUE", 8),
    ("UF_NOUNLINK", 16),
    ("UF_COMPRESSED", 32),
    ("UF_HIDDEN", 32768),
    ("SF_ARCHIVED", 65536),
    ("SF_IMMUTABLE", 131072),
    ("SF_APPEND", 262144),
    ("SF_NOUNLINK", 1048576),
    ("SF_SNAPSHOT", 2097152),
    ("ST_MODE", 0),
    ("ST_INO", 1),
    ("ST_DEV", 2),
    ("ST_NLINK", 3),
    ("ST_UID", 4),
    ("ST_GID", 5),
    ("ST_SIZE", 6),
    ("ST_ATIME", 7),
    ("ST_MTIME", 8),
    ("ST_CTIME", 9),
    ("FILE_ATTRIBUTE_ARCHIVE", 32),
    ("FILE_ATTRIBUTE_COMPRESSED", 2048),
    ("FILE_ATTRIBUTE_DEVICE", 64),
    ("FILE_ATTRIBUTE_DIRECTORY", 16),
    ("FILE_ATTRIBUTE_ENCRYPTED", 16384),
    ("FILE_ATTRIBUTE_HIDDEN", 2),
    ("FILE_ATTRIBUTE_INTEGRITY_STREAM", 32768),
    ("FILE_ATTRIBUTE_NORMAL", 128),
    ("FILE_ATTRIBUTE_NOT_CONTENT_INDEXED", 8192),
    ("FILE_ATTRIBUTE_NO_SCRUB_DATA", 131072),
    ("FILE_ATTRIBUTE_OFFLINE", 4096),
    ("FILE_ATTRIBUTE_READONLY", 1),
    ("FILE_ATTRIBUTE_REPARSE_POINT", 1024),
    ("FILE_ATTRIBUTE_SPARSE_FILE", 512),
    ("FILE_ATTRIBUTE_SYSTEM", 4),
    ("FILE_ATTRIBUTE_TEMPORARY", 256),
    ("FILE_ATTRIBUTE_VIRTUAL", 65536),
];
pub fn init(vm: &'static Vm, module: Gc) -> PyResult<()> {
    put_functions(vm, module, FUNCTIONS);
    put_ints(vm, module, NUMBERS);
    Ok(())
}
fn filemode(vm: &'static Vm, mode: Gc) -> PyResult {
    let mode = to_i64(vm, mode)? as u32;
    let mut text = String::from(match mode & libc::S_IFMT {
        libc::S_IFLNK => "l",
        libc::S_IFDIR => "d",
        libc::S_IFREG => "-",
        libc::S_IFBLK => "b",
        libc::S_IFCHR => "c",
        libc::S_IFIFO => "p",
        libc::S_IFSOCK => "s",
        _ => "?",
    });
    for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (false, false) => '-',
            (false, true) => 'x',
            (true, true) => letter,
            (true, false) => letter.to_ascii_uppercase(),
        });
    }
    Ok(string(vm, &text))
}
