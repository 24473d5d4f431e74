/** Events of a document as a browser reads them: everybody first, then what changes. */

export function listen(presence: string, document: string, call: (event: string, data: unknown) => void) {
  const source = new EventSource(`${presence}/documents:${document}/changes`);
  for (const event of ["snapshot", "changes"]) {
    source.addEventListener(event, ({ data }) => call(event, JSON.parse(data)));
  }
  return () => source.close();
}
