import { expect, it } from 'vitest';
import { SEED_USER, seeds } from '../../src/app/product/seeds.ts';
import { startApi } from '../helpers/api.ts';
import { back } from '../helpers/back.ts';

const api = startApi();
const seed = (args: string[], env: Record<string, string> = {}) =>
  back(['seed', ...args], { env: { DATABASE_URL: api.url, ...env } });
const lines = Object.keys(seeds).map((name) => `Seeded ${name}\n`);

it('back seed writes the rows of development, again without a change, and one can log in with them', async () => {
  expect(await seed([])).toEqual({ code: 0, stdout: lines.join(''), stderr: '' });
  const before = await api.sql('select * from users');
  expect(await seed([])).toEqual({ code: 0, stdout: lines.join(''), stderr: '' });
  expect(await api.sql('select * from users')).toEqual(before);
  const { email, password } = SEED_USER;
  const answer = await api.request({ method: 'POST', url: '/auth/login', payload: { email, password } });
  expect(answer.statusCode).toBe(200);
});

it('writes only what is named, and refuses a name that there is not', async () => {
  expect((await seed(['accounts'])).stdout).toBe('Seeded accounts\n');
  const { code, stderr } = await seed(['nothing']);
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^There is no seed nothing, only accounts/)]);
});

it('leaves a production alone unless it is told otherwise', async () => {
  const rows = () => api.sql('select count(*) from users');
  const before = await rows();
  const { code, stdout, stderr } = await seed([], { ENVIRONMENT: 'production' });
  expect([code, stdout, stderr]).toEqual([1, '', expect.stringMatching(/^ENVIRONMENT is production: [^\n]+\n$/)]);
  expect(await rows()).toEqual(before);
  expect((await seed(['--in-production'], { ENVIRONMENT: 'production' })).code).toBe(0);
});
