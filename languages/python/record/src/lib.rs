//! ouro-py-record
