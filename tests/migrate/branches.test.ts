import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getTableName, isTable } from 'drizzle-orm';
import { integer, type PgTable, type PgView, pgTable, pgView, text } from 'drizzle-orm/pg-core';
import type { Migrator, MigratorOptions } from 'pg-revisions';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makersOf } from '../../packages/migrate/src/autogenerate/owners.ts';
import { isUpstream } from '../../packages/migrate/src/script/branches.ts';
import { createGraph } from '../../packages/migrate/src/script/graph.ts';
import { readRevisions } from '../../packages/migrate/src/script/revisions.ts';
import { MIGRATIONS } from '../../src/app/database/revisions-directory.ts';
import { models as kitModels } from '../../src/app/models/index.ts';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';
import { dumpSchema } from '../helpers/schema-dump.ts';

type Models = Record<string, PgTable | PgView>;
type DeclaredObject = { create: string; drop: string };

let project: MigrationProject;

beforeAll(async () => {
  project = await createProject();
});
beforeEach(() => project.reset());
afterAll(() => project.end());

const users = pgTable('users', { id: integer().primaryKey(), name: text() });
const items = pgTable('items', { id: integer().primaryKey(), user_id: integer().references(() => users.id) });
const nextUsers = pgTable('users', { id: integer().primaryKey(), name: text(), phone: text() });
const keys = pgTable('keys', { id: integer().primaryKey(), user_id: integer().references(() => nextUsers.id) });
const notes = pgTable('notes', { id: integer().primaryKey(), user_id: integer().references(() => users.id) });
const tags = pgTable('tags', { id: integer().primaryKey(), note_id: integer().references(() => notes.id) });

function migrator(models: Models, options: Partial<Omit<MigratorOptions, 'url'>> = {}): Migrator {
  return project.migrator({ models, upstream: ['kit'], ...options });
}

/** The kit's repository: its first version, or also its next one in two revisions. Returns the folder. */
async function kitRepository(version: 1 | 2): Promise<string> {
  const directory = join(project.directory, '../', `kit-${version}-${project.directory.split('-').at(-1)}`);
  if (version === 1) {
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory);
    const first = migrator({ users }, { directory });
    await first.revision({ message: 'users', autogenerate: true, rev_id: 'aaaa0001', branch_labels: ['kit'] });
    const second = migrator({ users, items }, { directory });
    await second.revision({ message: 'items', autogenerate: true, rev_id: 'aaaa0002', head: 'kit@head' });
    return directory;
  }
  rmSync(directory, { recursive: true, force: true });
  cpSync(await kitRepository(1), directory, { recursive: true });
  const third = migrator({ users: nextUsers, items }, { directory });
  await third.revision({ message: 'phone', autogenerate: true, rev_id: 'aaaa0003', head: 'kit@head' });
  const fourth = migrator({ users: nextUsers, items, keys }, { directory });
  await fourth.revision({ message: 'keys', autogenerate: true, rev_id: 'aaaa0004', head: 'kit@head' });
  return directory;
}

/** What a merge of the kit's new version brings into a clone: its folders. */
async function take(version: 1 | 2): Promise<void> {
  cpSync(await kitRepository(version), project.directory, { recursive: true });
}

function headerOf(id: string): string {
  const folder = readdirSync(project.directory).find((name) => name.includes(id)) ?? '';
  return readFileSync(join(project.directory, folder, 'upgrade.sql'), 'utf8').split('\n\n')[0] ?? '';
}

/** A clone of the kit's first version, without items, with notes of its own. */
async function clone(): Promise<Models> {
  await take(1);
  const own = migrator({ users, items, notes });
  const written = await own.revision({
    message: 'notes',
    autogenerate: true,
    rev_id: 'bbbb0001',
    branch_labels: ['app'],
  });
  expect(written).toMatchObject({ down_revisions: [], depends_on: ['aaaa0002'] });
  const without = await migrator({ users, notes }).revision({
    message: 'no items',
    autogenerate: true,
    rev_id: 'bbbb0002',
  });
  expect(without).toMatchObject({ down_revisions: ['bbbb0001'], depends_on: [] });
  return { users, notes };
}

const versions = async (): Promise<string[]> =>
  (await project.sql<{ version_num: string }>('select version_num from alembic_version order by 1')).map(
    ({ version_num }) => version_num,
  );

