/** The golden vectors that the server is held against too; see `vectors/README.md`. */

import { readFileSync } from "node:fs";

/** A file of `vectors/`. */
export function vectors<File>(name: string): File {
  const path = new URL(`../../vectors/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as File;
}
