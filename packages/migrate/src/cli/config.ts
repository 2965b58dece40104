import { existsSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { connectTo } from '../connection.ts';
import { MigrationError } from '../errors.ts';
import type { MigratorOptions } from '../migrator.ts';

const NAMES = ['ts', 'mts', 'js', 'mjs'].map((extension) => `pg-revisions.config.${extension}`);
/** What a bundler tries for `./schema`, and for a `./schema.js` that is written in TypeScript. */
const TRIES: readonly ((specifier: string) => string)[] = [
  (specifier) => `${specifier}.ts`,
  (specifier) => `${specifier}/index.ts`,
  (specifier) => specifier.replace(/\.js$/, '.ts'),
];

/** The options that the configuration of a project exports by default; its database is `DATABASE_URL` unless it says another. */
export async function loadConfig(file?: string): Promise<MigratorOptions> {
  const path = resolve(file ?? NAMES.find((name) => existsSync(name)) ?? '');
  if (file === undefined && !NAMES.some((name) => existsSync(name)))
    throw new MigrationError(`There is no ${NAMES[0]} in this folder; write one, or name another file with --config`);
  if (!existsSync(path)) throw new MigrationError(`There is no file ${path}`);
  importLikeABundler();
  const { default: options } = await import(pathToFileURL(path).href);
  if (typeof options?.directory !== 'string')
    throw new MigrationError(`${path} exports no options by default: export default { directory: 'migrations', … }`);
  if (options.url !== undefined || options.connect !== undefined) return options;
  return { ...options, connect: () => connectTo(urlOfEnvironment()) };
}

function urlOfEnvironment(): string {
  const url = process.env.DATABASE_URL;
  if (url) return url;
  throw new MigrationError('There is no database to connect to: set DATABASE_URL, or url in the configuration');
}

/** Models are often written for a bundler, which finds files without their extension; Node alone does not. */
function importLikeABundler(): void {
  registerHooks({
    resolve: (specifier, context, next) => {
      try {
        return next(specifier, context);
      } catch (error) {
        if (!specifier.startsWith('.')) throw error;
        for (const attempt of TRIES) {
          try {
            return next(attempt(specifier), context);
          } catch {
            // The first error says what was written.
          }
        }
        throw error;
      }
    },
  });
}
