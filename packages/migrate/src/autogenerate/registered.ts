import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { is, isTable } from 'drizzle-orm';
import {
  getMaterializedViewConfig,
  getTableConfig,
  getViewConfig,
  isPgEnum,
  isPgMaterializedView,
  isPgSchema,
  isPgSequence,
  isPgView,
  PgPolicy,
  PgRole,
  PgTable,
} from 'drizzle-orm/pg-core';
import { MigrationError } from '../errors.ts';
import { withUsed } from './collect.ts';

const MODULE = /(?<!\.d|\.test|\.spec)\.[mc]?[jt]s$/;

/** What a module that declares a model calls, by drizzle's names or as a method of a schema. */
const DECLARATION =
  /\bpg(?:Table|TableCreator|View|MaterializedView|Enum|Sequence|Schema|Policy|Role)\b|\.(?:table|view|materializedView|enum|sequence)\(\s*['"`]/;

/** Throws if a module of the folders exports a table, a view, a policy … that is not among the models: no revision would make it. */
export async function refuseLeftOut(
  models: Record<string, unknown>,
  { modelsDirectory, sourcesDirectory }: { modelsDirectory: string | undefined; sourcesDirectory: string | undefined },
): Promise<void> {
  const registered = new Set(Object.values(withUsed(models, undefined)));
  const policies = [...registered].flatMap((model) => (is(model, PgTable) ? getTableConfig(model).policies : []));
  for (const policy of policies) registered.add(policy);
  const declaring = modulesIn(sourcesDirectory).filter((file) => DECLARATION.test(readFileSync(file, 'utf8')));
  const leftOut: string[] = [];
  for (const file of new Set([...modulesIn(modelsDirectory), ...declaring])) {
    const exported: Record<string, unknown> = await import(pathToFileURL(file).href);
    for (const [key, value] of Object.entries(exported)) {
      const kind = kindOf(value);
      if (kind !== undefined && !registered.has(value))
        leftOut.push(`${relative(process.cwd(), file)} exports the ${kind} ${key}`);
    }
  }
  if (leftOut.length > 0)
    throw new MigrationError(`${leftOut.join('; ')}: not among the models. Register it there, or do not export it`);
}

function modulesIn(folder: string | undefined): string[] {
  if (folder === undefined) return [];
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const modules = names.filter((name) => MODULE.test(name) && !/(?:^|[\\/])node_modules[\\/]/.test(name));
  return modules.sort().map((name) => resolve(join(folder, name)));
}

/** What a model is that a revision would have to make; nothing for what the database has already. */
function kindOf(model: unknown): string | undefined {
  if (isTable(model)) return 'table';
  if (isPgView(model)) return getViewConfig(model).isExisting ? undefined : 'view';
  if (isPgMaterializedView(model)) return getMaterializedViewConfig(model).isExisting ? undefined : 'materialized view';
  if (isPgEnum(model)) return 'enum';
  if (isPgSequence(model)) return 'sequence';
  if (isPgSchema(model)) return model.isExisting ? undefined : 'schema';
  if (is(model, PgPolicy)) return 'policy';
  if (is(model, PgRole)) return Reflect.get(model, '_existing') === true ? undefined : 'role';
  return undefined;
}
