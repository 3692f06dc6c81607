use serde_json::json;

use super::*;
use crate::gateway::render::{append, edit};

#[test]
fn words_without_markup_are_plain() {
    for answer in [
        "hello",
        "two\nlines",
        "two\n\nparagraphs",
        "1 < 2 & 3 > 2",
        "<b>raw</b>\n<script>alert(1)</script>",
        "snake_case, 2 * 3 * 4, x^2 and y^2, ~5 or ~6",
        "[attachment: a_b.png - image, image/png, 5 bytes]",
    ] {
        assert_eq!(html(answer), None, "{answer}");
        assert_eq!(words(answer)[0].body, answer);
    }
}

#[test]
fn nothing_to_say_is_not_said() {
    for answer in ["", " \n\t ", "\u{200b}", "\u{202e}\u{202c}"] {
        assert!(contents(answer).is_empty(), "{answer:?}");
    }
    assert_eq!(words("[a]: https://a.org")[0].body, "[a]: https://a.org");
    assert_eq!(words("```\n```")[0].html, None);
}

#[test]
fn markdown_is_html() {
    assert_html(
        "*a* **b** ~~c~~ `d<`",
        "<p><em>a</em> <strong>b</strong> <del>c</del> <code>d&lt;</code></p>",
    );
    assert_html("# a\nb\nc", "<h1>a</h1><p>b<br>c</p>");
    assert_html(
        "> a\n> b\n\n---",
        "<blockquote><p>a<br>b</p></blockquote><hr>",
    );
    assert_html(
        "- a\n  - b\n- c",
        "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>",
    );
    assert_html("3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>");
    assert_html("1. a\n\n   b", "<ol><li><p>a</p><p>b</p></li></ol>");
    assert_html("x^2^ H~2~O", "<p>x<sup>2</sup> H<sub>2</sub>O</p>");
    assert_html(
        "~a~ ~b c~ *x*^2 and ~3",
        "<p><sub>a</sub> ~b c~ <em>x</em>^2 and ~3</p>",
    );
    assert_html("a \\* b &amp; &copy;", "<p>a * b &amp; ©</p>");
    assert_html("- [ ] a", "<ul><li>☐ a</li></ul>");
}

#[test]
fn code_keeps_its_language() {
    assert_html(
        "```rust,ignore\nfn a<T>() {}\n```",
        "<pre><code class=\"language-rust\">fn a&lt;T&gt;() {}</code></pre>",
    );
    assert_html(
        "~~~c++\na\n~~~",
        "<pre><code class=\"language-c++\">a</code></pre>",
    );
    assert_html("    indented", "<pre><code>indented</code></pre>");
    for info in ["\"><script>", "_x", &"x".repeat(99)] {
        assert_html(&format!("```{info}\na\n```"), "<pre><code>a</code></pre>");
    }
    // While it is written, the end is not there.
    assert_html(
        "```sh\nls",
        "<pre><code class=\"language-sh\">ls</code></pre>",
    );
}

#[test]
fn a_table_is_a_table() {
    assert_html(
        "| a | b |\n|---|:-:|\n| 1 | **2** |",
        "<table><thead><tr><th>a</th><th>b</th></tr></thead>\
         <tbody><tr><td>1</td><td><strong>2</strong></td></tr></tbody></table>",
    );
}

#[test]
fn raw_html_is_words() {
    assert_html(
        "**a** <img src=x onerror=alert(1)>\n\n<script>\nalert(1)\n</script>",
        "<p><strong>a</strong> &lt;img src=x onerror=alert(1)&gt;</p>\
         <p>&lt;script&gt;<br>alert(1)<br>&lt;/script&gt;</p>",
    );
    assert_html(
        "**a** <!-- b -->",
        "<p><strong>a</strong> &lt;!-- b --&gt;</p>",
    );
}

#[test]
fn nothing_turns_the_text_about() {
    let answer = "**a**\u{202e}b &#x202e;`c\u{2066}` [d](https://a/\u{202e}) &#0; \u{1b}[1m";
    let said = contents(answer)[0].to_string();
    for character in ['\u{202e}', '\u{2066}', '\u{0}', '\u{1b}'] {
        assert!(!said.contains(character), "{said}");
    }
    assert!(said.contains("<code>c</code>"), "{said}");
}

#[test]
fn only_the_first_event_mentions_and_only_who_asked() {
    let long = format!("@room @bob:example.org {}", "word ".repeat(20_000));
    let all = contents(&long);
    assert_eq!(all.len(), 3);
    assert_eq!(
        all[0]["m.mentions"],
        json!({"user_ids": ["@ann:example.org"]})
    );
    for content in &all {
        assert_eq!(
            content["m.relates_to"],
            json!({"m.in_reply_to": {"event_id": "$1"}})
        );
    }
    assert!(
        all[1..]
            .iter()
            .all(|content| content["m.mentions"] == json!({}))
    );
}

