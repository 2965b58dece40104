import { describe, expect, it } from 'vitest';
import project from '../../../package.json' with { type: 'json' };
import { product } from '../../../src/app/product.ts';
import { PASSWORD, startApi } from '../../helpers/api.ts';

describe('GET /', () => {
  const open = startApi();
  const closed = startApi({ DOCS_ENABLED: 'false' });

  it('leads to the documentation', async () => {
    const { statusCode, headers } = await open.request({ url: '/' });
    expect([statusCode, headers.location, headers['cache-control']]).toEqual([303, '/docs', 'no-store']);
    expect((await open.request({ method: 'HEAD', url: '/' })).statusCode).toBe(303);
    const refused = await open.request({ method: 'POST', url: '/' });
    expect([refused.statusCode, refused.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  it('is the name and the version without documentation', async () => {
    const answer = await closed.request({ url: '/' });
    expect([answer.statusCode, answer.json()]).toEqual([200, { name: product.name, version: project.version }]);
  });
});

describe('ROOT_PATH', () => {
  const api = startApi({ ROOT_PATH: '/api/' });

  it('stands before every link that has no other way through the proxy', async () => {
    expect((await api.request({ url: '/' })).headers.location).toBe('/api/docs');
    const document = (await api.request({ url: '/openapi.json' })).json();
    expect(document.servers).toEqual([{ url: '/api' }]);
    expect(document.components.securitySchemes.oauth2.flows.password).toMatchObject({
      tokenUrl: '/api/auth/token',
      refreshUrl: '/api/auth/token',
    });
    expect(Object.keys(document.paths)).toContain('/auth/token');
  });

  it('changes no route', async () => {
    expect((await api.request({ url: '/health/live' })).statusCode).toBe(200);
    expect((await api.request({ url: '/api/health/live' })).statusCode).toBe(404);
  });
});

describe('the pages', () => {
  const api = startApi();

  it.each(['/docs', '/docs/', '/redoc'])('%s links relatively, and every link leads somewhere', async (url) => {
    const { body } = await api.request({ url });
    const links = [...body.matchAll(/(?:href|src|spec-url)="(?!data:)([^"]+)"/g)].map(([, link = '']) => link);
    expect(links.length).toBeGreaterThan(1);
    for (const link of links) {
      expect(link).not.toMatch(/^\/|:/);
      // What a browser asks a proxy for that serves us below /api.
      const { pathname } = new URL(link, `http://proxy.example/api${url}`);
      expect(pathname).toMatch(/^\/api\//);
      expect((await api.request({ url: pathname.slice('/api'.length) })).statusCode, link).toBe(200);
    }
  });
});

describe('CORS', () => {
  const api = startApi({
    CORS_ORIGINS: 'capacitor://localhost, https://app.example.com',
    CORS_HEADERS: 'X-Client-Version',
  });

  it('an app of a configured scheme calls as a page does, with headers of its own', async () => {
    const origin = 'capacitor://localhost';
    const asked = { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-client-version' };
    const preflight = await api.request({ method: 'OPTIONS', url: '/auth/login', headers: { origin, ...asked } });
    expect([preflight.statusCode, preflight.headers['access-control-allow-origin']]).toEqual([204, origin]);
    expect(preflight.headers['access-control-allow-headers']).toContain('x-client-version');
    const { headers } = await api.request({ url: '/health/live', headers: { origin } });
    expect(headers['access-control-allow-origin']).toBe(origin);
    const other = await api.request({ url: '/health/live', headers: { origin: 'tauri://localhost' } });
    expect(other.headers['access-control-allow-origin']).toBeUndefined();
  });
});

describe('POST /auth/token as multipart/form-data', () => {
  const api = startApi();
  const post = async (form: FormData | string, type?: string) => {
    const request = new Request('http://x/', { method: 'POST', body: form });
    const headers = { 'content-type': type ?? request.headers.get('content-type') ?? '' };
    return api.request({
      method: 'POST',
      url: '/auth/token',
      headers,
      payload: Buffer.from(await request.arrayBuffer()),
    });
  };
  const formOf = (fields: Record<string, string>): FormData => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    return form;
  };

  it('logs in and refreshes as the other form does', async () => {
    const { email } = await api.user({ password: `${PASSWORD} ä✓` });
    const login = formOf({ grant_type: 'password', username: email, password: `${PASSWORD} ä✓` });
    const answer = await post(login);
    expect(answer.statusCode, answer.body).toBe(200);
    const again = await post(formOf({ grant_type: 'refresh_token', refresh_token: answer.json().refresh_token }));
    expect(again.statusCode, again.body).toBe(200);
    const wrong = await post(formOf({ grant_type: 'password', username: email, password: 'wrong password' }));
    expect([wrong.statusCode, wrong.json().code]).toEqual([401, 'invalid_credentials']);
  });

  it('refuses what is no form of text fields', async () => {
    const { email } = await api.user();
    const fields = { grant_type: 'password', username: email };
    const file = formOf(fields);
    file.append('password', new File([PASSWORD], 'password.txt'));
    const twice = formOf({ ...fields, password: PASSWORD });
    twice.append('password', PASSWORD);
    for (const form of [file, twice, formOf({ ...fields, password: 'a\0b' })])
      expect((await post(form)).json()).toMatchObject({ status: 422, code: 'validation_failed' });
    for (const [body, type] of [
      ['no form', 'multipart/form-data; boundary=x'],
      ['--x\r\n', 'multipart/form-data; boundary=x'],
      ['', 'multipart/form-data'],
    ] as const)
      expect((await post(body, type)).json()).toMatchObject({ status: 400, code: 'malformed_request' });
    const huge = await post(formOf({ ...fields, password: 'x'.repeat(20_000) }));
    expect(huge.statusCode).toBe(413);
  });

  it('is read by no other route', async () => {
    const form = new Request('http://x/', {
      method: 'POST',
      body: formOf({ email: 'a@b.example', password: PASSWORD }),
    });
    const headers = { 'content-type': form.headers.get('content-type') ?? '' };
    const payload = Buffer.from(await form.arrayBuffer());
    expect((await api.request({ method: 'POST', url: '/auth/login', headers, payload })).statusCode).toBe(415);
  });
});
