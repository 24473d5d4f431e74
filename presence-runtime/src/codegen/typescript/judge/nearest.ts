/** The known key nearest to the unknown one, when it is near enough to be meant. */
function nearest(key: string, known: readonly string[]): string | undefined {
  const count = length(key);
  // Longer keys are no typing mistakes.
  if (count > 32) return undefined;
  let near = Math.ceil(Math.max(count, 3) / 3) + 1;
  let meant: string | undefined;
  for (const it of known) {
    const far = distance(key, it);
    if (far < near) [near, meant] = [far, it];
  }
  return meant;
}

/** How many characters must be put in, taken out or replaced, case aside. */
function distance(one: string, other: string): number {
  const b = letters(other);
  const row = [0, ...b.map((_, j) => j + 1)];
  letters(one).forEach((x, i) => {
    let corner = row[0] ?? 0;
    row[0] = i + 1;
    b.forEach((y, j) => {
      const replaced = corner + Number(x !== y);
      corner = row[j + 1] ?? 0;
      row[j + 1] = Math.min(replaced, corner + 1, (row[j] ?? 0) + 1);
    });
  });
  return row[b.length] ?? 0;
}

function letters(text: string): string[] {
  return Array.from(text).flatMap((c) => Array.from(c.toLowerCase()));
}
