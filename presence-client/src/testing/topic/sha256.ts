/** SHA-256 (FIPS 180-4) of ASCII text. The platform's own answers later, and tests ask now. */

const K = constants();

/** The digest of an ASCII text, 32 bytes. */
export function sha256(text: string): Uint8Array {
  const length = text.length;
  const blocks = new Uint8Array(((length + 8) >> 6) * 64 + 64);
  for (let i = 0; i < length; i += 1) blocks[i] = text.charCodeAt(i);
  blocks[length] = 0x80;
  new DataView(blocks.buffer).setUint32(blocks.length - 4, length * 8);
  const hash = Uint32Array.from(roots(8, 1 / 2));
  for (let at = 0; at < blocks.length; at += 64) digest(hash, new DataView(blocks.buffer, at, 64));
  const out = new DataView(new ArrayBuffer(32));
  hash.forEach((word, i) => out.setUint32(4 * i, word));
  return new Uint8Array(out.buffer);
}

function digest(hash: Uint32Array, block: DataView): void {
  const words = new Uint32Array(64);
  const word = (i: number) => words[i] ?? 0;
  for (let i = 0; i < 64; i += 1) {
    if (i < 16) {
      words[i] = block.getUint32(4 * i);
      continue;
    }
    const [a, b] = [word(i - 15), word(i - 2)];
    const low = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
    const high = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
    words[i] = word(i - 16) + low + word(i - 7) + high;
  }
  let [a, b, c, d, e, f, g, h] = hash as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i += 1) {
    const chosen = (e & f) ^ (~e & g);
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + chosen + (K[i] ?? 0) + word(i)) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + majority) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((it, i) => {
    hash[i] = (hash[i] ?? 0) + it;
  });
}

function turn(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function constants(): readonly number[] {
  return roots(64, 1 / 3);
}

/** The first 32 bits behind the point of the roots of the first primes. */
function roots(count: number, power: number): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < count; n += 1) if (primes.every((it) => n % it !== 0)) primes.push(n);
  return primes.map((it) => {
    const root = it ** power;
    return Math.floor((root - Math.floor(root)) * 2 ** 32);
  });
}
