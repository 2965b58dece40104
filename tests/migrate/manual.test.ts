import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RULES } from '../../packages/migrate/src/lint/rules.ts';
import { type CliProject, createCliProject } from '../helpers/cli-project.ts';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';
import { casesOf } from '../helpers/short-form.ts';

const MANUAL = readFileSync(join(import.meta.dirname, '../../docs/guides/migrations.md'), 'utf8');
const ADOPTING = '## Adopting a database';
const READING = ['current', 'history', 'heads', 'branches', 'show', 'check', 'lint'];
const CHANGING = ['upgrade', 'downgrade', 'revision', 'merge', 'stamp', 'edit', 'adopt', 'ensure-version'];
const VERBS = [...READING, ...CHANGING];

interface Block {
  language: string;
  text: string;
  isAdoption: boolean;
}

const blocks: Block[] = [...MANUAL.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(
  ({ 1: language = '', 2: text = '', index }) => ({
    language,
    text,
    isAdoption: isWithin(index, ADOPTING),
  }),
);
const commands = blocks.flatMap(({ language, text }) => (language === 'sh' ? text.trim().split('\n') : []));

describe('the manual', () => {
  let database: MigrationProject;
  let adopted: MigrationProject;
  let project: CliProject;
  let adopting: CliProject;

  beforeAll(async () => {
    database = await createProject();
    adopted = await createProject();
    project = createCliProject({ url: database.url });
    adopting = createCliProject({ url: adopted.url, migrations: false });
    await adopted.sql(
      `create table alembic_version (version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num));
       insert into alembic_version values ('ae1027a6acf2'); create table people (id serial primary key, name varchar(40) unique)`,
    );
  });

  afterAll(async () => {
    project.end();
    adopting.end();
    await database.end();
    await adopted.end();
  });

  it('says commands that work, from the first to the last', async () => {
    for (const { language, text, isAdoption } of blocks) {
      const cli = isAdoption ? adopting : project;
      if (language === 'ts') writeModel(cli.root, text);
      if (language !== 'sh') continue;
      for (const command of text.trim().split('\n')) {
        const { code, stdout, stderr } = await cli.shell(command);
        const expected = / # exits with 1: /.test(command) ? 1 : 0;
        expect({ command, code, ...(code !== expected && { stdout, stderr }) }).toEqual({ command, code: expected });
      }
    }
  }, 600_000);

  it('shows every migration command', async () => {
    for (const verb of VERBS) expect(commands.join('\n')).toMatch(new RegExp(`npx back ${verb}\\b`));
    for (const verb of casesOf(VERBS, 4))
      expect((await project.back(verb, '--help')).stdout).toContain(`Usage: back ${verb} `);
  });

  it('explains every rule of lint', () => {
    for (const name of Object.keys(RULES)) expect(MANUAL).toContain(`| \`${name}\``);
  });
});

function isWithin(position: number, heading: string): boolean {
  const start = MANUAL.indexOf(heading);
  const end = MANUAL.indexOf('\n## ', start + 1);
  return start !== -1 && position > start && position < end;
}

/** Writes a model's file as the manual shows it, and registers it where that is not done yet. */
function writeModel(root: string, text: string): void {
  const path = /^\/\/ (src\/app\/models\/(\w+)\.ts)\n/.exec(text);
  const [, file = '', name = ''] = path ?? [];
  writeFileSync(join(root, file), text);
  const registry = join(root, 'src/app/models/index.ts');
  const before = readFileSync(registry, 'utf8');
  if (before.includes(`'./${name}.ts'`)) return;
  const after = before.replace('export const models = {', `export const models = { ${name},`);
  expect(after).not.toBe(before);
  writeFileSync(registry, `import { ${name} } from './${name}.ts';\n${after}`);
}
