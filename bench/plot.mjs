// A chart with two logarithmic axes, as SVG that reads well on light and on dark pages.

const SIZE = { width: 760, height: 460, left: 84, right: 186, top: 64, bottom: 58 };

/**
 * @typedef {object} Line
 * @property {string} label written at its end
 * @property {string} style a class: `ours`, `a`, `b` or `c`
 * @property {{ x: number, y: number, hollow?: boolean }[]} points
 */

/**
 * @param {{ title: string, subtitle: string, axis: string, note: string[], lines: Line[], guides: { power: number, label: string, from?: number }[], limit: number }} chart
 * @returns {string}
 */
export function plot({ title, subtitle, axis, note, lines, guides, limit }) {
  const points = lines.flatMap((it) => it.points);
  const x = scale(points.map((it) => it.x), SIZE.left, SIZE.width - SIZE.right, 0);
  const y = scale(points.map((it) => it.y), SIZE.height - SIZE.bottom, SIZE.top, 0.06);
  const bottom = SIZE.height - SIZE.bottom;
  const right = SIZE.width - SIZE.right;
  const parts = [
    `<text x="16" y="26" class="title">${text(title)}</text>`,
    `<text x="16" y="45" class="faint">${text(subtitle)}</text>`,
    ...y.ticks.flatMap((tick) => [
      `<path d="M${SIZE.left} ${y.at(tick)}H${right}" class="${tick === limit ? "limit" : "grid"}"/>`,
      `<text x="${SIZE.left - 10}" y="${y.at(tick)}" dy=".35em" class="tick end">${percent(tick)}</text>`,
    ]),
    `<path d="M${SIZE.left} ${bottom}H${right}" class="axis"/>`,
    ...x.ticks.flatMap((tick) => [
      `<path d="M${x.at(tick)} ${bottom}v5" class="axis"/>`,
      `<text x="${x.at(tick)}" y="${bottom + 20}" class="tick middle">${tick.toLocaleString("en")}</text>`,
    ]),
    `<text x="${(SIZE.left + right) / 2}" y="${bottom + 43}" class="faint middle">${text(axis)}</text>`,
    ...guides.map((it) => guide(it, lines, x, y)),
    ...lines.toReversed().map((line) => curve(line, x, y)),
    ...labels(lines, x, y, right),
    ...note.map((it, i) => `<text x="${SIZE.width - 16}" y="${26 + 18 * i}" class="note end">${text(it)}</text>`),
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${SIZE.width} ${SIZE.height}" role="img" aria-label="${text(title)}">
<style>${STYLE}</style>
<rect width="${SIZE.width}" height="${SIZE.height}" rx="10" class="page"/>
${parts.join("\n")}
</svg>
`;
}

/** Maps the logarithms of values to the page, and knows where ticks belong. */
function scale(values, from, to, margin) {
  const logs = values.map(Math.log10);
  const span = Math.max(...logs) - Math.min(...logs);
  const [low, high] = [Math.min(...logs) - span * margin, Math.max(...logs) + span * margin];
  const at = (value) => round(from + ((Math.log10(value) - low) / (high - low)) * (to - from));
  const steps = span > 2.4 ? [1] : [1, 2, 5];
  const decades = Array.from({ length: 12 }, (_, i) => 10 ** (i - 5));
  const ticks = decades.flatMap((it) => steps.map((step) => Number((it * step).toPrecision(1))));
  const inside = (it) => Math.log10(it) >= low - 1e-9 && Math.log10(it) <= high + 1e-9;
  return { at, ticks: ticks.filter(inside), low: 10 ** low, high: 10 ** high };
}

/** Solid as far as it was measured, dashed where it is what would have been needed. */
function curve({ points, style }, x, y) {
  const reached = points.findIndex((it) => it.hollow);
  const solid = reached < 0 ? points : points.slice(0, reached);
  const dashed = reached < 0 ? [] : points.slice(Math.max(0, reached - 1));
  const path = (some) => some.map((it, i) => `${i ? "L" : "M"}${x.at(it.x)} ${y.at(it.y)}`).join("");
  const dots = points.map((it) => `<circle cx="${x.at(it.x)}" cy="${y.at(it.y)}" r="${style === "ours" ? 4.5 : 3.5}"${it.hollow ? ' class="hollow"' : ""}/>`);
  const paths = `<path d="${path(solid)}"/>${dashed.length ? `<path d="${path(dashed)}" class="dashed"/>` : ""}`;
  return `<g class="line ${style}">${paths}${dots.join("")}</g>`;
}

/** At the ends of the lines, moved apart where they would cover each other. */
function labels(lines, x, y, right) {
  const placed = lines
    .filter((it) => it.points.length > 0)
    .map((line) => ({ line, y: y.at(line.points.at(-1).y) }))
    .sort((a, b) => a.y - b.y);
  const gap = 17;
  for (let pass = 0; pass < 20; pass++) {
    for (let i = 1; i < placed.length; i++) {
      const over = gap - (placed[i].y - placed[i - 1].y);
      if (over > 0) {
        placed[i].y += over / 2;
        placed[i - 1].y -= over / 2;
      }
    }
  }
  return placed.map((it) => `<text x="${right + 12}" y="${round(it.y)}" dy=".35em" class="label ${it.line.style}">${text(it.line.label)}</text>`);
}

/** How a power of x would rise from the start of the first line. */
function guide({ power, label, from }, lines, x, y) {
  const start = lines[from ?? 0]?.points[0];
  if (!start) return "";
  const height = (at) => start.y * (at / start.x) ** power;
  const reach = power === 0 ? x.high : Math.min(x.high, start.x * (y.high / start.y) ** (1 / power));
  const [endX, endY] = [x.at(reach), y.at(height(reach))];
  return `<path d="M${x.at(start.x)} ${y.at(start.y)}L${endX} ${endY}" class="guide"/><text x="${endX - 8}" y="${endY + 14}" class="note end">${text(label)}</text>`;
}

/** Percents of a core, and whole cores. */
function percent(it) {
  return it < 100 ? `${it} %` : `${(it / 100).toLocaleString("en")} core${it > 100 ? "s" : ""}`;
}

function round(number) {
  return Math.round(number * 10) / 10;
}

function text(raw) {
  return raw.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

const STYLE = `
svg { --page: #fff; --ink: #1f2328; --faint: #656d76; --grid: #e4e8ec; --ours: #d9480f; --a: #1971c2; --b: #2b8a3e; --c: #862e9c; }
@media (prefers-color-scheme: dark) {
  svg { --page: #0d1117; --ink: #e6edf3; --faint: #8d96a0; --grid: #262c34; --ours: #ff8c42; --a: #6cb6ff; --b: #57c46d; --c: #d2a0f0; }
}
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; fill: var(--ink); }
.page { fill: var(--page); }
.title { font-size: 17px; font-weight: 600; }
.faint, .tick { fill: var(--faint); }
.note { fill: var(--faint); font-size: 11.5px; }
.middle { text-anchor: middle; } .end { text-anchor: end; }
.grid { stroke: var(--grid); } .limit { stroke: var(--faint); } .axis { stroke: var(--faint); fill: none; }
.guide { stroke: var(--faint); stroke-dasharray: 2 5; fill: none; opacity: .8; }
.line path { fill: none; stroke-width: 2; stroke-linejoin: round; }
.line.ours path { stroke-width: 3.5; }
.line .dashed { stroke-dasharray: 5 5; opacity: .75; }
.line circle { stroke-width: 2; }
.line.ours { stroke: var(--ours); fill: var(--ours); } .line.a { stroke: var(--a); fill: var(--a); }
.line.b { stroke: var(--b); fill: var(--b); } .line.c { stroke: var(--c); fill: var(--c); }
.line .hollow { fill: var(--page); }
.label { font-weight: 600; } .label.ours { fill: var(--ours); font-size: 15px; } .label.a { fill: var(--a); }
.label.b { fill: var(--b); } .label.c { fill: var(--c); }
`;
