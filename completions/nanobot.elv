
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
        &'nanobot;config;set;agent.type'= {
            cand echo 'repeats each message, to try the bot out'
            cand command 'a program of your own, run for each message'
            cand nanobot 'the Python tool, run as `nanobot serve`'
            cand openai 'a model with an OpenAI-compatible API'
            cand nats 'workers on other machines, over NATS JetStream'
        }
        &'nanobot;config;set;showReasoning'= {
            cand true 'true'
            cand false 'false'
        }
        &'nanobot;config;set;sendToolHints'= {
            cand true 'true'
            cand false 'false'
        }
        &'nanobot;config;set;sendProgress'= {
            cand true 'true'
            cand false 'false'
        }
        &'nanobot;config;set;health'= {
        }
        &'nanobot;config;set;worker'= {
        }
        &'nanobot;config;set;agent'= {
        }
        &'nanobot;config;set;tokenStore'= {
            cand file 'file'
            cand keyring 'keyring'
        }
        &'nanobot;config;set;proxy'= {
        }
        &'nanobot;config;set;undecryptableNoticeSeconds'= {
        }
        &'nanobot;config;set;reactionFailed'= {
        }
        &'nanobot;config;set;reactionWorking'= {
        }
        &'nanobot;config;set;reactionSeen'= {
        }
        &'nanobot;config;set;readReceipts'= {
            cand public 'public'
            cand private 'private'
            cand none 'none'
        }
        &'nanobot;config;set;streaming'= {
            cand true 'true'
            cand false 'false'
        }
        &'nanobot;config;set;sasVerification'= {
            cand true 'true'
            cand false 'false'
        }
        &'nanobot;config;set;syncStopGraceSeconds'= {
        }
        &'nanobot;config;set;archiveRetentionBytes'= {
        }
        &'nanobot;config;set;archiveRetentionDays'= {
        }
        &'nanobot;config;set;conversationRetentionBytes'= {
        }
        &'nanobot;config;set;conversationRetentionDays'= {
        }
        &'nanobot;config;set;mediaRetentionBytes'= {
        }
        &'nanobot;config;set;mediaRetentionDays'= {
        }
        &'nanobot;config;set;maxConcurrentMediaDownloads'= {
        }
        &'nanobot;config;set;maxMediaBytes'= {
        }
        &'nanobot;config;set;emptyRoomDays'= {
        }
        &'nanobot;config;set;greeting'= {
        }
        &'nanobot;config;set;avatar'= {
        }
        &'nanobot;config;set;displayName'= {
        }
        &'nanobot;config;set;allowPlaintextInEncryptedRooms'= {
            cand true 'true'
            cand false 'false'
        }
        &'nanobot;config;set;senderTrust'= {
            cand any 'any'
            cand signed 'signed'
            cand verified 'verified'
        }
        &'nanobot;config;set;answerReactions'= {
            cand true 'true'
            cand false 'false'
        }
        &'nanobot;config;set;followThreads'= {
            cand true 'true'
            cand false 'false'
        }
        &'nanobot;config;set;allowRoomMentions'= {
            cand true 'true'
            cand false 'false'
        }
        &'nanobot;config;set;groupAllowFrom'= {
        }
        &'nanobot;config;set;groupPolicy'= {
            cand open 'open'
            cand mention 'mention'
            cand allowlist 'allowlist'
        }
        &'nanobot;config;set;allowFrom'= {
        }
        &'nanobot;config;set;e2eeEnabled'= {
            cand true 'true'
            cand false 'false'
        }
        &'nanobot;config;set;password'= {
        }
        &'nanobot;config;set;deviceId'= {
        }
        &'nanobot;config;set;accessToken'= {
        }
        &'nanobot;config;set;userId'= {
        }
        &'nanobot;config;set;homeserver'= {
        }
        &'nanobot;config;set;enabled'= {
            cand true 'true'
            cand false 'false'
        }
        &'nanobot;verify;recovery;--recovery-key-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;service;print;--env-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;service;print;--access-token-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;service;print;--program'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;service;install;--env-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;service;install;--access-token-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;service;install;--program'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;worker;--log-format'= {
            cand text 'Lines of text'
            cand json 'One JSON object per line'
        }
        &'nanobot;gateway;--log-format'= {
            cand text 'Lines of text'
            cand json 'One JSON object per line'
        }
        &'nanobot;doctor;--report'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;doctor;--skip'= {
            cand config 'All checks of this category'
            cand config.present 'There is a configuration file'
            cand config.syntax 'The configuration file is valid JSON'
            cand config.values 'Every value is valid'
            cand config.variables 'The environment variables are set and spelled correctly'
            cand config.unknown-keys 'Every key is known'
            cand config.spelling 'Every key appears once, in its documented spelling'
            cand config.permissions 'Only its owner can read the configuration file'
            cand config.password 'The password is not left in the file'
            cand config.comments 'The Python tool can read the file too'
            cand secrets 'All checks of this category'
            cand secrets.source 'The access token comes from one place'
            cand secrets.keyring 'The keyring works'
            cand secrets.reboot 'The token survives a reboot'
            cand config.login 'The bot is logged in'
            cand config.enabled 'The Matrix channel is enabled'
            cand store 'All checks of this category'
            cand store.disk-space 'There is enough disk space'
            cand store.writable 'The bot can write its files'
            cand store.filesystem 'The store is on a local disk'
            cand store.permissions 'Only its owner can read the store'
            cand store.reset 'No reset of the store is unfinished'
            cand store.present 'The store exists'
            cand store.databases 'The store''s databases are intact'
            cand store.readable 'The store can be opened'
            cand store.size 'The store has a normal size'
            cand store.archives 'Archived stores are within their limits'
            cand store.version 'This nanobot can read the message queue'
            cand store.integrity 'The message queue is intact'
            cand store.copy 'The store is current'
            cand homeserver 'All checks of this category'
            cand homeserver.plain-http 'The connection is encrypted'
            cand homeserver.proxy 'The proxy works'
            cand homeserver.dns 'The homeserver''s host name resolves'
            cand homeserver.connect 'The homeserver accepts connections'
            cand homeserver.tls 'The homeserver''s certificate is trusted'
            cand homeserver.answers 'A homeserver answers'
            cand homeserver.account 'The homeserver answers for the bot''s account'
            cand token 'All checks of this category'
            cand token.shape 'The access token is complete'
            cand token.refresh 'The token is not a refresh token'
            cand token.short-lived 'The token does not expire within minutes'
            cand token.localpart 'The token was created for the configured user'
            cand token.soft-logout 'The session is active'
            cand token.valid 'The homeserver accepts the access token'
            cand token.guest 'The account is registered'
            cand token.user 'The token belongs to the configured user'
            cand token.device 'The token belongs to the configured device'
            cand store.account 'The store belongs to the configured device'
            cand homeserver.versions 'The homeserver supports the required Matrix version'
            cand homeserver.certificate 'The certificate does not expire soon'
            cand homeserver.well-known 'The server name leads to the configured homeserver'
            cand homeserver.software 'The homeserver''s software has no known fault'
            cand homeserver.media 'Files can be downloaded with the access token'
            cand homeserver.latency 'The homeserver answers quickly'
            cand homeserver.login-flows 'The homeserver supports password login'
            cand homeserver.upload-limit 'The homeserver accepts files as large as maxMediaBytes'
            cand clock 'All checks of this category'
            cand clock.skew 'This machine''s clock is right'
            cand device 'All checks of this category'
            cand device.exists 'The device is in the account''s session list'
            cand device.named 'The device has a name'
            cand device.siblings 'No other device of the account is in the way'
            cand e2ee 'All checks of this category'
            cand e2ee.keys-elsewhere 'The device''s private keys are in the store'
            cand e2ee.keys-replaced 'The published device keys match the store'
            cand e2ee.keys-vanished 'The homeserver still has the device keys'
            cand e2ee.published 'The device keys are published'
            cand e2ee.key-conflicts 'The homeserver accepts new one-time keys'
            cand e2ee.one-time-keys 'There are one-time keys for new conversations'
            cand e2ee.fallback-key 'There is a fallback key for when one-time keys run out'
            cand e2ee.signature 'The device has signed its own keys'
            cand e2ee.identity 'The account has a cross-signing identity'
            cand e2ee.verified 'The device is verified by its account'
            cand e2ee.recovery 'The recovery key and the key backup belong together'
            cand e2ee.disabled-rooms 'The bot can read all of its rooms'
            cand e2ee.undecryptable 'Every message could be decrypted'
            cand access 'All checks of this category'
            cand access.audience 'allowFrom and the room settings are usable'
            cand access.open 'The bot is not open to everyone by accident'
            cand access.users 'The users in allowFrom exist'
            cand access.group-rooms 'The bot may answer in at least one group room'
            cand access.room-ids 'The room IDs are complete'
            cand access.rooms 'The bot has joined the rooms in groupAllowFrom'
            cand access.invitations 'Every open invitation will be accepted'
            cand access.speak 'The bot may send messages in its rooms'
            cand access.upgraded 'The bot is in the successor of every upgraded room'
            cand agent 'All checks of this category'
            cand agent.configured 'An agent is configured'
            cand agent.reachable 'The agent can be reached'
            cand agent.authorised 'The agent accepts the API key'
            cand agent.model 'The model exists'
            cand gateway 'All checks of this category'
            cand gateway.running 'The gateway is running'
            cand gateway.version 'The gateway runs the installed version'
            cand gateway.configuration 'The gateway uses the current configuration'
            cand gateway.sync 'The gateway receives events from the homeserver'
            cand gateway.ready 'The gateway is ready'
            cand gateway.errors 'The gateway had no error recently'
            cand gateway.backlog 'No message waits for long'
            cand gateway.sending 'The homeserver accepts what the bot sends'
            cand gateway.parked 'Every message got its answer'
            cand gateway.refusals 'No message is rejected for its encryption'
            cand live 'All checks of this category'
            cand live.run 'The device could be tested'
            cand live.one-time-key 'The bot can read new conversations'
            cand live.round-trip 'A message can be sent and received'
            cand live.media 'A file can be uploaded and downloaded'
            cand doctor 'All checks of this category'
            cand doctor.complete 'Every question was answered'
        }
        &'nanobot;doctor;--only'= {
            cand config 'All checks of this category'
            cand config.present 'There is a configuration file'
            cand config.syntax 'The configuration file is valid JSON'
            cand config.values 'Every value is valid'
            cand config.variables 'The environment variables are set and spelled correctly'
            cand config.unknown-keys 'Every key is known'
            cand config.spelling 'Every key appears once, in its documented spelling'
            cand config.permissions 'Only its owner can read the configuration file'
            cand config.password 'The password is not left in the file'
            cand config.comments 'The Python tool can read the file too'
            cand secrets 'All checks of this category'
            cand secrets.source 'The access token comes from one place'
            cand secrets.keyring 'The keyring works'
            cand secrets.reboot 'The token survives a reboot'
            cand config.login 'The bot is logged in'
            cand config.enabled 'The Matrix channel is enabled'
            cand store 'All checks of this category'
            cand store.disk-space 'There is enough disk space'
            cand store.writable 'The bot can write its files'
            cand store.filesystem 'The store is on a local disk'
            cand store.permissions 'Only its owner can read the store'
            cand store.reset 'No reset of the store is unfinished'
            cand store.present 'The store exists'
            cand store.databases 'The store''s databases are intact'
            cand store.readable 'The store can be opened'
            cand store.size 'The store has a normal size'
            cand store.archives 'Archived stores are within their limits'
            cand store.version 'This nanobot can read the message queue'
            cand store.integrity 'The message queue is intact'
            cand store.copy 'The store is current'
            cand homeserver 'All checks of this category'
            cand homeserver.plain-http 'The connection is encrypted'
            cand homeserver.proxy 'The proxy works'
            cand homeserver.dns 'The homeserver''s host name resolves'
            cand homeserver.connect 'The homeserver accepts connections'
            cand homeserver.tls 'The homeserver''s certificate is trusted'
            cand homeserver.answers 'A homeserver answers'
            cand homeserver.account 'The homeserver answers for the bot''s account'
            cand token 'All checks of this category'
            cand token.shape 'The access token is complete'
            cand token.refresh 'The token is not a refresh token'
            cand token.short-lived 'The token does not expire within minutes'
            cand token.localpart 'The token was created for the configured user'
            cand token.soft-logout 'The session is active'
            cand token.valid 'The homeserver accepts the access token'
            cand token.guest 'The account is registered'
            cand token.user 'The token belongs to the configured user'
            cand token.device 'The token belongs to the configured device'
            cand store.account 'The store belongs to the configured device'
            cand homeserver.versions 'The homeserver supports the required Matrix version'
            cand homeserver.certificate 'The certificate does not expire soon'
            cand homeserver.well-known 'The server name leads to the configured homeserver'
            cand homeserver.software 'The homeserver''s software has no known fault'
            cand homeserver.media 'Files can be downloaded with the access token'
            cand homeserver.latency 'The homeserver answers quickly'
            cand homeserver.login-flows 'The homeserver supports password login'
            cand homeserver.upload-limit 'The homeserver accepts files as large as maxMediaBytes'
            cand clock 'All checks of this category'
            cand clock.skew 'This machine''s clock is right'
            cand device 'All checks of this category'
            cand device.exists 'The device is in the account''s session list'
            cand device.named 'The device has a name'
            cand device.siblings 'No other device of the account is in the way'
            cand e2ee 'All checks of this category'
            cand e2ee.keys-elsewhere 'The device''s private keys are in the store'
            cand e2ee.keys-replaced 'The published device keys match the store'
            cand e2ee.keys-vanished 'The homeserver still has the device keys'
            cand e2ee.published 'The device keys are published'
            cand e2ee.key-conflicts 'The homeserver accepts new one-time keys'
            cand e2ee.one-time-keys 'There are one-time keys for new conversations'
            cand e2ee.fallback-key 'There is a fallback key for when one-time keys run out'
            cand e2ee.signature 'The device has signed its own keys'
            cand e2ee.identity 'The account has a cross-signing identity'
            cand e2ee.verified 'The device is verified by its account'
            cand e2ee.recovery 'The recovery key and the key backup belong together'
            cand e2ee.disabled-rooms 'The bot can read all of its rooms'
            cand e2ee.undecryptable 'Every message could be decrypted'
            cand access 'All checks of this category'
            cand access.audience 'allowFrom and the room settings are usable'
            cand access.open 'The bot is not open to everyone by accident'
            cand access.users 'The users in allowFrom exist'
            cand access.group-rooms 'The bot may answer in at least one group room'
            cand access.room-ids 'The room IDs are complete'
            cand access.rooms 'The bot has joined the rooms in groupAllowFrom'
            cand access.invitations 'Every open invitation will be accepted'
            cand access.speak 'The bot may send messages in its rooms'
            cand access.upgraded 'The bot is in the successor of every upgraded room'
            cand agent 'All checks of this category'
            cand agent.configured 'An agent is configured'
            cand agent.reachable 'The agent can be reached'
            cand agent.authorised 'The agent accepts the API key'
            cand agent.model 'The model exists'
            cand gateway 'All checks of this category'
            cand gateway.running 'The gateway is running'
            cand gateway.version 'The gateway runs the installed version'
            cand gateway.configuration 'The gateway uses the current configuration'
            cand gateway.sync 'The gateway receives events from the homeserver'
            cand gateway.ready 'The gateway is ready'
            cand gateway.errors 'The gateway had no error recently'
            cand gateway.backlog 'No message waits for long'
            cand gateway.sending 'The homeserver accepts what the bot sends'
            cand gateway.parked 'Every message got its answer'
            cand gateway.refusals 'No message is rejected for its encryption'
            cand live 'All checks of this category'
            cand live.run 'The device could be tested'
            cand live.one-time-key 'The bot can read new conversations'
            cand live.round-trip 'A message can be sent and received'
            cand live.media 'A file can be uploaded and downloaded'
            cand doctor 'All checks of this category'
            cand doctor.complete 'Every question was answered'
        }
        &'nanobot;doctor;--format'= {
            cand text 'For a person'
            cand json 'One JSON document'
            cand junit 'JUnit XML'
            cand github 'Annotations of GitHub Actions'
        }
        &'nanobot;store;reset;--recovery-key-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;store;reset;--password-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;store;import-keys;--passphrase-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;store;import-keys;--from'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;store;export-keys;--passphrase-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;store;export-keys;--from'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;logout;--recovery-key-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;login;--save-recovery-key'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;login;--recovery-key-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;login;--token-store'= {
            cand file 'In the configuration, which only its owner can read'
            cand keyring 'In the system''s keyring, or fail'
            cand auto 'In the keyring where it works and outlives a restart, else in the configuration'
        }
        &'nanobot;login;--password-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;setup;--avatar'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;setup;--api-key-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;setup;--agent'= {
            cand echo 'repeats each message, to try the bot out'
            cand command 'a program of your own, run for each message'
            cand nanobot 'the Python tool, run as `nanobot serve`'
            cand openai 'a model with an OpenAI-compatible API'
            cand nats 'workers on other machines, over NATS JetStream'
        }
        &'nanobot;setup;--sender-trust'= {
            cand any 'Any device'
            cand signed 'A device verified by its owner'
            cand verified 'A device verified by its owner, whom the bot has verified'
        }
        &'nanobot;setup;--save-recovery-key'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;setup;--recovery-key-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot;setup;--token-store'= {
            cand file 'In the configuration, which only its owner can read'
            cand keyring 'In the system''s keyring, or fail'
            cand auto 'In the keyring where it works and outlives a restart, else in the configuration'
        }
        &'nanobot;setup;--password-file'= {
            edit:complete-filename $words[-1]
        }
        &'nanobot'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand setup 'Set up the bot step by step, from login to its first message'
            cand login 'Log in the bot and create its encrypted device'
            cand logout 'Log out the bot and archive its encryption store'
            cand config 'Show, change and check the configuration'
            cand store 'Inspect the encryption store, move room keys, reset the device'
            cand queue 'List unanswered messages, retry or discard those that failed'
            cand access 'Show who is answered and why, or why a message was not'
            cand agent 'Talk to the agent from the terminal, or check that it works'
            cand doctor 'Check the bot''s health and show how to fix problems'
            cand explain 'Explain a doctor check: meaning, common causes, how to fix it'
            cand gateway 'Run the bot until you stop it'
            cand worker 'Answer questions of a gateway on another machine'
            cand status 'Show whether the bot is running, what it does, and any problems'
            cand service 'Run the gateway as a service of systemd or launchd'
            cand verify 'Verify the bot with emoji or with its recovery key'
            cand completions 'Print a completion script for your shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;setup'= {
            cand --homeserver 'Homeserver URL, or a server name to discover it from'
            cand --user 'The bot''s user ID, or only the part before the colon'
            cand --password-file 'Read the password from a file'
            cand --device-name 'Name of the bot''s device, shown in its session list [default: nanobot]'
            cand --token-store 'Where to store the access token [default: file, or the configured one]'
            cand --allow-from 'Allow this user to talk to the bot; "*" allows everyone (repeatable)'
            cand --recovery-key-file 'Verify the new device with the recovery key in this file'
            cand --save-recovery-key 'Also write the new recovery key to this file, readable only by you'
            cand --sender-trust 'How far a sender''s device must be trusted [default: any, or what the configuration says]'
            cand --agent 'What generates the answers [default: echo, or what the configuration says]'
            cand --model 'Model that answers; implies --agent openai'
            cand --api-base 'Address of the model''s OpenAI-compatible API, such as http://localhost:11434/v1'
            cand --api-key-file 'Read the API key of the model from a file'
            cand --command 'Program that answers, with its arguments, as for a shell; implies --agent command'
            cand --nats-server 'Address of a NATS broker whose workers answer (repeatable); implies --agent nats'
            cand --display-name 'Display name of the bot [default: as it is]'
            cand --avatar 'Picture of the bot [default: as it is]'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --password-stdin 'Read the password from standard input'
            cand --token-stdin 'Read an access token from standard input instead of logging in'
            cand --allow-http 'Allow plain HTTP to another machine; everything is then sent unencrypted'
            cand --e2ee 'Read and answer in encrypted rooms [default: yes, or as configured]'
            cand --no-e2ee 'Ignore encrypted rooms'
            cand --recovery-key-stdin 'Verify the new device with the recovery key from standard input'
            cand --recovery-key-keyring 'Verify the new device with the recovery key in the system''s keyring'
            cand --recovery 'Set up recovery, and show the new recovery key once'
            cand --save-recovery-key-keyring 'Also store the recovery key in the system''s keyring'
            cand --no-input 'Never ask; fail if something is missing'
            cand --no-recovery 'Set up no recovery key'
            cand --no-greeting 'Invite nobody, and send no first message'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;login'= {
            cand --homeserver 'Homeserver URL, or a server name to discover it from'
            cand --user 'The bot''s user ID, or only the part before the colon'
            cand --password-file 'Read the password from a file'
            cand --device-name 'Name of the bot''s device, shown in its session list [default: nanobot]'
            cand --token-store 'Where to store the access token [default: file, or the configured one]'
            cand --allow-from 'Allow this user to talk to the bot; "*" allows everyone (repeatable)'
            cand --recovery-key-file 'Verify the new device with the recovery key in this file'
            cand --save-recovery-key 'Also write the new recovery key to this file, readable only by you'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --password-stdin 'Read the password from standard input'
            cand --token-stdin 'Read an access token from standard input instead of logging in'
            cand --allow-http 'Allow plain HTTP to another machine; everything is then sent unencrypted'
            cand --e2ee 'Read and answer in encrypted rooms [default: yes, or as configured]'
            cand --no-e2ee 'Ignore encrypted rooms'
            cand --recovery-key-stdin 'Verify the new device with the recovery key from standard input'
            cand --recovery-key-keyring 'Verify the new device with the recovery key in the system''s keyring'
            cand --recovery 'Set up recovery, and show the new recovery key once'
            cand --save-recovery-key-keyring 'Also store the recovery key in the system''s keyring'
            cand --no-input 'Never ask; fail if something is missing'
            cand --reset-identity 'Replace the account''s cross-signing identity; needs the password'
            cand -y 'Reset the identity without asking you to type the user ID'
            cand --yes 'Reset the identity without asking you to type the user ID'
            cand --status 'Show the account and whether its login is still valid; changes nothing'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;logout'= {
            cand --recovery-key-file 'Check the recovery key in this file before logging out'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --keep-store 'Leave the encryption store where it is'
            cand --recovery-key-stdin 'Check the recovery key from standard input before logging out'
            cand -y 'Do not ask, even if the cross-signing identity would be lost'
            cand --yes 'Do not ask, even if the cross-signing identity would be lost'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand get 'Print the effective value of a key'
            cand set 'Set a key in the configuration file'
            cand unset 'Remove a key from the configuration file'
            cand list 'Show every key: value, type, default, and where the value comes from'
            cand show 'Print the configuration file without its secrets'
            cand edit 'Edit the configuration file, and save it only if it is valid'
            cand path 'Print the path of the configuration file'
            cand validate 'Report all errors and warnings in the configuration file'
            cand schema 'Print the JSON Schema of the configuration file, for editors'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;config;get'= {
            cand enabled 'Whether the gateway runs the Matrix channel.'
            cand homeserver 'Base URL of the homeserver, such as https://matrix.org.'
            cand userId 'The bot''s Matrix user ID, such as @nanobot:matrix.org.'
            cand accessToken 'The access token of the bot''s own device.'
            cand deviceId 'The ID of the bot''s device, which owns the access token and the encryption keys.'
            cand password 'The account''s password; only `nanobot login` and `nanobot store reset` use it.'
            cand e2eeEnabled 'Whether the bot reads and answers in encrypted rooms.'
            cand allowFrom 'User IDs that may talk to the bot; an empty list or "*" means everyone.'
            cand groupPolicy 'Which messages in group rooms are answered: all, only mentions, or only listed rooms.'
            cand groupAllowFrom 'Room IDs and aliases of rooms in which the bot answers when groupPolicy is "allowlist".'
            cand allowRoomMentions 'Whether @room counts as a mention.'
            cand followThreads 'Whether threads that the bot takes part in need no mention with groupPolicy "mention".'
            cand answerReactions 'Whether reactions to the bot''s messages, and votes in its polls, are answered.'
            cand senderTrust 'Which devices are answered: any, signed by their owner, or of users the bot verified.'
            cand allowPlaintextInEncryptedRooms 'Whether unencrypted messages in encrypted rooms are answered; some bridges send them.'
            cand displayName 'The bot''s display name, kept so while the gateway runs.'
            cand avatar 'File with the bot''s picture, kept so while the gateway runs.'
            cand greeting 'What the bot says once in each room that it was invited to.'
            cand emptyRoomDays 'After how many days alone, or after an upgrade, the bot leaves a room; 0 means never.'
            cand maxMediaBytes 'Largest attachment in bytes, both ways; 0 blocks all media.'
            cand maxConcurrentMediaDownloads 'How many attachments are downloaded at once, not counting slow ones; 0 means 1.'
            cand mediaRetentionDays 'After how many days received files are deleted; 0 means never.'
            cand mediaRetentionBytes 'How many bytes of received files are kept; the oldest are deleted first. 0 means no limit.'
            cand conversationRetentionDays 'After how many days without a message a model''s conversation is deleted; 0 means never.'
            cand conversationRetentionBytes 'How many bytes of conversations are kept; the oldest are deleted first. 0 means no limit.'
            cand archiveRetentionDays 'After how many days an archived store is deleted if no key is only there; 0 means never.'
            cand archiveRetentionBytes 'How many bytes of archived stores are kept, but always the newest one; 0 means no limit.'
            cand syncStopGraceSeconds 'How many seconds unfinished answers may take when the gateway stops.'
            cand sasVerification 'Accept emoji verification without comparing. Unsafe: verifies an interceptor too.'
            cand streaming 'Whether an answer is shown while it is being written, as edits at most every 2 seconds.'
            cand readReceipts 'Who sees what the bot has read: everyone in the room, only its own account, or nobody.'
            cand reactionSeen 'An emoji with which the bot marks messages that it is going to answer.'
            cand reactionWorking 'An emoji with which the bot marks messages while the agent is at work on them.'
            cand reactionFailed 'An emoji with which the bot marks messages that it could not answer.'
            cand undecryptableNoticeSeconds 'After how many seconds a missing room key is reported in the room; 0 means never.'
            cand proxy 'URL of the proxy through which the homeserver is reached.'
            cand tokenStore 'Where `nanobot login` stores the access token: this file or the system''s keyring.'
            cand agent 'What generates the answers: an object with a type, such as openai, and its settings.'
            cand worker 'How `nanobot worker` reaches the message broker: an object with its servers and settings.'
            cand health 'Where health checks and metrics are answered, such as {"listen": "127.0.0.1:9464"}.'
            cand sendProgress 'Read only by the Python tool: overrides channels.sendProgress.'
            cand sendToolHints 'Read only by the Python tool: overrides channels.sendToolHints.'
            cand showReasoning 'Read only by the Python tool: overrides channels.showReasoning.'
            cand agent.type 'Kind of agent'
            cand agent.command 'Program that answers'
            cand agent.model 'Model that answers'
            cand agent.apiBase 'Base URL of the model''s API'
            cand agent.apiKey 'Key of the model''s API'
            cand agent.systemPrompt 'Instructions for the model'
            cand agent.servers 'Addresses of the message broker'
            cand --default 'Print this value if the key has none'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --reveal 'Show secrets'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;set'= {
            cand enabled 'Whether the gateway runs the Matrix channel.'
            cand homeserver 'Base URL of the homeserver, such as https://matrix.org.'
            cand userId 'The bot''s Matrix user ID, such as @nanobot:matrix.org.'
            cand accessToken 'The access token of the bot''s own device.'
            cand deviceId 'The ID of the bot''s device, which owns the access token and the encryption keys.'
            cand password 'The account''s password; only `nanobot login` and `nanobot store reset` use it.'
            cand e2eeEnabled 'Whether the bot reads and answers in encrypted rooms.'
            cand allowFrom 'User IDs that may talk to the bot; an empty list or "*" means everyone.'
            cand groupPolicy 'Which messages in group rooms are answered: all, only mentions, or only listed rooms.'
            cand groupAllowFrom 'Room IDs and aliases of rooms in which the bot answers when groupPolicy is "allowlist".'
            cand allowRoomMentions 'Whether @room counts as a mention.'
            cand followThreads 'Whether threads that the bot takes part in need no mention with groupPolicy "mention".'
            cand answerReactions 'Whether reactions to the bot''s messages, and votes in its polls, are answered.'
            cand senderTrust 'Which devices are answered: any, signed by their owner, or of users the bot verified.'
            cand allowPlaintextInEncryptedRooms 'Whether unencrypted messages in encrypted rooms are answered; some bridges send them.'
            cand displayName 'The bot''s display name, kept so while the gateway runs.'
            cand avatar 'File with the bot''s picture, kept so while the gateway runs.'
            cand greeting 'What the bot says once in each room that it was invited to.'
            cand emptyRoomDays 'After how many days alone, or after an upgrade, the bot leaves a room; 0 means never.'
            cand maxMediaBytes 'Largest attachment in bytes, both ways; 0 blocks all media.'
            cand maxConcurrentMediaDownloads 'How many attachments are downloaded at once, not counting slow ones; 0 means 1.'
            cand mediaRetentionDays 'After how many days received files are deleted; 0 means never.'
            cand mediaRetentionBytes 'How many bytes of received files are kept; the oldest are deleted first. 0 means no limit.'
            cand conversationRetentionDays 'After how many days without a message a model''s conversation is deleted; 0 means never.'
            cand conversationRetentionBytes 'How many bytes of conversations are kept; the oldest are deleted first. 0 means no limit.'
            cand archiveRetentionDays 'After how many days an archived store is deleted if no key is only there; 0 means never.'
            cand archiveRetentionBytes 'How many bytes of archived stores are kept, but always the newest one; 0 means no limit.'
            cand syncStopGraceSeconds 'How many seconds unfinished answers may take when the gateway stops.'
            cand sasVerification 'Accept emoji verification without comparing. Unsafe: verifies an interceptor too.'
            cand streaming 'Whether an answer is shown while it is being written, as edits at most every 2 seconds.'
            cand readReceipts 'Who sees what the bot has read: everyone in the room, only its own account, or nobody.'
            cand reactionSeen 'An emoji with which the bot marks messages that it is going to answer.'
            cand reactionWorking 'An emoji with which the bot marks messages while the agent is at work on them.'
            cand reactionFailed 'An emoji with which the bot marks messages that it could not answer.'
            cand undecryptableNoticeSeconds 'After how many seconds a missing room key is reported in the room; 0 means never.'
            cand proxy 'URL of the proxy through which the homeserver is reached.'
            cand tokenStore 'Where `nanobot login` stores the access token: this file or the system''s keyring.'
            cand agent 'What generates the answers: an object with a type, such as openai, and its settings.'
            cand worker 'How `nanobot worker` reaches the message broker: an object with its servers and settings.'
            cand health 'Where health checks and metrics are answered, such as {"listen": "127.0.0.1:9464"}.'
            cand sendProgress 'Read only by the Python tool: overrides channels.sendProgress.'
            cand sendToolHints 'Read only by the Python tool: overrides channels.sendToolHints.'
            cand showReasoning 'Read only by the Python tool: overrides channels.showReasoning.'
            cand agent.type 'Kind of agent'
            cand agent.command 'Program that answers'
            cand agent.model 'Model that answers'
            cand agent.apiBase 'Base URL of the model''s API'
            cand agent.apiKey 'Key of the model''s API'
            cand agent.systemPrompt 'Instructions for the model'
            cand agent.servers 'Addresses of the message broker'
            cand --add 'Add an entry to a list (repeatable)'
            cand --remove 'Remove an entry from a list (repeatable)'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --stdin 'Read the value from standard input'
            cand --text 'Store the value as a string even if it looks like a number, list or object'
            cand --allow-unknown 'Set the key even if it is unknown'
            cand --dry-run 'Show what would change without changing it'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;unset'= {
            cand enabled 'Whether the gateway runs the Matrix channel.'
            cand homeserver 'Base URL of the homeserver, such as https://matrix.org.'
            cand userId 'The bot''s Matrix user ID, such as @nanobot:matrix.org.'
            cand accessToken 'The access token of the bot''s own device.'
            cand deviceId 'The ID of the bot''s device, which owns the access token and the encryption keys.'
            cand password 'The account''s password; only `nanobot login` and `nanobot store reset` use it.'
            cand e2eeEnabled 'Whether the bot reads and answers in encrypted rooms.'
            cand allowFrom 'User IDs that may talk to the bot; an empty list or "*" means everyone.'
            cand groupPolicy 'Which messages in group rooms are answered: all, only mentions, or only listed rooms.'
            cand groupAllowFrom 'Room IDs and aliases of rooms in which the bot answers when groupPolicy is "allowlist".'
            cand allowRoomMentions 'Whether @room counts as a mention.'
            cand followThreads 'Whether threads that the bot takes part in need no mention with groupPolicy "mention".'
            cand answerReactions 'Whether reactions to the bot''s messages, and votes in its polls, are answered.'
            cand senderTrust 'Which devices are answered: any, signed by their owner, or of users the bot verified.'
            cand allowPlaintextInEncryptedRooms 'Whether unencrypted messages in encrypted rooms are answered; some bridges send them.'
            cand displayName 'The bot''s display name, kept so while the gateway runs.'
            cand avatar 'File with the bot''s picture, kept so while the gateway runs.'
            cand greeting 'What the bot says once in each room that it was invited to.'
            cand emptyRoomDays 'After how many days alone, or after an upgrade, the bot leaves a room; 0 means never.'
            cand maxMediaBytes 'Largest attachment in bytes, both ways; 0 blocks all media.'
            cand maxConcurrentMediaDownloads 'How many attachments are downloaded at once, not counting slow ones; 0 means 1.'
            cand mediaRetentionDays 'After how many days received files are deleted; 0 means never.'
            cand mediaRetentionBytes 'How many bytes of received files are kept; the oldest are deleted first. 0 means no limit.'
            cand conversationRetentionDays 'After how many days without a message a model''s conversation is deleted; 0 means never.'
            cand conversationRetentionBytes 'How many bytes of conversations are kept; the oldest are deleted first. 0 means no limit.'
            cand archiveRetentionDays 'After how many days an archived store is deleted if no key is only there; 0 means never.'
            cand archiveRetentionBytes 'How many bytes of archived stores are kept, but always the newest one; 0 means no limit.'
            cand syncStopGraceSeconds 'How many seconds unfinished answers may take when the gateway stops.'
            cand sasVerification 'Accept emoji verification without comparing. Unsafe: verifies an interceptor too.'
            cand streaming 'Whether an answer is shown while it is being written, as edits at most every 2 seconds.'
            cand readReceipts 'Who sees what the bot has read: everyone in the room, only its own account, or nobody.'
            cand reactionSeen 'An emoji with which the bot marks messages that it is going to answer.'
            cand reactionWorking 'An emoji with which the bot marks messages while the agent is at work on them.'
            cand reactionFailed 'An emoji with which the bot marks messages that it could not answer.'
            cand undecryptableNoticeSeconds 'After how many seconds a missing room key is reported in the room; 0 means never.'
            cand proxy 'URL of the proxy through which the homeserver is reached.'
            cand tokenStore 'Where `nanobot login` stores the access token: this file or the system''s keyring.'
            cand agent 'What generates the answers: an object with a type, such as openai, and its settings.'
            cand worker 'How `nanobot worker` reaches the message broker: an object with its servers and settings.'
            cand health 'Where health checks and metrics are answered, such as {"listen": "127.0.0.1:9464"}.'
            cand sendProgress 'Read only by the Python tool: overrides channels.sendProgress.'
            cand sendToolHints 'Read only by the Python tool: overrides channels.sendToolHints.'
            cand showReasoning 'Read only by the Python tool: overrides channels.showReasoning.'
            cand agent.type 'Kind of agent'
            cand agent.command 'Program that answers'
            cand agent.model 'Model that answers'
            cand agent.apiBase 'Base URL of the model''s API'
            cand agent.apiKey 'Key of the model''s API'
            cand agent.systemPrompt 'Instructions for the model'
            cand agent.servers 'Addresses of the message broker'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --dry-run 'Show what would change without changing it'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;list'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --set 'Show only keys that differ from their default, one per line'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;show'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;edit'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;path'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;validate'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --strict 'Exit with code 3 if there are warnings'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;schema'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;config;help'= {
            cand get 'Print the effective value of a key'
            cand set 'Set a key in the configuration file'
            cand unset 'Remove a key from the configuration file'
            cand list 'Show every key: value, type, default, and where the value comes from'
            cand show 'Print the configuration file without its secrets'
            cand edit 'Edit the configuration file, and save it only if it is valid'
            cand path 'Print the path of the configuration file'
            cand validate 'Report all errors and warnings in the configuration file'
            cand schema 'Print the JSON Schema of the configuration file, for editors'
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
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand status 'Show the state of the store, and what others see of the device'
            cand export-keys 'Export the room keys to a file for Element and other clients'
            cand import-keys 'Import room keys from an exported file or an archived store'
            cand reset 'Replace a broken device with a new one, and keep what can be kept'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;store;status'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;store;export-keys'= {
            edit:complete-filename $words[-1]
            cand --from 'Export from this archived store, which is not changed'
            cand --passphrase-file 'Read the passphrase from a file'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --force 'Replace the file if it exists'
            cand --passphrase-stdin 'Read the passphrase from standard input'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;store;import-keys'= {
            edit:complete-filename $words[-1]
            cand --from 'Import from this archived store, which is not changed'
            cand --passphrase-file 'Read the passphrase from a file'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --passphrase-stdin 'Read the passphrase from standard input'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;store;reset'= {
            cand --password-file 'Read the account''s password from a file'
            cand --recovery-key-file 'Read the account''s recovery key from a file'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --password-stdin 'Read the account''s password from standard input'
            cand --recovery-key-stdin 'Read the account''s recovery key from standard input'
            cand --reset-identity 'Create a new cross-signing identity if nothing restores the existing one'
            cand --recovery 'With a new identity, also set up a new recovery key, and show it once'
            cand --save-recovery-key-keyring 'Also store the recovery key, given or new, in the system''s keyring'
            cand --keep-old-device 'Leave the old device logged in'
            cand --force 'Reset even if the device is healthy'
            cand --dry-run 'Show what would be done without changing anything'
            cand -y 'Ask for nothing but a missing password'
            cand --yes 'Ask for nothing but a missing password'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;store;help'= {
            cand status 'Show the state of the store, and what others see of the device'
            cand export-keys 'Export the room keys to a file for Element and other clients'
            cand import-keys 'Import room keys from an exported file or an archived store'
            cand reset 'Replace a broken device with a new one, and keep what can be kept'
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
        &'nanobot;queue'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand list 'List the messages that failed and those that wait, and why'
            cand show 'Show one message'
            cand retry 'Try failed messages again'
            cand drop 'Discard messages; they get no answer'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;queue;list'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --text 'Show the beginning of each message''s text'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;queue;show'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --text 'Show its text and the recorded answer'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;queue;retry'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --all 'All messages that failed'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;queue;drop'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --all 'All messages that failed'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;queue;help'= {
            cand list 'List the messages that failed and those that wait, and why'
            cand show 'Show one message'
            cand retry 'Try failed messages again'
            cand drop 'Discard messages; they get no answer'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;queue;help;list'= {
        }
        &'nanobot;queue;help;show'= {
        }
        &'nanobot;queue;help;retry'= {
        }
        &'nanobot;queue;help;drop'= {
        }
        &'nanobot;queue;help;help'= {
        }
        &'nanobot;access'= {
            cand --room 'Room, by its ID or an alias [default: any group room]'
            cand --why 'Show why this message, by its event ID, was or was not answered'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --mention 'The message mentions the bot'
            cand --direct 'Nobody else is in the room'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;agent'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand ask 'Ask the configured agent a question, without Matrix'
            cand check 'Check that the configured agent works: reachable, authorized, model available'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;agent;ask'= {
            cand --conversation 'Continue the conversation of this name'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --new 'Start a new conversation and forget the previous one'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;agent;check'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --ask 'If nothing else can tell, ask the model for one token, which may cost a little'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;agent;help'= {
            cand ask 'Ask the configured agent a question, without Matrix'
            cand check 'Check that the configured agent works: reachable, authorized, model available'
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
            cand --only 'Run only these checks, by ID or category (repeatable, or with commas)'
            cand --skip 'Skip these checks, by ID or category (repeatable, or with commas)'
            cand --timeout 'Time limit for all checks [default: 20, with --wait 60, with --live 80]'
            cand --report 'Also write the redacted report to this file, as JSON'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand -q 'Show problems only, and nothing when there are none'
            cand --quiet 'Show problems only, and nothing when there are none'
            cand --strict 'Count warnings as failures (exit code 3)'
            cand --list 'List the checks without running them'
            cand --offline 'Use no network'
            cand --wait 'Repeat the checks while a problem may go away by itself'
            cand --live 'Test encryption end to end: send and redact a message in a private room of the bot'
            cand --fix 'Fix what can be fixed without risk, after asking'
            cand --yes 'Fix without asking'
            cand --redact 'Replace IDs, servers and paths with pseudonyms, in the report and in the log'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;explain'= {
            cand config 'All checks of this category'
            cand config.present 'There is a configuration file'
            cand config.syntax 'The configuration file is valid JSON'
            cand config.values 'Every value is valid'
            cand config.variables 'The environment variables are set and spelled correctly'
            cand config.unknown-keys 'Every key is known'
            cand config.spelling 'Every key appears once, in its documented spelling'
            cand config.permissions 'Only its owner can read the configuration file'
            cand config.password 'The password is not left in the file'
            cand config.comments 'The Python tool can read the file too'
            cand secrets 'All checks of this category'
            cand secrets.source 'The access token comes from one place'
            cand secrets.keyring 'The keyring works'
            cand secrets.reboot 'The token survives a reboot'
            cand config.login 'The bot is logged in'
            cand config.enabled 'The Matrix channel is enabled'
            cand store 'All checks of this category'
            cand store.disk-space 'There is enough disk space'
            cand store.writable 'The bot can write its files'
            cand store.filesystem 'The store is on a local disk'
            cand store.permissions 'Only its owner can read the store'
            cand store.reset 'No reset of the store is unfinished'
            cand store.present 'The store exists'
            cand store.databases 'The store''s databases are intact'
            cand store.readable 'The store can be opened'
            cand store.size 'The store has a normal size'
            cand store.archives 'Archived stores are within their limits'
            cand store.version 'This nanobot can read the message queue'
            cand store.integrity 'The message queue is intact'
            cand store.copy 'The store is current'
            cand homeserver 'All checks of this category'
            cand homeserver.plain-http 'The connection is encrypted'
            cand homeserver.proxy 'The proxy works'
            cand homeserver.dns 'The homeserver''s host name resolves'
            cand homeserver.connect 'The homeserver accepts connections'
            cand homeserver.tls 'The homeserver''s certificate is trusted'
            cand homeserver.answers 'A homeserver answers'
            cand homeserver.account 'The homeserver answers for the bot''s account'
            cand token 'All checks of this category'
            cand token.shape 'The access token is complete'
            cand token.refresh 'The token is not a refresh token'
            cand token.short-lived 'The token does not expire within minutes'
            cand token.localpart 'The token was created for the configured user'
            cand token.soft-logout 'The session is active'
            cand token.valid 'The homeserver accepts the access token'
            cand token.guest 'The account is registered'
            cand token.user 'The token belongs to the configured user'
            cand token.device 'The token belongs to the configured device'
            cand store.account 'The store belongs to the configured device'
            cand homeserver.versions 'The homeserver supports the required Matrix version'
            cand homeserver.certificate 'The certificate does not expire soon'
            cand homeserver.well-known 'The server name leads to the configured homeserver'
            cand homeserver.software 'The homeserver''s software has no known fault'
            cand homeserver.media 'Files can be downloaded with the access token'
            cand homeserver.latency 'The homeserver answers quickly'
            cand homeserver.login-flows 'The homeserver supports password login'
            cand homeserver.upload-limit 'The homeserver accepts files as large as maxMediaBytes'
            cand clock 'All checks of this category'
            cand clock.skew 'This machine''s clock is right'
            cand device 'All checks of this category'
            cand device.exists 'The device is in the account''s session list'
            cand device.named 'The device has a name'
            cand device.siblings 'No other device of the account is in the way'
            cand e2ee 'All checks of this category'
            cand e2ee.keys-elsewhere 'The device''s private keys are in the store'
            cand e2ee.keys-replaced 'The published device keys match the store'
            cand e2ee.keys-vanished 'The homeserver still has the device keys'
            cand e2ee.published 'The device keys are published'
            cand e2ee.key-conflicts 'The homeserver accepts new one-time keys'
            cand e2ee.one-time-keys 'There are one-time keys for new conversations'
            cand e2ee.fallback-key 'There is a fallback key for when one-time keys run out'
            cand e2ee.signature 'The device has signed its own keys'
            cand e2ee.identity 'The account has a cross-signing identity'
            cand e2ee.verified 'The device is verified by its account'
            cand e2ee.recovery 'The recovery key and the key backup belong together'
            cand e2ee.disabled-rooms 'The bot can read all of its rooms'
            cand e2ee.undecryptable 'Every message could be decrypted'
            cand access 'All checks of this category'
            cand access.audience 'allowFrom and the room settings are usable'
            cand access.open 'The bot is not open to everyone by accident'
            cand access.users 'The users in allowFrom exist'
            cand access.group-rooms 'The bot may answer in at least one group room'
            cand access.room-ids 'The room IDs are complete'
            cand access.rooms 'The bot has joined the rooms in groupAllowFrom'
            cand access.invitations 'Every open invitation will be accepted'
            cand access.speak 'The bot may send messages in its rooms'
            cand access.upgraded 'The bot is in the successor of every upgraded room'
            cand agent 'All checks of this category'
            cand agent.configured 'An agent is configured'
            cand agent.reachable 'The agent can be reached'
            cand agent.authorised 'The agent accepts the API key'
            cand agent.model 'The model exists'
            cand gateway 'All checks of this category'
            cand gateway.running 'The gateway is running'
            cand gateway.version 'The gateway runs the installed version'
            cand gateway.configuration 'The gateway uses the current configuration'
            cand gateway.sync 'The gateway receives events from the homeserver'
            cand gateway.ready 'The gateway is ready'
            cand gateway.errors 'The gateway had no error recently'
            cand gateway.backlog 'No message waits for long'
            cand gateway.sending 'The homeserver accepts what the bot sends'
            cand gateway.parked 'Every message got its answer'
            cand gateway.refusals 'No message is rejected for its encryption'
            cand live 'All checks of this category'
            cand live.run 'The device could be tested'
            cand live.one-time-key 'The bot can read new conversations'
            cand live.round-trip 'A message can be sent and received'
            cand live.media 'A file can be uploaded and downloaded'
            cand doctor 'All checks of this category'
            cand doctor.complete 'Every question was answered'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;gateway'= {
            cand --log-format 'How to write the log: lines of text, or one JSON object per line'
            cand --listen 'Answer health checks and metrics over HTTP here: ADDRESS:PORT, PORT or unix:PATH'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --wait 'Wait for the homeserver if it is unreachable at the start, as services do'
            cand --check 'Check whether the bot could run, and exit'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand reload 'Apply a changed configuration without a restart'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;gateway;reload'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;gateway;help'= {
            cand reload 'Apply a changed configuration without a restart'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;gateway;help;reload'= {
        }
        &'nanobot;gateway;help;help'= {
        }
        &'nanobot;worker'= {
            cand --name 'Name of this worker in the gateway''s status [default: host name and process ID]'
            cand --grace 'How many seconds unfinished questions may take when the worker stops'
            cand --log-format 'How to write the log: lines of text, or one JSON object per line'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --print-permissions 'Print what gateway and workers may do at the broker, for its configuration, and exit'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;status'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand -w 'Keep showing it until Ctrl-C; into a pipe, one line per change'
            cand --watch 'Keep showing it until Ctrl-C; into a pipe, one line per change'
            cand --ready 'Exit with 1 unless the gateway is running and ready, as probes want it'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;service'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
            cand install 'Install the service, after checking that the gateway can start'
            cand uninstall 'Remove the service'
            cand status 'Show whether the service is installed and running'
            cand print 'Print the service''s file without installing it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;service;install'= {
            cand --name 'Name of the service; each bot needs its own'
            cand --program 'Program to run [default: this nanobot]'
            cand --access-token-file 'Pass the access token in this file to the service, as a systemd credential'
            cand --env-file 'Set the variables in this file (NAME=value) for the service'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --user 'Use this user''s service manager [default, except for root]'
            cand --system 'Use the system''s service manager [default for root]'
            cand --now 'Start the service now'
            cand --linger 'Keep it running without a login (loginctl enable-linger)'
            cand --dry-run 'Show what would be done without doing it'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;service;uninstall'= {
            cand --name 'Name of the service; each bot needs its own'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --user 'Use this user''s service manager [default, except for root]'
            cand --system 'Use the system''s service manager [default for root]'
            cand --now 'Stop the service, too'
            cand --dry-run 'Show what would be done without doing it'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;service;status'= {
            cand --name 'Name of the service; each bot needs its own'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;service;print'= {
            cand systemd 'systemd, on Linux'
            cand launchd 'launchd, on macOS'
            cand --name 'Name of the service; each bot needs its own'
            cand --program 'Program to run [default: this nanobot]'
            cand --access-token-file 'Pass the access token in this file to the service, as a systemd credential'
            cand --env-file 'Set the variables in this file (NAME=value) for the service'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --user 'Use this user''s service manager [default, except for root]'
            cand --system 'Use the system''s service manager [default for root]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;service;help'= {
            cand install 'Install the service, after checking that the gateway can start'
            cand uninstall 'Remove the service'
            cand status 'Show whether the service is installed and running'
            cand print 'Print the service''s file without installing it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;service;help;install'= {
        }
        &'nanobot;service;help;uninstall'= {
        }
        &'nanobot;service;help;status'= {
        }
        &'nanobot;service;help;print'= {
        }
        &'nanobot;service;help;help'= {
        }
        &'nanobot;verify'= {
            cand --device 'Send it only to this device'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand list 'List the verifications in the running gateway, with their emoji'
            cand confirm 'Confirm that both sides show the same, and wait for the other side'
            cand deny 'Report that the emoji differ, or cancel a verification'
            cand recovery 'Verify the device with the recovery key, and restore the key backup'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;verify;list'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;verify;confirm'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;verify;deny'= {
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;verify;recovery'= {
            cand --recovery-key-file 'Read the recovery key from a file'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --recovery-key-stdin 'Read the recovery key from standard input'
            cand --save-recovery-key-keyring 'Also store the recovery key in the system''s keyring, for this command and `store reset`'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;verify;help'= {
            cand list 'List the verifications in the running gateway, with their emoji'
            cand confirm 'Confirm that both sides show the same, and wait for the other side'
            cand deny 'Report that the emoji differ, or cancel a verification'
            cand recovery 'Verify the device with the recovery key, and restore the key backup'
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
            cand bash 'bash'
            cand elvish 'elvish'
            cand fish 'fish'
            cand powershell 'powershell'
            cand zsh 'zsh'
            cand --config 'Configuration file [default: ~/.nanobot/config.json]'
            cand --json 'Print one JSON document instead of text'
            cand -v 'Log more to standard error (-v, -vv, -vvv)'
            cand --verbose 'Log more to standard error (-v, -vv, -vvv)'
            cand -h 'Print help'
            cand --help 'Print help'
            cand -V 'Print version'
            cand --version 'Print version'
        }
        &'nanobot;help'= {
            cand setup 'Set up the bot step by step, from login to its first message'
            cand login 'Log in the bot and create its encrypted device'
            cand logout 'Log out the bot and archive its encryption store'
            cand config 'Show, change and check the configuration'
            cand store 'Inspect the encryption store, move room keys, reset the device'
            cand queue 'List unanswered messages, retry or discard those that failed'
            cand access 'Show who is answered and why, or why a message was not'
            cand agent 'Talk to the agent from the terminal, or check that it works'
            cand doctor 'Check the bot''s health and show how to fix problems'
            cand explain 'Explain a doctor check: meaning, common causes, how to fix it'
            cand gateway 'Run the bot until you stop it'
            cand worker 'Answer questions of a gateway on another machine'
            cand status 'Show whether the bot is running, what it does, and any problems'
            cand service 'Run the gateway as a service of systemd or launchd'
            cand verify 'Verify the bot with emoji or with its recovery key'
            cand completions 'Print a completion script for your shell'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'nanobot;help;setup'= {
        }
        &'nanobot;help;login'= {
        }
        &'nanobot;help;logout'= {
        }
        &'nanobot;help;config'= {
            cand get 'Print the effective value of a key'
            cand set 'Set a key in the configuration file'
            cand unset 'Remove a key from the configuration file'
            cand list 'Show every key: value, type, default, and where the value comes from'
            cand show 'Print the configuration file without its secrets'
            cand edit 'Edit the configuration file, and save it only if it is valid'
            cand path 'Print the path of the configuration file'
            cand validate 'Report all errors and warnings in the configuration file'
            cand schema 'Print the JSON Schema of the configuration file, for editors'
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
            cand status 'Show the state of the store, and what others see of the device'
            cand export-keys 'Export the room keys to a file for Element and other clients'
            cand import-keys 'Import room keys from an exported file or an archived store'
            cand reset 'Replace a broken device with a new one, and keep what can be kept'
        }
        &'nanobot;help;store;status'= {
        }
        &'nanobot;help;store;export-keys'= {
        }
        &'nanobot;help;store;import-keys'= {
        }
        &'nanobot;help;store;reset'= {
        }
        &'nanobot;help;queue'= {
            cand list 'List the messages that failed and those that wait, and why'
            cand show 'Show one message'
            cand retry 'Try failed messages again'
            cand drop 'Discard messages; they get no answer'
        }
        &'nanobot;help;queue;list'= {
        }
        &'nanobot;help;queue;show'= {
        }
        &'nanobot;help;queue;retry'= {
        }
        &'nanobot;help;queue;drop'= {
        }
        &'nanobot;help;access'= {
        }
        &'nanobot;help;agent'= {
            cand ask 'Ask the configured agent a question, without Matrix'
            cand check 'Check that the configured agent works: reachable, authorized, model available'
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
            cand reload 'Apply a changed configuration without a restart'
        }
        &'nanobot;help;gateway;reload'= {
        }
        &'nanobot;help;worker'= {
        }
        &'nanobot;help;status'= {
        }
        &'nanobot;help;service'= {
            cand install 'Install the service, after checking that the gateway can start'
            cand uninstall 'Remove the service'
            cand status 'Show whether the service is installed and running'
            cand print 'Print the service''s file without installing it'
        }
        &'nanobot;help;service;install'= {
        }
        &'nanobot;help;service;uninstall'= {
        }
        &'nanobot;help;service;status'= {
        }
        &'nanobot;help;service;print'= {
        }
        &'nanobot;help;verify'= {
            cand list 'List the verifications in the running gateway, with their emoji'
            cand confirm 'Confirm that both sides show the same, and wait for the other side'
            cand deny 'Report that the emoji differ, or cancel a verification'
            cand recovery 'Verify the device with the recovery key, and restore the key backup'
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
var after = $command';'$words[-2]
    if (has-key $completions $after) {
        set command = $after
    }
    if (has-key $completions $command) {
        $completions[$command]
    }
}
