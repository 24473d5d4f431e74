//! Prometheus' text format, version 0.0.4: as much of it as is written here.

use std::fmt::{Display, Write};

/// What a family of figures is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// Only grows, until the process starts anew.
    Counter,
    /// Goes up and down.
    Gauge,
    Histogram,
}

/// A page of figures in the making.
#[derive(Debug, Default)]
pub(super) struct Text(String);

impl Text {
    /// Begins a family. Its samples follow.
    pub(super) fn family(&mut self, name: &str, kind: Kind, help: &str) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}")
            .expect("writing to memory does not fail");
    }

    /// A figure with labels.
    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], figure: impl Display) {
        self.0.push_str(name);
        for (i, (label, text)) in labels.iter().enumerate() {
            self.0.push(if i == 0 { '{' } else { ',' });
            write!(self.0, "{label}=\"").expect("writing to memory does not fail");
            for c in text.chars() {
                match c {
                    '\\' => self.0.push_str("\\\\"),
                    '"' => self.0.push_str("\\\""),
                    '\n' => self.0.push_str("\\n"),
                    c => self.0.push(c),
                }
            }
            self.0.push('"');
        }
        if !labels.is_empty() {
            self.0.push('}');
        }
        writeln!(self.0, " {figure}").expect("writing to memory does not fail");
    }

    /// A family of one figure without labels.
    pub(super) fn single(&mut self, name: &str, kind: Kind, help: &str, figure: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], figure);
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_escaped() {
        let mut text = Text::default();
        text.family("a_total", Kind::Counter, "What it is.");
        text.sample("a_total", &[("type", "a\\b\"c\nd"), ("code", "x")], 7);
        text.single("b", Kind::Gauge, "Another.", 0.5);
        assert_eq!(
            text.into_string(),
            "# HELP a_total What it is.\n# TYPE a_total counter\na_total{type=\"a\\\\b\\\"c\\nd\",code=\"x\"} 7\n\
             # HELP b Another.\n# TYPE b gauge\nb 0.5\n"
        );
    }
}
