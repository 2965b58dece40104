import { afterAll, describe, expect, it, vi } from 'vitest';
import { casesOf } from '../helpers/short-form.ts';
import { throughClient } from '../helpers/through-client.ts';

// The helper that starts the API sends what the client has a method for through it.
vi.stubEnv('TESTS_THROUGH_CLIENT', 'true');
afterAll(() => vi.unstubAllEnvs());

/** Tests of routes that go through the client's methods, one file each. */
const SUITES = {
  'auth/account': () => import('../app/routes/auth/account.test.ts'),
  'auth/registration': () => import('../app/routes/auth/registration.test.ts'),
  'auth/sessions': () => import('../app/routes/auth/sessions.test.ts'),
  'auth/password-reset': () => import('../app/routes/auth/password-reset.test.ts'),
  'auth/factors': () => import('../app/routes/auth/factors.test.ts'),
  'auth/mfa': () => import('../app/routes/auth/mfa.test.ts'),
  'admin/users': () => import('../app/routes/admin/users.test.ts'),
  'admin/audit-events': () => import('../app/routes/admin/audit-events.test.ts'),
  'admin/user-sessions': () => import('../app/routes/admin/user-sessions.test.ts'),
};

describe.each(casesOf(Object.entries(SUITES), 2))('%s, through the client', async (_, load) => {
  await load();
});

describe('the client', () => {
  it('has carried the requests of these tests', () => {
    const sum = [...throughClient.values()].reduce((total, count) => total + count, 0);
    expect(sum).toBeGreaterThan(200);
    expect(throughClient.size).toBeGreaterThan(20);
  });
});
