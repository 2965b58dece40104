import type { Look } from './observation.ts';

/** `fail`: does not work, or is dangerous. `warn`: works, and should be mended. */
export type Level = 'ok' | 'warn' | 'fail';

/** What one check says. */
export interface Finding {
  /** A stable name for scripts. */
  check: string;
  level: Level;
  message: string;
  /** The fix, line by line; empty if none is needed. */
  fix: readonly string[];
}

/** Says that something is as it should be. */
export function ok(check: string, message: string): Finding {
  return { check, level: 'ok', message, fix: [] };
}

/** Says that something works and should be mended all the same. */
export function warn(check: string, message: string, ...fix: string[]): Finding {
  return { check, level: 'warn', message, fix };
}

/** Says that something does not work, or is dangerous. */
export function fail(check: string, message: string, ...fix: string[]): Finding {
  return { check, level: 'fail', message, fix };
}

/** Judges what was seen; what could not be looked at is a warning of its own. */
export function judged<T>(look: Look<T>, check: string, judge: (seen: T) => Finding[]): Finding[] {
  if ('seen' in look) return judge(look.seen);
  return [warn(check, `Could not be looked at: ${look.failure}`)];
}

/** `1 worker`, `2 workers`. */
export function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
