//! The `waybill-proxy` command.

use std::io;
use std::net::SocketAddr;
use std::num::NonZero;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use waybill_proxy::flags::{HELP, Invocation, parse};
use waybill_proxy::{App, Config, Limits, ServerTls, Worker, serve, serve_metrics};

/// musl's own allocator, in the static program, gives its memory to one thread at a time.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match parse(std::env::args_os().skip(1), |name| std::env::var_os(name)) {
        Ok(Invocation::Help) => print!("{HELP}"),
        Ok(Invocation::Version) => println!("waybill-proxy {}", env!("CARGO_PKG_VERSION")),
        Ok(Invocation::Run(config)) => {
            if let Err(words) = run(*config).await {
                eprintln!("waybill-proxy: {words}");
                return ExitCode::FAILURE;
            }
        }
        Err(error) => {
            eprintln!("waybill-proxy: {error}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

async fn run(mut config: Config) -> Result<(), String> {
    let listener = listen(config.listen, "--listen")?;
    config.listen = listener.local_addr().map_err(|error| error.to_string())?;
    let metrics = match config.metrics {
        Some(address) => Some(listen(address, "--metrics")?),
        None => None,
    };
    if let Some(metrics) = &metrics {
        config.metrics = metrics.local_addr().ok();
    }
    let tls = config
        .tls
        .as_ref()
        .map(ServerTls::read)
        .transpose()
        .map_err(|error| error.to_string())?;
    let app = App::new(&config).map_err(|error| error.to_string())?;
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
    let workers = (0..threads)
        .map(|_| Worker::start(&app))
        .collect::<Result<Vec<_>, _>>();
    let workers = workers.map_err(|error| format!("cannot start {threads} threads: {error}"))?;
    print!("{}", greeting(&config));

    let (stop, stopped) = oneshot::channel();
    let drain = config.limits.drain.as_secs();
    tokio::spawn(async move {
        stop_signal().await;
        eprintln!(
            "Stopping when the open requests have ended, within {drain} seconds; once more to stop at once."
        );
        // The receiver lives as long as `serve` runs.
        let _ = stop.send(());
        stop_signal().await;
        std::process::exit(130);
    });
    tokio::spawn(read_certificates_again(tls.clone()));
    if let Some(metrics) = metrics {
        tokio::spawn(serve_metrics(metrics, app.clone(), config.limits));
    }
    serve(listener, &workers, tls, config.limits, async {
        stopped.await.unwrap_or_default();
    })
    .await;
    Ok(())
}

fn listen(address: SocketAddr, flag: &str) -> Result<TcpListener, String> {
    waybill_proxy::listen(address).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "{address} is taken by another program, perhaps by another waybill-proxy; stop it, or take a free port with \
             {flag} {}:0",
            address.to_string().rsplit_once(':').map_or("127.0.0.1", |(address, _)| address)
        ),
        _ => format!("cannot listen on {address}: {error}"),
    })
}

/// Tells what is served, and what is allowed.
fn greeting(config: &Config) -> String {
    let mut shown = config.listen;
    let everywhere = shown.ip().is_unspecified();
    if everywhere {
        shown.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let scheme = if config.tls.is_some() {
        "https"
    } else {
        "http"
    };
    let mut lines = vec![format!("Waybill is at {scheme}://{shown}/")];
    if everywhere {
        lines.push(format!(
            "It listens on every address of this machine, port {}.",
            shown.port()
        ));
    }
    if !config.hosts.is_empty() {
        lines.push(format!("It also answers to {}.", list(&config.hosts)));
    }
    lines.push("It relays the page's requests to any public registry, over https.".to_owned());
    if config.allow.is_empty() {
        lines.push("Private registries are refused; --allow HOST:PORT names one.".to_owned());
    } else {
        lines.push(format!("It also reaches {}.", list(&config.allow)));
    }
    let Limits {
        client_requests: open,
        client_rate: rate,
        ..
    } = config.limits;
    lines.push(format!(
        "Each client may have {open} requests open and make {rate} a second."
    ));
    if !config.trusted.is_empty() {
        lines.push(format!(
            "It believes X-Forwarded-For of {}.",
            list(&config.trusted)
        ));
    }
    if let Some(metrics) = config.metrics {
        lines.push(format!("Its counters are at http://{metrics}/metrics"));
    }
    let push = if config.push {
        "Pushing is on."
    } else {
        "Pushing is off; --push switches it on."
    };
    lines.push(push.to_owned());
    lines.join("\n") + "\n"
}

fn list<T: ToString>(items: &[T]) -> String {
    items
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Waits for Ctrl-C, or for the polite signal of a service manager.
async fn stop_signal() {
    #[cfg(unix)]
    if let Ok(mut terminate) =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
    {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
        return;
    }
    // Without a handler the system's own way of stopping remains.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Reads the certificate again at each SIGHUP.
async fn read_certificates_again(tls: Option<ServerTls>) {
    #[cfg(unix)]
    if let (Some(tls), Ok(mut hang_up)) = (
        tls,
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::hangup()),
    ) {
        while hang_up.recv().await.is_some() {
            match tls.read_again() {
                Ok(()) => eprintln!("The certificate was read again."),
                Err(error) => eprintln!("The certificate stays as it was: {error}"),
            }
        }
    }
}
