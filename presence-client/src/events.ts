/** An event of an event stream. */
export interface StreamEvent {
  /** What happened; `message` where the stream does not say. */
  readonly name: string;
  readonly data: string;
}

/** Reads an event stream, wherever it is cut: at any byte, between any two. */
export class EventReader {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #name = "";
  #data: string[] = [];

  /** Takes bytes; returns the events that they complete. Comments, ids and delays are passed over. */
  push(bytes: Uint8Array): StreamEvent[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const events: StreamEvent[] = [];
    // A carriage return at the end may be half of a line's end.
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line, events);
    return events;
  }

  #line(line: string, events: StreamEvent[]): void {
    if (line === "") {
      if (this.#data.length > 0) events.push({ name: this.#name || "message", data: this.#data.join("\n") });
      this.#name = "";
      this.#data = [];
      return;
    }
    const [, field, value] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === "event") this.#name = value ?? "";
    else if (field === "data") this.#data.push(value ?? "");
  }
}
