//! Who has how many connections open, and which of them makes room for somebody new.
//!
//! A connection without a request costs whoever opened it nothing, so it must not cost others their turn: where there
//! is no room, such a connection of the client with the most of them is closed, the one that waits longest first. HTTP
//! lets either side close a connection between requests. One that is being answered is left alone.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::task::{AbortHandle, Id};
use tokio::time::Instant;

use crate::config::limits::Limits;
use crate::server::rate_limit::client_key;

/// One in so many connections is kept for clients that have none.
const RESERVED: usize = 8;

/// What one connection is doing. Clones are of the same connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity(Arc<Mutex<Phase>>);

#[derive(Clone, Copy, Debug)]
enum Phase {
    /// There is no request, or only part of its head.
    Waits { since: Instant },
    /// A request is being answered.
    Answers,
    /// The answer is whole, but may not be on its way yet.
    Answered,
    /// It is to be closed.
    Evicted,
}

impl Default for Phase {
    fn default() -> Self {
        Self::Waits {
            since: Instant::now(),
        }
    }
}

impl Activity {
    /// Notes a request, which is being answered until the guard is dropped. `None` where the connection is to be
    /// closed.
    #[must_use]
    pub(crate) fn begin(&self) -> Option<InFlight> {
        let mut state = self.lock();
        if matches!(*state, Phase::Evicted) {
            return None;
        }
        *state = Phase::Answers;
        Some(InFlight(self.clone()))
    }

    /// Notes that all that was written is on its way: behind a whole answer, the connection waits again.
    pub(crate) fn flushed(&self) {
        let mut state = self.lock();
        if matches!(*state, Phase::Answered) {
            *state = Phase::default();
        }
    }

    /// Tells whether there is no request.
    #[must_use]
    pub(crate) fn waits(&self) -> bool {
        self.waits_since().is_some()
    }

    fn waits_since(&self) -> Option<Instant> {
        match *self.lock() {
            Phase::Waits { since } => Some(since),
            Phase::Answers | Phase::Answered | Phase::Evicted => None,
        }
    }

    /// Takes the connection from its client; not where a request has come meanwhile.
    fn evict(&self) -> bool {
        let mut state = self.lock();
        let waits = matches!(*state, Phase::Waits { .. });
        if waits {
            *state = Phase::Evicted;
        }
        waits
    }

