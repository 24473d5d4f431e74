//! Event streams as a browser reads them, written from the HTML standard (section 9.2.6) alone.

/// An event that was dispatched.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) event: String,
    pub(crate) data: String,
    /// The last event id by then.
    pub(crate) id: String,
}

/// The events of a stream, to its end.
pub(crate) fn parse(stream: &[u8]) -> Vec<Event> {
    let text = std::str::from_utf8(stream).expect("a stream is UTF-8");
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (mut events, mut last_id) = (Vec::new(), String::new());
    let (mut event, mut data) = (String::new(), String::new());
    // What stands behind the last line end is no line, and is dropped.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let Some((lines, _)) = text.rsplit_once('\n') else {
        return events;
    };
    for line in lines.split('\n') {
        if line.is_empty() {
            if let Some(whole) = data.strip_suffix('\n') {
                events.push(Event {
                    event: if event.is_empty() {
                        "message".to_owned()
                    } else {
                        event
                    },
                    data: whole.to_owned(),
                    id: last_id.clone(),
                });
            }
            (event, data) = (String::new(), String::new());
            continue;
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut event),
            "data" => {
                data.push_str(value);
                data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut last_id),
            _ => {}
        }
    }
    events
}

/// The body that chunks are (RFC 9112, section 7.1), without the last one.
pub(crate) fn unchunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while !bytes.is_empty() {
        let end = bytes
            .windows(2)
            .position(|it| it == b"\r\n")
            .expect("a size ends with its line");
        let size = std::str::from_utf8(&bytes[..end]).expect("a size is hex");
        let size = usize::from_str_radix(size, 16).expect("a size is hex");
        assert_ne!(size, 0, "an empty chunk ends the body");
        let data = &bytes[end + 2..];
        body.extend_from_slice(&data[..size]);
        assert_eq!(&data[size..size + 2], b"\r\n");
        bytes = &data[size + 2..];
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_examples_of_the_standard() {
        let event = |event: &str, data: &str, id: &str| Event {
            event: event.to_owned(),
            data: data.to_owned(),
            id: id.to_owned(),
        };
        let parsed = parse(b"data: YHOO\ndata: +2\ndata: 10\n\n");
        assert_eq!(parsed, [event("message", "YHOO\n+2\n10", "")]);
        let stream = b": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n";
        let wanted = [
            event("message", "first event", "1"),
            event("message", "second event", ""),
            event("message", " third event", ""),
        ];
        assert_eq!(parse(stream), wanted);
        assert_eq!(
            parse(b"data\n\ndata\ndata\n\ndata:"),
            [event("message", "", ""), event("message", "\n", "")]
        );
        assert_eq!(
            parse(b"event: a\r\ndata: b\r\rdata: c\n\n"),
            [event("a", "b", ""), event("message", "c", "")]
        );
        assert_eq!(
            unchunked(b"3\r\nabc\r\n00000a\r\n0123456789\r\n"),
            b"abc0123456789"
        );
    }
}
