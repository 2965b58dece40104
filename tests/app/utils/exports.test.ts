import { describe, expect, it } from 'vitest';
import { csvRecord } from '../../../src/app/utils/csv.ts';
import { batchesOf, textOf } from '../../../src/app/utils/exports.ts';

async function* once<T>(rows: T[]): AsyncGenerator<T[]> {
  yield rows;
}

async function listed<T>(values: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const value of values) list.push(value);
  return list;
}

const text = async (pieces: AsyncIterable<string>): Promise<string> => (await listed(pieces)).join('');

describe('batchesOf', () => {
  it('follows the cursors to the last page, and asks for the next when the one before is taken', async () => {
    const asked: unknown[] = [];
    const batches = batchesOf(async (request) => {
      asked.push(request);
      return { items: [asked.length], next_cursor: asked.length < 3 ? `after ${asked.length}` : null };
    });
    expect(asked).toEqual([]);
    expect((await batches.next()).value).toEqual([1]);
    expect(asked).toEqual([{ limit: 1000 }]);
    expect(await listed(batches)).toEqual([[2], [3]]);
    expect(asked.slice(1)).toEqual([
      { limit: 1000, cursor: 'after 1' },
      { limit: 1000, cursor: 'after 2' },
    ]);
  });
});

describe('textOf', () => {
  const row = {
    text: 'a "b", c',
    formula: '=1+1',
    count: -3,
    is_open: true,
    none: null,
    at: new Date('2026-11-27T00:00:00Z'),
    tags: ['a', '=b'],
  };
  const columns = Object.keys(row) as (keyof typeof row)[];

  it('writes every kind of value as CSV', async () => {
    expect(await text(textOf(once([row]), { format: 'csv', columns }))).toBe(
      `text,formula,count,is_open,none,at,tags\r\n"a ""b"", c",'=1+1,-3,true,,2026-11-27T00:00:00.000Z,"[""a"",""\\u003db""]"\r\n`,
    );
  });

  it('writes the chosen columns as JSON lines', async () => {
    const lines = await text(textOf(once([row, row]), { format: 'ndjson', columns: ['count', 'tags'] }));
    expect(lines).toBe('{"count":-3,"tags":["a","=b"]}\n'.repeat(2));
  });
});

describe('csvRecord', () => {
  it.each(['=1', '+1', '-1', '@a', '\ta', '\ra', '\na', '\0a', '＝1', '＋1', '－1', '＠a', "'=1"])(
    'guards the text %j, and no number',
    (cell) => {
      expect(csvRecord([cell])).toMatch(/^"?'/);
      expect(csvRecord([-1])).toBe('-1\r\n');
    },
  );
});
