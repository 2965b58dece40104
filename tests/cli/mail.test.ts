import { describe, expect, it, onTestFinished } from 'vitest';
import { MAIL_KINDS } from '../../src/app/services/system/mail-kinds.ts';
import { back } from '../helpers/back.ts';
import { smtpError, startSmtp } from '../helpers/smtp.ts';

describe('back mail test', () => {
  const test = (address: string, env: Record<string, string> = {}) =>
    // It needs no key and no database.
    back(['mail', 'test', address], { env: { SECRET_KEY: '', ...env } });

  it('sends a mail to the one address and says from whom', async () => {
    const server = await startSmtp({ credentials: { user: 'app', pass: 'swordfish' } });
    onTestFinished(() => server.close());
    const env = { SMTP_URL: server.url, MAIL_FROM: 'Books <books@example.com>', PUBLIC_URL: 'https://api.example.com' };
    const { code, stdout, stderr } = await test('Ada@Example.com', env);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toBe('The mail server took a mail to ada@example.com, from Books <books@example.com>\n');
    const [mail] = server.mails;
    expect(mail?.recipients).toEqual(['ada@example.com']);
    expect(mail?.message).toMatchObject({ from: { name: 'Books', address: 'books@example.com' } });
    expect(mail?.message.text).toContain('https://api.example.com/account');
  });

  it('says what the server answered, and nothing of the password', async () => {
    const server = await startSmtp({ onRcptTo: (_address, _session, done) => done(smtpError(550, 'No such mailbox')) });
    onTestFinished(() => server.close());
    const refused = await test('ada@example.com', { SMTP_URL: server.url });
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('rejected: 550 No such mailbox') });
    const away = await test('ada@example.com', { SMTP_URL: 'smtp://app:swordfish@127.0.0.1:1' });
    expect(away).toMatchObject({ code: 1, stderr: expect.stringContaining('deferred: ESOCKET') });
    expect(away.stdout + away.stderr).not.toContain('swordfish');
  });

  it.each([
    ['ada@example.com', {}, 'SMTP_URL is not set'],
    ['ada@example.com, evil@example.com', { SMTP_URL: 'smtp://127.0.0.1:1' }, 'is not an e-mail address'],
    ['ada@example.com', { SMTP_URL: 'http://127.0.0.1' }, 'SMTP_URL must be'],
  ])('to %s with %j is refused', async (address, env, sentence) => {
    expect(await test(address, env)).toMatchObject({ code: 1, stderr: expect.stringContaining(sentence) });
  });
});

describe('back mail preview', () => {
  const preview = (...args: string[]) =>
    back(['mail', 'preview', ...args], { env: { SECRET_KEY: '', PUBLIC_URL: 'https://api.example.com' } });

  it('lists the kinds', async () => {
    expect((await preview()).stdout.trim().split('\n')).toEqual(MAIL_KINDS);
  });

  it('prints a mail in its language, as text or HTML, with links to the pages', async () => {
    const { stdout } = await preview('reset_password', '--locale', 'de');
    expect(stdout).toMatch(/^Subject: Neues Passwort für .+ festlegen\n\n/);
    expect(stdout).toContain('https://api.example.com/account/reset-password#token=');
    const page = await preview('notice.user.deleted', '--html', '--locale', 'it');
    expect(page.stdout).toMatch(/^<!doctype html>\n<html lang="it">/);
  });

  it('knows no other kinds and languages', async () => {
    expect(await preview('newsletter')).toMatchObject({ code: 1, stderr: expect.stringContaining('no kind of mail') });
    expect(await preview('login_code', '--locale', 'tlh')).toMatchObject({ code: 1 });
  });
});
