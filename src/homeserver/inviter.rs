//! Who sent an invitation.

use serde_json::Value;

/// Who invited this user, as the stripped state of an invitation tells; `None` where it does not
/// say, or contradicts itself.
///
/// Another homeserver writes most of that state, and may add what it likes; the invitation itself
/// is in it too (spec, "Stripped state"). So all that is said of the user has to agree.
#[must_use]
pub fn inviter(state: &[Value], own_id: &str) -> Option<String> {
    let mut members = state
        .iter()
        .filter(|event| event["type"] == "m.room.member" && event["state_key"] == own_id)
        .map(|event| {
            let is_invitation = event["content"]["membership"] == "invite";
            event["sender"].as_str().filter(|_| is_invitation)
        });
    let inviter = members.next()??;
    members
        .all(|other| other == Some(inviter))
        .then(|| inviter.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BOT: &str = "@bot:h";

    fn member(sender: &str, membership: &str) -> Value {
        json!({
            "type": "m.room.member", "state_key": BOT, "sender": sender,
            "content": {"membership": membership},
        })
    }

    #[test]
    fn only_one_story_is_believed() {
        let ann = member("@ann:h", "invite");
        let other = json!({"type": "m.room.member", "state_key": "@ann:h", "sender": "@ann:h",
            "content": {"membership": "join"}});
        let one = [other.clone(), ann.clone()];
        assert_eq!(inviter(&one, BOT).as_deref(), Some("@ann:h"));
        let same = [ann.clone(), other, ann.clone()];
        assert_eq!(inviter(&same, BOT).as_deref(), Some("@ann:h"));
        for forged in [member("@eve:h", "invite"), member("@ann:h", "join")] {
            assert_eq!(inviter(&[forged.clone(), ann.clone()], BOT), None);
            assert_eq!(inviter(&[ann.clone(), forged], BOT), None);
        }
        assert_eq!(inviter(&[], BOT), None);
        assert_eq!(inviter(&[json!(5)], BOT), None);
    }
}
