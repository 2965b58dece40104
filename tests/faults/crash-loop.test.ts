import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimsOf, PASSWORD, type TestUser } from '../helpers/api.ts';
import { isFullForm } from '../helpers/full-form.ts';
import { familyOf } from '../helpers/processes.ts';
import { type Answer, type Fleet, missing, startFleet, statuses, untilBalanced } from '../helpers/proxied-replicas.ts';

const { LASTS_MS, RESTART_EVERY_MS, REQUESTS_A_SECOND } = isFullForm
  ? { LASTS_MS: 300_000, RESTART_EVERY_MS: 10_000, REQUESTS_A_SECOND: 100 }
  : { LASTS_MS: 12_000, RESTART_EVERY_MS: 2000, REQUESTS_A_SECOND: 50 };

describe.skipIf(missing.length > 0)(
  `one of two replicas that is killed again and again${missing.length > 0 ? ` (skipped: ${missing.join(' and ')} is not installed)` : ''}`,
  () => {
    let fleet: Fleet;
    let user: TestUser;

    beforeAll(async () => {
      fleet = await startFleet(2, { TRUSTED_PROXIES: '127.0.0.1' });
      user = await fleet.user();
    });
    afterAll(() => fleet?.end());

    const answers: { what: string; answer: Answer | undefined }[] = [];
    const created: string[] = [];
    const registered: string[] = [];

    const write = async (): Promise<Answer> => {
      const answer = await fleet.call('/kit-notes', { token: user.access_token, body: { title: 'kept' } });
      if (answer.status === 201) created.push(String(answer.body.id));
      return answer;
    };
    const register = async (): Promise<Answer> => {
      const email = `loop-${crypto.randomUUID()}@example.com`;
      const answer = await fleet.call('/auth/register', { body: { email, password: PASSWORD } });
      if (answer.status === 201) registered.push(email);
      return answer;
    };
    /** One client's session, which moves on with each answer that it gets. */
    const refresh = async (): Promise<Answer> => {
      const answer = await fleet.call('/auth/refresh', { body: { refresh_token: user.refresh_token } });
      if (answer.status === 200) user.refresh_token = String(answer.body.refresh_token);
      return answer;
    };
    const read = (): Promise<Answer> => fleet.call('/auth/me', { token: user.access_token });

    /** Sends requests at a steady rate, whatever becomes of those before, and waits for all of them. */
    const load = async (): Promise<void> => {
      const sent: Promise<unknown>[] = [];
      const began = performance.now();
      for (let n = 0; performance.now() - began < LASTS_MS; n++) {
        const [what, ask] = (
          [
            ['refresh', refresh],
            ['register', register],
            ['write', write],
            ['write', write],
          ] as const
        )[n % 20] ?? ['read', read];
        const request = ask().catch(() => undefined);
        sent.push(request.then((answer) => answers.push({ what, answer })));
        await sleep(Math.max(0, began + (n * 1000) / REQUESTS_A_SECOND - performance.now()));
      }
      await Promise.all(sent);
    };
    const killAndReplace = async (): Promise<void> => {
      const { program } = fleet.replicas[1] ?? expect.fail();
      const server = familyOf(program.pid).find(({ line }) => line.includes('test-product/main.ts'));
      process.kill(server?.pid ?? 0, 'SIGKILL');
      await program.ended;
      await fleet.replace(1);
    };

    it('costs few requests at a steady rate, and nothing that was acknowledged', {
      timeout: LASTS_MS + 120_000,
    }, async () => {
      const traffic = load();
      let kills = 0;
      for (const began = Date.now(); Date.now() - began < LASTS_MS - RESTART_EVERY_MS; kills++) {
        await Promise.all([killAndReplace(), sleep(RESTART_EVERY_MS)]);
      }
      await traffic;
      expect(kills).toBeGreaterThanOrEqual(3);
      const served = answers.filter(({ answer }) => answer !== undefined && answer.status < 300);
      expect(answers.length).toBeGreaterThan((REQUESTS_A_SECOND * LASTS_MS) / 1000 / 2);
      expect(answers.length - served.length).toBeLessThanOrEqual(answers.length * 0.02);
      const told = answers.flatMap(({ answer }) => (answer === undefined ? [] : [answer]));
      const contract = told.filter(({ status, body }) => status >= 300 && body.code !== 'service_unavailable');
      expect(contract, JSON.stringify(statuses(told))).toEqual([]);

      const kept = await fleet.sql('select id from kit_notes where id = any($1)', [created]);
      expect(kept).toHaveLength(created.length);
      const whole = await fleet.sql(
        `select email from users where email = any($1) and password_hash is not null
         and (select count(*) from sessions where user_id = users.id) = 1`,
        [registered],
      );
      expect(whole).toHaveLength(registered.length);
      const strays = await fleet.sql(
        `select id from users where password_hash is null or not exists (select from sessions where user_id = users.id)`,
      );
      expect(strays, 'no account is half there').toEqual([]);

      await untilBalanced(fleet.call, 2);
      expect((await refresh()).status, 'the session that moved on through all of it lives').toBe(200);
      expect(claimsOf(user.refresh_token).sub).toBe(user.id);
    });
  },
);
