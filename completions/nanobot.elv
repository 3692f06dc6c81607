
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
            cand login 'Log the bot in and give it an encrypted device of its own'
            cand logout 'End the bot''s session on the homeserver and set its encryption store aside'
            cand gateway 'Run the bot until it is stopped'
            cand completions 'Print a script that completes nanobot''s command line in a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;login'= {
            cand --homeserver 'The homeserver: a URL, or a server name to discover it from'
            cand --user 'The bot''s user id, or only the part before the colon'
            cand --password-file 'Read the password from a file'
            cand --device-name 'The name of the bot''s device, as others see it [default: nanobot]'
            cand --allow-from 'Someone who may talk to the bot; "*" for everyone (repeatable)'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --password-stdin 'Read the password from standard input'
            cand --token-stdin 'Take an access token from standard input instead of logging in'
            cand --no-input 'Never ask; fail where something is missing'
            cand --allow-http 'Allow plain HTTP to a homeserver on another machine; everything then travels in the clear'
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
            cand login 'Log the bot in and give it an encrypted device of its own'
            cand logout 'End the bot''s session on the homeserver and set its encryption store aside'
            cand gateway 'Run the bot until it is stopped'
            cand completions 'Print a script that completes nanobot''s command line in a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;help;login'= {
        }
        &'nanobot;help;logout'= {
        }
        &'nanobot;help;gateway'= {
        }
        &'nanobot;help;completions'= {
        }
        &'nanobot;help;help'= {
        }
    ]
    $completions[$command]
}
