import type { Command } from 'commander';
import { loadConfig, readEnvironment } from '../app/config.ts';
import { seeds } from '../app/product/seeds.ts';
import { inAppContext } from './context.ts';
import { CommandError } from './ui/errors.ts';

/** `back seed`: the rows of a development database, which src/app/product/seeds.ts writes. */
export function registerSeed(program: Command): void {
  program
    .command('seed')
    .description('write the rows of a development database; it may run again')
    .argument('[names...]', `of ${Object.keys(seeds).join(', ') || 'no seeds yet'}; all if none is given`)
    .option('--in-production', 'write them although ENVIRONMENT is production')
    .action(async (names: string[], { inProduction }: { inProduction?: true }) => {
      const unknown = names.find((name) => !Object.hasOwn(seeds, name));
      if (unknown !== undefined)
        throw new CommandError(`There is no seed ${unknown}, only ${Object.keys(seeds).join(', ')}`);
      const config = loadConfig(readEnvironment());
      if (config.environment === 'production' && !inProduction)
        throw new CommandError('ENVIRONMENT is production: seeds are for development, or say --in-production');
      await inAppContext(config, async (ctx) => {
        for (const [name, write] of Object.entries(seeds)) {
          if (names.length > 0 && !names.includes(name)) continue;
          await write(ctx);
          console.log(`Seeded ${name}`);
        }
      });
    });
}
