import { randomBytes } from 'node:crypto';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectTo, createProject, type MigrationProject } from '../helpers/migrations.ts';

interface WeakProject extends MigrationProject {
  role: string;
  asRole: Parameters<MigrationProject['migrator']>[0];
}

async function weak(): Promise<WeakProject> {
  const created = await createProject();
  const role = `weak_${randomBytes(4).toString('hex')}`;
  await created.sql(`create role ${role} login password 'x'`);
  onTestFinished(async () => {
    await created.sql(`drop owned by ${role}`);
    await created.sql(`drop role ${role}`);
    await created.end();
  });
  const url = new URL(created.url);
  url.username = role;
  url.password = 'x';
  created.write({ id: 'aaaa1111', upgrade: 'create table one (a int);', downgrade: 'drop table one;' });
  return { ...created, role, asRole: { connect: () => connectTo(url.href) } };
}

describe('a role without the right', () => {
  it('to create in public reads the GRANT to type, which helps', async () => {
    const created = await weak();
    const grant = `GRANT USAGE, CREATE ON SCHEMA "public" TO "${created.role}";`;
    await expect(created.migrator(created.asRole).upgrade('head')).rejects.toThrow(
      `Role "${created.role}" lacks a right: permission denied for schema public. Since PostgreSQL 15 only its owner may create in schema public. As the owner type: ${grant} or set DATABASE_SCHEMA to a schema of the role's own`,
    );
    await created.sql(grant);
    expect(await created.migrator(created.asRole).upgrade('head')).toHaveLength(1);
  });

  it('to create the schema reads what its owner types, which helps', async () => {
    const created = await weak();
    const options = { ...created.asRole, schema: 'tenant' };
    const statement = `CREATE SCHEMA "tenant" AUTHORIZATION "${created.role}";`;
    await expect(created.migrator(options).upgrade('head')).rejects.toThrow(statement);
    await created.sql(statement);
    expect(await created.migrator(options).upgrade('head')).toHaveLength(1);
  });

  it('to the version tables reads the GRANT to type, which helps', async () => {
    const created = await weak();
    await created.migrator().upgrade('head');
    const grant = `GRANT SELECT, INSERT, UPDATE, DELETE ON "public".alembic_version, "public".applied_revisions TO "${created.role}";`;
    await expect(created.migrator(created.asRole).current()).rejects.toThrow(grant);
    await created.sql(grant);
    expect((await created.migrator(created.asRole).current()).revisions).toHaveLength(1);
  });
});
