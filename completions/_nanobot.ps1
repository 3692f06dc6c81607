
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

$before = @($commandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition })
    $previous = if ($before.Count) { $before[-1].ToString() } else { '' }

    $completions = @(switch ($command) {
        'nanobot;config;set;agent.type' {
            [CompletionResult]::new('echo', 'echo', [CompletionResultType]::ParameterValue, 'repeats each message, to try the bot out')
            [CompletionResult]::new('command', 'command', [CompletionResultType]::ParameterValue, 'a program of your own, run for each message')
            [CompletionResult]::new('nanobot', 'nanobot', [CompletionResultType]::ParameterValue, 'the Python tool, run as `nanobot serve`')
            [CompletionResult]::new('openai', 'openai', [CompletionResultType]::ParameterValue, 'a model with an OpenAI-compatible API')
            [CompletionResult]::new('nats', 'nats', [CompletionResultType]::ParameterValue, 'workers on other machines, over NATS JetStream')
            break
        }
        'nanobot;config;set;showReasoning' {
            [CompletionResult]::new('true', 'true', [CompletionResultType]::ParameterValue, 'true')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'false')
            break
        }
        'nanobot;config;set;sendToolHints' {
            [CompletionResult]::new('true', 'true', [CompletionResultType]::ParameterValue, 'true')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'false')
            break
        }
        'nanobot;config;set;sendProgress' {
            [CompletionResult]::new('true', 'true', [CompletionResultType]::ParameterValue, 'true')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'false')
            break
        }
        'nanobot;config;set;health' {
            break
        }
        'nanobot;config;set;worker' {
            break
        }
        'nanobot;config;set;agent' {
            break
        }
        'nanobot;config;set;tokenStore' {
            [CompletionResult]::new('file', 'file', [CompletionResultType]::ParameterValue, 'file')
            [CompletionResult]::new('keyring', 'keyring', [CompletionResultType]::ParameterValue, 'keyring')
            break
        }
        'nanobot;config;set;proxy' {
            break
        }
        'nanobot;config;set;undecryptableNoticeSeconds' {
            break
        }
        'nanobot;config;set;reactionFailed' {
            break
        }
        'nanobot;config;set;reactionWorking' {
            break
        }
        'nanobot;config;set;reactionSeen' {
            break
        }
        'nanobot;config;set;readReceipts' {
            [CompletionResult]::new('public', 'public', [CompletionResultType]::ParameterValue, 'public')
            [CompletionResult]::new('private', 'private', [CompletionResultType]::ParameterValue, 'private')
            [CompletionResult]::new('none', 'none', [CompletionResultType]::ParameterValue, 'none')
            break
        }
        'nanobot;config;set;streaming' {
            [CompletionResult]::new('true', 'true', [CompletionResultType]::ParameterValue, 'true')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'false')
            break
        }
        'nanobot;config;set;sasVerification' {
            [CompletionResult]::new('true', 'true', [CompletionResultType]::ParameterValue, 'true')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'false')
            break
        }
        'nanobot;config;set;syncStopGraceSeconds' {
            break
        }
        'nanobot;config;set;archiveRetentionBytes' {
            break
        }
        'nanobot;config;set;archiveRetentionDays' {
            break
        }
        'nanobot;config;set;conversationRetentionBytes' {
            break
        }
        'nanobot;config;set;conversationRetentionDays' {
            break
        }
        'nanobot;config;set;mediaRetentionBytes' {
            break
        }
        'nanobot;config;set;mediaRetentionDays' {
            break
        }
        'nanobot;config;set;maxConcurrentMediaDownloads' {
            break
        }
        'nanobot;config;set;maxMediaBytes' {
            break
        }
        'nanobot;config;set;emptyRoomDays' {
            break
        }
        'nanobot;config;set;greeting' {
            break
        }
        'nanobot;config;set;avatar' {
            break
        }
        'nanobot;config;set;displayName' {
            break
        }
        'nanobot;config;set;allowPlaintextInEncryptedRooms' {
            [CompletionResult]::new('true', 'true', [CompletionResultType]::ParameterValue, 'true')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'false')
            break
        }
        'nanobot;config;set;senderTrust' {
            [CompletionResult]::new('any', 'any', [CompletionResultType]::ParameterValue, 'any')
            [CompletionResult]::new('signed', 'signed', [CompletionResultType]::ParameterValue, 'signed')
            [CompletionResult]::new('verified', 'verified', [CompletionResultType]::ParameterValue, 'verified')
            break
        }
        'nanobot;config;set;answerReactions' {
            [CompletionResult]::new('true', 'true', [CompletionResultType]::ParameterValue, 'true')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'false')
            break
        }
        'nanobot;config;set;followThreads' {
            [CompletionResult]::new('true', 'true', [CompletionResultType]::ParameterValue, 'true')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'false')
            break
        }
        'nanobot;config;set;allowRoomMentions' {
            [CompletionResult]::new('true', 'true', [CompletionResultType]::ParameterValue, 'true')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'false')
            break
        }
        'nanobot;config;set;groupAllowFrom' {
            break
        }
        'nanobot;config;set;groupPolicy' {
            [CompletionResult]::new('open', 'open', [CompletionResultType]::ParameterValue, 'open')
            [CompletionResult]::new('mention', 'mention', [CompletionResultType]::ParameterValue, 'mention')
            [CompletionResult]::new('allowlist', 'allowlist', [CompletionResultType]::ParameterValue, 'allowlist')
            break
        }
        'nanobot;config;set;allowFrom' {
            break
        }
        'nanobot;config;set;e2eeEnabled' {
            [CompletionResult]::new('true', 'true', [CompletionResultType]::ParameterValue, 'true')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'false')
            break
        }
        'nanobot;config;set;password' {
            break
        }
        'nanobot;config;set;deviceId' {
            break
        }
        'nanobot;config;set;accessToken' {
            break
        }
        'nanobot;config;set;userId' {
            break
        }
        'nanobot;config;set;homeserver' {
            break
        }
        'nanobot;config;set;enabled' {
            [CompletionResult]::new('true', 'true', [CompletionResultType]::ParameterValue, 'true')
            [CompletionResult]::new('false', 'false', [CompletionResultType]::ParameterValue, 'false')
            break
        }
        { $_ -eq 'nanobot;worker' -and $previous -eq '--log-format' } {
            [CompletionResult]::new('text', 'text', [CompletionResultType]::ParameterValue, 'Lines of text')
            [CompletionResult]::new('json', 'json', [CompletionResultType]::ParameterValue, 'One JSON object per line')
            break
        }
        { $_ -eq 'nanobot;gateway' -and $previous -eq '--log-format' } {
            [CompletionResult]::new('text', 'text', [CompletionResultType]::ParameterValue, 'Lines of text')
            [CompletionResult]::new('json', 'json', [CompletionResultType]::ParameterValue, 'One JSON object per line')
            break
        }
        { $_ -eq 'nanobot;doctor' -and $previous -eq '--skip' } {
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('config.present', 'config.present', [CompletionResultType]::ParameterValue, 'There is a configuration file')
            [CompletionResult]::new('config.syntax', 'config.syntax', [CompletionResultType]::ParameterValue, 'The configuration file is valid JSON')
            [CompletionResult]::new('config.values', 'config.values', [CompletionResultType]::ParameterValue, 'Every value is valid')
            [CompletionResult]::new('config.variables', 'config.variables', [CompletionResultType]::ParameterValue, 'The environment variables are set and spelled correctly')
            [CompletionResult]::new('config.unknown-keys', 'config.unknown-keys', [CompletionResultType]::ParameterValue, 'Every key is known')
            [CompletionResult]::new('config.spelling', 'config.spelling', [CompletionResultType]::ParameterValue, 'Every key appears once, in its documented spelling')
            [CompletionResult]::new('config.permissions', 'config.permissions', [CompletionResultType]::ParameterValue, 'Only its owner can read the configuration file')
            [CompletionResult]::new('config.password', 'config.password', [CompletionResultType]::ParameterValue, 'The password is not left in the file')
            [CompletionResult]::new('config.comments', 'config.comments', [CompletionResultType]::ParameterValue, 'The Python tool can read the file too')
            [CompletionResult]::new('secrets', 'secrets', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('secrets.source', 'secrets.source', [CompletionResultType]::ParameterValue, 'The access token comes from one place')
            [CompletionResult]::new('secrets.keyring', 'secrets.keyring', [CompletionResultType]::ParameterValue, 'The keyring works')
            [CompletionResult]::new('secrets.reboot', 'secrets.reboot', [CompletionResultType]::ParameterValue, 'The token survives a reboot')
            [CompletionResult]::new('config.login', 'config.login', [CompletionResultType]::ParameterValue, 'The bot is logged in')
            [CompletionResult]::new('config.enabled', 'config.enabled', [CompletionResultType]::ParameterValue, 'The Matrix channel is enabled')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('store.disk-space', 'store.disk-space', [CompletionResultType]::ParameterValue, 'There is enough disk space')
            [CompletionResult]::new('store.writable', 'store.writable', [CompletionResultType]::ParameterValue, 'The bot can write its files')
            [CompletionResult]::new('store.filesystem', 'store.filesystem', [CompletionResultType]::ParameterValue, 'The store is on a local disk')
            [CompletionResult]::new('store.permissions', 'store.permissions', [CompletionResultType]::ParameterValue, 'Only its owner can read the store')
            [CompletionResult]::new('store.reset', 'store.reset', [CompletionResultType]::ParameterValue, 'No reset of the store is unfinished')
            [CompletionResult]::new('store.present', 'store.present', [CompletionResultType]::ParameterValue, 'The store exists')
            [CompletionResult]::new('store.databases', 'store.databases', [CompletionResultType]::ParameterValue, 'The store''s databases are intact')
            [CompletionResult]::new('store.readable', 'store.readable', [CompletionResultType]::ParameterValue, 'The store can be opened')
            [CompletionResult]::new('store.size', 'store.size', [CompletionResultType]::ParameterValue, 'The store has a normal size')
            [CompletionResult]::new('store.archives', 'store.archives', [CompletionResultType]::ParameterValue, 'Archived stores are within their limits')
            [CompletionResult]::new('store.version', 'store.version', [CompletionResultType]::ParameterValue, 'This nanobot can read the message queue')
            [CompletionResult]::new('store.integrity', 'store.integrity', [CompletionResultType]::ParameterValue, 'The message queue is intact')
            [CompletionResult]::new('store.copy', 'store.copy', [CompletionResultType]::ParameterValue, 'The store is current')
            [CompletionResult]::new('homeserver', 'homeserver', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('homeserver.plain-http', 'homeserver.plain-http', [CompletionResultType]::ParameterValue, 'The connection is encrypted')
            [CompletionResult]::new('homeserver.proxy', 'homeserver.proxy', [CompletionResultType]::ParameterValue, 'The proxy works')
            [CompletionResult]::new('homeserver.dns', 'homeserver.dns', [CompletionResultType]::ParameterValue, 'The homeserver''s host name resolves')
            [CompletionResult]::new('homeserver.connect', 'homeserver.connect', [CompletionResultType]::ParameterValue, 'The homeserver accepts connections')
            [CompletionResult]::new('homeserver.tls', 'homeserver.tls', [CompletionResultType]::ParameterValue, 'The homeserver''s certificate is trusted')
            [CompletionResult]::new('homeserver.answers', 'homeserver.answers', [CompletionResultType]::ParameterValue, 'A homeserver answers')
            [CompletionResult]::new('homeserver.account', 'homeserver.account', [CompletionResultType]::ParameterValue, 'The homeserver answers for the bot''s account')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('token.shape', 'token.shape', [CompletionResultType]::ParameterValue, 'The access token is complete')
            [CompletionResult]::new('token.refresh', 'token.refresh', [CompletionResultType]::ParameterValue, 'The token is not a refresh token')
            [CompletionResult]::new('token.short-lived', 'token.short-lived', [CompletionResultType]::ParameterValue, 'The token does not expire within minutes')
            [CompletionResult]::new('token.localpart', 'token.localpart', [CompletionResultType]::ParameterValue, 'The token was created for the configured user')
            [CompletionResult]::new('token.soft-logout', 'token.soft-logout', [CompletionResultType]::ParameterValue, 'The session is active')
            [CompletionResult]::new('token.valid', 'token.valid', [CompletionResultType]::ParameterValue, 'The homeserver accepts the access token')
            [CompletionResult]::new('token.guest', 'token.guest', [CompletionResultType]::ParameterValue, 'The account is registered')
            [CompletionResult]::new('token.user', 'token.user', [CompletionResultType]::ParameterValue, 'The token belongs to the configured user')
            [CompletionResult]::new('token.device', 'token.device', [CompletionResultType]::ParameterValue, 'The token belongs to the configured device')
            [CompletionResult]::new('store.account', 'store.account', [CompletionResultType]::ParameterValue, 'The store belongs to the configured device')
            [CompletionResult]::new('homeserver.versions', 'homeserver.versions', [CompletionResultType]::ParameterValue, 'The homeserver supports the required Matrix version')
            [CompletionResult]::new('homeserver.certificate', 'homeserver.certificate', [CompletionResultType]::ParameterValue, 'The certificate does not expire soon')
            [CompletionResult]::new('homeserver.well-known', 'homeserver.well-known', [CompletionResultType]::ParameterValue, 'The server name leads to the configured homeserver')
            [CompletionResult]::new('homeserver.software', 'homeserver.software', [CompletionResultType]::ParameterValue, 'The homeserver''s software has no known fault')
            [CompletionResult]::new('homeserver.media', 'homeserver.media', [CompletionResultType]::ParameterValue, 'Files can be downloaded with the access token')
            [CompletionResult]::new('homeserver.latency', 'homeserver.latency', [CompletionResultType]::ParameterValue, 'The homeserver answers quickly')
            [CompletionResult]::new('homeserver.login-flows', 'homeserver.login-flows', [CompletionResultType]::ParameterValue, 'The homeserver supports password login')
            [CompletionResult]::new('homeserver.upload-limit', 'homeserver.upload-limit', [CompletionResultType]::ParameterValue, 'The homeserver accepts files as large as maxMediaBytes')
            [CompletionResult]::new('clock', 'clock', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('clock.skew', 'clock.skew', [CompletionResultType]::ParameterValue, 'This machine''s clock is right')
            [CompletionResult]::new('device', 'device', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('device.exists', 'device.exists', [CompletionResultType]::ParameterValue, 'The device is in the account''s session list')
            [CompletionResult]::new('device.named', 'device.named', [CompletionResultType]::ParameterValue, 'The device has a name')
            [CompletionResult]::new('device.siblings', 'device.siblings', [CompletionResultType]::ParameterValue, 'No other device of the account is in the way')
            [CompletionResult]::new('e2ee', 'e2ee', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('e2ee.keys-elsewhere', 'e2ee.keys-elsewhere', [CompletionResultType]::ParameterValue, 'The device''s private keys are in the store')
            [CompletionResult]::new('e2ee.keys-replaced', 'e2ee.keys-replaced', [CompletionResultType]::ParameterValue, 'The published device keys match the store')
            [CompletionResult]::new('e2ee.keys-vanished', 'e2ee.keys-vanished', [CompletionResultType]::ParameterValue, 'The homeserver still has the device keys')
            [CompletionResult]::new('e2ee.published', 'e2ee.published', [CompletionResultType]::ParameterValue, 'The device keys are published')
            [CompletionResult]::new('e2ee.key-conflicts', 'e2ee.key-conflicts', [CompletionResultType]::ParameterValue, 'The homeserver accepts new one-time keys')
            [CompletionResult]::new('e2ee.one-time-keys', 'e2ee.one-time-keys', [CompletionResultType]::ParameterValue, 'There are one-time keys for new conversations')
            [CompletionResult]::new('e2ee.fallback-key', 'e2ee.fallback-key', [CompletionResultType]::ParameterValue, 'There is a fallback key for when one-time keys run out')
            [CompletionResult]::new('e2ee.signature', 'e2ee.signature', [CompletionResultType]::ParameterValue, 'The device has signed its own keys')
            [CompletionResult]::new('e2ee.identity', 'e2ee.identity', [CompletionResultType]::ParameterValue, 'The account has a cross-signing identity')
            [CompletionResult]::new('e2ee.verified', 'e2ee.verified', [CompletionResultType]::ParameterValue, 'The device is verified by its account')
            [CompletionResult]::new('e2ee.recovery', 'e2ee.recovery', [CompletionResultType]::ParameterValue, 'The recovery key and the key backup belong together')
            [CompletionResult]::new('e2ee.disabled-rooms', 'e2ee.disabled-rooms', [CompletionResultType]::ParameterValue, 'The bot can read all of its rooms')
            [CompletionResult]::new('e2ee.undecryptable', 'e2ee.undecryptable', [CompletionResultType]::ParameterValue, 'Every message could be decrypted')
            [CompletionResult]::new('access', 'access', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('access.audience', 'access.audience', [CompletionResultType]::ParameterValue, 'allowFrom and the room settings are usable')
            [CompletionResult]::new('access.open', 'access.open', [CompletionResultType]::ParameterValue, 'The bot is not open to everyone by accident')
            [CompletionResult]::new('access.users', 'access.users', [CompletionResultType]::ParameterValue, 'The users in allowFrom exist')
            [CompletionResult]::new('access.group-rooms', 'access.group-rooms', [CompletionResultType]::ParameterValue, 'The bot may answer in at least one group room')
            [CompletionResult]::new('access.room-ids', 'access.room-ids', [CompletionResultType]::ParameterValue, 'The room IDs are complete')
            [CompletionResult]::new('access.rooms', 'access.rooms', [CompletionResultType]::ParameterValue, 'The bot has joined the rooms in groupAllowFrom')
            [CompletionResult]::new('access.invitations', 'access.invitations', [CompletionResultType]::ParameterValue, 'Every open invitation will be accepted')
            [CompletionResult]::new('access.speak', 'access.speak', [CompletionResultType]::ParameterValue, 'The bot may send messages in its rooms')
            [CompletionResult]::new('access.upgraded', 'access.upgraded', [CompletionResultType]::ParameterValue, 'The bot is in the successor of every upgraded room')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('agent.configured', 'agent.configured', [CompletionResultType]::ParameterValue, 'An agent is configured')
            [CompletionResult]::new('agent.reachable', 'agent.reachable', [CompletionResultType]::ParameterValue, 'The agent can be reached')
            [CompletionResult]::new('agent.authorised', 'agent.authorised', [CompletionResultType]::ParameterValue, 'The agent accepts the API key')
            [CompletionResult]::new('agent.model', 'agent.model', [CompletionResultType]::ParameterValue, 'The model exists')
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('gateway.running', 'gateway.running', [CompletionResultType]::ParameterValue, 'The gateway is running')
            [CompletionResult]::new('gateway.version', 'gateway.version', [CompletionResultType]::ParameterValue, 'The gateway runs the installed version')
            [CompletionResult]::new('gateway.configuration', 'gateway.configuration', [CompletionResultType]::ParameterValue, 'The gateway uses the current configuration')
            [CompletionResult]::new('gateway.sync', 'gateway.sync', [CompletionResultType]::ParameterValue, 'The gateway receives events from the homeserver')
            [CompletionResult]::new('gateway.ready', 'gateway.ready', [CompletionResultType]::ParameterValue, 'The gateway is ready')
            [CompletionResult]::new('gateway.errors', 'gateway.errors', [CompletionResultType]::ParameterValue, 'The gateway had no error recently')
            [CompletionResult]::new('gateway.backlog', 'gateway.backlog', [CompletionResultType]::ParameterValue, 'No message waits for long')
            [CompletionResult]::new('gateway.sending', 'gateway.sending', [CompletionResultType]::ParameterValue, 'The homeserver accepts what the bot sends')
            [CompletionResult]::new('gateway.parked', 'gateway.parked', [CompletionResultType]::ParameterValue, 'Every message got its answer')
            [CompletionResult]::new('gateway.refusals', 'gateway.refusals', [CompletionResultType]::ParameterValue, 'No message is rejected for its encryption')
            [CompletionResult]::new('live', 'live', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('live.run', 'live.run', [CompletionResultType]::ParameterValue, 'The device could be tested')
            [CompletionResult]::new('live.one-time-key', 'live.one-time-key', [CompletionResultType]::ParameterValue, 'The bot can read new conversations')
            [CompletionResult]::new('live.round-trip', 'live.round-trip', [CompletionResultType]::ParameterValue, 'A message can be sent and received')
            [CompletionResult]::new('live.media', 'live.media', [CompletionResultType]::ParameterValue, 'A file can be uploaded and downloaded')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('doctor.complete', 'doctor.complete', [CompletionResultType]::ParameterValue, 'Every question was answered')
            break
        }
        { $_ -eq 'nanobot;doctor' -and $previous -eq '--only' } {
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('config.present', 'config.present', [CompletionResultType]::ParameterValue, 'There is a configuration file')
            [CompletionResult]::new('config.syntax', 'config.syntax', [CompletionResultType]::ParameterValue, 'The configuration file is valid JSON')
            [CompletionResult]::new('config.values', 'config.values', [CompletionResultType]::ParameterValue, 'Every value is valid')
            [CompletionResult]::new('config.variables', 'config.variables', [CompletionResultType]::ParameterValue, 'The environment variables are set and spelled correctly')
            [CompletionResult]::new('config.unknown-keys', 'config.unknown-keys', [CompletionResultType]::ParameterValue, 'Every key is known')
            [CompletionResult]::new('config.spelling', 'config.spelling', [CompletionResultType]::ParameterValue, 'Every key appears once, in its documented spelling')
            [CompletionResult]::new('config.permissions', 'config.permissions', [CompletionResultType]::ParameterValue, 'Only its owner can read the configuration file')
            [CompletionResult]::new('config.password', 'config.password', [CompletionResultType]::ParameterValue, 'The password is not left in the file')
            [CompletionResult]::new('config.comments', 'config.comments', [CompletionResultType]::ParameterValue, 'The Python tool can read the file too')
            [CompletionResult]::new('secrets', 'secrets', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('secrets.source', 'secrets.source', [CompletionResultType]::ParameterValue, 'The access token comes from one place')
            [CompletionResult]::new('secrets.keyring', 'secrets.keyring', [CompletionResultType]::ParameterValue, 'The keyring works')
            [CompletionResult]::new('secrets.reboot', 'secrets.reboot', [CompletionResultType]::ParameterValue, 'The token survives a reboot')
            [CompletionResult]::new('config.login', 'config.login', [CompletionResultType]::ParameterValue, 'The bot is logged in')
            [CompletionResult]::new('config.enabled', 'config.enabled', [CompletionResultType]::ParameterValue, 'The Matrix channel is enabled')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('store.disk-space', 'store.disk-space', [CompletionResultType]::ParameterValue, 'There is enough disk space')
            [CompletionResult]::new('store.writable', 'store.writable', [CompletionResultType]::ParameterValue, 'The bot can write its files')
            [CompletionResult]::new('store.filesystem', 'store.filesystem', [CompletionResultType]::ParameterValue, 'The store is on a local disk')
            [CompletionResult]::new('store.permissions', 'store.permissions', [CompletionResultType]::ParameterValue, 'Only its owner can read the store')
            [CompletionResult]::new('store.reset', 'store.reset', [CompletionResultType]::ParameterValue, 'No reset of the store is unfinished')
            [CompletionResult]::new('store.present', 'store.present', [CompletionResultType]::ParameterValue, 'The store exists')
            [CompletionResult]::new('store.databases', 'store.databases', [CompletionResultType]::ParameterValue, 'The store''s databases are intact')
            [CompletionResult]::new('store.readable', 'store.readable', [CompletionResultType]::ParameterValue, 'The store can be opened')
            [CompletionResult]::new('store.size', 'store.size', [CompletionResultType]::ParameterValue, 'The store has a normal size')
            [CompletionResult]::new('store.archives', 'store.archives', [CompletionResultType]::ParameterValue, 'Archived stores are within their limits')
            [CompletionResult]::new('store.version', 'store.version', [CompletionResultType]::ParameterValue, 'This nanobot can read the message queue')
            [CompletionResult]::new('store.integrity', 'store.integrity', [CompletionResultType]::ParameterValue, 'The message queue is intact')
            [CompletionResult]::new('store.copy', 'store.copy', [CompletionResultType]::ParameterValue, 'The store is current')
            [CompletionResult]::new('homeserver', 'homeserver', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('homeserver.plain-http', 'homeserver.plain-http', [CompletionResultType]::ParameterValue, 'The connection is encrypted')
            [CompletionResult]::new('homeserver.proxy', 'homeserver.proxy', [CompletionResultType]::ParameterValue, 'The proxy works')
            [CompletionResult]::new('homeserver.dns', 'homeserver.dns', [CompletionResultType]::ParameterValue, 'The homeserver''s host name resolves')
            [CompletionResult]::new('homeserver.connect', 'homeserver.connect', [CompletionResultType]::ParameterValue, 'The homeserver accepts connections')
            [CompletionResult]::new('homeserver.tls', 'homeserver.tls', [CompletionResultType]::ParameterValue, 'The homeserver''s certificate is trusted')
            [CompletionResult]::new('homeserver.answers', 'homeserver.answers', [CompletionResultType]::ParameterValue, 'A homeserver answers')
            [CompletionResult]::new('homeserver.account', 'homeserver.account', [CompletionResultType]::ParameterValue, 'The homeserver answers for the bot''s account')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('token.shape', 'token.shape', [CompletionResultType]::ParameterValue, 'The access token is complete')
            [CompletionResult]::new('token.refresh', 'token.refresh', [CompletionResultType]::ParameterValue, 'The token is not a refresh token')
            [CompletionResult]::new('token.short-lived', 'token.short-lived', [CompletionResultType]::ParameterValue, 'The token does not expire within minutes')
            [CompletionResult]::new('token.localpart', 'token.localpart', [CompletionResultType]::ParameterValue, 'The token was created for the configured user')
            [CompletionResult]::new('token.soft-logout', 'token.soft-logout', [CompletionResultType]::ParameterValue, 'The session is active')
            [CompletionResult]::new('token.valid', 'token.valid', [CompletionResultType]::ParameterValue, 'The homeserver accepts the access token')
            [CompletionResult]::new('token.guest', 'token.guest', [CompletionResultType]::ParameterValue, 'The account is registered')
            [CompletionResult]::new('token.user', 'token.user', [CompletionResultType]::ParameterValue, 'The token belongs to the configured user')
            [CompletionResult]::new('token.device', 'token.device', [CompletionResultType]::ParameterValue, 'The token belongs to the configured device')
            [CompletionResult]::new('store.account', 'store.account', [CompletionResultType]::ParameterValue, 'The store belongs to the configured device')
            [CompletionResult]::new('homeserver.versions', 'homeserver.versions', [CompletionResultType]::ParameterValue, 'The homeserver supports the required Matrix version')
            [CompletionResult]::new('homeserver.certificate', 'homeserver.certificate', [CompletionResultType]::ParameterValue, 'The certificate does not expire soon')
            [CompletionResult]::new('homeserver.well-known', 'homeserver.well-known', [CompletionResultType]::ParameterValue, 'The server name leads to the configured homeserver')
            [CompletionResult]::new('homeserver.software', 'homeserver.software', [CompletionResultType]::ParameterValue, 'The homeserver''s software has no known fault')
            [CompletionResult]::new('homeserver.media', 'homeserver.media', [CompletionResultType]::ParameterValue, 'Files can be downloaded with the access token')
            [CompletionResult]::new('homeserver.latency', 'homeserver.latency', [CompletionResultType]::ParameterValue, 'The homeserver answers quickly')
            [CompletionResult]::new('homeserver.login-flows', 'homeserver.login-flows', [CompletionResultType]::ParameterValue, 'The homeserver supports password login')
            [CompletionResult]::new('homeserver.upload-limit', 'homeserver.upload-limit', [CompletionResultType]::ParameterValue, 'The homeserver accepts files as large as maxMediaBytes')
            [CompletionResult]::new('clock', 'clock', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('clock.skew', 'clock.skew', [CompletionResultType]::ParameterValue, 'This machine''s clock is right')
            [CompletionResult]::new('device', 'device', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('device.exists', 'device.exists', [CompletionResultType]::ParameterValue, 'The device is in the account''s session list')
            [CompletionResult]::new('device.named', 'device.named', [CompletionResultType]::ParameterValue, 'The device has a name')
            [CompletionResult]::new('device.siblings', 'device.siblings', [CompletionResultType]::ParameterValue, 'No other device of the account is in the way')
            [CompletionResult]::new('e2ee', 'e2ee', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('e2ee.keys-elsewhere', 'e2ee.keys-elsewhere', [CompletionResultType]::ParameterValue, 'The device''s private keys are in the store')
            [CompletionResult]::new('e2ee.keys-replaced', 'e2ee.keys-replaced', [CompletionResultType]::ParameterValue, 'The published device keys match the store')
            [CompletionResult]::new('e2ee.keys-vanished', 'e2ee.keys-vanished', [CompletionResultType]::ParameterValue, 'The homeserver still has the device keys')
            [CompletionResult]::new('e2ee.published', 'e2ee.published', [CompletionResultType]::ParameterValue, 'The device keys are published')
            [CompletionResult]::new('e2ee.key-conflicts', 'e2ee.key-conflicts', [CompletionResultType]::ParameterValue, 'The homeserver accepts new one-time keys')
            [CompletionResult]::new('e2ee.one-time-keys', 'e2ee.one-time-keys', [CompletionResultType]::ParameterValue, 'There are one-time keys for new conversations')
            [CompletionResult]::new('e2ee.fallback-key', 'e2ee.fallback-key', [CompletionResultType]::ParameterValue, 'There is a fallback key for when one-time keys run out')
            [CompletionResult]::new('e2ee.signature', 'e2ee.signature', [CompletionResultType]::ParameterValue, 'The device has signed its own keys')
            [CompletionResult]::new('e2ee.identity', 'e2ee.identity', [CompletionResultType]::ParameterValue, 'The account has a cross-signing identity')
            [CompletionResult]::new('e2ee.verified', 'e2ee.verified', [CompletionResultType]::ParameterValue, 'The device is verified by its account')
            [CompletionResult]::new('e2ee.recovery', 'e2ee.recovery', [CompletionResultType]::ParameterValue, 'The recovery key and the key backup belong together')
            [CompletionResult]::new('e2ee.disabled-rooms', 'e2ee.disabled-rooms', [CompletionResultType]::ParameterValue, 'The bot can read all of its rooms')
            [CompletionResult]::new('e2ee.undecryptable', 'e2ee.undecryptable', [CompletionResultType]::ParameterValue, 'Every message could be decrypted')
            [CompletionResult]::new('access', 'access', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('access.audience', 'access.audience', [CompletionResultType]::ParameterValue, 'allowFrom and the room settings are usable')
            [CompletionResult]::new('access.open', 'access.open', [CompletionResultType]::ParameterValue, 'The bot is not open to everyone by accident')
            [CompletionResult]::new('access.users', 'access.users', [CompletionResultType]::ParameterValue, 'The users in allowFrom exist')
            [CompletionResult]::new('access.group-rooms', 'access.group-rooms', [CompletionResultType]::ParameterValue, 'The bot may answer in at least one group room')
            [CompletionResult]::new('access.room-ids', 'access.room-ids', [CompletionResultType]::ParameterValue, 'The room IDs are complete')
            [CompletionResult]::new('access.rooms', 'access.rooms', [CompletionResultType]::ParameterValue, 'The bot has joined the rooms in groupAllowFrom')
            [CompletionResult]::new('access.invitations', 'access.invitations', [CompletionResultType]::ParameterValue, 'Every open invitation will be accepted')
            [CompletionResult]::new('access.speak', 'access.speak', [CompletionResultType]::ParameterValue, 'The bot may send messages in its rooms')
            [CompletionResult]::new('access.upgraded', 'access.upgraded', [CompletionResultType]::ParameterValue, 'The bot is in the successor of every upgraded room')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('agent.configured', 'agent.configured', [CompletionResultType]::ParameterValue, 'An agent is configured')
            [CompletionResult]::new('agent.reachable', 'agent.reachable', [CompletionResultType]::ParameterValue, 'The agent can be reached')
            [CompletionResult]::new('agent.authorised', 'agent.authorised', [CompletionResultType]::ParameterValue, 'The agent accepts the API key')
            [CompletionResult]::new('agent.model', 'agent.model', [CompletionResultType]::ParameterValue, 'The model exists')
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('gateway.running', 'gateway.running', [CompletionResultType]::ParameterValue, 'The gateway is running')
            [CompletionResult]::new('gateway.version', 'gateway.version', [CompletionResultType]::ParameterValue, 'The gateway runs the installed version')
            [CompletionResult]::new('gateway.configuration', 'gateway.configuration', [CompletionResultType]::ParameterValue, 'The gateway uses the current configuration')
            [CompletionResult]::new('gateway.sync', 'gateway.sync', [CompletionResultType]::ParameterValue, 'The gateway receives events from the homeserver')
            [CompletionResult]::new('gateway.ready', 'gateway.ready', [CompletionResultType]::ParameterValue, 'The gateway is ready')
            [CompletionResult]::new('gateway.errors', 'gateway.errors', [CompletionResultType]::ParameterValue, 'The gateway had no error recently')
            [CompletionResult]::new('gateway.backlog', 'gateway.backlog', [CompletionResultType]::ParameterValue, 'No message waits for long')
            [CompletionResult]::new('gateway.sending', 'gateway.sending', [CompletionResultType]::ParameterValue, 'The homeserver accepts what the bot sends')
            [CompletionResult]::new('gateway.parked', 'gateway.parked', [CompletionResultType]::ParameterValue, 'Every message got its answer')
            [CompletionResult]::new('gateway.refusals', 'gateway.refusals', [CompletionResultType]::ParameterValue, 'No message is rejected for its encryption')
            [CompletionResult]::new('live', 'live', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('live.run', 'live.run', [CompletionResultType]::ParameterValue, 'The device could be tested')
            [CompletionResult]::new('live.one-time-key', 'live.one-time-key', [CompletionResultType]::ParameterValue, 'The bot can read new conversations')
            [CompletionResult]::new('live.round-trip', 'live.round-trip', [CompletionResultType]::ParameterValue, 'A message can be sent and received')
            [CompletionResult]::new('live.media', 'live.media', [CompletionResultType]::ParameterValue, 'A file can be uploaded and downloaded')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('doctor.complete', 'doctor.complete', [CompletionResultType]::ParameterValue, 'Every question was answered')
            break
        }
        { $_ -eq 'nanobot;doctor' -and $previous -eq '--format' } {
            [CompletionResult]::new('text', 'text', [CompletionResultType]::ParameterValue, 'For a person')
            [CompletionResult]::new('json', 'json', [CompletionResultType]::ParameterValue, 'One JSON document')
            [CompletionResult]::new('junit', 'junit', [CompletionResultType]::ParameterValue, 'JUnit XML')
            [CompletionResult]::new('github', 'github', [CompletionResultType]::ParameterValue, 'Annotations of GitHub Actions')
            break
        }
        { $_ -eq 'nanobot;login' -and $previous -eq '--token-store' } {
            [CompletionResult]::new('file', 'file', [CompletionResultType]::ParameterValue, 'In the configuration, which only its owner can read')
            [CompletionResult]::new('keyring', 'keyring', [CompletionResultType]::ParameterValue, 'In the system''s keyring, or fail')
            [CompletionResult]::new('auto', 'auto', [CompletionResultType]::ParameterValue, 'In the keyring where it works and outlives a restart, else in the configuration')
            break
        }
        { $_ -eq 'nanobot;setup' -and $previous -eq '--agent' } {
            [CompletionResult]::new('echo', 'echo', [CompletionResultType]::ParameterValue, 'repeats each message, to try the bot out')
            [CompletionResult]::new('command', 'command', [CompletionResultType]::ParameterValue, 'a program of your own, run for each message')
            [CompletionResult]::new('nanobot', 'nanobot', [CompletionResultType]::ParameterValue, 'the Python tool, run as `nanobot serve`')
            [CompletionResult]::new('openai', 'openai', [CompletionResultType]::ParameterValue, 'a model with an OpenAI-compatible API')
            [CompletionResult]::new('nats', 'nats', [CompletionResultType]::ParameterValue, 'workers on other machines, over NATS JetStream')
            break
        }
        { $_ -eq 'nanobot;setup' -and $previous -eq '--sender-trust' } {
            [CompletionResult]::new('any', 'any', [CompletionResultType]::ParameterValue, 'Any device')
            [CompletionResult]::new('signed', 'signed', [CompletionResultType]::ParameterValue, 'A device verified by its owner')
            [CompletionResult]::new('verified', 'verified', [CompletionResultType]::ParameterValue, 'A device verified by its owner, whom the bot has verified')
            break
        }
        { $_ -eq 'nanobot;setup' -and $previous -eq '--token-store' } {
            [CompletionResult]::new('file', 'file', [CompletionResultType]::ParameterValue, 'In the configuration, which only its owner can read')
            [CompletionResult]::new('keyring', 'keyring', [CompletionResultType]::ParameterValue, 'In the system''s keyring, or fail')
            [CompletionResult]::new('auto', 'auto', [CompletionResultType]::ParameterValue, 'In the keyring where it works and outlives a restart, else in the configuration')
            break
        }
        'nanobot' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('setup', 'setup', [CompletionResultType]::ParameterValue, 'Set up the bot step by step, from login to its first message')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in the bot and create its encrypted device')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Log out the bot and archive its encryption store')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show, change and check the configuration')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'Inspect the encryption store, move room keys, reset the device')
            [CompletionResult]::new('queue', 'queue', [CompletionResultType]::ParameterValue, 'List unanswered messages, retry or discard those that failed')
            [CompletionResult]::new('access', 'access', [CompletionResultType]::ParameterValue, 'Show who is answered and why, or why a message was not')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'Talk to the agent from the terminal, or check that it works')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check the bot''s health and show how to fix problems')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a doctor check: meaning, common causes, how to fix it')
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'Run the bot until you stop it')
            [CompletionResult]::new('worker', 'worker', [CompletionResultType]::ParameterValue, 'Answer questions of a gateway on another machine')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether the bot is running, what it does, and any problems')
            [CompletionResult]::new('service', 'service', [CompletionResultType]::ParameterValue, 'Run the gateway as a service of systemd or launchd')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify the bot with emoji or with its recovery key')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for your shell')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;setup' {
            [CompletionResult]::new('--homeserver', '--homeserver', [CompletionResultType]::ParameterName, 'Homeserver URL, or a server name to discover it from')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The bot''s user ID, or only the part before the colon')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the password from a file')
            [CompletionResult]::new('--device-name', '--device-name', [CompletionResultType]::ParameterName, 'Name of the bot''s device, shown in its session list [default: nanobot]')
            [CompletionResult]::new('--token-store', '--token-store', [CompletionResultType]::ParameterName, 'Where to store the access token [default: file, or the configured one]')
            [CompletionResult]::new('--allow-from', '--allow-from', [CompletionResultType]::ParameterName, 'Allow this user to talk to the bot; "*" allows everyone (repeatable)')
            [CompletionResult]::new('--recovery-key-file', '--recovery-key-file', [CompletionResultType]::ParameterName, 'Verify the new device with the recovery key in this file')
            [CompletionResult]::new('--save-recovery-key', '--save-recovery-key', [CompletionResultType]::ParameterName, 'Also write the new recovery key to this file, readable only by you')
            [CompletionResult]::new('--sender-trust', '--sender-trust', [CompletionResultType]::ParameterName, 'How far a sender''s device must be trusted [default: any, or what the configuration says]')
            [CompletionResult]::new('--agent', '--agent', [CompletionResultType]::ParameterName, 'What generates the answers [default: echo, or what the configuration says]')
            [CompletionResult]::new('--model', '--model', [CompletionResultType]::ParameterName, 'Model that answers; implies --agent openai')
            [CompletionResult]::new('--api-base', '--api-base', [CompletionResultType]::ParameterName, 'Address of the model''s OpenAI-compatible API, such as http://localhost:11434/v1')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'Read the API key of the model from a file')
            [CompletionResult]::new('--command', '--command', [CompletionResultType]::ParameterName, 'Program that answers, with its arguments, as for a shell; implies --agent command')
            [CompletionResult]::new('--nats-server', '--nats-server', [CompletionResultType]::ParameterName, 'Address of a NATS broker whose workers answer (repeatable); implies --agent nats')
            [CompletionResult]::new('--display-name', '--display-name', [CompletionResultType]::ParameterName, 'Display name of the bot [default: as it is]')
            [CompletionResult]::new('--avatar', '--avatar', [CompletionResultType]::ParameterName, 'Picture of the bot [default: as it is]')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the password from standard input')
            [CompletionResult]::new('--token-stdin', '--token-stdin', [CompletionResultType]::ParameterName, 'Read an access token from standard input instead of logging in')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Allow plain HTTP to another machine; everything is then sent unencrypted')
            [CompletionResult]::new('--e2ee', '--e2ee', [CompletionResultType]::ParameterName, 'Read and answer in encrypted rooms [default: yes, or as configured]')
            [CompletionResult]::new('--no-e2ee', '--no-e2ee', [CompletionResultType]::ParameterName, 'Ignore encrypted rooms')
            [CompletionResult]::new('--recovery-key-stdin', '--recovery-key-stdin', [CompletionResultType]::ParameterName, 'Verify the new device with the recovery key from standard input')
            [CompletionResult]::new('--recovery-key-keyring', '--recovery-key-keyring', [CompletionResultType]::ParameterName, 'Verify the new device with the recovery key in the system''s keyring')
            [CompletionResult]::new('--recovery', '--recovery', [CompletionResultType]::ParameterName, 'Set up recovery, and show the new recovery key once')
            [CompletionResult]::new('--save-recovery-key-keyring', '--save-recovery-key-keyring', [CompletionResultType]::ParameterName, 'Also store the recovery key in the system''s keyring')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail if something is missing')
            [CompletionResult]::new('--no-recovery', '--no-recovery', [CompletionResultType]::ParameterName, 'Set up no recovery key')
            [CompletionResult]::new('--no-greeting', '--no-greeting', [CompletionResultType]::ParameterName, 'Invite nobody, and send no first message')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;login' {
            [CompletionResult]::new('--homeserver', '--homeserver', [CompletionResultType]::ParameterName, 'Homeserver URL, or a server name to discover it from')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'The bot''s user ID, or only the part before the colon')
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the password from a file')
            [CompletionResult]::new('--device-name', '--device-name', [CompletionResultType]::ParameterName, 'Name of the bot''s device, shown in its session list [default: nanobot]')
            [CompletionResult]::new('--token-store', '--token-store', [CompletionResultType]::ParameterName, 'Where to store the access token [default: file, or the configured one]')
            [CompletionResult]::new('--allow-from', '--allow-from', [CompletionResultType]::ParameterName, 'Allow this user to talk to the bot; "*" allows everyone (repeatable)')
            [CompletionResult]::new('--recovery-key-file', '--recovery-key-file', [CompletionResultType]::ParameterName, 'Verify the new device with the recovery key in this file')
            [CompletionResult]::new('--save-recovery-key', '--save-recovery-key', [CompletionResultType]::ParameterName, 'Also write the new recovery key to this file, readable only by you')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the password from standard input')
            [CompletionResult]::new('--token-stdin', '--token-stdin', [CompletionResultType]::ParameterName, 'Read an access token from standard input instead of logging in')
            [CompletionResult]::new('--allow-http', '--allow-http', [CompletionResultType]::ParameterName, 'Allow plain HTTP to another machine; everything is then sent unencrypted')
            [CompletionResult]::new('--e2ee', '--e2ee', [CompletionResultType]::ParameterName, 'Read and answer in encrypted rooms [default: yes, or as configured]')
            [CompletionResult]::new('--no-e2ee', '--no-e2ee', [CompletionResultType]::ParameterName, 'Ignore encrypted rooms')
            [CompletionResult]::new('--recovery-key-stdin', '--recovery-key-stdin', [CompletionResultType]::ParameterName, 'Verify the new device with the recovery key from standard input')
            [CompletionResult]::new('--recovery-key-keyring', '--recovery-key-keyring', [CompletionResultType]::ParameterName, 'Verify the new device with the recovery key in the system''s keyring')
            [CompletionResult]::new('--recovery', '--recovery', [CompletionResultType]::ParameterName, 'Set up recovery, and show the new recovery key once')
            [CompletionResult]::new('--save-recovery-key-keyring', '--save-recovery-key-keyring', [CompletionResultType]::ParameterName, 'Also store the recovery key in the system''s keyring')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask; fail if something is missing')
            [CompletionResult]::new('--reset-identity', '--reset-identity', [CompletionResultType]::ParameterName, 'Replace the account''s cross-signing identity; needs the password')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Reset the identity without asking you to type the user ID')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Reset the identity without asking you to type the user ID')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Show the account and whether its login is still valid; changes nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;logout' {
            [CompletionResult]::new('--recovery-key-file', '--recovery-key-file', [CompletionResultType]::ParameterName, 'Check the recovery key in this file before logging out')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--keep-store', '--keep-store', [CompletionResultType]::ParameterName, 'Leave the encryption store where it is')
            [CompletionResult]::new('--recovery-key-stdin', '--recovery-key-stdin', [CompletionResultType]::ParameterName, 'Check the recovery key from standard input before logging out')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask, even if the cross-signing identity would be lost')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask, even if the cross-signing identity would be lost')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the effective value of a key')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set a key in the configuration file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Remove a key from the configuration file')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show every key: value, type, default, and where the value comes from')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the configuration file without its secrets')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit the configuration file, and save it only if it is valid')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of the configuration file')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Report all errors and warnings in the configuration file')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the configuration file, for editors')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;config;get' {
            [CompletionResult]::new('enabled', 'enabled', [CompletionResultType]::ParameterValue, 'Whether the gateway runs the Matrix channel.')
            [CompletionResult]::new('homeserver', 'homeserver', [CompletionResultType]::ParameterValue, 'Base URL of the homeserver, such as https://matrix.org.')
            [CompletionResult]::new('userId', 'userId', [CompletionResultType]::ParameterValue, 'The bot''s Matrix user ID, such as @nanobot:matrix.org.')
            [CompletionResult]::new('accessToken', 'accessToken', [CompletionResultType]::ParameterValue, 'The access token of the bot''s own device.')
            [CompletionResult]::new('deviceId', 'deviceId', [CompletionResultType]::ParameterValue, 'The ID of the bot''s device, which owns the access token and the encryption keys.')
            [CompletionResult]::new('password', 'password', [CompletionResultType]::ParameterValue, 'The account''s password; only `nanobot login` and `nanobot store reset` use it.')
            [CompletionResult]::new('e2eeEnabled', 'e2eeEnabled', [CompletionResultType]::ParameterValue, 'Whether the bot reads and answers in encrypted rooms.')
            [CompletionResult]::new('allowFrom', 'allowFrom', [CompletionResultType]::ParameterValue, 'User IDs that may talk to the bot; an empty list or "*" means everyone.')
            [CompletionResult]::new('groupPolicy', 'groupPolicy', [CompletionResultType]::ParameterValue, 'Which messages in group rooms are answered: all, only mentions, or only listed rooms.')
            [CompletionResult]::new('groupAllowFrom', 'groupAllowFrom', [CompletionResultType]::ParameterValue, 'Room IDs and aliases of rooms in which the bot answers when groupPolicy is "allowlist".')
            [CompletionResult]::new('allowRoomMentions', 'allowRoomMentions', [CompletionResultType]::ParameterValue, 'Whether @room counts as a mention.')
            [CompletionResult]::new('followThreads', 'followThreads', [CompletionResultType]::ParameterValue, 'Whether threads that the bot takes part in need no mention with groupPolicy "mention".')
            [CompletionResult]::new('answerReactions', 'answerReactions', [CompletionResultType]::ParameterValue, 'Whether reactions to the bot''s messages, and votes in its polls, are answered.')
            [CompletionResult]::new('senderTrust', 'senderTrust', [CompletionResultType]::ParameterValue, 'Which devices are answered: any, signed by their owner, or of users the bot verified.')
            [CompletionResult]::new('allowPlaintextInEncryptedRooms', 'allowPlaintextInEncryptedRooms', [CompletionResultType]::ParameterValue, 'Whether unencrypted messages in encrypted rooms are answered; some bridges send them.')
            [CompletionResult]::new('displayName', 'displayName', [CompletionResultType]::ParameterValue, 'The bot''s display name, kept so while the gateway runs.')
            [CompletionResult]::new('avatar', 'avatar', [CompletionResultType]::ParameterValue, 'File with the bot''s picture, kept so while the gateway runs.')
            [CompletionResult]::new('greeting', 'greeting', [CompletionResultType]::ParameterValue, 'What the bot says once in each room that it was invited to.')
            [CompletionResult]::new('emptyRoomDays', 'emptyRoomDays', [CompletionResultType]::ParameterValue, 'After how many days alone, or after an upgrade, the bot leaves a room; 0 means never.')
            [CompletionResult]::new('maxMediaBytes', 'maxMediaBytes', [CompletionResultType]::ParameterValue, 'Largest attachment in bytes, both ways; 0 blocks all media.')
            [CompletionResult]::new('maxConcurrentMediaDownloads', 'maxConcurrentMediaDownloads', [CompletionResultType]::ParameterValue, 'How many attachments are downloaded at once, not counting slow ones; 0 means 1.')
            [CompletionResult]::new('mediaRetentionDays', 'mediaRetentionDays', [CompletionResultType]::ParameterValue, 'After how many days received files are deleted; 0 means never.')
            [CompletionResult]::new('mediaRetentionBytes', 'mediaRetentionBytes', [CompletionResultType]::ParameterValue, 'How many bytes of received files are kept; the oldest are deleted first. 0 means no limit.')
            [CompletionResult]::new('conversationRetentionDays', 'conversationRetentionDays', [CompletionResultType]::ParameterValue, 'After how many days without a message a model''s conversation is deleted; 0 means never.')
            [CompletionResult]::new('conversationRetentionBytes', 'conversationRetentionBytes', [CompletionResultType]::ParameterValue, 'How many bytes of conversations are kept; the oldest are deleted first. 0 means no limit.')
            [CompletionResult]::new('archiveRetentionDays', 'archiveRetentionDays', [CompletionResultType]::ParameterValue, 'After how many days an archived store is deleted if no key is only there; 0 means never.')
            [CompletionResult]::new('archiveRetentionBytes', 'archiveRetentionBytes', [CompletionResultType]::ParameterValue, 'How many bytes of archived stores are kept, but always the newest one; 0 means no limit.')
            [CompletionResult]::new('syncStopGraceSeconds', 'syncStopGraceSeconds', [CompletionResultType]::ParameterValue, 'How many seconds unfinished answers may take when the gateway stops.')
            [CompletionResult]::new('sasVerification', 'sasVerification', [CompletionResultType]::ParameterValue, 'Accept emoji verification without comparing. Unsafe: verifies an interceptor too.')
            [CompletionResult]::new('streaming', 'streaming', [CompletionResultType]::ParameterValue, 'Whether an answer is shown while it is being written, as edits at most every 2 seconds.')
            [CompletionResult]::new('readReceipts', 'readReceipts', [CompletionResultType]::ParameterValue, 'Who sees what the bot has read: everyone in the room, only its own account, or nobody.')
            [CompletionResult]::new('reactionSeen', 'reactionSeen', [CompletionResultType]::ParameterValue, 'An emoji with which the bot marks messages that it is going to answer.')
            [CompletionResult]::new('reactionWorking', 'reactionWorking', [CompletionResultType]::ParameterValue, 'An emoji with which the bot marks messages while the agent is at work on them.')
            [CompletionResult]::new('reactionFailed', 'reactionFailed', [CompletionResultType]::ParameterValue, 'An emoji with which the bot marks messages that it could not answer.')
            [CompletionResult]::new('undecryptableNoticeSeconds', 'undecryptableNoticeSeconds', [CompletionResultType]::ParameterValue, 'After how many seconds a missing room key is reported in the room; 0 means never.')
            [CompletionResult]::new('proxy', 'proxy', [CompletionResultType]::ParameterValue, 'URL of the proxy through which the homeserver is reached.')
            [CompletionResult]::new('tokenStore', 'tokenStore', [CompletionResultType]::ParameterValue, 'Where `nanobot login` stores the access token: this file or the system''s keyring.')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'What generates the answers: an object with a type, such as openai, and its settings.')
            [CompletionResult]::new('worker', 'worker', [CompletionResultType]::ParameterValue, 'How `nanobot worker` reaches the message broker: an object with its servers and settings.')
            [CompletionResult]::new('health', 'health', [CompletionResultType]::ParameterValue, 'Where health checks and metrics are answered, such as {"listen": "127.0.0.1:9464"}.')
            [CompletionResult]::new('sendProgress', 'sendProgress', [CompletionResultType]::ParameterValue, 'Read only by the Python tool: overrides channels.sendProgress.')
            [CompletionResult]::new('sendToolHints', 'sendToolHints', [CompletionResultType]::ParameterValue, 'Read only by the Python tool: overrides channels.sendToolHints.')
            [CompletionResult]::new('showReasoning', 'showReasoning', [CompletionResultType]::ParameterValue, 'Read only by the Python tool: overrides channels.showReasoning.')
            [CompletionResult]::new('agent.type', 'agent.type', [CompletionResultType]::ParameterValue, 'Kind of agent')
            [CompletionResult]::new('agent.command', 'agent.command', [CompletionResultType]::ParameterValue, 'Program that answers')
            [CompletionResult]::new('agent.model', 'agent.model', [CompletionResultType]::ParameterValue, 'Model that answers')
            [CompletionResult]::new('agent.apiBase', 'agent.apiBase', [CompletionResultType]::ParameterValue, 'Base URL of the model''s API')
            [CompletionResult]::new('agent.apiKey', 'agent.apiKey', [CompletionResultType]::ParameterValue, 'Key of the model''s API')
            [CompletionResult]::new('agent.systemPrompt', 'agent.systemPrompt', [CompletionResultType]::ParameterValue, 'Instructions for the model')
            [CompletionResult]::new('agent.servers', 'agent.servers', [CompletionResultType]::ParameterValue, 'Addresses of the message broker')
            [CompletionResult]::new('--default', '--default', [CompletionResultType]::ParameterName, 'Print this value if the key has none')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--reveal', '--reveal', [CompletionResultType]::ParameterName, 'Show secrets')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;set' {
            [CompletionResult]::new('enabled', 'enabled', [CompletionResultType]::ParameterValue, 'Whether the gateway runs the Matrix channel.')
            [CompletionResult]::new('homeserver', 'homeserver', [CompletionResultType]::ParameterValue, 'Base URL of the homeserver, such as https://matrix.org.')
            [CompletionResult]::new('userId', 'userId', [CompletionResultType]::ParameterValue, 'The bot''s Matrix user ID, such as @nanobot:matrix.org.')
            [CompletionResult]::new('accessToken', 'accessToken', [CompletionResultType]::ParameterValue, 'The access token of the bot''s own device.')
            [CompletionResult]::new('deviceId', 'deviceId', [CompletionResultType]::ParameterValue, 'The ID of the bot''s device, which owns the access token and the encryption keys.')
            [CompletionResult]::new('password', 'password', [CompletionResultType]::ParameterValue, 'The account''s password; only `nanobot login` and `nanobot store reset` use it.')
            [CompletionResult]::new('e2eeEnabled', 'e2eeEnabled', [CompletionResultType]::ParameterValue, 'Whether the bot reads and answers in encrypted rooms.')
            [CompletionResult]::new('allowFrom', 'allowFrom', [CompletionResultType]::ParameterValue, 'User IDs that may talk to the bot; an empty list or "*" means everyone.')
            [CompletionResult]::new('groupPolicy', 'groupPolicy', [CompletionResultType]::ParameterValue, 'Which messages in group rooms are answered: all, only mentions, or only listed rooms.')
            [CompletionResult]::new('groupAllowFrom', 'groupAllowFrom', [CompletionResultType]::ParameterValue, 'Room IDs and aliases of rooms in which the bot answers when groupPolicy is "allowlist".')
            [CompletionResult]::new('allowRoomMentions', 'allowRoomMentions', [CompletionResultType]::ParameterValue, 'Whether @room counts as a mention.')
            [CompletionResult]::new('followThreads', 'followThreads', [CompletionResultType]::ParameterValue, 'Whether threads that the bot takes part in need no mention with groupPolicy "mention".')
            [CompletionResult]::new('answerReactions', 'answerReactions', [CompletionResultType]::ParameterValue, 'Whether reactions to the bot''s messages, and votes in its polls, are answered.')
            [CompletionResult]::new('senderTrust', 'senderTrust', [CompletionResultType]::ParameterValue, 'Which devices are answered: any, signed by their owner, or of users the bot verified.')
            [CompletionResult]::new('allowPlaintextInEncryptedRooms', 'allowPlaintextInEncryptedRooms', [CompletionResultType]::ParameterValue, 'Whether unencrypted messages in encrypted rooms are answered; some bridges send them.')
            [CompletionResult]::new('displayName', 'displayName', [CompletionResultType]::ParameterValue, 'The bot''s display name, kept so while the gateway runs.')
            [CompletionResult]::new('avatar', 'avatar', [CompletionResultType]::ParameterValue, 'File with the bot''s picture, kept so while the gateway runs.')
            [CompletionResult]::new('greeting', 'greeting', [CompletionResultType]::ParameterValue, 'What the bot says once in each room that it was invited to.')
            [CompletionResult]::new('emptyRoomDays', 'emptyRoomDays', [CompletionResultType]::ParameterValue, 'After how many days alone, or after an upgrade, the bot leaves a room; 0 means never.')
            [CompletionResult]::new('maxMediaBytes', 'maxMediaBytes', [CompletionResultType]::ParameterValue, 'Largest attachment in bytes, both ways; 0 blocks all media.')
            [CompletionResult]::new('maxConcurrentMediaDownloads', 'maxConcurrentMediaDownloads', [CompletionResultType]::ParameterValue, 'How many attachments are downloaded at once, not counting slow ones; 0 means 1.')
            [CompletionResult]::new('mediaRetentionDays', 'mediaRetentionDays', [CompletionResultType]::ParameterValue, 'After how many days received files are deleted; 0 means never.')
            [CompletionResult]::new('mediaRetentionBytes', 'mediaRetentionBytes', [CompletionResultType]::ParameterValue, 'How many bytes of received files are kept; the oldest are deleted first. 0 means no limit.')
            [CompletionResult]::new('conversationRetentionDays', 'conversationRetentionDays', [CompletionResultType]::ParameterValue, 'After how many days without a message a model''s conversation is deleted; 0 means never.')
            [CompletionResult]::new('conversationRetentionBytes', 'conversationRetentionBytes', [CompletionResultType]::ParameterValue, 'How many bytes of conversations are kept; the oldest are deleted first. 0 means no limit.')
            [CompletionResult]::new('archiveRetentionDays', 'archiveRetentionDays', [CompletionResultType]::ParameterValue, 'After how many days an archived store is deleted if no key is only there; 0 means never.')
            [CompletionResult]::new('archiveRetentionBytes', 'archiveRetentionBytes', [CompletionResultType]::ParameterValue, 'How many bytes of archived stores are kept, but always the newest one; 0 means no limit.')
            [CompletionResult]::new('syncStopGraceSeconds', 'syncStopGraceSeconds', [CompletionResultType]::ParameterValue, 'How many seconds unfinished answers may take when the gateway stops.')
            [CompletionResult]::new('sasVerification', 'sasVerification', [CompletionResultType]::ParameterValue, 'Accept emoji verification without comparing. Unsafe: verifies an interceptor too.')
            [CompletionResult]::new('streaming', 'streaming', [CompletionResultType]::ParameterValue, 'Whether an answer is shown while it is being written, as edits at most every 2 seconds.')
            [CompletionResult]::new('readReceipts', 'readReceipts', [CompletionResultType]::ParameterValue, 'Who sees what the bot has read: everyone in the room, only its own account, or nobody.')
            [CompletionResult]::new('reactionSeen', 'reactionSeen', [CompletionResultType]::ParameterValue, 'An emoji with which the bot marks messages that it is going to answer.')
            [CompletionResult]::new('reactionWorking', 'reactionWorking', [CompletionResultType]::ParameterValue, 'An emoji with which the bot marks messages while the agent is at work on them.')
            [CompletionResult]::new('reactionFailed', 'reactionFailed', [CompletionResultType]::ParameterValue, 'An emoji with which the bot marks messages that it could not answer.')
            [CompletionResult]::new('undecryptableNoticeSeconds', 'undecryptableNoticeSeconds', [CompletionResultType]::ParameterValue, 'After how many seconds a missing room key is reported in the room; 0 means never.')
            [CompletionResult]::new('proxy', 'proxy', [CompletionResultType]::ParameterValue, 'URL of the proxy through which the homeserver is reached.')
            [CompletionResult]::new('tokenStore', 'tokenStore', [CompletionResultType]::ParameterValue, 'Where `nanobot login` stores the access token: this file or the system''s keyring.')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'What generates the answers: an object with a type, such as openai, and its settings.')
            [CompletionResult]::new('worker', 'worker', [CompletionResultType]::ParameterValue, 'How `nanobot worker` reaches the message broker: an object with its servers and settings.')
            [CompletionResult]::new('health', 'health', [CompletionResultType]::ParameterValue, 'Where health checks and metrics are answered, such as {"listen": "127.0.0.1:9464"}.')
            [CompletionResult]::new('sendProgress', 'sendProgress', [CompletionResultType]::ParameterValue, 'Read only by the Python tool: overrides channels.sendProgress.')
            [CompletionResult]::new('sendToolHints', 'sendToolHints', [CompletionResultType]::ParameterValue, 'Read only by the Python tool: overrides channels.sendToolHints.')
            [CompletionResult]::new('showReasoning', 'showReasoning', [CompletionResultType]::ParameterValue, 'Read only by the Python tool: overrides channels.showReasoning.')
            [CompletionResult]::new('agent.type', 'agent.type', [CompletionResultType]::ParameterValue, 'Kind of agent')
            [CompletionResult]::new('agent.command', 'agent.command', [CompletionResultType]::ParameterValue, 'Program that answers')
            [CompletionResult]::new('agent.model', 'agent.model', [CompletionResultType]::ParameterValue, 'Model that answers')
            [CompletionResult]::new('agent.apiBase', 'agent.apiBase', [CompletionResultType]::ParameterValue, 'Base URL of the model''s API')
            [CompletionResult]::new('agent.apiKey', 'agent.apiKey', [CompletionResultType]::ParameterValue, 'Key of the model''s API')
            [CompletionResult]::new('agent.systemPrompt', 'agent.systemPrompt', [CompletionResultType]::ParameterValue, 'Instructions for the model')
            [CompletionResult]::new('agent.servers', 'agent.servers', [CompletionResultType]::ParameterValue, 'Addresses of the message broker')
            [CompletionResult]::new('--add', '--add', [CompletionResultType]::ParameterName, 'Add an entry to a list (repeatable)')
            [CompletionResult]::new('--remove', '--remove', [CompletionResultType]::ParameterName, 'Remove an entry from a list (repeatable)')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--stdin', '--stdin', [CompletionResultType]::ParameterName, 'Read the value from standard input')
            [CompletionResult]::new('--text', '--text', [CompletionResultType]::ParameterName, 'Store the value as a string even if it looks like a number, list or object')
            [CompletionResult]::new('--allow-unknown', '--allow-unknown', [CompletionResultType]::ParameterName, 'Set the key even if it is unknown')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change without changing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;unset' {
            [CompletionResult]::new('enabled', 'enabled', [CompletionResultType]::ParameterValue, 'Whether the gateway runs the Matrix channel.')
            [CompletionResult]::new('homeserver', 'homeserver', [CompletionResultType]::ParameterValue, 'Base URL of the homeserver, such as https://matrix.org.')
            [CompletionResult]::new('userId', 'userId', [CompletionResultType]::ParameterValue, 'The bot''s Matrix user ID, such as @nanobot:matrix.org.')
            [CompletionResult]::new('accessToken', 'accessToken', [CompletionResultType]::ParameterValue, 'The access token of the bot''s own device.')
            [CompletionResult]::new('deviceId', 'deviceId', [CompletionResultType]::ParameterValue, 'The ID of the bot''s device, which owns the access token and the encryption keys.')
            [CompletionResult]::new('password', 'password', [CompletionResultType]::ParameterValue, 'The account''s password; only `nanobot login` and `nanobot store reset` use it.')
            [CompletionResult]::new('e2eeEnabled', 'e2eeEnabled', [CompletionResultType]::ParameterValue, 'Whether the bot reads and answers in encrypted rooms.')
            [CompletionResult]::new('allowFrom', 'allowFrom', [CompletionResultType]::ParameterValue, 'User IDs that may talk to the bot; an empty list or "*" means everyone.')
            [CompletionResult]::new('groupPolicy', 'groupPolicy', [CompletionResultType]::ParameterValue, 'Which messages in group rooms are answered: all, only mentions, or only listed rooms.')
            [CompletionResult]::new('groupAllowFrom', 'groupAllowFrom', [CompletionResultType]::ParameterValue, 'Room IDs and aliases of rooms in which the bot answers when groupPolicy is "allowlist".')
            [CompletionResult]::new('allowRoomMentions', 'allowRoomMentions', [CompletionResultType]::ParameterValue, 'Whether @room counts as a mention.')
            [CompletionResult]::new('followThreads', 'followThreads', [CompletionResultType]::ParameterValue, 'Whether threads that the bot takes part in need no mention with groupPolicy "mention".')
            [CompletionResult]::new('answerReactions', 'answerReactions', [CompletionResultType]::ParameterValue, 'Whether reactions to the bot''s messages, and votes in its polls, are answered.')
            [CompletionResult]::new('senderTrust', 'senderTrust', [CompletionResultType]::ParameterValue, 'Which devices are answered: any, signed by their owner, or of users the bot verified.')
            [CompletionResult]::new('allowPlaintextInEncryptedRooms', 'allowPlaintextInEncryptedRooms', [CompletionResultType]::ParameterValue, 'Whether unencrypted messages in encrypted rooms are answered; some bridges send them.')
            [CompletionResult]::new('displayName', 'displayName', [CompletionResultType]::ParameterValue, 'The bot''s display name, kept so while the gateway runs.')
            [CompletionResult]::new('avatar', 'avatar', [CompletionResultType]::ParameterValue, 'File with the bot''s picture, kept so while the gateway runs.')
            [CompletionResult]::new('greeting', 'greeting', [CompletionResultType]::ParameterValue, 'What the bot says once in each room that it was invited to.')
            [CompletionResult]::new('emptyRoomDays', 'emptyRoomDays', [CompletionResultType]::ParameterValue, 'After how many days alone, or after an upgrade, the bot leaves a room; 0 means never.')
            [CompletionResult]::new('maxMediaBytes', 'maxMediaBytes', [CompletionResultType]::ParameterValue, 'Largest attachment in bytes, both ways; 0 blocks all media.')
            [CompletionResult]::new('maxConcurrentMediaDownloads', 'maxConcurrentMediaDownloads', [CompletionResultType]::ParameterValue, 'How many attachments are downloaded at once, not counting slow ones; 0 means 1.')
            [CompletionResult]::new('mediaRetentionDays', 'mediaRetentionDays', [CompletionResultType]::ParameterValue, 'After how many days received files are deleted; 0 means never.')
            [CompletionResult]::new('mediaRetentionBytes', 'mediaRetentionBytes', [CompletionResultType]::ParameterValue, 'How many bytes of received files are kept; the oldest are deleted first. 0 means no limit.')
            [CompletionResult]::new('conversationRetentionDays', 'conversationRetentionDays', [CompletionResultType]::ParameterValue, 'After how many days without a message a model''s conversation is deleted; 0 means never.')
            [CompletionResult]::new('conversationRetentionBytes', 'conversationRetentionBytes', [CompletionResultType]::ParameterValue, 'How many bytes of conversations are kept; the oldest are deleted first. 0 means no limit.')
            [CompletionResult]::new('archiveRetentionDays', 'archiveRetentionDays', [CompletionResultType]::ParameterValue, 'After how many days an archived store is deleted if no key is only there; 0 means never.')
            [CompletionResult]::new('archiveRetentionBytes', 'archiveRetentionBytes', [CompletionResultType]::ParameterValue, 'How many bytes of archived stores are kept, but always the newest one; 0 means no limit.')
            [CompletionResult]::new('syncStopGraceSeconds', 'syncStopGraceSeconds', [CompletionResultType]::ParameterValue, 'How many seconds unfinished answers may take when the gateway stops.')
            [CompletionResult]::new('sasVerification', 'sasVerification', [CompletionResultType]::ParameterValue, 'Accept emoji verification without comparing. Unsafe: verifies an interceptor too.')
            [CompletionResult]::new('streaming', 'streaming', [CompletionResultType]::ParameterValue, 'Whether an answer is shown while it is being written, as edits at most every 2 seconds.')
            [CompletionResult]::new('readReceipts', 'readReceipts', [CompletionResultType]::ParameterValue, 'Who sees what the bot has read: everyone in the room, only its own account, or nobody.')
            [CompletionResult]::new('reactionSeen', 'reactionSeen', [CompletionResultType]::ParameterValue, 'An emoji with which the bot marks messages that it is going to answer.')
            [CompletionResult]::new('reactionWorking', 'reactionWorking', [CompletionResultType]::ParameterValue, 'An emoji with which the bot marks messages while the agent is at work on them.')
            [CompletionResult]::new('reactionFailed', 'reactionFailed', [CompletionResultType]::ParameterValue, 'An emoji with which the bot marks messages that it could not answer.')
            [CompletionResult]::new('undecryptableNoticeSeconds', 'undecryptableNoticeSeconds', [CompletionResultType]::ParameterValue, 'After how many seconds a missing room key is reported in the room; 0 means never.')
            [CompletionResult]::new('proxy', 'proxy', [CompletionResultType]::ParameterValue, 'URL of the proxy through which the homeserver is reached.')
            [CompletionResult]::new('tokenStore', 'tokenStore', [CompletionResultType]::ParameterValue, 'Where `nanobot login` stores the access token: this file or the system''s keyring.')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'What generates the answers: an object with a type, such as openai, and its settings.')
            [CompletionResult]::new('worker', 'worker', [CompletionResultType]::ParameterValue, 'How `nanobot worker` reaches the message broker: an object with its servers and settings.')
            [CompletionResult]::new('health', 'health', [CompletionResultType]::ParameterValue, 'Where health checks and metrics are answered, such as {"listen": "127.0.0.1:9464"}.')
            [CompletionResult]::new('sendProgress', 'sendProgress', [CompletionResultType]::ParameterValue, 'Read only by the Python tool: overrides channels.sendProgress.')
            [CompletionResult]::new('sendToolHints', 'sendToolHints', [CompletionResultType]::ParameterValue, 'Read only by the Python tool: overrides channels.sendToolHints.')
            [CompletionResult]::new('showReasoning', 'showReasoning', [CompletionResultType]::ParameterValue, 'Read only by the Python tool: overrides channels.showReasoning.')
            [CompletionResult]::new('agent.type', 'agent.type', [CompletionResultType]::ParameterValue, 'Kind of agent')
            [CompletionResult]::new('agent.command', 'agent.command', [CompletionResultType]::ParameterValue, 'Program that answers')
            [CompletionResult]::new('agent.model', 'agent.model', [CompletionResultType]::ParameterValue, 'Model that answers')
            [CompletionResult]::new('agent.apiBase', 'agent.apiBase', [CompletionResultType]::ParameterValue, 'Base URL of the model''s API')
            [CompletionResult]::new('agent.apiKey', 'agent.apiKey', [CompletionResultType]::ParameterValue, 'Key of the model''s API')
            [CompletionResult]::new('agent.systemPrompt', 'agent.systemPrompt', [CompletionResultType]::ParameterValue, 'Instructions for the model')
            [CompletionResult]::new('agent.servers', 'agent.servers', [CompletionResultType]::ParameterValue, 'Addresses of the message broker')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would change without changing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;list' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--set', '--set', [CompletionResultType]::ParameterName, 'Show only keys that differ from their default, one per line')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;show' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;edit' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;path' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;validate' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Exit with code 3 if there are warnings')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;schema' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;config;help' {
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the effective value of a key')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set a key in the configuration file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Remove a key from the configuration file')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show every key: value, type, default, and where the value comes from')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the configuration file without its secrets')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit the configuration file, and save it only if it is valid')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of the configuration file')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Report all errors and warnings in the configuration file')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the configuration file, for editors')
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
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the state of the store, and what others see of the device')
            [CompletionResult]::new('export-keys', 'export-keys', [CompletionResultType]::ParameterValue, 'Export the room keys to a file for Element and other clients')
            [CompletionResult]::new('import-keys', 'import-keys', [CompletionResultType]::ParameterValue, 'Import room keys from an exported file or an archived store')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Replace a broken device with a new one, and keep what can be kept')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;store;status' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;store;export-keys' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Export from this archived store, which is not changed')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase from a file')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Replace the file if it exists')
            [CompletionResult]::new('--passphrase-stdin', '--passphrase-stdin', [CompletionResultType]::ParameterName, 'Read the passphrase from standard input')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;store;import-keys' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Import from this archived store, which is not changed')
            [CompletionResult]::new('--passphrase-file', '--passphrase-file', [CompletionResultType]::ParameterName, 'Read the passphrase from a file')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--passphrase-stdin', '--passphrase-stdin', [CompletionResultType]::ParameterName, 'Read the passphrase from standard input')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;store;reset' {
            [CompletionResult]::new('--password-file', '--password-file', [CompletionResultType]::ParameterName, 'Read the account''s password from a file')
            [CompletionResult]::new('--recovery-key-file', '--recovery-key-file', [CompletionResultType]::ParameterName, 'Read the account''s recovery key from a file')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--password-stdin', '--password-stdin', [CompletionResultType]::ParameterName, 'Read the account''s password from standard input')
            [CompletionResult]::new('--recovery-key-stdin', '--recovery-key-stdin', [CompletionResultType]::ParameterName, 'Read the account''s recovery key from standard input')
            [CompletionResult]::new('--reset-identity', '--reset-identity', [CompletionResultType]::ParameterName, 'Create a new cross-signing identity if nothing restores the existing one')
            [CompletionResult]::new('--recovery', '--recovery', [CompletionResultType]::ParameterName, 'With a new identity, also set up a new recovery key, and show it once')
            [CompletionResult]::new('--save-recovery-key-keyring', '--save-recovery-key-keyring', [CompletionResultType]::ParameterName, 'Also store the recovery key, given or new, in the system''s keyring')
            [CompletionResult]::new('--keep-old-device', '--keep-old-device', [CompletionResultType]::ParameterName, 'Leave the old device logged in')
            [CompletionResult]::new('--force', '--force', [CompletionResultType]::ParameterName, 'Reset even if the device is healthy')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done without changing anything')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Ask for nothing but a missing password')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Ask for nothing but a missing password')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;store;help' {
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the state of the store, and what others see of the device')
            [CompletionResult]::new('export-keys', 'export-keys', [CompletionResultType]::ParameterValue, 'Export the room keys to a file for Element and other clients')
            [CompletionResult]::new('import-keys', 'import-keys', [CompletionResultType]::ParameterValue, 'Import room keys from an exported file or an archived store')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Replace a broken device with a new one, and keep what can be kept')
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
        'nanobot;queue' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the messages that failed and those that wait, and why')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one message')
            [CompletionResult]::new('retry', 'retry', [CompletionResultType]::ParameterValue, 'Try failed messages again')
            [CompletionResult]::new('drop', 'drop', [CompletionResultType]::ParameterValue, 'Discard messages; they get no answer')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;queue;list' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--text', '--text', [CompletionResultType]::ParameterName, 'Show the beginning of each message''s text')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;queue;show' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--text', '--text', [CompletionResultType]::ParameterName, 'Show its text and the recorded answer')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;queue;retry' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All messages that failed')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;queue;drop' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'All messages that failed')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;queue;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the messages that failed and those that wait, and why')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one message')
            [CompletionResult]::new('retry', 'retry', [CompletionResultType]::ParameterValue, 'Try failed messages again')
            [CompletionResult]::new('drop', 'drop', [CompletionResultType]::ParameterValue, 'Discard messages; they get no answer')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;queue;help;list' {
            break
        }
        'nanobot;queue;help;show' {
            break
        }
        'nanobot;queue;help;retry' {
            break
        }
        'nanobot;queue;help;drop' {
            break
        }
        'nanobot;queue;help;help' {
            break
        }
        'nanobot;access' {
            [CompletionResult]::new('--room', '--room', [CompletionResultType]::ParameterName, 'Room, by its ID or an alias [default: any group room]')
            [CompletionResult]::new('--why', '--why', [CompletionResultType]::ParameterName, 'Show why this message, by its event ID, was or was not answered')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--mention', '--mention', [CompletionResultType]::ParameterName, 'The message mentions the bot')
            [CompletionResult]::new('--direct', '--direct', [CompletionResultType]::ParameterName, 'Nobody else is in the room')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;agent' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('ask', 'ask', [CompletionResultType]::ParameterValue, 'Ask the configured agent a question, without Matrix')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that the configured agent works: reachable, authorized, model available')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;agent;ask' {
            [CompletionResult]::new('--conversation', '--conversation', [CompletionResultType]::ParameterName, 'Continue the conversation of this name')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--new', '--new', [CompletionResultType]::ParameterName, 'Start a new conversation and forget the previous one')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;agent;check' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--ask', '--ask', [CompletionResultType]::ParameterName, 'If nothing else can tell, ask the model for one token, which may cost a little')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;agent;help' {
            [CompletionResult]::new('ask', 'ask', [CompletionResultType]::ParameterValue, 'Ask the configured agent a question, without Matrix')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that the configured agent works: reachable, authorized, model available')
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
            [CompletionResult]::new('--only', '--only', [CompletionResultType]::ParameterName, 'Run only these checks, by ID or category (repeatable, or with commas)')
            [CompletionResult]::new('--skip', '--skip', [CompletionResultType]::ParameterName, 'Skip these checks, by ID or category (repeatable, or with commas)')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Time limit for all checks [default: 20, with --wait 60, with --live 80]')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Also write the redacted report to this file, as JSON')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Show problems only, and nothing when there are none')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Show problems only, and nothing when there are none')
            [CompletionResult]::new('--strict', '--strict', [CompletionResultType]::ParameterName, 'Count warnings as failures (exit code 3)')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List the checks without running them')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Use no network')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Repeat the checks while a problem may go away by itself')
            [CompletionResult]::new('--live', '--live', [CompletionResultType]::ParameterName, 'Test encryption end to end: send and redact a message in a private room of the bot')
            [CompletionResult]::new('--fix', '--fix', [CompletionResultType]::ParameterName, 'Fix what can be fixed without risk, after asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Fix without asking')
            [CompletionResult]::new('--redact', '--redact', [CompletionResultType]::ParameterName, 'Replace IDs, servers and paths with pseudonyms, in the report and in the log')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;explain' {
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('config.present', 'config.present', [CompletionResultType]::ParameterValue, 'There is a configuration file')
            [CompletionResult]::new('config.syntax', 'config.syntax', [CompletionResultType]::ParameterValue, 'The configuration file is valid JSON')
            [CompletionResult]::new('config.values', 'config.values', [CompletionResultType]::ParameterValue, 'Every value is valid')
            [CompletionResult]::new('config.variables', 'config.variables', [CompletionResultType]::ParameterValue, 'The environment variables are set and spelled correctly')
            [CompletionResult]::new('config.unknown-keys', 'config.unknown-keys', [CompletionResultType]::ParameterValue, 'Every key is known')
            [CompletionResult]::new('config.spelling', 'config.spelling', [CompletionResultType]::ParameterValue, 'Every key appears once, in its documented spelling')
            [CompletionResult]::new('config.permissions', 'config.permissions', [CompletionResultType]::ParameterValue, 'Only its owner can read the configuration file')
            [CompletionResult]::new('config.password', 'config.password', [CompletionResultType]::ParameterValue, 'The password is not left in the file')
            [CompletionResult]::new('config.comments', 'config.comments', [CompletionResultType]::ParameterValue, 'The Python tool can read the file too')
            [CompletionResult]::new('secrets', 'secrets', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('secrets.source', 'secrets.source', [CompletionResultType]::ParameterValue, 'The access token comes from one place')
            [CompletionResult]::new('secrets.keyring', 'secrets.keyring', [CompletionResultType]::ParameterValue, 'The keyring works')
            [CompletionResult]::new('secrets.reboot', 'secrets.reboot', [CompletionResultType]::ParameterValue, 'The token survives a reboot')
            [CompletionResult]::new('config.login', 'config.login', [CompletionResultType]::ParameterValue, 'The bot is logged in')
            [CompletionResult]::new('config.enabled', 'config.enabled', [CompletionResultType]::ParameterValue, 'The Matrix channel is enabled')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('store.disk-space', 'store.disk-space', [CompletionResultType]::ParameterValue, 'There is enough disk space')
            [CompletionResult]::new('store.writable', 'store.writable', [CompletionResultType]::ParameterValue, 'The bot can write its files')
            [CompletionResult]::new('store.filesystem', 'store.filesystem', [CompletionResultType]::ParameterValue, 'The store is on a local disk')
            [CompletionResult]::new('store.permissions', 'store.permissions', [CompletionResultType]::ParameterValue, 'Only its owner can read the store')
            [CompletionResult]::new('store.reset', 'store.reset', [CompletionResultType]::ParameterValue, 'No reset of the store is unfinished')
            [CompletionResult]::new('store.present', 'store.present', [CompletionResultType]::ParameterValue, 'The store exists')
            [CompletionResult]::new('store.databases', 'store.databases', [CompletionResultType]::ParameterValue, 'The store''s databases are intact')
            [CompletionResult]::new('store.readable', 'store.readable', [CompletionResultType]::ParameterValue, 'The store can be opened')
            [CompletionResult]::new('store.size', 'store.size', [CompletionResultType]::ParameterValue, 'The store has a normal size')
            [CompletionResult]::new('store.archives', 'store.archives', [CompletionResultType]::ParameterValue, 'Archived stores are within their limits')
            [CompletionResult]::new('store.version', 'store.version', [CompletionResultType]::ParameterValue, 'This nanobot can read the message queue')
            [CompletionResult]::new('store.integrity', 'store.integrity', [CompletionResultType]::ParameterValue, 'The message queue is intact')
            [CompletionResult]::new('store.copy', 'store.copy', [CompletionResultType]::ParameterValue, 'The store is current')
            [CompletionResult]::new('homeserver', 'homeserver', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('homeserver.plain-http', 'homeserver.plain-http', [CompletionResultType]::ParameterValue, 'The connection is encrypted')
            [CompletionResult]::new('homeserver.proxy', 'homeserver.proxy', [CompletionResultType]::ParameterValue, 'The proxy works')
            [CompletionResult]::new('homeserver.dns', 'homeserver.dns', [CompletionResultType]::ParameterValue, 'The homeserver''s host name resolves')
            [CompletionResult]::new('homeserver.connect', 'homeserver.connect', [CompletionResultType]::ParameterValue, 'The homeserver accepts connections')
            [CompletionResult]::new('homeserver.tls', 'homeserver.tls', [CompletionResultType]::ParameterValue, 'The homeserver''s certificate is trusted')
            [CompletionResult]::new('homeserver.answers', 'homeserver.answers', [CompletionResultType]::ParameterValue, 'A homeserver answers')
            [CompletionResult]::new('homeserver.account', 'homeserver.account', [CompletionResultType]::ParameterValue, 'The homeserver answers for the bot''s account')
            [CompletionResult]::new('token', 'token', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('token.shape', 'token.shape', [CompletionResultType]::ParameterValue, 'The access token is complete')
            [CompletionResult]::new('token.refresh', 'token.refresh', [CompletionResultType]::ParameterValue, 'The token is not a refresh token')
            [CompletionResult]::new('token.short-lived', 'token.short-lived', [CompletionResultType]::ParameterValue, 'The token does not expire within minutes')
            [CompletionResult]::new('token.localpart', 'token.localpart', [CompletionResultType]::ParameterValue, 'The token was created for the configured user')
            [CompletionResult]::new('token.soft-logout', 'token.soft-logout', [CompletionResultType]::ParameterValue, 'The session is active')
            [CompletionResult]::new('token.valid', 'token.valid', [CompletionResultType]::ParameterValue, 'The homeserver accepts the access token')
            [CompletionResult]::new('token.guest', 'token.guest', [CompletionResultType]::ParameterValue, 'The account is registered')
            [CompletionResult]::new('token.user', 'token.user', [CompletionResultType]::ParameterValue, 'The token belongs to the configured user')
            [CompletionResult]::new('token.device', 'token.device', [CompletionResultType]::ParameterValue, 'The token belongs to the configured device')
            [CompletionResult]::new('store.account', 'store.account', [CompletionResultType]::ParameterValue, 'The store belongs to the configured device')
            [CompletionResult]::new('homeserver.versions', 'homeserver.versions', [CompletionResultType]::ParameterValue, 'The homeserver supports the required Matrix version')
            [CompletionResult]::new('homeserver.certificate', 'homeserver.certificate', [CompletionResultType]::ParameterValue, 'The certificate does not expire soon')
            [CompletionResult]::new('homeserver.well-known', 'homeserver.well-known', [CompletionResultType]::ParameterValue, 'The server name leads to the configured homeserver')
            [CompletionResult]::new('homeserver.software', 'homeserver.software', [CompletionResultType]::ParameterValue, 'The homeserver''s software has no known fault')
            [CompletionResult]::new('homeserver.media', 'homeserver.media', [CompletionResultType]::ParameterValue, 'Files can be downloaded with the access token')
            [CompletionResult]::new('homeserver.latency', 'homeserver.latency', [CompletionResultType]::ParameterValue, 'The homeserver answers quickly')
            [CompletionResult]::new('homeserver.login-flows', 'homeserver.login-flows', [CompletionResultType]::ParameterValue, 'The homeserver supports password login')
            [CompletionResult]::new('homeserver.upload-limit', 'homeserver.upload-limit', [CompletionResultType]::ParameterValue, 'The homeserver accepts files as large as maxMediaBytes')
            [CompletionResult]::new('clock', 'clock', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('clock.skew', 'clock.skew', [CompletionResultType]::ParameterValue, 'This machine''s clock is right')
            [CompletionResult]::new('device', 'device', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('device.exists', 'device.exists', [CompletionResultType]::ParameterValue, 'The device is in the account''s session list')
            [CompletionResult]::new('device.named', 'device.named', [CompletionResultType]::ParameterValue, 'The device has a name')
            [CompletionResult]::new('device.siblings', 'device.siblings', [CompletionResultType]::ParameterValue, 'No other device of the account is in the way')
            [CompletionResult]::new('e2ee', 'e2ee', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('e2ee.keys-elsewhere', 'e2ee.keys-elsewhere', [CompletionResultType]::ParameterValue, 'The device''s private keys are in the store')
            [CompletionResult]::new('e2ee.keys-replaced', 'e2ee.keys-replaced', [CompletionResultType]::ParameterValue, 'The published device keys match the store')
            [CompletionResult]::new('e2ee.keys-vanished', 'e2ee.keys-vanished', [CompletionResultType]::ParameterValue, 'The homeserver still has the device keys')
            [CompletionResult]::new('e2ee.published', 'e2ee.published', [CompletionResultType]::ParameterValue, 'The device keys are published')
            [CompletionResult]::new('e2ee.key-conflicts', 'e2ee.key-conflicts', [CompletionResultType]::ParameterValue, 'The homeserver accepts new one-time keys')
            [CompletionResult]::new('e2ee.one-time-keys', 'e2ee.one-time-keys', [CompletionResultType]::ParameterValue, 'There are one-time keys for new conversations')
            [CompletionResult]::new('e2ee.fallback-key', 'e2ee.fallback-key', [CompletionResultType]::ParameterValue, 'There is a fallback key for when one-time keys run out')
            [CompletionResult]::new('e2ee.signature', 'e2ee.signature', [CompletionResultType]::ParameterValue, 'The device has signed its own keys')
            [CompletionResult]::new('e2ee.identity', 'e2ee.identity', [CompletionResultType]::ParameterValue, 'The account has a cross-signing identity')
            [CompletionResult]::new('e2ee.verified', 'e2ee.verified', [CompletionResultType]::ParameterValue, 'The device is verified by its account')
            [CompletionResult]::new('e2ee.recovery', 'e2ee.recovery', [CompletionResultType]::ParameterValue, 'The recovery key and the key backup belong together')
            [CompletionResult]::new('e2ee.disabled-rooms', 'e2ee.disabled-rooms', [CompletionResultType]::ParameterValue, 'The bot can read all of its rooms')
            [CompletionResult]::new('e2ee.undecryptable', 'e2ee.undecryptable', [CompletionResultType]::ParameterValue, 'Every message could be decrypted')
            [CompletionResult]::new('access', 'access', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('access.audience', 'access.audience', [CompletionResultType]::ParameterValue, 'allowFrom and the room settings are usable')
            [CompletionResult]::new('access.open', 'access.open', [CompletionResultType]::ParameterValue, 'The bot is not open to everyone by accident')
            [CompletionResult]::new('access.users', 'access.users', [CompletionResultType]::ParameterValue, 'The users in allowFrom exist')
            [CompletionResult]::new('access.group-rooms', 'access.group-rooms', [CompletionResultType]::ParameterValue, 'The bot may answer in at least one group room')
            [CompletionResult]::new('access.room-ids', 'access.room-ids', [CompletionResultType]::ParameterValue, 'The room IDs are complete')
            [CompletionResult]::new('access.rooms', 'access.rooms', [CompletionResultType]::ParameterValue, 'The bot has joined the rooms in groupAllowFrom')
            [CompletionResult]::new('access.invitations', 'access.invitations', [CompletionResultType]::ParameterValue, 'Every open invitation will be accepted')
            [CompletionResult]::new('access.speak', 'access.speak', [CompletionResultType]::ParameterValue, 'The bot may send messages in its rooms')
            [CompletionResult]::new('access.upgraded', 'access.upgraded', [CompletionResultType]::ParameterValue, 'The bot is in the successor of every upgraded room')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('agent.configured', 'agent.configured', [CompletionResultType]::ParameterValue, 'An agent is configured')
            [CompletionResult]::new('agent.reachable', 'agent.reachable', [CompletionResultType]::ParameterValue, 'The agent can be reached')
            [CompletionResult]::new('agent.authorised', 'agent.authorised', [CompletionResultType]::ParameterValue, 'The agent accepts the API key')
            [CompletionResult]::new('agent.model', 'agent.model', [CompletionResultType]::ParameterValue, 'The model exists')
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('gateway.running', 'gateway.running', [CompletionResultType]::ParameterValue, 'The gateway is running')
            [CompletionResult]::new('gateway.version', 'gateway.version', [CompletionResultType]::ParameterValue, 'The gateway runs the installed version')
            [CompletionResult]::new('gateway.configuration', 'gateway.configuration', [CompletionResultType]::ParameterValue, 'The gateway uses the current configuration')
            [CompletionResult]::new('gateway.sync', 'gateway.sync', [CompletionResultType]::ParameterValue, 'The gateway receives events from the homeserver')
            [CompletionResult]::new('gateway.ready', 'gateway.ready', [CompletionResultType]::ParameterValue, 'The gateway is ready')
            [CompletionResult]::new('gateway.errors', 'gateway.errors', [CompletionResultType]::ParameterValue, 'The gateway had no error recently')
            [CompletionResult]::new('gateway.backlog', 'gateway.backlog', [CompletionResultType]::ParameterValue, 'No message waits for long')
            [CompletionResult]::new('gateway.sending', 'gateway.sending', [CompletionResultType]::ParameterValue, 'The homeserver accepts what the bot sends')
            [CompletionResult]::new('gateway.parked', 'gateway.parked', [CompletionResultType]::ParameterValue, 'Every message got its answer')
            [CompletionResult]::new('gateway.refusals', 'gateway.refusals', [CompletionResultType]::ParameterValue, 'No message is rejected for its encryption')
            [CompletionResult]::new('live', 'live', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('live.run', 'live.run', [CompletionResultType]::ParameterValue, 'The device could be tested')
            [CompletionResult]::new('live.one-time-key', 'live.one-time-key', [CompletionResultType]::ParameterValue, 'The bot can read new conversations')
            [CompletionResult]::new('live.round-trip', 'live.round-trip', [CompletionResultType]::ParameterValue, 'A message can be sent and received')
            [CompletionResult]::new('live.media', 'live.media', [CompletionResultType]::ParameterValue, 'A file can be uploaded and downloaded')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'All checks of this category')
            [CompletionResult]::new('doctor.complete', 'doctor.complete', [CompletionResultType]::ParameterValue, 'Every question was answered')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;gateway' {
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How to write the log: lines of text, or one JSON object per line')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Answer health checks and metrics over HTTP here: ADDRESS:PORT, PORT or unix:PATH')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--wait', '--wait', [CompletionResultType]::ParameterName, 'Wait for the homeserver if it is unreachable at the start, as services do')
            [CompletionResult]::new('--check', '--check', [CompletionResultType]::ParameterName, 'Check whether the bot could run, and exit')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('reload', 'reload', [CompletionResultType]::ParameterValue, 'Apply a changed configuration without a restart')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;gateway;reload' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;gateway;help' {
            [CompletionResult]::new('reload', 'reload', [CompletionResultType]::ParameterValue, 'Apply a changed configuration without a restart')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;gateway;help;reload' {
            break
        }
        'nanobot;gateway;help;help' {
            break
        }
        'nanobot;worker' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of this worker in the gateway''s status [default: host name and process ID]')
            [CompletionResult]::new('--grace', '--grace', [CompletionResultType]::ParameterName, 'How many seconds unfinished questions may take when the worker stops')
            [CompletionResult]::new('--log-format', '--log-format', [CompletionResultType]::ParameterName, 'How to write the log: lines of text, or one JSON object per line')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--print-permissions', '--print-permissions', [CompletionResultType]::ParameterName, 'Print what gateway and workers may do at the broker, for its configuration, and exit')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;status' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('-w', '-w', [CompletionResultType]::ParameterName, 'Keep showing it until Ctrl-C; into a pipe, one line per change')
            [CompletionResult]::new('--watch', '--watch', [CompletionResultType]::ParameterName, 'Keep showing it until Ctrl-C; into a pipe, one line per change')
            [CompletionResult]::new('--ready', '--ready', [CompletionResultType]::ParameterName, 'Exit with 1 unless the gateway is running and ready, as probes want it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;service' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Install the service, after checking that the gateway can start')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Remove the service')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether the service is installed and running')
            [CompletionResult]::new('print', 'print', [CompletionResultType]::ParameterValue, 'Print the service''s file without installing it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;service;install' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service; each bot needs its own')
            [CompletionResult]::new('--program', '--program', [CompletionResultType]::ParameterName, 'Program to run [default: this nanobot]')
            [CompletionResult]::new('--access-token-file', '--access-token-file', [CompletionResultType]::ParameterName, 'Pass the access token in this file to the service, as a systemd credential')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Set the variables in this file (NAME=value) for the service')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Use this user''s service manager [default, except for root]')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Use the system''s service manager [default for root]')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Start the service now')
            [CompletionResult]::new('--linger', '--linger', [CompletionResultType]::ParameterName, 'Keep it running without a login (loginctl enable-linger)')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done without doing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;service;uninstall' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service; each bot needs its own')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Use this user''s service manager [default, except for root]')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Use the system''s service manager [default for root]')
            [CompletionResult]::new('--now', '--now', [CompletionResultType]::ParameterName, 'Stop the service, too')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done without doing it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;service;status' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service; each bot needs its own')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;service;print' {
            [CompletionResult]::new('systemd', 'systemd', [CompletionResultType]::ParameterValue, 'systemd, on Linux')
            [CompletionResult]::new('launchd', 'launchd', [CompletionResultType]::ParameterValue, 'launchd, on macOS')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Name of the service; each bot needs its own')
            [CompletionResult]::new('--program', '--program', [CompletionResultType]::ParameterName, 'Program to run [default: this nanobot]')
            [CompletionResult]::new('--access-token-file', '--access-token-file', [CompletionResultType]::ParameterName, 'Pass the access token in this file to the service, as a systemd credential')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'Set the variables in this file (NAME=value) for the service')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--user', '--user', [CompletionResultType]::ParameterName, 'Use this user''s service manager [default, except for root]')
            [CompletionResult]::new('--system', '--system', [CompletionResultType]::ParameterName, 'Use the system''s service manager [default for root]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;service;help' {
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Install the service, after checking that the gateway can start')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Remove the service')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether the service is installed and running')
            [CompletionResult]::new('print', 'print', [CompletionResultType]::ParameterValue, 'Print the service''s file without installing it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;service;help;install' {
            break
        }
        'nanobot;service;help;uninstall' {
            break
        }
        'nanobot;service;help;status' {
            break
        }
        'nanobot;service;help;print' {
            break
        }
        'nanobot;service;help;help' {
            break
        }
        'nanobot;verify' {
            [CompletionResult]::new('--device', '--device', [CompletionResultType]::ParameterName, 'Send it only to this device')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the verifications in the running gateway, with their emoji')
            [CompletionResult]::new('confirm', 'confirm', [CompletionResultType]::ParameterValue, 'Confirm that both sides show the same, and wait for the other side')
            [CompletionResult]::new('deny', 'deny', [CompletionResultType]::ParameterValue, 'Report that the emoji differ, or cancel a verification')
            [CompletionResult]::new('recovery', 'recovery', [CompletionResultType]::ParameterValue, 'Verify the device with the recovery key, and restore the key backup')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'nanobot;verify;list' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;verify;confirm' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;verify;deny' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;verify;recovery' {
            [CompletionResult]::new('--recovery-key-file', '--recovery-key-file', [CompletionResultType]::ParameterName, 'Read the recovery key from a file')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--recovery-key-stdin', '--recovery-key-stdin', [CompletionResultType]::ParameterName, 'Read the recovery key from standard input')
            [CompletionResult]::new('--save-recovery-key-keyring', '--save-recovery-key-keyring', [CompletionResultType]::ParameterName, 'Also store the recovery key in the system''s keyring, for this command and `store reset`')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;verify;help' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the verifications in the running gateway, with their emoji')
            [CompletionResult]::new('confirm', 'confirm', [CompletionResultType]::ParameterValue, 'Confirm that both sides show the same, and wait for the other side')
            [CompletionResult]::new('deny', 'deny', [CompletionResultType]::ParameterValue, 'Report that the emoji differ, or cancel a verification')
            [CompletionResult]::new('recovery', 'recovery', [CompletionResultType]::ParameterValue, 'Verify the device with the recovery key, and restore the key backup')
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
            [CompletionResult]::new('bash', 'bash', [CompletionResultType]::ParameterValue, 'bash')
            [CompletionResult]::new('elvish', 'elvish', [CompletionResultType]::ParameterValue, 'elvish')
            [CompletionResult]::new('fish', 'fish', [CompletionResultType]::ParameterValue, 'fish')
            [CompletionResult]::new('powershell', 'powershell', [CompletionResultType]::ParameterValue, 'powershell')
            [CompletionResult]::new('zsh', 'zsh', [CompletionResultType]::ParameterValue, 'zsh')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Configuration file [default: ~/.nanobot/config.json]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Print one JSON document instead of text')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Log more to standard error (-v, -vv, -vvv)')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            break
        }
        'nanobot;help' {
            [CompletionResult]::new('setup', 'setup', [CompletionResultType]::ParameterValue, 'Set up the bot step by step, from login to its first message')
            [CompletionResult]::new('login', 'login', [CompletionResultType]::ParameterValue, 'Log in the bot and create its encrypted device')
            [CompletionResult]::new('logout', 'logout', [CompletionResultType]::ParameterValue, 'Log out the bot and archive its encryption store')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show, change and check the configuration')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'Inspect the encryption store, move room keys, reset the device')
            [CompletionResult]::new('queue', 'queue', [CompletionResultType]::ParameterValue, 'List unanswered messages, retry or discard those that failed')
            [CompletionResult]::new('access', 'access', [CompletionResultType]::ParameterValue, 'Show who is answered and why, or why a message was not')
            [CompletionResult]::new('agent', 'agent', [CompletionResultType]::ParameterValue, 'Talk to the agent from the terminal, or check that it works')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check the bot''s health and show how to fix problems')
            [CompletionResult]::new('explain', 'explain', [CompletionResultType]::ParameterValue, 'Explain a doctor check: meaning, common causes, how to fix it')
            [CompletionResult]::new('gateway', 'gateway', [CompletionResultType]::ParameterValue, 'Run the bot until you stop it')
            [CompletionResult]::new('worker', 'worker', [CompletionResultType]::ParameterValue, 'Answer questions of a gateway on another machine')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether the bot is running, what it does, and any problems')
            [CompletionResult]::new('service', 'service', [CompletionResultType]::ParameterValue, 'Run the gateway as a service of systemd or launchd')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Verify the bot with emoji or with its recovery key')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print a completion script for your shell')
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
            [CompletionResult]::new('get', 'get', [CompletionResultType]::ParameterValue, 'Print the effective value of a key')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Set a key in the configuration file')
            [CompletionResult]::new('unset', 'unset', [CompletionResultType]::ParameterValue, 'Remove a key from the configuration file')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'Show every key: value, type, default, and where the value comes from')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print the configuration file without its secrets')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Edit the configuration file, and save it only if it is valid')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print the path of the configuration file')
            [CompletionResult]::new('validate', 'validate', [CompletionResultType]::ParameterValue, 'Report all errors and warnings in the configuration file')
            [CompletionResult]::new('schema', 'schema', [CompletionResultType]::ParameterValue, 'Print the JSON Schema of the configuration file, for editors')
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
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show the state of the store, and what others see of the device')
            [CompletionResult]::new('export-keys', 'export-keys', [CompletionResultType]::ParameterValue, 'Export the room keys to a file for Element and other clients')
            [CompletionResult]::new('import-keys', 'import-keys', [CompletionResultType]::ParameterValue, 'Import room keys from an exported file or an archived store')
            [CompletionResult]::new('reset', 'reset', [CompletionResultType]::ParameterValue, 'Replace a broken device with a new one, and keep what can be kept')
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
        'nanobot;help;queue' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the messages that failed and those that wait, and why')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one message')
            [CompletionResult]::new('retry', 'retry', [CompletionResultType]::ParameterValue, 'Try failed messages again')
            [CompletionResult]::new('drop', 'drop', [CompletionResultType]::ParameterValue, 'Discard messages; they get no answer')
            break
        }
        'nanobot;help;queue;list' {
            break
        }
        'nanobot;help;queue;show' {
            break
        }
        'nanobot;help;queue;retry' {
            break
        }
        'nanobot;help;queue;drop' {
            break
        }
        'nanobot;help;access' {
            break
        }
        'nanobot;help;agent' {
            [CompletionResult]::new('ask', 'ask', [CompletionResultType]::ParameterValue, 'Ask the configured agent a question, without Matrix')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'Check that the configured agent works: reachable, authorized, model available')
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
            [CompletionResult]::new('reload', 'reload', [CompletionResultType]::ParameterValue, 'Apply a changed configuration without a restart')
            break
        }
        'nanobot;help;gateway;reload' {
            break
        }
        'nanobot;help;worker' {
            break
        }
        'nanobot;help;status' {
            break
        }
        'nanobot;help;service' {
            [CompletionResult]::new('install', 'install', [CompletionResultType]::ParameterValue, 'Install the service, after checking that the gateway can start')
            [CompletionResult]::new('uninstall', 'uninstall', [CompletionResultType]::ParameterValue, 'Remove the service')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show whether the service is installed and running')
            [CompletionResult]::new('print', 'print', [CompletionResultType]::ParameterValue, 'Print the service''s file without installing it')
            break
        }
        'nanobot;help;service;install' {
            break
        }
        'nanobot;help;service;uninstall' {
            break
        }
        'nanobot;help;service;status' {
            break
        }
        'nanobot;help;service;print' {
            break
        }
        'nanobot;help;verify' {
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List the verifications in the running gateway, with their emoji')
            [CompletionResult]::new('confirm', 'confirm', [CompletionResultType]::ParameterValue, 'Confirm that both sides show the same, and wait for the other side')
            [CompletionResult]::new('deny', 'deny', [CompletionResultType]::ParameterValue, 'Report that the emoji differ, or cancel a verification')
            [CompletionResult]::new('recovery', 'recovery', [CompletionResultType]::ParameterValue, 'Verify the device with the recovery key, and restore the key backup')
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
