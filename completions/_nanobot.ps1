
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'nanobot' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'nanobot'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'nanobot' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('setup', 'setup', [CompletionResultType]::ParameterValue, 'Set the bot up from nothing: login, who may talk to it, recovery, check, a first message')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log the bot in and give it an encrypted device of its own')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'End the bot''s session on the homeserver and set its encryption store aside')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Read, change and check the configuration')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'Look at the encryption store, export and import room keys, replace a broken device')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'Ask the agent that answers, without Matrix, and check that it could')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find out what is wrong with the bot, and what mends it')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a check of the doctor: what it means and what mends it')
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'Run the bot until it is stopped')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Have the bot verified, by comparing emoji or with its recovery key')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a script that completes nanobot''s command line in a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;setup' {
            [CompletionResult]::new('--homeserver', '--homeserver', [CompletionResultType]::ParameterName, 'The homeserver: a URL, or a server name to discover it from')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The bot''s user id, or only the part before the colon')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the password from a file')
            [CompletionResult]::new('--device-name', '--device-name', [CompletionResultType]::ParameterName, 'The name of the bot''s device, as others see it [default: nanobot]')
            [CompletionResult]::new('--allow-from', '--allow-from', [CompletionResultType]::ParameterName, 'Someone who may talk to the bot; "*" for everyone (repeatable)')
            [CompletionResult]::new('--token-store', '--token-store', [CompletionResultType]::ParameterName, 'Where to keep the access token [default: file, or what the configuration says]')
            [CompletionResult]::new('--recovery-key-file', '--recovery-key-file', [CompletionResultType]::ParameterName, 'Have the new device verified with the recovery key that this file holds')
            [CompletionResult]::new('--save-recovery-key', '--save-recovery-key', [CompletionResultType]::ParameterName, 'Write the recovery key into this new file too, which only you can read')
            [CompletionResult]::new('--sender-trust', '--sender-trust', [CompletionResultType]::ParameterName, 'How far a sender''s device must be trusted [default: any, or what the configuration says]')
            [CompletionResult]::new('--agent', '--agent', [CompletionResultType]::ParameterName, 'Who answers what is written to the bot [default: echo, or what the configuration says]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the password from standard input')
            [CompletionResult]::new('--token-stdin', '--token-stdin', [CompletionResultType]::ParameterName, 'Take an access token from standard input instead of logging in')
            [CompletionResult]::new('--recovery-key-stdin', '--recovery-key-stdin', [CompletionResultType]::ParameterName, 'Have the new device verified with the recovery key on standard input')
            [CompletionResult]::new('--recovery-key-keyring', '--recovery-key-keyring', [CompletionResultType]::ParameterName, 'Have the new device verified with the recovery key in the system''s keyring')
            [CompletionResult]::new('--recovery', '--recovery', [CompletionResultType]::ParameterName, 'Set up recovery, and show the recovery key once')
            [CompletionResult]::new('--save-recovery-key-keyring', '--save-recovery-key-keyring', [CompletionResultType]::ParameterName, 'Keep the recovery key in the system''s keyring too')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where something is missing')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Allow plain HTTP to a homeserver on another machine; everything then travels in the clear')
            [CompletionResult]::new('--no-recovery', '--no-recovery', [CompletionResultType]::ParameterName, 'Set up no recovery key')
            [CompletionResult]::new('--no-greeting', '--no-greeting', [CompletionResultType]::ParameterName, 'Invite and greet nobody')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;login' {
            [CompletionResult]::new('--homeserver', '--homeserver', [CompletionResultType]::ParameterName, 'The homeserver: a URL, or a server name to discover it from')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The bot''s user id, or only the part before the colon')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the password from a file')
            [CompletionResult]::new('--device-name', '--device-name', [CompletionResultType]::ParameterName, 'The name of the bot''s device, as others see it [default: nanobot]')
            [CompletionResult]::new('--allow-from', '--allow-from', [CompletionResultType]::ParameterName, 'Someone who may talk to the bot; "*" for everyone (repeatable)')
            [CompletionResult]::new('--token-store', '--token-store', [CompletionResultType]::ParameterName, 'Where to keep the access token [default: file, or what the configuration says]')
            [CompletionResult]::new('--recovery-key-file', '--recovery-key-file', [CompletionResultType]::ParameterName, 'Have the new device verified with the recovery key that this file holds')
            [CompletionResult]::new('--save-recovery-key', '--save-recovery-key', [CompletionResultType]::ParameterName, 'Write the recovery key into this new file too, which only you can read')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the password from standard input')
            [CompletionResult]::new('--token-stdin', '--token-stdin', [CompletionResultType]::ParameterName, 'Take an access token from standard input instead of logging in')
            [CompletionResult]::new('--recovery-key-stdin', '--recovery-key-stdin', [CompletionResultType]::ParameterName, 'Have the new device verified with the recovery key on standard input')
            [CompletionResult]::new('--recovery-key-keyring', '--recovery-key-keyring', [CompletionResultType]::ParameterName, 'Have the new device verified with the recovery key in the system''s keyring')
            [CompletionResult]::new('--recovery', '--recovery', [CompletionResultType]::ParameterName, 'Set up recovery, and show the recovery key once')
            [CompletionResult]::new('--save-recovery-key-keyring', '--save-recovery-key-keyring', [CompletionResultType]::ParameterName, 'Keep the recovery key in the system''s keyring too')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail where something is missing')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Allow plain HTTP to a homeserver on another machine; everything then travels in the clear')
            [CompletionResult]::new('--reset-identity', '--reset-identity', [CompletionResultType]::ParameterName, 'Replace the account''s identity by a new one; needs the password')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for the user id to be typed before --reset-identity')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Say who the bot is logged in as, and whether that still holds; changes nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;logout' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--keep-store', '--keep-store', [CompletionResultType]::ParameterName, 'Leave the encryption store where it is')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the value of a key that is in effect')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change the value of a key in the file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Remove a key from the file')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show every key: value, type, default, and where the value comes from')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the file without its secrets')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Open the file in an editor, and save it only when it is valid')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the file is')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Tell every fault and warning of the file at once')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the file, for editors')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;config;get' {
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Print this where the key has no value')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Print secrets as they are')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;set' {
            [CompletionResult]::new('--add', '--add', [CompletionResultType]::ParameterName, 'Add an entry to a list (repeatable)')
            [CompletionResult]::new('--remove', '--remove', [CompletionResultType]::ParameterName, 'Remove an entry from a list (repeatable)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--stdin', '--stdin', [CompletionResultType]::ParameterName, 'Read the value from standard input')
            [CompletionResult]::new('--text', '--text', [CompletionResultType]::ParameterName, 'Take the value as text even if it looks like a number, a list or an object')
            [CompletionResult]::new('--allow-unknown', '--allow-unknown', [CompletionResultType]::ParameterName, 'Write a key that nobody is known to read')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;unset' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change, and change nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;list' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;show' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;edit' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;path' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;validate' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Exit with 3 when there are warnings')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;schema' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;help' {
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the value of a key that is in effect')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change the value of a key in the file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Remove a key from the file')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show every key: value, type, default, and where the value comes from')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the file without its secrets')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Open the file in an editor, and save it only when it is valid')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the file is')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Tell every fault and warning of the file at once')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the file, for editors')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;config;help;get' {
            break
        }
        'nanobot;config;help;set' {
            break
        }
        'nanobot;config;help;unset' {
            break
        }
        'nanobot;config;help;list' {
            break
        }
        'nanobot;config;help;show' {
            break
        }
        'nanobot;config;help;edit' {
            break
        }
        'nanobot;config;help;path' {
            break
        }
        'nanobot;config;help;validate' {
            break
        }
        'nanobot;config;help;schema' {
            break
        }
        'nanobot;config;help;help' {
            break
        }
        'nanobot;store' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say what the store holds, and what others see of the device')
            [CompletionResult]::new('export-keys', 'export-keys', [CompletionResultType]::ParameterValue, 'Write the room keys into a file that Element and other clients import')
            [CompletionResult]::new('import-keys', 'import-keys', [CompletionResultType]::ParameterValue, 'Take room keys from an exported file or from an archived store')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Replace a device whose encryption is broken by a new one, and keep what can be kept')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;store;status' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;store;export-keys' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Export from this archived store, which stays as it is')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase from a file')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file if it is there')
            [CompletionResult]::new('--passphrase-stdin', '--passphrase-stdin', [CompletionResultType]::ParameterName, 'Read the passphrase from standard input')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;store;import-keys' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Import from this archived store, which stays as it is')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase from a file')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--passphrase-stdin', '--passphrase-stdin', [CompletionResultType]::ParameterName, 'Read the passphrase from standard input')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;store;reset' {
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the account''s password from a file')
            [CompletionResult]::new('--recovery-key-file', '--recovery-key-file', [CompletionResultType]::ParameterName, 'Read the account''s recovery key from a file')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the account''s password from standard input')
            [CompletionResult]::new('--recovery-key-stdin', '--recovery-key-stdin', [CompletionResultType]::ParameterName, 'Read the account''s recovery key from standard input')
            [CompletionResult]::new('--reset-identity', '--reset-identity', [CompletionResultType]::ParameterName, 'Replace the account''s identity where nothing restores it')
            [CompletionResult]::new('--recovery', '--recovery', [CompletionResultType]::ParameterName, 'With a new identity, set up a new recovery key too, and show it once')
            [CompletionResult]::new('--save-recovery-key-keyring', '--save-recovery-key-keyring', [CompletionResultType]::ParameterName, 'Keep the recovery key, given or new, in the system''s keyring too')
            [CompletionResult]::new('--keep-old-device', '--keep-old-device', [CompletionResultType]::ParameterName, 'Leave the old device logged in')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Reset although the device is sound')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and change nothing')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask for confirmation, nor for anything else')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask for confirmation, nor for anything else')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;store;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say what the store holds, and what others see of the device')
            [CompletionResult]::new('export-keys', 'export-keys', [CompletionResultType]::ParameterValue, 'Write the room keys into a file that Element and other clients import')
            [CompletionResult]::new('import-keys', 'import-keys', [CompletionResultType]::ParameterValue, 'Take room keys from an exported file or from an archived store')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Replace a device whose encryption is broken by a new one, and keep what can be kept')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;store;help;status' {
            break
        }
        'nanobot;store;help;export-keys' {
            break
        }
        'nanobot;store;help;import-keys' {
            break
        }
        'nanobot;store;help;reset' {
            break
        }
        'nanobot;store;help;help' {
            break
        }
        'nanobot;agent' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('ask', 'ask', [CompletionResultType]::ParameterValue, 'Ask the configured agent once, without Matrix')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find out whether the configured agent could answer: there, authorised, its model known')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;agent;ask' {
            [CompletionResult]::new('--conversation', '--conversation', [CompletionResultType]::ParameterName, 'The conversation to continue')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--new', '--new', [CompletionResultType]::ParameterName, 'Forget first what was asked before')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;agent;check' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;agent;help' {
            [CompletionResult]::new('ask', 'ask', [CompletionResultType]::ParameterValue, 'Ask the configured agent once, without Matrix')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find out whether the configured agent could answer: there, authorised, its model known')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;agent;help;ask' {
            break
        }
        'nanobot;agent;help;check' {
            break
        }
        'nanobot;agent;help;help' {
            break
        }
        'nanobot;doctor' {
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'The format of the report on standard output')
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Make only these checks, by id or category (repeatable, or with commas)')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Leave these checks out, by id or category (repeatable, or with commas)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'The longest all of it may take [default: 20, with --wait 60, with --live 80]')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Also write the redacted report to this file, as JSON')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show findings only, and nothing when all is well')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show findings only, and nothing when all is well')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings as failures (exit code 3)')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List the checks, and make none')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask nobody on the network')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Try again until nothing is wrong that may pass by itself')
            [CompletionResult]::new('--live', '--live', [CompletionResultType]::ParameterName, 'Prove that encryption works end to end: sends and redacts a message in a room of the bot''s own')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Mend what can be mended without risk, after asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Mend without asking')
            [CompletionResult]::new('--redact', '--redact', [CompletionResultType]::ParameterName, 'Replace ids, servers and paths by names that tell nothing, for pasting')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;explain' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;gateway' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;verify' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Ask only this device of theirs')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show the verifications in the running gateway, with their emoji')
            [CompletionResult]::new('confirm', 'confirm', [CompletionResultType]::ParameterValue, 'Say that both sides show the same; waits for the other side')
            [CompletionResult]::new('deny', 'deny', [CompletionResultType]::ParameterValue, 'Say that the emoji differ, or refuse a verification that has not come to them')
            [CompletionResult]::new('recovery', 'recovery', [CompletionResultType]::ParameterValue, 'With the recovery key of the bot''s account; also opens its backup of room keys')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;verify;list' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;verify;confirm' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;verify;deny' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;verify;recovery' {
            [CompletionResult]::new('--key-file', '--key-file', [CompletionResultType]::ParameterName, 'Read the recovery key from a file')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--key-stdin', '--key-stdin', [CompletionResultType]::ParameterName, 'Read the recovery key from standard input')
            [CompletionResult]::new('--save-key-keyring', '--save-key-keyring', [CompletionResultType]::ParameterName, 'Keep the recovery key in the system''s keyring, where this command and `store reset` find it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;verify;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show the verifications in the running gateway, with their emoji')
            [CompletionResult]::new('confirm', 'confirm', [CompletionResultType]::ParameterValue, 'Say that both sides show the same; waits for the other side')
            [CompletionResult]::new('deny', 'deny', [CompletionResultType]::ParameterValue, 'Say that the emoji differ, or refuse a verification that has not come to them')
            [CompletionResult]::new('recovery', 'recovery', [CompletionResultType]::ParameterValue, 'With the recovery key of the bot''s account; also opens its backup of room keys')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;verify;help;list' {
            break
        }
        'nanobot;verify;help;confirm' {
            break
        }
        'nanobot;verify;help;deny' {
            break
        }
        'nanobot;verify;help;recovery' {
            break
        }
        'nanobot;verify;help;help' {
            break
        }
        'nanobot;completions' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'The configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more on standard error; twice for everything')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;help' {
            [CompletionResult]::new('setup', 'setup', [CompletionResultType]::ParameterValue, 'Set the bot up from nothing: login, who may talk to it, recovery, check, a first message')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log the bot in and give it an encrypted device of its own')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'End the bot''s session on the homeserver and set its encryption store aside')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Read, change and check the configuration')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'Look at the encryption store, export and import room keys, replace a broken device')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'Ask the agent that answers, without Matrix, and check that it could')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Find out what is wrong with the bot, and what mends it')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a check of the doctor: what it means and what mends it')
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'Run the bot until it is stopped')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Have the bot verified, by comparing emoji or with its recovery key')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a script that completes nanobot''s command line in a shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;help;setup' {
            break
        }
        'nanobot;help;login' {
            break
        }
        'nanobot;help;logout' {
            break
        }
        'nanobot;help;config' {
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the value of a key that is in effect')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change the value of a key in the file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Remove a key from the file')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show every key: value, type, default, and where the value comes from')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the file without its secrets')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Open the file in an editor, and save it only when it is valid')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the file is')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Tell every fault and warning of the file at once')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the file, for editors')
            break
        }
        'nanobot;help;config;get' {
            break
        }
        'nanobot;help;config;set' {
            break
        }
        'nanobot;help;config;unset' {
            break
        }
        'nanobot;help;config;list' {
            break
        }
        'nanobot;help;config;show' {
            break
        }
        'nanobot;help;config;edit' {
            break
        }
        'nanobot;help;config;path' {
            break
        }
        'nanobot;help;config;validate' {
            break
        }
        'nanobot;help;config;schema' {
            break
        }
        'nanobot;help;store' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Say what the store holds, and what others see of the device')
            [CompletionResult]::new('export-keys', 'export-keys', [CompletionResultType]::ParameterValue, 'Write the room keys into a file that Element and other clients import')
            [CompletionResult]::new('import-keys', 'import-keys', [CompletionResultType]::ParameterValue, 'Take room keys from an exported file or from an archived store')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Replace a device whose encryption is broken by a new one, and keep what can be kept')
            break
        }
        'nanobot;help;store;status' {
            break
        }
        'nanobot;help;store;export-keys' {
            break
        }
        'nanobot;help;store;import-keys' {
            break
        }
        'nanobot;help;store;reset' {
            break
        }
        'nanobot;help;agent' {
            [CompletionResult]::new('ask', 'ask', [CompletionResultType]::ParameterValue, 'Ask the configured agent once, without Matrix')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Find out whether the configured agent could answer: there, authorised, its model known')
            break
        }
        'nanobot;help;agent;ask' {
            break
        }
        'nanobot;help;agent;check' {
            break
        }
        'nanobot;help;doctor' {
            break
        }
        'nanobot;help;explain' {
            break
        }
        'nanobot;help;gateway' {
            break
        }
        'nanobot;help;verify' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show the verifications in the running gateway, with their emoji')
            [CompletionResult]::new('confirm', 'confirm', [CompletionResultType]::ParameterValue, 'Say that both sides show the same; waits for the other side')
            [CompletionResult]::new('deny', 'deny', [CompletionResultType]::ParameterValue, 'Say that the emoji differ, or refuse a verification that has not come to them')
            [CompletionResult]::new('recovery', 'recovery', [CompletionResultType]::ParameterValue, 'With the recovery key of the bot''s account; also opens its backup of room keys')
            break
        }
        'nanobot;help;verify;list' {
            break
        }
        'nanobot;help;verify;confirm' {
            break
        }
        'nanobot;help;verify;deny' {
            break
        }
        'nanobot;help;verify;recovery' {
            break
        }
        'nanobot;help;completions' {
            break
        }
        'nanobot;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
