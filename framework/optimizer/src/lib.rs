//! ouro-optimizer
