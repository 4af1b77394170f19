//! The `waybill-proxy` command.

use std::io;
use std::process::ExitCode;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use waybill_proxy::config::Config;
use waybill_proxy::flags::{Command, HELP, parse};
use waybill_proxy::{app, serve::serve};

#[tokio::main]
async fn main() -> ExitCode {
    match parse(std::env::args_os().skip(1)) {
        Ok(Command::Help) => print!("{HELP}"),
        Ok(Command::Version) => println!("waybill-proxy {}", env!("CARGO_PKG_VERSION")),
        Ok(Command::Run(config)) => {
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
    let listener = match TcpListener::bind(config.listen).await {
        Ok(listener) => listener,
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            return Err(format!(
                "{} is taken by another program, perhaps by another waybill-proxy; stop it, or take a free port with \
                 --listen {}:0",
                config.listen,
                config.listen.to_string().rsplit_once(':').map_or("127.0.0.1", |(address, _)| address)
            ));
        }
        Err(error) => return Err(format!("cannot listen on {}: {error}", config.listen)),
    };
    config.listen = listener.local_addr().map_err(|error| error.to_string())?;
    let app = app(&config).map_err(|error| error.to_string())?;
    print!("{}", greeting(&config));

    let (stop, stopped) = oneshot::channel();
    tokio::spawn(async move {
        stop_signal().await;
        eprintln!("Stopping when the open requests have ended; once more to stop at once.");
        // The receiver lives as long as `serve` runs.
        let _ = stop.send(());
        stop_signal().await;
        std::process::exit(130);
    });
    serve(listener, app, config.limits, async { stopped.await.unwrap_or_default() }).await;
    Ok(())
}

/// What is served, and what is allowed.
fn greeting(config: &Config) -> String {
    let mut shown = config.listen;
    let everywhere = shown.ip().is_unspecified();
    if everywhere {
        shown.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    let mut lines = vec![format!("Waybill is at http://{shown}/")];
    if everywhere {
        lines.push(format!("It listens on every address of this machine, port {}.", shown.port()));
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
    let push = if config.push { "Pushing is on." } else { "Pushing is off; --push switches it on." };
    lines.push(push.to_owned());
    lines.join("\n") + "\n"
}

fn list<T: ToString>(items: &[T]) -> String {
    items.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Ctrl-C, or the polite signal of a service manager.
async fn stop_signal() {
    #[cfg(unix)]
    if let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
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
