//! What is taken in: by which device, from when on, and from which homeservers.

mod devices;
mod edits;
mod lying;
mod memory;
mod sick;
