/** Where a request names a token that only the run knows. */
const PLACE_HOLDER = /\{\{([a-z][a-z0-9_]*)\}\}/g;

/** Text for a path, a query or a form. Half a surrogate pair goes out as the bytes that UTF-8 forbids; a place holder stays. */
export function percentEncode(text: string): string {
  const halves = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
  const parts = text.split(halves).map((part) => encodeURIComponent(part));
  return parts.join('%ED%A0%80').replace(/%7B%7B([a-z][a-z0-9_]*)%7D%7D/g, '{{$1}}');
}

/** Puts the tokens where a text names them; a name that is none stays. */
export function fillIn(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replace(PLACE_HOLDER, (whole, name: string) => tokens[name] ?? whole);
}
