
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
            cand gateway 'Run the bot until it is stopped'
            cand completions 'Print a script that completes nanobot''s command line in a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;login'= {
            cand --homeserver 'The homeserver: a URL, or a server name to discover it from'
            cand --user 'The bot''s user id, or only the part before the colon'
            cand --device-name 'The name of the bot''s device, as others see it'
            cand --allow-from 'Someone who may talk to the bot; "*" for everyone (repeatable)'
            cand --config 'The configuration file [default: ~/.nanobot/config.json]'
            cand --password-stdin 'Read the password from standard input'
            cand --no-input 'Never ask; fail where something is missing'
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
            cand gateway 'Run the bot until it is stopped'
            cand completions 'Print a script that completes nanobot''s command line in a shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;help;login'= {
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