#[test]
fn an_answer_stays_in_the_thread() {
    let asked = question_with(&json!({
        "msgtype": "m.text", "body": "well?",
        "m.relates_to": {"rel_type": "m.thread", "event_id": "$root"},
    }));
    let parts = answer_to(&asked, &"word ".repeat(20_000));
    for part in parts {
        let content: Value = serde_json::from_str(&part.content).unwrap();
        let relation = json!({
            "rel_type": "m.thread", "event_id": "$root", "is_falling_back": part.part > 0,
            "m.in_reply_to": {"event_id": "$1"},
        });
        assert_eq!(content["m.relates_to"], relation);
        let edit = edit(&content, "$draft");
        assert_eq!(
            edit["m.relates_to"],
            json!({"rel_type": "m.replace", "event_id": "$draft"})
        );
        assert_eq!(edit["m.new_content"]["m.relates_to"], relation);
    }
}

#[test]
fn an_edit_says_it_all_and_mentions_nobody_anew() {
    let content = &contents("**a**")[0];
    assert_eq!(
        edit(content, "$draft"),
        json!({
            "msgtype": "m.text", "body": "* **a**", "m.mentions": {},
            "format": "org.matrix.custom.html",
            "formatted_body": "* <p><strong>a</strong></p>",
            "m.relates_to": {"rel_type": "m.replace", "event_id": "$draft"},
            "m.new_content": {
                "msgtype": "m.text", "body": "**a**",
                "format": "org.matrix.custom.html", "formatted_body": "<p><strong>a</strong></p>",
                "m.mentions": {"user_ids": ["@ann:example.org"]},
            },
        })
    );
}

#[test]
fn what_was_interrupted_is_said_outside_of_its_code() {
    assert_eq!(append("", "Why."), "Why.");
    assert_eq!(append("So far\n", "Why."), "So far\n\nWhy.");
    assert_eq!(append("a\n```sh\nls", "Why."), "a\n```sh\nls\n```\n\nWhy.");
    assert_eq!(
        append("~~~~\n~~~\n```", "Why."),
        "~~~~\n~~~\n```\n~~~~\n\nWhy."
    );
    assert_eq!(append("```\na\n```", "Why."), "```\na\n```\n\nWhy.");
    assert_eq!(append("```", "Why."), "```\n```\n\nWhy.");
}

#[test]
fn a_long_block_of_code_is_closed_and_opened_again() {
    let code = format!(
        "Look:\n\n```rust\n{}```\n\nThat is all.",
        "let a = \"b\";\n".repeat(9_000)
    );
    let parts = words(&code);
    assert!((3..9).contains(&parts.len()), "{}", parts.len());
    for (index, part) in parts.iter().enumerate() {
        let html = part.html.as_ref().unwrap();
        assert_eq!(
            html.matches("<pre><code class=\"language-rust\">").count(),
            1
        );
        assert_eq!(html.matches("</code></pre>").count(), 1);
        assert_eq!(part.body.matches("```rust\n").count(), 1);
        assert_eq!(
            part.body.matches("\n```").count(),
            1 + usize::from(index == 0)
        );
        let lines = part.body.lines().filter(|line| *line == "let a = \"b\";");
        let in_html = html.matches("let a = \"b\";\n").count();
        assert_eq!(lines.count(), in_html);
    }
    assert!(
        parts
            .last()
            .unwrap()
            .html
            .as_ref()
            .unwrap()
            .ends_with("<p>That is all.</p>")
    );
}

#[test]
fn a_long_list_goes_on_with_its_numbers_and_a_table_with_its_head() {
    let list: Vec<_> = (7..5000)
        .map(|n| format!("{n}. item *number* {n}\n"))
        .collect();
    let list = list.concat();
    let parts = words(&list);
    assert!(parts.len() > 2);
    for part in &parts {
        let number: u32 = part.body.split('.').next().unwrap().parse().unwrap();
        let start = format!("<ol start=\"{number}\">\n<li>item <em>number</em> {number}</li>");
        assert!(part.html.as_ref().unwrap().starts_with(&start));
        assert!(part.html.as_ref().unwrap().ends_with("</li>\n</ol>"));
    }
    let rows: Vec<_> = (0..5000).map(|n| format!("| row | {n} |\n")).collect();
    let rows = rows.concat();
    let parts = words(&format!("| a | b |\n|---|---|\n{rows}"));
    assert!(parts.len() > 2);
    for part in &parts {
        assert!(
            part.body.starts_with("| a | b |\n|---|---|\n| row |"),
            "{}",
            &part.body[..99]
        );
        let head = "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>\n<tr><td>row</td>";
        assert!(part.html.as_ref().unwrap().starts_with(head));
    }
}

