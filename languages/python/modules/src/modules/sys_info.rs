//! `sys`: what describes the interpreter and the machine.

use crate::rt::*;
use crate::spec::plain_class;
use crate::state::state;
use crate::structseq::{self, StructSeq};
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn1, fn2, kw};
use ouro_py_objects::{BuiltinDef, Class, Errors, Kw, PyResult, Temps, Vm, type_of};

/// The release of CPython whose behaviour is the model, and whose library is expected.
const VERSION: (i64, i64, i64) = (3, 11, 2);
const HEX_VERSION: i64 = VERSION.0 << 24 | VERSION.1 << 16 | VERSION.2 << 8 | 0xf0;

static VERSION_INFO: StructSeq = StructSeq {
    module: "sys",
    name: "version_info",
    fields: &["major", "minor", "micro", "releaselevel", "serial"],
    visible: 5,
    callable: false,
};
static FLAGS: StructSeq = StructSeq {
    module: "sys",
    name: "flags",
    fields: &[
        "debug",
        "inspect",
        "interactive",
        "optimize",
        "dont_write_bytecode",
        "no_user_site",
        "no_site",
        "ignore_environment",
        "verbose",
        "bytes_warning",
        "quiet",
        "hash_randomization",
        "isolated",
        "dev_mode",
        "utf8_mode",
        "warn_default_encoding",
        "safe_path",
        "int_max_str_digits",
    ],
    visible: 18,
    callable: false,
};
static FLOAT_INFO: StructSeq = StructSeq {
    module: "sys",
    name: "float_info",
    fields: &[
        "max",
        "max_exp",
        "max_10_exp",
        "min",
        "min_exp",
        "min_10_exp",
        "dig",
        "mant_dig",
        "epsilon",
        "radix",
        "rounds",
    ],
    visible: 11,
    callable: true,
};
static INT_INFO: StructSeq = StructSeq {
    module: "sys",
    name: "int_info",
    fields: &[
        "bits_per_digit",
        "sizeof_digit",
        "default_max_str_digits",
        "str_digits_check_threshold",
    ],
    visible: 4,
    callable: true,
};
static HASH_INFO: StructSeq = StructSeq {
    module: "sys",
    name: "hash_info",
    fields: &[
        "width",
        "modulus",
        "inf",
        "nan",
        "imag",
        "algorithm",
        "hash_bits",
        "seed_bits",
        "cutoff",
    ],
    visible: 9,
    callable: true,
};
static THREAD_INFO: StructSeq = StructSeq {
    module: "sys",
    name: "thread_info",
    fields: &["name", "lock", "version"],
    visible: 3,
    callable: true,
};

static NAMESPACE: &[BuiltinDef] = &[
    kw("__init__", namespace_init).keep_self(),
    fn1("__repr__", namespace_repr).keep_self(),
    fn2("__eq__", namespace_eq).keep_self(),
];

