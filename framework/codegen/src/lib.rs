//! ouro-codegen
