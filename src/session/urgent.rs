//! Messages that must not wait for those before them.

use super::open::Session;

/// Tells from a message's JSON, the bot's user id and the name it goes by in the room whether the
/// message must not wait for those before it.
pub type Urgent = fn(payload: &str, own_id: &str, own_name: Option<&str>) -> bool;

impl Session {
    /// From now on messages are journaled apart from their conversation that are urgent by this
    /// rule: in its [`urgent`](crate::inbox::urgent) part.
    pub fn set_apart(&mut self, rule: Urgent) {
        self.urgent = Some(rule);
    }

    /// The rule, for messages in this room.
    pub(super) async fn urgency(
        &self,
        room_id: &str,
    ) -> impl Fn(&str) -> bool + Send + Sync + use<> {
        let own_id = self.user_id.to_string();
        let rule = self.urgent;
        let name = match rule {
            Some(_) => self.rooms().display_name(room_id, &own_id).await,
            None => None,
        };
        move |payload: &str| rule.is_some_and(|rule| rule(payload, &own_id, name.as_deref()))
    }
}