describe('a clone with tables of its own', () => {
  it('takes the kit’s next version without a merge, in either order of deployment, and goes back', async () => {
    await clone();
    const before = migrator({ users, notes });
    await before.upgrade('head');
    expect(await before.check()).toEqual([]);
    expect(await versions()).toEqual(['bbbb0002']);
    await take(2);
    const next = migrator({ users: nextUsers, notes, keys });
    expect((await next.upgrade('heads')).map(({ revision }) => revision.id)).toEqual(['aaaa0003', 'aaaa0004']);
    expect(await next.check()).toEqual([]);
    expect(await versions()).toEqual(['aaaa0004', 'bbbb0002']);
    const oneOrder = await dumpSchema(await project.connect());

    await next.downgrade('base');
    await next.upgrade('kit@head');
    expect(await versions()).toEqual(['aaaa0004']);
    await next.upgrade('heads');
    expect(await versions()).toEqual(['aaaa0004', 'bbbb0002']);
    expect(await next.check()).toEqual([]);
    expect(await dumpSchema(await project.connect())).toEqual(oneOrder);

    await next.downgrade('kit@-2');
    expect(await versions()).toEqual(['bbbb0002']);
    expect((await next.check()).map(({ what }) => what)).toEqual([
      'revision aaaa0003 is not applied',
      'revision aaaa0004 is not applied',
    ]);
    await next.upgrade('head');
    expect(await versions()).toEqual(['aaaa0004', 'bbbb0002']);
  });

  it('writes its next revision on its own branch, against what both branches have made', async () => {
    await clone();
    await take(2);
    const next = migrator({ users: nextUsers, notes, keys, tags });
    const written = await next.revision({ message: 'tags', autogenerate: true, rev_id: 'bbbb0003' });
    expect(written).toMatchObject({ down_revisions: ['bbbb0002'], depends_on: ['aaaa0004'] });
    expect(headerOf('bbbb0003')).toContain('-- Revises: bbbb0002\n-- Depends On: aaaa0004\n');
    await next.upgrade('head');
    expect(await versions()).toEqual(['bbbb0003']);
    expect(await next.check()).toEqual([]);
    await next.downgrade('app@-1');
    expect(await versions()).toEqual(['aaaa0004', 'bbbb0002']);
  });

  it('changes a table of the kit on its own branch', async () => {
    await clone();
    const wider = pgTable('users', { id: integer().primaryKey(), name: text(), nickname: text() });
    const changed = migrator({ users: wider, notes });
    const written = await changed.revision({ message: 'nickname', autogenerate: true, rev_id: 'bbbb0003' });
    expect(written).toMatchObject({ down_revisions: ['bbbb0002'] });
    await changed.upgrade('head');
    expect(await changed.check()).toEqual([]);
  });

  it('steps down its own branch, and never the kit’s by a bare -N', async () => {
    const models = await clone();
    await take(2);
    const next = migrator(models);
    await next.upgrade('heads');
    expect((await next.downgrade('-1')).map(({ revision }) => revision.id)).toEqual(['bbbb0002']);
    expect((await next.downgrade('-1')).map(({ revision }) => revision.id)).toEqual(['bbbb0001']);
    await expect(next.downgrade('-1')).rejects.toThrow(
      'Only 0 revisions are applied, fewer than -1; the branch kit goes down with kit@-1',
    );
    expect(await versions()).toEqual(['aaaa0004']);
  });

  it('reverts its own revisions before those of the kit that they depend on', async () => {
    const models = await clone();
    const all = migrator(models);
    await all.upgrade('head');
    expect((await all.downgrade('kit@-1')).map(({ revision }) => revision.id)).toEqual([
      'bbbb0002',
      'bbbb0001',
      'aaaa0002',
    ]);
    expect(await versions()).toEqual(['aaaa0001']);
    await all.upgrade('head');
    expect((await all.downgrade('app@base')).map(({ revision }) => revision.id)).toEqual(['bbbb0002', 'bbbb0001']);
    expect(await versions()).toEqual(['aaaa0002']);
  });

  it('that wrote its revisions after the kit’s in one line edits one header, and its database stays where it is', async () => {
    await take(1);
    const models = { users, items, notes };
    const line = migrator(models, { upstream: [] });
    const written = await line.revision({ message: 'notes', autogenerate: true, rev_id: 'bbbb0001' });
    expect(written).toMatchObject({ down_revisions: ['aaaa0002'] });
    await line.upgrade('head');
    const file = join(written?.path ?? '', 'upgrade.sql');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('-- Revises: aaaa0002', '-- Revises:\n-- Depends On: aaaa0002'));
    expect(await migrator(models).check()).toEqual([]);
    await take(2);
    const next = migrator({ users: nextUsers, items, notes, keys });
    expect((await next.upgrade('head')).map(({ revision }) => revision.id)).toEqual(['aaaa0003', 'aaaa0004']);
    expect(await next.check()).toEqual([]);
  });

  it('prints the same as a script, which psql runs from an empty database', async () => {
    await clone();
    await take(2);
    const next = migrator({ users: nextUsers, notes, keys });
    const script = await next.script('upgrade', 'head');
    for (const part of script.split(/^commit;$/m).slice(0, -1)) await project.sql(`${part}commit;`);
    expect(await versions()).toEqual(['aaaa0004', 'bbbb0002']);
    expect(await next.check()).toEqual([]);
  });

  it('lists each branch alone', async () => {
    const all = migrator(await clone());
    const ids = async (branch: string): Promise<string[]> =>
      (await all.history(undefined, { branch })).map(({ id }) => id);
    expect(await ids('kit')).toEqual(['aaaa0002', 'aaaa0001']);
    expect(await ids('app')).toEqual(['bbbb0002', 'bbbb0001']);
  });

  it('is not merged with the kit', async () => {
    const all = migrator(await clone());
    await expect(all.merge(['aaaa0002', 'bbbb0002'], { message: 'merge' })).rejects.toThrow('is never merged');
    await expect(all.merge(['heads'], { message: 'merge' })).rejects.toThrow('There is nothing to merge');
    expect(readdirSync(project.directory)).toHaveLength(4);
  });
});

