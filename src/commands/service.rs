//! `nanobot service`: the gateway as a service.

use super::{Outcome, paths};
use crate::{
    cli::{
        Global,
        service::{LevelOptions, ManagerName, Service, ServiceCommand, ServiceOptions},
    },
    config::environment,
    error::Result,
    service::{
        Install, Level, Machine, Manager, Options, Status, System, Uninstall, install, print,
        uninstall,
    },
    terminal::{Progress, tell},
};

pub fn run(args: &Service, global: &Global) -> Result<Outcome> {
    let mut machine = Machine {
        runner: &System,
        env: &environment,
        uid: rustix::process::getuid().as_raw(),
        manager: Manager::here(),
    };
    match &args.command {
        ServiceCommand::Install(args) => {
            let request = Install {
                service: options(&args.service, args.level),
                now: args.now,
                linger: args.linger,
                dry_run: args.dry_run,
            };
            let paths = paths(global)?;
            let progress = Progress::start("Installing the service");
            let done = install(&request, &machine, &paths)?;
            drop(progress);
            say(&done.notes, global);
            Ok(Outcome::of(&done))
        }
        ServiceCommand::Uninstall(args) => {
            let request = Uninstall {
                name: args.named.name.clone(),
                level: level(args.level),
                now: args.now,
                dry_run: args.dry_run,
            };
            Ok(Outcome::of(&uninstall(&request, &machine)?))
        }
        ServiceCommand::Status(args) => {
            let status = Status::gather(&args.named.name, &machine)?;
            Ok(Outcome {
                exit_code: status.exit_code(),
                ..Outcome::of(&status)
            })
        }
        ServiceCommand::Print(args) => {
            machine.manager = match args.manager {
                None => machine.manager,
                Some(ManagerName::Systemd) => Manager::Systemd,
                Some(ManagerName::Launchd) => Manager::Launchd,
            };
            let service = options(&args.service, args.level);
            let printed = print(&service, &machine, &paths(global)?)?;
            say(&printed.notes, global);
            Ok(Outcome::of(&printed))
        }
    }
}

fn level(options: LevelOptions) -> Option<Level> {
    match (options.user, options.system) {
        (true, _) => Some(Level::User),
        (_, true) => Some(Level::System),
        _ => None,
    }
}

fn options(options: &ServiceOptions, whose: LevelOptions) -> Options {
    Options {
        name: options.named.name.clone(),
        level: level(whose),
        program: options.program.clone(),
        access_token_file: options.access_token_file.clone(),
        environment_file: options.env_file.clone(),
    }
}

/// What the one JSON document has as well.
fn say(notes: &[String], global: &Global) {
    if global.json {
        return;
    }
    for note in notes {
        tell(&format!("note: {note}"), 6);
    }
}
