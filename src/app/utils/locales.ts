/** The languages that mails and pages are written in. */
export const LOCALES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'pl'] as const;

export type Locale = (typeof LOCALES)[number];

/** Longest `Accept-Language` that is read; browsers send some 50 characters. */
const HEADER_MAX_LENGTH = 1024;

/** The best of the languages for an `Accept-Language` header (RFC 9110 §12.5.4), or `undefined` if it names none of them. */
export function matchLocale(header: string | undefined): Locale | undefined {
  if (header === undefined || header.length > HEADER_MAX_LENGTH) return undefined;
  const wishes = header.split(',').map((part) => {
    const [range = '', ...parameters] = part.split(';').map((word) => word.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
    return { locale: findLocale(range.split('-', 1)[0] ?? ''), weight: Number(weight) };
  });
  // The sort is stable: of two wishes with the same weight the first one wins.
  return wishes
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)
    .find(({ locale }) => locale)?.locale;
}

function findLocale(language: string): Locale | undefined {
  return LOCALES.find((locale) => locale === language);
}
