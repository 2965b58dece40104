import { clientShare } from '../utils/client-networks.ts';

/** A checkout that waits for a connection, in pg-pool's own line. */
export interface Waiting {
  /** The network that it waits for; the process's own work is one too. */
  share?: string;
  /** The networks take turns: each has one checkout in a round. */
  round?: number;
}

const OWN_WORK = 'own work';

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

/** How many of the line wait for the network of this address. */
export function countOf(line: readonly Waiting[], ip: string | undefined): number {
  const own = shareOf(ip);
  return line.filter(({ share }) => share === own).length;
}

function shareOf(ip: string | undefined): string {
  return ip === undefined ? OWN_WORK : clientShare(ip);
}

function roundOf(waiting: Waiting | undefined): number {
  return waiting?.round ?? 0;
}
