import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { Type } from 'typebox';
import { expect, it } from 'vitest';
import { columnsOf } from '../../../src/app/utils/columns.ts';
import { exact, exactRow } from '../../../src/app/utils/exact.ts';

const clubs = pgTable('clubs', { id: uuid().primaryKey().defaultRandom(), town: text().notNull(), motto: text() });

// The compiler tests the types: each @ts-expect-error is an error of its own if the line below it compiles.
it('the compiler refuses a field that the table does not have, in values and in changes', () => {
  const renamed: { city?: string; motto?: string | null } = { city: 'Bonn' };
  // @ts-expect-error: `city` is `town` now
  expect(exact(clubs, renamed)).toBe(renamed);
  // @ts-expect-error: the same beside a right one
  exact(clubs, { motto: 'read', city: 'Bonn' });
  // @ts-expect-error: the value has another type
  exact(clubs, { town: 1 });
  // @ts-expect-error: a row needs its town
  exactRow(clubs, { motto: 'read' });
  // @ts-expect-error: no column takes the city
  exactRow(clubs, { town: 'Bonn', city: 'Bonn' });
});

it('values and changes that fit pass unchanged', () => {
  const row = exactRow(clubs, { town: 'Bonn' });
  const changes = exact(clubs, { motto: null });
  expect([row, changes]).toEqual([{ town: 'Bonn' }, { motto: null }]);
});

it('the columns of a view are those of its schema, in its order; the compiler refuses one that the table lacks', () => {
  const Club = Type.Object({ town: Type.String(), id: Type.String() });
  const columns = columnsOf(clubs, Club);
  expect(Object.keys(columns)).toEqual(['town', 'id']);
  expect(columns.town).toBe(clubs.town);
  // @ts-expect-error: the view does not show the motto
  expect(columns.motto).toBeUndefined();
  // @ts-expect-error: the table has no city
  columnsOf(clubs, Type.Object({ city: Type.String() }));
});
