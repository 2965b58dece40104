import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { RevisionRequest } from '../../packages/migrate/src/commands/revision.ts';
import { createProject, type MigrationProject } from '../helpers/migrations.ts';

async function project(): Promise<MigrationProject> {
  const created = await createProject();
  onTestFinished(created.end);
  return created;
}

describe('a revision that later commands could not read', () => {
  const label = (text: string) => ({ branch_labels: [text] });
  it.each<[string, Partial<RevisionRequest>]>([
    ['an id of 40 letters', { rev_id: 'a'.repeat(40) }],
    ['an empty id', { rev_id: '' }],
    ['an id with a blank', { rev_id: 'a b' }],
    ['an id with a slash', { rev_id: 'a/../b' }],
    ['an id with a comma', { rev_id: 'a,b' }],
    ['an id that is a step', { rev_id: 'feature-1' }],
    ['an id that is a word', { rev_id: 'head' }],
    ['an id with a line end', { rev_id: 'a\nb' }],
    ['an id that is there', { rev_id: 'here1111' }],
    ['an id that begins as an option', { rev_id: '-x' }],
    ['a label that is there', label('taken')],
    ['a label that is an id', label('here1111')],
    ['a label that is its own id', { rev_id: 'same', ...label('same') }],
    ['a label with a comma', label('a,b')],
    ['a label that is a word', label('heads')],
    ['a label that is a step', label('billing-2')],
    ['a label with a line end', label('a\nRevises: b')],
    ['a label twice', { branch_labels: ['a', 'a'] }],
    ['a message of 5 KB', { message: 'long '.repeat(1000) }],
    ['a message without a word', { message: ' \n ' }],
    ['a message with a header line', { message: 'x\nRevision ID: other' }],
    ['a message with another header line', { message: 'x\nRevises: other' }],
    ['a message with a directive', { message: 'x\nlock_timeout: soon' }],
  ])('is refused before anything is written: %s', async (_, request) => {
    const created = await project();
    await created.migrator().revision({ message: 'here', rev_id: 'here1111', branch_labels: ['taken'] });
    const before = readdirSync(created.directory);
    await expect(created.migrator().revision({ message: 'x', ...request })).rejects.toThrow(/^[^\n]+$/);
    expect(readdirSync(created.directory)).toEqual(before);
    expect(created.migrator().heads()).toHaveLength(1);
  });

  it.each([
    ['letters of every script', 'Größe 大きさ 😀'],
    ['several lines', 'one\n\ntwo\nthree'],
    ['line ends of Windows', 'one\r\ndrop table users;'],
    ['a lone carriage return', 'one\rdrop table users;'],
    ['a comment that ends one', 'x */ drop table users; --'],
    ['quotes and backslashes', `it's "x" \\ \\n $1 $$`],
    ['1,900 letters', 'x'.repeat(1900)],
  ])('is not one with a message of %s', async (_, message) => {
    const created = await project();
    const written = await created.migrator().revision({ message });
    expect(created.migrator().heads()[0]?.id).toBe(written?.id);
    expect(await created.migrator().upgrade('head')).toHaveLength(1);
    expect(await created.migrator().downgrade('base')).toHaveLength(1);
  });

  it('is not left half written where the models cannot be read', async () => {
    const created = await project();
    const models = async () => {
      throw new Error('a model that cannot be read');
    };
    await expect(created.migrator({ models }).revision({ message: 'x', autogenerate: true })).rejects.toThrow();
    expect(readdirSync(created.directory)).toEqual([]);
  });

  it('is not made of a folder that an editor or a system leaves', async () => {
    const created = await project();
    mkdirSync(join(created.directory, '.202601010000_aaaa_x'));
    mkdirSync(join(created.directory, '__pycache__'));
    expect(created.migrator().heads()).toEqual([]);
  });
});

describe('the text of a revision', () => {
  async function written(bytes: Buffer) {
    const created = await project();
    const path = created.write({ id: 'aaaa1111', upgrade: 'select 1;', downgrade: 'select 1;' });
    const file = join(path, 'upgrade.sql');
    writeFileSync(file, Buffer.concat([readFileSync(file), bytes]));
    return { created, file };
  }

  it.each([
    ['Latin-1', Buffer.from("insert into t values ('Zo\xeb');", 'latin1')],
    ['UTF-16', Buffer.from('select 1;', 'utf16le')],
    ['a cut letter', Buffer.from([0x27, 0xc3, 0x27])],
  ])('is refused, with file and line, if it is %s', async (_, bytes) => {
    const { created, file } = await written(Buffer.concat([Buffer.from('\n\n'), bytes]));
    const lines =
      readFileSync(file, 'latin1')
        .split('\n')
        .findIndex((line) => /[\x80-\xff\0]/.test(line)) + 1;
    await expect(created.migrator().upgrade('head')).rejects.toThrow(`${file}, line ${lines}: not UTF-8 text`);
    expect(await created.sql(`select to_regclass('alembic_version') as it`)).toEqual([{ it: null }]);
  });

  it('may begin with a byte order mark and end its lines as Windows does', async () => {
    const created = await project();
    const path = created.write({
      id: 'aaaa1111',
      upgrade: `-- lock_timeout: 3s\n\ncreate table t (a text default 'é');\n\n-- transaction: none\ncreate index concurrently i on t (a);`,
    });
    const file = join(path, 'upgrade.sql');
    const text = readFileSync(file, 'utf8').replaceAll('\n', '\r\n');
    writeFileSync(file, `\ufeff${text}`);
    await created.migrator().upgrade('head');
    expect(await created.sql('insert into t default values returning a')).toEqual([{ a: 'é' }]);
    writeFileSync(file, text.replaceAll('\r\n', '\n'));
    expect(await created.migrator().upgrade('head'), 'line ends are no edit').toEqual([]);
  });

  it('reaches the database byte by byte', async () => {
    const created = await project();
    const value = `a\tb  c\\d\\n "q" $1 $$ \u00a0\u2028 😀 é e\u0301`;
    created.write({
      id: 'aaaa1111',
      upgrade: `create table t (a text);\n\ninsert into t values ('${value}');\n\nselect 1;`,
    });
    await created.migrator().upgrade('head');
    expect(await created.sql('select a from t')).toEqual([{ a: value }]);
  });

  it('of a snapshot that a merge left in two is refused in a sentence', async () => {
    const created = await project();
    const path = created.write({ id: 'aaaa1111' });
    writeFileSync(join(path, 'snapshot.json'), '<<<<<<< ours\n{}\n=======\n{}\n>>>>>>> theirs\n');
    await expect(created.migrator().revision({ message: 'x', autogenerate: true })).rejects.toThrow(
      /snapshot\.json is no JSON, as a merge that was not finished leaves it/,
    );
  });
});
