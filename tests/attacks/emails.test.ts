import { describe, expect, it, onTestFinished } from 'vitest';
import { buildApp } from '../../src/app/app.ts';
import { parseEmail } from '../../src/app/utils/emails.ts';
import { PASSWORD, startApi, tokenForm } from '../helpers/api.ts';

const api = startApi({ RATE_LIMITS: 'false' });

const register = (email: unknown) =>
  api.request({ method: 'POST', url: '/auth/register', payload: { email, password: PASSWORD } as object });
const login = (email: unknown, password = PASSWORD) =>
  api.request({ method: 'POST', url: '/auth/login', payload: { email, password } as object });
const formLogin = (username: string) => api.request(tokenForm({ username, password: PASSWORD }));
const accounts = () => api.sql<{ email: string }>('select email from users order by id');

describe('every spelling of one address', () => {
  it.each([
    ['letters of either case', 'ann@example.com', ['ANN@EXAMPLE.COM', 'Ann@Example.Com', 'aNN@eXAMPLE.cOM']],
    ['blanks around it', 'bob@example.com', [' bob@example.com', 'bob@example.com\t', '\u00a0bob@example.com\u3000']],
    [
      'compatibility forms',
      'kim@example.com',
      ['ｋｉｍ@example.com', '\u212aim@example.com', 'kim@ｅｘａｍｐｌｅ.com'],
    ],
    [
      'a domain in letters or in Punycode',
      'user@bücher.example',
      ['user@xn--bcher-kva.example', 'USER@BÜCHER.EXAMPLE'],
    ],
    ['a domain composed or decomposed', 'dee@café.example', ['dee@cafe\u0301.example', 'DEE@XN--CAF-DMA.EXAMPLE']],
    ['an ideographic full stop', 'eve@example.com', ['eve@example\u3002com', 'eve@example\uff0ecom']],
  ])('means one account: %s', async (_what, first, others) => {
    expect((await register(first)).statusCode).toBe(201);
    const before = await accounts();
    for (const email of others) {
      const again = await register(email);
      expect([email, again.statusCode, again.json().code]).toEqual([email, 409, 'email_taken']);
    }
    expect(await accounts()).toEqual(before);
    for (const email of [first, ...others]) {
      expect([email, (await login(email)).statusCode]).toEqual([email, 200]);
    }
    expect((await formLogin(others[0] ?? '')).statusCode).toBe(200);
  });

  it('is itself once it is canonical', () => {
    for (const text of ['Ann@Example.COM', 'user@bücher.example', 'a@faß.example', '\u212a@\uff41.example']) {
      const email = parseEmail(text);
      expect(email).toMatch(/^[a-z]+@[a-z0-9.-]+$/);
      expect(parseEmail(email ?? '')).toBe(email);
    }
  });
});

describe('addresses that only look alike', () => {
  it('are accounts of their own, provider’s customs or not', async () => {
    const addresses = ['g.mail@look.example', 'gmail@look.example', 'gmail+x@look.example', 'gma1l@look.example'];
    for (const email of addresses) expect((await register(email)).statusCode).toBe(201);
    const ids = await api.sql(`select 1 from users where email = any($1)`, [addresses]);
    expect(ids).toHaveLength(addresses.length);
    expect((await login('gmail+y@look.example')).statusCode).toBe(401);
  });

  it.each([
    ['a Cyrillic letter', '\u0430nn@example.com'],
    ['a Greek letter', '\u03bfscar@example.com'],
    ['a dotted capital I', '\u0130an@example.com'],
    ['a dotless i', '\u0131an@example.com'],
    ['an umlaut', 'jürgen@example.com'],
    ['a combining accent', 'rene\u0301@example.com'],
  ])('are refused with %s in the local part', async (_what, email) => {
    const before = await accounts();
    expect((await register(email)).json()).toMatchObject({
      code: 'validation_failed',
      errors: [{ loc: ['body', 'email'] }],
    });
    expect((await login(email)).json().code).toBe('invalid_credentials');
    expect(await accounts()).toEqual(before);
  });

  it('have a domain of their own where its letters are', async () => {
    const honest = await api.user({ email: 'victim@paypal.example' });
    expect((await login('victim@p\u0430ypal.example')).statusCode).toBe(401);
    expect((await register('victim@p\u0430ypal.example')).statusCode).toBe(201);
    expect(await api.sql(`select email from users where email like 'victim@%' and id <> $1`, [honest.id])).toEqual([
      { email: 'victim@xn--pypal-4ve.example' },
    ]);
  });
});

