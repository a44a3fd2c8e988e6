//! Who runs an entry: CPython, PyPy, this project's interpreter with the JIT off and on, and C where there is some.

use super::bibliography::Run;
use super::papers;
use crate::interpreters::{self, Interpreter};
use crate::{c_code, setup};
use ouro_bench::measure::Contestant;
use ouro_bench::timings::Runner;
use std::path::Path;

/// All of them, CPython first. What PyPy lacks leaves its column out, and a line says so.
///
/// # Errors
/// When CPython is missing, or C does not compile.
pub fn all(run: &Run) -> Result<Vec<Runner>, String> {
    let module = |file: &String| papers().join(file);
    let module = run.c_module.as_ref().map(module);
    let folder = module.as_deref().map(c_code::module).transpose()?;
    let runner = |interpreter: Interpreter, ours: bool, folder: Option<&Path>| {
        let mut arguments = vec![papers().join(&run.script).display().to_string()];
        arguments.extend(run.arguments.iter().cloned());
        arguments.extend(folder.map(|folder| folder.display().to_string()));
        Runner {
            contestant: contestant(interpreter, ours),
            arguments,
            version: None,
        }
    };
    let mut all = vec![runner(setup::cpython()?, false, folder.as_deref())];
    match pypy(module.as_deref()) {
        Ok((pypy, folder)) => all.push(runner(pypy, false, folder.as_deref())),
        // Of a compiler's words the first error is enough.
        Err(why) => {
            let error = why.lines().find(|line| line.contains("error"));
            println!("no column of PyPy: {}", error.unwrap_or(&why).trim());
        }
    }
    for (name, option) in [("ouro, JIT off", "jit=off"), ("ouro, JIT on", "jit=on")] {
        let ouro = interpreters::ouro(name, &[option]);
        all.push(runner(ouro, true, folder.as_deref()));
    }
    if let Some(source) = &run.c_program {
        all.push(Runner {
            contestant: contestant(
                Interpreter::at("C", c_code::program(&papers().join(source))?),
                false,
            ),
            arguments: run.arguments.clone(),
            version: Some(c_code::compiler()),
        });
    }
    Ok(all)
}

/// PyPy, and the folder of the module that was compiled for it.
fn pypy(module: Option<&Path>) -> Result<(Interpreter, Option<std::path::PathBuf>), String> {
    let pypy = setup::pypy().ok_or("it is not installed, and could not be fetched")?;
    let compile = |source| c_code::module_of_pypy(source, &pypy);
    let folder = module.map(compile).transpose()?;
    Ok((pypy, folder))
}

fn contestant(interpreter: Interpreter, ours: bool) -> Contestant {
    Contestant {
        head: [interpreter.name.clone(), String::new()],
        interpreter,
        ours,
        collector: None,
        may_give_up: false,
        never_collects: false,
        statistics: Vec::new(),
    }
}
