import { dictionary } from '@zxcvbn-ts/language-common';
import bcrypt from 'bcrypt';
import { describe, expect, it } from 'vitest';
import { product } from '../../src/app/product.ts';
import { PASSWORD, startApi, type TestUser } from '../helpers/api.ts';
import { holdRows, startReplica, startSession, statuses } from '../helpers/replicas.ts';

const api = startApi({ RATE_LIMITS: 'false', BCRYPT_COST: '10', STATEMENT_TIMEOUT_SECONDS: '30' });
const replica = startReplica(api);
const NEW_PASSWORD = 'another horse, another staple';

type Instance = Pick<typeof replica, 'request'>;

let count = 0;
const register = (password: unknown, email = `chooser-${++count}@example.com`) =>
  api.request({ method: 'POST', url: '/auth/register', payload: { email, password } as object });
const login = (email: string, password: unknown, instance: Instance = api) =>
  instance.request({ method: 'POST', url: '/auth/login', payload: { email, password } as object });
const form = (username: string, password: string) =>
  api.request({
    method: 'POST',
    url: '/auth/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: `username=${encodeURIComponent(username)}&password=${password}`,
  });
const change = (
  token: string,
  new_password: unknown,
  { current = PASSWORD as unknown, instance = api as Instance } = {},
) =>
  instance.request({
    method: 'POST',
    url: '/auth/me/password',
    token,
    payload: { current_password: current, new_password } as object,
  });
const hashOf = async (user: Pick<TestUser, 'id'>) =>
  (await api.sql('select password_hash, password_version from users where id = $1', [user.id]))[0];
const setHash = (user: TestUser, hash: string) =>
  api.sql('update users set password_hash = $2 where id = $1', [user.id, hash]);

/** Refused in this way at a registration, a change and by an administrator, and nothing is stored. */
async function expectRefusedEverywhere(password: unknown, code: string): Promise<void> {
  const [admin, user] = [await shared.admin(), await shared.user()];
  const before = await api.sql('select id, password_hash from users order by id');
  const payload = { email: 'refused@example.com', password } as object;
  for (const answer of [
    await api.request({ method: 'POST', url: '/auth/register', payload }),
    await api.request({ method: 'POST', url: '/users', token: admin.access_token, payload }),
    await change(user.access_token, password),
  ])
    expect([answer.statusCode, answer.json().code]).toEqual([422, code]);
  expect(await api.sql('select id, password_hash from users order by id')).toEqual(before);
}

/** One administrator and one user for all refusals: none of them changes either. */
const shared = (() => {
  let admin: Promise<TestUser> | undefined;
  let user: Promise<TestUser> | undefined;
  return { admin: () => (admin ??= api.admin()), user: () => (user ??= api.user()) };
})();

describe('the limit of 72 bytes', () => {
  it.each([
    ['letters', 'a', 72],
    ['umlauts', 'ü', 36],
    ['ideographs', '密文字語漢', 24],
    ['emoji', '😃🐴🔋📎✅', 18],
  ])('is counted in bytes, and a password that fills it with %s counts to the last', async (_what, letters, fits) => {
    const kinds = [...letters];
    // No pattern: the distance between two equal letters grows.
    const text = (length: number): string =>
      Array.from({ length }, (_, index) => kinds[Math.floor(index ** 1.5) % kinds.length]).join('');
    const user = await api.user({ password: text(fits) });
    expect((await login(user.email, text(fits))).statusCode).toBe(200);
    for (const wrong of [text(fits - 1), text(fits + 1), `${text(fits)}b`])
      expect((await login(user.email, wrong)).json().code).toBe('invalid_credentials');
    expect((await register(text(fits + 1))).json().code).toBe('password_too_long');
  });

  it('is a refusal wherever a password is set, never a cut', async () => {
    await expectRefusedEverywhere(`${'a'.repeat(72)}b`, 'password_too_long');
    await expectRefusedEverywhere('😃'.repeat(64), 'password_too_long');
  });

  it('lets nobody in by the beginning of a longer one that another system cut', async () => {
    const user = await api.user();
    await setHash(user, await bcrypt.hash(`${'a'.repeat(72)}b`, 10));
    for (const wrong of [`${'a'.repeat(72)}b`, `${'a'.repeat(72)}c`, 'a'.repeat(71)])
      expect((await login(user.email, wrong)).statusCode).toBe(401);
    expect((await login(user.email, 'a'.repeat(72))).statusCode).toBe(200);
  });
});

