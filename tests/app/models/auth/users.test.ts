import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseEmail } from '../../../../src/app/utils/emails.ts';
import { startApi } from '../../../helpers/api.ts';

const api = startApi();

const insert = (email: string) =>
  api.sql(`insert into users (id, email, password_hash) values ($1, $2, '!')`, [randomUUID(), email]);

describe('users.email in the database', () => {
  it.each([
    'Ann@x.org',
    ' ann@x.org',
    'ann@X.org',
    'ann@x',
    'ann',
    '',
    'änn@x.org',
    'ann@bücher.example',
    'ann@-x.org',
    `${'a'.repeat(65)}@x.org`,
    `ann@${'a.'.repeat(130)}org`,
    'ann@x.org\n',
  ])('takes no %j, which no login could find', async (email) => {
    expect(parseEmail(email)).not.toBe(email);
    await expect(insert(email)).rejects.toMatchObject({ constraint: 'users_email_check' });
  });

  it.each(["o'brien+tag@x.org", 'a@xn--bcher-kva.example', `${'a'.repeat(64)}@x.org`, '!#$%&*/=?^_`{|}~-@a-b.co'])(
    'takes %j, as parseEmail makes it',
    async (email) => {
      expect(parseEmail(email)).toBe(email);
      await insert(email);
    },
  );
});
