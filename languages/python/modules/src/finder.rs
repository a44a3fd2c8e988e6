//! The finder in `sys.meta_path` that stands for the search of this crate.
//!
//! `import` recognises it and searches without a call; `importlib` and programs that walk `sys.meta_path` call it and get a
//! spec. Finders that a program puts before it are asked before, those after it only for what is nowhere else.

use crate::import::{Found, find_in_path};
use crate::rt::*;
use crate::spec::{self, Spec};
use crate::state::state;
use ouro_gc::Gc;
use ouro_py_objects::builtin::{fn0, kw};
use ouro_py_objects::{BuiltinDef, Kw, PyResult, Vm};

/// The name under which the finder is kept.
pub const NAME: &str = "PathFinder";

static METHODS: &[BuiltinDef] = &[
    kw("find_spec", find_spec).static_method(),
    fn0("invalidate_caches", |vm| Ok(none(vm))).static_method(),
];

/// Puts the finder into the list that becomes `sys.meta_path`.
///
/// # Errors
/// What making its class raises.
pub fn install(vm: &'static Vm, meta_path: Gc) -> PyResult<()> {
    let class = spec::class(vm, NAME, METHODS)?;
    state(vm).keep(vm, NAME, class.gc());
    list_append(vm, meta_path, class.gc())
}

/// `find_spec(name, path=None, target=None)`
fn find_spec(vm: &'static Vm, args: &[Gc], keywords: &Kw) -> PyResult {
    let [module, path, _] = crate::args::bind(
        vm,
        "find_spec",
        ["name", "path", "target"],
        1,
        args,
        keywords,
    )?;
    let absolute = to_text(vm, "name", module)?;
    let last = absolute.rsplit('.').next().unwrap_or(&absolute);
    let path = (!absent(vm, path)).then_some(path);
    if path.is_none()
        && let Some(builtin) = crate::registry::find(&absolute)
    {
        let loader = spec::builtin_loader(vm)?;
        return described(vm, builtin.name, Some("built-in"), None, loader);
    }
    match find_in_path(vm, &absolute, last, path)? {
        None | Some(Found::Builtin(_)) => Ok(none(vm)),
        Some(Found::Spec(spec)) => Ok(spec),
        Some(Found::Source { file, package }) => {
            let loader = spec::source_loader(vm, &absolute, &file)?;
            let locations = package.map(|folder| vec![folder]);
            described(vm, &absolute, Some(&file), locations, loader)
        }
        Some(Found::Extension(file)) => {
            let loader = spec::extension_loader(vm, &absolute, &file)?;
            described(vm, &absolute, Some(&file), None, loader)
        }
        Some(Found::Namespace(folders)) => described(vm, &absolute, None, Some(folders), none(vm)),
    }
}

fn described(
    vm: &'static Vm,
    name: &str,
    origin: Option<&str>,
    locations: Option<Vec<String>>,
    loader: Gc,
) -> PyResult {
    let locations = match locations {
        None => None,
        Some(folders) => {
            let all = list(vm, &[]);
            for folder in folders {
                list_append(vm, all, string(vm, &folder))?;
            }
            Some(all)
        }
    };
    spec::make(
        vm,
        &Spec {
            name,
            origin,
            locations,
            loader,
        },
    )
}
