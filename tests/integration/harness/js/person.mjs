// An independent encrypted Matrix client (matrix-js-sdk, which Element runs), driven over JSON lines.
//
// Every line on standard input is {"id": N, "do": COMMAND, ...arguments}; every answer on standard output is
// {"id": N, "ok": RESULT} or {"id": N, "error": TEXT}. Commands run side by side. Ends when standard input ends.
// The client's own log goes to standard error. The argument is the directory of the packages.

import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";

// Before the SDK is loaded, which keeps the functions that it finds.
for (const name of ["log", "info", "debug", "trace", "warn"]) {
    console[name] = console.error;
}
const packages = pathToFileURL(`${process.argv[2]}/`);
const sdk = await import(new URL("matrix-js-sdk/lib/index.js", packages));
const { CryptoEvent, VerificationPhase, VerificationRequestEvent, VerifierEvent } = await import(
    new URL("matrix-js-sdk/lib/crypto-api/index.js", packages)
);

const [{ PollStartEvent }, { PollResponseEvent }, { makeLocationContent }] = await Promise.all(
    ["extensible_events_v1/PollStartEvent.js", "extensible_events_v1/PollResponseEvent.js", "content-helpers.js"].map(
        (file) => import(new URL(`matrix-js-sdk/lib/${file}`, packages)),
    ),
);

const SAS = "m.sas.v1";
let client;
let crypto;
let signIn; // answers the server where it wants the password again
const requests = []; // every verification, the index is its name here
const incoming = []; // of these, the ones that others asked for and nobody has waited for yet
const waiting = []; // those who wait for the next incoming one
const sas = new Map(); // request -> what its verifier shows

async function login({ homeserver, user, password, identity }) {
    const identifier = { type: "m.id.user", user };
    const answer = await fetch(`${homeserver}/_matrix/client/v3/login`, {
        method: "POST",
        body: JSON.stringify({ type: "m.login.password", identifier, password }),
    });
    const session = await answer.json();
    if (!answer.ok) throw new Error(JSON.stringify(session));
    client = sdk.createClient({
        baseUrl: homeserver,
        userId: session.user_id,
        deviceId: session.device_id,
        accessToken: session.access_token,
        verificationMethods: [SAS],
    });
    await client.initRustCrypto({ useIndexedDB: false });
    crypto = client.getCrypto();
    client.on(CryptoEvent.VerificationRequestReceived, (request) => {
        incoming.push(keep(request));
        waiting.shift()?.();
    });
    signIn = (upload) => upload({ type: "m.login.password", identifier, password });
    if (identity) await crypto.bootstrapCrossSigning({ authUploadDeviceSigningKeys: signIn });
    await client.startClient({ threadSupport: true });
    await until(client, sdk.ClientEvent.Sync, () => client.isInitialSyncComplete());
    return { user_id: session.user_id, device_id: session.device_id, access_token: session.access_token };
}

/** Waits until something holds, looking again at every such event. */
function until(emitter, event, holds) {
    return new Promise((resolve) => {
        const look = () => {
            if (!holds()) return;
            emitter.off(event, look);
            resolve();
        };
        emitter.on(event, look);
        look();
    });
}

function keep(request) {
    const known = requests.indexOf(request);
    return known >= 0 ? known : requests.push(request) - 1;
}

const changed = (request, holds) => until(request, VerificationRequestEvent.Change, holds);

function isOver(request) {
    return [VerificationPhase.Done, VerificationPhase.Cancelled].includes(request.phase);
}

/** What the request's verifier shows; runs the verifier if nobody did. */
async function shown(request) {
    await changed(request, () => request.verifier || isOver(request));
    if (!request.verifier) throw new Error(`it has ended: ${request.cancellationCode}`);
    if (!sas.has(request)) {
        const verifier = request.verifier;
        sas.set(
            request,
            new Promise((resolve, reject) => {
                verifier.once(VerifierEvent.ShowSas, resolve);
                verifier.verify().catch(reject);
                const there = verifier.getShowSasCallbacks();
                if (there) resolve(there);
            }),
        );
    }
    return sas.get(request);
}

