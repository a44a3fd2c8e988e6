//! ouro-machine
