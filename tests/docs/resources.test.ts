import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { databaseError } from '../../src/app/database/sqlstate.ts';
import { createTestDatabase } from '../helpers/database.ts';

const GUIDE = readFileSync(join(import.meta.dirname, '../../docs/guides/resources.md'), 'utf8');
const ROOM = '00000000-0000-4000-8000-000000000001';

it('the constraint of docs/guides/resources.md lets one of two overlapping appointments stand, and its name finds the code', async () => {
  const [, declared = ''] = /^export const objects = (\{[\s\S]*?\n\});$/m.exec(GUIDE) ?? [];
  // The guide's own text is run here as it stands.
  const objects = new Function(`return ${declared}`)() as Record<string, { create: string; drop: string }>;
  const { sql, drop } = await createTestDatabase();
  onTestFinished(drop);
  await sql('create table appointments (room_id uuid, starts_at timestamptz, ends_at timestamptz)');
  for (const { create } of Object.values(objects)) await sql(create);
  const book = (starts: number, ends: number) =>
    sql(`insert into appointments values ('${ROOM}', '2027-01-01 ${starts}:00Z', '2027-01-01 ${ends}:00Z')`);
  const booked = await Promise.allSettled([book(9, 11), book(10, 12)]);
  await book(12, 13);
  const refused = booked.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
  expect(refused).toHaveLength(1);
  expect(GUIDE).toContain("appointments_overlap: 'room_taken'");
  expect(databaseError(refused[0], { appointments_overlap: 'conflict' })?.code).toBe('conflict');
  await expect(book(13, 12)).rejects.toThrow('range lower bound must be less than or equal');
  for (const { drop } of Object.values(objects).reverse()) await sql(drop);
  await book(9, 11);
  expect(await sql('select 1 from appointments')).toHaveLength(3);
});
