import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const GRAMMAR = join(import.meta.dirname, '../../packages/migrate/src/sql/grammar.ts');
/** V8 takes 500 MB more to optimize the parser's largest function. */
const AT_MOST_MB = 250;

it('the parser is not optimized beside the work, which would take half a gigabyte', () => {
  const program = `
    const { loadGrammar } = await import(${JSON.stringify(GRAMMAR)});
    const { parse } = await loadGrammar();
    const sql = "create table a (b int primary key, c text default now()::text, check (c <> '')); create index i on a (c) where b > 3;";
    for (let n = 0; n < 200; n++) parse(sql.repeat(10));
    // Until no thread works beside this one any more.
    for (let used_us = Infinity; used_us > 25_000; ) {
      const before = process.cpuUsage();
      await new Promise((resolve) => setTimeout(resolve, 500));
      const { user, system } = process.cpuUsage(before);
      used_us = user + system;
    }
    console.log(process.resourceUsage().maxRSS / 1024);
  `;
  const peak_mb = execFileSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8' });
  expect(Number(peak_mb)).toBeLessThan(AT_MOST_MB);
});
