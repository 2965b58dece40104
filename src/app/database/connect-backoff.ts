import { isLoginRefused } from './sqlstate.ts';

/** Delays new connections after a refused login. */
export interface ConnectBackoff {
  /** The refusal that is still in force; `undefined` if a login may be tried. */
  refusal: () => Error | undefined;
  /** Records the outcome of a login: its error, or none if its first statement was answered. */
  note: (error: unknown) => void;
}

const CLOSED_MS = 1000;
/** Random delay, so that replicas that were refused together do not retry together. */
const JITTER_MS = 500;

/** During the backoff one login a second is tried: poolers ban clients that are refused too often. */
export function createConnectBackoff(): ConnectBackoff {
  let refusal: { error: Error; until: number } | undefined;
  const until = (): number => performance.now() + CLOSED_MS + Math.random() * JITTER_MS;
  return {
    refusal: () => {
      if (refusal === undefined || performance.now() < refusal.until) return refusal?.error;
      refusal.until = until();
      return undefined;
    },
    note: (error) => {
      if (error === undefined) refusal = undefined;
      else if (error instanceof Error && isLoginRefused(error)) refusal = { error, until: until() };
    },
  };
}
