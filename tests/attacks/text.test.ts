import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCodeName } from '../../src/app/utils/error-codes.ts';
import { PASSWORD, type TestUser } from '../helpers/api.ts';
import { idsOf, type Operation, operations, requestTo } from '../helpers/operations.ts';
import { facts, startWithTestProduct, TEST_PRODUCT } from '../helpers/test-product.ts';

const api = startWithTestProduct({ RATE_LIMITS: 'false' });
const all = await operations(TEST_PRODUCT);
let user: TestUser;
let admin: TestUser;

beforeAll(async () => {
  [user, admin] = [await api.user(), await api.admin()];
});
afterAll(() => {
  expect(api.logs.filter(({ level }) => Number(level) >= 50)).toEqual([]);
});

/** What breaks programs that look into text or measure it wrongly. */
const TEXTS = [
  ' leading and trailing ',
  '\t\r\n',
  'O\'Brien "and" `sons` \\ \\\\ \\\' \\0',
  'null',
  'undefined',
  'NaN',
  'true',
  '0',
  '-1e400',
  '1/0',
  '$'.concat('{7*7} {{7*7}} <%= 7*7 %> #{7*7}'),
  '$(touch /tmp/x) `id` ; ls | cat && echo',
  '%s%n%x %25 %00 \\u0000 &#0; &amp;',
  '../../../../etc/passwd',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  'javascript:alert(1)',
  '=1+1',
  '{"$gt":""}',
  '__proto__',
  'constructor',
  'Ω≈ç√∫˜µ≤≥÷ åß∂ƒ©˙∆',
  '田中さんにあげて下さい 사회과학원 𠜎𠜱𠝹',
  'ثم نفس سقطت בְּרֵאשִׁית',
  '\u202Ereversed\u202C \u2066isolated\u2069',
  'zero\u200Bwidth\u200Djoined\uFEFF',
  'Z\u0334\u0321a\u0337l\u0335g\u0338o\u0336',
  '👨‍👩‍👧‍👦🏳️‍🌈🇨🇭\u{1F9D1}\u{1F3FF}',
  'é e\u0301 ﬁ ｆｕｌｌ Å \u212B',
  'ß ẞ İ ı ſ',
  '\u0001\u0008\u000b\u001b[31mred\u001b[0m\u007f\u0085',
  '\u2028line\u2029paragraph',
  '\ufffe\uffff\u{10FFFF}\ufffd',
  'CON PRN AUX NUL COM1',
  'Infinity\u00a0\u3000\u1680',
  '𝒳'.repeat(200),
];

/** The usual ways into a statement; a server that is open to one waits, fails, or finds what is not there. */
const INJECTIONS = [
  "' or '1'='1",
  "' or 1=1 --",
  "'; select pg_sleep(5) --",
  "' || pg_sleep(5) || '",
  '1; drop table sessions; --',
  "') union select id, password_hash, null, null, null, null from users --",
  '$$; select pg_sleep(5); $$',
  "\\'; select pg_sleep(5); --",
  '\\',
  '"; drop table users; --',
  "' and (select 1 from pg_sleep(5)) is null --",
  "admin'/*",
  '*/ or 1=1 /*',
  '$1',
  ':id',
  '?',
  '%',
  '_',
  "E'\\\\x27'",
  'ʼ or 1=1',
];

