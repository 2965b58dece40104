import fc from 'fast-check';
import pg from 'pg';
import { describe, expect, inject, it } from 'vitest';
import { isoTimestamp } from '../../../src/app/database/timestamps.ts';

describe('isoTimestamp', () => {
  it.each([
    ['2026-11-26 06:25:27+00', '2026-11-26T06:25:27.000Z'],
    ['2026-11-26 06:25:27.1+00', '2026-11-26T06:25:27.100Z'],
    ['2026-11-26 06:25:27.12+00', '2026-11-26T06:25:27.120Z'],
    ['2026-11-26 06:25:27.123+00', '2026-11-26T06:25:27.123Z'],
    ['2026-11-26 06:25:27.123999+00', '2026-11-26T06:25:27.123Z'],
    ['2026-11-26 08:25:27.5+02', '2026-11-26T06:25:27.500Z'],
    ['2026-11-26 11:55:27.5+05:30', '2026-11-26T06:25:27.500Z'],
  ])('writes %s as %s', (text, iso) => {
    expect(isoTimestamp(text)).toBe(iso);
  });

  it('says of any instant what a Date says, in whichever time zone the server writes it', async () => {
    const instants = fc.sample(fc.date({ min: new Date(0), max: new Date('9999-12-31'), noInvalidDate: true }), 500);
    const client = new pg.Client(inject('postgres_url'));
    await client.connect();
    try {
      for (const zone of ['UTC', 'Asia/Kathmandu', 'America/St_Johns', 'Europe/London']) {
        await client.query(`set timezone = '${zone}'`);
        const { rows } = await client.query({
          text: 'select instant::text from unnest($1::timestamptz[]) with ordinality as t(instant, place) order by place',
          values: [instants.map((instant) => instant.toISOString())],
          rowMode: 'array',
        });
        expect(rows.map(([text]) => isoTimestamp(text))).toEqual(instants.map((instant) => instant.toISOString()));
      }
    } finally {
      await client.end();
    }
  });
});
