//! What an outlet does when it is busy, broken or promised.

use std::sync::Arc;
use std::task::Waker;

use tokio::net::{TcpListener, TcpStream};

use super::*;

fn duty(outlet: &Outlet) -> Poll<Duty> {
    outlet.poll_duty(&Context::from_waker(Waker::noop()), false)
}

async fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let addr = listener.local_addr().expect("an address");
    let client = TcpStream::connect(addr).await.expect("it listens");
    let (stream, _) = listener.accept().await.expect("the client");
    (stream, client)
}

#[tokio::test]
async fn a_broken_socket_ends_the_connection_and_leaves_nothing_to_write() {
    let (stream, client) = pair().await;
    socket2::SockRef::from(&client)
        .set_linger(Some(std::time::Duration::ZERO))
        .expect("a socket");
    drop(client);
    stream.readable().await.expect("the reset");
    let (_input, output) = stream.into_split();
    let outlet = Outlet::direct(output);
    outlet.write(Bytes::from_static(b"hello"));
    outlet.write(Bytes::from_static(b"hello"));
    assert_eq!(duty(&outlet), Poll::Ready(Duty::Close(CloseCode::NORMAL)));
    outlet.say_goodbye(Bytes::from_static(b"bye"));
    let drained = outlet.drain().await.expect("a socket");
    assert!(drained, "it would be tried for ever");
    assert!(!outlet.progress().waiting);
}

#[test]
fn what_is_said_while_a_part_is_promised_goes_behind_it() {
    let outlet = Outlet::deferred(Form::WebSocket);
    let answer = |text: &'static [u8]| outlet.write(Bytes::from_static(text));
    assert!(outlet.reserve());
    answer(b"ok");
    assert_eq!(outlet.front(), None);
    assert!(outlet.lock().bytes > 0, "it counts, wherever it waits");
    outlet.hand_over(Bytes::from_static(b"part"));
    assert_eq!(outlet.take().as_deref(), Some(&b"part"[..]));
    assert_eq!(outlet.take().as_deref(), Some(&b"ok"[..]));
    assert_eq!(outlet.take(), None);
    assert_eq!(outlet.lock().bytes, 0);

    assert!(outlet.reserve());
    answer(b"one");
    answer(b"two");
    outlet.release();
    assert_eq!(outlet.take().as_deref(), Some(&b"one"[..]));
    assert_eq!(outlet.take().as_deref(), Some(&b"two"[..]));
    assert_eq!(outlet.lock().bytes, 0);
    assert!(outlet.reserve());
    answer(b"why");
    outlet.close(CloseCode::NORMAL);
    outlet.say_goodbye(Bytes::from_static(b"bye"));
    outlet.hand_over(Bytes::from_static(b"part"));
    assert_eq!(outlet.take().as_deref(), Some(&b"why"[..]));
    assert_eq!(outlet.take().as_deref(), Some(&b"bye"[..]));
    assert_eq!(outlet.take(), None);
}

#[tokio::test]
async fn a_socket_that_is_written_to_keeps_that_order() {
    use tokio::io::AsyncReadExt;
    let (stream, mut client) = pair().await;
    let (_input, output) = stream.into_split();
    let outlet = Outlet::direct(output);
    assert!(outlet.reserve());
    outlet.write(Bytes::from_static(b"ok"));
    outlet.hand_over(Bytes::from_static(b"part"));
    assert!(outlet.reserve(), "it is free again");
    let mut got = [0; 6];
    client.read_exact(&mut got).await.expect("it is open");
    assert_eq!(&got, b"partok");
}

#[test]
fn who_was_passed_by_during_a_reservation_given_back_catches_up() {
    let outlet = Outlet::deferred(Form::Events);
    assert!(outlet.reserve());
    assert!(!outlet.reserve(), "another topic is passed by");
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(woken.clone());
    let waiting = outlet.poll_duty(&Context::from_waker(&waker), false);
    assert_eq!(waiting, Poll::Pending);
    outlet.release();
    assert!(woken.0.load(std::sync::atomic::Ordering::Relaxed));
    assert_eq!(duty(&outlet), Poll::Ready(Duty::CatchUp));
}

#[derive(Default)]
struct Woken(std::sync::atomic::AtomicBool);

impl std::task::Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}