/** Texts that are no address, and what each tries. */
const NO_ADDRESS: readonly [what: string, text: string][] = [
  ['no domain', 'ab@'],
  ['no local part', '@b.co'],
  ['the sign alone', '@@@'],
  ['two signs', 'a@@b.co'],
  ['two signs apart', 'a@b@c.co'],
  ['a second address', 'a@b.co,c@d.co'],
  ['a name and an address', 'Ann <a@b.co>'],
  ['a domain without a dot', 'a@b'],
  ['localhost', 'a@localhost'],
  ['a blank', 'a b@c.co'],
  ['a blank in the domain', 'a@c d.co'],
  ['a quoted local part', '"a b"@c.co'],
  ['a comment', 'a(x)@c.co'],
  ['an address literal', 'a@[127.0.0.1]'],
  ['an IPv4 address', 'a@127.0.0.1'],
  ['an IPv4 address in hexadecimal', 'a@0x7f.0x1'],
  ['a dot at the end', 'a@b.co.'],
  ['a dot at the beginning', '.a@b.co'],
  ['a dot before the sign', 'a.@b.co'],
  ['two dots', 'a..a@b.co'],
  ['two dots in the domain', 'a@b..co'],
  ['a hyphen at a label’s edge', 'a@-b.co'],
  ['an underscore in the domain', 'a@b_c.co'],
  ['a number for a top-level domain', 'a@b.1'],
  ['a port', 'a@example.com:25'],
  ['a path after the domain', 'a@example.com/evil'],
  ['a query after the domain', 'a@example.com?x'],
  ['a fragment after the domain', 'a@example.com#x'],
  ['a backslash after the domain', 'a@example.com\\x'],
  ['an escaped letter in the domain', 'a@ex%61mple.com'],
  ['an escaped letter in full width', 'a@ex％61mple.com'],
  ['a path in full width', 'a@example.com／evil'],
  ['a letter that unfolds into a slash', 'a@example.com\u2100b.co'],
  ['a line feed in the domain', 'a@exam\nple.com'],
  ['a tab in the domain', 'a@exam\tple.com'],
  ['a header after a line feed', 'a@b.co\r\nBcc: c@d.co'],
  ['an escape sequence', 'a\u001b[31m@b.co'],
  ['a zero-width space', 'a\u200bb@c.co'],
  ['a right-to-left override', 'a\u202eb@c.co'],
  ['a local part of 65 characters', `${'a'.repeat(65)}@b.co`],
  ['a label of 64 characters', `a@${'b'.repeat(64)}.co`],
  ['255 characters', `a@${'b.'.repeat(125)}com`],
  ['a ligature that grows', `${'\ufdfa'.repeat(20)}@b.co`],
];

describe('text that is no address', () => {
  it.each(NO_ADDRESS)('opens no account: %s', async (_what, text) => {
    const before = await accounts();
    expect(parseEmail(text)).toBeUndefined();
    const refused = await register(text);
    expect(refused.json()).toMatchObject({ code: 'validation_failed', errors: [{ loc: ['body', 'email'] }] });
    expect(await accounts()).toEqual(before);
  });

  it('leads into no account that it contains', async () => {
    await api.user({ email: 'a@example.com' });
    const parasites = NO_ADDRESS.filter(([, text]) => /@ex/.test(text));
    expect(parasites.length).toBeGreaterThan(8);
    for (const [what, text] of parasites) {
      expect([what, (await login(text)).json().code]).toEqual([what, 'invalid_credentials']);
      expect([what, (await formLogin(text)).json().code]).toEqual([what, 'invalid_credentials']);
    }
  });

  it('is refused with NUL or half a character wherever an address is read', async () => {
    const admin = await api.admin();
    const json = { 'content-type': 'application/json' };
    const routes = [
      { url: '/auth/register' },
      { url: '/auth/login' },
      { url: '/users', token: admin.access_token },
    ] as const;
    for (const text of ['a\\u0000@b.co', '\\u0000a@b.co', 'a@b.co\\u0000', '\\ud83d@b.co'])
      for (const route of routes) {
        const payload = `{"email":"${text}","password":"${PASSWORD}"}`;
        const { statusCode } = await api.request({ method: 'POST', ...route, headers: json, payload });
        expect([text, route.url, statusCode]).toEqual([text, route.url, 422]);
      }
    expect((await formLogin('a@example.com\0')).statusCode).toBe(422);
    const filter = await api.request({ url: '/users?email=a%00', token: admin.access_token });
    expect(filter.statusCode).toBe(422);
  });
});

