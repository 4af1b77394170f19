//! Connections of clients: accepted up to a number, timed, and let finish when the proxy stops.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::{sleep, timeout};

use crate::config::limits::Limits;
use crate::server::app::App;
use crate::server::connection::Connection;
use crate::server::connections::{Activity, Connections};
use crate::server::tls::ServerTls;
use crate::server::worker::{Worker, least_busy};

/// How long to wait where there is no room for another connection, here or in the system.
const RETRY_AFTER: Duration = Duration::from_millis(100);

/// How much of an answer the system holds for a client that does not take it, in bytes. Left alone it holds megabytes,
/// and tells only after a third of them that a slow client took something: minutes on a bad line.
const SEND_BUFFER: u32 = 256 * 1024;

/// Connections that wait for somebody to accept them.
const BACKLOG: u32 = 1_024;

/// Listens for the clients of [`serve`]; port 0 takes a free one.
///
/// Fails where the address is taken, or not of this machine.
pub fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    // As the library does by itself: a proxy that was just stopped can be started again.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    // For its connections. Where it cannot be set, slow clients are cut off sooner.
    let _ = socket.set_send_buffer_size(SEND_BUFFER);
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Serves an app, over https where there is a certificate, until `stop` ends; then lets open requests finish within
/// [`Limits::drain`].
///
/// A connection stays with one of the workers, so none of its requests wakes two threads; without workers nothing is
/// served. Accepting, counting and stopping is done here, for all of them together.
pub async fn serve(
    listener: TcpListener,
    workers: &[Worker],
    tls: Option<ServerTls>,
    limits: Limits,
    stop: impl Future<Output = ()>,
) {
    let Some(Worker { app, .. }) = workers.first() else {
        return;
    };
    let (stopping, stopped) = watch::channel(());
    let mut open = OpenConnections::new(limits);
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = open.accept(&listener, app) => accepted,
        };
        // Each runtime waits for the sockets that were made known to it.
        let Some((stream, client)) = accepted else {
            continue;
        };
        let (Ok(stream), Some(worker)) = (stream.into_std(), least_busy(workers)) else {
            continue;
        };
        open.spawn(client, &worker.app, &worker.runtime, |activity| {
            let connection = Connection {
                app: worker.app.clone(),
                activity,
                limits,
                stopped: stopped.clone(),
            };
            let tls = tls.clone();
            async move {
                if let Ok(stream) = TcpStream::from_std(stream) {
                    connection.serve(stream, client, tls).await;
                }
            }
        });
    }
    app.stop();
    drop((listener, stopping));
    // What is still open behind that time is dropped with the set.
    let _ = timeout(limits.drain, async {
        while open.tasks.join_next().await.is_some() {}
    })
    .await;
}

/// The open connections, and the tasks that answer them.
pub(crate) struct OpenConnections {
    connections: Connections,
    tasks: JoinSet<()>,
}

impl OpenConnections {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            connections: Connections::new(limits),
            tasks: JoinSet::new(),
        }
    }

    /// Waits until something happens; gives a new connection if that is one for which there is room.
    pub(crate) async fn accept(
        &mut self,
        listener: &TcpListener,
        app: &App,
    ) -> Option<(TcpStream, IpAddr)> {
        let has_room = self.connections.has_room();
        let accepted = tokio::select! {
            Some(ended) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => {
                self.connections.remove(task(&ended));
                return None;
            }
            // A request that ends makes room and wakes nobody.
            () = sleep(RETRY_AFTER), if !has_room => return None,
            accepted = listener.accept(), if has_room => accepted,
        };
        while let Some(ended) = self.tasks.try_join_next_with_id() {
            self.connections.remove(task(&ended));
        }
        match accepted {
            // For whom there is no room is hung up on.
            Ok((stream, client)) => self
                .connections
                .make_room(owner(client.ip(), app))
                .then_some((stream, client.ip())),
            Err(error) => {
                // ENFILE and EMFILE: the system has no room for another file.
                if matches!(error.raw_os_error(), Some(23 | 24)) {
                    self.connections.evict(0);
                }
                sleep(RETRY_AFTER).await;
                None
            }
        }
    }

    pub(crate) fn spawn<F>(
        &mut self,
        client: IpAddr,
        app: &App,
        runtime: &Handle,
        answers: impl FnOnce(Activity) -> F,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let activity = Activity::default();
        let task = self.tasks.spawn_on(answers(activity.clone()), runtime);
        self.connections.add(owner(client, app), activity, task);
    }
}

/// Tells whose limits a connection counts for: nobody's where a front server made it.
fn owner(client: IpAddr, app: &App) -> Option<IpAddr> {
    (!app.is_front_server(client)).then_some(client)
}

fn task(ended: &Result<(Id, ()), JoinError>) -> Id {
    ended.as_ref().map_or_else(JoinError::id, |(id, ())| *id)
}
