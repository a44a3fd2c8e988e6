//! ouro-recorder
