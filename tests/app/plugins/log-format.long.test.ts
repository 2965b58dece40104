import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const LOGGING = join(import.meta.dirname, '../../../src/app/plugins/logging.ts');
/** Runs a command on a terminal of its own. */
const SCRIPT = '/usr/bin/script';
const skipped = existsSync(SCRIPT) ? '' : ` (skipped: there is no ${SCRIPT})`;

interface Format {
  log_format: 'auto' | 'json' | 'text';
  environment: 'development' | 'production';
}

function logged(format: Format, { terminal = false, env = {} } = {}): string {
  const program = `import { createLogger } from ${JSON.stringify(LOGGING)};
    createLogger(${JSON.stringify({ log_level: 'info', ...format })}).info({ event: 'a.b', n: 1 }, 'a sentence');`;
  const node = [process.execPath, '--input-type=module', '-e', program];
  const [command = '', ...args] = terminal
    ? [SCRIPT, '-qec', node.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' '), '/dev/null']
    : node;
  const { PATH } = process.env;
  return spawnSync(command, args, { encoding: 'utf8', env: { PATH, TERM: 'xterm', ...env } }).stdout;
}

const JSON_LINE = /^\{"level":"info",.*"event":"a\.b","n":1,"msg":"a sentence"\}\s*$/;
const TEXT_LINE = /^\d\d:\d\d:\d\d info {2}a sentence {2}a\.b n=1\s*$/;

describe('LOG_FORMAT', () => {
  it('auto is JSON in a pipe, whatever the environment', () => {
    expect(logged({ log_format: 'auto', environment: 'development' })).toMatch(JSON_LINE);
    expect(logged({ log_format: 'auto', environment: 'production' })).toMatch(JSON_LINE);
  });

  it('text is text in a pipe too, without colours', () => {
    expect(logged({ log_format: 'text', environment: 'production' })).toMatch(TEXT_LINE);
  });

  describe.skipIf(skipped !== '')(`on a terminal${skipped}`, () => {
    it('auto is coloured text in development, JSON in production; json is JSON', () => {
      const text = logged({ log_format: 'auto', environment: 'development' }, { terminal: true });
      expect(text).toContain('\x1b[2m');
      expect(text).toContain('a sentence');
      expect(logged({ log_format: 'auto', environment: 'production' }, { terminal: true })).toMatch(JSON_LINE);
      expect(logged({ log_format: 'json', environment: 'development' }, { terminal: true })).toMatch(JSON_LINE);
    });

    it('NO_COLOR and a dumb terminal leave the colours out', () => {
      for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }])
        expect(logged({ log_format: 'auto', environment: 'development' }, { terminal: true, env })).toMatch(TEXT_LINE);
    });
  });
});
