/** Proxies before a server, as the documents configure them and as they come. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort, Program, until } from "./program.js";

const DOCUMENTS = fileURLToPath(new URL("../../docs/deployment/", import.meta.url));

/**
 * @typedef {object} Proxy
 * @property {string} url Where it listens, such as `https://localhost:40123`.
 * @property {Buffer | undefined} ca The certificate to trust, where it speaks TLS.
 * @property {() => Promise<void>} end
 */

/** nginx as Debian configures it, with the least that makes it pass anything on. @param {number} to */
export async function nginxAsItComes(to) {
  const port = await freePort();
  const site = `server { listen 127.0.0.1:${port}; location / { proxy_pass http://127.0.0.1:${to}; } }`;
  return await nginx(`http://localhost:${port}`, port, () => site);
}

/** nginx as the documents configure it. @param {number} to */
export async function nginxAsDocumented(to) {
  const port = await freePort();
  return await nginx(`https://localhost:${port}`, port, (folder) =>
    replaced(readFileSync(join(DOCUMENTS, "nginx.conf"), "utf8"), [
      ["listen 443 ssl", `listen 127.0.0.1:${port} ssl`],
      ["127.0.0.1:7702", `127.0.0.1:${to}`],
      ["/etc/ssl/presence.example/fullchain.pem", join(folder, "cert.pem")],
      ["/etc/ssl/presence.example/privkey.pem", join(folder, "key.pem")],
    ]),
  );
}

/** Caddy as the documents configure it, with a certificate of the test's own. @param {number} to */
export async function caddyAsDocumented(to) {
  const port = await freePort();
  const folder = workplace();
  const own = `{\n\tadmin off\n\tauto_https disable_redirects\n}\n`;
  const tls = `tls ${join(folder, "cert.pem")} ${join(folder, "key.pem")}\n\tbind 127.0.0.1`;
  const site = replaced(readFileSync(join(DOCUMENTS, "Caddyfile"), "utf8"), [
    ["presence.example {", `localhost:${port} {\n\t${tls}`],
    ["127.0.0.1:7702", `127.0.0.1:${to}`],
  ]);
  const file = join(folder, "Caddyfile");
  writeFileSync(file, own + site);
  const home = { HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
  const program = new Program("caddy", ["run", "--adapter", "caddyfile", "--config", file], home);
  return await started(program, `https://localhost:${port}`, port, folder);
}

/** @param {string} url @param {number} port @param {(folder: string) => string} site */
async function nginx(url, port, site) {
  const folder = workplace();
  const main = readFileSync("/etc/nginx/nginx.conf", "utf8");
  const file = join(folder, "site.conf");
  writeFileSync(file, site(folder));
  writeFileSync(
    join(folder, "nginx.conf"),
    replaced(main, [
      ["/run/nginx.pid", join(folder, "pid")],
      ["/var/log/nginx/error.log", join(folder, "error.log")],
      ["/var/log/nginx/access.log", join(folder, "access.log")],
      ["/etc/nginx/conf.d/*.conf", file],
      ["include /etc/nginx/sites-enabled/*;", ""],
    ]),
  );
  const program = new Program("nginx", ["-c", join(folder, "nginx.conf"), "-g", "daemon off;"]);
  return await started(program, url, port, folder);
}

/** @param {Program} program @param {string} url @param {number} port @param {string} folder @returns {Promise<Proxy>} */
async function started(program, url, port, folder) {
  const ca = url.startsWith("https:") ? readFileSync(join(folder, "cert.pem")) : undefined;
  try {
    await until(() => accepts(port));
  } catch (error) {
    await program.kill();
    throw new Error(`${program.said.join("\n")}\n${error}`);
  }
  const end = async () => {
    await program.end();
    rmSync(folder, { recursive: true });
  };
  return { url, ca, end };
}

/** A folder with a certificate for localhost. */
function workplace() {
  const folder = mkdtempSync(join(tmpdir(), "presence-deployment-"));
  const [cert, key] = [join(folder, "cert.pem"), join(folder, "key.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const kind = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  execFileSync("openssl", ["req", "-x509", ...kind, ...subject, "-keyout", key, "-out", cert], { stdio: "ignore" });
  return folder;
}

/** The text with other words; each of them has to be there. @param {string} text @param {[string, string][]} words */
function replaced(text, words) {
  return words.reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the configuration lacks ${from}`);
    return text.replaceAll(from, to);
  }, text);
}

/** @param {number} port @returns {Promise<true | undefined>} */
function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      resolve(true);
      socket.destroy();
    });
    socket.once("error", () => resolve(undefined));
  });
}
