//! ouro-gc
