//! The agent that is a program: its supervisor, and what becomes of what it says.

mod files;
mod marked;
mod rooms;
mod says;
mod supervisor;
