import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliProject, createCliProject, result } from '../helpers/cli-project.ts';
import { createProject, type MigrationProject, writeFolder } from '../helpers/migrations.ts';

const REVISIONS = 500;
/** The processor's milliseconds, since on a busy machine the clock says nothing about the command. */
const REPORT_WORK = `process.on('exit', () => { const { user, system } = process.cpuUsage(); console.error((user + system) / 1000) })`;

const directoryOf = ({ root }: CliProject): string => join(root, 'migrations/versions');

describe('five hundred revisions', () => {
  let project: MigrationProject;
  let few: CliProject;
  let many: CliProject;

  beforeAll(async () => {
    project = await createProject();
    few = projectWith(REVISIONS / 5);
    many = projectWith(REVISIONS);
  });

  function projectWith(revisions: number): CliProject {
    const cli = createCliProject({ url: project.url, migrations: false });
    cli.env.NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(REPORT_WORK)}`;
    const directory = directoryOf(cli);
    mkdirSync(directory, { recursive: true });
    for (let n = 0; n < revisions; n++) {
      const table = `create table t${n} (id int primary key, name text not null, at timestamptz default now());`;
      const upgrade = `${table}\n\ncreate index t${n}_name on t${n} (name);\n\nalter table t${n} add column more jsonb;`;
      writeFolder(directory, {
        id: `r${n}`,
        down: n === 0 ? '' : `r${n - 1}`,
        upgrade,
        downgrade: `drop table t${n};`,
      });
    }
    return cli;
  }

  afterAll(async () => {
    few.end();
    many.end();
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
    const steps = await project.migrator({ directory: directoryOf(many), connect }).upgrade('head');
    expect(steps).toHaveLength(REVISIONS);
    expect(ways / REVISIONS).toBeLessThan(3.1);
  });

  it.each([
    ['history', `r${REVISIONS - 1}`],
    ['heads', `r${REVISIONS - 1}`],
    ['lint', 'No open dangers'],
  ])('are no more than five times the work of a hundred for %s', async (verb, said) => {
    const work = async (cli: CliProject): Promise<number> => {
      const runs: number[] = [];
      for (let run = 0; run < 2; run++) {
        const { stdout, stderr } = await result(cli.start(verb));
        if (cli === many) expect(stdout).toContain(said);
        runs.push(Number(stderr));
      }
      return Math.min(...runs);
    };
    // What the program needs to start is in both, so that work which grows with the square of their number is more.
    expect(await work(many)).toBeLessThan(5 * (await work(few)));
  });
});
