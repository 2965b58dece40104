import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Anchor,
  type AuditProblem,
  currentAnchors,
  verify,
} from '../../../../src/app/services/system/audit-verifier.ts';
import { startApi } from '../../../helpers/api.ts';
import { createTestDatabase } from '../../../helpers/database.ts';
import { casesOf } from '../../../helpers/short-form.ts';

interface Row {
  id: string;
  chain: number;
  seq: string;
}

/** Somebody with the owner's rights, who first takes the triggers out of the way. */
let intruder: pg.Client;
let drop: () => Promise<void>;

beforeEach(async () => {
  const database = await createTestDatabase();
  drop = database.drop;
  intruder = new pg.Client(database.url);
  await intruder.connect();
  for (let n = 0; n < 6; n++) await insert(`user.n${n}`);
});
afterEach(async () => {
  await intruder.end();
  await drop();
});

async function insert(event: string): Promise<void> {
  await intruder.query(
    `insert into audit_events (id, created_at, event, subject_id, ip, details)
     values (gen_random_uuid(), now(), $1, gen_random_uuid(), '203.0.113.1', '{"n": 1}')`,
    [event],
  );
}

async function tamper(statement: string): Promise<void> {
  await intruder.query(`set session_replication_role = replica; ${statement}; set session_replication_role = origin`);
}

const problems = async (anchors: Anchor[] = []): Promise<[AuditProblem['kind'], number | null][]> => {
  const { problems } = await verify({ db: drizzle({ client: intruder }) }, { anchors });
  return problems.map(({ kind, seq }) => [kind, seq]);
};