/// Fills the module.
///
/// # Errors
/// What making the classes raises; none is expected.
pub fn fill(vm: &'static Vm, module: Gc) -> PyResult<()> {
    let config = state(vm).config.borrow().clone();
    let ints = |values: &[i64]| {
        let mut out = Temps::new(vm);
        values.iter().for_each(|&v| out.push(int(vm, v)));
        out
    };
    let version_values = [
        int(vm, VERSION.0),
        int(vm, VERSION.1),
        int(vm, VERSION.2),
        string(vm, "final"),
        int(vm, 0),
    ];
    let version_info = structseq::make(vm, &VERSION_INFO, &version_values)?;
    put(vm, module, "version_info", version_info);
    let f = &config.flags;
    let mut flags = ints(&[
        f.debug,
        f.inspect,
        f.interactive,
        f.optimize,
        f.dont_write_bytecode,
        f.no_user_site,
        f.no_site,
        f.ignore_environment,
        f.verbose,
        f.bytes_warning,
        f.quiet,
        f.hash_randomization,
        f.isolated,
    ]);
    flags.push(boolean(vm, f.dev_mode));
    flags.push(int(vm, f.utf8_mode));
    flags.push(int(vm, f.warn_default_encoding));
    flags.push(boolean(vm, f.safe_path));
    flags.push(int(vm, f.int_max_str_digits));
    let flags = structseq::make(vm, &FLAGS, &flags)?;
    put(vm, module, "flags", flags);
    let float_values = [
        float(vm, f64::MAX),
        int(vm, 1024),
        int(vm, 308),
        float(vm, f64::MIN_POSITIVE),
        int(vm, -1021),
        int(vm, -307),
        int(vm, 15),
        int(vm, 53),
        float(vm, f64::EPSILON),
        int(vm, 2),
        int(vm, 1),
    ];
    put(
        vm,
        module,
        "float_info",
        structseq::make(vm, &FLOAT_INFO, &float_values)?,
    );
    put(
        vm,
        module,
        "int_info",
        structseq::make(vm, &INT_INFO, &ints(&[30, 4, 4300, 640]))?,
    );
    let mut hash_values = ints(&[64, (1 << 61) - 1, 314_159, 0, 1_000_003]);
    hash_values.push(string(vm, "siphash13"));
    for v in [64, 128, 0] {
        hash_values.push(int(vm, v));
    }
    put(
        vm,
        module,
        "hash_info",
        structseq::make(vm, &HASH_INFO, &hash_values)?,
    );
    let thread_values = [string(vm, "pthread"), string(vm, "semaphore"), none(vm)];
    put(
        vm,
        module,
        "thread_info",
        structseq::make(vm, &THREAD_INFO, &thread_values)?,
    );

    put_ints(
        vm,
        module,
        &[
            ("hexversion", HEX_VERSION),
            ("maxsize", i64::MAX),
            ("maxunicode", 0x0010_ffff),
            ("api_version", 1013),
        ],
    );
    let (major, minor, micro) = VERSION;
    let version = format!(
        "{major}.{minor}.{micro} (main, Jan  1 2026, 00:00:00) [Ouro {}]",
        env!("CARGO_PKG_VERSION")
    );
    let executable = config.executable.as_str();
    let prefix = std::path::Path::new(executable)
        .parent()
        .and_then(|bin| bin.parent());
    let prefix = prefix.map_or("/usr".to_owned(), |p| p.to_string_lossy().into_owned());
    for (key, value) in [
        ("version", version.as_str()),
        ("platform", "linux"),
        (
            "byteorder",
            if cfg!(target_endian = "little") {
                "little"
            } else {
                "big"
            },
        ),
        ("executable", executable),
        ("_base_executable", executable),
        ("prefix", &prefix),
        ("exec_prefix", &prefix),
        ("base_prefix", &prefix),
        ("base_exec_prefix", &prefix),
        ("platlibdir", "lib"),
        ("float_repr_style", "short"),
        ("abiflags", ""),
        (
            "copyright",
            "Copyright (c) the authors of Ouro.\n\nThe standard library: Copyright (c) 2001-2022 Python Software Foundation.",
        ),
        ("_framework", ""),
    ] {
        put(vm, module, key, string(vm, value));
    }
    put(vm, module, "pycache_prefix", none(vm));
    put(
        vm,
        module,
        "dont_write_bytecode",
        boolean(vm, f.dont_write_bytecode != 0),
    );
    put(
        vm,
        module,
        "_git",
        tuple(vm, &[string(vm, "Ouro"), string(vm, ""), string(vm, "")]),
    );
    let mut names: Vec<&str> = crate::registry::registry().iter().map(|m| m.name).collect();
    names.sort_unstable();
    let mut builtin_names = Temps::new(vm);
    names.iter().for_each(|n| builtin_names.push(string(vm, n)));
    put(
        vm,
        module,
        "builtin_module_names",
        tuple(vm, &builtin_names),
    );

    let mut stdlib_names = Temps::new(vm);
    for name in super::stdlib_names::NAMES.split(' ') {
        stdlib_names.push(string(vm, name));
    }
    let stdlib_names = call(
        vm,
        vm.world().classes.frozenset.gc(),
        &[tuple(vm, &stdlib_names)],
    )?;
    put(vm, module, "stdlib_module_names", stdlib_names);

    let implementation = call(vm, namespace_class(vm)?.gc(), &[])?;
    for (key, value) in [
        ("name", string(vm, "cpython")),
        ("cache_tag", string(vm, "ouro-311")),
        ("version", version_info),
        ("hexversion", int(vm, HEX_VERSION)),
        (
            "_multiarch",
            string(vm, &format!("{}-linux-gnu", std::env::consts::ARCH)),
        ),
    ] {
        set_attr(vm, implementation, key, value)?;
    }
    put(vm, module, "implementation", implementation);
    Ok(())
}

/// `types.SimpleNamespace`.
///
/// # Errors
/// What making the class raises; none is expected.
pub fn namespace_class(vm: &'static Vm) -> PyResult<&'static Class> {
    let known = state(vm).classes.borrow().get("SimpleNamespace").copied();
    if let Some(class) = known {
        return Ok(class);
    }
    let class = plain_class(vm, "SimpleNamespace", "types")?;
    ouro_py_objects::make_class::add_members(vm, class, NAMESPACE, &[]);
    class.put(vm, name(vm, "__hash__"), none(vm));
    state(vm)
        .classes
        .borrow_mut()
        .insert("SimpleNamespace", class);
    Ok(class)
}
fn namespace_init(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    if args.len() > 1 {
        return Err(vm.type_error("no positional arguments expected"));
    }
    for (&key, &value) in keywords.names.iter().zip(keywords.values) {
        set_attr_of(vm, args[0], key, value)?;
    }
    Ok(none(vm))
}
fn namespace_repr(vm: &'static Vm, this: Gc) -> PyResult {
    let class = type_of(vm, this);
    let known = std::ptr::eq(class, namespace_class(vm)?);
    let shown = if known {
        "namespace".to_owned()
    } else {
        class.text()
    };
    let attributes = get_attr(vm, this, "__dict__")?;
    let attributes = as_dict(attributes).expect("__dict__ is a dict");
    let mut parts = Vec::new();
    for pair in dict_items(vm, attributes).chunks(2) {
        parts.push(format!("{}={}", text_of(pair[0]), repr(vm, pair[1])?));
    }
    Ok(string(vm, &format!("{shown}({})", parts.join(", "))))
}
fn namespace_eq(vm: &'static Vm, this: Gc, other: Gc) -> PyResult {
    let class = namespace_class(vm)?;
    if !is_a(vm, this, class) || !is_a(vm, other, class) {
        return Ok(vm.world().not_implemented);
    }
    let (a, b) = (
        get_attr(vm, this, "__dict__")?,
        get_attr(vm, other, "__dict__")?,
    );
    compare(vm, ouro_py_objects::CmpOp::Eq, a, b)
}
