import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createCliProject } from '../helpers/cli-project.ts';
import { createProject } from '../helpers/migrations.ts';

/** util-linux's `script` gives a program a terminal. */
const hasTerminal = spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') ?? false;
const title = 'back revision --autogenerate asks at a terminal where a new name comes from';

it.skipIf(!hasTerminal)(hasTerminal ? title : `${title} (skipped: script is not installed)`, async () => {
  const database = await createProject();
  onTestFinished(database.end);
  const cli = createCliProject({ url: database.url });
  onTestFinished(cli.end);
  const model = join(cli.root, 'src/app/models/auth/users.ts');
  const text = readFileSync(model, 'utf8');
  writeFileSync(model, text.replace('name: text()', `name: text('full_name')`));

  const command = `'${process.execPath}' '${join(cli.root, 'src/cli/main.ts')}' revision --autogenerate --head kit@head -m 'a full name'`;
  const child = spawn('script', ['-qec', command, '/dev/null'], { cwd: cli.root, env: cli.env });
  let output = '';
  let hasAnswered = false;
  for await (const chunk of child.stdout) {
    output += chunk;
    if (!hasAnswered && output.includes('0–1: ')) hasAnswered = child.stdin.write('1\n');
    if (/Wrote /.test(output)) break;
  }
  child.stdin.end();
  await once(child, 'exit');
  expect(output).toContain('Where does column users.full_name come from?');
  expect(output).toContain('1  it is users.name with a new name');
  const [head] = JSON.parse((await cli.back('heads', '--json')).stdout);
  expect(readFileSync(join(head.path, 'upgrade.sql'), 'utf8')).toContain(
    'ALTER TABLE "users" RENAME COLUMN "name" TO "full_name";',
  );
});
