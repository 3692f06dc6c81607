"""The least that an encrypted bot can be: a matrix-nio client that repeats what one person says.

    echo.py HOMESERVER USER PASSWORD PERSON STORE
"""

import asyncio
import sys

from nio import AsyncClient, AsyncClientConfig, InviteMemberEvent, RoomMessageText


async def main(homeserver, user, password, person, store):
    config = AsyncClientConfig(encryption_enabled=True)
    client = AsyncClient(homeserver, user, store_path=store, config=config)

    async def join(room, _):
        await client.join(room.room_id)

    async def repeat(room, event):
        if event.sender != person:
            return
        content = {
            "msgtype": "m.text",
            "body": event.body,
            "m.relates_to": {"m.in_reply_to": {"event_id": event.event_id}},
        }
        await client.room_send(room.room_id, "m.room.message", content, ignore_unverified_devices=True)

    await client.login(password)
    client.add_event_callback(join, InviteMemberEvent)
    client.add_event_callback(repeat, RoomMessageText)
    await client.sync(timeout=0)
    print("echo is there", flush=True)
    await client.sync_forever(timeout=30_000)


asyncio.run(main(*sys.argv[1:]))
