import { integer, pgTable, text } from 'drizzle-orm/pg-core';
import type { Change } from './change.ts';

const notes = pgTable('notes', { id: integer().primaryKey(), body: text() });
const models = { notes };
const rows = `insert into notes values (1, 'one'), (2, 'two')`;

const covering = {
  create: 'CREATE INDEX notes_covering_idx ON notes (id) INCLUDE (body)',
  drop: 'DROP INDEX notes_covering_idx',
};
const wider = {
  create: 'CREATE INDEX notes_covering_idx ON notes (id DESC) INCLUDE (body)',
  drop: 'DROP INDEX notes_covering_idx',
};
const comment = {
  create: `COMMENT ON TABLE notes IS 'what people write down'`,
  drop: 'COMMENT ON TABLE notes IS NULL',
};
const touch = {
  create: `CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS $$ begin new.body := upper(new.body); return new; end $$`,
  drop: 'DROP FUNCTION shout()',
};
const trigger = {
  create: 'CREATE TRIGGER notes_shout BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION shout()',
  drop: 'DROP TRIGGER notes_shout ON notes',
};
const atomic = {
  create:
    'CREATE FUNCTION longest() RETURNS integer BEGIN ATOMIC SELECT CASE WHEN count(*) > 0 THEN max(length(body)) END FROM notes; END',
  drop: 'DROP FUNCTION longest()',
};
const exclusion = {
  create: 'ALTER TABLE notes ADD CONSTRAINT notes_once EXCLUDE USING btree (body WITH =)',
  drop: 'ALTER TABLE notes DROP CONSTRAINT notes_once',
};
const live = { create: 'CREATE INDEX CONCURRENTLY notes_live_idx ON notes (body)', drop: 'DROP INDEX notes_live_idx' };

/** What drizzle cannot describe: declared as SQL beside the models. */
export const declaredChanges: readonly Change[] = [
  declared('declare a covering index', {}, { covering }),
  declared('change a covering index', { covering }, { covering: wider }),
  declared('declare a comment', {}, { comment }),
  declared('declare a function and its trigger', {}, { touch, trigger }),
  declared('take a trigger and its function away', { touch, trigger }, {}),
  declared('declare a function with a body in plain SQL', {}, { atomic }),
  declared('declare an exclusion constraint', {}, { exclusion }),
  declared('declare an index built concurrently', {}, { live }),
];

type Objects = NonNullable<Change['objects']>['before'];

function declared(name: string, before: Objects, after: Objects): Change {
  return { name, before: models, after: models, objects: { before, after }, rows };
}
