import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { SECRET_KEY } from '../helpers/api.ts';
import { createTestDatabase } from '../helpers/database.ts';
import { cleanEnvironment } from '../helpers/project.ts';

/**
 * Each further hundred files make a start some 40 ms longer. Who needs more loads it at its first use (`utils/later.ts`), or
 * raises this number and says in the commit what for.
 */
const AT_MOST = 820;
/** What the first requests need. */
const AFTER_IT = [
  '@fastify/ajv-compiler',
  '@fastify/fast-json-stringify-compiler',
  'ajv',
  'bcrypt',
  'fast-jwt',
  'prom-client',
];
/** What only some requests need, or none. */
const NEVER_UNASKED = [
  '@fastify/swagger',
  '@fastify/swagger-ui',
  '@simplewebauthn/server',
  'nodemailer',
  'typebox',
  'yaml',
];

let loaded: { status: number; atStart: string[]; afterIt: string[] };

beforeAll(async () => {
  const database = await createTestDatabase();
  const environment = { ENVIRONMENT: 'production', SECRET_KEY, DATABASE_URL: database.url, LOG_LEVEL: 'fatal' };
  const { stderr } = spawnSync(process.execPath, [join(import.meta.dirname, '../helpers/started-modules.ts')], {
    env: cleanEnvironment(environment),
    encoding: 'utf8',
  });
  loaded = JSON.parse(stderr);
  await database.drop();
});

const packagesOf = (files: string[]): string[] => [
  ...new Set(files.flatMap((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])),
];

it('the server is ready with few files loaded', () => {
  expect(loaded.status).toBe(200);
  expect(loaded.atStart.length).toBeLessThanOrEqual(AT_MOST);
});

it('the packages of the first requests are loaded after it, every one of them can be, and no other', () => {
  const [before, after] = [packagesOf(loaded.atStart), packagesOf(loaded.afterIt)];
  expect(before.filter((name) => [...AFTER_IT, ...NEVER_UNASKED].includes(name))).toEqual([]);
  expect(AFTER_IT.filter((name) => !after.includes(name))).toEqual([]);
  expect(after.filter((name) => NEVER_UNASKED.includes(name))).toEqual([]);
});
