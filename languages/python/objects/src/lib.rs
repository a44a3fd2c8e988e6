//! ouro-py-objects
