const WORD = /"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*)|\*/gu;
/** A word beside it would be one with it. */
const DOLLAR_QUOTE = /\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/gu;

/** The names that a text of SQL may mean: words in small letters, what stands between double quotes, and a star. */
export function wordsIn(...texts: readonly unknown[]): ReadonlySet<string> {
  const words = new Set<string>();
  for (const text of texts)
    if (typeof text === 'string')
      for (const [, inQuotes, plain] of text.replaceAll(DOLLAR_QUOTE, ' ').matchAll(WORD))
        words.add(inQuotes?.replaceAll('""', '"') ?? plain?.toLowerCase() ?? '*');
  return words;
}
