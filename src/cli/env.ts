import type { Command } from 'commander';
import { formatBudget, processBudget } from '../app/budget.ts';
import { loadConfig, readEnvironment, SETTINGS } from '../app/config.ts';
import { maskConnectionString } from '../app/utils/connection-string.ts';
import { Secret } from '../app/utils/secret.ts';

/** `back env`: the effective configuration, secrets masked. */
export function registerEnv(program: Command): void {
  program
    .command('env')
    .description('print the effective configuration, secrets masked')
    .option('--json', 'as one JSON object')
    .action(({ json }: { json?: boolean }) => {
      const environment = readEnvironment();
      const config: Record<string, unknown> = loadConfig(environment);
      const rows = Object.keys(SETTINGS).map((name) => [name, print(name, config[name.toLowerCase()])] as const);
      if (json) return console.log(JSON.stringify(Object.fromEntries(rows), null, 2));
      for (const [name, value] of rows)
        console.log(`${name}=${value}${environment[name]?.trim() ? '' : '  # default'}`);
      console.log('\n# Budget of one process, from the settings and this machine');
      for (const line of formatBudget(processBudget(loadConfig(environment)))) console.log(`# ${line}`);
    });
}

function print(name: string, value: unknown): string {
  if (value instanceof Secret) return masked(name, value.reveal());
  if (value === undefined) return '';
  return Array.isArray(value) ? value.join(',') : String(value);
}

/** Only the passwords of a URL are masked, so that a reader sees its target; an empty value is no secret. */
function masked(name: string, secret: unknown): string {
  if (typeof secret === 'object' && secret !== null && Object.keys(secret).length === 0) return '';
  if (typeof secret !== 'string' || !name.endsWith('_URL')) return '[secret]';
  return maskConnectionString(secret, '[secret]');
}
