//! Text for people: cleaned, wrapped, quoted, counted.

mod clean;
mod escape;
mod marks;
mod say;
mod wrap;

pub use clean::{clean, clean_line, cut, excerpt, is_hostile, shell_quote};
pub use escape::without_escapes;
pub use marks::{in_ascii, is_unicode_locale};
pub use say::{counted, did_you_mean, duration, nearest};
pub use wrap::{break_command, break_lines, columns, list_commands, wrap};
