//! ouro-codegen-x64