describe('NUL', () => {
  it.each(['Passw\0rd, and more', '\0at the beginning', 'at the end\0'])(
    'is refused in a password and in a proof: %j',
    async (password) => {
      await expectRefusedEverywhere(password, 'validation_failed');
      expect((await login('nobody@example.com', password)).statusCode).toBe(422);
    },
  );

  it('does not end a password that a form brings', async () => {
    const user = await api.user();
    const { hasher } = api.app.ctx;
    for (const [known, wrong] of [
      ['Passw', ['Passw\0', 'Passw\0other', '\0Passw']],
      ['', ['\0', '\0\0', `\0${PASSWORD}`]],
    ] as const) {
      const hash = await bcrypt.hash(known, 10);
      await setHash(user, hash);
      for (const password of wrong) {
        expect((await form(user.email, encodeURIComponent(password))).json().code).toBe('validation_failed');
        expect(await hasher.verify(password, hash)).toBe(false);
      }
    }
    // The hash of nothing is there still: what bcrypt cannot read must not be taken for nothing.
    expect((await form(user.email, 'x'.repeat(73))).json().code).toBe('invalid_credentials');
    for (const { statusCode } of [await form(user.email, ''), await login(user.email, '')])
      expect(statusCode).toBe(422);
  });

  it('and bytes that are no UTF-8 bring no fault in a form', async () => {
    for (const password of ['%FF%FE', '%C0%80', '%ED%A0%80', '%', '%zz'])
      expect((await form('nobody@example.com', password)).statusCode).toBeLessThan(500);
  });
});

describe('a password of absurd size', () => {
  it('is refused before it costs a hash, at a registration and at a login', async () => {
    const user = await api.user();
    const leastOf = async (work: () => Promise<{ statusCode: number }>, status: number): Promise<number> => {
      const times: number[] = [];
      for (let round = 0; round < 3; round++) {
        const started = performance.now();
        expect((await work()).statusCode).toBe(status);
        times.push(performance.now() - started);
      }
      return Math.min(...times);
    };
    const evaluated = await leastOf(() => login(user.email, 'wrong horse'), 401);
    for (const [size, status] of [
      [257, 422],
      [1024, 422],
      [4096, 422],
      [100_000, 413],
      [1_048_576, 413],
    ] as const) {
      expect(await leastOf(() => register('x'.repeat(size)), status)).toBeLessThan(evaluated / 2);
      expect(await leastOf(() => login(user.email, 'x'.repeat(size)), status)).toBeLessThan(evaluated / 2);
      const { statusCode } = await change(user.access_token, 'x'.repeat(size));
      expect(statusCode).toBe(status);
    }
  });
});

describe('every character of a password', () => {
  it.each([
    ['blanks around it', '  two blanks each side  ', 'two blanks each side'],
    ['a tab', 'tab\tulated password', 'tab ulated password'],
    ['a line feed at its end', 'a line feed follows\n', 'a line feed follows'],
    ['a no-break space', 'no\u00a0break password', 'no break password'],
    ['a zero-width joiner', 'zero\u200dwidth password', 'zerowidth password'],
    ['a right-to-left mark', 'right\u200fto left here', 'rightto left here'],
    ['its case', 'cAsE matters here', 'CaSe MATTERS HERE'],
    ['a composed letter', 'caf\u00e9 au lait, please', 'cafe\u0301 au lait, please'],
    ['a decomposed letter', 'cafe\u0301 au lait, merci', 'caf\u00e9 au lait, merci'],
    ['full-width digits', '\uff11\uff12\uff13\uff14 and more', '1234 and more'],
    ['a byte-order mark', '\ufeffmarked password', 'marked password'],
  ])('counts as it was sent: %s', async (_what, password, other) => {
    const user = await api.user({ password });
    expect((await login(user.email, other)).json().code).toBe('invalid_credentials');
    expect((await login(user.email, password)).statusCode).toBe(200);
  });

  it('is asked for in no kind: long is enough', async () => {
    for (const password of ['nothing but small letters in here', '739105826401759', 'ÄÖÜẞÉÀŁÑØŻ', '🐴🔋📎✅🎲🪁🧲🛶'])
      expect((await register(password)).statusCode).toBe(201);
  });

  it('is a text: what else JSON has is refused, also where its text would be the password', async () => {
    const user = await api.user({ password: '739105826401' });
    for (const value of [739105826401, true, false, null, ['739105826401'], { 0: '739105826401' }, 7.39105826401e11]) {
      expect([value, (await login(user.email, value)).statusCode]).toEqual([value, 422]);
      await expectRefusedEverywhere(value, 'validation_failed');
    }
  });
});

describe('a password that is tried first', () => {
  it('is refused, whichever of the thousands', async () => {
    const { access_token } = await shared.user();
    const long = dictionary['passwords-common'].filter((word) => word.length >= 8);
    expect(long.length).toBeGreaterThan(3000);
    const before = await api.sql('select count(*) from users');
    for (let index = 0; index < long.length; index += Math.ceil(long.length / 150)) {
      const word = long[index] ?? '';
      for (const password of [word, word.toUpperCase()])
        expect([password, (await register(password)).json().code]).toEqual([password, 'password_too_common']);
    }
    expect((await change(access_token, long[0])).json().code).toBe('password_too_common');
    expect(await api.sql('select count(*) from users')).toEqual(before);
  });

  it('is refused where it is little more than the address or the product, however it is written', async () => {
    const email = 'Guinevere.Smith@camelot.example';
    for (const password of [
      'guinevere.smith',
      'Guinevere.Smith1',
      '12guinevere.smith34',
      'guinevere.smith@camelot.example',
      'GUINEVERE.SMITH@CAMELOT.EXAMPLE!',
      `${product.slug}2026`,
      `${product.slug.replaceAll('-', '').toUpperCase()}1234`,
    ])
      expect([password, (await register(password, email)).json().code]).toEqual([password, 'password_too_common']);
    const user = await api.user({ email });
    const { statusCode } = await change(user.access_token, 'guinevere.smith!');
    expect(statusCode).toBe(422);
    expect((await change(user.access_token, 'guinevere.smith rides again')).statusCode).toBe(204);
  });
});

