//! ouro-py-modules