    fn lock(&self) -> MutexGuard<'_, Phase> {
        // Every change under the lock is whole, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub struct InFlight(Activity);

impl Drop for InFlight {
    fn drop(&mut self) {
        *self.0.lock() = Phase::Answered;
    }
}

/// The open connections.
#[derive(Debug)]
pub(crate) struct Connections {
    limits: Limits,
    open: HashMap<Id, OpenConnection>,
}

#[derive(Debug)]
struct OpenConnection {
    /// Whose it is. None for a front server, which connects for many: each of its connections stands for itself.
    client: Option<IpAddr>,
    activity: Activity,
    task: AbortHandle,
}

impl Connections {
    /// Creates an empty set.
    #[must_use]
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            open: HashMap::new(),
        }
    }

    /// Tells whether somebody new could be let in.
    #[must_use]
    pub(crate) fn has_room(&self) -> bool {
        self.open.len() < self.limits.connections
            || self.open.values().any(|open| open.activity.waits())
    }

    /// Makes room for one more connection of a client, or of a front server; says whether there is room now.
    pub(crate) fn make_room(&mut self, client: Option<IpAddr>) -> bool {
        let client = client.map(client_key);
        let held = client.map_or(0, |_| {
            self.open
                .values()
                .filter(|open| open.client == client)
                .count()
        });
        if client.is_some() && held >= self.limits.client_connections {
            return false;
        }
        let reserved = if held == 0 {
            0
        } else {
            self.limits.connections / RESERVED
        };
        self.open.len() < self.limits.connections - reserved || self.evict(held)
    }

    /// Closes the connection that waits longest of the client with the most connections, if those are as many as
    /// `least`; says whether there was one.
    pub(crate) fn evict(&mut self, least: usize) -> bool {
        let mut held = HashMap::<IpAddr, usize>::new();
        for client in self.open.values().filter_map(|open| open.client) {
            *held.entry(client).or_default() += 1;
        }
        let held = |open: &OpenConnection| {
            open.client
                .and_then(|client| held.get(&client).copied())
                .unwrap_or(1)
        };
        loop {
            let waiting = self.open.iter().filter(|(_, open)| held(open) >= least);
            let waiting = waiting.filter_map(|(id, open)| {
                Some((held(open), Reverse(open.activity.waits_since()?), id))
            });
            let Some(&id) = waiting
                .max_by_key(|(held, since, _)| (*held, *since))
                .map(|(_, _, id)| id)
            else {
                return false;
            };
            // A request may have come at this very moment; then it is another's turn.
            if let Some(open) = self.open.get(&id).filter(|open| open.activity.evict()) {
                open.task.abort();
                self.open.remove(&id);
                return true;
            }
        }
    }

    /// Adds a connection that was let in.
    pub(crate) fn add(&mut self, client: Option<IpAddr>, activity: Activity, task: AbortHandle) {
        self.open.insert(
            task.id(),
            OpenConnection {
                client: client.map(client_key),
                activity,
                task,
            },
        );
    }

    /// Removes a connection that has ended.
    pub(crate) fn remove(&mut self, task: Id) {
        self.open.remove(&task);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const ONE: [u8; 4] = [192, 0, 2, 1];
    const TWO: [u8; 4] = [192, 0, 2, 2];
    const NEW: [u8; 4] = [192, 0, 2, 9];

    fn limits(connections: usize, client_connections: usize) -> Limits {
        Limits {
            connections,
            client_connections,
            ..Limits::default()
        }
    }

    impl Connections {
        /// Lets a connection in where there is room, a second behind the one before it.
        async fn connect(&mut self, client: [u8; 4]) -> Option<Activity> {
            self.connect_of(Some(client.into())).await
        }

        async fn connect_of(&mut self, client: Option<IpAddr>) -> Option<Activity> {
            tokio::time::advance(Duration::from_secs(1)).await;
            self.make_room(client).then(|| {
                let activity = Activity::default();
                let task = tokio::spawn(std::future::pending::<()>()).abort_handle();
                self.add(client, activity.clone(), task);
                activity
            })
        }
    }

    fn is_evicted(activity: &Activity) -> bool {
        matches!(*activity.lock(), Phase::Evicted)
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_has_a_number_of_connections() {
        let mut connections = Connections::new(limits(100, 2));
        let first = connections.connect(ONE).await;
        assert!(first.is_some() && connections.connect(ONE).await.is_some());
        assert!(connections.connect(ONE).await.is_none());
        assert!(connections.connect(TWO).await.is_some());
        let task = connections
            .open
            .iter()
            .find(|(_, open)| open.client == Some(ONE.into()))
            .map(|(id, _)| *id);
        connections.remove(task.expect("open"));
        assert!(
            connections.connect(ONE).await.is_some(),
            "who left makes room"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_client_with_the_most_gives_the_one_that_waits_longest() {
        let mut connections = Connections::new(limits(4, 4));
        let two = connections.connect(TWO).await.expect("room");
        let first = connections.connect(ONE).await.expect("room");
        let second = connections.connect(ONE).await.expect("room");
        let third = connections.connect(ONE).await.expect("room");
        // The first has had a request since then.
        drop(first.begin());
        first.flushed();
        let new = connections.connect(NEW).await.expect("room is made");
        assert!(is_evicted(&second));
        assert!(![&two, &first, &third, &new].into_iter().any(is_evicted));
        assert!(
            second.begin().is_none(),
            "a request that comes now is not begun"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_never_broken_off_for_somebody_new() {
        let mut connections = Connections::new(limits(2, 2));
        let first = connections.connect(ONE).await.expect("room");
        let second = connections.connect(ONE).await.expect("room");
        let (_answering, answered) = (first.begin().expect("open"), second.begin().expect("open"));
        assert!(!connections.has_room() && connections.connect(NEW).await.is_none());
        drop(answered);
        assert!(
            !connections.has_room(),
            "the end of the answer is not on its way yet"
        );
        second.flushed();
        assert!(connections.has_room() && connections.connect(NEW).await.is_some());
        assert!(is_evicted(&second) && !is_evicted(&first));
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_places_are_for_clients_who_have_none() {
        let mut connections = Connections::new(limits(16, 16));
        let mut answering = Vec::new();
        for _ in 0..14 {
            answering.push(connections.connect(ONE).await.expect("room").begin());
        }
        assert!(connections.connect(ONE).await.is_none());
        let two = connections.connect(TWO).await.expect("room");
        assert!(connections.connect(NEW).await.is_some());
        // Who holds more closes none of who holds fewer.
        assert!(connections.connect(ONE).await.is_none() && !is_evicted(&two));
        assert!(
            connections.connect(TWO).await.is_some() && is_evicted(&two),
            "only a place of its own, or as few"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn the_connections_of_a_front_server_stand_for_themselves() {
        let mut connections = Connections::new(limits(8, 2));
        let mut front = Vec::new();
        for _ in 0..5 {
            front.push(
                connections
                    .connect_of(None)
                    .await
                    .expect("room, whatever one client may have"),
            );
        }
        let one = connections.connect(ONE).await.expect("room");
        connections.connect(ONE).await.expect("room");
        front.push(
            connections
                .connect_of(None)
                .await
                .expect("the last places too"),
        );
        connections.connect(NEW).await.expect("room is made");
        assert!(is_evicted(&one) && !front.iter().any(is_evicted));
    }
}
