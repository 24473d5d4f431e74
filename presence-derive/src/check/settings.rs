//! Are the figures of a topic in range? Registration asks the same of figures that it overrides.

use std::fmt::Display;
use std::time::Duration;

use crate::errors::Errors;
use crate::model::{Settings, Spanned};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);
const DEFAULT_TTL: Duration = Duration::from_secs(30);
const DEFAULT_MAX_TTL: Duration = Duration::from_secs(300);

/// Reports figures out of range.
pub fn check(settings: &Settings, errors: &Errors) {
    let refuse = |span, name: &str, found: &dyn Display, allowed: &str| {
        errors.at(span, format!("`{name}` is {found}: allowed is {allowed}"));
    };
    let duration = |given: Option<Spanned<Duration>>, name, min, max, allowed| {
        if let Some(it) = given
            && !(min..=max).contains(&it.value)
        {
            let found = format!("{} s", seconds(it.value));
            refuse(it.span, name, &found, allowed);
        }
    };
    let count = |given: Option<Spanned<usize>>, name, min, max, allowed| {
        if let Some(it) = given
            && !(min..=max).contains(&it.value)
        {
            refuse(it.span, name, &it.value, allowed);
        }
    };
    duration(settings.ttl, "ttl", SECOND, 24 * HOUR, "1 s to `max_ttl`");
    duration(
        settings.max_ttl,
        "max_ttl",
        SECOND,
        24 * HOUR,
        "1 s to 24 h",
    );
    duration(settings.grace, "grace", Duration::ZERO, HOUR, "0 s to 1 h");
    duration(
        settings.throttle,
        "throttle",
        Duration::ZERO,
        SECOND,
        "0 ms to 1 s",
    );
    count(settings.max_bytes, "max_bytes", 2, 32_768, "2 to 32768");
    count(
        settings.max_members,
        "max_members",
        1,
        1_000_000,
        "1 to 1000000",
    );

    let ttl = settings.ttl.map_or(DEFAULT_TTL, |it| it.value);
    let max_ttl = settings.max_ttl.map_or(DEFAULT_MAX_TTL, |it| it.value);
    if let Some(given) = settings.ttl.or(settings.max_ttl)
        && ttl > max_ttl
    {
        errors.at(given.span, above(seconds(ttl), seconds(max_ttl), settings));
    }
}

fn above(ttl: impl Display, max_ttl: impl Display, settings: &Settings) -> String {
    let default = |given: bool| if given { "" } else { ", the default" };
    format!(
        "`ttl` ({ttl} s{}) is above `max_ttl` ({max_ttl} s{})",
        default(settings.ttl.is_some()),
        default(settings.max_ttl.is_some())
    )
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}
