import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MigrationProject } from '../helpers/migrations.ts';
import type { ReadmeProject } from '../helpers/readme-project.ts';

type Prepare = (database: MigrationProject, project: ReadmeProject) => Promise<void>;

const TABLES = `create type role as enum ('user', 'admin');
  create table users (id serial not null, email character varying(320) not null, role role not null default 'user', created_at timestamptz not null default now(), constraint users_pkey primary key (id));
  create unique index users_email_key on users (email);
  create table posts (id serial not null, user_id integer not null, title text not null, constraint posts_pkey primary key (id), constraint posts_user_id_fkey foreign key (user_id) references users (id) on delete cascade);
  insert into users (email) values ('ann@example.com')`;

const SCHEMA = `import { integer, pgTable, text } from 'drizzle-orm/pg-core';

export const users = pgTable('users', { id: integer().primaryKey(), email: text().notNull() });
`;

/** What each tool leaves in a database, and drizzle-kit in a folder. */
export const ORIGINS: Readonly<Record<string, Prepare>> = {
  alembic: async ({ sql }) => {
    await sql(`${TABLES}; create table alembic_version (version_num varchar(32) not null, constraint alembic_version_pkc primary key (version_num));
      insert into alembic_version values ('ae1027a6acf2')`);
  },
  prisma: async ({ sql }) => {
    await sql(`${TABLES}; create table _prisma_migrations (id varchar(36) primary key not null, checksum varchar(64) not null, finished_at timestamptz,
        migration_name varchar(255) not null, logs text, rolled_back_at timestamptz, started_at timestamptz not null default now(), applied_steps_count integer not null default 0);
      insert into _prisma_migrations (id, checksum, finished_at, migration_name) values ('1', 'x', now(), '20240101000000_init')`);
  },
  typeorm: async ({ sql }) => {
    await sql(`${TABLES}; create table migrations (id serial not null, timestamp bigint not null, name character varying not null, constraint "PK_8c82d7f526340ab734260ea46be" primary key (id));
      insert into migrations (timestamp, name) values (1700000000000, 'Init1700000000000')`);
  },
  'drizzle-kit': async ({ url, sql }, { root, shell }) => {
    mkdirSync(join(root, 'src'));
    writeFileSync(join(root, 'src/schema.ts'), SCHEMA);
    const config = `{ dialect: 'postgresql', schema: './src/schema.ts', out: './drizzle', dbCredentials: { url: '${url}' } }`;
    writeFileSync(join(root, 'drizzle.config.ts'), `export default ${config};`);
    await shell('npx drizzle-kit generate && npx drizzle-kit migrate');
    await sql(`insert into users values (1, 'ann@example.com')`);
  },
};
