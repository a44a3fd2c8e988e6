//! ouro-architecture-tests
