import { describe, expect, it } from 'vitest';
import { startApi } from '../../../helpers/api.ts';

const api = startApi();

describe('GET /audit-events', () => {
  it('reads no more of the table than the page, whatever the filter', async () => {
    const subject_id = '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d';
    await api.sql(
      `insert into audit_events (id, created_at, event, actor_id, subject_id)
       select gen_random_uuid(), now() - n * interval '1 second', 'user.busy', $1, $1 from generate_series(1, 20000) n`,
      [subject_id],
    );
    await api.sql('analyze audit_events');
    const filters = ['true', `event = 'user.busy'`, `actor_id = '${subject_id}'`, `subject_id = '${subject_id}'`];
    for (const filter of filters) {
      const plan = await api.sql(
        `explain (analyze, buffers, format json) select id from audit_events where ${filter}
         and created_at <= now() and (created_at, id) < (now(), '${subject_id}') order by created_at desc, id desc limit 21`,
      );
      const text = JSON.stringify(plan);
      expect(text).not.toContain('"Sort"');
      const blocks =
        Number(/"Shared Hit Blocks": ?(\d+)/.exec(text)?.[1]) + Number(/"Shared Read Blocks": ?(\d+)/.exec(text)?.[1]);
      expect(blocks).toBeLessThan(100);
    }
  });
});
