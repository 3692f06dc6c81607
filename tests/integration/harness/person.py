"""An independent encrypted Matrix client (matrix-nio), driven over JSON lines.

Every line on standard input is {"id": N, "do": COMMAND, ...arguments}; every answer on standard output is
{"id": N, "ok": RESULT} or {"id": N, "error": TEXT}. Commands run side by side. Ends when standard input ends.
The client's own log goes to standard error.
"""

import asyncio
import base64
import hashlib
import io
import json
import os
import sys
import threading
import time
import traceback

from nio import Api, AsyncClient, AsyncClientConfig, ErrorResponse, MegolmEvent, RoomPreset
from nio.crypto import ENCRYPTION_ENABLED, Sas
from nio.crypto.attachments import decrypt_attachment
from nio.exceptions import EncryptionError
from nio.store import SqliteMemoryStore

# The server may cap the limit (Synapse: 100); gaps are paged back.
FILTER = {"room": {"timeline": {"limit": 1000}}, "presence": {"types": []}}
SYNC_MS = 30_000
DEFAULT_SECONDS = 30


def answers(content, relation):
    """The message that the bot says for itself that this answers, where it is no reply to it."""
    mark = content.get("nanobot.answer")
    if not isinstance(mark, dict) or relation.get("rel_type") == "m.replace":
        return None
    return mark.get("question")


class Failed(Exception):
    """A command failed; the text is the answer."""


def checked(response):
    """nio returns its errors."""
    if isinstance(response, ErrorResponse):
        raise Failed(str(response))
    return response


