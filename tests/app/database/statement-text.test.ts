import { expect, it } from 'vitest';
import { isRead, textOf } from '../../../src/app/database/statement-text.ts';

it('the text of a statement stands in it, or is it', () => {
  expect(['select 1', { text: 'select 2' }, {}].map(textOf)).toEqual(['select 1', 'select 2', '']);
});

it.each([
  ['select 1', true],
  ['\n  SELECT\n  2', true],
  ['select * from items\nfor update', false],
  ['select * from items for share skip locked', false],
  ['selected', false],
  ['with a as (delete from items returning id) select * from a', false],
  ['insert into items select 1', false],
  [`select '${'x'.repeat(10_000)}'`, true],
  [`select '${'x'.repeat(10_000)}' for update`, false],
])('%.40s changes and locks nothing: %s, the second time too', (text, is) => {
  expect([isRead(text), isRead(text)]).toEqual([is, is]);
});

it('thousands of different texts are told apart', () => {
  for (let n = 0; n < 3000; n++) expect([isRead(`select ${n}`), isRead(`delete ${n}`)]).toEqual([true, false]);
});
