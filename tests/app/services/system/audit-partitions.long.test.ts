import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepUp, type Upkeep } from '../../../../src/app/services/system/audit-partitions.ts';
import {
  type Anchor,
  currentAnchors,
  type Verification,
  verify,
} from '../../../../src/app/services/system/audit-verifier.ts';
import { startApi, testConfig } from '../../../helpers/api.ts';
import { createTestDatabase } from '../../../helpers/database.ts';

let url: string;
let client: pg.Client;
let drop: () => Promise<void>;
let warnings: object[];

beforeEach(async () => {
  ({ url, drop } = await createTestDatabase());
  client = new pg.Client(url);
  await client.connect();
  await client.query(`set timezone = 'UTC'`);
  warnings = [];
});
afterEach(async () => {
  await client.end();
  await drop();
});

const MONTH = `date_trunc('month', now(), 'UTC')`;

const upkeep = (retention_days = 365): Promise<Upkeep> => {
  const quiet = (): void => {};
  const log = { debug: quiet, info: quiet, error: quiet, fatal: quiet, warn: (line: object) => warnings.push(line) };
  return keepUp({ config: testConfig(url, { AUDIT_RETENTION_DAYS: String(retention_days) }), log });
};
const verified = (anchors: Anchor[] = []): Promise<Verification> => verify({ db: drizzle({ client }) }, { anchors });

/** The first moment of the month that is so many from this one. */
async function monthStart(months: number): Promise<Date> {
  const { rows } = await client.query(`select ${MONTH} + make_interval(months => $1) as start`, [months]);
  return rows[0].start;
}

async function nameOf(months: number): Promise<string> {
  return `audit_events_${(await monthStart(months)).toISOString().slice(0, 7).replace('-', '_')}`;
}

async function partitions(): Promise<string[]> {
  const { rows } = await client.query(
    `select relname from pg_inherits join pg_class c on c.oid = inhrelid
     where inhparent = 'audit_events'::regclass order by relname`,
  );
  return rows.map(({ relname }) => relname);
}

async function createMonth(months: number): Promise<string> {
  const [name, from, to] = [await nameOf(months), await monthStart(months), await monthStart(months + 1)];
  const bounds = `from ('${from.toISOString()}') to ('${to.toISOString()}')`;
  await client.query(`create table ${name} partition of audit_events for values ${bounds}`);
  return name;
}

/** Writes an event of the third day of that month and says in which partition it is. */
async function insert(months: number): Promise<string> {
  const { rows } = await client.query(
    `insert into audit_events (id, created_at, event)
     values (gen_random_uuid(), ${MONTH} + make_interval(months => $1, days => 2), 'user.moved') returning id`,
    [months],
  );
  return partitionOf(rows[0].id);
}

async function partitionOf(id: string): Promise<string> {
  const { rows } = await client.query('select tableoid::regclass::text as name from audit_events where id = $1', [id]);
  return rows[0].name;
}

describe('the partitions ahead', () => {
  it('are there after the migration and made where they are not', async () => {
    const due = [await nameOf(0), await nameOf(1), await nameOf(2)];
    expect(await partitions()).toEqual([...due, 'audit_events_default']);
    expect(await upkeep()).toEqual({ created: [], dropped: [] });
    await client.query(`drop table ${due[1]}, ${due[2]}`);
    expect(await upkeep()).toEqual({ created: [due[1], due[2]], dropped: [] });
    expect(await partitions()).toEqual([...due, 'audit_events_default']);
    expect(await insert(2)).toBe(due[2]);
    expect((await verified()).problems).toEqual([]);
    await expect(client.query(`delete from ${due[2]}`)).rejects.toThrow(/append-only/);
  });

  it('are made once where every replica is at it', async () => {
    const name = await nameOf(1);
    await client.query(`drop table ${name}`);
    const rounds = await Promise.all(Array.from({ length: 6 }, () => upkeep()));
    expect(rounds.flatMap(({ created }) => created)).toEqual([name]);
  });

  it('give way to readers and writers: a round that gets no lock changes nothing', async () => {
    await client.query(`drop table ${await nameOf(1)}`);
    await client.query('begin; lock table audit_events in access share mode');
    await client.query('lock table audit_events_default in access share mode');
    await expect(upkeep()).rejects.toThrow();
    await client.query('commit');
    expect((await upkeep()).created).toEqual([await nameOf(1)]);
  });
});

