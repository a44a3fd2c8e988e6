//! ouro-py-interp
