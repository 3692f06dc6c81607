//! What the doctor can fix by itself: permissions, a missing directory, the spelling of keys.
//!
//! A repair never touches encryption keys, never drops a setting, and never touches what is not
//! the bot's. It checks again, says what it would change, and is applied only when that is wanted.

mod permissions;
mod repair;
mod spelling;

pub use repair::Repair;

use super::{probe::Context, selection::Selection};

/// Plans the repairs of what these checks find: those that can be made, in their order, then the
/// others. Changes nothing.
pub fn plan(context: &Context, selection: &Selection) -> Vec<Repair> {
    let wanted = |id: &str| selection.wants(id);
    // A file must be writable to its owner only before it is written anew.
    let mut repairs = permissions::config_file(context);
    repairs.extend(permissions::store_files(context));
    repairs.extend(permissions::missing_directories(context));
    repairs.extend(spelling::misspelled(context, wanted));
    repairs.retain(|repair| wanted(repair.check));
    repairs.sort_by_key(|repair| repair.change.is_none());
    repairs
}
