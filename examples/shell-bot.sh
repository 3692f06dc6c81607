#!/bin/sh
# A whole bot: nanobot hands it a JSON document for each message, and says what it prints.
# "agent": {"type": "command", "command": ["./shell-bot.sh"], "attachmentsFrom": ["files"]}
question=$(cat)
of_question() { printf '%s' "$question" | python3 -c "import json, sys; print(json.load(sys.stdin)$1)"; }
case $(of_question '["text"]') in
    date) date ;;
    load) uptime ;;
    report)
        mkdir -p files && ps >files/report.txt
        echo '{"text": "Here it is.", "attachments": ["files/report.txt"]}' ;;
    *) echo "Hello $(of_question '["sender"]["user_id"]')! I know **date**, **load** and **report**." ;;
esac
