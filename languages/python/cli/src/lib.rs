//! ouro
