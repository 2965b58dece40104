import type { Command } from 'commander';
import { loadConfig, readEnvironment, SETTINGS } from '../app/config.ts';
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
      const rows = Object.keys(SETTINGS).map((name) => [name, print(config[name.toLowerCase()])] as const);
      if (json) return console.log(JSON.stringify(Object.fromEntries(rows), null, 2));
      for (const [name, value] of rows)
        console.log(`${name}=${value}${environment[name]?.trim() ? '' : '  # default'}`);
    });
}

function print(value: unknown): string {
  if (value instanceof Secret) return '[secret]';
  return Array.isArray(value) ? value.join(',') : String(value);
}
