//! Which name a misspelled one was meant to be.

use jsonc_parser::ast::Object;

use crate::{
    config::keys::{self, KEYS, ROOT_KEYS, is_root_key},
    text::nearest,
};

/// The right name of a member of the object at this path, if it has a wrong one, and no other
/// member a claim to the right one.
pub fn only_right_name(path: &[&str], object: &Object<'_>, name: &str) -> Option<&'static str> {
    let right = right_name(path, object, name)?;
    let mut others = object.properties.iter().map(|member| member.name.as_str());
    // Two that mean the same: nobody can tell which one is to count.
    let is_claimed = |other| other != name && right_name(path, object, other) == Some(right);
    (!others.any(is_claimed)).then_some(right)
}

fn right_name(path: &[&str], object: &Object<'_>, name: &str) -> Option<&'static str> {
    let stands = |name: &str| object.get(name).is_some();
    match path {
        [] => {
            let meant = slip_of(name, &ROOT_KEYS).filter(|_| !is_root_key(name))?;
            let in_snake = meant == "modelPresets" && stands("model_presets");
            (!stands(meant) && !in_snake).then_some(meant)
        }
        [_] => slip_of(name, &["matrix"]).filter(|meant| !stands(meant)),
        _ => {
            if let Some(key) = keys::find(name) {
                let spellings = key.spellings().filter(|name| stands(name)).count();
                return (key.is_legacy(name) && spellings == 1).then_some(key.name);
            }
            let names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
            let key = keys::find(slip_of(name, &names)?)?;
            (!key.spellings().any(stands)).then_some(key.name)
        }
    }
}

/// The known name that this one differs from by a slip or two, if there is exactly one, and a
/// finding suggests the same.
fn slip_of(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let fold = |name: &str| name.to_lowercase().replace(['_', '-'], "");
    let folded = fold(name);
    let slips = if folded.chars().count() < 6 { 1 } else { 2 };
    let mut near = known
        .iter()
        .filter(|known| strsim::damerau_levenshtein(&folded, &fold(known)) <= slips);
    let only = near.next().filter(|_| near.next().is_none())?;
    nearest(name, known.iter().copied()).filter(|suggested| suggested == only)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_renamed_twice() {
        for key in KEYS.iter() {
            for spelling in key.spellings() {
                let names: Vec<_> = KEYS.iter().map(|key| key.name).collect();
                assert_eq!(slip_of(spelling, &names).unwrap_or(key.name), key.name);
            }
        }
    }
}
