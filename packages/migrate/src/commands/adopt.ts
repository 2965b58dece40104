import { changeBetween, compareModels } from '../autogenerate/compare.ts';
import { driftOf } from '../autogenerate/drift.ts';
import { snapshotOf } from '../autogenerate/kit.ts';
import { paragraphs } from '../autogenerate/ordering.ts';
import type { Snapshot } from '../autogenerate/snapshot.ts';
import { MigrationError } from '../errors.ts';
import { connected, type Project } from '../project.ts';
import { readGraph } from '../runtime/state.ts';
import { readVersions } from '../runtime/versions.ts';
import { type NewRevision, type Revision, writeRevision } from '../script/revisions.ts';
import { goalOf } from '../script/targets.ts';
import { type KitMigration, readKitFolder } from './adopt/drizzle-folder.ts';
import { type Origin, originOf, undescribed } from './adopt/origin.ts';
import { stamp } from './apply.ts';
import { createRevision } from './revision.ts';

const UNREADABLE =
  "The last snapshot of the folder does not say the models' state in a form that is read here (drizzle-kit 0.x, or a rename)";

/** What `adopt` has done. */
export interface Adoption {
  /** Who has migrated the database until now. */
  from: Origin['tool'];
  written: Revision[];
  /** The revisions that the database is recorded at. */
  at: string[];
  /** What the database has and the first revision does not make: models cannot describe it. */
  leftOut: string[];
}

/**
 * Takes over a database that another tool has migrated: writes the revisions that lead to its state, if there are none yet, and
 * records where it is. Runs none of them. Throws a sentence, with nothing written, if the state cannot be represented.
 */
export async function adopt(project: Project, { folder }: { folder?: string | undefined } = {}): Promise<Adoption> {
  const [origin, drift, leftOut] = await connected(project, async (client) => {
    const known = await originOf(client, project.schema);
    await refuseAdopted(client, project);
    const { schema, recordsTable } = project;
    const state = { models: await project.models(), objects: await project.objects(), schema, recordsTable };
    return [known, await driftOf(client, state), await undescribed(client, project.schema)] as const;
  });
  const isFirst = readGraph(project).ordered.length === 0;
  if (folder !== undefined) return fromFolder(project, { migrations: readKitFolder(folder), origin, drift, isFirst });
  if (!isFirst) return another(project, origin, drift);
  const written = await createRevision(project, {
    message: origin.tool === 'nobody' ? 'the database as it was found' : `the database as ${origin.tool} left it`,
    autogenerate: true,
    // What models describe is written as they say it, so that the next comparison finds nothing.
    from_database: drift.length > 0,
    ...(origin.version !== undefined && { rev_id: origin.version }),
  });
  if (written === undefined)
    throw new MigrationError('The database is empty, and there are no models: nothing to adopt');
  return {
    from: origin.tool,
    written: [written],
    at: await stamp(project, [written.id], { purge: true }),
    // What is written from the database has them as SQL.
    leftOut: drift.length > 0 ? [] : await undeclared(project, leftOut),
  };
}

async function refuseAdopted(client: Parameters<typeof readVersions>[0], project: Project): Promise<void> {
  const graph = readGraph(project);
  const known = (await readVersions(client, project.schema)).filter((version) => graph.has(version));
  if (known.length > 0)
    throw new MigrationError(`The database is at ${known.join(', ')} already: there is nothing to adopt`);
}

