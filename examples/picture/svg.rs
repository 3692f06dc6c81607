//! Terminal windows as an SVG.

use std::{fmt::Write, num::NonZeroU16};

use vt100::{Cell, Color, Parser, Screen};

use crate::sessions::Window;

/// The size of the pseudo-terminal, high enough that nothing scrolls away.
pub const ROWS: NonZeroU16 = NonZeroU16::new(150).unwrap();
pub const COLUMNS: NonZeroU16 = NonZeroU16::new(84).unwrap();

const CELL_WIDTH: f32 = 8.4;
const LINE_HEIGHT: f32 = 20.0;
const PADDING: f32 = 16.0;
const TITLE_HEIGHT: f32 = 36.0;
const GAP: f32 = 20.0;
const FEWEST_COLUMNS: u16 = 80;

const STYLE: &str = "\
text{font:14px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328;white-space:pre}
.title{font:13px -apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#59636e}
.window{fill:#fff;stroke:#d1d9e0}
.bar{fill:#f6f8fa;stroke:#d1d9e0}";
/// Black, red, green, yellow, blue, magenta, cyan, white; then the bright ones.
const PALETTE: [&str; 16] = [
    "#1f2328", "#cf222e", "#116329", "#7d4e00", "#0969da", "#8250df", "#1b7c83", "#59636e",
    "#57606a", "#a40e26", "#1a7f37", "#633c01", "#218bff", "#a475f9", "#3192aa", "#8c959f",
];

/// A run of characters that look the same.
#[derive(Default)]
struct Run {
    column: u16,
    cells: u16,
    text: String,
    style: String,
}

/// Draws windows one below the other.
pub fn draw(windows: &[Window]) -> String {
    let screens: Vec<_> = windows.iter().map(|window| screen(&window.bytes)).collect();
    let columns = screens.iter().map(width).max().unwrap_or_default();
    let width = f32::from(columns.max(FEWEST_COLUMNS)) * CELL_WIDTH + 2.0 * PADDING;
    let mut body = String::new();
    let mut top = 0.5;
    for (window, screen) in windows.iter().zip(&screens) {
        let height = TITLE_HEIGHT + f32::from(height(screen)) * LINE_HEIGHT + 2.0 * PADDING;
        body.push_str(&frame(window.title, top, width, height));
        body.push_str(&lines(screen, top + TITLE_HEIGHT + PADDING));
        top += height + GAP;
    }
    let (width, height) = (width + 1.0, top - GAP + 0.5);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" \
         width=\"{width:.0}\" height=\"{height:.0}\" role=\"img\" \
         xml:space=\"preserve\">\n<style>{STYLE}</style>\n\
         {body}</svg>\n"
    )
}

fn frame(title: &str, top: f32, width: f32, height: f32) -> String {
    let middle = top + TITLE_HEIGHT / 2.0;
    let bar = top + TITLE_HEIGHT;
    let mut frame = format!(
        "<rect class=\"window\" x=\".5\" y=\"{top}\" width=\"{width:.1}\" height=\"{height}\" \
         rx=\"8\"/>\n\
         <path class=\"bar\" d=\"M.5 {bar}V{side}a8 8 0 0 1 8-8H{right:.1}a8 8 0 0 1 8 8V{bar}z\"/>\n",
        side = top + 8.0,
        right = width - 7.5,
    );
    for (x, color) in [(20, "#ff5f57"), (40, "#febc2e"), (60, "#28c840")] {
        let dot = format!("<circle cx=\"{x}\" cy=\"{middle}\" r=\"6\" fill=\"{color}\"/>\n");
        frame.push_str(&dot);
    }
    let title = format!(
        "<text class=\"title\" x=\"{:.1}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
        width / 2.0,
        middle + 4.5,
        escape(title)
    );
    frame.push_str(&title);
    frame
}

fn lines(screen: &Screen, top: f32) -> String {
    let mut text = String::new();
    for row in 0..height(screen) {
        let y = top + f32::from(row) * LINE_HEIGHT + 14.0;
        for run in runs(screen, row) {
            // The length keeps columns in line, whatever font the reader has.
            let _ = writeln!(
                text,
                "<text x=\"{:.1}\" y=\"{y}\" textLength=\"{:.1}\"{}>{}</text>",
                PADDING + f32::from(run.column) * CELL_WIDTH,
                f32::from(run.cells) * CELL_WIDTH,
                attribute(&run.style),
                escape(&run.text)
            );
        }
    }
    text
}

/// The runs of a line, without the space at its end.
fn runs(screen: &Screen, row: u16) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for column in 0..line_width(screen, row) {
        let Some(cell) = screen.cell(row, column) else {
            break;
        };
        let style = style(cell);
        let same = runs.last().is_some_and(|run| run.style == style);
        // No run starts with a space: some programs that show pictures would leave it out.
        if !same && cell.contents().trim().is_empty() {
            continue;
        }
        if !same {
            runs.push(Run {
                column,
                style,
                ..Run::default()
            });
        }
        if let Some(run) = runs.last_mut() {
            run.cells += 1;
            let written = cell.has_contents();
            run.text
                .push_str(if written { cell.contents() } else { " " });
        }
    }
    runs
}

fn attribute(style: &str) -> String {
    match style.trim_end_matches(';') {
        "" => String::new(),
        style => format!(" style=\"{style}\""),
    }
}

/// In CSS, because the style sheet goes before attributes.
fn style(cell: &Cell) -> String {
    let mut style = match cell.fgcolor() {
        Color::Idx(index) => PALETTE
            .get(usize::from(index))
            .map_or_else(String::new, |color| format!("fill:{color};")),
        Color::Rgb(red, green, blue) => format!("fill:rgb({red},{green},{blue});"),
        Color::Default => String::new(),
    };
    for (holds, css) in [
        (cell.bold(), "font-weight:bold;"),
        (cell.dim(), "opacity:.65;"),
        (cell.italic(), "font-style:italic;"),
    ] {
        if holds {
            style.push_str(css);
        }
    }
    style
}

fn screen(bytes: &[u8]) -> Screen {
    let mut parser = Parser::new(ROWS, COLUMNS, 0);
    parser.process(bytes);
    parser.screen().clone()
}

/// How many columns are written on.
fn width(screen: &Screen) -> u16 {
    (0..ROWS.get())
        .map(|row| line_width(screen, row))
        .max()
        .unwrap_or_default()
}

/// How many lines are written on.
fn height(screen: &Screen) -> u16 {
    (0..ROWS.get())
        .rev()
        .find(|&row| line_width(screen, row) > 0)
        .map_or(0, |row| row + 1)
}

fn line_width(screen: &Screen, row: u16) -> u16 {
    let written = |&column: &u16| {
        let cell = screen.cell(row, column);
        cell.is_some_and(|cell| !cell.contents().trim().is_empty())
    };
    (0..COLUMNS.get())
        .rev()
        .find(written)
        .map_or(0, |column| column + 1)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
