import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../../src/app/config.ts';
import * as challenges from '../../../../src/app/services/auth/passkey-challenges.ts';
import { createKeyring } from '../../../../src/app/services/auth/tokens/keyring.ts';
import { newId } from '../../../../src/app/utils/ids.ts';
import { SECRET_KEY, startApi } from '../../../helpers/api.ts';

const api = startApi();
const OTHER_KEY = 'another key of a test that is long enough for HS256: 41b2';
const log = { info: () => {}, error: () => {} };

function ring(settings: Record<string, string>, seconds = 0) {
  const environment = { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none', ENVIRONMENT: 'test', ...settings };
  const clock = { now: () => new Date(Date.now() + seconds * 1000) };
  return { clock, keyring: createKeyring(loadConfig(environment), log) };
}

describe('a challenge', () => {
  it('outlives a change of keys in the middle of a ceremony, and no other key makes one', () => {
    const { challenge_id } = challenges.issue(ring({ SECRET_KEY }), { purpose: 'assertion' });
    const after = ring({ SECRET_KEY: OTHER_KEY, PREVIOUS_SECRET_KEYS: SECRET_KEY });
    expect(challenges.find(after, { purpose: 'assertion' }, challenge_id)).toBeDefined();
    const foreign = ring({ SECRET_KEY: OTHER_KEY });
    expect(challenges.find(foreign, { purpose: 'assertion' }, challenge_id)).toBeUndefined();
  });

  it('is of one ceremony and one session, for five minutes', () => {
    const session_id = newId();
    const { challenge_id, expires_at } = challenges.issue(ring({ SECRET_KEY }), { purpose: 'creation', session_id });
    const found = challenges.find(ring({ SECRET_KEY }, 299), { purpose: 'creation', session_id }, challenge_id);
    expect(found?.expires_at).toEqual(expires_at);
    for (const [seconds, ceremony] of [
      [302, { purpose: 'creation', session_id }],
      [0, { purpose: 'creation', session_id: newId() }],
      [0, { purpose: 'assertion' }],
    ] as const)
      expect(challenges.find(ring({ SECRET_KEY }, seconds), ceremony, challenge_id)).toBeUndefined();
  });

  it('is not to be lengthened: its end is signed', () => {
    const { challenge_id } = challenges.issue(ring({ SECRET_KEY }), { purpose: 'assertion' });
    const bytes = Buffer.from(challenge_id, 'base64url');
    bytes.writeUInt8(bytes.readUInt8(20) ^ 0x40, 20);
    expect(
      challenges.find(ring({ SECRET_KEY }), { purpose: 'assertion' }, bytes.toString('base64url')),
    ).toBeUndefined();
  });

  it('counts once, and its row goes a day after its end', async () => {
    const { ctx } = api.app;
    const [used, old] = [newId(), newId()];
    const challenge = { id: used, expires_at: new Date(Date.now() + 300_000) };
    expect([await challenges.spend(ctx, challenge), await challenges.spend(ctx, challenge)]).toEqual([true, false]);
    await challenges.spend(ctx, { id: old, expires_at: new Date(Date.now() - 25 * 3_600_000) });
    await challenges.removeExpired(ctx);
    expect(await api.sql('select id from used_challenges')).toEqual([{ id: used }]);
  });
});
