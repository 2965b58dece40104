import { product } from '../../product.ts';
import type { Locale } from '../../utils/locales.ts';
import { layOutHtml, layOutText } from './mail/layout.ts';
import { type Language, writeLetter } from './mail/letters.ts';
import { de } from './mail/texts/de.ts';
import { en, type Texts } from './mail/texts/en.ts';
import { es } from './mail/texts/es.ts';
import { fr } from './mail/texts/fr.ts';
import { it } from './mail/texts/it.ts';
import { pl } from './mail/texts/pl.ts';
import { pt } from './mail/texts/pt.ts';
import type { MailData, MailKind } from './mail-kinds.ts';

/** A mail as it is sent. Links and codes are in it. */
export interface Rendered {
  subject: string;
  text: string;
  html: string;
}

const TEXTS: { readonly [L in Locale]: (product: string) => Texts } = { en, de, fr, es, it, pt, pl };
/** English and Portuguese are written as in Europe: a day before its month, 24 hours. */
const REGIONS: Partial<Record<Locale, string>> = { en: 'en-GB', pt: 'pt-PT' };

/**
 * Writes a mail: `renderMail('reset_password', user.locale, { link, link_until, code, at, origin })`. Everything that
 * people typed is escaped, and the subject is one line. The result holds links and codes: send it, store it nowhere.
 */
export function renderMail<Kind extends MailKind>(kind: Kind, locale: Locale, data: MailData[Kind]): Rendered {
  const language = languageOf(locale);
  const letter = writeLetter(kind, language, data);
  const wording = { lang: locale, labels: language.texts.labels };
  return {
    subject: letter.subject.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' '),
    text: layOutText(letter, wording),
    html: layOutHtml(letter, wording),
  };
}

/** Nobody knows the reader's time zone, so a time says its own. */
function languageOf(locale: Locale): Language {
  const format = new Intl.DateTimeFormat(REGIONS[locale] ?? locale, {
    dateStyle: 'long',
    timeStyle: 'short',
    timeZone: 'UTC',
  });
  return { texts: TEXTS[locale](product.name), time: (date) => `${format.format(date)} UTC` };
}