/** Waits until the identity of a room's member, who may still be invited, is known. */
async function known(user_id, room_id) {
    crypto.prepareToEncrypt(client.getRoom(room_id));
    while (!(await crypto.userHasCrossSigningKeys(user_id))) {
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
}

const commands = {
    login,
    async create_room({ invite }) {
        const encryption = { type: "m.room.encryption", state_key: "", content: { algorithm: "m.megolm.v1.aes-sha2" } };
        const room = await client.createRoom({
            preset: "trusted_private_chat",
            is_direct: true,
            invite: [invite],
            initial_state: [encryption],
        });
        await until(client, sdk.ClientEvent.Sync, () => client.getRoom(room.room_id));
        return room.room_id;
    },
    invite: async ({ room_id, user_id }) => void (await client.invite(room_id, user_id)),
    async join({ room_id }) {
        await client.joinRoom(room_id);
        await until(client, sdk.ClientEvent.Sync, () => client.getRoom(room_id)?.getMyMembership() === "join");
    },
    wait_for_member: ({ room_id, user_id }) =>
        until(
            client,
            sdk.ClientEvent.Sync,
            () => client.getRoom(room_id)?.getMember(user_id)?.membership === "join",
        ),
    async ask_in_room({ user_id, room_id }) {
        await known(user_id, room_id);
        return keep(await crypto.requestVerificationDM(user_id, room_id));
    },
    async ask_device({ user_id, device_id, room_id }) {
        if (room_id) await known(user_id, room_id);
        return keep(await crypto.requestDeviceVerification(user_id, device_id));
    },
    async reset_identity() {
        await crypto.bootstrapCrossSigning({ setupNewCrossSigning: true, authUploadDeviceSigningKeys: signIn });
    },
    rotate_session: ({ room_id }) => crypto.forceDiscardSession(room_id),
    send_text: async ({ room_id, body }) => (await client.sendTextMessage(room_id, body)).event_id,
    send: async ({ room_id, thread, type, content }) =>
        (await client.sendEvent(room_id, thread ?? null, type, content)).event_id,
    async emote({ room_id, body }) {
        return (await client.sendEmoteMessage(room_id, body)).event_id;
    },
    async sticker({ room_id, url, body }) {
        return (await client.sendStickerMessage(room_id, url, { mimetype: "image/gif" }, body)).event_id;
    },
    place: ({ room_id, uri, description }) =>
        commands.send({
            room_id,
            type: "m.room.message",
            content: makeLocationContent(undefined, uri, Date.now(), description),
        }),
    poll: ({ room_id, question, answers }) =>
        commands.send({
            room_id,
            ...PollStartEvent.from(question, answers, "org.matrix.msc3381.poll.disclosed").serialize(),
        }),
    /** Votes for the answer of this number, by the ID that the client has read of it. */
    vote({ room_id, poll, number }) {
        const start = client.getRoom(room_id).polls.get(poll).pollEvent;
        return commands.send({ room_id, ...PollResponseEvent.from([start.answers[number].id], poll).serialize() });
    },
    redact: async ({ room_id, event_id }) => (await client.redactEvent(room_id, event_id)).event_id,
    upload: async ({ base64 }) =>
        (await client.uploadContent(Buffer.from(base64, "base64"), { type: "image/gif" })).content_uri,
    upgrade: async ({ room_id, version }) => (await client.upgradeRoom(room_id, version)).replacement_room,
    /** What the client makes of a room's events, threads included. */
    timeline({ room_id }) {
        const room = client.getRoom(room_id);
        const threads = (room?.getThreads() ?? []).flatMap((thread) => thread.events);
        const events = new Set([...(room?.getLiveTimeline().getEvents() ?? []), ...threads]);
        return [...events].map((event) => ({
            event_id: event.getId(),
            sender: event.getSender(),
            type: event.getType(),
            content: event.getContent(),
            encrypted: event.isEncrypted(),
            failed: event.isDecryptionFailure(),
            thread: event.threadRootId ?? null,
            reply: event.replyEventId ?? null,
            poll: room.polls.get(event.getId())?.pollEvent?.question?.text ?? null,
            reactions: (room.relations.getChildEventsForEvent(event.getId(), "m.annotation", "m.reaction")?.getRelations() ?? [])
                .map((reaction) => `${reaction.getSender()} ${reaction.getRelation().key}`),
        }));
    },
    /** By the receipts that were sent: whoever says something has read what came before it, too. */
    read_up_to: ({ room_id, user_id }) => client.getRoom(room_id)?.getEventReadUpTo(user_id, true) ?? null,
    ask_own_devices: async () => keep(await crypto.requestOwnUserVerification()),
    async wait_for_request() {
        while (incoming.length === 0) await new Promise((resolve) => waiting.push(resolve));
        const name = incoming.shift();
        const request = requests[name];
        return { request: name, user_id: request.otherUserId, room_id: request.roomId ?? null };
    },
    accept: ({ request }) => requests[request].accept(),
    async start({ request: name }) {
        const request = requests[name];
        await changed(request, () => request.phase === VerificationPhase.Ready || isOver(request));
        await request.startVerification(SAS);
    },
    async compare({ request }) {
        const callbacks = await shown(requests[request]);
        return { emoji: callbacks.sas.emoji, decimals: callbacks.sas.decimal };
    },
    confirm: async ({ request }) => (await shown(requests[request])).confirm(),
    mismatch: async ({ request }) => (await shown(requests[request])).mismatch(),
    cancel: ({ request }) => requests[request].cancel(),
    async wait_for_end({ request: name }) {
        const request = requests[name];
        // A verifier whose end nobody waits for is an unhandled rejection.
        sas.get(request)?.catch(() => {});
        await changed(request, () => isOver(request));
        return state(request);
    },
    state: ({ request }) => state(requests[request]),
    async sees_user_verified({ user_id }) {
        return (await crypto.getUserVerificationStatus(user_id)).isCrossSigningVerified();
    },
    async sees_device_verified({ user_id, device_id }) {
        await crypto.getUserDeviceInfo([user_id], true);
        return (await crypto.getDeviceVerificationStatus(user_id, device_id))?.crossSigningVerified ?? false;
    },
};

function state(request) {
    return {
        phase: VerificationPhase[request.phase],
        code: request.cancellationCode,
        by: request.cancellingUserId ?? null,
        transaction: request.transactionId,
    };
}

// The SDK rejects promises of verifications that end; each command reports what concerns it.
process.on("unhandledRejection", (reason) => console.error("unhandled:", reason));

const say = (answer) => process.stdout.write(`${JSON.stringify(answer)}\n`);
for await (const line of createInterface({ input: process.stdin })) {
    const { id, do: command, ...given } = JSON.parse(line);
    Promise.resolve()
        .then(() => commands[command](given))
        .then(
            (ok) => say({ id, ok: ok ?? null }),
            (error) => say({ id, error: `${error?.stack ?? error}` }),
        );
}
process.exit(0);
