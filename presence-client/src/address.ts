/** Where a presence server is. */
export interface Address {
  /** Of requests, without a slash at its end. */
  readonly http: string;
  /** Of the WebSocket. */
  readonly socket: string;
}

/**
 * Reads the url of a presence server: absolute with `http`, `https`, `ws` or `wss`, or relative to
 * the page.
 *
 * @throws {TypeError} when the url is relative and there is no page, or has another scheme
 */
export function addressOf(url: string, base: string | undefined): Address {
  const parsed = new URL(url, base);
  const scheme = parsed.protocol.replace(/^(?:http|ws)(s?):$/, "$1");
  if (scheme !== "" && scheme !== "s") {
    throw new TypeError(`the url of a presence server starts with http or ws, found ${url}`);
  }
  const rest = `${parsed.host}${parsed.pathname.replace(/\/+$/, "")}`;
  return { http: `http${scheme}://${rest}`, socket: `ws${scheme}://${rest}/ws` };
}
