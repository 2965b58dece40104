import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { SECRET_KEY } from '../helpers/api.ts';
import { back } from '../helpers/back.ts';

const BIN = join(import.meta.dirname, '../../bin/back.js');

it('ends through bin/back.js too when a command has done its work', async () => {
  const env = { PATH: process.env.PATH, SECRET_KEY };
  const child = spawn(process.execPath, [BIN, 'env'], { env, cwd: import.meta.dirname, timeout: 20_000 });
  const [stdout, [code, signal]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  expect([code, signal]).toEqual([0, null]);
  expect(stdout).toContain('SECRET_KEY=[secret]');
});

it('says in one sentence that the database is away, however deep its error lies', async () => {
  const env = { DATABASE_URL: 'postgres://postgres:root@127.0.0.1:1/x' };
  const { code, stdout, stderr } = await back(['users', 'list'], { env });
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toBe(
    'Nothing answers at 127.0.0.1:1: start PostgreSQL there (npm run dev does), or set DATABASE_URL\n',
  );
});

it('says its version', async () => {
  const { version } = JSON.parse(readFileSync(join(BIN, '../../package.json'), 'utf8'));
  expect(await back(['--version'])).toMatchObject({ code: 0, stdout: `${version}\n` });
});
