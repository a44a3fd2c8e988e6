//! ouro-macros
