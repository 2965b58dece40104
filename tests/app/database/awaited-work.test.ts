import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pool } from '../../../src/app/database/pool.ts';
import { createDatabase } from '../../../src/app/database.ts';
import { inTrace, newUsage, type Trace } from '../../../src/app/observability/trace.ts';
import { testConfig } from '../../helpers/api.ts';
import { createTestDatabase } from '../../helpers/database.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  const settings = { POOL_SIZE: '1', POOL_MAX_OVERFLOW: '0' };
  pool = createDatabase(testConfig(database.url, settings), { warn: () => {} }).pool;
});

afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** It is no read by its text, so that it shares no connection. */
const ALONE = 'values ($1::text)';

function traceOf(ip: string, members: Partial<Trace> = {}): Trace {
  return { ip, usage: newUsage(), span: undefined, ...members };
}

/** All that was asked stands in the pool's line, or was refused. */
async function inLine(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}

describe('the connection that statements of a request share', () => {
  it('is theirs until they are answered, also for a part of the request that began meanwhile', async () => {
    const ask = (trace: Trace) => inTrace(trace, () => pool.query({ text: 'select $1::int', values: [1] }));
    const trace = traceOf('192.0.2.1');
    const first = ask(trace);
    // A span of the request has a trace of its own.
    const part = { ...trace };
    await first;
    const held = await pool.connect();
    let isAnswered = false;
    const second = ask(part).then(() => {
      isAnswered = true;
    });
    await held.query('select pg_sleep(0.05)');
    expect(isAnswered).toBe(false);
    held.release();
    await second;
  });
});

describe('while all connections are taken', () => {
  it('work that others await is served first, the others in the order of their turns', async () => {
    const order: string[] = [];
    const ask = async (name: string, trace: Trace): Promise<void> => {
      await inTrace(trace, () => pool.query({ text: ALONE, values: [name] }));
      order.push(name);
    };
    const held = await pool.connect();
    const list = traceOf('192.0.2.1');
    const asked = [
      ask('list 1', list),
      ask('list 2', traceOf('192.0.2.1')),
      ask('list of another network', traceOf('198.51.100.2')),
      // The check of the first list's session: it does not wait beside it.
      ask('check 1', { ...list, is_awaited: true }),
      ask('check 2', traceOf('192.0.2.1', { is_awaited: true })),
    ];
    await inLine();
    held.release();
    await Promise.all(asked);
    expect(order.slice(0, 2).toSorted()).toEqual(['check 1', 'check 2']);
    expect(order.slice(2)).toEqual(['list 1', 'list of another network', 'list 2']);
  });

  it('is no part of the crowd of its network, and finds no place if there is none', async () => {
    const held = await pool.connect();
    const ask = (trace: Trace) => inTrace(trace, () => pool.query({ text: ALONE, values: ['1'] }));
    const crowd = Array.from({ length: 64 }, () => ask(traceOf('192.0.2.1')));
    const settled = Promise.allSettled(crowd);
    const awaited = Promise.allSettled(
      Array.from({ length: 40 }, () => ask(traceOf('192.0.2.1', { is_awaited: true }))),
    );
    await inLine();
    held.release();
    const refused = (await settled).filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(32);
    const outcomes = (await awaited).map(({ status }) => status);
    expect(outcomes).toEqual([...Array(32).fill('fulfilled'), ...Array(8).fill('rejected')]);
  });
});
