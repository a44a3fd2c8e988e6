//! The binary exports the names of CPython's binary interface: extension modules bind to the executable that loads them.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    let table = "../../../cpyext/tables/names.csv";
    println!("cargo:rerun-if-changed={table}");
    let names = std::fs::read_to_string(table).expect("the table of names is there");
    let mut list = String::from("{\n");
    for line in names.lines().skip(1) {
        let name = line.split(',').next().expect("a line has a first cell");
        let _ = writeln!(list, "    {name};");
    }
    list.push_str("};\n");
    let out = std::env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    let path = Path::new(&out).join("exported.list");
    std::fs::write(&path, list).expect("OUT_DIR can be written");
    println!(
        "cargo:rustc-link-arg-bins=-Wl,--dynamic-list={}",
        path.display()
    );
}
