import { Agent, request } from 'node:http';
import { expect, it } from 'vitest';
import { type Bounded, maxBytes } from '../../src/app/plugins/body-limits.ts';
import { PASSWORD } from '../helpers/api.ts';
import { expectRecovery } from '../helpers/fault-invariants.ts';
import { openFaultScene } from '../helpers/fault-scene.ts';
import { send } from '../helpers/fault-traffic.ts';
import { residentMegabytes } from '../helpers/processes.ts';
import { serveApp } from '../helpers/served-app.ts';
import { NoteCreate } from '../helpers/test-product/notes.ts';

/** The longest body that `POST /kit-notes` reads, with the longest description in escapes and white space. */
const LONGEST = maxBytes(NoteCreate as Bounded) + 1024;
const HEAP_MB = 256;
const BODIES = 500;
/** The longest description that an item may have. */
const DESCRIPTION = 'd'.repeat(1000);

const scene = openFaultScene({
  serve: ({ url }) => serveApp(url, { NODE_OPTIONS: `--max-old-space-size=${HEAP_MB}` }),
});

/** JSON of so many bytes: an item, and spaces that nobody needs. */
function item(title: string, bytes: number): string {
  const text = JSON.stringify({ title, description: DESCRIPTION });
  return text + ' '.repeat(bytes - text.length);
}

/** What is sent by turns, and the status that it must get where it gets more than a 503. */
const KINDS: { status: number; type?: string; chunked?: boolean; body: (n: number) => string }[] = [
  { status: 201, body: (n) => item(`large ${n}`, LONGEST) },
  { status: 413, body: (n) => item(`too large ${n}`, LONGEST + 1) },
  { status: 413, chunked: true, body: (n) => item(`too large ${n}`, LONGEST + 1) },
  { status: 422, body: (n) => JSON.stringify({ title: `long ${n}`.padEnd(LONGEST - 20, 'x') }) },
  { status: 415, type: 'application/octet-stream', body: (n) => item(`octets ${n}`, LONGEST) },
];

interface Outcome {
  expected: number;
  /** 0: the connection was closed before an answer was read. */
  status: number;
  code: string | undefined;
}

/** Posts one body on a connection of its own. */
function post(token: string, n: number): Promise<Outcome> {
  const {
    status: expected,
    type = 'application/json',
    chunked = false,
    body,
  } = KINDS[n % KINDS.length] ?? KINDS[0] ?? expect.fail();
  const text = body(n);
  return new Promise((resolve) => {
    const outcome = (status: number, code?: string): void => resolve({ expected, status, code });
    const sent = request({
      port: scene.app.port,
      path: '/kit-notes',
      method: 'POST',
      agent: new Agent(),
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': type,
        ...(chunked ? { 'transfer-encoding': 'chunked' } : { 'content-length': Buffer.byteLength(text) }),
      },
    });
    sent.on('error', () => outcome(0));
    sent.once('response', async (answer) => {
      const parts: Buffer[] = [];
      answer.on('error', () => {});
      for await (const part of answer) parts.push(part);
      outcome(answer.statusCode ?? 0, JSON.parse(Buffer.concat(parts).toString()).code);
    });
    sent.end(text);
  });
}

it(`${BODIES} bodies as long as they may be, at once, are served or refused, each as it deserves, within a heap of ${HEAP_MB} MB`, async () => {
  const registered = await send('register', `${scene.app.url}/auth/register`, {
    body: { email: 'large@example.com', password: PASSWORD },
  });
  const { access_token } = JSON.parse(registered.text) as { access_token: string };
  const outcomes = await Promise.all(Array.from({ length: BODIES }, (_, n) => post(access_token, n)));
  // An answer that comes before the body was read closes the connection, so some clients may not get to read it.
  const unexpected = outcomes.filter(
    ({ expected, status }) => status !== expected && status !== 503 && !(status === 0 && [413, 415].includes(expected)),
  );
  expect(unexpected.slice(0, 3)).toEqual([]);
  const statuses = new Set(outcomes.map(({ status }) => status));
  for (const status of [201, 413, 422, 415]) expect(statuses, `${status} is among the answers`).toContain(status);
  expect(residentMegabytes(scene.app.pid, 'VmHWM')).toBeLessThan(HEAP_MB + BODIES);

  await expectRecovery({ ...scene, is_felt: false });
  const stored = await scene.postgres.sql<{ title: string }>(
    `select title from kit_notes where title ~ '^(large|too|long|octets) ' order by 1`,
  );
  const acknowledged = outcomes.flatMap(({ status }, n) => (status === 201 ? [`large ${n}`] : []));
  expect(stored.map(({ title }) => title).sort()).toEqual(acknowledged.sort());
});
