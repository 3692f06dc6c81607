//! Matrix ids, server names and homeserver URLs: each is read in one way, whoever gives it.
//!
//! Every reader says what is wrong as a predicate, such as `has no scheme`.

mod ids;
mod listen;
mod typed;
mod urls;

pub use ids::{check_room, has_hash_length, is_plain_id, parse_server_name, parse_user_id};
pub use listen::Listen;
pub use ruma_common::{OwnedServerName, OwnedUserId, ServerName, UserId};
pub use typed::{linked_user, pasted, read_user, read_user_id};
pub use urls::{check_proxy, is_loopback, parse_homeserver, travels_in_clear};
