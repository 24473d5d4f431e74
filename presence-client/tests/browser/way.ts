/** The way from browsers to the server: a proxy that can be cut, fall silent, and stop WebSockets. */

import { once } from "node:events";
import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";

/** What becomes of WebSockets: they get through, are refused, never open, or end with the first message. */
export type Sockets = "pass" | "refused" | "swallowed" | "broken";

/** A way to a server. */
export class Way {
  /** How many WebSockets were asked for. */
  upgrades = 0;
  sockets: Sockets = "pass";
  readonly #port: number;
  readonly #server: Server;
  /** Both ends of everything that gets through. */
  readonly #open = new Set<Socket>();
  /** Those that came while it was silent. */
  readonly #held: Socket[] = [];
  #is: "open" | "cut" | "silent" = "open";

  private constructor(port: number) {
    this.#port = port;
    this.#server = createServer((socket) => this.#take(socket));
  }

  /** A way to a port of this machine. */
  static async to(port: number): Promise<Way> {
    const way = new Way(port);
    way.#server.listen(0, "127.0.0.1");
    await once(way.#server, "listening");
    return way;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Whatever is on its way ends, and nothing else gets through. */
  cut(): void {
    this.#is = "cut";
    for (const socket of this.#open) socket.resetAndDestroy();
  }

  /** Nothing gets through, and nobody is told. */
  silence(): void {
    this.#is = "silent";
    for (const socket of this.#open) socket.pause();
  }

  /** Everything gets through again, also what was on its way when it fell silent. */
  restore(): void {
    this.#is = "open";
    for (const socket of this.#open) socket.resume();
    for (const near of this.#held.splice(0)) this.#forward(near);
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, "close");
  }

  #take(near: Socket): void {
    this.#hold(near);
    if (this.#is === "cut") return void near.resetAndDestroy();
    if (this.#is === "silent") this.#held.push(near);
    else this.#forward(near);
  }

  #forward(near: Socket): void {
    near.once("data", (first) => {
      const upgrade = /^upgrade: *websocket/im.test(first.toString("latin1"));
      if (upgrade) this.upgrades += 1;
      if (upgrade && this.sockets === "swallowed") return;
      if (upgrade && this.sockets === "refused") return void near.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      const far = connect(this.#port, "127.0.0.1");
      this.#hold(far);
      far.write(first);
      near.on("close", () => far.destroy());
      far.on("close", () => near.destroy());
      far.pipe(near);
      if (upgrade && this.sockets === "broken") near.once("data", () => near.resetAndDestroy());
      else near.pipe(far);
    });
  }

  #hold(socket: Socket): void {
    this.#open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => this.#open.delete(socket));
  }
}