describe('the default partition', () => {
  it('takes what no other one takes', async () => {
    expect(await insert(-100)).toBe('audit_events_default');
    expect(await insert(100)).toBe('audit_events_default');
  });

  it('becomes that of the months it holds, and an empty one takes its place', async () => {
    await client.query(`drop table ${await nameOf(2)}`);
    expect([await insert(2), await insert(4)]).toEqual(['audit_events_default', 'audit_events_default']);
    const adopted = await nameOf(2);
    expect(await upkeep()).toEqual({ created: [adopted], dropped: [] });
    expect([await insert(3), await insert(5)]).toEqual([adopted, 'audit_events_default']);
    expect(await verified()).toEqual({ rows: 4, problems: [] });
    const { rows } = await client.query(`select count(*)::int as n from pg_indexes where tablename = $1`, [adopted]);
    expect(rows).toEqual([{ n: 4 }]);
  });

  it('stays, and says so, where its rows lie around other partitions; the rest of the round is done', async () => {
    const [next, after] = [await nameOf(1), await nameOf(2)];
    await client.query(`drop table ${next}, ${after}`);
    await insert(-1);
    await insert(1);
    expect(await upkeep()).toEqual({ created: [after], dropped: [] });
    expect(warnings).toMatchObject([{ event: 'audit.default_partition_stays' }]);
    expect(await insert(1)).toBe('audit_events_default');
  });
});

describe('the retention', () => {
  it('drops the months that are wholly older, oldest first, and leaves a chain that verifies', async () => {
    const old = [await createMonth(-16), await createMonth(-15), await createMonth(-14)];
    await createMonth(-11);
    // Not in the order of the months, as it happens to transactions around midnight.
    for (const months of [-16, -15, -16, 0, -14, -15, -11, -14]) await insert(months);
    const before = await currentAnchors({ db: drizzle({ client }) });
    expect((await verified(before)).problems).toEqual([]);

    expect(await upkeep()).toEqual({ created: [], dropped: old });
    // Two of the eight stay, and each drop is itself an event.
    expect(await verified(before)).toEqual({ rows: 2 + 3, problems: [] });
    const { rows } = await client.query(
      `select details->>'partition' as name from audit_events where event = 'audit.pruned' order by id`,
    );
    expect(rows.map(({ name }) => name)).toEqual(old);
    await insert(0);
    expect((await verified(before)).problems).toEqual([]);
  });

  it('leaves a chain that verifies where all of it has expired', async () => {
    const name = await createMonth(-20);
    await insert(-20);
    await insert(-20);
    // Another connection, so most likely another chain, writes that it was dropped.
    expect((await upkeep()).dropped).toEqual([name]);
    expect((await verified()).problems).toEqual([]);
    await insert(0);
    expect((await verified()).problems).toEqual([]);
  });

  it('hides no row that was removed by hand beside those that expired', async () => {
    await createMonth(-16);
    for (const months of [-16, 0, 0, 0]) await insert(months);
    await upkeep();
    await client.query(`set session_replication_role = replica`);
    await client.query(`delete from audit_events where event = 'user.moved' and seq = 2`);
    expect((await verified()).problems).toMatchObject([{ kind: 'missing', seq: 3 }]);
  });

  it('keeps a month whose last day is not old enough, and everything where it is 0', async () => {
    const [recent, ancient] = [await createMonth(-12), await createMonth(-50)];
    expect((await upkeep(0)).dropped).toEqual([]);
    expect((await upkeep(3650)).dropped).toEqual([]);
    expect((await upkeep(365)).dropped).toEqual([ancient]);
    expect(await partitions()).toContain(recent);
  });
});

describe('a process', () => {
  const api = startApi();

  it('writes the chains’ ends to its log after a round', async () => {
    await api.user();
    await api.app.ctx.auditUpkeep.run();
    const line = api.logs.findLast(({ event }) => event === 'audit.anchor');
    expect(line?.chains).toEqual(await currentAnchors(api.app.ctx));
    expect(line?.chains).not.toEqual([]);
  });
});
