
use builtin;
use str;

set edit:completion:arg-completer[nanobot] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'nanobot'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'nanobot'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand setup 'Set the bot up from nothing: login, who may talk to it, recovery, check, a first message'
            cand login 'Log the bot in and give it an encrypted device of its own'
            cand logout 'End the bot''s session on the homeserver and set its encryption store aside'
            cand config 'Read, change and check the configuration'
            cand store 'Look at the encryption store, export and import room keys, replace a broken device'
            cand agent 'Ask the agent that answers, without Matrix, and check that it could'
            cand doctor 'Find out what is wrong with the bot, and what mends it'
            cand explain 'Explain a check of the doctor: what it means and what mends it'
            cand gateway 'Run the bot until it is stopped'
            cand verify 'Have the bot verified, by comparing emoji or with its recovery key'
            cand completions 'Print a script that completes nanobot''s command line in a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;setup'= {
            cand --homeserver 'The homeserver: a URL, or a server name to discover it from'
            cand --user 'The bot''s user id, or only the part before the colon'
            cand --password-file 'Read the password from a file'
            cand --device-name 'The name of the bot''s device, as others see it [default: nanobot]'
            cand --allow-from 'Someone who may talk to the bot; "*" for everyone (repeatable)'
            cand --token-store 'Where to keep the access token [default: file, or what the configuration says]'
            cand --recovery-key-file 'Have the new device verified with the recovery key that this file holds'
            cand --save-recovery-key 'Write the recovery key into this new file too, which only you can read'
            cand --sender-trust 'How far a sender''s device must be trusted [default: any, or what the configuration says]'
            cand --agent 'Who answers what is written to the bot [default: echo, or what the configuration says]'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --password-stdin 'Read the password from standard input'
            cand --token-stdin 'Take an access token from standard input instead of logging in'
            cand --recovery-key-stdin 'Have the new device verified with the recovery key on standard input'
            cand --recovery-key-keyring 'Have the new device verified with the recovery key in the system''s keyring'
            cand --recovery 'Set up recovery, and show the recovery key once'
            cand --save-recovery-key-keyring 'Keep the recovery key in the system''s keyring too'
            cand --no-input 'Never ask; fail where something is missing'
            cand --allow-http 'Allow plain HTTP to a homeserver on another machine; everything then travels in the clear'
            cand --no-recovery 'Set up no recovery key'
            cand --no-greeting 'Invite and greet nobody'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;login'= {
            cand --homeserver 'The homeserver: a URL, or a server name to discover it from'
            cand --user 'The bot''s user id, or only the part before the colon'
            cand --password-file 'Read the password from a file'
            cand --device-name 'The name of the bot''s device, as others see it [default: nanobot]'
            cand --allow-from 'Someone who may talk to the bot; "*" for everyone (repeatable)'
            cand --token-store 'Where to keep the access token [default: file, or what the configuration says]'
            cand --recovery-key-file 'Have the new device verified with the recovery key that this file holds'
            cand --save-recovery-key 'Write the recovery key into this new file too, which only you can read'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --password-stdin 'Read the password from standard input'
            cand --token-stdin 'Take an access token from standard input instead of logging in'
            cand --recovery-key-stdin 'Have the new device verified with the recovery key on standard input'
            cand --recovery-key-keyring 'Have the new device verified with the recovery key in the system''s keyring'
            cand --recovery 'Set up recovery, and show the recovery key once'
            cand --save-recovery-key-keyring 'Keep the recovery key in the system''s keyring too'
            cand --no-input 'Never ask; fail where something is missing'
            cand --allow-http 'Allow plain HTTP to a homeserver on another machine; everything then travels in the clear'
            cand --reset-identity 'Replace the account''s identity by a new one; needs the password'
            cand --yes 'Do not ask for the user id to be typed before --reset-identity'
            cand --status 'Say who the bot is logged in as, and whether that still holds; changes nothing'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;logout'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --keep-store 'Leave the encryption store where it is'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand get 'Print the value of a key that is in effect'
            cand set 'Change the value of a key in the file'
            cand unset 'Remove a key from the file'
            cand list 'Show every key: value, type, default, and where the value comes from'
            cand show 'Print the file without its secrets'
            cand edit 'Open the file in an editor, and save it only when it is valid'
            cand path 'Print where the file is'
            cand validate 'Tell every fault and warning of the file at once'
            cand schema 'Print the JSON Schema of the file, for editors'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;config;get'= {
            cand --default 'Print this where the key has no value'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --reveal 'Print secrets as they are'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;set'= {
            cand --add 'Add an entry to a list (repeatable)'
            cand --remove 'Remove an entry from a list (repeatable)'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --stdin 'Read the value from standard input'
            cand --text 'Take the value as text even if it looks like a number, a list or an object'
            cand --allow-unknown 'Write a key that nobody is known to read'
            cand --dry-run 'Show what would change, and change nothing'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;unset'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --dry-run 'Show what would change, and change nothing'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;list'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;show'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;edit'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;path'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;validate'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --strict 'Exit with 3 when there are warnings'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;schema'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;help'= {
            cand get 'Print the value of a key that is in effect'
            cand set 'Change the value of a key in the file'
            cand unset 'Remove a key from the file'
            cand list 'Show every key: value, type, default, and where the value comes from'
            cand show 'Print the file without its secrets'
            cand edit 'Open the file in an editor, and save it only when it is valid'
            cand path 'Print where the file is'
            cand validate 'Tell every fault and warning of the file at once'
            cand schema 'Print the JSON Schema of the file, for editors'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;config;help;get'= {
        }
        &'nanobot;config;help;set'= {
        }
        &'nanobot;config;help;unset'= {
        }
        &'nanobot;config;help;list'= {
        }
        &'nanobot;config;help;show'= {
        }
        &'nanobot;config;help;edit'= {
        }
        &'nanobot;config;help;path'= {
        }
        &'nanobot;config;help;validate'= {
        }
        &'nanobot;config;help;schema'= {
        }
        &'nanobot;config;help;help'= {
        }
        &'nanobot;store'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand status 'Say what the store holds, and what others see of the device'
            cand export-keys 'Write the room keys into a file that Element and other clients import'
            cand import-keys 'Take room keys from an exported file or from an archived store'
            cand reset 'Replace a device whose encryption is broken by a new one, and keep what can be kept'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;store;status'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;store;export-keys'= {
            cand --from 'Export from this archived store, which stays as it is'
            cand --passphrase-file 'Read the passphrase from a file'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --force 'Replace the file if it is there'
            cand --passphrase-stdin 'Read the passphrase from standard input'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;store;import-keys'= {
            cand --from 'Import from this archived store, which stays as it is'
            cand --passphrase-file 'Read the passphrase from a file'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --passphrase-stdin 'Read the passphrase from standard input'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;store;reset'= {
            cand --password-file 'Read the account''s password from a file'
            cand --recovery-key-file 'Read the account''s recovery key from a file'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --password-stdin 'Read the account''s password from standard input'
            cand --recovery-key-stdin 'Read the account''s recovery key from standard input'
            cand --reset-identity 'Replace the account''s identity where nothing restores it'
            cand --recovery 'With a new identity, set up a new recovery key too, and show it once'
            cand --save-recovery-key-keyring 'Keep the recovery key, given or new, in the system''s keyring too'
            cand --keep-old-device 'Leave the old device logged in'
            cand --force 'Reset although the device is sound'
            cand --dry-run 'Show what would be done, and change nothing'
            cand -y 'Do not ask for confirmation, nor for anything else'
            cand --yes 'Do not ask for confirmation, nor for anything else'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;store;help'= {
            cand status 'Say what the store holds, and what others see of the device'
            cand export-keys 'Write the room keys into a file that Element and other clients import'
            cand import-keys 'Take room keys from an exported file or from an archived store'
            cand reset 'Replace a device whose encryption is broken by a new one, and keep what can be kept'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;store;help;status'= {
        }
        &'nanobot;store;help;export-keys'= {
        }
        &'nanobot;store;help;import-keys'= {
        }
        &'nanobot;store;help;reset'= {
        }
        &'nanobot;store;help;help'= {
        }
        &'nanobot;agent'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand ask 'Ask the configured agent once, without Matrix'
            cand check 'Find out whether the configured agent could answer: there, authorised, its model known'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;agent;ask'= {
            cand --conversation 'The conversation to continue'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --new 'Forget first what was asked before'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;agent;check'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;agent;help'= {
            cand ask 'Ask the configured agent once, without Matrix'
            cand check 'Find out whether the configured agent could answer: there, authorised, its model known'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;agent;help;ask'= {
        }
        &'nanobot;agent;help;check'= {
        }
        &'nanobot;agent;help;help'= {
        }
        &'nanobot;doctor'= {
            cand --format 'The format of the report on standard output'
            cand --only 'Make only these checks, by id or category (repeatable, or with commas)'
            cand --skip 'Leave these checks out, by id or category (repeatable, or with commas)'
            cand --timeout 'The longest all of it may take [default: 20, with --wait 60, with --live 80]'
            cand --report 'Also write the redacted report to this file, as JSON'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand -q 'Show findings only, and nothing when all is well'
            cand --quiet 'Show findings only, and nothing when all is well'
            cand --strict 'Count warnings as failures (exit code 3)'
            cand --list 'List the checks, and make none'
            cand --offline 'Ask nobody on the network'
            cand --wait 'Try again until nothing is wrong that may pass by itself'
            cand --live 'Prove that encryption works end to end: sends and redacts a message in a room of the bot''s own'
            cand --fix 'Mend what can be mended without risk, after asking'
            cand --yes 'Mend without asking'
            cand --redact 'Replace ids, servers and paths by names that tell nothing, for pasting'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;explain'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;gateway'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;verify'= {
            cand --device 'Ask only this device of theirs'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand list 'Show the verifications in the running gateway, with their emoji'
            cand confirm 'Say that both sides show the same; waits for the other side'
            cand deny 'Say that the emoji differ, or refuse a verification that has not come to them'
            cand recovery 'With the recovery key of the bot''s account; also opens its backup of room keys'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;verify;list'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;verify;confirm'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;verify;deny'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;verify;recovery'= {
            cand --key-file 'Read the recovery key from a file'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --key-stdin 'Read the recovery key from standard input'
            cand --save-key-keyring 'Keep the recovery key in the system''s keyring, where this command and `store reset` find it'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;verify;help'= {
            cand list 'Show the verifications in the running gateway, with their emoji'
            cand confirm 'Say that both sides show the same; waits for the other side'
            cand deny 'Say that the emoji differ, or refuse a verification that has not come to them'
            cand recovery 'With the recovery key of the bot''s account; also opens its backup of room keys'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;verify;help;list'= {
        }
        &'nanobot;verify;help;confirm'= {
        }
        &'nanobot;verify;help;deny'= {
        }
        &'nanobot;verify;help;recovery'= {
        }
        &'nanobot;verify;help;help'= {
        }
        &'nanobot;completions'= {
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more on standard error; twice for everything'
            cand --verbose 'Log more on standard error; twice for everything'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;help'= {
            cand setup 'Set the bot up from nothing: login, who may talk to it, recovery, check, a first message'
            cand login 'Log the bot in and give it an encrypted device of its own'
            cand logout 'End the bot''s session on the homeserver and set its encryption store aside'
            cand config 'Read, change and check the configuration'
            cand store 'Look at the encryption store, export and import room keys, replace a broken device'
            cand agent 'Ask the agent that answers, without Matrix, and check that it could'
            cand doctor 'Find out what is wrong with the bot, and what mends it'
            cand explain 'Explain a check of the doctor: what it means and what mends it'
            cand gateway 'Run the bot until it is stopped'
            cand verify 'Have the bot verified, by comparing emoji or with its recovery key'
            cand completions 'Print a script that completes nanobot''s command line in a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;help;setup'= {
        }
        &'nanobot;help;login'= {
        }
        &'nanobot;help;logout'= {
        }
        &'nanobot;help;config'= {
            cand get 'Print the value of a key that is in effect'
            cand set 'Change the value of a key in the file'
            cand unset 'Remove a key from the file'
            cand list 'Show every key: value, type, default, and where the value comes from'
            cand show 'Print the file without its secrets'
            cand edit 'Open the file in an editor, and save it only when it is valid'
            cand path 'Print where the file is'
            cand validate 'Tell every fault and warning of the file at once'
            cand schema 'Print the JSON Schema of the file, for editors'
        }
        &'nanobot;help;config;get'= {
        }
        &'nanobot;help;config;set'= {
        }
        &'nanobot;help;config;unset'= {
        }
        &'nanobot;help;config;list'= {
        }
        &'nanobot;help;config;show'= {
        }
        &'nanobot;help;config;edit'= {
        }
        &'nanobot;help;config;path'= {
        }
        &'nanobot;help;config;validate'= {
        }
        &'nanobot;help;config;schema'= {
        }
        &'nanobot;help;store'= {
            cand status 'Say what the store holds, and what others see of the device'
            cand export-keys 'Write the room keys into a file that Element and other clients import'
            cand import-keys 'Take room keys from an exported file or from an archived store'
            cand reset 'Replace a device whose encryption is broken by a new one, and keep what can be kept'
        }
        &'nanobot;help;store;status'= {
        }
        &'nanobot;help;store;export-keys'= {
        }
        &'nanobot;help;store;import-keys'= {
        }
        &'nanobot;help;store;reset'= {
        }
        &'nanobot;help;agent'= {
            cand ask 'Ask the configured agent once, without Matrix'
            cand check 'Find out whether the configured agent could answer: there, authorised, its model known'
        }
        &'nanobot;help;agent;ask'= {
        }
        &'nanobot;help;agent;check'= {
        }
        &'nanobot;help;doctor'= {
        }
        &'nanobot;help;explain'= {
        }
        &'nanobot;help;gateway'= {
        }
        &'nanobot;help;verify'= {
            cand list 'Show the verifications in the running gateway, with their emoji'
            cand confirm 'Say that both sides show the same; waits for the other side'
            cand deny 'Say that the emoji differ, or refuse a verification that has not come to them'
            cand recovery 'With the recovery key of the bot''s account; also opens its backup of room keys'
        }
        &'nanobot;help;verify;list'= {
        }
        &'nanobot;help;verify;confirm'= {
        }
        &'nanobot;help;verify;deny'= {
        }
        &'nanobot;help;verify;recovery'= {
        }
        &'nanobot;help;completions'= {
        }
        &'nanobot;help;help'= {
        }
    ]
    $completions[$command]
}