def contains(whole, part):
    """Whether every key of `part`, recursively, has the same value in `whole`."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(key in whole and contains(whole[key], part[key]) for key in part)
    return whole == part


def check_commitment(sas, key):
    """As the specification says, in base64: nio 0.26.0 compares it with hexadecimal digits, and refuses everyone."""
    content = Api.to_canonical_json(sas.start_verification().content)
    digest = hashlib.sha256(key.encode() + content.encode()).digest()
    return sas.commitment == base64.b64encode(digest).decode().rstrip("=")


Sas._check_commitment = check_commitment
# The method whose base64 is right. nio 0.26.0 calculates that, and offers the one that repeats an old library's mistake.
Sas._mac_normal = "hkdf-hmac-sha256.v2"
Sas._mac_v1 = [Sas._mac_normal]


class Person:
    def __init__(self):
        self.client = None
        self.timelines = {}  # room id -> entries in the room's order
        self.entries = {}  # event id -> entry
        self.undecryptable = {}  # event id -> MegolmEvent, tried again after every sync
        self.failure = None
        self.online = asyncio.Event()
        self.syncing = False
        self.changed = asyncio.Condition()
        # nio must not query keys and share a session at the same time: each undoes the other's bookkeeping.
        self.keys_lock = asyncio.Lock()

    # --- the sync loop ---

    async def sync_forever(self):
        try:
            while True:
                await self.online.wait()
                self.syncing = True
                await self.sync_once(SYNC_MS)
                self.syncing = False
                await self.notify()
        except Exception:
            self.failure = traceback.format_exc()
            await self.notify()

    async def sync_once(self, milliseconds):
        response = checked(await self.client.sync(timeout=milliseconds, sync_filter=FILTER))
        for room_id, room in response.rooms.join.items():
            await self.take_in(room_id, room.timeline)
        for event_id, event in list(self.undecryptable.items()):
            self.try_again(event_id, event)
        # Whoever waits for an event need not wait for the keys as well.
        await self.notify()
        await self.look_after_keys()
        await self.notify()

    async def notify(self):
        async with self.changed:
            self.changed.notify_all()

    async def take_in(self, room_id, timeline):
        older = []
        if timeline.limited and timeline.prev_batch:
            older = await self.page_back(room_id, timeline.prev_batch)
        for event in older + timeline.events:
            self.keep(room_id, event)

    async def page_back(self, room_id, token):
        """The events before `token` that are not known yet, oldest first."""
        found = []
        while token:
            page = checked(await self.client.room_messages(room_id, start=token, limit=500))
            for event in page.chunk:
                if event.event_id in self.entries:
                    return found[::-1]
                found.append(event)
            token = page.end if page.chunk else None
        return found[::-1]

    def keep(self, room_id, event):
        if event.event_id in self.entries:
            return
        entry = {}
        self.entries[event.event_id] = entry
        self.timelines.setdefault(room_id, []).append(entry)
        if isinstance(event, MegolmEvent):
            event.room_id = room_id
            self.undecryptable[event.event_id] = event
        self.describe(entry, event)

    def try_again(self, event_id, event):
        try:
            clear = self.client.decrypt_event(event)
        except EncryptionError:
            return
        del self.undecryptable[event_id]
        self.describe(self.entries[event_id], clear)

    def describe(self, entry, event):
        source = event.source
        content = source.get("content") or {}
        relation = content.get("m.relates_to")
        relation = relation if isinstance(relation, dict) else {}
        reply = relation.get("m.in_reply_to")
        reply = reply if isinstance(reply, dict) else {}
        decrypted = bool(getattr(event, "decrypted", False))
        entry.update(
            event_id=event.event_id,
            sender=event.sender,
            type=source.get("type"),
            state_key=source.get("state_key"),
            content=content,
            body=content.get("body"),
            msgtype=content.get("msgtype"),
            in_reply_to=reply.get("event_id") or answers(content, relation),
            origin_server_ts=event.server_timestamp,
            decrypted=decrypted,
            undecryptable=isinstance(event, MegolmEvent),
            verified=bool(getattr(event, "verified", False)),
            sender_key=event.sender_key if decrypted else None,
        )

    def with_device(self, entry):
        """Adds the device whose key the event was encrypted with: its keys may have come after the event."""
        store = self.client.device_store
        keys = {device.curve25519: device.id for device in store.active_user_devices(entry["sender"])}
        keys[self.client.olm.account.identity_keys["curve25519"]] = self.client.device_id
        return entry | {"sender_device": keys.get(entry["sender_key"])}

    async def look_after_keys(self):
        async with self.keys_lock:
            client = self.client
            if client.should_upload_keys:
                checked(await client.keys_upload())
            if client.should_query_keys:
                checked(await client.keys_query())
            if client.should_claim_keys:
                checked(await client.keys_claim(client.get_users_for_key_claiming()))
            await client.send_to_device_messages()

    async def until(self, probe, what, seconds=DEFAULT_SECONDS):
        """Waits until `probe()` is true, looking after every sync."""
        deadline = time.monotonic() + seconds
        async with self.changed:
            while not (result := probe()):
                if self.failure:
                    raise Failed(f"the sync loop ended: {self.failure}")
                try:
                    await asyncio.wait_for(self.changed.wait(), deadline - time.monotonic())
                except asyncio.TimeoutError:
                    raise Failed(f"not within {seconds} s: {what}") from None
        return result

    def room(self, room_id):
        room = self.client.rooms.get(room_id)
        if room is None:
            raise Failed(f"not in {room_id}; in {list(self.client.rooms)}")
        return room

    # --- commands ---

    async def login(self, homeserver, user, password, device_name):
        config = AsyncClientConfig(
            store=SqliteMemoryStore,
            encryption_enabled=ENCRYPTION_ENABLED,
            max_timeout_retry_wait_time=1,
        )
        client = self.client = AsyncClient(homeserver, user, config=config)
        checked(await client.login(password, device_name=device_name))
        await self.sync_once(0)
        self.online.set()
        self.task = asyncio.create_task(self.sync_forever())
        return {"user_id": client.user_id, "device_id": client.device_id, "access_token": client.access_token}

    async def set_online(self, online):
        """Offline, a request already under way still finishes."""
        self.online.set() if online else self.online.clear()

    async def start_verification(self, user_id, device_id):
        """Starts one without asking, as clients did before there were requests; gives the numbers to compare.

        nio 0.26.0 takes the emoji's indices for bytes, so its emoji are never those of the other side.
        """
        checked(await self.client.start_key_verification(self.client.device_store[user_id][device_id]))
        sas = self.client.get_active_sas(user_id, device_id)
        await self.until(lambda: sas.state.name == "key_received" or sas.canceled, "the other side's key")
        if sas.canceled:
            raise Failed(f"cancelled: {sas.cancel_reason}")
        return {"id": sas.transaction_id, "decimals": sas.get_decimals()}

    async def confirm_verification(self, transaction):
        """Says that it matches, and waits for the other side: whether the device is verified then."""
        sas = self.client.key_verifications[transaction]
        checked(await self.client.confirm_short_auth_string(transaction))
        await self.until(lambda: sas.verified or sas.canceled, "the other side's answer")
        return sas.verified

    async def until_idle(self):
        await self.until(lambda: not self.syncing, "the end of the sync")

    async def create_room(self, encrypted, is_direct, invite, name, extra):
        state = list(extra.pop("initial_state", []))
        if encrypted:
            state.append(
                {"type": "m.room.encryption", "state_key": "", "content": {"algorithm": "m.megolm.v1.aes-sha2"}}
            )
        powers = extra.pop("power_level_content_override", None)
        preset = RoomPreset.trusted_private_chat if is_direct else RoomPreset.private_chat
        answer = checked(
            await self.client.room_create(
                name=name,
                is_direct=is_direct,
                preset=preset,
                invite=invite,
                initial_state=state,
                power_level_override=powers,
                **extra,
            )
        )
        # The server writes a new room's events one by one, and a sync may come in between.
        await self.until_ready(answer.room_id, [self.client.user_id, *invite], encrypted)
        return answer.room_id

    async def until_ready(self, room_id, members, encrypted=False):
        """Sees `members` (invited ones are enough) and has asked for the keys of all."""

        def ready():
            room = self.client.rooms.get(room_id)
            return (
                room
                and all(member in room.users for member in members)
                and (room.encrypted or not encrypted)
                and not self.client.should_query_keys
            )

        await self.until(ready, f"{members} in {room_id}")

    async def invite(self, room_id, user_id):
        checked(await self.client.room_invite(room_id, user_id))
        await self.until_ready(room_id, [user_id])

    async def join(self, room_id):
        checked(await self.client.join(room_id))
        await self.until_ready(room_id, [self.client.user_id])

    async def leave(self, room_id):
        checked(await self.client.room_leave(room_id))

    async def forget(self, room_id):
        checked(await self.client.room_forget(room_id))

    async def invited_rooms(self):
        return list(self.client.invited_rooms)

    async def wait_for_invite(self, sender, seconds):
        def invitation():
            for room_id, room in self.client.invited_rooms.items():
                if sender is None or room.inviter == sender:
                    return room_id

        return await self.until(invitation, f"an invitation from {sender or 'anybody'}", seconds)

    async def members(self, room_id):
        room = self.room(room_id)
        return {user_id: "invite" if user.invited else "join" for user_id, user in room.users.items()}

    async def send(self, room_id, type, content, transaction_id=None):
        room = self.room(room_id)
        if room.encrypted:
            await self.look_after_keys()
            async with self.keys_lock:
                if self.client.olm.should_share_group_session(room_id):
                    await self.client.share_group_session(room_id, ignore_unverified_devices=True)
        answer = await self.client.room_send(
            room_id, type, content, tx_id=transaction_id, ignore_unverified_devices=True
        )
        return checked(answer).event_id

    async def send_many(self, room_id, bodies, at_once):
        contents = [{"msgtype": "m.text", "body": body} for body in bodies]
        if not at_once:
            return [await self.send(room_id, "m.room.message", content) for content in contents]
        return await asyncio.gather(*(self.send(room_id, "m.room.message", content) for content in contents))

    async def send_file(self, room_id, path, mimetype, content):
        """`content` is laid over the one made here, so that it can lie."""
        with open(path, "rb") as file:
            data = file.read()
        encrypted = self.room(room_id).encrypted
        answer, keys = await self.client.upload(
            io.BytesIO(data), content_type=mimetype, filename=None, encrypt=encrypted, filesize=len(data)
        )
        url = checked(answer).content_uri
        whole = {"body": os.path.basename(path), "info": {"mimetype": mimetype, "size": len(data)}}
        whole |= {"file": {"url": url, **keys}} if encrypted else {"url": url}
        return await self.send(room_id, "m.room.message", whole | content)

    async def fetch_file(self, event_id, path):
        """Writes the file of an event, decrypted where it is encrypted, to this path."""
        content = self.entries[event_id]["content"]
        file = content.get("file")
        place = (file or content)["url"].removeprefix("mxc://")
        # nio knows only the old way, which servers refuse.
        url = f"{self.client.homeserver}/_matrix/client/v1/media/download/{place}"
        headers = {"Authorization": f"Bearer {self.client.access_token}"}
        async with self.client.client_session.get(url, headers=headers) as answer:
            if answer.status != 200:
                raise Failed(f"{answer.status} for {url}")
            data = await answer.read()
        if file:
            data = decrypt_attachment(data, file["key"]["k"], file["hashes"]["sha256"], file["iv"])
        with open(path, "wb") as kept:
            kept.write(data)

    async def redact(self, room_id, event_id):
        return checked(await self.client.room_redact(room_id, event_id)).event_id

    async def rotate_session(self, room_id):
        """The next message starts a new Megolm session."""
        async with self.keys_lock:
            self.client.invalidate_outbound_session(room_id)

    async def export_keys(self, path, passphrase):
        await self.client.export_keys(path, passphrase)

    async def import_keys(self, path, passphrase):
        await self.client.import_keys(path, passphrase)
        for event_id, event in list(self.undecryptable.items()):
            self.try_again(event_id, event)
        await self.notify()

    async def devices(self, user_id):
        """What the server says now, not what we remember."""
        async with self.keys_lock:
            self.client.olm.users_for_key_query.add(user_id)
            checked(await self.client.keys_query())
        return [
            {"device_id": device.id, "ed25519": device.ed25519, "curve25519": device.curve25519}
            for device in self.client.device_store.active_user_devices(user_id)
        ]

    async def timeline(self, room_id):
        return [self.with_device(entry) for entry in self.timelines.get(room_id, [])]

    async def wait_for(self, room_id, count, seconds, after=None, contains_text=None, content=None, **exact):
        """The first `count` entries (behind the event `after`) that match, in the room's order."""

        def matches(entry):
            return (
                all(entry[key] == value for key, value in exact.items())
                and (content is None or contains(entry["content"], content))
                and (contains_text is None or contains_text in (entry["body"] or ""))
            )

        def found():
            entries = self.timelines.get(room_id, [])
            if after is not None:
                ids = [entry["event_id"] for entry in entries]
                entries = entries[ids.index(after) + 1 :] if after in ids else []
            matching = [entry for entry in entries if matches(entry)][:count]
            return matching if len(matching) == count else None

        wanted = exact | {"contains_text": contains_text, "content": content, "after": after}
        wanted = {key: value for key, value in wanted.items() if value is not None}
        try:
            entries = await self.until(found, f"{count} x {wanted}", seconds)
            return [self.with_device(entry) for entry in entries]
        except Failed as failure:
            seen = [
                f"{entry['event_id']} {entry['sender']} {entry['type']} {entry['content']}"
                for entry in self.timelines.get(room_id, [])[-20:]
            ]
            raise Failed("\n".join([str(failure), f"the end of {room_id}:", *seen])) from None


async def main():
    person = Person()
    loop = asyncio.get_running_loop()
    commands = asyncio.Queue()

    def read():
        for line in sys.stdin:
            loop.call_soon_threadsafe(commands.put_nowait, json.loads(line))
        os._exit(0)

    async def run(command):
        number = command.pop("id")
        try:
            answer = {"ok": await getattr(person, command.pop("do"))(**command)}
        except Failed as failure:
            answer = {"error": str(failure)}
        except Exception:
            answer = {"error": traceback.format_exc()}
        sys.stdout.write(json.dumps({"id": number, **answer}) + "\n")
        sys.stdout.flush()

    threading.Thread(target=read, daemon=True).start()
    running = set()
    while True:
        task = asyncio.create_task(run(await commands.get()))
        running.add(task)
        task.add_done_callback(running.discard)


asyncio.run(main())
