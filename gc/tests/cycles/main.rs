//! Garbage that refers to itself through both sides: scenes from a table, each on every collector, in several ways.
//!
//! `OURO_SCENE=name` runs one scene only and prints what happens.
mod notation;
mod parts;
mod phases;
mod random;
mod slices;
mod stage;
mod table;
