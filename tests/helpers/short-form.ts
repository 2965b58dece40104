/** True for `npm test -- --short`: a part of the longest tests, so that CI says its verdict in half an hour. */
export const isShortForm = process.env.BACK_TESTS_SHORT === 'true';

/** The cases of a long table; in the short form every `step`th of them, from `first` on. */
export function casesOf<T>(cases: readonly T[], step: number, first = 0): readonly T[] {
  return isShortForm ? cases.filter((_, index) => index % step === first) : cases;
}
