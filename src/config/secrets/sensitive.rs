//! What must not be shown: by the name it stands under, and by what it looks like.
//!
//! The file also holds the Python tool's sections, for which there is no schema here, so this
//! errs on the side of hiding.

use url::Url;

use crate::config::placeholder;

/// Parts of names of secrets, in lower case without separators.
const PARTS: [&str; 13] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
    "authorization",
    "cookie",
    "bearer",
    "signature",
    "webhookurl",
];

/// Ends of names of secrets.
const ENDS: [&str; 9] = [
    "token", "tokens", "key", "keys", "pwd", "pass", "jwt", "dsn", "webhook",
];

/// Names of objects and lists any text of which may be secret.
const CONTAINERS: [&str; 7] = [
    "env",
    "environment",
    "headers",
    "extrabody",
    "extraquery",
    "auth",
    // The text of a command may hold anything.
    "shell",
];

/// How well-known tokens begin.
const PREFIXES: [&str; 26] = [
    "syt_",
    "syr_",
    "syl_",
    "mct_",
    "mcr_",
    "mat_",
    "sk-",
    "sk_",
    "rk_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "xox",
    "xapp-",
    "AKIA",
    "AIza",
    "eyJ",
    "hf_",
    "gsk_",
    "nvapi-",
    "ya29.",
    "Bearer ",
    "Basic ",
    "-----BEGIN",
];

/// Whether what stands under this name is secret.
pub fn is_secret_name(name: &str) -> bool {
    let name = fold(name);
    PARTS.iter().any(|part| name.contains(part)) || ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether any text below this name may be secret.
pub fn is_container_name(name: &str) -> bool {
    let name = fold(name);
    CONTAINERS.contains(&name.as_str()) || name.ends_with("headers")
}

/// Whether a number under this name only counts tokens, as in `maxTokens`.
pub fn counts_tokens(name: &str) -> bool {
    fold(name).ends_with("tokens")
}

/// Whether a text shows nothing even where it stands in a secret's place.
pub fn is_harmless(text: &str) -> bool {
    let text = text.trim();
    let bare = text.strip_prefix("Bearer ").unwrap_or(text);
    bare.is_empty() || placeholder::is_all(bare)
}

/// Whether a text looks like a secret, wherever it stands.
pub fn looks_secret(text: &str) -> bool {
    if is_harmless(text) {
        return false;
    }
    let begins = |prefix: &str| text.starts_with(prefix) && text.len() >= prefix.len() + 6;
    PREFIXES.iter().any(|prefix| begins(prefix))
        || is_telling_url(text)
        || is_assignment(text)
        || is_opaque(text)
}

/// Whether a word of a command announces a secret as the next word: `--api-key`.
pub fn announces_secret(word: &str) -> bool {
    word.starts_with('-') && !word.contains('=') && is_secret_name(word)
}

/// Whether there is anything about secrets in a comment.
pub fn is_telling_comment(comment: &str) -> bool {
    let apart = |c: char| c.is_whitespace() || "\"'`,;:()[]{}".contains(c);
    comment
        .split(apart)
        .any(|word| is_secret_name(word) || looks_secret(word))
        || comment
            .split_whitespace()
            .any(|word| looks_secret(word.trim_matches(|c| "\"'`,;".contains(c))))
}

fn fold(name: &str) -> String {
    name.chars()
        .filter(|character| character.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// A URL with a user name, a password or a secret parameter in it.
fn is_telling_url(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else {
        return false;
    };
    if let Some((user, _)) = rest.split_once('@') {
        let host_only = user.contains(['/', '?', '#']);
        // A password may hold a slash, and then it does not look like a part of the server.
        let password = user.split_once(':').map(|(_, word)| word);
        let port = |word: &str| {
            let digits = word.split(['/', '?', '#']).next().unwrap_or_default();
            digits.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !host_only || password.is_some_and(|word| !port(word)) {
            return true;
        }
    }
    Url::parse(text).is_ok_and(|url| {
        let mut pairs = url.query_pairs();
        pairs.any(|(name, value)| is_secret_name(&name) || name == "sig" || looks_secret(&value))
    })
}

/// `API_KEY=…`, `--token=…`.
fn is_assignment(text: &str) -> bool {
    match text.split_once('=') {
        Some((name, value)) => {
            !value.is_empty() && !name.contains(char::is_whitespace) && is_secret_name(name)
        }
        None => false,
    }
}

/// A long run of letters and digits without meaning.
fn is_opaque(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-+=".contains(&byte);
    text.len() >= 32
        && text.bytes().all(allowed)
        && text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for name in [
            "accessToken",
            "access_token",
            "apiKey",
            "OPENAI_API_KEY",
            "password",
            "imapPassword",
            "clientSecret",
            "--api-key",
            "signingKey",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "userId",
            "model",
            "enabled",
            "tokenizer",
            "keyword",
            "host",
            "allowFrom",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
        for name in ["headers", "extraHeaders", "extraQuery", "env"] {
            assert!(is_container_name(name) && !is_secret_name(name), "{name}");
        }
        assert!(counts_tokens("maxTokens"));
    }

    #[test]
    fn values() {
        for text in [
            "syt_bm9uZQ_abcdef",
            "sk-ant-abcdef",
            "http://u:p@proxy:3128",
            "http://u:p/w@proxy:3128",
            "https://x.org/?api_key=1",
            "TOKEN=abc",
            "--token=abc",
            "0123456789abcdef0123456789abcdef",
            "Bearer abcdefgh",
        ] {
            assert!(looks_secret(text), "{text}");
        }
        for text in [
            "",
            "${TOKEN}",
            "Bearer ${TOKEN}",
            "https://matrix.org",
            "https://x.org/?page=1",
            "@a:b",
            "!aZ09aZ09aZ09aZ09aZ09aZ09aZ09aZ09aZ09aZ09aZ0",
            "claude-opus-4-5",
            "~/.nanobot/workspace",
            "a=b",
        ] {
            assert!(!looks_secret(text), "{text}");
        }
    }

    #[test]
    fn comments() {
        assert!(is_telling_comment("// \"accessToken\": \"x\","));
        assert!(is_telling_comment("/* old: syt_abc_defghi */"));
        assert!(!is_telling_comment("// who may talk to the bot"));
    }
}
