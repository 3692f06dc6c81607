use super::*;
use crate::{error::Kind, service::definition::Owner};

/// As packages install it.
fn service(level: Level) -> Definition {
    Definition {
        name: "nanobot".to_owned(),
        level,
        program: "/usr/bin/nanobot".to_owned(),
        config: None,
        directory: "/var/lib/nanobot".to_owned(),
        account: match level {
            Level::User => Account::Itself,
            Level::System => Account::Dynamic("nanobot".to_owned()),
        },
        access_token: None,
        environment_file: None,
        is_confined: true,
        path: None,
    }
}

/// The settings of a unit, in their order.
fn settings(text: &str) -> Vec<&str> {
    let settings = text.lines().filter(|line| !line.starts_with('#'));
    settings.filter(|line| line.contains('=')).collect()
}

#[test]
fn the_usual_service_is_the_file_under_contrib() {
    assert_eq!(render(&service(Level::System)), SYSTEM);
    assert_eq!(render(&service(Level::User)), USER);
}

#[test]
fn a_restart_is_prevented_where_the_exit_code_says_that_it_does_not_help() {
    // Starting again does not help before a person did something.
    let kinds = [
        Kind::Usage,
        Kind::NotLoggedIn,
        Kind::StoreInUse,
        Kind::Config,
    ];
    let codes = kinds.map(|kind| kind.exit_code().to_string());
    let setting = format!("RestartPreventExitStatus={}", codes.join(" "));
    for text in [SYSTEM, USER] {
        assert!(settings(text).contains(&setting.as_str()), "{setting}");
    }
}

#[test]
fn programs_of_others_are_not_confined() {
    for level in Level::ALL {
        let text = render(&Definition {
            is_confined: false,
            path: Some("/a b:/c".to_owned()),
            ..service(level)
        });
        for gone in [
            "MemoryDeny",
            "SystemCall",
            "Protect",
            "Restrict",
            "MemoryMax",
        ] {
            let left = settings(&text)
                .into_iter()
                .find(|line| line.starts_with(gone));
            assert_eq!(left, None);
        }
        assert!(!text.contains(CONFINING), "{text}");
        for kept in [
            "NoNewPrivileges=yes",
            "UMask=0077",
            "Environment=\"PATH=/a b:/c\"",
        ] {
            assert!(settings(&text).contains(&kept), "{kept} is not in {text}");
        }
        assert!(text.contains("\n\n[Install]\nWantedBy="), "{text}");
    }
}

#[test]
fn a_directory_with_an_owner_stays_where_it_is() {
    let text = render(&Definition {
        name: "work".to_owned(),
        config: Some("/home/a b/50%/$x/config.json".to_owned()),
        directory: "/home/a b/50%/$x".to_owned(),
        program: "/opt/$p/nanobot".to_owned(),
        access_token: Some("/etc/n b/token".to_owned()),
        environment_file: Some("/etc/n b/100%".to_owned()),
        account: Account::Owner(Owner {
            uid: 1000,
            gid: 1000,
            name: "ann".to_owned(),
            home: "/home/a b".to_owned(),
        }),
        ..service(Level::System)
    });
    let settings = settings(&text);
    for expected in [
        "ExecStart=/opt/$p/nanobot gateway --wait --config \"/home/a b/50%%/$$x/config.json\"",
        "ExecReload=/opt/$p/nanobot gateway reload --config \"/home/a b/50%%/$$x/config.json\"",
        "User=ann",
        "ProtectHome=read-only",
        "ReadWritePaths=\"/home/a b/50%%/$x\"",
        "RuntimeDirectory=work",
        "LoadCredential=nanobot-matrix-access-token:/etc/n b/token",
        "EnvironmentFile=/etc/n b/100%%",
        "Environment=MALLOC_ARENA_MAX=2",
    ] {
        assert!(settings.contains(&expected), "{expected} is not in {text}");
    }
    for gone in ["DynamicUser", "StateDirectory", "Environment=NANOBOT_HOME"] {
        assert!(!text.contains(gone), "{gone} is in {text}");
    }
    assert!(text.contains("systemctl edit work\n"), "{text}");
}

#[test]
fn another_directory_of_the_state_is_its_home() {
    let text = render(&Definition {
        account: Account::Dynamic("bot 2".to_owned()),
        ..service(Level::System)
    });
    let settings = settings(&text);
    assert!(
        settings.contains(&"Environment=\"NANOBOT_HOME=%S/bot 2\""),
        "{text}"
    );
    assert!(settings.contains(&"StateDirectory=\"bot 2\""), "{text}");
}
