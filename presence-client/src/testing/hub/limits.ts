/** Figures of a server; a test sets those that it is about. */
export interface Limits {
  /** WebSockets and event streams. Defaults to 20,000. */
  readonly maxConnections: number;
  /** The same of a user. Defaults to 32. */
  readonly maxConnectionsPerUser: number;
  /** Live topics. Defaults to 100,000. */
  readonly maxTopics: number;
  /** Topics that a connection watches or announces in. Defaults to 128. */
  readonly maxTopicsPerConnection: number;
  /** Topics in which a session is, for another one over HTTP. Defaults to 128. */
  readonly maxTopicsPerSession: number;
  /** Values of a member in a second; of more the newest is taken at its time. Defaults to 60. */
  readonly maxValuesPerSecond: number;
  /** Bytes of a body or message. Defaults to 16 KiB. */
  readonly maxBody: number;
  /** Until a WebSocket says `hello`. Defaults to 5 s. */
  readonly helloTimeoutMs: number;
  /** Of silence before a WebSocket is pinged, and again. Defaults to 10 s. */
  readonly pingMs: number;
  /** Of silence after the second ping. Defaults to 4 s. */
  readonly pongWaitMs: number;
  /** Before a token expires that its client is told. Defaults to 30 s. */
  readonly tokenWarningMs: number;
  /** Of silence on an event stream. Defaults to 10 s. */
  readonly commentMs: number;
  /** Between two heartbeats over HTTP, as clients are told. Defaults to 10 s. */
  readonly heartbeatMs: number;
}

/** The figures of a server that nobody has set. */
export const DEFAULT_LIMITS: Limits = {
  maxConnections: 20_000,
  maxConnectionsPerUser: 32,
  maxTopics: 100_000,
  maxTopicsPerConnection: 128,
  maxTopicsPerSession: 128,
  maxValuesPerSecond: 60,
  maxBody: 16 * 1024,
  helloTimeoutMs: 5_000,
  pingMs: 10_000,
  pongWaitMs: 4_000,
  tokenWarningMs: 30_000,
  commentMs: 10_000,
  heartbeatMs: 10_000,
};
