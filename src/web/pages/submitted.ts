/** The longest text that a refused form gives back; what is longer is refused by its schema and typed anew. */
const KEPT_LENGTH = 1024;

/**
 * A posted form as the body of its use case: an input that was left empty is absent, a pasted link becomes its token, a code has
 * no blanks, beside a token there is no code, and the answer of a passkey is the JSON that the script wrote. Anything but a form stays as it is, so that the schema refuses it.
 */
export function bodyOf(form: unknown): unknown {
  if (typeof form !== 'object' || form === null) return form;
  const { link, ...filled } = Object.fromEntries(Object.entries(form).filter(([, value]) => value !== ''));
  const body: Record<string, unknown> = { ...filled };
  if (typeof link === 'string' && body.token === undefined) body.token = tokenIn(link);
  if (typeof body.code === 'string') body.code = body.code.replace(/[\s-]/g, '');
  if (typeof body.credential === 'string') body.credential = parsed(body.credential);
  if (body.token === undefined) return body;
  const { email: _email, code: _code, ...proved } = body;
  return proved;
}

/** What a refused form gives back to be corrected: no password, which is typed again. */
export function valuesOf(body: unknown): Record<string, string> {
  if (typeof body !== 'object' || body === null) return {};
  const texts = Object.entries(body).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && entry[1].length <= KEPT_LENGTH,
  );
  return Object.fromEntries(texts.filter(([name]) => !name.endsWith('password')));
}

/** A text that is no JSON stays one, so that the schema refuses it. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Of an address that ends in `#token=…` the token; another text is taken for the token itself. */
function tokenIn(link: string): string {
  const [, token] = /[#?&]token=([^&\s]*)/.exec(link) ?? [];
  return token ?? link.trim();
}