describe('the kit’s own repository', () => {
  it('asks for the branch before a table of the kit changes', async () => {
    await take(1);
    const changed = migrator({ users: nextUsers, items });
    await expect(changed.revision({ message: 'phone', autogenerate: true })).rejects.toThrow(
      'users belongs to the branch kit, which comes from elsewhere. Write the change on a branch of your own with --head base; if you keep kit yourself, on it with --head kit@head',
    );
    expect(readdirSync(project.directory)).toHaveLength(2);
  });

  it('makes every table of auth/ and system/ on the branch kit', async () => {
    const graph = createGraph(readRevisions(MIGRATIONS), { command: 'npx back', upstream: ['kit'] });
    const makers = makersOf(graph);
    const folders = ['auth', 'system'].map((room) => join(import.meta.dirname, '../../src/app/models', room));
    const files = folders.flatMap((folder) => readdirSync(folder).map((file) => join(folder, file)));
    const modules: object[] = await Promise.all(files.map((file) => import(file)));
    const tables = modules.flatMap((module) => Object.values(module)).filter((value) => isTable(value));
    expect(tables.length).toBeGreaterThan(5);
    const elsewhere = tables
      .map((table) => getTableName(table))
      .filter((name) => !isUpstream(graph, makers.get(name) ?? ''));
    expect(elsewhere, 'write it with: npx back revision --autogenerate --head kit@head').toEqual([]);
  });

  it('has every revision on the branch kit, and a database that ran them before there were branches is where it was', async () => {
    cpSync(MIGRATIONS, project.directory, { recursive: true });
    const files = readdirSync(project.directory).map((folder) => join(project.directory, folder, 'upgrade.sql'));
    const labelled = files.filter((file) => readFileSync(file, 'utf8').includes('-- Branch Labels: kit\n'));
    expect(labelled).toHaveLength(1);
    const [file = ''] = labelled;
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('-- Branch Labels: kit\n', ''));
    await project.migrator({ models: kitModels }).upgrade('head');
    const [before] = await Promise.all([versions()]);
    writeFileSync(file, text);
    const after = migrator(kitModels);
    expect(await after.upgrade('heads')).toEqual([]);
    expect(await versions()).toEqual(before);
    expect(await after.check()).toEqual([]);
  });
});

