//! The completion scripts: what `clap_complete` generates, with what it leaves out. Its scripts
//! offer files for every word that is not known, complete positional arguments in some shells
//! only, and have no values at all in others.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory, ValueHint, builder::PossibleValue};
use clap_complete::{Shell, generate};

use super::{Cli, suggest};

/// The script that completes this program's command line in a shell.
pub fn script(shell: Shell) -> String {
    let mut command = Cli::command();
    let mut bytes = Vec::new();
    generate(shell, &mut command, "nanobot", &mut bytes);
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let places = places(&command);
    let text = match shell {
        Shell::Bash => bash(&text, &places),
        Shell::Zsh => zsh(&text),
        Shell::Fish => fish(text, &places),
        Shell::PowerShell => powershell(&text, &places),
        Shell::Elvish => elvish(&text, &places),
        _ => text,
    };
    format!("{}\n", text.trim_end_matches('\n'))
}

/// What completes the word after some words.
enum Offer {
    Words(Vec<PossibleValue>),
    Files,
}

/// A place in the command line where a value stands.
struct Place {
    /// The words before it, without `nanobot`. The last may be an option.
    after: Vec<String>,
    offer: Offer,
}

impl Place {
    /// The words, where it is an argument and not the value of an option.
    fn argument(&self) -> Option<&[String]> {
        let is_option = self.after.last().is_some_and(|word| word.starts_with('-'));
        (!is_option).then_some(&self.after)
    }
}

fn places(command: &Command) -> Vec<Place> {
    let mut places = Vec::new();
    visit(command, &[], &mut places);
    let set = ["config", "set"];
    places.extend(suggest::values().into_iter().map(|(key, words)| Place {
        after: set.into_iter().chain([key]).map(str::to_owned).collect(),
        offer: Offer::Words(words),
    }));
    places
}

fn visit(command: &Command, path: &[String], places: &mut Vec<Place>) {
    let mut place = |arg: &Arg, after: Vec<String>| {
        let words: Vec<_> = arg.get_possible_values();
        let takes_files = matches!(
            arg.get_value_hint(),
            ValueHint::FilePath | ValueHint::DirPath
        );
        if takes_files || !words.is_empty() {
            let offer = if takes_files {
                Offer::Files
            } else {
                Offer::Words(words)
            };
            places.push(Place { after, offer });
        }
    };
    // Only the first: no script counts further.
    if let Some(arg) = command.get_positionals().next() {
        place(arg, path.to_vec());
    }
    for option in command.get_opts().filter(|option| !option.is_global_set()) {
        let longs = option.get_long().into_iter();
        longs.for_each(|long| place(option, [path, &[format!("--{long}")]].concat()));
    }
    for sub in command
        .get_subcommands()
        .filter(|sub| sub.get_name() != "help")
    {
        visit(sub, &[path, &[sub.get_name().to_owned()]].concat(), places);
    }
}

fn names(words: &[PossibleValue]) -> String {
    let names: Vec<_> = words.iter().map(PossibleValue::get_name).collect();
    names.join(" ")
}

fn help(word: &PossibleValue) -> String {
    let help = word.get_help().map(ToString::to_string);
    help.unwrap_or_else(|| word.get_name().to_owned())
}

/// Inserts a text behind the first place of another.
fn insert(text: &mut String, behind: &str, new: &str) {
    if let Some(at) = text.find(behind) {
        text.insert_str(at + behind.len(), new);
    }
}

/// Offers options only where a dash is typed or nothing else is left.
const BASH_WORDS: &str = r#"_nanobot_words() {
    local word words=""
    for word in $1; do
        if [[ $3 == -* || $word != -* ]]; then
            words+=" $word"
        fi
    done
    compgen -W "${words:-$1}" -- "$3"
}

"#;

const BASH_CASE: &str = "case \"${prev}\" in";
const BASH_END: &str =
    "            COMPREPLY=( $(_nanobot_words \"${opts}\" -- \"${cur}\") )\n            return 0";
const BASH_FILES: &str = "            COMPREPLY=( $(compgen -f -- \"${cur}\") )\n            compopt -o filenames 2>/dev/null\n            return 0";

fn bash(text: &str, places: &[Place]) -> String {
    let mut text = text
        .replace("compgen -W \"${opts}\"", "_nanobot_words \"${opts}\"")
        .replace(
            "-F _nanobot -o nosort -o bashdefault -o default",
            "-F _nanobot -o nosort",
        )
        .replace("-F _nanobot -o bashdefault -o default", "-F _nanobot");
    for place in places {
        let Some(after) = place.argument() else {
            continue;
        };
        match &place.offer {
            Offer::Files => edit_bash(&mut text, after, |block| {
                let level = format!(" || ${{COMP_CWORD}} -eq {}", after.len() + 1);
                block.replace(&level, "").replacen(BASH_END, BASH_FILES, 1)
            }),
            // The first argument is among the options that the script has.
            Offer::Words(words) if after.len() == 3 => {
                let (key, names) = (&after[2], names(words));
                let case = format!(
                    "\n                {key})\n                    \
                     COMPREPLY=( $(compgen -W \"{names}\" -- \"${{cur}}\") )\n                    \
                     return 0\n                    ;;"
                );
                edit_bash(&mut text, &after[..2], |mut block| {
                    insert(&mut block, BASH_CASE, &case);
                    block
                });
            }
            Offer::Words(_) => {}
        }
    }
    format!("{BASH_WORDS}{text}")
}

