//! ouro-ir