describe('text of every kind', () => {
  it('comes back from a note as it was written, to the letter', async () => {
    for (const text of TEXTS) {
      const payload = { title: text, description: `${text}\n${text}` };
      const made = await api.request({ method: 'POST', url: '/kit-notes', token: user.access_token, payload });
      expect([made.statusCode, made.json().title], text).toEqual([201, text]);
      const url = `/kit-notes/${made.json().id}`;
      const read = (await api.request({ url, token: user.access_token })).json();
      expect([read.title, read.description]).toEqual([text, `${text}\n${text}`]);
      const changed = await api.request({
        method: 'PATCH',
        url,
        token: user.access_token,
        payload: { title: `${text}`.slice(0, 1) },
      });
      // A letter of two units cut in half is no text any more.
      expect(changed.statusCode).toBe(text.slice(0, 1).isWellFormed() ? 200 : 422);
    }
    const stored = await api.sql<{ description: string }>(
      'select description from kit_notes where owner_id = $1 order by id',
      [user.id],
    );
    expect(stored.map(({ description }) => description)).toEqual(TEXTS.map((text) => `${text}\n${text}`));
  });

  it('comes back from a name, at registration, by its owner and by an administrator', async () => {
    for (const [n, name] of TEXTS.entries()) {
      const payload = { name };
      const own = await api.request({ method: 'PATCH', url: '/auth/me', token: user.access_token, payload });
      expect([own.statusCode, own.json().name], name).toEqual([200, name]);
      const theirs = await api.request({
        method: 'PATCH',
        url: `/users/${user.id}`,
        token: admin.access_token,
        payload,
      });
      expect(theirs.json().name).toBe(name);
      if (n % 12 > 0) continue;
      const registered = await api.user({ name });
      expect((await api.request({ url: '/auth/me', token: registered.access_token })).json().name).toBe(name);
    }
  });

  it('is measured in letters, alike for one unit, two units and three bytes', async () => {
    for (const letter of ['a', 'é', '田', '😃', '𝒳']) {
      const send = (title: string) =>
        api.request({ method: 'POST', url: '/kit-notes', token: user.access_token, payload: { title } });
      expect((await send(letter.repeat(200))).json().title).toBe(letter.repeat(200));
      expect((await send(letter.repeat(201))).json().errors[0]).toMatchObject({ type: 'string_too_long' });
    }
    const payload = { title: 'long', description: '😃'.repeat(10_000) };
    const long = await api.request({ method: 'POST', url: '/kit-notes', token: user.access_token, payload });
    expect(long.json().description).toBe(payload.description);
  });
});

