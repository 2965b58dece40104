import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PASSWORD, SECRET_KEY, startApi } from '../helpers/api.ts';
import { back } from '../helpers/back.ts';
import { start } from '../helpers/processes.ts';

const MAIN = join(import.meta.dirname, '../../src/cli/main.ts');
/** util-linux' script gives a command a terminal. */
const hasTerminal = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') ?? false;

const api = startApi();
const create = (email: string, input?: string) =>
  back(['create-admin', email], { env: { DATABASE_URL: api.url }, ...(input !== undefined && { input }) });

describe('back create-admin', () => {
  it('opens an administrator’s account by a password from standard input, and makes an existing user one', async () => {
    expect(await create('boss@example.com', `${PASSWORD}\n`)).toMatchObject({ code: 0, stderr: '' });
    const login = {
      method: 'POST',
      url: '/auth/login',
      payload: { email: 'boss@example.com', password: PASSWORD },
    } as const;
    const { access_token } = (await api.request(login)).json();
    expect((await api.request({ url: '/users', token: access_token })).statusCode).toBe(200);
    const user = await api.user();
    expect((await create(user.email)).stdout).toContain('is an administrator now; the password is unchanged');
    expect((await api.request({ url: '/users', token: user.access_token })).statusCode).toBe(200);
  });

  it('refuses in one sentence an address that is none, a password that is missing and one that is weak', async () => {
    const before = await api.sql('select * from users order by id');
    for (const [email, input, sentence] of [
      ['nonsense', `${PASSWORD}\n`, 'email: value is not a valid email address\n'],
      ['x@example.com', '', expect.stringMatching(/^There is no password on standard input: .*\n$/)],
      ['x@example.com', 'password1\n', expect.stringMatching(/^password: .*tried first.*\n$/)],
    ] as const)
      expect(await create(email, input)).toEqual({ code: 1, stdout: '', stderr: sentence });
    expect(await api.sql('select * from users order by id')).toEqual(before);
  });

  it.skipIf(!hasTerminal)('ends in one sentence when the terminal is closed, by Ctrl-D or Ctrl-C', async () => {
    for (const key of ['\x04', '\x03']) {
      const command = `'${process.execPath}' '${MAIN}' create-admin y@example.com`;
      const env = { PATH: process.env.PATH, SECRET_KEY, DATABASE_URL: api.url, ENVIRONMENT: 'test' };
      const child = spawn('script', ['-qec', command, '/dev/null'], { env, cwd: '/' });
      let output = '';
      for await (const chunk of child.stdout) {
        output += chunk;
        if (output.endsWith('Password: ')) child.stdin.write(key);
        if (output.includes('Cancelled')) break;
      }
      child.stdin.end();
      const [code] = await once(child, 'exit');
      expect([code, output.trim().split(/\s+/)]).toEqual([1, ['Password:', 'Cancelled']]);
    }
  });
});

it('a reader that has seen enough is no error', async () => {
  const env = { PATH: process.env.PATH, SECRET_KEY };
  const program = start('sh', ['-c', `${process.execPath} ${MAIN} openapi | head -c 100`], { env, cwd: '/' });
  expect(await program.ended).toBe(0);
  expect(program.output()).toHaveLength(100);
});
