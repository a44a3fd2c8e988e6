//! The passes of the walk; their order is in [`crate::pipeline::PASSES`].

pub mod division;
pub mod fold;
pub mod guards;
pub mod heap;
pub mod pure;
pub mod virtuals;
