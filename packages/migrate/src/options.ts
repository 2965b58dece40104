import type pg from 'pg';
import type { DeclaredObjects } from './autogenerate/objects.ts';
import { connectTo } from './connection.ts';
import type { Project } from './project.ts';

/** The database, as a URL or as a function that opens a connection; the migrator ends each connection itself. */
type Database = { url: string; connect?: never } | { connect: () => Promise<pg.Client>; url?: never };

/** What a migrator is made from. */
export type MigratorOptions = Database & {
  /** The folder that holds a folder for each revision. */
  directory: string;
  /** Where unqualified names and the version tables live; `public` by default. */
  schema?: string;
  /** The table that keeps checksums and progress beside `alembic_version`; `applied_revisions` by default. */
  recordsTable?: string;
  /**
   * The exports of the modules that declare tables, enums, views … A function is called only by what compares: with
   * `() => import('./schema.ts')` the other commands do not load drizzle.
   */
  models?: Lazy<Record<string, unknown>>;
  /** The folder of the modules that declare models: what one of them exports and `models` lacks is refused by what compares. */
  modelsDirectory?: string;
  /**
   * A folder whose other modules are looked through for declarations of models, the tables that stand in no module of `modelsDirectory`.
   * A module that has one is loaded, and what it exports is held to the same.
   */
  sourcesDirectory?: string;
  /** What drizzle cannot describe (triggers, functions, covering indexes …), as SQL. */
  objects?: Lazy<DeclaredObjects>;
  /**
   * The labels of branches that come from elsewhere, such as a template or a package. Their tables are in `models` too, but new
   * revisions do not extend these branches: they begin or extend a branch of your own, which depends on them.
   */
  upstream?: readonly string[];
  /** What a person types before a verb, for messages that say what to do; `npx pg-revisions` by default. */
  command?: string;
} & Partial<Pick<Project, 'onStep' | 'onWait'>>;

type Lazy<T> = T | (() => T | Promise<T>);

/** What the configuration of the command exports by default; its database is `DATABASE_URL` unless it names one. */
export type Config = Omit<MigratorOptions, 'url' | 'connect'> & Partial<Pick<MigratorOptions, 'url' | 'connect'>>;

/** The options with what was left out filled in. */
export function projectOf({
  url,
  connect,
  models = {},
  modelsDirectory,
  sourcesDirectory,
  objects = {},
  ...options
}: MigratorOptions): Project {
  return {
    schema: 'public',
    recordsTable: 'applied_revisions',
    upstream: [],
    command: 'npx pg-revisions',
    ...options,
    connect: connect ?? (() => connectTo(url)),
    models: async () => {
      const known = typeof models === 'function' ? await models() : models;
      if (modelsDirectory !== undefined || sourcesDirectory !== undefined)
        await (await import('./autogenerate/registered.ts')).refuseLeftOut(known, {
          modelsDirectory,
          sourcesDirectory,
        });
      return known;
    },
    objects: async () => (typeof objects === 'function' ? objects() : objects),
  };
}