describe('a change of password', () => {
  it.each([
    ['password_unchanged', 422, PASSWORD, PASSWORD],
    ['password_too_short', 422, PASSWORD, '7 chars'],
    ['password_too_short', 422, PASSWORD, '😃'.repeat(7)],
    ['password_too_long', 422, PASSWORD, 'ä'.repeat(37)],
    ['password_too_common', 422, PASSWORD, 'password123'],
    ['invalid_credentials', 401, `${PASSWORD} `, NEW_PASSWORD],
    ['invalid_credentials', 401, PASSWORD.toUpperCase(), NEW_PASSWORD],
    ['invalid_credentials', 401, 'wrong horse', '7 chars'],
    ['invalid_credentials', 401, NEW_PASSWORD, NEW_PASSWORD],
  ])('that is %s (%i) changes neither hash nor sessions', async (code, status, current, new_password) => {
    const user = await shared.user();
    const before = [await hashOf(user), await api.sql('select * from sessions order by id')];
    const answer = await change(user.access_token, new_password, { current });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
    expect([await hashOf(user), await api.sql('select * from sessions order by id')]).toEqual(before);
  });

  it('from two sessions and instances at once is won by one, and exactly one password works', async () => {
    const user = await api.user();
    const other = await startSession(api, user.id);
    const passwords = ['the first of two passwords', 'the second of two passwords'];
    const row = await holdRows(api, 'select 1 from users where id = $1', [user.id]);
    const changes = [
      change(user.access_token, passwords[0]),
      change(other.access_token, passwords[1], { instance: replica }),
    ];
    await row.awaitedBy(2);
    await row.release();
    const answers = await Promise.all(changes);
    expect(statuses(answers)).toEqual({ 204: 1, 409: 1 });
    const won = answers.map(({ statusCode }) => statusCode === 204);
    for (const [n, password] of passwords.entries())
      expect((await login(user.email, password)).statusCode).toBe(won[n] ? 200 : 401);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(401);
    for (const [n, { access_token: token }] of [user, other].entries())
      expect((await api.request({ url: '/auth/me', token })).statusCode).toBe(won[n] ? 200 : 401);
    expect(await hashOf(user)).toMatchObject({ password_version: 1 });
  });

  it('sent twice by an impatient client is made once', async () => {
    const user = await api.user();
    const answers = await Promise.all([
      change(user.access_token, NEW_PASSWORD),
      change(user.access_token, NEW_PASSWORD, { instance: replica }),
    ]);
    const second = answers.find(({ statusCode }) => statusCode !== 204)?.json().code;
    expect(answers.filter(({ statusCode }) => statusCode === 204)).toHaveLength(1);
    expect(['conflict', 'invalid_credentials']).toContain(second);
    expect(await hashOf(user)).toMatchObject({ password_version: 1 });
    expect((await login(user.email, NEW_PASSWORD)).statusCode).toBe(200);
  });
});

describe('a hash of another cost', () => {
  it('that is cheaper is replaced once by many logins at once, all of which pass', async () => {
    const user = await api.user();
    await setHash(user, (await bcrypt.hash(PASSWORD, 4)).replace('$2b$', '$2y$'));
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, n) => login(user.email, PASSWORD, n % 2 ? api : replica)),
    );
    expect(statuses(answers)).toEqual({ 200: 6 });
    const after = await hashOf(user);
    expect(after).toMatchObject({ password_hash: expect.stringMatching(/^\$2b\$10\$/), password_version: 0 });
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
    expect(await hashOf(user)).toEqual(after);
  });

  it('that is dearer is kept', async () => {
    const user = await api.user();
    await setHash(user, await bcrypt.hash(PASSWORD, 11));
    const before = await hashOf(user);
    expect((await login(user.email, PASSWORD)).statusCode).toBe(200);
    expect(await hashOf(user)).toEqual(before);
  });

  it('does not come back over a password that was changed while it was replaced', async () => {
    const user = await api.user();
    await setHash(user, await bcrypt.hash(PASSWORD, 4));
    const row = await holdRows(api, 'select 1 from users where id = $1', [user.id]);
    const late = login(user.email, PASSWORD, replica);
    await row.awaitedBy(1);
    const changed = await bcrypt.hash(NEW_PASSWORD, 10);
    await row.query('update users set password_hash = $2, password_version = password_version + 1 where id = $1', [
      user.id,
      changed,
    ]);
    await row.release();
    expect((await late).json().code).toBe('invalid_credentials');
    expect(await hashOf(user)).toEqual({ password_hash: changed, password_version: 1 });
  });
});
