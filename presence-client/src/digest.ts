/**
 * The public id of a session, for a client that nobody tells it: the first 16 characters of base32 of
 * SHA-256. The platform's own digest is not there on pages that are not served securely, which are
 * among those whose WebSockets are blocked.
 */

const CONSTANTS = fractions(64, Math.cbrt);

/** The id that the server gives to the session of this key. */
export function sessionId(key: string): string {
  const bytes = sha256(new TextEncoder().encode(`presence-session-1:${key}`));
  const bits = Array.from(bytes.subarray(0, 10), (byte) => byte.toString(2).padStart(8, "0")).join("");
  return bits.replace(/.{5}/g, (five) => "abcdefghijklmnopqrstuvwxyz234567".charAt(Number.parseInt(five, 2)));
}

/** As FIPS 180-4 says. */
export function sha256(message: Uint8Array): Uint8Array {
  const state = fractions(8, Math.sqrt);
  const padded = new Uint8Array(((message.length + 72) >> 6) << 6);
  padded.set(message);
  padded[message.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, message.length * 8);
  for (let at = 0; at < padded.length; at += 64) mix(state, view, at);
  const digest = new DataView(new ArrayBuffer(32));
  state.forEach((word, i) => digest.setUint32(4 * i, word));
  return new Uint8Array(digest.buffer);
}

function mix(state: Uint32Array, view: DataView, at: number): void {
  const w = new Uint32Array(64);
  const of = (i: number) => w[i] ?? 0;
  for (let i = 0; i < 64; i += 1) {
    const [a, b] = [of(i - 15), of(i - 2)];
    const low = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
    const high = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
    w[i] = i < 16 ? view.getUint32(at + 4 * i) : of(i - 16) + low + of(i - 7) + high;
  }
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let i = 0; i < 64; i += 1) {
    const chosen = (e & f) ^ (~e & g);
    const first = h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + chosen + (CONSTANTS[i] ?? 0) + of(i);
    const second = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => (state[i] = (state[i] ?? 0) + word));
}

function turn(word: number, by: number): number {
  return (word >>> by) | (word << (32 - by));
}

/** The first 32 bits of the fractions of the first primes' roots. */
function fractions(count: number, root: (prime: number) => number): Uint32Array {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n += 1) if (primes.every((prime) => n % prime)) primes.push(n);
  return Uint32Array.from(primes, (prime) => (root(prime) % 1) * 2 ** 32);
}
