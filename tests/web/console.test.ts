import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { pino } from 'pino';
import { Type } from 'typebox';
import { describe, expect, it } from 'vitest';
import { buildApp } from '../../src/app/app.ts';
import { SETTINGS } from '../../src/app/config.ts';
import { product } from '../../src/app/product.ts';
import { enumOf, Id, PageOf, PageQuery } from '../../src/app/schemas/common.ts';
import { newId } from '../../src/app/utils/ids.ts';
import type { Resource } from '../../src/web/console/resources.ts';
import { PASSWORD, SECRET_KEY, startApi, testConfig } from '../helpers/api.ts';
import { DEAD_MAIL_SQL } from '../helpers/asking-operations.ts';
import { IDENTITY_SQL, PASSKEY_SQL } from '../helpers/login-methods.ts';
import { liveRoutes } from '../helpers/operations.ts';
import { startReplica } from '../helpers/replicas.ts';

const BUDGET = 60_000;
const STYLE_BUDGET = 8 * 1024;
const UI = join(import.meta.dirname, '../../src/web/console/ui');
const RUNTIME = join(import.meta.dirname, '../../packages/client/src/runtime');
const STYLES = join(UI, 'styles');
const POLICY = {
  'default-src': "'none'",
  'script-src': "'self'",
  'style-src': "'self'",
  'connect-src': "'self'",
  'img-src': 'data:',
  'form-action': "'none'",
  'frame-ancestors': "'none'",
  'base-uri': "'none'",
  'require-trusted-types-for': "'script'",
  'trusted-types': "'none'",
};
const api = startApi({ CONSOLE_ENABLED: 'true', CONSOLE_NETWORKS: '127.0.0.1, 2001:db8::/32' });
const get = (url: string, headers: Record<string, string> = {}) => api.request({ url, headers });
const filesIn = (html: string): string[] =>
  [...html.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)].map(([, file = '']) => file);