#[test]
fn a_cut_is_made_between_paragraphs_and_not_below_a_heading() {
    let paragraph = format!("{}\n\n", "word ".repeat(500));
    let plain = words(&paragraph.repeat(60));
    assert!(plain.len() > 2);
    assert!(plain.iter().all(|part| part.body.len() % 2502 == 2499));
    let rich = format!("## Heading\n\n{paragraph}").repeat(60);
    let parts = words(&rich);
    assert!(parts.len() > 3);
    for part in parts {
        assert!(part.body.starts_with("## Heading"), "{}", &part.body[..50]);
        assert!(part.html.unwrap().starts_with("<h2>Heading</h2>\n<p>word"));
    }
}

#[test]
fn three_hundred_kilobytes_are_a_handful_of_events() {
    assert_eq!(contents(&"word ".repeat(60_000)).len(), 7);
    let rich = "A paragraph with **bold** words and a [link](https://example.org/page).\n\n";
    let count = contents(&rich.repeat(300_000 / rich.len())).len();
    assert!(count <= 22, "{count}");
}

#[test]
fn spoilers_are_hidden() {
    let hidden = |words: &str| format!("<span data-mx-spoiler=\"\">{words}</span>");
    assert_html(
        "It was ||the butler||.",
        &format!("<p>It was {}.</p>", hidden("the butler")),
    );
    assert_html(
        "||a **b** `c`|| and ||d||",
        &format!(
            "<p>{} and {}</p>",
            hidden("a <strong>b</strong> <code>c</code>"),
            hidden("d")
        ),
    );
    assert_html(
        "<span data-mx-spoiler=\"the end\">x</span>",
        "<p><span data-mx-spoiler=\"the end\">x</span></p>",
    );
    for plain in [
        "a || b || c",
        "||open",
        "||||",
        "||a\n\nb||",
        "if (a||b)",
        "if (a||b) or (c||d)",
        "```\n||a||\n```",
        "<span data-mx-spoiler=\"x\" onclick=\"y\">x</span>",
    ] {
        let html = contents(plain).remove(0)["formatted_body"].to_string();
        assert!(!html.contains("<span"), "{plain}: {html}");
    }
    assert_html("`a ||b||`", "<p><code>a ||b||</code></p>");
    // Cut in two, both events hide theirs.
    let long = format!("||{}||", "word ".repeat(12_000).trim_end());
    let events = words(&long);
    assert!(events.len() > 1);
    for event in events {
        let html = event.html.unwrap();
        assert!(
            html.starts_with("<p><span data-mx-spoiler=\"\">"),
            "{}",
            &html[..80]
        );
        assert!(html.ends_with("</span></p>"));
    }
}

#[test]
fn tasks_have_boxes() {
    assert_html(
        "- [ ] milk\n- [x] bread\n- [link](https://h)",
        "<ul><li>☐ milk</li><li>☑ bread</li><li><a href=\"https://h\">link</a></li></ul>",
    );
    assert_eq!(words("- [x] done")[0].body, "- [x] done");
}

#[test]
fn formulas_are_mathematics_and_prices_are_not() {
    assert_html(
        "Since $a_1*b < \\frac{c}{\"d\"}*e$ it holds.",
        "<p>Since <span data-mx-maths=\"a_1*b &lt; \\frac{c}{&quot;d&quot;}*e\">\
         <code>a_1*b &lt; \\frac{c}{\"d\"}*e</code></span> it holds.</p>",
    );
    assert_html(
        "So:\n\n$$\nx^2\n$$\n\nThen.",
        "<p>So:</p><div data-mx-maths=\"x^2\"><code>x^2</code></div><p>Then.</p>",
    );
    assert_html(
        "So: $$x^2$$",
        "<p>So: </p><div data-mx-maths=\"x^2\"><code>x^2</code></div>",
    );
    assert_html(
        "# By $$x^2$$",
        "<h1>By <span data-mx-maths=\"x^2\"><code>x^2</code></span></h1>",
    );
    for prices in [
        "$5 and $10",
        "US$5, US$10",
        "$5/$10",
        "echo $HOME/$USER",
        "$$$",
    ] {
        assert_eq!(html(prices), None, "{prices}");
    }
    assert_html("US$5 **or** US$10", "<p>US$5 <strong>or</strong> US$10</p>");
}
