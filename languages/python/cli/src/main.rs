//! The binary `ouro`.

fn main() {
    ouro::program::main()
}
