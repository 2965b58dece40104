import { isLoginRefused } from './sqlstate.ts';

/** Stands before every new connection: a server that has just let nobody in is left alone for a moment. */
export interface ConnectBackoff {
  /** The refusal that still stands; `undefined` lets one through. */
  refusal: () => Error | undefined;
  /** What became of a login that was let through: its error, or none where its first statement was answered. */
  note: (error: unknown) => void;
}

const CLOSED_MS = 1000;
/** Replicas that were refused together need not come back together. */
const JITTER_MS = 500;

/** While the gate is closed one login a second looks whether it may open: poolers ban who is refused too often. */
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