async function undeclared(project: Project, found: readonly string[]): Promise<string[]> {
  const declared = Object.values(await project.objects()).map(({ create }) => create);
  return found.filter((what) => {
    const [, name = ''] = /^(?:[a-z]+ )+([^\s(]+)/.exec(what) ?? [];
    return !declared.some((create) => create.includes(name));
  });
}

/** A further database of a project that has its revisions already. */
async function another(project: Project, origin: Origin, drift: readonly string[]): Promise<Adoption> {
  if (drift.length > 0)
    throw new MigrationError(
      `The database is not what the models describe, so no revision says where it is; it would take:\n${drift.join('\n')}`,
    );
  const at = await stamp(project, goalOf(readGraph(project), 'head'), { purge: true });
  return { from: origin.tool, written: [], at, leftOut: [] };
}

async function fromFolder(
  project: Project,
  found: { migrations: readonly KitMigration[]; origin: Origin; drift: readonly string[]; isFirst: boolean },
): Promise<Adoption> {
  const { migrations, origin, drift, isFirst } = found;
  const ran = migrations.filter(({ hash }) => origin.hashes.includes(hash));
  const hasAll = ran.length === migrations.length;
  const unknown = origin.hashes.filter((hash) => !migrations.some((migration) => migration.hash === hash));
  if (unknown.length > 0)
    throw new MigrationError(
      `${unknown.length} of the migrations that drizzle-kit has run here are not in the folder, or were edited since: restore them first`,
    );
  const gap = migrations.findIndex(({ hash }) => !origin.hashes.includes(hash));
  if (!hasAll && gap < ran.length)
    throw new MigrationError(
      `The database lacks ${migrations[gap]?.name}, but has migrations that come after it: run drizzle-kit migrate first`,
    );
  const hasState = migrations.at(-1)?.ddl !== undefined;
  if (isFirst && !hasState && (!hasAll || drift.length > 0))
    throw new MigrationError(
      hasAll
        ? `${UNREADABLE}, and the models are not what the database has; it would take:\n${drift.join('\n')}`
        : `${UNREADABLE}: adopt a database that has every migration first (drizzle-kit migrate)`,
    );
  const written = isFirst ? await writeAll(project, migrations) : [];
  const last = ran.at(-1);
  const at = last === undefined ? [] : await stamp(project, [idOf(last)], { purge: true });
  return { from: 'drizzle-kit', written, at, leftOut: [] };
}

async function writeAll(project: Project, migrations: readonly KitMigration[]): Promise<Revision[]> {
  const empty = await snapshotOf({});
  let before: Snapshot | undefined = empty;
  const revisions: NewRevision[] = [];
  for (const [index, migration] of migrations.entries()) {
    const isLast = index === migrations.length - 1;
    const after: Snapshot | undefined = await stateAfter(project, { migration, isLast, empty });
    const previous = migrations[index - 1];
    revisions.push({
      id: idOf(migration),
      down_revisions: previous === undefined ? [] : [idOf(previous)],
      depends_on: [],
      branch_labels: [],
      message: migration.name.replaceAll('_', ' '),
      create_date: migration.create_date,
      upgrade: migration.sql,
      downgrade: before === undefined || after === undefined ? '' : await wayBack(before, after),
      ...(after !== undefined && { snapshot: after }),
    });
    before = after;
  }
  return revisions.map((revision) => writeRevision(project.directory, revision));
}

async function stateAfter(
  project: Project,
  { migration, isLast, empty }: { migration: KitMigration; isLast: boolean; empty: Snapshot },
): Promise<Snapshot | undefined> {
  if (migration.ddl !== undefined) return { ...empty, ddl: migration.ddl };
  if (!isLast) return undefined;
  const models = { models: await project.models(), objects: await project.objects() };
  const answers = { renamed: [], created: [] };
  return (await compareModels({ before: undefined, ...models, answers }))?.snapshot;
}

/** What drizzle-kit did not write, from the states around a migration; nothing if a name may have changed, since that is not known any more. */
async function wayBack(before: Snapshot, after: Snapshot): Promise<string> {
  try {
    return paragraphs((await changeBetween(before, after, { renamed: [], created: [] })).downgrade);
  } catch (error) {
    if (error instanceof MigrationError) return '';
    throw error;
  }
}

function idOf({ hash }: KitMigration): string {
  return hash.slice(0, 12);
}
