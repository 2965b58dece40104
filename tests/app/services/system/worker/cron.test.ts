import { describe, expect, it } from 'vitest';
import { parseCron } from '../../../../../src/app/services/system/worker/cron.ts';

const NEW_YEAR = new Date('2026-01-01T00:00:00Z');
const latest = (cron: string, time: string): string | undefined =>
  parseCron(cron).latest(new Date(time), NEW_YEAR)?.toISOString();

describe('a cron expression', () => {
  it.each([
    ['* * * * *', '2026-03-04T05:06:07Z', '2026-03-04T05:06:00.000Z'],
    ['0 6 * * 1', '2026-03-04T05:06:07Z', '2026-03-02T06:00:00.000Z'],
    ['*/15 * * * *', '2026-03-04T05:59:59Z', '2026-03-04T05:45:00.000Z'],
    ['5/20 4 * * *', '2026-03-04T05:06:07Z', '2026-03-04T04:45:00.000Z'],
    ['0-30/10,59 * * * *', '2026-03-04T05:58:00Z', '2026-03-04T05:30:00.000Z'],
    ['0 0 29 2 *', '2026-03-04T05:06:07Z', undefined],
    ['0 0 * 2 7', '2026-03-04T05:06:07Z', '2026-02-22T00:00:00.000Z'],
    // The first of the month or a Monday, as crontab(5) has it.
    ['0 0 1 * 1', '2026-03-04T05:06:07Z', '2026-03-02T00:00:00.000Z'],
    ['0 0 1 * 3', '2026-03-03T05:06:07Z', '2026-03-01T00:00:00.000Z'],
  ])('%s was last due before %s at %s', (cron, time, expected) => {
    expect(latest(cron, time)).toBe(expected);
  });

  it.each([
    ['* * * *', 'must have 5 fields'],
    ['60 * * * *', 'the minute "60"'],
    ['* 24 * * *', 'the hour "24"'],
    ['* * 0 * *', 'the day "0"'],
    ['* * * 13 *', 'the month "13"'],
    ['* * * * 8', 'the weekday "8"'],
    ['*/0 * * * *', 'the minute "*/0"'],
    ['30-10 * * * *', 'the minute "30-10"'],
    ['@daily', 'must have 5 fields'],
    ['a * * * *', 'the minute "a"'],
  ])('%s is refused: %s', (cron, message) => {
    expect(() => parseCron(cron)).toThrow(message);
  });
});