/// Changes what a script does for the words of one command.
fn edit_bash(text: &mut String, command: &[String], change: impl FnOnce(String) -> String) {
    let name = command.join("__subcmd__").replace('-', "__subcmd__");
    let head = format!("\n        nanobot__subcmd__{name})\n");
    if let Some(start) = text.find(&head)
        && let Some(length) = text[start..].find("\n            ;;\n")
    {
        let range = start..start + length;
        let block = change(text[range.clone()].to_owned());
        text.replace_range(range, &block);
    }
}

fn zsh(text: &str) -> String {
    let mut function = "_nanobot_values() {\n    case ${words[CURRENT-1]} in\n".to_owned();
    for (key, words) in suggest::values() {
        if !words.is_empty() {
            // A `String` takes all that is written.
            let _ = writeln!(function, "        ({key}) compadd -- {} ;;", names(&words));
        }
    }
    function.push_str("    esac\n}\n\n");
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("'*::rest -- "));
    let lines = lines.map(|line| match line.split_once("::value -- ") {
        Some(_) => line.replace(":' \\", ":_nanobot_values' \\"),
        None => line.to_owned(),
    });
    let mut text = lines.collect::<Vec<_>>().join("\n");
    insert(&mut text, "autoload -U is-at-least\n\n", &function);
    text
}

/// How many words that are no options stand before the cursor.
const FISH_COUNT: &str = "\
function __fish_nanobot_arguments
    test (count (string match -v -- '-*' (commandline -opc))) -eq $argv[1]
end

# Files only where a file is meant.
complete -c nanobot -f
";

fn fish(text: String, places: &[Place]) -> String {
    let mut text = text;
    insert(
        &mut text,
        "    contains -- $cmd[1] $argv\nend\n\n",
        FISH_COUNT,
    );
    for place in places {
        let Some(after) = place.argument() else {
            continue;
        };
        let [command, rest @ ..] = after else {
            continue;
        };
        let mut condition = format!("__fish_nanobot_using_subcommand {command}");
        for word in rest {
            let _ = write!(condition, "; and __fish_seen_subcommand_from {word}");
        }
        let _ = write!(
            condition,
            "; and __fish_nanobot_arguments {}",
            after.len() + 1
        );
        let words = match &place.offer {
            Offer::Files => "-F".to_owned(),
            Offer::Words(words) => {
                let quoted = |text: &str| {
                    text.replace('\\', "\\\\")
                        .replace('\'', "\\'")
                        .replace('"', "\\\"")
                        .replace('$', "\\$")
                };
                let words = words.iter().map(|word| match word.get_help() {
                    Some(help) => format!("{}\\t'{}'", word.get_name(), quoted(&help.to_string())),
                    None => word.get_name().to_owned(),
                });
                format!("-f -a \"{}\"", words.collect::<Vec<_>>().join("\n"))
            }
        };
        let _ = writeln!(text, "complete -c nanobot -n \"{condition}\" {words}");
    }
    text
}

/// The word before the one that is typed.
const POWERSHELL_PREVIOUS: &str = "\
    $before = @($commandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition })
    $previous = if ($before.Count) { $before[-1].ToString() } else { '' }

";

fn powershell(text: &str, places: &[Place]) -> String {
    let mut text = text.to_owned();
    insert(&mut text, "    }) -join ';'\n\n", POWERSHELL_PREVIOUS);
    for place in places {
        let Offer::Words(words) = &place.offer else {
            continue;
        };
        let quoted = |text: &str| text.replace('\'', "''");
        let mut results = String::new();
        for word in words {
            let (name, help) = (word.get_name(), quoted(&help(word)));
            let _ = writeln!(
                results,
                "            [CompletionResult]::new('{name}', '{name}', [CompletionResultType]::ParameterValue, '{help}')"
            );
        }
        let path = |words: &[String]| format!("nanobot;{}", words.join(";"));
        match place.after.as_slice() {
            [command @ .., option] if option.starts_with('-') => {
                let path = path(command);
                let block = format!(
                    "        {{ $_ -eq '{path}' -and $previous -eq '{option}' }} {{\n{results}            break\n        }}\n"
                );
                insert(&mut text, "$completions = @(switch ($command) {\n", &block);
            }
            after if text.contains(&format!("        '{}' {{\n", path(after))) => {
                insert(
                    &mut text,
                    &format!("        '{}' {{\n", path(after)),
                    &results,
                );
            }
            after => {
                let block = format!(
                    "        '{}' {{\n{results}            break\n        }}\n",
                    path(after)
                );
                insert(&mut text, "$completions = @(switch ($command) {\n", &block);
            }
        }
    }
    text
}

/// Nothing is offered behind words that the table does not have, instead of an error.
const ELVISH_LOOKUP: &str = "\
    var after = $command';'$words[-2]
    if (has-key $completions $after) {
        set command = $after
    }
    if (has-key $completions $command) {
        $completions[$command]
    }
";

fn elvish(text: &str, places: &[Place]) -> String {
    let mut text = text.replace("    $completions[$command]\n", ELVISH_LOOKUP);
    for place in places {
        let mut candidates = String::new();
        match &place.offer {
            Offer::Files => candidates.push_str("            edit:complete-filename $words[-1]\n"),
            Offer::Words(words) => {
                for word in words {
                    let (name, help) = (word.get_name(), help(word).replace('\'', "''"));
                    // A `String` takes all that is written.
                    let _ = writeln!(candidates, "            cand {name} '{help}'");
                }
            }
        }
        let head = format!("        &'nanobot;{}'= {{\n", place.after.join(";"));
        if text.contains(&head) {
            insert(&mut text, &head, &candidates);
        } else {
            insert(
                &mut text,
                "    var completions = [\n",
                &format!("{head}{candidates}        }}\n"),
            );
        }
    }
    text
}
