//! ouro-py-direct
