//! `nanobot doctor --fix`: what can be mended is shown, confirmed, done, and looked at again.

use crate::{
    doctor::{Effect, Examination, Plan, Repaired, Report},
    error::Result,
    instance::Lock,
    terminal::{Question, Terminal},
};

pub(super) async fn run(
    examination: &Examination,
    yes: bool,
    terminal: Terminal,
) -> Result<Report> {
    let plan = Plan::make(&examination.subject, &examination.selection);
    show(&plan, terminal);
    let repairs = if confirmed(&plan, yes, terminal).await? {
        plan.carry_out()
    } else {
        terminal.note("Nothing was changed.");
        plan.decline()
    };
    tell(&plan.effects, &repairs, examination, terminal);
    let report = terminal
        .during("Examining the bot", examination.run())
        .await;
    Ok(report.after(repairs))
}

fn show(plan: &Plan, terminal: Terminal) {
    if plan.effects.is_empty() {
        terminal.note("There is nothing to mend here without you.");
    } else {
        terminal.note("What can be mended:");
    }
    for effect in &plan.effects {
        terminal.note(&format!("  {effect}"));
    }
    for obstacle in &plan.obstacles {
        terminal.note(&format!(
            "Not mended: {}: {}",
            obstacle.effect, obstacle.why
        ));
    }
}

/// Whether it is to be done: as the command line says, else as the person says.
///
/// Where neither can say so it is refused even if there is nothing to do: a script should not
/// find out on the day when there is.
async fn confirmed(plan: &Plan, yes: bool, terminal: Terminal) -> Result<bool> {
    if yes || (plan.effects.is_empty() && terminal.is_interactive()) {
        return Ok(true);
    }
    let question = Question {
        default: Some("no"),
        ..Question::new("Mend this? yes or no", "--yes")
    };
    terminal
        .ask(question, |answer| match answer.to_lowercase().as_str() {
            "yes" | "y" => Ok(true),
            "no" | "n" => Ok(false),
            _ => Err("answer yes or no".to_owned()),
        })
        .await
}

fn tell(effects: &[Effect], repairs: &[Repaired], examination: &Examination, terminal: Terminal) {
    let mut changed_settings = false;
    for (effect, repair) in effects.iter().zip(repairs) {
        changed_settings |= repair.done && effect.changes_settings();
        if let Some(why) = &repair.why {
            terminal.note(&format!("Not mended: {effect}: {why}"));
        }
    }
    if changed_settings && gateway_runs(examination) {
        terminal.note("A gateway runs: it reads its settings when it is started again.");
    }
}

/// As well as can be told: what is wrong with the lock is in the report.
fn gateway_runs(examination: &Examination) -> bool {
    Lock::holder(examination.subject.paths.dir()).is_ok_and(|holder| holder.is_some())
}
