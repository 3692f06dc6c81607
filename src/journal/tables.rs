//! The journal's tables, and how those of an older version are brought up to date.

use rusqlite::Connection;

/// The version of the tables that this program writes.
pub(super) const VERSION: i64 = 6;

/// - `account`: whose journal it is; `position` is what this device has journaled, `predecessor`
///   what the device before it had, until the gap between them is filled; `generation` counts the
///   gateway's starts, and `is_running` lasts from one to its end.
/// - `event`: `seen` is only an anchor for gap filling, `undecryptable` waits for its key,
///   `waiting` for its answer, `parked` was given up and waits for a person, `closed` is done.
///   Nothing before an event that `is_floor` is for the bot. `protection` and `trust` say how a
///   message came, `reason` why it is undecryptable or parked, and how or by which rule it was
///   closed. `revision` counts its edits.
///   `taken_at` and `failing_since` are in milliseconds since the Unix epoch.
/// - `reply`: the events of an answer; `event_id` is known of those that were sent.
/// - `draft`: events of an answer that is still being written.
/// - `edit`: the newest edit of a message that is undecryptable.
/// - `staged`: the part of a gap that was read so far, newest first; not there until all of it is.
/// - `encrypted_room`: rooms that were seen encrypted.
/// - `told`: what the bot said of its own accord, and when, in milliseconds since the Unix epoch.
const TABLES: &str = "
CREATE TABLE account (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    owner TEXT NOT NULL,
    position TEXT,
    predecessor TEXT,
    generation INTEGER NOT NULL DEFAULT 0,
    is_running INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE event (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('seen', 'undecryptable', 'waiting', 'parked', 'closed')),
    is_floor INTEGER NOT NULL DEFAULT 0,
    conversation TEXT,
    sender TEXT,
    protection TEXT,
    trust TEXT,
    session_id TEXT,
    payload TEXT,
    taken_at INTEGER,
    reason TEXT,
    attempts INTEGER NOT NULL DEFAULT 0,
    failing_since INTEGER,
    revision INTEGER NOT NULL DEFAULT 0,
    UNIQUE (room_id, event_id)
) STRICT;
CREATE INDEX event_of_room ON event (room_id, seq);
CREATE INDEX event_waiting ON event (conversation, seq) WHERE state = 'waiting';
CREATE INDEX event_parked ON event (seq) WHERE state = 'parked';
CREATE INDEX event_undecryptable ON event (session_id) WHERE state = 'undecryptable';
CREATE TABLE reply (
    seq INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    content TEXT NOT NULL,
    sent INTEGER NOT NULL DEFAULT 0,
    event_id TEXT,
    PRIMARY KEY (seq, part)
) STRICT;
CREATE INDEX reply_event ON reply (event_id) WHERE event_id IS NOT NULL;
CREATE TABLE draft (
    seq INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    event_id TEXT,
    content TEXT NOT NULL,
    PRIMARY KEY (seq, part)
) STRICT;
CREATE TABLE edit (
    seq INTEGER PRIMARY KEY REFERENCES event (seq) ON DELETE CASCADE,
    sender TEXT NOT NULL,
    protection TEXT NOT NULL,
    payload TEXT NOT NULL
) STRICT;
CREATE TABLE invitation (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    room_id TEXT NOT NULL UNIQUE,
    inviter TEXT
) STRICT;
CREATE TABLE encrypted_room (room_id TEXT PRIMARY KEY) STRICT;
CREATE TABLE staged (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    entry TEXT NOT NULL
) STRICT;
CREATE TABLE told (subject TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
";

/// From version 5 to 6.
///
/// - `room`: `successor` is the room that took its place, to which the bot followed at `followed_at`;
///   `refused` one that only claimed to. `greeting` is whether the bot's greeting is due or sent,
///   `alone_since` how long nobody else has been there. Times are in milliseconds since the Unix epoch.
/// - `alias`: the rooms of the aliases in `groupAllowFrom`, as their homeservers said last.
/// - `avatar`: the picture that was uploaded last, by the hash of its file.
const ADD_ROOMS: &str = "
CREATE TABLE room (
    room_id TEXT PRIMARY KEY,
    successor TEXT,
    followed_at INTEGER,
    refused TEXT,
    greeting TEXT CHECK (greeting IN ('due', 'sent')),
    alone_since INTEGER
) STRICT;
CREATE TABLE alias (alias TEXT PRIMARY KEY, room_id TEXT NOT NULL) STRICT;
CREATE TABLE avatar (hash TEXT PRIMARY KEY, url TEXT NOT NULL) STRICT;
";

/// From version 1 to 2.
const ADD_TIME_AND_REASON: &str = "
ALTER TABLE event ADD COLUMN taken_at INTEGER;
ALTER TABLE event ADD COLUMN reason TEXT;
";

/// From version 2 to 3.
const ADD_DRAFTS: &str = "
CREATE TABLE draft (
    seq INTEGER NOT NULL REFERENCES event (seq) ON DELETE CASCADE,
    part INTEGER NOT NULL,
    event_id TEXT,
    content TEXT NOT NULL,
    PRIMARY KEY (seq, part)
) STRICT;
";

/// From version 3 to 4: makes room for the new tables.
const SET_ASIDE: &str = "
DROP INDEX event_of_room;
DROP INDEX event_waiting;
DROP INDEX event_undecryptable;
ALTER TABLE account RENAME TO old_account;
ALTER TABLE event RENAME TO old_event;
ALTER TABLE reply RENAME TO old_reply;
ALTER TABLE draft RENAME TO old_draft;
ALTER TABLE invitation RENAME TO old_invitation;
";

/// Rooms with events that were encrypted are encrypted.
///
/// What is older than the oldest event that is known of a room was never for the bot.
const TAKE_OVER: &str = "
INSERT INTO account (id, owner, position) SELECT id, owner, position FROM old_account;
INSERT INTO event
    (seq, room_id, event_id, state, is_floor, conversation, sender, session_id, payload,
     taken_at, reason)
  SELECT seq, room_id, event_id, state,
         seq IN (SELECT min(seq) FROM old_event GROUP BY room_id),
         conversation, CASE WHEN json_valid(payload) THEN payload ->> '$.sender' END,
         session_id, payload, taken_at, reason
  FROM old_event ORDER BY seq;
INSERT INTO reply (seq, part, content, sent) SELECT seq, part, content, sent FROM old_reply;
INSERT INTO draft SELECT seq, part, event_id, content FROM old_draft;
INSERT INTO invitation (room_id, inviter)
  SELECT room_id, inviter FROM old_invitation ORDER BY rowid;
INSERT INTO encrypted_room
  SELECT DISTINCT room_id FROM old_event WHERE session_id IS NOT NULL OR state = 'undecryptable';
DROP TABLE old_reply;
DROP TABLE old_draft;
DROP TABLE old_invitation;
DROP TABLE old_event;
DROP TABLE old_account;
";

/// From version 4 to 5.
const ADD_TOLD: &str = "
CREATE TABLE told (subject TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT;
";

/// Brings the tables to this program's version, all of it or nothing.
pub(super) fn to_this_version(connection: &mut Connection, version: i64) -> rusqlite::Result<()> {
    let statements: &[&str] = match version {
        0 => &[TABLES, ADD_ROOMS],
        1 => &[
            ADD_TIME_AND_REASON,
            ADD_DRAFTS,
            SET_ASIDE,
            TABLES,
            TAKE_OVER,
            ADD_ROOMS,
        ],
        2 => &[ADD_DRAFTS, SET_ASIDE, TABLES, TAKE_OVER, ADD_ROOMS],
        3 => &[SET_ASIDE, TABLES, TAKE_OVER, ADD_ROOMS],
        4 => &[ADD_TOLD, ADD_ROOMS],
        5 => &[ADD_ROOMS],
        _ => return Ok(()),
    };
    // Renaming a table would take the references to it along.
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.pragma_update(None, "legacy_alter_table", true)?;
    let transaction = connection.transaction()?;
    transaction.execute_batch(&statements.concat())?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    if version > 0 {
        // From now on free pages can be given back.
        connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
        connection.execute_batch("VACUUM")?;
    }
    Ok(())
}
