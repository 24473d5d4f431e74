// What the servers are put through. `args` goes to the generator; see `load --help`.

const ROOMS = ["presence", "uws", "naive", "ws", "socketio", "y-websocket", "nats"];
const UNEVEN = ["presence", "uws", "naive"];
const FLOOR = ["floor", "floor-reading"];

/**
 * @typedef {object} Workload
 * @property {string} label
 * @property {string} args
 * @property {string[]} peers
 * @property {number} [runs] where one run says enough, or takes long
 */

/** @type {Record<string, Workload>} */
export const workloads = {
  // The table of all servers.
  "room-50": { label: "one room, 50 × 10 Hz", args: steady("--members 50"), peers: [...ROOMS, "presence-0ms", ...FLOOR] },
  "room-200": { label: "one room, 200 × 10 Hz", args: steady("--members 200"), peers: [...ROOMS, ...FLOOR] },
  "room-1000": { label: "one room, 1,000 × 10 Hz", args: steady("--members 1000"), peers: [...ROOMS, ...FLOOR] },
  "rooms-500": { label: "500 rooms × 4, 10 Hz", args: steady("--rooms 500 --members 4"), peers: [...ROOMS, ...FLOOR] },
  idle: {
    label: "10,000 idle connections",
    args: "--workload idle --rooms 1000 --members 10 --connecting 128 --secs 2 --warmup 1",
    peers: ROOMS,
    runs: 1,
  },
  storm: {
    label: "2,000 join one room",
    args: "--workload storm --members 2000 --connecting 256 --secs 45",
    peers: ROOMS,
    runs: 1,
  },
  http: { label: "heartbeats over HTTP", args: "--workload http --members 64 --secs 5 --warmup 1", peers: ["presence", "node-http"] },

  // Uneven loads.
  crowd: {
    label: "a room of 1,000 beside 500 rooms of 4",
    args: steady("--rooms 500 --members 4 --crowd 1000 --hz 5"),
    peers: UNEVEN,
  },
  burst: { label: "200 who all move at once, 10 times a second", args: steady("--members 200 --burst"), peers: UNEVEN },
  stalled: { label: "200, and every tenth stops reading", args: steady("--members 200 --stalled 0.1 --secs 15"), peers: UNEVEN },
  lecture: {
    label: "10,000 in a room, of whom 10 move",
    args: steady("--members 10000 --movers 10 --hz 10 --connecting 256"),
    peers: ["presence", "uws", "naive"],
    runs: 1,
  },

  // What else is promised.
  "room-1000-fast": { label: "one room, 1,000 × 20 Hz", args: steady("--members 1000 --hz 20"), peers: ["presence"] },
  "room-200-sse": { label: "one room, 200 × 10 Hz, over event streams", args: steady("--members 200 --transport sse"), peers: ["presence"] },

  // Memory.
  "idle-sse": {
    label: "10,000 idle event streams",
    args: "--workload idle --rooms 1000 --members 10 --connecting 128 --transport sse --secs 2 --warmup 1",
    peers: ["presence"],
    runs: 1,
  },
  entries: { label: "20,000 entries in 2 topics", args: "--workload entries --rooms 2 --members 10000 --secs 30 --warmup 1", peers: ["presence"], runs: 1 },
  topics: { label: "20,000 entries in as many topics", args: "--workload entries --rooms 20000 --members 1 --secs 30 --warmup 1", peers: ["presence"], runs: 1 },
};

const CURVED = ["presence", "uws", "naive", "ws"];

/** Scaling curves: the same workload at growing size. */
export const curves = {
  members: {
    title: "One room in which everybody moves",
    axis: "members of the room, each at 10 Hz",
    guides: [{ power: 1, label: "linear" }, { power: 2, label: "quadratic", from: 1 }],
    points: [5, 10, 20, 50, 100, 200, 400, 700, 1000],
    args: (n) => brief(`--members ${n}`),
    peers: CURVED,
  },
  rooms: {
    title: "Many small rooms",
    axis: "rooms of 4 members, each at 10 Hz",
    guides: [{ power: 1, label: "linear" }],
    points: [5, 10, 25, 50, 100, 250, 500, 1000],
    args: (n) => brief(`--rooms ${n} --members 4`),
    peers: CURVED,
  },
  rate: {
    title: "One room, updates more and more often",
    axis: "updates a second of each of 50 members",
    guides: [{ power: 1, label: "linear", from: 1 }],
    points: [1, 2, 5, 10, 20, 50, 100],
    args: (n) => brief(`--members 50 --hz ${n}`),
    peers: CURVED,
  },
  idle: {
    title: "One room in which 10 move and the others watch",
    axis: "members of the room, of whom 10 move at 10 Hz",
    guides: [{ power: 1, label: "linear" }],
    points: [10, 30, 100, 300, 1000, 3000],
    args: (n) => brief(`--members ${n} --movers 10 --connecting 128`),
    peers: CURVED,
  },
};

for (const [name, curve] of Object.entries(curves)) {
  for (const at of curve.points) {
    workloads[`curve-${name}-${at}`] = { label: `${curve.title}: ${at}`, args: curve.args(at), peers: curve.peers, runs: 1 };
  }
}

function steady(args) {
  return `--hz 10 --secs 5 --warmup 1.5 --connecting 128 ${args}`;
}

function brief(args) {
  return `--hz 10 --secs 2 --warmup 1 --connecting 128 ${args}`;
}
