import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LIMIT_SETTINGS } from '../../src/app/config/limits.ts';
import { MAIL_SETTINGS } from '../../src/app/config/mail.ts';

const GUIDE = readFileSync(new URL('../../docs/guides/limits.md', import.meta.url), 'utf8');

describe('docs/guides/limits.md', () => {
  it('names every limit with its default, and none that does not exist', () => {
    const rows = [...GUIDE.matchAll(/^\| `([A-Z_]+)` \| `?([^`|]+?)`? \|/gm)].map(([, name, text]) => [name, text]);
    const { LIMIT_MAILS_PER_MAILBOX, LIMIT_MAILS_PER_IP } = MAIL_SETTINGS;
    const limits = { ...LIMIT_SETTINGS, LIMIT_MAILS_PER_MAILBOX, LIMIT_MAILS_PER_IP };
    const settings = Object.entries(limits).map(([name, { default: text }]) => [name, text || 'empty']);
    expect(rows.sort()).toEqual(settings.sort());
  });

  it('shows the headers of the defaults', () => {
    const { LIMIT_LOGIN_FAILURES_PER_IP: ip, LIMIT_LOGIN_FAILURES_PER_ACCOUNT: account } = LIMIT_SETTINGS;
    const [perIp, perAccount] = [ip.parse(ip.default ?? ''), account.parse(account.default ?? '')];
    expect(GUIDE).toContain(
      `"login-ip";q=${perIp.count};w=${perIp.window_seconds}, "login-account";q=${perAccount.count};w=${perAccount.window_seconds}`,
    );
  });
});
