import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAppContext } from '../../../../src/app/app.ts';
import type { AppContext } from '../../../../src/app/context.ts';
import { inTransaction } from '../../../../src/app/database.ts';
import type { TokenPurpose } from '../../../../src/app/models/auth/one-time-tokens.ts';
import {
  derive,
  issue,
  prove,
  removeExpired,
  revoke,
  spend,
  type TokenProof,
} from '../../../../src/app/services/auth/one-time-tokens.ts';
import { requireEmail } from '../../../../src/app/utils/emails.ts';
import { SECRET_KEY, startApi, type TestUser, testConfig } from '../../../helpers/api.ts';

const api = startApi();
const INVALID = expect.objectContaining({ code: 'one_time_token_invalid' });

async function issued(
  user: TestUser,
  purpose: TokenPurpose = 'reset_password',
  ctx: AppContext = api.app.ctx,
): Promise<{ id: string; token: string; code: string }> {
  const email = requireEmail(user.email);
  const id = await issue(ctx, { user_id: user.id, purpose, email, lifeSeconds: 600, codeLifeSeconds: 300 });
  const derived = await derive(ctx, id);
  return { id, token: derived?.token.reveal() ?? '', code: derived?.code?.reveal() ?? '' };
}

const proofOf = (proof: TokenProof, purpose: TokenPurpose = 'reset_password') => prove(api.app.ctx, purpose, proof);

