//! Addresses that can be clicked, or pointed a camera at.

use console::{Term, style};
use qrcode::{EcLevel, QrCode, render::unicode::Dense1x2};

use crate::text::is_unicode_locale;

/// Text that leads to an address where this terminal can do so, else both.
pub fn link(text: &str, url: &str, terminal: &Term) -> String {
    if terminal.is_term() && supports_hyperlinks::supports_hyperlinks() {
        format!("\x1b]8;;{url}\x1b\\{text}\x1b]8;;\x1b\\")
    } else if text == url {
        url.to_owned()
    } else {
        format!("{text} ({url})")
    }
}

/// A text as a QR code for standard output, where that is a terminal which can show it.
pub fn qr_code(text: &str) -> Option<String> {
    let terminal = Term::stdout();
    let columns = terminal.size_checked()?.1;
    if !terminal.is_term() || !is_unicode_locale() {
        return None;
    }
    draw(text, columns.into())
}

/// Light on dark whatever the terminal's colours are: a camera wants the frame to be light.
fn draw(text: &str, columns: usize) -> Option<String> {
    // A longer text than a code can hold has none.
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let frame = 2 * 4;
    if code.width() + frame > columns {
        return None;
    }
    let picture = code
        .render::<Dense1x2>()
        .dark_color(Dense1x2::Light)
        .light_color(Dense1x2::Dark)
        .build();
    let lines = picture
        .lines()
        .map(|line| style(line).white().bright().on_black().to_string());
    Some(lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use console::measure_text_width;

    use super::*;

    #[test]
    fn a_code_is_drawn_where_it_fits() {
        let url = "https://matrix.to/#/@bot:example.org";
        let picture = draw(url, 37).unwrap();
        assert_eq!(picture.lines().count(), 19);
        assert!(picture.lines().all(|line| measure_text_width(line) == 37));
        // The frame is light.
        assert!(picture.contains(&"█".repeat(37)));
        assert_eq!(draw(url, 36), None);
        assert_eq!(draw(&"a".repeat(3000), 200), None);
    }
}
