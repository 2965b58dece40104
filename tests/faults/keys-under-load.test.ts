import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { addKey, HOUR, newKeysDirectory } from '../helpers/keys.ts';
import { eventually } from '../helpers/own-postgres.ts';
import { serveApp } from '../helpers/served-app.ts';

const directory = newKeysDirectory();
const first = addKey(directory, 'ES256', -HOUR);

// Declared first, it runs last.
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const scene = openFaultScene({ serve: ({ url }) => serveApp(url, { KEYS_DIRECTORY: directory }) });

/** The keys that have signed tokens so far, by what the tokens say. */
function signers(secrets: ReadonlySet<string>): Set<string> {
  const heads = [...secrets]
    .filter((secret) => secret.split('.').length === 3)
    .map((token) => token.split('.')[0] ?? '');
  return new Set(heads.map((head) => JSON.parse(Buffer.from(head, 'base64url').toString()).kid));
}

describe('the keys', () => {
  it('lead from one to the next while clients work: no token that is alive is refused', async () => {
    const { answers, secrets } = scene.traffic;
    expect([...signers(secrets)]).toEqual([first.kid]);
    const next = addKey(directory, 'EdDSA', 8000);
    await eventually('the next key signs', async () => signers(secrets).has(next.kid), 20_000);
    await sleep(500);
    const ofReaders = answers.filter(({ what }) => ['read', 'write', 'refresh', 'register'].includes(what));
    expect(ofReaders.filter(({ status }) => status !== 200 && status !== 201).slice(0, 3)).toEqual([]);
    await expectRecovery({ ...scene, is_felt: false });
    expect(answers.filter(({ status }) => status === 503)).toEqual([]);
  });
});
