import type { Line } from './lines.ts';

/** One record of a CSV file (RFC 4180) and the lines that it spans; `cells` is `undefined` where it cannot be read. */
export interface CsvRecord {
  first_line: number;
  last_line: number;
  cells: string[] | undefined;
}

/** A quoted cell may span lines, but not the rest of the file: past this its quote counts as forgotten. */
const MAX_RECORD_LINES = 100;
/** A table of users has some dozens. */
const MAX_CELLS = 1000;
const CELL = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?$)/y;
const OPEN_CELL = /"(?:[^"]|"")*$/y;

/** Reads records. A wrong one costs its first line only: reading goes on with the line after it. */
export async function* readCsv(lines: AsyncIterable<Line>): AsyncGenerator<CsvRecord> {
  let open: Line[] = [];
  for await (const line of lines) open = yield* readOn(open, [line]);
  while (open.length > 0) {
    yield wrong(open);
    open = yield* readOn([], open.slice(1));
  }
}

/** Reads what the lines complete and returns those of a record that goes on. */
function* readOn(open: Line[], waiting: Line[]): Generator<CsvRecord, Line[]> {
  let record = open;
  for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) {
    record.push(line);
    const cells = cellsOf(record);
    if (cells === 'open' && record.length < MAX_RECORD_LINES) continue;
    if (typeof cells === 'object') yield { first_line: record[0]?.number ?? 0, last_line: line.number, cells };
    else {
      yield wrong(record);
      waiting.unshift(...record.slice(1));
    }
    record = [];
  }
  return record;
}

/** The cells of the lines taken together; `open` where a quoted cell goes on, `wrong` where no further line can mend it. */
function cellsOf(lines: readonly Line[]): string[] | 'open' | 'wrong' {
  const texts = lines.map(({ text }) => text);
  if (texts.includes(undefined)) return 'wrong';
  const record = texts.join('\n');
  const cells: string[] = [];
  CELL.lastIndex = 0;
  for (;;) {
    OPEN_CELL.lastIndex = CELL.lastIndex;
    const match = CELL.exec(record);
    if (match === null) return OPEN_CELL.test(record) ? 'open' : 'wrong';
    const [, quoted, plain = '', separator] = match;
    if (cells.length === MAX_CELLS) return 'wrong';
    cells.push(quoted?.replaceAll('""', '"') ?? plain);
    if (separator !== ',') return cells;
  }
}

function wrong([first]: readonly Line[]): CsvRecord {
  const line = first?.number ?? 0;
  return { first_line: line, last_line: line, cells: undefined };
}
