//! ouro-runtime
