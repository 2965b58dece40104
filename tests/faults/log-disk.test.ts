import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort } from 'pg-devdb/throw-away';
import { expect, it, onTestFinished } from 'vitest';
import { SECRET_KEY } from '../helpers/api.ts';
import { eventually } from '../helpers/own-postgres.ts';
import { type Started, start } from '../helpers/processes.ts';
import { cleanEnvironment } from '../helpers/project.ts';
import { mountSmallDisk } from '../helpers/small-disk.ts';

const MAIN = join(import.meta.dirname, '../../src/app/main.ts');

/** The API with its standard output in a file, once it serves. */
async function serveInto(file: string): Promise<{ program: Started; live: () => Promise<number> }> {
  const port = await freePort();
  const env = cleanEnvironment({ SECRET_KEY, PORT: String(port), ENVIRONMENT: 'test', LOG_LEVEL: 'info' });
  const program = start('sh', ['-c', 'exec "$0" "$1" >> "$2"', process.execPath, MAIN, file], { env, cwd: '/' });
  onTestFinished(() => void program.child.kill('SIGKILL'));
  const live = (): Promise<number> =>
    fetch(`http://127.0.0.1:${port}/health/live`).then(
      (answer) => answer.text().then(() => answer.status),
      () => 0,
    );
  await eventually('it serves', async () => (await live()) === 200, 15_000);
  return { program, live };
}

async function statusesOf(count: number, ask: () => Promise<number>): Promise<number[]> {
  const statuses = new Set<number>();
  for (let n = 0; n < count; n++) statuses.add(await ask());
  return [...statuses];
}

it.skipIf(!existsSync('/dev/full'))(
  'a log that can never be written stops no request, and no orderly end',
  async () => {
    const { program, live } = await serveInto('/dev/full');
    expect(await statusesOf(200, live)).toEqual([200]);
    program.child.kill('SIGTERM');
    expect(await program.ended).toBe(0);
  },
);

it('a disk that is full of log stops no request, and takes the lines that waited when it has room', async ({
  skip,
}) => {
  const disk = mountSmallDisk(1);
  if (disk === undefined) return skip('it takes the right to mount a disk');
  onTestFinished(disk.remove);
  const file = join(disk.folder, 'back.log');
  const { program, live } = await serveInto(file);
  await eventually('the log begins', async () => readFileSync(file, 'utf8').includes('Server listening'));
  disk.fill();
  expect(await statusesOf(200, live)).toEqual([200]);
  const lines = (): string[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line.includes('/health/live'));
  expect(lines().length, 'the disk took no more').toBeLessThan(200);
  disk.clear();
  await eventually('the lines are there', async () => lines().length >= 200);
  program.child.kill('SIGTERM');
  expect(await program.ended).toBe(0);
  const whole = readFileSync(file, 'utf8').trimEnd().split('\n');
  expect(() => whole.map((line) => JSON.parse(line))).not.toThrow();
  expect(whole.at(-1)).toContain('process.stopping');
});
