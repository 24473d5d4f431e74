//! Transitions in words, as somebody reads them who asks at night where a member went.

use std::time::Duration;

use crate::topic::{Activity, Cause, Lease, Loss, Reason, Time, What};

/// What happened at that time, without to whom.
pub(super) fn of(what: What, at: Time) -> String {
    match what {
        What::Joined { lease } => format!("joined {}", by(lease)),
        What::Left { cause, joined } => {
            let stay = span(at.saturating_since(joined));
            format!("left after {stay}: {}", why(cause, at))
        }
        What::Lost {
            how: Loss::TakenOver,
            grace,
        } => {
            let grace = span(grace);
            format!(
                "another connection of its session came; goes in {grace} unless that announces it"
            )
        }
        What::Lost { how, grace } => {
            let grace = span(grace);
            format!("{}; goes in {grace} unless it comes back", loss(how))
        }
        What::Returned { lost, lease } => {
            let away = span(at.saturating_since(lost));
            format!("came back after {away}, {}", by(lease))
        }
        What::Leaving { after } => {
            let after = span(after);
            format!("leaves in {after}, as a closing page does, unless it speaks again")
        }
        What::Stayed => "stays after all: it spoke again before it was to leave".to_owned(),
        What::TakenOver => "another connection of the same session took over".to_owned(),
        What::Switched { lease } => format!("is present {} from now on", by(lease)),
        What::Moved { lease: Lease::Node } => "is at another node from now on".to_owned(),
        What::Moved { lease } => format!("came over from another node, {}", by(lease)),
        What::Activity(Activity::Active) => "is active".to_owned(),
        What::Activity(Activity::Idle) => "is idle".to_owned(),
        What::Activity(Activity::Away) => "is away".to_owned(),
        What::Hidden(true) => "its tab is hidden".to_owned(),
        What::Hidden(false) => "its tab is no longer hidden".to_owned(),
    }
}

fn by(lease: Lease) -> String {
    match lease {
        Lease::Connection(_) => "by a connection".to_owned(),
        Lease::Deadline { ttl } => format!("over HTTP, with a ttl of {}", span(ttl)),
        Lease::Node => "at another node".to_owned(),
    }
}

fn why(cause: Cause, at: Time) -> String {
    let ago = |time| span(at.saturating_since(time));
    match cause {
        Cause::Said => "it said leave".to_owned(),
        Cause::Announced { after } => format!(
            "it said leave {} before, as a closing page does, and nothing since",
            span(after)
        ),
        Cause::Lost { how, since } => format!("{} {} before, grace over", loss(how), ago(since)),
        Cause::Silent { heard, ttl, hidden } => {
            let hidden = if hidden { " of a hidden tab" } else { "" };
            format!("silent for {}, ttl{hidden} {}", ago(heard), span(ttl))
        }
        Cause::Kicked { refused } => format!(
            "kicked by the application, and refused for {}",
            span(refused)
        ),
        Cause::Dismissed => "it may not be here any longer, by rules or revocation".to_owned(),
        Cause::Closed => "the hub closed".to_owned(),
        Cause::Told(reason) => match reason {
            Reason::Left => "it said leave, at another node",
            Reason::Disconnected => "its connection to another node was lost, grace over",
            Reason::Expired => "silent at another node for longer than its ttl",
            Reason::Kicked => "kicked by the application, at another node",
            Reason::Shutdown => "the hub of another node closed",
        }
        .to_owned(),
    }
}

const fn loss(how: Loss) -> &'static str {
    match how {
        Loss::Broken => "connection lost",
        Loss::Closed => "connection closed by its client",
        Loss::Silent => "connection silent, given up",
        Loss::Stalled => "connection stalled, cut off",
        Loss::Expired => "token expired, connection ended",
        Loss::TakenOver => "connection taken over by another one that announced nothing",
        Loss::Draining => "connection ended by the server",
        Loss::Refused => "connection broke the protocol, cut off",
        Loss::Stream => "event stream ended",
        Loss::Node => "its node went or was forgotten",
    }
}

/// A time as people say it.
fn span(time: Duration) -> String {
    let (millis, secs) = (time.as_millis(), time.as_secs());
    match secs {
        0 => format!("{millis} ms"),
        1..60 => format!("{}.{} s", secs, time.subsec_millis() / 100),
        60..3600 => format!("{} min {} s", secs / 60, secs % 60),
        _ => format!("{} h {} min", secs / 3600, secs % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn millis(millis: u64) -> Time {
        Time::from_millis(millis)
    }

    fn left(cause: Cause) -> String {
        let joined = millis(30_000);
        of(What::Left { cause, joined }, millis(90_000))
    }

    #[test]
    fn every_cause_says_what_led_to_it() {
        assert_eq!(left(Cause::Said), "left after 1 min 0 s: it said leave");
        let cause = Cause::Announced {
            after: Duration::from_secs(2),
        };
        assert!(left(cause).contains("it said leave 2.0 s before"));
        let cause = Cause::Lost {
            how: Loss::Broken,
            since: millis(79_950),
        };
        assert!(left(cause).ends_with(": connection lost 10.0 s before, grace over"));
        let cause = Cause::Silent {
            heard: millis(59_900),
            ttl: Duration::from_secs(30),
            hidden: false,
        };
        let said = "silent for 30.1 s, ttl 30.0 s";
        assert!(left(cause).ends_with(said), "{}", left(cause));
        let cause = Cause::Kicked {
            refused: Duration::from_secs(60),
        };
        assert!(left(cause).ends_with("kicked by the application, and refused for 1 min 0 s"));
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let said = |millis| span(Duration::from_millis(millis));
        assert_eq!(said(0), "0 ms");
        assert_eq!(said(999), "999 ms");
        assert_eq!(said(1_000), "1.0 s");
        assert_eq!(said(59_999), "59.9 s");
        assert_eq!(said(60_000), "1 min 0 s");
        assert_eq!(said(3_600_000), "1 h 0 min");
        assert_eq!(said(93_780_000), "26 h 3 min");
    }
}
