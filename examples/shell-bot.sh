#!/bin/sh
# A whole bot: nanobot hands it a JSON document for each message, and says what it prints.
# "agent": {"type": "command", "command": ["./shell-bot.sh"]}
question=$(cat)
of_question() { printf '%s' "$question" | python3 -c "import json, sys; print(json.load(sys.stdin)$1)"; }
case $(of_question '["text"]') in
    date) date ;;
    load) uptime ;;
    *) echo "Hello $(of_question '["sender"]["user_id"]')! I know **date** and **load**." ;;
esac
