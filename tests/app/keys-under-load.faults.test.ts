import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { startTraffic, type Traffic } from '../helpers/fault-traffic.ts';
import { addKey, HOUR, newKeysDirectory } from '../helpers/keys.ts';
import { eventually, type OwnPostgres, startOwnPostgres } from '../helpers/own-postgres.ts';
import { type ServedApp, serveApp } from '../helpers/served-app.ts';

const directory = newKeysDirectory();
const first = addKey(directory, 'ES256', -HOUR);

let postgres: OwnPostgres;
let app: ServedApp;
let traffic: Traffic | undefined;

beforeAll(async () => {
  postgres = await startOwnPostgres();
  app = await serveApp(postgres.url, { KEYS_DIRECTORY: directory });
});
afterEach(() => traffic?.stop());
afterAll(async () => {
  await app?.stop();
  await postgres?.remove();
  rmSync(directory, { recursive: true, force: true });
});

/** The keys that have signed tokens so far, by what the tokens say. */
function signers(secrets: ReadonlySet<string>): Set<string> {
  const heads = [...secrets]
    .filter((secret) => secret.split('.').length === 3)
    .map((token) => token.split('.')[0] ?? '');
  return new Set(heads.map((head) => JSON.parse(Buffer.from(head, 'base64url').toString()).kid));
}

describe('the keys', () => {
  it('lead from one to the next while clients work: no token that is alive is refused', async () => {
    traffic = await startTraffic(app.url);
    const { answers, secrets } = traffic;
    expect([...signers(secrets)]).toEqual([first.kid]);
    await sleep(300);
    const next = addKey(directory, 'EdDSA', 8000);
    await eventually('the next key signs', async () => signers(secrets).has(next.kid), 20_000);
    await sleep(500);
    const ofReaders = answers.filter(({ what }) => ['read', 'write', 'refresh', 'register'].includes(what));
    expect(ofReaders.filter(({ status }) => status !== 200 && status !== 201).slice(0, 3)).toEqual([]);
    await expectRecovery({ app, postgres, traffic, back_at: performance.now(), is_felt: false });
    expect(answers.filter(({ status }) => status === 503)).toEqual([]);
  });
});
