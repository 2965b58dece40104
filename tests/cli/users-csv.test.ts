import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvRecord, readCsv } from '../../src/app/services/admin/user-files/csv.ts';
import { readLines } from '../../src/app/services/admin/user-files/lines.ts';
import { csvRecord, unguard } from '../../src/app/utils/csv.ts';

async function read(file: string | Buffer, chunkBytes = 7): Promise<CsvRecord[]> {
  const bytes = Buffer.from(file);
  const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, n) =>
    bytes.subarray(n * chunkBytes, (n + 1) * chunkBytes),
  );
  const records: CsvRecord[] = [];
  for await (const record of readCsv(readLines(Readable.from(chunks)))) records.push(record);
  return records;
}

const cellsOf = async (file: string | Buffer) => (await read(file)).map(({ cells }) => cells);

describe('readCsv', () => {
  it('reads quoted commas, quotes and line ends, LF and CRLF, and a byte order mark', async () => {
    expect(await cellsOf('\ufeffa,b\r\n"x, y","say ""hi"""\n"two\nlines",\n,"\u2028"')).toEqual([
      ['a', 'b'],
      ['x, y', 'say "hi"'],
      ['two\nlines', ''],
      ['', '\u2028'],
    ]);
  });

  it('gives back what csvRecord wrote, however the bytes arrive', async () => {
    const cell = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 12 }),
      fc.stringMatching(/^[',"=+\-@\t\r\n ]{0,6}$/),
    );
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(table, fc.integer({ min: 1, max: 9 }), async (rows, chunkBytes) => {
        const records = await read(rows.map((row) => csvRecord(row)).join(''), chunkBytes);
        expect(records.map(({ cells }) => cells?.map(unguard))).toEqual(rows);
      }),
    );
  });

  it('loses one line to a quote that nothing closes, and names it', async () => {
    const records = await read('a,b\n1,"2\n3,4\n5,6\n');
    expect(records).toEqual([
      { first_line: 1, last_line: 1, cells: ['a', 'b'] },
      { first_line: 2, last_line: 2, cells: undefined },
      { first_line: 3, last_line: 3, cells: ['3', '4'] },
      { first_line: 4, last_line: 4, cells: ['5', '6'] },
    ]);
  });

  it('loses one line to a quote that is closed far below, and none of the lines between', async () => {
    const between = Array.from({ length: 300 }, (_, n) => `${n},x`);
    const records = await read(['1,"open', ...between, 'close",2'].join('\n'));
    expect(records.filter(({ cells }) => cells === undefined).map(({ first_line }) => first_line)).toEqual([1, 302]);
    expect(records).toHaveLength(302);
  });

  it('loses one line to bytes that are not UTF-8, to text behind a quote, and to a line without end', async () => {
    const latin1 = Buffer.concat([Buffer.from('a,b\n'), Buffer.from('J\xfcrgen,1\n', 'latin1'), Buffer.from('c,d\n')]);
    expect(await cellsOf(latin1)).toEqual([['a', 'b'], undefined, ['c', 'd']]);
    expect(await cellsOf('"a"b,c\nd,e')).toEqual([undefined, ['d', 'e']]);
    const [long, next] = await read(`${'x'.repeat(2 ** 21)},y\nd,e`, 65_536);
    expect([long?.cells, next]).toEqual([undefined, { first_line: 2, last_line: 2, cells: ['d', 'e'] }]);
  });
});

describe('csvRecord', () => {
  it.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '＝1'])('puts an apostrophe before %j', (cell) => {
    expect(csvRecord([cell, 'x'])).toMatch(/^"?'/);
  });

  it.each([
    [';=1+1;x', ";'=1+1;x"],
    ['a;  @SUM(A1)', "a;'  @SUM(A1)"],
    ['"=1+1', `"'=1+1`],
    ['x\t-1', "x\t'-1"],
    ['\u00a0=1', "'\u00a0=1"],
    ["'=1;'=2;''=3", "''=1;''=2;'''=3"],
    ['\n=1', "'\n'=1"],
    ['"";=1', `"";'=1`],
  ])('puts one too where a semicolon, a tab or a quote begins a cell: %j', (cell, guarded) => {
    const record = csvRecord([cell]).slice(0, -2);
    expect(record.startsWith('"') ? record.slice(1, -1).replaceAll('""', '"') : record).toBe(guarded);
    expect(unguard(guarded)).toBe(cell);
  });

  it('leaves alone what no spreadsheet runs', () => {
    expect(csvRecord(['ada@example.com', "'quoted'", null])).toBe("ada@example.com,'quoted',\r\n");
  });
});
