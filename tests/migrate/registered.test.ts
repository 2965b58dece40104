import { sql } from 'drizzle-orm';
import {
  alias,
  foreignKey,
  integer,
  pgMaterializedView,
  pgPolicy,
  pgRole,
  pgSchema,
  pgTable,
  pgView,
} from 'drizzle-orm/pg-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';

let project: MigrationProject;

beforeAll(async () => {
  project = await createProject();
});
beforeEach(() => project.reset());
afterAll(() => project.end());

const id = integer().primaryKey();
const users = pgTable('users', { id });
const notes = pgTable('notes', { id, user_id: integer().references(() => users.id) });
const members = pgTable('members', { id, user_id: integer() }, (table) => [
  foreignKey({ name: 'members_to_users', columns: [table.user_id], foreignColumns: [users.id] }),
]);
const names = pgView('names').as((query) => query.select().from(users));
const reader = pgRole('reader');
const guarded = pgTable('guarded', { id }, () => [pgPolicy('reading', { to: ['public', reader] as never })]);
const auth = pgSchema('auth');

const NEEDING: readonly [string, Record<string, unknown>, string][] = [
  ['a foreign key', { notes }, 'foreign key notes.notes_user_id_users_id_fk refers to table users'],
  ['a foreign key with a name', { members }, 'foreign key members.members_to_users refers to table users'],
  ['a view', { names }, 'view names reads table users'],
  [
    'a view of a join under an alias',
    {
      notes: pgTable('notes', { id }),
      v: pgView('v').as((query) => {
        const other = alias(users, 'other');
        return query.select({ id: other.id }).from(notes).innerJoin(other, sql`true`);
      }),
    },
    'view v reads table users',
  ],
  [
    'a view of a view',
    { users, v: pgMaterializedView('v').as((query) => query.select().from(names)) },
    'view v reads view names',
  ],
  [
    'a view whose query is written as SQL',
    { v: pgView('v', { id: integer() }).as(sql`select * from (select id from ${users}) as u`) },
    'view v reads table users',
  ],
  ['a policy', { policy: pgPolicy('own', { to: 'public' }).link(users) }, 'policy own is of table users'],
  ['a policy’s role', { guarded }, 'policy reading is for role reader'],
];

describe('a model that is not registered', () => {
  it.each(NEEDING)('and that %s needs is named by revision and check', async (_, models, what) => {
    const migrator = project.migrator({ models });
    const refused = expect.objectContaining({
      name: 'MigrationError',
      message: expect.stringContaining(`${what}, which is not among the models`),
    });
    await expect(migrator.revision({ message: 'needs', autogenerate: true })).rejects.toEqual(refused);
    expect(migrator.heads()).toEqual([]);
    await expect(migrator.check()).rejects.toEqual(refused);
  });

  it('is no fault if another program made it, objects make it or the cluster has it', async () => {
    const accounts = auth.table('users', { id });
    const models = {
      profiles: pgTable('profiles', { id: integer().references(() => accounts.id) }, () => [
        pgPolicy('own', { to: pgRole('pg_monitor').existing(), using: sql`true` }),
        pgPolicy('all', { to: 'pg_read_all_data', using: sql`true` }),
      ]),
      places: pgTable('places', { id: integer().references(() => users.id) }),
    };
    const objects = { users: { create: 'create table users (id int primary key)', drop: 'drop table users' } };
    await project.sql('create schema auth create table users (id int primary key)');
    const migrator = project.migrator({ models, objects });
    await migrator.revision({ message: 'profiles', autogenerate: true });
    await migrator.upgrade('head');
    expect(await migrator.check()).toEqual([]);
  });
});
