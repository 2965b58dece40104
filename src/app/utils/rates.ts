/** A count within a time. */
export interface Rate {
  readonly count: number;
  readonly window_seconds: number;
  toString: () => string;
}

/** A rate as it is written: `20/1h`. */
export type RateText = `${number}/${number}${'s' | 'm' | 'h'}`;

const UNITS: Readonly<Record<string, { seconds: number; name: string }>> = {
  s: { seconds: 1, name: 'second' },
  m: { seconds: 60, name: 'minute' },
  h: { seconds: 3600, name: 'hour' },
};
const RATE = /^([1-9]\d{0,5})\/([1-9]\d{0,4})([smh])$/;

/** `10/15m`: a count from 1 to 100,000, and a time in seconds, minutes or hours of at most a day. */
export function rate(text: string): Rate {
  const [, count, length, unit = ''] = RATE.exec(text) ?? [];
  const window_seconds = Number(length) * (UNITS[unit]?.seconds ?? Number.NaN);
  if (!(Number(count) <= 100_000 && window_seconds <= 86_400)) {
    throw new Error('must be a count and a time, at most a day, such as 10/15m');
  }
  return Object.freeze({ count: Number(count), window_seconds, toString: () => text });
}

/** A rate for people: `20 times in 1 hour`. */
export function rateInWords(rate: Rate): string {
  const [, count = '', length = '', unit = ''] = RATE.exec(String(rate)) ?? [];
  const times = count === '1' ? 'once' : `${count} times`;
  return `${times} in ${length} ${UNITS[unit]?.name}${length === '1' ? '' : 's'}`;
}
