import { expect, it } from 'vitest';
import { matchLocale } from '../../../src/app/utils/locales.ts';

it.each([
  ['de', 'de'],
  ['de-AT,de;q=0.9,en;q=0.8', 'de'],
  ['nl,fr;q=0.4,es;q=0.7', 'es'],
  ['PT-br', 'pt'],
  ['nl, *', undefined],
  ['en;q=0, it', 'it'],
  ['de;q=x, pl;q=0.1', 'pl'],
  ['', undefined],
  [undefined, undefined],
  [',;q=,,', undefined],
  [`it,${'x'.repeat(1024)}`, undefined],
])('the header %j asks for %s', (header, locale) => {
  expect(matchLocale(header)).toBe(locale);
});
