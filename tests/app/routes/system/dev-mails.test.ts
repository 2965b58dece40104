import { describe, expect, it } from 'vitest';
import { PASSWORD, startApi } from '../../../helpers/api.ts';
import { workOff } from '../../../helpers/mails.ts';

const api = startApi({ ENVIRONMENT: 'development', PORT: '8123' });
const elsewhere = startApi();

describe('the inbox of a development server', () => {
  it('has the mails, newest first, by their recipient and as pages', async () => {
    const ada = await api.user({ email: 'ada@example.com' });
    const eve = await api.user({ email: 'eve@example.com' });
    for (const { access_token: token } of [ada, eve])
      await api.request({
        method: 'POST',
        url: '/auth/me/password',
        token,
        payload: { current_password: PASSWORD, new_password: 'another horse battery staple' },
      });
    await workOff(api);
    const all = await api.request({ url: '/dev/mails.json' });
    const items = all.json<{ items: { id: string; kind: string; to: string; html: string; text: string }[] }>().items;
    expect(items.map(({ kind }) => kind)).toContain('notice.password.changed');
    const mine = await api.request({ url: '/dev/mails.json?to=ADA@example.com' });
    expect(mine.json().items.map(({ to }: { to: string }) => to)).toEqual(
      items.filter(({ to }) => to === ada.email).map(({ to }) => to),
    );
    expect(mine.json().items.length).toBeGreaterThan(0);
    const page = await api.request({ url: '/dev/mails' });
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    for (const { id, html, text } of items) {
      expect(page.body).toContain(`href="mails/${id}"`);
      expect((await api.request({ url: `/dev/mails/${id}` })).body).toBe(html);
      expect(text).toContain('http://localhost:8123/account/');
    }
    expect((await api.request({ url: '/dev/mails/none' })).statusCode).toBe(404);
  });

  it('is at the hosts of this machine alone: a page whose name leads here reads nothing', async () => {
    for (const url of ['/dev/mails', '/dev/mails.json', '/dev/mails/none'])
      for (const host of ['evil.example', 'evil.example:8123', 'localhost.evil.example'])
        expect((await api.request({ url, headers: { host } })).statusCode).toBe(404);
    for (const host of ['localhost:8123', '127.0.0.1:8123', '[::1]:8123', '192.168.1.7:8123'])
      expect((await api.request({ url: '/dev/mails.json', headers: { host } })).statusCode).toBe(200);
  });

  it('is said by one line of the log, with its address and without a link of a mail', () => {
    const lines = api.logs.filter(({ event }) => event === 'mail.kept');
    expect(lines[0]).toMatchObject({ url: 'http://localhost:8123/dev/mails' });
    expect(JSON.stringify(api.logs)).not.toMatch(/token=/);
  });

  it('holds a hundred', () => {
    const { inbox } = api.app.ctx.mailer;
    const [mail] = inbox?.list() ?? [];
    if (mail === undefined) throw new Error('the inbox is empty');
    for (let n = 0; n < 150; n++) inbox?.keep({ ...mail, id: `mail-${n}` });
    inbox?.keep({ ...mail, id: 'mail-149' });
    expect(inbox?.list()).toHaveLength(100);
    expect(inbox?.list()[0]?.id).toBe('mail-149');
  });
});

describe('elsewhere', () => {
  it.each(['/dev/mails', '/dev/mails.json', '/dev/mails/x'])('there is no %s', async (url) => {
    expect((await elsewhere.request({ url })).json()).toMatchObject({ code: 'route_not_found' });
  });

  it('no mail is kept: without SMTP_URL they wait', async () => {
    const { access_token: token } = await elsewhere.user();
    await elsewhere.request({
      method: 'POST',
      url: '/auth/me/password',
      token,
      payload: { current_password: PASSWORD, new_password: 'another horse battery staple' },
    });
    expect(elsewhere.app.ctx.mailer).toMatchObject({ canSend: false, inbox: undefined });
    expect(await workOff(elsewhere)).toBe(0);
    expect(await elsewhere.sql(`select state, attempts from jobs where kind = 'mail.send'`)).toEqual([
      { state: 'pending', attempts: 0 },
      { state: 'pending', attempts: 0 },
    ]);
  });
});