describe('a one-time token', () => {
  it('has two forms, and either one proves it', async () => {
    const user = await api.user();
    const { id, token, code } = await issued(user);
    expect(token).toMatch(/^[\w-]{54}$/);
    expect(code).toMatch(/^\d{8}$/);
    const { email } = user;
    for (const proof of [{ token }, { email, code }, { email: ` ${email.toUpperCase()}`, code }])
      expect(await proofOf(proof)).toEqual({ id, user_id: user.id, purpose: 'reset_password', email, data: {} });
  });

  it('L1: is spent once, also by 16 at the same time', async () => {
    const { token } = await issued(await api.user());
    const barrier = Promise.withResolvers<void>();
    const runs = Array.from({ length: 16 }, async () => {
      const proved = await proofOf({ token });
      await barrier.promise;
      await inTransaction(api.app.ctx, (ctx) => spend(ctx, proved));
    });
    barrier.resolve();
    const outcomes = await Promise.allSettled(runs);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toEqual(INVALID);
    await expect(proofOf({ token })).rejects.toEqual(INVALID);
  });

  it('L2: is refused after its end, for another purpose, for another address, and altered', async () => {
    const [user, other] = [await api.user(), await api.user()];
    const { id, token, code } = await issued(user);
    await expect(proofOf({ token }, 'verify_email')).rejects.toEqual(INVALID);
    await expect(proofOf({ email: other.email, code })).rejects.toEqual(INVALID);
    await expect(proofOf({ email: 'nobody@example.com', code })).rejects.toEqual(INVALID);
    const last = token.endsWith('A') ? 'B' : 'A';
    for (const altered of [
      '',
      token.slice(1),
      `${token}A`,
      `${token.slice(0, -1)}${last}`,
      'x'.repeat(512),
      `${token}=`,
    ])
      await expect(proofOf({ token: altered })).rejects.toEqual(INVALID);
    await api.sql(`update one_time_tokens set code_expires_at = now() - interval '1 s' where id = $1`, [id]);
    await expect(proofOf({ email: user.email, code })).rejects.toEqual(INVALID);
    await proofOf({ token });
    await api.sql(`update one_time_tokens set expires_at = now() - interval '1 s' where id = $1`, [id]);
    await expect(proofOf({ token })).rejects.toEqual(INVALID);
    expect(await derive(api.app.ctx, id)).toBeUndefined();
  });

  it('L3: is void as soon as a newer one is issued, also if ten are at once', async () => {
    const user = await api.user();
    const first = await issued(user);
    const later = await Promise.all(
      Array.from({ length: 10 }, () =>
        issue(api.app.ctx, {
          user_id: user.id,
          purpose: 'reset_password',
          email: requireEmail(user.email),
          lifeSeconds: 600,
        }),
      ),
    );
    await expect(proofOf({ token: first.token })).rejects.toEqual(INVALID);
    const living = await Promise.all(later.map((id) => derive(api.app.ctx, id)));
    expect(living.filter((token) => token !== undefined)).toHaveLength(1);
  });

  it('L4: five wrong codes end the code and not the link, also if fifty come at once', async () => {
    const user = await api.user();
    const { id, token, code } = await issued(user);
    const wrong = code === '00000000' ? '00000001' : '00000000';
    const guesses = Array.from({ length: 50 }, () => proofOf({ email: user.email, code: wrong }));
    for (const guess of await Promise.allSettled(guesses)) expect(guess).toMatchObject({ status: 'rejected' });
    expect(await api.sql('select code_attempts from one_time_tokens where id = $1', [id])).toEqual([
      { code_attempts: 5 },
    ]);
    await expect(proofOf({ email: user.email, code })).rejects.toEqual(INVALID);
    await proofOf({ token });
  });

  it('A2: the answer to a wrong code waits for the disk as little as that for an address without one', async () => {
    await api.sql(
      'alter database current set synchronous_commit = on'.replace('current', new URL(api.url).pathname.slice(1)),
    );
    const { ctx, close } = createAppContext(testConfig(api.url));
    const isWritten: unknown[] = [];
    for (let round = 0; round < 4; round++) {
      const user = await api.user();
      await issued(user, 'reset_password', ctx);
      const wrong = { email: user.email, code: 'no code' };
      await expect(prove(ctx, 'reset_password', wrong)).rejects.toEqual(INVALID);
      const [row] = await api.sql('select pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn() as written');
      isWritten.push(row?.written);
    }
    await close();
    // The server writes now and then what nobody waits for.
    expect(isWritten).toContain(false);
  });

  it('counts wrong codes alone', async () => {
    const user = await api.user();
    const { code } = await issued(user);
    for (let time = 0; time < 8; time++) await proofOf({ email: user.email, code });
  });

  it('is void if the address is no longer the account’s, and if it is revoked', async () => {
    const user = await api.user();
    const { token } = await issued(user);
    await api.sql('update users set email = $2 where id = $1', [user.id, `moved-${user.email}`]);
    await expect(proofOf({ token })).rejects.toEqual(INVALID);
    const again = await issued({ ...user, email: `moved-${user.email}` }, 'verify_email');
    await revoke(api.app.ctx, user.id, ['reset_password']);
    await proofOf({ token: again.token }, 'verify_email');
    await revoke(api.app.ctx, user.id, ['verify_email', 'login_code']);
    await expect(proofOf({ token: again.token }, 'verify_email')).rejects.toEqual(INVALID);
  });

  it('survives a rotation of the key, and ends with the last process that knows the key', async () => {
    const user = await api.user();
    const { token, code } = await issued(user);
    const provedUnder = async (settings: Record<string, string>): Promise<boolean> => {
      const { ctx, close } = createAppContext(testConfig(api.url, settings), { log: api.app.log });
      const outcomes = await Promise.allSettled([
        prove(ctx, 'reset_password', { token }),
        prove(ctx, 'reset_password', { email: user.email, code }),
      ]);
      await close();
      return outcomes.every(({ status }) => status === 'fulfilled');
    };
    const next = 'the next key, which is long enough for HS256: 88a1';
    expect(await provedUnder({ SECRET_KEY: next, PREVIOUS_SECRET_KEYS: SECRET_KEY })).toBe(true);
    expect(await provedUnder({ SECRET_KEY: next })).toBe(false);
  });

  it('stands nowhere: not in the database, and another key makes another one of the same row', async () => {
    const user = await api.user();
    const { token, code } = await issued(user);
    const rows = JSON.stringify(await api.sql('select * from one_time_tokens'));
    const mac = Buffer.from(token, 'base64url').subarray(16);
    for (const form of [token, code, mac.toString('hex'), mac.toString('base64')]) expect(rows).not.toContain(form);
    const { ctx, close } = createAppContext(
      testConfig(api.url, { SECRET_KEY: randomBytes(32).toString('base64'), PREVIOUS_SECRET_KEYS: SECRET_KEY }),
      { log: api.app.log },
    );
    expect((await issued(user, 'verify_email', ctx)).token).not.toBe(token);
    await close();
  });

  it('is removed a day after its end', async () => {
    const user = await api.user();
    const [old, recent] = [await issued(user), await issued(user, 'verify_email')];
    await api.sql(`update one_time_tokens set expires_at = now() - interval '25 h' where id = $1`, [old.id]);
    await api.sql(`update one_time_tokens set expires_at = now() - interval '23 h' where id = $1`, [recent.id]);
    await removeExpired(api.app.ctx);
    const left = await api.sql<{ id: string }>('select id from one_time_tokens where user_id = $1', [user.id]);
    expect(left.map(({ id }) => id)).toEqual([recent.id]);
  });
});
