//! What the integration tests use of the rooms. No promise to anyone else.

pub mod address {
    pub use crate::address::UserId;
}

pub mod agent {
    pub use crate::agent::{
        Agent, Answer, Attachment, Check, Configured, Content, Draft, Failure, Missing, Question,
        Quoted, Sort, WhileBusy, from_document,
    };
}

pub mod cli {
    pub use crate::cli::{Cli, script};
}

pub mod config {
    pub use crate::config::{
        Document, FINDINGS, GroupPolicy, KEYS, Key, Paths, ReadReceipts, Secret, find_key,
        json_schema, validate,
    };
}

pub mod doctor {
    pub use crate::doctor::{Check, catalogue};
}

pub mod error {
    pub use crate::error::{Error, Kind, Result, exit_codes};
}

pub mod gateway {
    pub use crate::gateway::{Bot, Ending, Marks, MediaSettings, Milestone, Settings};
}

pub mod homeserver {
    pub use crate::homeserver::{
        Account, Backup, Homeserver, Options, PublishedKeys, TokenFault, token_faults,
    };
}

pub mod ipc {
    pub use crate::ipc::{
        Answer, Backlog, Condition, Encryption, Holder, IdentityKeys, KeptArchive, LastError, Lock,
        Newest, POLL, ParkedMessage, Pause, Refusal, Refused, Request, SelfTest, Server, Status,
        Stored, TestOutcome, Workers, ask, now,
    };
}

pub mod journal {
    pub use crate::journal::{Arrival, Batch, Entry, Stored, Summary};
}

pub mod policy {
    pub use crate::policy::{AllowFrom, Policy, Rule};
}

pub mod session {
    pub use crate::session::{
        Chain, Credentials, DIRECT_ROOM, Flaw, RecoveryKey, Session, verify_chain, verify_key,
    };
}

pub mod terminal {
    pub use crate::terminal::{Choice, Order, Question, Terminal, or_stop};
}
