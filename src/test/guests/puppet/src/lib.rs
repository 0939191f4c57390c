//! A guest on a test's strings: the path of the event says what it does. README.md has the table.
//!
//! Built for wasm32 only; the tests are the agent's own.
#![deny(unsafe_op_in_unsafe_fn)]

mod abi;
mod command;
mod event;
mod misdeeds;
mod state;
