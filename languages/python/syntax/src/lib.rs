//! ouro-py-syntax
