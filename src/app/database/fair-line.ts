import { shareOf } from '../observability/trace.ts';

/** A checkout that waits for a connection, in pg-pool's own line. */
export interface Waiting {
  /** The network that it waits for; the process's own work is one too. */
  share?: string;
  /** The networks take turns: each has one checkout in a round. */
  round?: number;
}

/** Moves the last one of the line to its turn, so that many requests of one network delay its own requests only. */
export function takeTurn(line: Waiting[], ip: string | undefined): void {
  const last = line.pop();
  if (last === undefined) return;
  last.share = shareOf(ip);
  const before = line.findLast(({ share }) => share === last.share);
  const round = before === undefined ? roundOf(line[0]) : roundOf(before) + 1;
  last.round = round;
  const next = line.findIndex((waiting) => roundOf(waiting) > round);
  line.splice(next === -1 ? line.length : next, 0, last);
}

/** Moves the last one of the line to its front. Few may do so at a time. */
export function goFirst(line: Waiting[]): void {
  const last = line.pop();
  if (last === undefined) return;
  last.round = roundOf(line[0]);
  line.unshift(last);
}

/**
 * True if the network of this address has as many places in the line as are free: of one network this is the half. So there is a place
 * for a newcomer, however many others wait.
 */
export function isCrowd(line: readonly Waiting[], ip: string | undefined, places: number): boolean {
  if (line.length < places / 2) return false;
  const own = shareOf(ip);
  return line.filter(({ share }) => share === own).length >= places - line.length;
}

function roundOf(waiting: Waiting | undefined): number {
  return waiting?.round ?? 0;
}
