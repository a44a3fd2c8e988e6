//! Writing a dump.
use super::{VERSION, escape};
use crate::heap::Heap;
use crate::object::Gc;
use crate::walk::{Residence, Walked};
use std::collections::HashMap;
use std::io::{self, Write};

impl Heap {
    /// Writes all objects in memory in the format of `DUMP.md`. `label` says what an object is to the program, such as
    /// the name of its class; it must not allocate nor collect. Nothing is collected before: the caller does that.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn dump(
        &self,
        out: &mut dyn Write,
        mut label: impl FnMut(Gc) -> Option<String>,
    ) -> io::Result<()> {
        writeln!(out, "ouro-heap-dump {VERSION}")?;
        writeln!(out, "H collector {}", self.collector_info().name)?;
        writeln!(out, "H live_bytes {}", self.live_bytes())?;
        let handed_out = self.size_bytes() - self.live_bytes();
        writeln!(out, "H handed_out_bytes {handed_out}")?;
        writeln!(out, "H collections {}", self.collections())?;
        for (id, info) in self.types().iter() {
            let (bytes, name) = (info.size_bytes, escape(info.name));
            writeln!(out, "T {} {bytes} {name}", id.0)?;
        }
        let roots = self.root_list();
        for (kind, objects) in [('p', roots.precise), ('a', roots.ambiguous)] {
            for gc in objects {
                writeln!(out, "R {kind} {:x}", gc.address())?;
            }
        }
        let mut objects = Vec::new();
        self.for_each_object(|it| objects.push(it));
        let mut labels = HashMap::new();
        let mut references = 0u64;
        for Walked {
            object,
            bytes,
            residence,
        } in &objects
        {
            let label = match label(*object) {
                None => "-".to_owned(),
                Some(text) => {
                    let next = labels.len();
                    match labels.get(&text) {
                        Some(number) => format!("{number}"),
                        None => {
                            writeln!(out, "L {next} {}", escape(&text))?;
                            labels.insert(text, next);
                            format!("{next}")
                        }
                    }
                }
            };
            let at = match residence {
                Residence::Young => 'y',
                Residence::Old => 'o',
                Residence::YoungLarge => 'Y',
                Residence::Large => 'L',
            };
            let type_id = object.type_id().0;
            write!(
                out,
                "O {:x} {type_id} {label} {bytes} {at}",
                object.address()
            )?;
            let mut written = Ok(());
            self.for_each_reference(*object, |to| {
                references += 1;
                if written.is_ok() {
                    written = write!(out, " {:x}", to.address());
                }
            });
            written?;
            if let Some(to) = self.weak_reference(*object) {
                references += 1;
                write!(out, " ~{:x}", to.address())?;
            }
            writeln!(out)?;
        }
        writeln!(out, "E {} {references}", objects.len())
    }
}