describe('what looks like a statement', () => {
  /** String properties of a body, or names of a query, that take any text. */
  const openFields = (part: unknown): string[] => {
    const { properties = {} } = (part ?? {}) as { properties?: Record<string, Record<string, unknown>> };
    return Object.entries(properties)
      .filter(([, { type, enum: words }]) => [type].flat().includes('string') && words === undefined)
      .map(([name]) => name);
  };
  /** What is no product's: a search of the kit compares whole texts. */
  const isOfKit = ({ url }: Operation): boolean => /^\/(auth|users|audit-events)(\/|$)/.test(url);
  const token = ({ auth }: Operation) => ({ token: (auth === 'admin' ? admin : user).access_token });
  const counts = () => api.sql('select role, count(*)::int from users group by role order by role');

  /** What answers with a redirection alone finds nothing. */
  const isList = ({ schema }: Operation) => Object.keys(schema.response ?? {}).includes('200');

  it('in a query finds nothing that its letters do not', async () => {
    const queries = all.filter(({ method, schema }) => method === 'GET' && openFields(schema.querystring).length > 0);
    const ids = await idsOf(user, { known: all, api });
    expect(queries.length).toBeGreaterThan(4);
    for (const operation of queries)
      for (const name of openFields(operation.schema.querystring))
        for (const text of INJECTIONS) {
          const { url = '' } = requestTo(operation, { ids });
          const answer = await api.request({ url: String(url), query: { [name]: text }, ...token(operation) });
          if (answer.statusCode === 422) continue;
          if (!isList(operation)) {
            expect(answer.statusCode, `${url} ${name} ${text}`).toBeLessThan(500);
            continue;
          }
          // A search of one's own may take a text for no word at all, and then finds what it finds without one.
          const whole = await api.request({ url: String(url), ...token(operation) });
          expect([answer.statusCode, whole.statusCode], `${url} ${name} ${text}`).toEqual([200, 200]);
          if (!isOfKit(operation)) expect(whole.body.length).toBeGreaterThanOrEqual(answer.body.length);
          else expect(answer.json(), `${url} ${name} ${text}`).toEqual(await meantBy(String(url), name, text));
        }
  });

  /** Of a search by words, what the words alone find; of another filter nothing. */
  async function meantBy(url: string, name: string, text: string): Promise<object> {
    const words = name === 'q' ? (text.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []) : [];
    if (words.length === 0) return { items: [], next_cursor: null };
    return (await api.request({ url, query: { q: words.join(' ') }, token: admin.access_token })).json();
  }

  it('in a body is refused or kept as the text that it is', async () => {
    const other = await api.user();
    const theirs = { ...(await idsOf(user, { known: all, api })), users: other.id };
    const before = await counts();
    // What takes a password costs a hash; it has a test of its own below.
    const bodies = all.filter(
      ({ name, example, is_json }) =>
        // An invitation opens an account, whatever name it is for.
        name !== 'POST /users/invitations' && example && is_json && !/password/.test(Object.keys(example).join()),
    );
    expect(bodies.length).toBeGreaterThan(4);
    for (const operation of bodies)
      for (const name of openFields(operation.schema.body))
        for (const text of INJECTIONS) {
          const request = requestTo(operation, {
            ids: theirs,
            user,
            change: { [name]: text },
          });
          const answer = await api.request({ ...request, ...token(operation) });
          const declared = operation.errors.map((code) => ERROR_CODES[code as ErrorCodeName].status);
          const allowed = declared.filter((status) => status < 500);
          expect(
            [200, 201, 204, 401, 404, 422, ...allowed],
            `${operation.name} ${name} ${text} ${answer.body}`,
          ).toContain(answer.statusCode);
          if (answer.statusCode >= 300 || answer.body === '' || operation.auth === 'public') continue;
          const body = answer.json();
          if (name in body && !facts.rewritten.includes(`${operation.name} ${name}`)) expect(body[name]).toBe(text);
        }
    expect(await counts()).toEqual(before);
  });

  it('behind an address opens no account', async () => {
    // Each costs a hash.
    for (const text of INJECTIONS.filter((_text, n) => n % 4 === 0)) {
      const payload = { email: `${user.email}${text}`, password: PASSWORD };
      const answer = await api.request({ method: 'POST', url: '/auth/login', payload });
      expect(answer.statusCode, text).toBe(401);
    }
  });
});

describe('the log', () => {
  it('has one line for each request, whatever stands in its path, its headers and its body', async () => {
    const forged = '\r\n{"level":60,"msg":"forged"}\u001b[2J';
    const start = api.logs.length;
    await api.request({ url: `/kit-notes/${encodeURIComponent(forged)}`, token: user.access_token });
    await api.request({ url: '/nope', headers: { 'user-agent': 'x\u001b[2J{"level":60}', referer: '\u009bforged' } });
    const payload = { email: `a${forged}@example.com`, password: PASSWORD };
    await api.request({ method: 'POST', url: '/auth/login', payload });
    const lines = api.logs.slice(start);
    expect(lines.map(({ event }) => event)).toEqual(['request', 'request', 'request']);
    expect(lines.filter(({ msg, level }) => msg === 'forged' || level === 60)).toEqual([]);
    for (const line of lines) expect(/[\p{Cc}]/u.test(JSON.stringify(line))).toBe(false);
  });

  it('and a session keep 255 letters of a user agent, and live without one', async () => {
    const payload = { email: user.email, password: PASSWORD };
    for (const [agent, kept] of [
      ['x'.repeat(8000), 'x'.repeat(255)],
      ['ÿ\u0080binary', 'ÿ\u0080binary'],
      ['', ''],
    ] as const) {
      const headers = { 'user-agent': agent };
      const { access_token: token } = (
        await api.request({ method: 'POST', url: '/auth/login', headers, payload })
      ).json();
      const { items } = (await api.request({ url: '/auth/sessions', token })).json();
      const current = items.find((session: { current: boolean }) => session.current);
      expect(current.user_agent ?? '').toBe(kept);
    }
  });
});
