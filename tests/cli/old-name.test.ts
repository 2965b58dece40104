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
  const model = join(cli.root, 'src/app/models/items.ts');
  const text = readFileSync(model, 'utf8');
  writeFileSync(model, text.replace('title: text()', `title: text('heading')`));

  const command = `'${process.execPath}' '${join(cli.root, 'src/cli/main.ts')}' revision --autogenerate --head kit@head -m 'a heading'`;
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
  expect(output).toContain('Where does column items.heading come from?');
  expect(output).toContain('1  it is items.title with a new name');
  const [head] = JSON.parse((await cli.back('heads', '--json')).stdout);
  expect(readFileSync(join(head.path, 'upgrade.sql'), 'utf8')).toContain(
    'ALTER TABLE "items" RENAME COLUMN "title" TO "heading";',
  );
});
