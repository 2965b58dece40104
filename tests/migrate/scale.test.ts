import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliProject, createCliProject, result } from '../helpers/cli-project.ts';
import { createProject, type MigrationProject, writeFolder } from '../helpers/migrations.ts';

const REVISIONS = 500;
/** The processor's milliseconds, since on a busy machine the clock says nothing about the command. */
const REPORT_WORK = `process.on('exit', () => { const { user, system } = process.cpuUsage(); console.error((user + system) / 1000) })`;

describe('five hundred revisions', () => {
  let project: MigrationProject;
  let cli: CliProject;

  beforeAll(async () => {
    project = await createProject();
    cli = createCliProject({ url: project.url, migrations: false });
    cli.env.NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(REPORT_WORK)}`;
    const directory = join(cli.root, 'migrations/versions');
    mkdirSync(directory, { recursive: true });
    for (let n = 0; n < REVISIONS; n++) {
      const table = `create table t${n} (id int primary key, name text not null, at timestamptz default now());`;
      const upgrade = `${table}\n\ncreate index t${n}_name on t${n} (name);\n\nalter table t${n} add column more jsonb;`;
      writeFolder(directory, {
        id: `r${n}`,
        down: n === 0 ? '' : `r${n - 1}`,
        upgrade,
        downgrade: `drop table t${n};`,
      });
    }
  });

  afterAll(async () => {
    cli.end();
    await project.end();
  });

  it('cost three ways to the server and back each: the time of the rest is bench:migrations’ to tell', async () => {
    let ways = 0;
    const connect = async (): Promise<pg.Client> => {
      const client = await project.connect();
      const query = client.query;
      client.query = ((...args: unknown[]) => {
        ways++;
        return Reflect.apply(query, client, args);
      }) as typeof client.query;
      return client;
    };
    const directory = join(cli.root, 'migrations/versions');
    const steps = await project.migrator({ directory, connect }).upgrade('head');
    expect(steps).toHaveLength(REVISIONS);
    expect(ways / REVISIONS).toBeLessThan(3.1);
  });

  it('are listed and placed within half a second of work', async () => {
    for (const verb of ['history', 'current']) {
      const { stdout, stderr } = await result(cli.start(verb));
      expect(stdout).toContain(`r${REVISIONS - 1}`);
      expect(Number(stderr), `back ${verb}`).toBeLessThan(500);
    }
  });

  it('are linted within two and a half seconds of work', async () => {
    const { stdout, stderr } = await result(cli.start('lint'));
    expect(stdout).toMatch(/No open dangers\n$/);
    expect(Number(stderr)).toBeLessThan(2500);
  });
});
