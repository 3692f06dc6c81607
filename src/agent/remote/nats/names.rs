//! What things are called at the broker.

/// The names of one queue: its subjects, and what of them is kept.
#[derive(Clone, Debug)]
pub struct Names {
    queue: String,
}

/// Who is connected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    Gateway,
    Worker,
}

/// The consumer that all workers share.
pub const CONSUMER: &str = "workers";

impl Names {
    pub fn new(queue: &str) -> Self {
        Self {
            queue: queue.to_owned(),
        }
    }

    /// The stream of what is to be done.
    pub fn jobs(&self) -> String {
        format!("NANOBOT_{}_JOBS", self.queue)
    }

    /// The stream of what came of it.
    pub fn replies(&self) -> String {
        format!("NANOBOT_{}_REPLIES", self.queue)
    }

    /// The object store of files.
    pub fn bucket(&self) -> String {
        format!("NANOBOT_{}_FILES", self.queue)
    }

    pub fn job(&self, id: &str) -> String {
        self.subject("job", id)
    }

    pub fn reply(&self, id: &str) -> String {
        self.subject("reply", id)
    }

    /// Where a worker tells how far it is.
    pub fn events(&self, id: &str) -> String {
        self.subject("event", id)
    }

    /// Where a worker is told to stop.
    pub fn stop(&self, id: &str) -> String {
        self.subject("stop", id)
    }

    /// Where a worker tells how it is.
    pub fn worker(&self, name: &str) -> String {
        self.subject("worker", name)
    }

    /// Where all workers are asked how they are.
    pub fn roll_call(&self) -> String {
        format!("nanobot.{}.rollcall", self.queue)
    }

    /// What those connect with get their answers under: the others may not listen there.
    pub fn inbox(&self, role: Role) -> String {
        let who = match role {
            Role::Gateway => "gateway",
            Role::Worker => "worker",
        };
        format!("_INBOX_{}_{who}", self.queue)
    }

    fn subject(&self, what: &str, id: &str) -> String {
        format!("nanobot.{}.{what}.{id}", self.queue)
    }
}
