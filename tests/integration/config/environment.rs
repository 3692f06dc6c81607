//! Which of several sources counts.

use std::fs;

use super::{config_with_env, home_with};

#[tokio::test]
async fn the_sources_have_an_order() {
    let home = home_with("{\"access_token\": \"in-the-file\"}");
    let credentials = home.user_dir().join("credentials");
    fs::create_dir(&credentials).unwrap();
    fs::write(
        credentials.join("nanobot-matrix-access-token"),
        "credential\n",
    )
    .unwrap();
    let dir = credentials.display().to_string();
    let python = ("NANOBOT_CHANNELS__MATRIX__ACCESS_TOKEN", "python");
    let ours = ("NANOBOT_MATRIX_ACCESS_TOKEN", "ours");
    let systemd = ("CREDENTIALS_DIRECTORY", dir.as_str());
    let get = ["get", "accessToken", "--reveal", "--json"];
    for (pairs, value, kind) in [
        (&[python][..], "in-the-file", "file"),
        (&[python, ours], "ours", "environment"),
        (&[python, ours, systemd], "credential", "credential"),
    ] {
        let document = config_with_env(&home, &get, pairs)
            .await
            .expect_code(0)
            .json();
        assert_eq!(document["value"], value);
        assert_eq!(document["origin"]["kind"], kind);
    }
    let empty = home_with("{}");
    let document = config_with_env(&empty, &get, &[python])
        .await
        .expect_code(0)
        .json();
    assert_eq!(document["value"], "python");
    let output = config_with_env(&home, &["list"], &[python, ours, systemd])
        .await
        .expect_code(0);
    for line in [
        "    hides environment variable NANOBOT_MATRIX_ACCESS_TOKEN",
        "    hides access_token on line 3",
        "    hides environment variable NANOBOT_CHANNELS__MATRIX__ACCESS_TOKEN",
    ] {
        assert!(
            output.stdout.lines().any(|found| found == line),
            "no {line:?} in {output}"
        );
    }
}

#[tokio::test]
async fn a_bad_variable_is_named() {
    let home = home_with("{\"userId\": \"@a:b\"}");
    let pairs = [("NANOBOT_MATRIX_USER_ID", "canary")];
    for arguments in [&["get", "userId"][..], &["validate"]] {
        let output = config_with_env(&home, arguments, &pairs)
            .await
            .expect_code(78);
        let told = format!("{}{}", output.stdout, output.stderr);
        assert!(told.contains("NANOBOT_MATRIX_USER_ID"), "{output}");
    }
    home.assert_no_secret(&["canary"]);
}
