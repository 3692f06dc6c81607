# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_nanobot_global_optspecs
    string join \n config= json v/verbose h/help V/version
end

function __fish_nanobot_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_nanobot_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_nanobot_using_subcommand
    set -l cmd (__fish_nanobot_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c nanobot -n "__fish_nanobot_needs_command" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_needs_command" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_needs_command" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c nanobot -n "__fish_nanobot_needs_command" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_needs_command" -f -a "setup" -d 'Set the bot up from nothing: login, who may talk to it, recovery, check, a first message'
complete -c nanobot -n "__fish_nanobot_needs_command" -f -a "login" -d 'Log the bot in and give it an encrypted device of its own'
complete -c nanobot -n "__fish_nanobot_needs_command" -f -a "logout" -d 'End the bot\'s session on the homeserver and set its encryption store aside'
complete -c nanobot -n "__fish_nanobot_needs_command" -f -a "config" -d 'Read, change and check the configuration'
complete -c nanobot -n "__fish_nanobot_needs_command" -f -a "store" -d 'Look at the encryption store, export and import room keys, replace a broken device'
complete -c nanobot -n "__fish_nanobot_needs_command" -f -a "agent" -d 'Ask the agent that answers, without Matrix, and check that it could'
complete -c nanobot -n "__fish_nanobot_needs_command" -f -a "doctor" -d 'Find out what is wrong with the bot, and what mends it'
complete -c nanobot -n "__fish_nanobot_needs_command" -f -a "explain" -d 'Explain a check of the doctor: what it means and what mends it'
complete -c nanobot -n "__fish_nanobot_needs_command" -f -a "gateway" -d 'Run the bot until it is stopped'
complete -c nanobot -n "__fish_nanobot_needs_command" -f -a "verify" -d 'Have the bot verified, by comparing emoji or with its recovery key'
complete -c nanobot -n "__fish_nanobot_needs_command" -f -a "completions" -d 'Print a script that completes nanobot\'s command line in a shell'
complete -c nanobot -n "__fish_nanobot_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l homeserver -d 'The homeserver: a URL, or a server name to discover it from' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l user -d 'The bot\'s user id, or only the part before the colon' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l password-file -d 'Read the password from a file' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l device-name -d 'The name of the bot\'s device, as others see it [default: nanobot]' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l allow-from -d 'Someone who may talk to the bot; "*" for everyone (repeatable)' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l token-store -d 'Where to keep the access token [default: file, or what the configuration says]' -r -f -a "file\t'In the configuration, which only its owner can read'
keyring\t'In the system\'s keyring, or fail'
auto\t'In the keyring where it works and outlives a restart, else in the configuration'"
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l recovery-key-file -d 'Have the new device verified with the recovery key that this file holds' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l save-recovery-key -d 'Write the recovery key into this new file too, which only you can read' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l sender-trust -d 'How far a sender\'s device must be trusted [default: any, or what the configuration says]' -r -f -a "any\t'Any device'
signed\t'A device that the sender has verified'
verified\t'Such a device of someone whom the bot has verified'"
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l agent -d 'Who answers what is written to the bot [default: echo, or what the configuration says]' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l password-stdin -d 'Read the password from standard input'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l token-stdin -d 'Take an access token from standard input instead of logging in'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l recovery-key-stdin -d 'Have the new device verified with the recovery key on standard input'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l recovery-key-keyring -d 'Have the new device verified with the recovery key in the system\'s keyring'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l recovery -d 'Set up recovery, and show the recovery key once'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l save-recovery-key-keyring -d 'Keep the recovery key in the system\'s keyring too'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l no-input -d 'Never ask; fail where something is missing'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l allow-http -d 'Allow plain HTTP to a homeserver on another machine; everything then travels in the clear'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l no-recovery -d 'Set up no recovery key'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l no-greeting -d 'Invite and greet nobody'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c nanobot -n "__fish_nanobot_using_subcommand setup" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l homeserver -d 'The homeserver: a URL, or a server name to discover it from' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l user -d 'The bot\'s user id, or only the part before the colon' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l password-file -d 'Read the password from a file' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l device-name -d 'The name of the bot\'s device, as others see it [default: nanobot]' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l allow-from -d 'Someone who may talk to the bot; "*" for everyone (repeatable)' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l token-store -d 'Where to keep the access token [default: file, or what the configuration says]' -r -f -a "file\t'In the configuration, which only its owner can read'
keyring\t'In the system\'s keyring, or fail'
auto\t'In the keyring where it works and outlives a restart, else in the configuration'"
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l recovery-key-file -d 'Have the new device verified with the recovery key that this file holds' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l save-recovery-key -d 'Write the recovery key into this new file too, which only you can read' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l password-stdin -d 'Read the password from standard input'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l token-stdin -d 'Take an access token from standard input instead of logging in'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l recovery-key-stdin -d 'Have the new device verified with the recovery key on standard input'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l recovery-key-keyring -d 'Have the new device verified with the recovery key in the system\'s keyring'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l recovery -d 'Set up recovery, and show the recovery key once'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l save-recovery-key-keyring -d 'Keep the recovery key in the system\'s keyring too'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l no-input -d 'Never ask; fail where something is missing'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l allow-http -d 'Allow plain HTTP to a homeserver on another machine; everything then travels in the clear'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l reset-identity -d 'Replace the account\'s identity by a new one; needs the password'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l yes -d 'Do not ask for the user id to be typed before --reset-identity'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l status -d 'Say who the bot is logged in as, and whether that still holds; changes nothing'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c nanobot -n "__fish_nanobot_using_subcommand login" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand logout" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand logout" -l keep-store -d 'Leave the encryption store where it is'
complete -c nanobot -n "__fish_nanobot_using_subcommand logout" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand logout" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand logout" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand logout" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -f -a "get" -d 'Print the value of a key that is in effect'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -f -a "set" -d 'Change the value of a key in the file'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -f -a "unset" -d 'Remove a key from the file'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -f -a "list" -d 'Show every key: value, type, default, and where the value comes from'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -f -a "show" -d 'Print the file without its secrets'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -f -a "edit" -d 'Open the file in an editor, and save it only when it is valid'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -f -a "path" -d 'Print where the file is'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -f -a "validate" -d 'Tell every fault and warning of the file at once'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -f -a "schema" -d 'Print the JSON Schema of the file, for editors'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and not __fish_seen_subcommand_from get set unset list show edit path validate schema help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from get" -l default -d 'Print this where the key has no value' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from get" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from get" -l reveal -d 'Print secrets as they are'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from get" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from get" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from set" -l add -d 'Add an entry to a list (repeatable)' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from set" -l remove -d 'Remove an entry from a list (repeatable)' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from set" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from set" -l stdin -d 'Read the value from standard input'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from set" -l text -d 'Take the value as text even if it looks like a number, a list or an object'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from set" -l allow-unknown -d 'Write a key that nobody is known to read'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from set" -l dry-run -d 'Show what would change, and change nothing'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from set" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from set" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from unset" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from unset" -l dry-run -d 'Show what would change, and change nothing'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from unset" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from unset" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from unset" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from unset" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from list" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from show" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from edit" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from edit" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from edit" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from edit" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from edit" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from path" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from path" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from path" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from path" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from validate" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from validate" -l strict -d 'Exit with 3 when there are warnings'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from validate" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from validate" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from validate" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from validate" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from schema" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from schema" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from schema" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from schema" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from schema" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "get" -d 'Print the value of a key that is in effect'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "set" -d 'Change the value of a key in the file'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "unset" -d 'Remove a key from the file'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show every key: value, type, default, and where the value comes from'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print the file without its secrets'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "edit" -d 'Open the file in an editor, and save it only when it is valid'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "path" -d 'Print where the file is'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "validate" -d 'Tell every fault and warning of the file at once'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "schema" -d 'Print the JSON Schema of the file, for editors'
complete -c nanobot -n "__fish_nanobot_using_subcommand config; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and not __fish_seen_subcommand_from status export-keys import-keys reset help" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and not __fish_seen_subcommand_from status export-keys import-keys reset help" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and not __fish_seen_subcommand_from status export-keys import-keys reset help" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and not __fish_seen_subcommand_from status export-keys import-keys reset help" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and not __fish_seen_subcommand_from status export-keys import-keys reset help" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and not __fish_seen_subcommand_from status export-keys import-keys reset help" -f -a "status" -d 'Say what the store holds, and what others see of the device'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and not __fish_seen_subcommand_from status export-keys import-keys reset help" -f -a "export-keys" -d 'Write the room keys into a file that Element and other clients import'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and not __fish_seen_subcommand_from status export-keys import-keys reset help" -f -a "import-keys" -d 'Take room keys from an exported file or from an archived store'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and not __fish_seen_subcommand_from status export-keys import-keys reset help" -f -a "reset" -d 'Replace a device whose encryption is broken by a new one, and keep what can be kept'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and not __fish_seen_subcommand_from status export-keys import-keys reset help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from status" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from status" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from status" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from status" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from status" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from export-keys" -l from -d 'Export from this archived store, which stays as it is' -r -f -a "(__fish_complete_directories)"
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from export-keys" -l passphrase-file -d 'Read the passphrase from a file' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from export-keys" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from export-keys" -l force -d 'Replace the file if it is there'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from export-keys" -l passphrase-stdin -d 'Read the passphrase from standard input'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from export-keys" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from export-keys" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from export-keys" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from export-keys" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from import-keys" -l from -d 'Import from this archived store, which stays as it is' -r -f -a "(__fish_complete_directories)"
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from import-keys" -l passphrase-file -d 'Read the passphrase from a file' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from import-keys" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from import-keys" -l passphrase-stdin -d 'Read the passphrase from standard input'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from import-keys" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from import-keys" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from import-keys" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from import-keys" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -l password-file -d 'Read the account\'s password from a file' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -l recovery-key-file -d 'Read the account\'s recovery key from a file' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -l password-stdin -d 'Read the account\'s password from standard input'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -l recovery-key-stdin -d 'Read the account\'s recovery key from standard input'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -l reset-identity -d 'Replace the account\'s identity where nothing restores it'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -l recovery -d 'With a new identity, set up a new recovery key too, and show it once'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -l save-recovery-key-keyring -d 'Keep the recovery key, given or new, in the system\'s keyring too'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -l keep-old-device -d 'Leave the old device logged in'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -l force -d 'Reset although the device is sound'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -l dry-run -d 'Show what would be done, and change nothing'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -s y -l yes -d 'Do not ask for confirmation, nor for anything else'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from reset" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "status" -d 'Say what the store holds, and what others see of the device'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "export-keys" -d 'Write the room keys into a file that Element and other clients import'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "import-keys" -d 'Take room keys from an exported file or from an archived store'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "reset" -d 'Replace a device whose encryption is broken by a new one, and keep what can be kept'
complete -c nanobot -n "__fish_nanobot_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and not __fish_seen_subcommand_from ask check help" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and not __fish_seen_subcommand_from ask check help" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and not __fish_seen_subcommand_from ask check help" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and not __fish_seen_subcommand_from ask check help" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and not __fish_seen_subcommand_from ask check help" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and not __fish_seen_subcommand_from ask check help" -f -a "ask" -d 'Ask the configured agent once, without Matrix'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and not __fish_seen_subcommand_from ask check help" -f -a "check" -d 'Find out whether the configured agent could answer: there, authorised, its model known'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and not __fish_seen_subcommand_from ask check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from ask" -l conversation -d 'The conversation to continue' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from ask" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from ask" -l new -d 'Forget first what was asked before'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from ask" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from ask" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from ask" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from ask" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from check" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from check" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from check" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from help" -f -a "ask" -d 'Ask the configured agent once, without Matrix'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from help" -f -a "check" -d 'Find out whether the configured agent could answer: there, authorised, its model known'
complete -c nanobot -n "__fish_nanobot_using_subcommand agent; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l format -d 'The format of the report on standard output' -r -f -a "text\t'For a person'
json\t'One JSON document'
junit\t'JUnit XML'
github\t'Annotations of GitHub Actions'"
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l only -d 'Make only these checks, by id or category (repeatable, or with commas)' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l skip -d 'Leave these checks out, by id or category (repeatable, or with commas)' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l timeout -d 'The longest all of it may take [default: 20, with --wait 60, with --live 80]' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l report -d 'Also write the redacted report to this file, as JSON' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -s q -l quiet -d 'Show findings only, and nothing when all is well'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l strict -d 'Count warnings as failures (exit code 3)'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l list -d 'List the checks, and make none'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l offline -d 'Ask nobody on the network'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l wait -d 'Try again until nothing is wrong that may pass by itself'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l live -d 'Prove that encryption works end to end: sends and redacts a message in a room of the bot\'s own'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l fix -d 'Mend what can be mended without risk, after asking'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l yes -d 'Mend without asking'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l redact -d 'Replace ids, servers and paths by names that tell nothing, for pasting'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c nanobot -n "__fish_nanobot_using_subcommand doctor" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand explain" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand explain" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand explain" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand explain" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand explain" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand gateway" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand gateway" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand gateway" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand gateway" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand gateway" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and not __fish_seen_subcommand_from list confirm deny recovery help" -l device -d 'Ask only this device of theirs' -r
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and not __fish_seen_subcommand_from list confirm deny recovery help" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and not __fish_seen_subcommand_from list confirm deny recovery help" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and not __fish_seen_subcommand_from list confirm deny recovery help" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and not __fish_seen_subcommand_from list confirm deny recovery help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and not __fish_seen_subcommand_from list confirm deny recovery help" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and not __fish_seen_subcommand_from list confirm deny recovery help" -a "list" -d 'Show the verifications in the running gateway, with their emoji'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and not __fish_seen_subcommand_from list confirm deny recovery help" -a "confirm" -d 'Say that both sides show the same; waits for the other side'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and not __fish_seen_subcommand_from list confirm deny recovery help" -a "deny" -d 'Say that the emoji differ, or refuse a verification that has not come to them'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and not __fish_seen_subcommand_from list confirm deny recovery help" -a "recovery" -d 'With the recovery key of the bot\'s account; also opens its backup of room keys'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and not __fish_seen_subcommand_from list confirm deny recovery help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from list" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from list" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from confirm" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from confirm" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from confirm" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from confirm" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from confirm" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from deny" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from deny" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from deny" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from deny" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from deny" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from recovery" -l key-file -d 'Read the recovery key from a file' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from recovery" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from recovery" -l key-stdin -d 'Read the recovery key from standard input'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from recovery" -l save-key-keyring -d 'Keep the recovery key in the system\'s keyring, where this command and `store reset` find it'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from recovery" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from recovery" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from recovery" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from recovery" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from help" -f -a "list" -d 'Show the verifications in the running gateway, with their emoji'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from help" -f -a "confirm" -d 'Say that both sides show the same; waits for the other side'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from help" -f -a "deny" -d 'Say that the emoji differ, or refuse a verification that has not come to them'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from help" -f -a "recovery" -d 'With the recovery key of the bot\'s account; also opens its backup of room keys'
complete -c nanobot -n "__fish_nanobot_using_subcommand verify; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c nanobot -n "__fish_nanobot_using_subcommand completions" -l config -d 'The configuration file [default: ~/.nanobot/config.json]' -r -F
complete -c nanobot -n "__fish_nanobot_using_subcommand completions" -l json -d 'Print one JSON document instead of text'
complete -c nanobot -n "__fish_nanobot_using_subcommand completions" -s v -l verbose -d 'Log more on standard error; twice for everything'
complete -c nanobot -n "__fish_nanobot_using_subcommand completions" -s h -l help -d 'Print help'
complete -c nanobot -n "__fish_nanobot_using_subcommand completions" -s V -l version -d 'Print version'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and not __fish_seen_subcommand_from setup login logout config store agent doctor explain gateway verify completions help" -f -a "setup" -d 'Set the bot up from nothing: login, who may talk to it, recovery, check, a first message'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and not __fish_seen_subcommand_from setup login logout config store agent doctor explain gateway verify completions help" -f -a "login" -d 'Log the bot in and give it an encrypted device of its own'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and not __fish_seen_subcommand_from setup login logout config store agent doctor explain gateway verify completions help" -f -a "logout" -d 'End the bot\'s session on the homeserver and set its encryption store aside'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and not __fish_seen_subcommand_from setup login logout config store agent doctor explain gateway verify completions help" -f -a "config" -d 'Read, change and check the configuration'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and not __fish_seen_subcommand_from setup login logout config store agent doctor explain gateway verify completions help" -f -a "store" -d 'Look at the encryption store, export and import room keys, replace a broken device'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and not __fish_seen_subcommand_from setup login logout config store agent doctor explain gateway verify completions help" -f -a "agent" -d 'Ask the agent that answers, without Matrix, and check that it could'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and not __fish_seen_subcommand_from setup login logout config store agent doctor explain gateway verify completions help" -f -a "doctor" -d 'Find out what is wrong with the bot, and what mends it'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and not __fish_seen_subcommand_from setup login logout config store agent doctor explain gateway verify completions help" -f -a "explain" -d 'Explain a check of the doctor: what it means and what mends it'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and not __fish_seen_subcommand_from setup login logout config store agent doctor explain gateway verify completions help" -f -a "gateway" -d 'Run the bot until it is stopped'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and not __fish_seen_subcommand_from setup login logout config store agent doctor explain gateway verify completions help" -f -a "verify" -d 'Have the bot verified, by comparing emoji or with its recovery key'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and not __fish_seen_subcommand_from setup login logout config store agent doctor explain gateway verify completions help" -f -a "completions" -d 'Print a script that completes nanobot\'s command line in a shell'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and not __fish_seen_subcommand_from setup login logout config store agent doctor explain gateway verify completions help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "get" -d 'Print the value of a key that is in effect'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "set" -d 'Change the value of a key in the file'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "unset" -d 'Remove a key from the file'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "list" -d 'Show every key: value, type, default, and where the value comes from'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "show" -d 'Print the file without its secrets'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "edit" -d 'Open the file in an editor, and save it only when it is valid'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "path" -d 'Print where the file is'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "validate" -d 'Tell every fault and warning of the file at once'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from config" -f -a "schema" -d 'Print the JSON Schema of the file, for editors'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "status" -d 'Say what the store holds, and what others see of the device'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "export-keys" -d 'Write the room keys into a file that Element and other clients import'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "import-keys" -d 'Take room keys from an exported file or from an archived store'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "reset" -d 'Replace a device whose encryption is broken by a new one, and keep what can be kept'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from agent" -f -a "ask" -d 'Ask the configured agent once, without Matrix'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from agent" -f -a "check" -d 'Find out whether the configured agent could answer: there, authorised, its model known'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from verify" -f -a "list" -d 'Show the verifications in the running gateway, with their emoji'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from verify" -f -a "confirm" -d 'Say that both sides show the same; waits for the other side'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from verify" -f -a "deny" -d 'Say that the emoji differ, or refuse a verification that has not come to them'
complete -c nanobot -n "__fish_nanobot_using_subcommand help; and __fish_seen_subcommand_from verify" -f -a "recovery" -d 'With the recovery key of the bot\'s account; also opens its backup of room keys'
