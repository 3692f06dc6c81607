//! A service as a launchd property list: the file under `contrib`, with what differs put in.

use super::definition::{Account, Definition, Level};

const TEMPLATE: &str = include_str!("../../contrib/launchd/nanobot.plist");

/// The text of the list. The log is written to a file: launchd keeps none.
pub fn render(service: &Definition, log: &str) -> String {
    let mut arguments = vec![service.program.as_str()];
    arguments.extend(service.arguments());
    let lines = arguments.iter().map(|argument| string(argument));
    let lines: Vec<_> = lines.collect();
    let arguments = format!("        {}\n", lines.join("\n        "));
    let mut more = String::new();
    if let Account::Owner(owner) = &service.account {
        more.push_str(&entry("UserName", &string(&owner.name)));
    }
    if let Some(path) = &service.path {
        let path = string(path);
        let variables = format!("<dict>\n        <key>PATH</key>\n        {path}\n    </dict>");
        more.push_str(&entry("EnvironmentVariables", &variables));
    }
    let text = between(TEMPLATE, "<array>\n", "    </array>", &arguments);
    let text = text
        .replace("<string>nanobot</string>", &string(&service.name))
        .replace(
            "<string>/Users/you/Library/Logs/nanobot.log</string>",
            &string(log),
        )
        .replace("</dict>\n</plist>", &format!("{more}</dict>\n</plist>"));
    match service.level {
        Level::User => text,
        Level::System => text.replace("service install\"", "service install --system\""),
    }
}

fn entry(key: &str, value: &str) -> String {
    format!("    <key>{key}</key>\n    {value}\n")
}

fn string(text: &str) -> String {
    format!("<string>{}</string>", quick_xml::escape::escape(text))
}

/// The text with this between these two.
fn between(text: &str, start: &str, end: &str, new: &str) -> String {
    let parts = text.split_once(start);
    let parts = parts.and_then(|(before, rest)| Some((before, rest.split_once(end)?.1)));
    match parts {
        Some((before, after)) => format!("{before}{start}{new}{end}{after}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::service::definition::Owner;

    fn service() -> Definition {
        Definition {
            name: "nanobot".to_owned(),
            level: Level::User,
            program: "/usr/local/bin/nanobot".to_owned(),
            config: None,
            directory: "/Users/you/.nanobot".to_owned(),
            account: Account::Itself,
            access_token: None,
            environment_file: None,
            is_confined: true,
            path: None,
        }
    }

    #[test]
    fn the_usual_service_is_the_file_under_contrib() {
        let log = "/Users/you/Library/Logs/nanobot.log";
        assert_eq!(render(&service(), log), TEMPLATE);
    }

    #[test]
    fn what_differs_is_put_in_and_escaped() {
        let text = render(
            &Definition {
                name: "work".to_owned(),
                level: Level::System,
                config: Some("/a & b/config.json".to_owned()),
                path: Some("/bin".to_owned()),
                account: Account::Owner(Owner {
                    uid: 501,
                    gid: 20,
                    name: "ann".to_owned(),
                    home: "/Users/ann".to_owned(),
                }),
                ..service()
            },
            "/l<og",
        );
        for expected in [
            "<key>Label</key>\n    <string>work</string>",
            "<string>--config</string>\n        <string>/a &amp; b/config.json</string>\n    </array>",
            "<string>/l&lt;og</string>",
            "<key>UserName</key>\n    <string>ann</string>",
            "<key>PATH</key>\n        <string>/bin</string>",
        ] {
            assert!(text.contains(expected), "{expected} is not in {text}");
        }
    }
}
