//! Signals: when the process is asked to end, once and again.

/// Ready when the process is asked to end, by SIGTERM or Ctrl-C: a `shutdown` for servers. Asked a second
/// time, the process ends at once, whatever it is at, with the exit status of who dies of the signal
/// (143 or 130).
///
/// # Panics
/// When the system refuses to deliver signals.
pub async fn interrupted() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate()).expect("signals can be waited for");
        let mut interrupt = signal(SignalKind::interrupt()).expect("signals can be waited for");
        end_at_the_second();
        let signal = tokio::select! {
            _ = interrupt.recv() => "SIGINT",
            _ = terminate.recv() => "SIGTERM",
        };
        tracing::info!(
            signal,
            "asked to end; a second signal ends the process at once"
        );
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c()
        .await
        .expect("signals can be waited for");
}

/// Has the second signal end the process, in its handler: no runtime is asked, which may hang.
#[cfg(unix)]
fn end_at_the_second() {
    use std::sync::atomic::AtomicBool;
    use std::sync::{Arc, Once};

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::flag;

    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // In this order, or the first signal would be the second one as well.
            flag::register_conditional_shutdown(signal, 128 + signal, asked.clone())
                .and_then(|_| flag::register(signal, asked.clone()))
                .expect("signals can be waited for");
        }
    });
}
