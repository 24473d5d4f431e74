/**
 * A presence server in memory, with a clock that tests move and faults that they switch on.
 *
 * @packageDocumentation
 */

export type { Authenticate, Authorize, Identity, Wish } from "./hub/access.js";
export type { ServedTopic } from "./hub/kind.js";
export type { Limits } from "./hub/limits.js";
export { TestServer } from "./server.js";
export type { TestClientOptions, TestServerOptions } from "./server.js";
export type { Transport } from "./world/line.js";
export type { MemorySocket } from "./world/socket.js";
export { MemoryStorage } from "./world/tab.js";
export type { MemoryPage } from "./world/tab.js";