describe('the page of the console', () => {
  it.each(['/console', '/console/users', '/console/data/items?cursor=x'])(
    '%s is the same frame, which holds nothing inline, may not be kept, and sends nothing to others',
    async (url) => {
      const answer = await get(url);
      expect([answer.statusCode, answer.headers['cache-control']]).toEqual([200, 'no-store']);
      const policy = String(answer.headers['content-security-policy']);
      expect(Object.fromEntries(policy.split('; ').map((rule) => rule.split(/ (.*)/s).slice(0, 2)))).toEqual(POLICY);
      expect(answer.body).not.toMatch(/ style=|<style|<script>| on\w+=|https?:/);
      expect(answer.body).toBe((await get('/console')).body);
    },
  );

  it('every file that it names is JavaScript or the sheet, immutable, and the same when compressed', async () => {
    const files = filesIn((await get('/console')).body);
    expect(files.map((file) => file.replace(/^\/console\/assets\/[\w-]+\//, '')).sort()).toEqual([
      ...['@preact/signals-core/dist/signals-core.js', '@preact/signals/dist/signals.js', 'console.css', 'main.js'],
      ...['preact/dist/preact.js', 'preact/hooks/dist/hooks.js'],
    ]);
    for (const file of files) {
      const answer = await get(file);
      expect([file, answer.statusCode, answer.headers['cache-control'], answer.headers.vary]).toEqual([
        ...[file, 200, 'public, max-age=31536000, immutable', 'accept-encoding'],
      ]);
      expect(answer.headers['content-type']).toBe(
        file.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
      );
      const compressed = await get(file, { 'accept-encoding': 'gzip, br' });
      expect(compressed.headers['content-encoding']).toBe('gzip');
      expect(gunzipSync(compressed.rawPayload).equals(answer.rawPayload)).toBe(true);
    }
  });

  it('every import of a module is a file that the page preloads, so that none waits for another', async () => {
    const files = filesIn((await get('/console')).body).filter((file) => file.endsWith('.js'));
    for (const file of files) {
      const { body } = await get(file);
      const imports = [...body.matchAll(/(?:\bfrom|\bimport)\s*["']([\w@./-]+)["']/g)].map(([, path = '']) => path);
      expect(
        imports.map((path) => new URL(path, `http://host${file}`).pathname).filter((path) => !files.includes(path)),
      ).toEqual([]);
    }
  });

  it('its styles are one file of at most 8 kB, compressed, with every sheet in it', async () => {
    const sheets = filesIn((await get('/console')).body).filter((file) => file.endsWith('.css'));
    expect(sheets).toHaveLength(1);
    const { body } = await get(sheets[0] ?? '');
    expect(gzipSync(body).length).toBeLessThan(STYLE_BUDGET);
    const sources = globSync(join(STYLES, '*.css')).map((path) => readFileSync(path, 'utf8'));
    expect(sources.length).toBeGreaterThan(5);
    expect(sources.filter((source) => !body.includes(source))).toEqual([]);
  });

  it('its script has at most 60 kB, compressed', async () => {
    const files = filesIn((await get('/console')).body).filter((file) => file.endsWith('.js'));
    const contents = await Promise.all(files.map(async (file) => (await get(file)).rawPayload));
    const size = contents.reduce((sum, content) => sum + gzipSync(content).length, 0);
    expect(size).toBeLessThan(BUDGET);
  });

  it('its own module has neither comments nor indentation, which no text of it could lose', async () => {
    const files = [UI, RUNTIME].flatMap((folder) => globSync(join(folder, '**/*.ts')));
    const sources = files.map((path) => readFileSync(path, 'utf8'));
    expect(sources.length).toBeGreaterThan(40);
    const code = sources.map((source) => source.replaceAll(/^\s*(\/\/.*|\/\*[\s\S]*?\*\/)$/gm, ''));
    const lines = code.flatMap((source) => source.split('\n'));
    expect(lines.filter((line) => line.split('`').length % 2 === 0 || /\S {3}/.test(line))).toEqual([]);
    const own = filesIn((await get('/console')).body).filter((file) => file.endsWith('/main.js'));
    const served = (await get(own[0] ?? '')).body.trimEnd().split('\n');
    expect(served.length).toBeGreaterThan(1000);
    expect(served.filter((line) => /^( |\/\/|\/?\*|$)/.test(line))).toEqual([]);
  });

  it('a file of another content has another path, and an unknown one is not found', async () => {
    const [file = ''] = filesIn((await get('/console')).body);
    expect(file).toMatch(/^\/console\/assets\/[\w-]{16}\//);
    expect((await get(file.replace(/assets\/[\w-]{16}/, 'assets/0000000000000000'))).statusCode).toBe(404);
    expect((await get('/console/assets/../../package.json')).statusCode).toBe(404);
  });
});

describe('who gets the console', () => {
  it('an address outside of CONSOLE_NETWORKS finds nothing', async () => {
    const paths = [
      '/console',
      '/console/users',
      '/console/resources.json',
      filesIn((await get('/console')).body)[0] ?? '',
    ];
    for (const url of paths) {
      const inside = await api.request({ url, remoteAddress: '2001:db8::7' });
      const outside = await api.request({ url, remoteAddress: '192.0.2.1' });
      expect([url, inside.statusCode === 404, outside.statusCode]).toEqual([url, false, 404]);
      expect(outside.json().code).toBe('route_not_found');
    }
  });

  it('an administrator outside of CONSOLE_NETWORKS finds no operation either, and changes nothing', async () => {
    const { access_token: token } = await api.admin();
    const routes = await liveRoutes({ CONSOLE_ENABLED: 'true' });
    const operations = routes.filter(({ url, method }) => url.startsWith('/console/') && method !== 'HEAD');
    expect(operations.length).toBeGreaterThan(15);
    const before = await api.sql('select count(*) from audit_events');
    for (const { url, method } of operations) {
      const path = url.replace(':id', newId()).replace('*', 'x');
      const outside = await api.request({ url: path, method: method as 'GET', token, remoteAddress: '192.0.2.1' });
      expect([method, url, outside.statusCode, outside.json().code]).toEqual([method, url, 404, 'route_not_found']);
    }
    expect(await api.sql('select count(*) from audit_events')).toEqual(before);
  });

  it('it is on in development alone, unless CONSOLE_ENABLED says otherwise', async () => {
    const isServed = async (settings: Record<string, string>) =>
      (await liveRoutes(settings)).some(({ url }) => url.startsWith('/console'));
    expect([
      await isServed({ ENVIRONMENT: 'development' }),
      await isServed({ ENVIRONMENT: 'development', CONSOLE_ENABLED: 'false' }),
      await isServed({ ENVIRONMENT: 'test' }),
      await isServed({ ENVIRONMENT: 'test', CONSOLE_ENABLED: 'true' }),
    ]).toEqual([true, false, false, true]);
  });

  it('the descriptions of tables are for administrators', async () => {
    const [user, admin] = [await api.user(), await api.admin()];
    const answer = async (token?: string) =>
      (await api.request({ url: '/console/resources.json', ...(token !== undefined && { token }) })).statusCode;
    expect([await answer(), await answer(user.access_token), await answer(admin.access_token)]).toEqual([
      401, 403, 200,
    ]);
  });
});

describe('what serves, and how busy it was', () => {
  const secrets = { SECRET_KEY, SMTP_URL: 'smtp://mailer:a-secret-password@127.0.0.1:1' };
  const issuer = {
    OIDC_WORK_ISSUER: 'https://login.example.com',
    OIDC_WORK_CLIENT_ID: 'back',
    OIDC_WORK_CLIENT_SECRET: 'a-secret-password of a client',
  };
  const own = startApi({ CONSOLE_ENABLED: 'true', ...secrets, ...issuer });
  const read = async (url: string) => {
    const { access_token: token } = await own.admin();
    return own.request({ url, token });
  };

  it('is for administrators alone', async () => {
    const { access_token: token } = await own.user();
    for (const url of ['/console/overview.json', '/console/activity.json?range=day']) {
      expect([(await own.request({ url })).statusCode, (await own.request({ url, token })).statusCode]).toEqual([
        401, 403,
      ]);
    }
  });

  it('names every setting, and no secret', async () => {
    const answer = await read('/console/overview.json');
    const { settings, keys, versions, migrations } = answer.json();
    const names = [...Object.keys(SETTINGS), ...Object.keys(issuer), 'OIDC_WORK_LABEL', 'OIDC_WORK_DOMAINS'];
    expect(settings.map(({ name }: { name: string }) => name).sort()).toEqual(names.sort());
    expect(answer.body).not.toContain(SECRET_KEY);
    expect(answer.body).not.toContain('a-secret-password');
    const settingOf = (wanted: string) => settings.find(({ name }: { name: string }) => name === wanted)?.value;
    expect([settingOf('SECRET_KEY'), settingOf('SMTP_URL'), settingOf('CONSOLE_ENABLED')]).toEqual([
      ...['[secret]', 'smtp://mailer:[secret]@127.0.0.1:1', 'true'],
    ]);
    expect(settingOf('LIMIT_LOGIN_FAILURES_PER_ACCOUNT')).toBe('10/15m');
    expect(keys).toMatchObject([{ algorithm: 'HS256', signs: true }]);
    expect([versions.node, migrations]).toEqual([process.versions.node, { state: 'at_head', pending: [] }]);
  });

  it('counts mails that are dead and work that is late', async () => {
    const before = (await read('/console/overview.json')).json().work;
    await own.sql(DEAD_MAIL_SQL, [newId()]);
    await own.sql(`update jobs set run_at = now() - interval '2 minutes' where state = 'pending'`);
    const { work } = (await read('/console/overview.json')).json();
    expect([work.mails_dead - before.mails_dead, before.oldest_late]).toEqual([1, null]);
    expect(Date.now() - Date.parse(work.oldest_late)).toBeGreaterThan(60_000);
  });

  it('says when a mail was delivered last, and what keeps those that wait', async () => {
    const workOf = async () => (await read('/console/overview.json')).json().work;
    await own.sql("delete from jobs where kind = 'mail.send'");
    expect(await workOf()).toMatchObject({ mails_failing: 0, mail_error: null, mail_sent_at: null });
    const [dead, waiting, sent] = [newId(), newId(), newId()];
    for (const id of [dead, waiting, sent]) await own.sql(DEAD_MAIL_SQL, [id]);
    await own.sql(`update jobs set state = 'done', last_error = null where id = $1`, [sent]);
    await own.sql(`update jobs set last_error = '550 no such mailbox' where id = any($1)`, [[dead, waiting]]);
    const [row] = await own.sql<{ finished_at: Date }>('select finished_at from jobs where id = $1', [sent]);
    expect(await workOf()).toMatchObject({
      ...{ mails_failing: 0, mails_dead: 2, mail_error: '550 no such mailbox' },
      mail_sent_at: row?.finished_at.toISOString(),
    });
    await own.sql(
      `update jobs set state = 'pending', finished_at = null, run_at = now() + interval '1 hour', last_error = '421 too busy' where id = $1`,
      [waiting],
    );
    expect(await workOf()).toMatchObject({ mails_failing: 1, mails_dead: 1, mail_error: '421 too busy' });
  });

  it('counts sign-ins, failed ones and new accounts by hours and by days, the present one last', async () => {
    const last = async (range: string) => (await read(`/console/activity.json?range=${range}`)).json().items;
    const [hours, days] = [await last('day'), await last('month')];
    const { email } = await own.user();
    await own.request({ method: 'POST', url: '/auth/login', payload: { email, password: 'wrong' } });
    const [hour, day] = [(await last('day')).at(-1), (await last('month')).at(-1)];
    expect([hours.length, days.length]).toEqual([24, 30]);
    expect([hour.failures - hours.at(-1).failures, day.failures - days.at(-1).failures]).toEqual([1, 1]);
    expect([hour.registrations > hours.at(-1).registrations, hour.sign_ins > hours.at(-1).sign_ins]).toEqual([
      true,
      true,
    ]);
    const [counted] = await own.sql<{ times: number }>(
      `select count(*)::int as times from audit_events where event = 'session.started'`,
    );
    const sum = (await last('month')).reduce(
      (total: number, { sign_ins }: { sign_ins: number }) => total + sign_ins,
      0,
    );
    // Each reading is by an administrator who signed in for it.
    expect(sum).toBe((counted?.times ?? 0) + 1);
    expect((await read('/console/activity.json?range=year')).statusCode).toBe(422);
  });
});

describe('what an administrator does there', () => {
  const own = startApi({ CONSOLE_ENABLED: 'true' });
  const post = (url: string, token: string, payload?: object) =>
    own.request({ method: 'POST', url, token, ...(payload && { payload }) });

  const recorded = (event: string) =>
    own.sql('select actor_id, subject_id, details from audit_events where event = $1', [event]);

  it('a dead job is tried again, once; one that is not dead conflicts', async () => {
    const { access_token: token, id: actor_id } = await own.admin();
    const id = newId();
    await own.sql(DEAD_MAIL_SQL, [id]);
    const { items } = (await own.request({ url: '/console/jobs.json?state=dead', token })).json();
    expect(items).toMatchObject([{ id, kind: 'mail.send', state: 'dead' }]);
    expect(items[0]).not.toHaveProperty('payload');
    const answers = [await post(`/console/jobs/${id}/retry`, token), await post(`/console/jobs/${id}/retry`, token)];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([204, 409]);
    expect(await own.sql('select state, attempts from jobs where id = $1', [id])).toEqual([
      { state: 'pending', attempts: 0 },
    ]);
    expect(await recorded('job.retried')).toEqual([{ actor_id, subject_id: null, details: { job_id: id, count: 1 } }]);
  });

  it('a hold of a limit is listed and lifted, once', async () => {
    const [{ access_token: token, id: actor_id }, held] = [await own.admin(), await own.user()];
    const tries = Array.from({ length: 11 }, (_, index) => ({ email: held.email, password: `wrong ${index}` }));
    for (const payload of tries) await own.request({ method: 'POST', url: '/auth/login', payload });
    const listed = async () => (await own.request({ url: '/console/limits.json', token })).json();
    const { items, counted_in } = await listed();
    expect([items.length, counted_in]).toEqual([1, 'postgresql']);
    const [{ limit, counted }] = items;
    expect((await post('/console/limits/lift', token, { limit, counted })).statusCode).toBe(204);
    expect((await post('/console/limits/lift', token, { limit, counted })).statusCode).toBe(409);
    expect((await listed()).items).toEqual([]);
    expect(await recorded('limit.lifted')).toMatchObject([{ actor_id, details: { limit, counted } }]);
  });

  it('the chain of the audit events is verified, and an altered row is found', async () => {
    const { access_token: token } = await own.admin();
    const verify = async () => {
      const answer = await post('/console/audit-verification', token);
      const lines = answer.body.trimEnd().split('\n');
      return lines.map((line) => JSON.parse(line));
    };
    const [first, ...later] = await verify();
    const before = later.at(-1);
    expect([first.done, first.rows, before.rows > 0, before.problems]).toEqual([0, before.rows, true, []]);
    await own.sql('alter table audit_events disable trigger user');
    await own.sql(
      `update audit_events set ip = '192.0.2.9' where id = (select id from audit_events order by id limit 1)`,
    );
    expect((await verify()).at(-1).problems).toMatchObject([{ kind: 'altered' }]);
  });

  it('the second factors of a user are listed without their secrets; of nobody there are none', async () => {
    const [{ access_token: token }, user] = [await own.admin(), await own.user()];
    const read = (id: string) => own.request({ url: `/console/users/${id}/factors.json`, token });
    expect((await read(user.id)).json()).toEqual({ items: [], recovery_codes_left: 0 });
    expect((await read(newId())).json().code).toBe('user_not_found');
  });

  it('the passkeys and identities of a user are listed without their keys, and what removes the factors is recorded with its reason', async () => {
    const [{ access_token: token }, user] = [await own.admin(), await own.user()];
    await own.sql(PASSKEY_SQL, [user.id]);
    await own.sql(IDENTITY_SQL, [user.id]);
    const read = (id: string) => own.request({ url: `/console/users/${id}/login-methods.json`, token });
    const answer = await read(user.id);
    expect(answer.json()).toMatchObject({
      passkeys: [{ name: 'A key', backed_up: true, last_used_at: null }],
      identities: [{ provider: 'google', subject: '110169484474386276334', email: 'kj@gmail.com' }],
    });
    expect(answer.body).not.toMatch(/public_key|credential_id|issuer/);
    expect((await read(newId())).json().code).toBe('user_not_found');
    const url = `/users/${user.id}/factors`;
    const removed = await own.request({ method: 'DELETE', url, token, payload: { reason: 'Lost' } });
    expect([removed.statusCode, (await read(user.id)).json().passkeys]).toEqual([204, []]);
    expect(
      await own.sql(`select details from audit_events where event = 'factor.removed' and subject_id = $1`, [user.id]),
    ).toEqual([{ details: { reason: 'Lost', removed: 1 } }]);
  });

  it('a user may do nothing of it', async () => {
    const { access_token: token } = await own.user();
    const answers = [
      await post('/console/audit-verification', token),
      await post(`/console/jobs/${newId()}/retry`, token),
      await post('/console/limits/lift', token, { limit: 'login-account', counted: 'x' }),
      await own.request({ url: '/console/jobs.json', token }),
      await own.request({ url: '/console/limits.json', token }),
      await own.request({ url: `/console/users/${newId()}/factors.json`, token }),
      await own.request({ url: `/console/users/${newId()}/login-methods.json`, token }),
    ];
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(answers.map(() => 403));
  });
});

describe('the first administrator', () => {
  const fresh = startApi({ CONSOLE_ENABLED: 'true' });
  const strict = startReplica(fresh, { email_verification: 'required' });
  const make = (body: Record<string, string>) =>
    fresh.request({ method: 'POST', url: '/console/first-administrator', payload: { password: PASSWORD, ...body } });
  const administrators = async () =>
    (await fresh.sql<{ email: string }>(`select email from users where role = 'admin'`)).map(({ email }) => email);
  const linkOf = () => String(fresh.logs.find(({ event }) => event === 'console.first_administrator')?.url ?? '');

  it('is made by the link in the log, once, of several at the same time one', async () => {
    await fresh.user({ email: 'user@example.com' });
    await fresh.listen();
    await expect.poll(linkOf).toContain('/console/first-administrator#token=');
    const token = linkOf().split('#token=')[1] ?? '';
    for (const wrong of ['x', token.replace(/^\d/, '9'), `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`]) {
      const refused = await make({ token: wrong, email: 'eve@example.com' });
      expect([refused.statusCode, refused.json().code]).toEqual([400, 'one_time_token_invalid']);
    }
    expect(await administrators()).toEqual([]);
    const answers = await Promise.all(
      ['ada', 'bob', 'cyd'].map((name) => make({ token, email: `${name}@example.com` })),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([201, 400, 400]);
    expect(await administrators()).toHaveLength(1);
    expect(
      await fresh.sql(`select 1 from audit_events where event = 'user.created' and details ->> 'role' = 'admin'`),
    ).toHaveLength(1);
    expect((await make({ token, email: 'dan@example.com' })).json().code).toBe('one_time_token_invalid');
  });

  it('can sign in where addresses have to be proved: the reader of the log vouches for this one', async () => {
    const [email = ''] = await administrators();
    const answer = await strict.request({ method: 'POST', url: '/auth/login', payload: { email, password: PASSWORD } });
    expect(answer.statusCode).toBe(200);
    const me = await strict.request({ url: '/auth/me', token: answer.json().access_token });
    expect(me.json()).toMatchObject({ role: 'admin', email_verified: true });
  });

  it('no link is written once there is one', async () => {
    const lines: string[] = [];
    const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
    const again = await buildApp(testConfig(fresh.url, { CONSOLE_ENABLED: 'true' }), { log });
    await again.listen({ host: '127.0.0.1', port: 0 });
    await again.close();
    expect(lines.filter((line) => line.includes('Server listening'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('first_administrator'))).toEqual([]);
  });
});

describe('the tables of the product', () => {
  const Pen = Type.Object(
    { id: Id, owner_id: Id, colour: enumOf(['red', 'blue']), label: Type.String() },
    { title: 'Pen' },
  );
  const [tag = ''] = Object.keys(product.tags);
  const shop = startApi(
    { CONSOLE_ENABLED: 'true' },
    {
      routes: async (app) => {
        const list = async () => ({ items: [], next_cursor: null });
        const add = (path: string, inConsole?: false | readonly string[]): void => {
          const schema = {
            operationId: `list_${path}`,
            tags: [tag],
            querystring: PageQuery,
            response: { 200: PageOf(Pen) },
          };
          const config = { auth: 'user' as const, ...(inConsole !== undefined && { console: inConsole }) };
          app.get(`/${path}`, { config, schema }, list);
        };
        add('pens');
        add('chosen', ['colour', 'id']);
        add('hidden', false);
      },
    },
  );

  it('are described by the operations of the API; a route says what is shown of them', async () => {
    const { access_token: token } = await shop.admin();
    const { items } = (await shop.request({ url: '/console/resources.json', token })).json<{ items: Resource[] }>();
    const columnsOf = (path: string) => items.find((resource) => resource.path === path)?.columns;
    expect(columnsOf('/pens')).toEqual(['label', 'owner_id', 'colour']);
    expect(columnsOf('/chosen')).toEqual(['colour', 'id']);
    expect(columnsOf('/hidden')).toBeUndefined();
    expect(items.find(({ path }) => path === '/pens')).toMatchObject({
      title: tag,
      create: null,
      can_read: false,
      can_delete: false,
    });
  });
});
