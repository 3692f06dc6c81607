//! Who answers a message once it is clear that it may be answered.

mod echo;

pub use echo::Echo;

/// Something that answers messages.
pub trait Agent: Send + Sync + 'static {
    /// The answer to this text, as plain text; `None` says nothing.
    fn answer(&self, text: &str) -> impl Future<Output = Option<String>> + Send;
}
