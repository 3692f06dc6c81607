use super::*;
use crate::gateway::render::event::{LARGEST, MARK};

#[test]
fn links_lead_only_to_safe_places() {
    let link = |href: &str, text: &str| format!("<p><a href=\"{href}\">{text}</a></p>");
    assert_html(
        "[a](https://a.org/?b&c 'title')",
        &link("https://a.org/?b&amp;c", "a"),
    );
    assert_html(
        "<mailto:a@b.org>",
        &link("mailto:a@b.org", "mailto:a@b.org"),
    );
    assert_html("<a@b.org>", &link("mailto:a@b.org", "a@b.org"));
    for elsewhere in ["**[a](ftp://h/f)**", "**[a](magnet:?xt=b)**"] {
        assert_html(elsewhere, "<p><strong>a</strong></p>");
    }
    assert_html(
        "[a][b]\n\n[b]: matrix:u/c:d.org",
        &link("matrix:u/c:d.org", "a"),
    );
    assert_html(
        "https://a.org/x_y_z?a=1&b=2",
        &link(
            "https://a.org/x_y_z?a=1&amp;b=2",
            "https://a.org/x_y_z?a=1&amp;b=2",
        ),
    );
    assert_html(
        "[https://a.org](https://b.org)",
        &link("https://b.org", "https://a.org"),
    );
    assert_html(
        "**see https://a.org.**",
        "<p><strong>see <a href=\"https://a.org\">https://a.org</a>.</strong></p>",
    );
    for address in [
        "javascript:alert(1)",
        "data:text/html,x",
        "JAVASCRIPT:x",
        "page",
        "&#106;avascript:x",
        "java&#10;script:x",
    ] {
        assert_html(&format!("[a]({address})"), "<p>a</p>");
    }
}

#[test]
fn a_scheme_is_safe_or_not_linked() {
    for address in [
        "https://a.org/?a=1",
        "HTTP://a.org",
        "mailto:a@b.org",
        "matrix:u/a:b.org",
    ] {
        let html = html(&format!("[a](<{address}>)")).unwrap();
        assert!(html.starts_with("<p><a href="), "{address}: {html}");
    }
    for address in [
        " javascript:alert(1)",
        "java\tscript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "//a.org",
        "page.html",
        "\u{1}javascript:x",
        &format!("https://{}", "a".repeat(3000)),
    ] {
        assert_html(
            &format!("[a](<{}>)", address.replace('<', "\\<").replace('>', "\\>")),
            "<p>a</p>",
        );
    }
}

#[test]
fn an_address_cannot_leave_its_attribute() {
    assert_html(
        "[a](<https://a/\" onclick=\"x\u{202e}\\<\\>&'>)",
        "<p><a href=\"https://a/%22%20onclick=%22x%3C%3E&amp;'\">a</a></p>",
    );
}

#[test]
fn an_address_ends_before_the_sentence_goes_on() {
    let link = |href: &str, text: &str| format!("<a href=\"{href}\">{text}</a>");
    assert_html(
        "see https://a.org/x?y=1&z=2. Or (http://b.org/c_(d)), https://ü.org/é! xhttp://no",
        &format!(
            "<p>see {}. Or ({}), {}! xhttp://no</p>",
            link("https://a.org/x?y=1&amp;z=2", "https://a.org/x?y=1&amp;z=2"),
            link("http://b.org/c_(d)", "http://b.org/c_(d)"),
            link("https://%C3%BC.org/%C3%A9", "https://ü.org/é"),
        ),
    );
    assert_eq!(html("http:// https://... httpx://a http:/a"), None);
}

#[test]
fn a_picture_with_a_long_description_fits() {
    let described = format!("![{}](mxc://h/x)", "word ".repeat(20_000));
    let linked = format!("![{}](mxc://h/x)", "[](https://a.org)".repeat(9_000));
    for answer in [described, linked] {
        let events = contents(&answer);
        assert!(events.len() > 1);
        for content in &events {
            let size = content.to_string().len();
            assert!(size + MARK <= LARGEST, "{size}");
        }
        let bodies = events
            .iter()
            .map(|content| content["body"].as_str().unwrap());
        assert_eq!(
            bodies.collect::<String>().replace(' ', ""),
            answer.replace(' ', "")
        );
    }
}

#[test]
fn pictures_are_the_homeservers_own() {
    assert_html(
        "![a*b*](mxc://h/x \"t\")",
        "<p><img alt=\"ab\" src=\"mxc://h/x\" title=\"t\"></p>",
    );
    assert_html(
        "![a](https://h/x.png)",
        "<p><a href=\"https://h/x.png\">a</a></p>",
    );
    assert_html(
        "[![a](https://h/x.png)](https://h)",
        "<p><a href=\"https://h\">a</a></p>",
    );
    assert_html("![a](javascript:x)", "<p>a</p>");
    assert_html(
        "![\" onerror=\"x](mxc://h/\"x)",
        "<p><img alt=\"&quot; onerror=&quot;x\" src=\"mxc://h/%22x\"></p>",
    );
}
