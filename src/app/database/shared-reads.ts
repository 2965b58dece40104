import { shareOf } from '../observability/trace.ts';

/** A connection for statements that are written on it at once; the last one gives it back. */
export interface Lease<Client> {
  client: Promise<Client>;
  users: number;
  is_lost: boolean;
}

/** One that reads of several requests wait for. */
interface SharedLease<Client> extends Lease<Client> {
  readonly shares: Set<string>;
}

/** Reads on one connection, at most. */
const MOST = 8;
/** Fewer if their work would take longer than this together: each is answered after those before it. */
const WORK_MS = 100;
/** The part of one more answer in the mean of their work. */
const WEIGHT = 1 / 32;
/** An answer has at least the way to the server and back. What is longer than this is work, however far it is. */
const MAX_WAY_MS = 250;
/** The part of a slower answer in the way, which can become longer. */
const WAY_WEIGHT = 1 / 1024;

/**
 * Reads that wait in the line for a connection share one (Npgsql's multiplexing): when it comes, they are written on it together, so
 * that far away from the database a crossing serves several requests. An error of one is none of the others'. All of them are of one
 * network, or each of another one: who reads slowly and much delays its own reads. While statements take long, nothing is shared.
 */
export class SharedReads<Client> {
  /** The youngest lease of the line. */
  #open: SharedLease<Client> | undefined;
  #way_ms = MAX_WAY_MS;
  #work_ms = 0;

  /** An answer to a statement took so long, which is its way and its work. */
  note(tookMs: number): void {
    const slower = (tookMs - this.#way_ms) * WAY_WEIGHT;
    this.#way_ms = Math.min(tookMs, this.#way_ms + slower, MAX_WAY_MS);
    this.#work_ms += (tookMs - this.#way_ms - this.#work_ms) * WEIGHT;
  }

  /** A place in the lease that is open to a read of this address, or in a new one, whose connection is asked for by `checkout`. */
  join(ip: string | undefined, checkout: () => Promise<Client>): Lease<Client> {
    const share = shareOf(ip);
    if (this.#open !== undefined && this.#admits(this.#open, share)) {
      this.#open.shares.add(share);
      this.#open.users++;
      return this.#open;
    }
    const lease: SharedLease<Client> = { client: checkout(), users: 1, is_lost: false, shares: new Set([share]) };
    this.#open = lease;
    const close = (): void => {
      if (this.#open === lease) this.#open = undefined;
    };
    lease.client.then(close, close);
    return lease;
  }

  #admits({ users, shares }: SharedLease<Client>, share: string): boolean {
    if (users >= MOST || users * this.#work_ms >= WORK_MS) return false;
    return shares.has(share) ? shares.size === 1 : shares.size === users;
  }
}

/** A user of the lease is done with its connection; one of them may have lost it. */
export function giveBack<Client extends { release: (isLost: boolean) => void }>(
  lease: Lease<Client>,
  client: Client,
  isLost: boolean,
): void {
  lease.is_lost ||= isLost;
  if (--lease.users === 0) client.release(lease.is_lost);
}
