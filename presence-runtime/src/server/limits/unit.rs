//! Units: what figures count, and how people write them.

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Millis,
}

impl Unit {
    /// How somebody may write it.
    pub(in crate::server) const fn example(self) -> &'static str {
        match self {
            Self::Count => "20000",
            Self::Bytes => "16384`, `16KiB` or `1MiB",
            Self::Millis => "500ms`, `10s`, `5min` or `1h",
        }
    }

    /// A figure as people write it, or as it is shown.
    pub(in crate::server) fn read(self, text: &str) -> Option<u64> {
        let text = text.trim();
        let end = text
            .find(|c: char| !c.is_ascii_digit() && c != ',' && c != '_')
            .unwrap_or(text.len());
        let (digits, unit) = text.split_at(end);
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        let of_one = match (self, unit.trim_start()) {
            (Self::Count, "") | (Self::Bytes, "" | "bytes") | (Self::Millis, "ms") => 1,
            (Self::Bytes, "KiB") => 1 << 10,
            (Self::Bytes, "MiB") => 1 << 20,
            (Self::Millis, "s") => 1_000,
            (Self::Millis, "min") => 60_000,
            (Self::Millis, "h") => 3_600_000,
            _ => return None,
        };
        digits.parse::<u64>().ok()?.checked_mul(of_one)
    }

    pub(in crate::server) fn show(self, figure: u64) -> String {
        match self {
            Self::Millis if figure == 0 => "0 ms".to_owned(),
            Self::Bytes if figure == 0 => "0 bytes".to_owned(),
            Self::Millis if figure.is_multiple_of(3_600_000) => format!("{} h", figure / 3_600_000),
            Self::Millis if figure.is_multiple_of(60_000) => format!("{} min", figure / 60_000),
            Self::Millis if figure.is_multiple_of(1000) => format!("{} s", figure / 1000),
            Self::Millis => format!("{figure} ms"),
            Self::Bytes if figure.is_multiple_of(1 << 20) => format!("{} MiB", figure >> 20),
            Self::Bytes if figure.is_multiple_of(1024) => format!("{} KiB", figure / 1024),
            Self::Bytes => format!("{figure} bytes"),
            Self::Count => {
                let digits = figure.to_string();
                let groups = digits.as_bytes().rchunks(3).rev();
                let groups = groups.map(|it| String::from_utf8_lossy(it));
                groups.collect::<Vec<_>>().join(",")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_shown_as_people_write_them() {
        assert_eq!(Unit::Count.show(1_000_000), "1,000,000");
        assert_eq!(Unit::Count.show(999), "999");
        assert_eq!(Unit::Millis.show(0), "0 ms");
        assert_eq!(Unit::Bytes.show(0), "0 bytes");
        assert_eq!(Unit::Millis.show(100), "100 ms");
        assert_eq!(Unit::Millis.show(75_000), "75 s");
        assert_eq!(Unit::Bytes.show(256), "256 bytes");
        assert_eq!(Unit::Millis.show(3_600_000), "1 h");
        assert_eq!(Unit::Bytes.show(16_384), "16 KiB");
        assert_eq!(Unit::Bytes.show(1 << 20), "1 MiB");
    }
}
