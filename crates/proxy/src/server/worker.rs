//! The threads that answer requests, one a processor.
//!
//! Each has a runtime and connections to upstream of its own: handing a request from one thread to another costs more
//! than relaying it. What counts for all requests together, such as the limits of a client, the threads share.

use std::io;
use std::thread;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::time::interval;

use crate::server::app::App;

/// Shorter than every time that a request sets for itself; see [`tick`].
const TICK: Duration = Duration::from_secs(1);

/// A thread that answers requests.
pub struct Worker {
    pub(crate) runtime: Handle,
    pub(crate) app: App,
}

impl Worker {
    /// Makes a worker of whatever runs the runtime that this is called from.
    #[must_use]
    pub fn here(app: App) -> Self {
        Self {
            runtime: Handle::current(),
            app,
        }
    }

    /// Starts a new thread, which runs until the process ends.
    ///
    /// Fails where the system gives no thread, or no means to wait for sockets.
    pub fn start(app: &App) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let worker = Self {
            runtime: runtime.handle().clone(),
            app: app.with_own_connections(),
        };
        thread::Builder::new()
            .name("requests".to_owned())
            .spawn(move || runtime.block_on(tick()))?;
        Ok(worker)
    }
}

/// Finds the worker with the fewest connections, those to upstream included.
pub(crate) fn least_busy(workers: &[Worker]) -> Option<&Worker> {
    workers
        .iter()
        .min_by_key(|worker| worker.runtime.metrics().num_alive_tasks())
}

/// Keeps a timer running that is nearer than those of requests: where a new timer is the nearest of all, the runtime
/// wakes itself up once more, and each request sets one.
async fn tick() -> ! {
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
    }
}
