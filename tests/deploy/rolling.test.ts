import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { back } from '../helpers/back.ts';
import { type Answer, type Fleet, missing, startFleet, statuses, untilBalanced } from '../helpers/proxied-replicas.ts';

const STOP_DELAY_SECONDS = 1;
const CLIENTS = 6;
/** Every other one; the rest read. */
const WRITERS = CLIENTS / 2;

/** What clients saw who never paused: answers by status, ids that were acknowledged, requests without an answer. */
interface Traffic {
  answers: Answer[];
  created: string[];
  broken: unknown[];
  stop: () => Promise<void>;
}

describe.skipIf(missing.length > 0)(
  `two replicas under load behind HAProxy${missing.length > 0 ? ` (skipped: ${missing.join(' and ')} is not installed)` : ''}`,
  () => {
    let fleet: Fleet;
    let token: string;

    beforeAll(async () => {
      fleet = await startFleet(2, { STOP_DELAY_SECONDS: String(STOP_DELAY_SECONDS), TRUSTED_PROXIES: '127.0.0.1' });
    });
    afterAll(() => fleet?.end());
    beforeEach(async () => {
      token = (await fleet.user()).access_token;
    });

    const load = (): Traffic => {
      const traffic: Traffic = { answers: [], created: [], broken: [], stop: async () => {} };
      let stopping = false;
      const client = async (index: number): Promise<void> => {
        while (!stopping) {
          const writes = index % 2 === 0;
          try {
            const answer = await fleet.call(writes ? '/kit-notes' : '/auth/me', {
              token,
              ...(writes && { body: { title: 'kept' } }),
            });
            traffic.answers.push(answer);
            if (answer.status === 201) traffic.created.push(String(answer.body.id));
          } catch (error) {
            traffic.broken.push(error);
          }
        }
      };
      const clients = Array.from({ length: CLIENTS }, (_, index) => client(index));
      traffic.stop = async () => {
        stopping = true;
        await Promise.all(clients);
      };
      return traffic;
    };
    const failures = ({ answers, broken }: Traffic) => [
      ...answers.filter(({ status }) => status !== 200 && status !== 201),
      ...broken,
    ];
    const stored = async (): Promise<string[]> =>
      (await fleet.sql<{ id: string }>('select id from kit_notes')).map(({ id }) => id);
    /** A replica stays away: every answer comes from the other one. */
    const answeringReplicas = async (): Promise<unknown[]> => {
      const answers = await Promise.all(Array.from({ length: 8 }, () => fleet.call('/auth/me', { token })));
      expect(statuses(answers)).toEqual({ 200: 8 });
      return [...new Set(answers.map(({ replica }) => replica))].sort();
    };
    const each = async (work: (index: number) => Promise<void>): Promise<void> => {
      for (const index of fleet.replicas.keys()) await work(index);
    };

    it('a release replaces one after the other: no request fails, nothing is done twice', async () => {
      const traffic = load();
      await each(async (index) => {
        const { program } = fleet.replicas[index] ?? expect.fail();
        await sleep(300);
        program.child.kill('SIGTERM');
        expect(await program.ended).toBe(0);
        expect(await answeringReplicas()).toEqual([`replica-${2 - index}`]);
        await fleet.replace(index);
        await untilBalanced(fleet.call, 2);
      });
      await traffic.stop();
      expect(failures(traffic)).toEqual([]);
      expect(traffic.created.length).toBeGreaterThan(20);
      expect((await stored()).sort()).toEqual(traffic.created.sort());
    });

    it('a replica that is killed takes with it at most what it was working on', async () => {
      await fleet.sql('delete from kit_notes');
      const traffic = load();
      await sleep(300);
      const { program } = fleet.replicas[1] ?? expect.fail();
      process.kill(program.pid, 'SIGKILL');
      expect(await program.ended).toBe('SIGKILL');
      await sleep(500);
      const heard = traffic.answers.length;
      await sleep(300);
      await traffic.stop();
      // Writes only: a read that lost its replica is sent to the other one. A writer's next one too may fail: while the kernel
      // takes the process down, its port accepts connections for a moment longer than it keeps those that it has.
      expect(failures(traffic).length).toBeLessThanOrEqual(2 * WRITERS);
      expect(statuses(traffic.answers.slice(heard))).not.toHaveProperty('502');
      expect(traffic.answers.length).toBeGreaterThan(heard);
      const rows = new Set(await stored());
      expect(traffic.created.filter((id) => !rows.has(id))).toEqual([]);
      expect(await answeringReplicas()).toEqual(['replica-1']);
      await fleet.replace(1);
      await untilBalanced(fleet.call, 2);
    });

    it('migrations that start twice at once through the pooler are applied once, while both serve', async () => {
      const name = 'migrated_at_once';
      const admin = new pg.Client(inject('postgres_url'));
      await admin.connect();
      await admin.query(`create database ${name}`);
      const url = new URL(fleet.pooled_url);
      url.pathname = `/${name}`;
      const env = { DATABASE_URL: url.href, DATABASE_POOLER: 'transaction' };
      const [first, second, served] = await Promise.all([
        back(['upgrade', 'head'], { env }),
        back(['upgrade', 'head'], { env }),
        answeringReplicas(),
      ]);
      expect([first.code, second.code]).toEqual([0, 0]);
      expect(served).toEqual(['replica-1', 'replica-2']);
      const { stdout: revisions } = await back(['history'], { env });
      const applied = (first.stdout + second.stdout).match(/\b[0-9a-f]{12}\b/g) ?? [];
      expect([...new Set(applied)]).toHaveLength(revisions.trim().split('\n').length);
      expect((await back(['check'], { env })).code).toBe(0);
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    });

    it('shows metrics to the inside alone, however they are spelt', async () => {
      const paths = ['/metrics', '/metrics/', '/%6detrics', '/m%65trics?x=1', '/metrics%2f'];
      const answers = await Promise.all(paths.map((path) => fleet.call(path)));
      expect(statuses(answers)).toEqual({ 404: paths.length });
      expect(statuses(await fleet.callEach('/metrics'))).toEqual({ 200: 2 });
    });

    it('answers as the API does where no replica is left', async () => {
      for (const { program } of fleet.replicas) program.child.kill('SIGTERM');
      await Promise.all(fleet.replicas.map(({ program }) => program.ended));
      const answer = await fetch(`${fleet.proxy_url}/auth/me`);
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
      expect(answer.headers.get('content-type')).toBe('application/problem+json');
      expect(await answer.json()).toMatchObject({ status: 503, code: 'service_unavailable' });
    });
  },
);
