//! What becomes of drafts in the room: answers that were shown while they were being written.

use super::{
    admission::Asked,
    answer::Answerer,
    words::{Delivery, Outlet},
};
use crate::{inbox::Waiting, session::RoomFailure};

impl Answerer {
    /// Takes back what is left of drafts of messages that have their answer, or will have it with
    /// a later one.
    pub(super) async fn take_back_drafts(&self, asked: &[Asked]) -> Result<(), RoomFailure> {
        for Asked { waiting, .. } in asked {
            let outlet = self.outlet(waiting);
            self.delivery(&outlet, waiting).take_back_draft().await?;
        }
        Ok(())
    }

    /// Says in the drafts of messages that were closed without an answer, of these or of all, that
    /// nothing more will come.
    pub(super) async fn end_drafts(&self, of: Option<&[Asked]>) -> Result<(), RoomFailure> {
        let abandoned = self.inbox.abandoned_drafts().await;
        let mut abandoned = abandoned.map_err(RoomFailure::Store)?;
        if let Some(of) = of {
            abandoned.retain(|left| of.iter().any(|asked| asked.waiting.seq == left.seq));
        }
        for waiting in abandoned {
            let outlet = self.outlet(&waiting);
            self.delivery(&outlet, &waiting).end_draft().await?;
        }
        Ok(())
    }

    /// The saying of the answer to this message there.
    pub(super) fn delivery<'a>(
        &'a self,
        outlet: &'a dyn Outlet,
        waiting: &'a Waiting,
    ) -> Delivery<'a> {
        Delivery {
            outlet,
            inbox: &self.inbox,
            waiting,
        }
    }
}