describe('branches of one’s own', () => {
  const invoices = pgTable('invoices', { id: integer().primaryKey() });
  const parcels = pgTable('parcels', { id: integer().primaryKey() });
  const paidInvoices = pgTable('invoices', { id: integer().primaryKey(), paid: integer() });
  const heavyParcels = pgTable('parcels', { id: integer().primaryKey(), grams: integer() });
  const own = (models: Models, objects: Record<string, DeclaredObject> = {}): Migrator =>
    migrator(models, { upstream: [], objects });

  beforeEach(async () => {
    const request = { autogenerate: true, head: 'base' };
    await own({ invoices }).revision({
      ...request,
      message: 'invoices',
      rev_id: 'aaaa0001',
      branch_labels: ['billing'],
    });
    await own({ invoices, parcels }).revision({
      ...request,
      message: 'parcels',
      rev_id: 'bbbb0001',
      branch_labels: ['shipping'],
    });
  });

  it('are told apart by the tables: a change goes to the branch that made its table', async () => {
    const written = await own({ invoices: paidInvoices, parcels }).revision({ message: 'paid', autogenerate: true });
    expect(written).toMatchObject({ down_revisions: ['aaaa0001'], depends_on: ['bbbb0001'] });
  });

  it('own the functions and views that were declared on them', async () => {
    const made = (name: string, result: number): DeclaredObject => ({
      create: `create function ${name}() returns int language sql as 'select ${result}'`,
      drop: `drop function ${name}()`,
    });
    const models = { invoices, parcels };
    const total = pgView('total').as((query) => query.select().from(invoices));
    const first = { due: made('due', 1) };
    await own(models, first).revision({ message: 'due', autogenerate: true, head: 'billing@head', rev_id: 'aaaa0002' });
    const viewed = own({ ...models, total }, first);
    await viewed.revision({ message: 'total', autogenerate: true, head: 'billing@head', rev_id: 'aaaa0003' });
    const second = { ...first, weight: made('weight', 1) };
    await own({ ...models, total }, second).revision({ message: 'weight', autogenerate: true, head: 'shipping@head' });

    const changed = own({ ...models, total }, { due: made('due', 2), weight: made('weight', 1) });
    const written = await changed.revision({ message: 'due again', autogenerate: true, rev_id: 'aaaa0004' });
    expect(written?.down_revisions).toEqual(['aaaa0003']);

    const both = own(models, { due: made('due', 3), weight: made('weight', 2) });
    await expect(both.revision({ message: 'both', autogenerate: true })).rejects.toThrow(
      'write each with its own --head:\n  --head billing@head  total, object due\n  --head shipping@head  object weight',
    );
    for (const label of ['billing', 'shipping'])
      await both.revision({ message: label, autogenerate: true, head: `${label}@head` });
    await both.upgrade('heads');
    expect(await project.sql('select due(), weight()')).toEqual([{ due: 3, weight: 2 }]);
    expect(await both.check()).toEqual([]);
    // The revision of shipping was written against that of billing, so it goes too.
    await both.downgrade('billing@-1');
    expect(await project.sql('select due(), weight()')).toEqual([{ due: 2, weight: 1 }]);
    await both.downgrade('base');
  });

  it('take one revision each for a change of tables of both', async () => {
    const both = own({ invoices: paidInvoices, parcels: heavyParcels });
    await expect(both.revision({ message: 'both', autogenerate: true })).rejects.toThrow(
      'write each with its own --head:\n  --head billing@head  invoices\n  --head shipping@head  parcels',
    );
    for (const label of ['billing', 'shipping'])
      await both.revision({ message: label, autogenerate: true, head: `${label}@head` });
    const sql = readdirSync(project.directory).map((name) =>
      readFileSync(join(project.directory, name, 'upgrade.sql'), 'utf8'),
    );
    expect(sql.filter((text) => text.includes('"paid"') && !text.includes('"grams"'))).toHaveLength(1);
    expect(sql.filter((text) => text.includes('"grams"') && !text.includes('"paid"'))).toHaveLength(1);
    await both.upgrade('heads');
    expect(await both.check()).toEqual([]);
  });

  it('have no one head: a target says which, or all', async () => {
    const all = own({ invoices, parcels });
    await expect(all.upgrade('head')).rejects.toThrow(
      'Each is a branch of its own: name one as LABEL@head, or all as heads',
    );
    await all.upgrade('billing@head');
    expect(await versions()).toEqual(['aaaa0001']);
    await all.upgrade('shipping@+1');
    expect(await versions()).toEqual(['bbbb0001']);
    await all.downgrade('shipping@base');
    expect(await versions()).toEqual(['aaaa0001']);
  });

  it('are judged with what the revisions have made that they depend on', async () => {
    await project.reset();
    project.write({
      id: 'aaaa0001',
      upgrade: 'create table users (name varchar(10));',
      downgrade: 'drop table users;',
    });
    const all = own({});
    const wider = await all.revision({ message: 'wider', head: 'base', rev_id: 'bbbb0001' });
    expect(wider).toMatchObject({ down_revisions: [], depends_on: ['aaaa0001'] });
    const file = join(wider?.path ?? '', 'upgrade.sql');
    writeFileSync(file, `${readFileSync(file, 'utf8')}\nalter table users alter column name type varchar(20);\n`);
    const rules = (await all.lint(['bbbb0001'])).map(({ rule }) => rule);
    expect(rules).not.toContain('type-change-rewrites');
  });

  it('depend on what --depends-on names, and refuse what is not there', async () => {
    const models = own({ invoices, parcels });
    const written = await models.revision({ message: 'by hand', head: 'shipping@head', depends_on: ['billing@head'] });
    expect(written).toMatchObject({ down_revisions: ['bbbb0001'], depends_on: ['aaaa0001'] });
    rmSync(join(project.directory, readdirSync(project.directory).find((name) => name.includes('aaaa0001')) ?? ''), {
      recursive: true,
    });
    await expect(models.current()).rejects.toThrow(/depends on aaaa0001, which is not among the files/);
  });
});