describe('the rows', () => {
  it('are linked as they are written, and are found to be as they were', async () => {
    const { rows } = await intruder.query<Row>('select * from audit_events order by seq');
    expect(rows.map(({ seq }) => Number(seq))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(new Set(rows.map(({ chain }) => chain)).size).toBe(1);
    expect(await verify({ db: drizzle({ client: intruder }) })).toEqual({ rows: 6, problems: [] });
  });

  it('are linked only by what is committed', async () => {
    await intruder.query('begin');
    await insert('user.rolled_back');
    await intruder.query('savepoint here');
    await insert('user.rolled_back');
    await intruder.query('rollback to here');
    await intruder.query('rollback');
    await insert('user.kept');
    expect(await verify({ db: drizzle({ client: intruder }) })).toEqual({ rows: 7, problems: [] });
  });

  it.each([
    'update audit_events set details = details',
    `update audit_events set event = 'x.y' where seq = 3`,
    'update audit_events set hash = null, seq = null, chain = null',
    'delete from audit_events where seq = 3',
    'delete from audit_events_default; delete from audit_events',
    'truncate audit_events',
  ])('refuse: %s', async (statement) => {
    await expect(intruder.query(statement)).rejects.toThrow(/append-only/);
    expect(await problems()).toEqual([]);
  });
});

describe('verify finds', () => {
  const changes = [
    'id = gen_random_uuid()',
    `created_at = created_at + interval '1 microsecond'`,
    `event = 'user.deleted'`,
    'actor_id = subject_id',
    'subject_id = null',
    'session_id = gen_random_uuid()',
    `ip = '203.0.113.2'`,
    `user_agent = ''`,
    `request_id = 'r'`,
    `details = '{"n": 2}'`,
    `hash = sha256('x')`,
  ];
  it.each(casesOf(changes, 4, 2))('a row altered in: %s', async (change) => {
    await tamper(`update audit_events set ${change} where seq = 3`);
    const found = await problems();
    expect(found[0]).toEqual(['altered', 3]);
    // A row whose own hash was replaced breaks the link of the next one too.
    expect(found.slice(1)).toEqual(change.startsWith('hash') ? [['altered', 4]] : []);
  });

  it('rows removed from the middle and from the beginning', async () => {
    await tamper('delete from audit_events where seq in (1, 4)');
    expect(await problems()).toEqual([
      ['missing', 2],
      ['missing', 5],
    ]);
  });

  it('rows removed from the end', async () => {
    await tamper('delete from audit_events where seq >= 5');
    expect(await problems()).toEqual([['end_missing', 6]]);
  });

  it('a table that was emptied', async () => {
    await tamper('truncate audit_events');
    expect(await problems()).toEqual([['end_missing', 6]]);
  });

  it('a chain whose end was forgotten with its rows’ end', async () => {
    await tamper('delete from audit_chains');
    expect(await problems()).toEqual([['end_missing', null]]);
  });

  it('rows that changed places', async () => {
    await tamper('update audit_events set seq = 7 - seq where seq in (3, 4)');
    expect((await problems()).map(([kind, seq]) => `${kind} ${seq}`)).toEqual(['altered 3', 'altered 4', 'altered 5']);
  });

  it('a row slipped in past the trigger', async () => {
    await tamper(`insert into audit_events (id, created_at, event) values (gen_random_uuid(), now(), 'x.y')`);
    expect(await problems()).toEqual([['unlinked', null]]);
  });

  it('a row put in twice', async () => {
    await tamper(`insert into audit_events select (jsonb_populate_record(e, '{"id": "019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d"}')).*
      from audit_events e where seq = 3`);
    expect((await problems()).map(([kind]) => kind)).toContain('repeated');
  });

  it('with an anchor, a chain that was rewritten whole by somebody who knows how', async () => {
    const anchors = await currentAnchors({ db: drizzle({ client: intruder }) });
    await insert('user.later');
    expect(await problems(anchors)).toEqual([]);
    await tamper(`
      create table copy as select id, created_at, event, subject_id, ip, details from audit_events order by seq;
      truncate audit_events, audit_chains`);
    await intruder.query(
      `insert into audit_events (id, created_at, event, subject_id, ip, details)
       select id, created_at, replace(event, 'n3', 'forged'), subject_id, ip, details from copy`,
    );
    expect(await problems()).toEqual([]);
    expect(await problems(anchors)).toEqual([['rewritten', 6]]);
  });

  it('with an anchor, a chain that was wound back', async () => {
    const anchors = await currentAnchors({ db: drizzle({ client: intruder }) });
    await tamper(`delete from audit_events where seq > 4;
      update audit_chains set seq = 4, hash = (select hash from audit_events where seq = 4)`);
    expect(await problems()).toEqual([]);
    expect(await problems(anchors)).toEqual([['rewritten', 6]]);
  });
});

describe('with anchors, verify trusts no cut for its own sake', () => {
  const MINUTE_MS = 60_000;
  const minutesAgo = (minutes: number): string => new Date(Date.now() - minutes * MINUTE_MS).toISOString();
  const anchored = async (time?: string): Promise<Anchor[]> => {
    const anchors = await currentAnchors({ db: drizzle({ client: intruder }) });
    return anchors.map((anchor) => ({ ...anchor, ...(time !== undefined && { time }) }));
  };
  /** The rows leave, and a cut of the intruder's stands for them; what follows goes on from it. */
  const forgeCut = (seq: number, hash: string): Promise<void> =>
    tamper(`truncate audit_events;
      insert into audit_cuts select chain, ${seq}, ${hash} from audit_chains;
      update audit_chains set (seq, hash) = (select seq, hash from audit_cuts)`);

  it('a history that was replaced behind a forged cut is found', async () => {
    const anchors = await anchored();
    await forgeCut(6, `sha256('forged')`);
    await insert('user.forged');
    expect(await problems()).toEqual([]);
    expect(await problems(anchors)).toEqual([['unwitnessed', 6]]);
  });

  it('a forged cut behind the anchor is found', async () => {
    const anchors = await anchored();
    await forgeCut(9, `sha256('forged')`);
    await insert('user.forged');
    expect(await problems(anchors)).toEqual([['unwitnessed', 6]]);
  });

  it('a second cut, of which the anchor knows, does not excuse the first', async () => {
    const anchors = await anchored();
    await insert('user.later');
    const later = await anchored();
    await tamper(`insert into audit_cuts select chain, 5, sha256('forged') from audit_chains;
      insert into audit_cuts select chain, 6, sha256('forged') from audit_chains; delete from audit_events where seq <= 6`);
    expect((await problems([...anchors, ...later])).length).toBeGreaterThan(0);
  });

  it('a history older than the anchor that was written again behind it is found', async () => {
    const anchors = await anchored(minutesAgo(60));
    await forgeCut(6, 'hash');
    await intruder.query(
      `insert into audit_events (id, created_at, event) values (gen_random_uuid(), now() - interval '2 hours', 'user.forged')`,
    );
    expect(await problems()).toEqual([]);
    expect(await problems(anchors)).toEqual([['misdated', 7]]);
  });

  it('an event that claims to be younger than an anchor that saw it is found', async () => {
    expect(await problems(await anchored(minutesAgo(60)))).toHaveLength(6);
  });

  it('a cut that removes what cannot have expired is found', async () => {
    const db = drizzle({ client: intruder });
    const [first] = await anchored(minutesAgo(0));
    await insert('user.later');
    const [last] = await anchored(minutesAgo(0));
    if (first === undefined || last === undefined) throw new Error('no chain');
    await forgeCut(7, 'hash');
    const { problems } = await verify({ db }, { anchors: [first, last], retention_days: 365 });
    expect(problems.map(({ kind, seq }) => [kind, seq])).toEqual([['cut_early', 7]]);
    const kept = await verify({ db }, { anchors: [first, last], retention_days: 0 });
    expect(kept.problems.map(({ kind }) => kind)).toEqual(['cut_early']);
  });

  it('anchors of rows that did expire hold if a later anchor proves the cut', async () => {
    const old = await anchored(minutesAgo(0));
    await insert('user.later');
    await insert('user.later');
    const later = await anchored(minutesAgo(0));
    await tamper(`insert into audit_cuts select chain, seq, hash from audit_events where seq = 7;
      delete from audit_events where seq <= 7`);
    expect(await problems([...old, ...later])).toEqual([]);
    expect(await problems(old)).toEqual([['unwitnessed', 6]]);
  });
});

describe('many at once', () => {
  const api = startApi({ POOL_SIZE: '15' });

  it('write whole chains', async () => {
    const users = await Promise.all(Array.from({ length: 6 }, () => api.user()));
    const ends = users.map(({ access_token }) =>
      api.request({ method: 'POST', url: '/auth/logout', token: access_token }),
    );
    const fails = Array.from({ length: 24 }, (_, n) =>
      api.request({
        method: 'POST',
        url: '/auth/login',
        payload: { email: `no-${n}@example.com`, password: 'nothing' },
      }),
    );
    const [failed] = await Promise.all([Promise.all(fails), Promise.all(ends)]);
    // On a busy machine some wait for a permit too long, and are told to come back.
    const refused = failed.filter(({ statusCode }) => statusCode === 401).length;
    expect(refused).toBeGreaterThanOrEqual(10);
    const client = new pg.Client(api.url);
    await client.connect();
    const result = await verify({ db: drizzle({ client }) });
    await client.end();
    expect(result).toEqual({ rows: 6 * 3 + refused, problems: [] });
  });

  it('meet at a chain only while they commit: a transaction that stays open has locked none', async () => {
    const [open, observer] = [new pg.Client(api.url), new pg.Client(api.url)];
    await Promise.all([open.connect(), observer.connect()]);
    const isChainLocked = async (): Promise<boolean> => {
      const { rows } = await observer.query(`select 1 from pg_locks where locktype = 'advisory'
           and database = (select oid from pg_database where datname = current_database())`);
      return rows.length > 0;
    };
    await open.query(
      `begin; insert into audit_events (id, created_at, event) values (gen_random_uuid(), now(), 'user.open')`,
    );
    expect(await isChainLocked()).toBe(false);
    // What COMMIT does before it commits: proof that the question above can be answered with yes.
    await open.query('set constraints all immediate');
    expect(await isChainLocked()).toBe(true);
    await open.query('commit');
    expect(await isChainLocked()).toBe(false);
    await Promise.all([open.end(), observer.end()]);
  });
});
