import { inspect, stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createLogText } from '../../../src/app/observability/log-text.ts';

const TIME = '2026-11-26T08:01:02.345Z';
const CLOCK = new Date(TIME).toTimeString().slice(0, 8);

function textOf(entries: readonly object[], { colours = false, columns = 80 } = {}): string {
  const toText = createLogText({ colours, columns: () => columns });
  return entries
    .map((entry) => toText(`${JSON.stringify({ level: 'info', time: TIME, pid: 1, ...entry })}\n`))
    .join('');
}

const request = { event: 'request', request_id: 'a', method: 'GET', path: '/items', status: 200, duration_ms: 3.14 };

describe('the log for a person', () => {
  it('has time, level, method, path, status and milliseconds of a request, in columns', () => {
    const text = textOf([request, { ...request, method: 'DELETE', path: '/auth/me', status: 204, duration_ms: 345.6 }]);
    expect(text.split('\n')).toEqual([
      `${CLOCK} info  GET    /items                                 200    3.1 ms`,
      `${CLOCK} info  DELETE /auth/me                               204    346 ms`,
      '',
    ]);
  });

  it('fits a narrow terminal as long as the path does, and never cuts one', () => {
    const [short, long] = textOf([request, { ...request, path: `/items/${'x'.repeat(40)}` }], { columns: 52 }).split(
      '\n',
    );
    expect(short?.length).toBeLessThanOrEqual(52);
    expect(long).toContain(`/items/${'x'.repeat(40)} 200`);
  });

  it('paints by status, and nothing without colours', () => {
    const painted = [200, 303, 404, 503].map((status) => textOf([{ ...request, status }], { colours: true }));
    expect(painted.map((line) => /\[([\d;]+)m\d{3}/.exec(line)?.[1])).toEqual(['32', '36', '35', '1;31']);
    for (const line of painted)
      expect(stripVTControlCharacters(line)).toMatch(/^\d\d:\d\d:\d\d info {2}GET {4}\/items/);
    expect(textOf([request])).not.toContain('\x1b');
  });

  it('has the sentence of an event, then its name and fields', () => {
    const text = textOf([
      { level: 'warn', event: 'migrations.pending', pending: ['a'], msg: 'the database lacks revisions' },
    ]);
    expect(text).toBe(`${CLOCK} warn  the database lacks revisions  migrations.pending pending=["a"]\n`);
  });

  it('has a failed request once, with the stack and the source line', () => {
    const { stack, message } = new Error('the source line');
    const failed = { ...request, event: 'request.failed', level: 'error', status: 500, code: 'internal_error' };
    const text = textOf([
      { ...failed, err: { type: 'TypeError', message, stack } },
      { ...request, status: 500 },
      { ...request, request_id: 'b' },
    ]);
    expect(text.match(/GET/g)).toHaveLength(2);
    expect(text).toMatch(/error GET +\/items +500 +3\.1 ms\n {4}TypeError: the source line\n/);
    expect(text).toMatch(/ {4}> +\d+ │ +const \{ stack, message \} = new Error\('the source line'\);\n/);
    expect(text).toMatch(/ {6}at .*tests\/app\/observability\/log-text\.test\.ts:\d+:\d+/);
  });

  it('has the causes of an error, and of a warning only the frames of ours', () => {
    const err = {
      type: 'AppError',
      message: 'no',
      cause: {
        type: 'Error',
        message: 'refused',
        code: 'ECONNREFUSED',
        stack: 'Error: refused\n    at x (/node_modules/a.js:1:1)\n    at y (/ours.ts:1:1)',
      },
    };
    expect(textOf([{ ...request, event: 'request.failed', level: 'warn', status: 503, err }])).toMatch(
      /503 +3\.1 ms\n {4}AppError: no\n {4}caused by Error: refused \(ECONNREFUSED\)\n {6}at y \(\/ours\.ts:1:1\)\n$/,
    );
  });

  it('takes no frame from a message, and lets no text of a client steer the terminal', () => {
    const message = 'bad\n    at evil (/etc/passwd:1:1)\x1b[2J';
    const err = { type: 'Error', message, stack: `Error: ${message}\n    at real (/nowhere/a.ts:1:1)` };
    const text = textOf([{ ...request, path: '/\x1b]0;x\x07', event: 'request.failed', level: 'error', err }], {
      columns: 80,
    });
    expect(inspect(text)).not.toContain('\\x1B');
    expect(text).not.toMatch(/│/);
    expect(text.match(/^ {6}at .*$/gm)).toEqual(['      at real (/nowhere/a.ts:1:1)']);
  });
});
