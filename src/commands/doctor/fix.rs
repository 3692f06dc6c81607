//! `nanobot doctor --fix`: shows what can be fixed, asks, fixes it, and checks again.

use crate::{
    doctor::{Examination, Repair, Report, plan},
    error::Result,
    ipc::Lock,
    terminal::{Question, Terminal},
};

/// Fixes what can be fixed; what is said on the way is changed by `hide`.
pub async fn run(
    examination: &Examination,
    yes: bool,
    terminal: Terminal,
    hide: &impl Fn(&str) -> String,
) -> Result<Report> {
    let context = &examination.context;
    let mut repairs = plan(context, &examination.selection);
    let changes = repairs.iter().filter(|repair| repair.change.is_some());
    let changes = changes.count();
    terminal.note(match changes {
        0 => "Nothing can be fixed automatically.",
        _ => "These can be fixed:",
    });
    for repair in &repairs[..changes] {
        terminal.note(&hide(&format!("  {}", repair.effect)));
    }
    note_not_fixed(&repairs[changes..], terminal, hide);
    if confirmed(changes, yes, terminal).await? {
        repairs.iter_mut().for_each(Repair::make);
    } else {
        terminal.note("Nothing was changed.");
    }
    note_not_fixed(&repairs[..changes], terminal, hide);
    // What is wrong with the lock is in the report.
    let gateway_runs = || Lock::holder(context.paths.dir()).is_ok_and(|holder| holder.is_some());
    if repairs.iter().any(Repair::changed_settings) && gateway_runs() {
        terminal.note("Run `nanobot gateway reload` to apply this change.");
    }
    let examining = examination.run();
    let report = terminal.during("Checking the bot", examining).await;
    Ok(report.after(repairs))
}

fn note_not_fixed(repairs: &[Repair], terminal: Terminal, hide: &impl Fn(&str) -> String) {
    for repair in repairs {
        if let Some(why) = &repair.why {
            terminal.note(&hide(&format!("Not fixed: {}: {why}", repair.effect)));
        }
    }
}

/// Whether it is to be done: as the command line says, else as the person says.
///
/// Where neither can say so it is refused even if there is nothing to do: a script should not
/// find out on the day when there is.
async fn confirmed(changes: usize, yes: bool, terminal: Terminal) -> Result<bool> {
    if yes || (changes == 0 && terminal.is_interactive()) {
        return Ok(true);
    }
    let question = Question {
        default: Some("no"),
        ..Question::new("Fix this?", "--yes")
    };
    terminal.ask_yes_or_no(question).await
}
