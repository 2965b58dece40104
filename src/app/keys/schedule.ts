/** A key and its times: it signs from `signs_from` until the next one does, and verifies until `retires_at`. */
export type Scheduled<Key> = Key & {
  /** When the next key takes over. */
  signs_until: Date | undefined;
  /** From then on all of its tokens have expired; a later one is forged. */
  retires_at: Date | undefined;
};

/** The longest life of a link in a mail, which is derived by a key too. */
const MAILED_LINK_DAYS = 7;
/** Another replica's clock may be this far behind when it signs its last token. */
const CLOCK_SKEW_SECONDS = 60;

/** Puts keys in the order in which they sign. `token_life_seconds` is the life of the tokens that live longest. */
export function scheduleKeys<Key extends { signs_from: Date }>(
  keys: readonly Key[],
  { token_life_seconds }: { token_life_seconds: number },
): Scheduled<Key>[] {
  const ordered = keys.toSorted((a, b) => a.signs_from.getTime() - b.signs_from.getTime());
  return ordered.map((key, index) => {
    const signs_until = ordered[index + 1]?.signs_from;
    const kept = (token_life_seconds + CLOCK_SKEW_SECONDS) * 1000;
    const retires_at = signs_until && new Date(signs_until.getTime() + kept);
    return { ...key, signs_until, retires_at };
  });
}

/** The life of the tokens that live longest. */
export function longestTokenLife(config: { minutes_token_expire: number; days_refresh_token_expire: number }): number {
  const days = Math.max(config.days_refresh_token_expire, MAILED_LINK_DAYS);
  return Math.max(config.minutes_token_expire * 60, days * 86_400);
}

/** True until the key is retired. */
export function isVerifying({ retires_at }: Scheduled<unknown>, now: Date): boolean {
  return retires_at === undefined || now < retires_at;
}
