import type { Adoption } from './commands/adopt.ts';
import type { Difference } from './commands/check.ts';
import type { JudgedUpgrade } from './commands/lint.ts';
import { branches, heads, history, type ListedRevision, show } from './commands/listing.ts';
import type { RevisionRequest, WrittenRevision } from './commands/revision.ts';
import type { Finding, LintedScript, LockedStatement } from './lint/finding.ts';
import type { RefusedText } from './lint/revision.ts';
import { type MigratorOptions, projectOf } from './options.ts';
import type { Step } from './runtime/run.ts';
import { type CurrentState, currentState, pendingIds, readGraph } from './runtime/state.ts';
import type { Queryable } from './runtime/versions.ts';
import type { Graph } from './script/graph.ts';
import type { Direction, Revision } from './script/revisions.ts';

export type { NameAnswers, OpenQuestion } from './autogenerate/names.ts';
export type { Difference } from './commands/check.ts';
export type { JudgedUpgrade } from './commands/lint.ts';
export type { ListedRevision } from './commands/listing.ts';
export type { RevisionRequest, WrittenRevision } from './commands/revision.ts';
export type { Finding, LintedScript, LockedStatement } from './lint/finding.ts';
export type { RefusedText } from './lint/revision.ts';
export type { Config, MigratorOptions } from './options.ts';

/** Alembic's commands on a folder of SQL revisions. Each reads the folder anew; nothing connects before one needs it. */
export interface Migrator {
  /** Applies revisions up to `head`, `heads`, `+n` or a revision; returns the steps that this call did itself. */
  upgrade: (target: string) => Promise<Step[]>;
  /** Reverts revisions down to `base`, `-n` or a revision, which itself stays. */
  downgrade: (target: string) => Promise<Step[]>;
  /** The revisions that either would run. */
  plan: (direction: Direction, target: string) => Promise<Revision[]>;
  /** The script that psql runs instead, made without a database. */
  script: (direction: Direction, target: string) => Promise<string>;
  /** The revisions of that script. */
  scriptPlan: (direction: Direction, target: string) => Promise<Revision[]>;
  /** Where the database stands. */
  current: () => Promise<CurrentState>;
  /** Every revision or a range `A:B` of them, of one branch if it is named, newest first. */
  history: (range?: string, options?: { branch?: string | undefined }) => Promise<ListedRevision[]>;
  heads: () => ListedRevision[];
  /** The revisions that several others follow. */
  branches: () => (ListedRevision & { followers: string[] })[];
  show: (target: string) => ListedRevision[];
  /** Writes a new revision; `undefined` if nothing changed. */
  revision: (request: RevisionRequest) => Promise<WrittenRevision | undefined>;
  /** Writes a revision that joins branches. */
  merge: (targets: readonly string[], options: { message: string; prefer?: string | undefined }) => Promise<Revision>;
  /** Says that the database is at revisions without running anything; returns them. */
  stamp: (targets: string | readonly string[], options?: { purge?: boolean }) => Promise<string[]>;
  /** Takes over a database that another tool has migrated; `folder` is one that drizzle-kit wrote. */
  adopt: (options?: { folder?: string | undefined }) => Promise<Adoption>;
  /** Makes the version tables if they are missing. */
  ensureVersion: () => Promise<void>;
  /** What differs between models, migrations and the live database. */
  check: () => Promise<Difference[]>;
  /** True if the parser is installed that linting needs. */
  canLint: () => Promise<boolean>;
  /** The dangers of the given revisions, of all without any. */
  lint: (ids?: readonly string[]) => Promise<Finding[]>;
  /** The dangers and locks of a text as if it were the next revision; the file is a name for it. */
  lintText: (file: string, text: string) => Promise<LintedScript>;
  /** The dangers of the given revisions and what PostgreSQL's grammar refuses of their upgrades, in one reading; nothing without the parser. */
  judgeUpgrade: (ids: readonly string[]) => Promise<JudgedUpgrade>;
  /** What PostgreSQL's grammar refuses in the files that would run, before a database sees them; nothing without the parser. */
  refused: (direction: Direction, ids: readonly string[]) => Promise<RefusedText[]>;
  /** The locks that the given revisions take on tables that are in use. */
  locks: (ids?: readonly string[]) => Promise<LockedStatement[]>;
  /** The ids that the database lacks, oldest first: one query; the files are read once, since a running program does not change. */
  pending: (db: Queryable) => Promise<string[]>;
}

/**
 * Puts a migrator together. Nothing is read, loaded or connected before a command needs it.
 *
 * @example
 * const migrator = createMigrator({
 *   url: 'postgres://localhost/shop',
 *   directory: 'migrations',
 *   models: () => import('./schema.ts'),
 * });
 * for (const { revision, duration_ms } of await migrator.upgrade('head')) console.log(revision.id, duration_ms);
 */
export function createMigrator(options: MigratorOptions): Migrator {
  const project = projectOf(options);
  let onDisk: Graph | undefined;
  // A server asks only what is pending: what a command needs beyond that is loaded when it comes.
  const apply = () => import('./commands/apply.ts');
  const linting = () => import('./commands/lint.ts');
  const writing = () => import('./commands/revision.ts');
  return {
    upgrade: async (target) => (await apply()).run(project, 'upgrade', target),
    downgrade: async (target) => (await apply()).run(project, 'downgrade', target),
    plan: async (direction, target) => (await apply()).plan(project, direction, target),
    script: async (direction, target) =>
      (await import('./commands/offline.ts')).offlineScript(project, direction, target),
    scriptPlan: async (direction, target) =>
      (await import('./commands/offline.ts')).offlinePlan(project, direction, target),
    current: () => currentState(project),
    history: (range, settings) => history(project, range, settings),
    heads: () => heads(project),
    branches: () => branches(project),
    show: (target) => show(project, target),
    revision: async (request) => (await writing()).createRevision(project, request),
    merge: async (targets, request) => (await writing()).mergeRevisions(project, targets, request),
    stamp: async (targets, settings) => (await apply()).stamp(project, [targets].flat(), settings),
    adopt: async (settings) => (await import('./commands/adopt.ts')).adopt(project, settings),
    ensureVersion: async () => (await apply()).ensureVersion(project),
    check: async () => (await import('./commands/check.ts')).check(project),
    canLint: async () => (await (await import('./sql/grammar.ts')).findGrammar()) !== undefined,
    lint: async (ids) => (await (await linting()).lintRevisions(project, ids)).flatMap(({ findings }) => findings),
    lintText: async (file, text) => (await linting()).lintText(project, file, text),
    judgeUpgrade: async (ids) => (await linting()).judgeUpgrade(project, ids),
    refused: async (direction, ids) => (await linting()).refusedOf(project, direction, ids),
    locks: async (ids) => (await (await linting()).lintRevisions(project, ids)).flatMap(({ locks }) => locks),
    pending: (db) => {
      onDisk ??= readGraph(project);
      return pendingIds(db, project, onDisk);
    },
  };
}
