import type { Config } from '../../app/config.ts';
import { product } from '../../app/product.ts';
import type { Locale } from '../../app/utils/locales.ts';
import { de } from './texts/de.ts';
import { en, type Facts, type Texts } from './texts/en.ts';
import { es } from './texts/es.ts';
import { fr } from './texts/fr.ts';
import { it } from './texts/it.ts';
import { pl } from './texts/pl.ts';
import { pt } from './texts/pt.ts';

const WRITERS: Readonly<Record<Locale, (facts: Facts) => Texts>> = { en, de, fr, es, it, pt, pl };

/** The sentences of one language. */
export type PageTexts = Texts;

/** Each language in its own name. */
export const LANGUAGES: Readonly<Record<Locale, string>> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  it: 'Italiano',
  pt: 'Português',
  pl: 'Polski',
};

/** The sentences of the pages in a language. */
export function textsOf(locale: Locale, { password_min_length }: Pick<Config, 'password_min_length'>): PageTexts {
  return WRITERS[locale]({ product: product.name, shortest: password_min_length });
}