describe('an address of absurd size', () => {
  const hostile = [
    'a'.repeat(100_000),
    `${'a'.repeat(100_000)}@test.co`,
    `"${'a'.repeat(100_000)}`,
    '<'.repeat(100_000),
    `${'a.'.repeat(50_000)}@b.co`,
    `a@${'b.'.repeat(50_000)}`,
    `a@${'xn--'.repeat(25_000)}.co`,
    '\ufdfa'.repeat(30_000),
    `e${'\u0301'.repeat(90_000)}@b.co`,
  ];

  it('is refused in a fraction of the time that a login takes', async () => {
    const usualCost = await buildApp({ ...api.config, bcrypt_cost: 10 }, { log: api.app.log });
    onTestFinished(() => usualCost.close());
    const post = (path: string) => (email: string) =>
      usualCost.inject({ method: 'POST', url: `/auth/${path}`, payload: { email, password: PASSWORD } });
    const [login, register] = [post('login'), post('register')];
    const timeOf = async (work: () => Promise<{ statusCode: number }>, status: number): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 5; round++) {
        const started = performance.now();
        expect((await work()).statusCode).toBe(status);
        times.push(performance.now() - started);
      }
      return Math.min(...times);
    };
    const usual = await timeOf(() => login('nobody@example.com'), 401);
    for (const email of hostile) {
      expect(await timeOf(() => register(email), 413)).toBeLessThan(usual / 2);
      expect(await timeOf(() => login(email), 413)).toBeLessThan(usual / 2);
      // The longest that reaches the validation of an address.
      expect(await timeOf(() => login(email.slice(0, 1500)), 422)).toBeLessThan(usual / 2);
    }
  });

  it('costs no more per character than a usual one, in no form that fits the limit', () => {
    const fitting = hostile.map((text) => text.slice(0, 508)).concat(`${'a.'.repeat(200)}!`, `a@${'1-'.repeat(200)}!`);
    for (const text of fitting) {
      const started = performance.now();
      for (let round = 0; round < 200; round++) parseEmail(text);
      // A pattern that backtracks takes seconds for one.
      expect([text.slice(0, 9), performance.now() - started < 2000]).toEqual([text.slice(0, 9), true]);
    }
  });
});

describe('a name', () => {
  it('is kept as it was sent, whatever its direction, and counted in characters', async () => {
    const { access_token: token } = await api.user();
    const rename = (name: string) => api.request({ method: 'PATCH', url: '/auth/me', token, payload: { name } });
    for (const name of ['\u202egnp.exe', '👩‍👩‍👧', '😃'.repeat(200), ' Ann ', "Robert'); drop table users;--"]) {
      expect((await rename(name)).json().name).toBe(name);
      expect((await api.request({ url: '/auth/me', token })).json().name).toBe(name);
    }
  });

  it.each([
    ['201 characters', 'x'.repeat(201)],
    ['two hundred combining marks', `e${'\u0301'.repeat(200)}`],
    ['nothing', ''],
    ['NUL', 'a\0b'],
    ['half a character', '\ud83d'],
  ])('of %s is refused and changes nothing', async (_what, name) => {
    const { access_token: token, id } = await api.user({ name: 'Before' });
    const before = await accounts();
    expect((await api.request({ method: 'PATCH', url: '/auth/me', token, payload: { name } })).statusCode).toBe(422);
    const payload = { email: 'named@example.com', password: PASSWORD, name };
    expect((await api.request({ method: 'POST', url: '/auth/register', payload })).statusCode).toBe(422);
    expect(await api.sql('select name from users where id = $1', [id])).toEqual([{ name: 'Before' }]);
    expect(await accounts()).toEqual(before);
  });
});
