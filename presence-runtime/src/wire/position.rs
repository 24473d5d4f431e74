//! Positions as text: `epoch.sequence`, opaque to clients.

use crate::topic::Position;

/// The text is not a position this server gave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a position is the `at` of an earlier message")]
pub struct InvalidPosition;

/// Writes a position.
#[must_use]
pub fn format_position(position: Position) -> String {
    format!("{:x}.{}", position.epoch, position.sequence)
}

/// Reads a position.
///
/// # Errors
/// When the text was not written by [`format_position`].
pub fn parse_position(text: &str) -> Result<Position, InvalidPosition> {
    let (epoch, sequence) = text.split_once('.').ok_or(InvalidPosition)?;
    let position = Position {
        epoch: u64::from_str_radix(epoch, 16).map_err(|_| InvalidPosition)?,
        sequence: sequence.parse().map_err(|_| InvalidPosition)?,
    };
    if format_position(position) == text {
        Ok(position)
    } else {
        Err(InvalidPosition)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_is_read() {
        let position = Position {
            epoch: 0xfeed,
            sequence: 17,
        };
        assert_eq!(format_position(position), "feed.17");
        assert_eq!(parse_position("feed.17"), Ok(position));
        for bad in [
            "",
            ".",
            "feed",
            "FEED.17",
            "feed.017",
            "feed.+1",
            "feed.17.1",
            "0feed.1",
        ] {
            assert_eq!(parse_position(bad), Err(InvalidPosition), "{bad}");
        }
    }
}
