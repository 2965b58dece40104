import { Socket } from 'node:net';
import pg from 'pg';
import { currentTrace, inTrace, newUsage, type Trace, type Usage } from '../observability/trace.ts';
import { withinDeadline } from '../utils/deadline.ts';
import { createConnectBackoff } from './connect-backoff.ts';
import { goFirst, isCrowd, takeTurn, type Waiting } from './fair-line.ts';
import { openingOf, PoolClient, type PoolSettings } from './pool-client.ts';
import { noteSpentWait, requestWaitLeftMs, waitIn } from './request-wait.ts';
import { changesSession } from './session-settings.ts';
import { giveBack, type Lease, SharedReads } from './shared-reads.ts';
import { isConnectionLost, isEndedByServer, isStalePlan, isTimeout } from './sqlstate.ts';
import { createStatementNames } from './statement-names.ts';
import { isRead, textOf } from './statement-text.ts';
import { withTlsFallback } from './tls-fallback.ts';

/** A client as the pool hands it out. */
type PooledClient = PoolClient & pg.PoolClient;

/** A connection that answered within this time counts as alive. A statement that it loses is resent if that is safe. */
const TRUSTED_MS = 1000;
const PING_TIMEOUT_MS = 2000;
/** Maximum number of waiting checkouts for each connection of the pool; more would time out. */
const WAITING_PER_CONNECTION = 64;

export interface PoolEvents {
  /** A connection was dead at checkout, or died during a statement. */
  onLost: (error: unknown) => void;
  /** A statement was answered or failed. */
  onAnswer: (tookMs: number) => void;
  /** The pool is closed. */
  onEnd?: () => void;
}

/**
 * SQLAlchemy's QueuePool on node-postgres: size + overflow, recycle, pre-ping, and invalidation of all older connections
 * if one is dead. In most cases the pre-ping needs no round trip: a read, or a statement that the server refused by ending
 * the connection, is resent on a fresh connection; in a transaction `begin` serves as the ping (see inTransaction).
 */
export class Pool extends pg.Pool {
  pings = 0;
  discarded = 0;
  readonly #settings: PoolSettings;
  readonly #events: PoolEvents;
  readonly #answered = new WeakMap<pg.PoolClient, number>();
  readonly #born = new WeakMap<pg.PoolClient, number>();
  /** By what all traces of a request have in common. */
  readonly #gathering = new WeakMap<Usage, Lease<PooledClient>>();
  readonly #reads = new SharedReads<PooledClient>();
  #invalidBefore = 0;

  constructor(settings: PoolSettings, events: PoolEvents) {
    // The type has a constructor without arguments; the pool calls it with its options.
    const Client = PoolClient as unknown as new () => pg.ClientBase;
    super({
      ...settings,
      nameOf: createStatementNames(),
      opening: openingOf(settings),
      gate: createConnectBackoff(),
      onAnswer: (tookMs: number) => {
        this.#reads.note(tookMs);
        events.onAnswer(tookMs);
      },
      // Statements are written without awaiting the answers of earlier ones.
      pipeline: true,
      // Of each new session.
      verify: (client: pg.ClientBase, done: (error?: Error) => void) =>
        settings.failover.requireSuitable(client).then(() => done(), done),
      Client,
    } as PoolSettings);
    this.#settings = settings;
    this.#events = events;
    // Without this listener the loss of an idle connection ends the process.
    this.on('error', (error) => events.onLost(error));
    this.on('connect', (client) => this.#adopt(client));
  }

  /** Checks out a living connection; rejects after the pool's timeout, or at once if too many checkouts wait. */
  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Parameters<pg.Pool['connect']>[0]): void;
  override connect(callback?: Parameters<pg.Pool['connect']>[0]): Promise<pg.PoolClient> | undefined {
    const checkout = this.#checkoutConfirmed();
    if (callback === undefined) return checkout;
    checkout.then(
      (client) => callback(undefined, client, client.release),
      (error) => callback(error, undefined, () => {}),
    );
    return undefined;
  }

  /** Runs one statement on a connection from the pool. The connection is closed only if it is lost, not after every error. */
  override async query(...args: unknown[]): Promise<never> {
    const [trace, text] = [currentTrace(), textOf(args[0])];
    if (trace?.confirmed !== undefined && !isRead(text)) await trace.confirmed;
    for (let attempt = 1; ; attempt++) {
      const isShared = this.#maySharePlace(trace, text);
      const lease = isShared ? this.#leaseInLine(trace) : this.#lease(trace);
      const client = await (isShared ? this.#inTime(lease) : lease.client);
      try {
        const result = (await client.queryAlone(...args)) as never;
        this.#answered.set(client, performance.now());
        giveBack(lease, client, false);
        return result;
      } catch (error) {
        const lost = isConnectionLost(error);
        giveBack(lease, client, lost);
        if (lost) this.invalidate(error);
        if (isStalePlan(error) && attempt === 1) continue;
        if (!lost || attempt > 1 || !this.#settings.pre_ping || !maySendAgain(text, error)) throw error;
      }
    }
  }

  /** Waits for every connection to close. */
  override async end(): Promise<void> {
    await super.end();
    this.#events.onEnd?.();
  }

  /** Marks every connection opened before now as dead: their server is gone. */
  invalidate(error: unknown): void {
    this.discarded++;
    this.#invalidBefore = performance.now();
    this.#events.onLost(error);
  }

  /** The statements that a request sends at the same moment share a connection: they are written at once, one after the other. */
  #lease(trace: Trace | undefined): Lease<PooledClient> {
    // In a line, what is awaited does not wait beside the other statements of its request, nor do they come first with it.
    const isAlone = trace === undefined || (trace.is_awaited === true && this.waitingCount > 0);
    if (isAlone) return { client: this.#checkout(), users: 1, is_lost: false };
    const { usage } = trace;
    const gathering = this.#gathering.get(usage);
    if (gathering !== undefined) {
      gathering.users++;
      return gathering;
    }
    const lease = { client: this.#checkout(), users: 1, is_lost: false };
    this.#gathering.set(usage, lease);
    const close = (): void => void this.#gathering.delete(usage);
    lease.client.then(close, close);
    return lease;
  }

  /** True for a read, or what is as brief, that would wait by itself. */
  #maySharePlace(trace: Trace | undefined, text: string): boolean {
    const free = this.idleCount + this.options.max - this.totalCount;
    if (this.waitingCount < free || trace?.is_awaited) return false;
    if (trace && this.#gathering.has(trace.usage)) return false;
    return trace?.is_brief === true || (isRead(text) && !changesSession(text));
  }

  /** A lease that waits in the line for reads of several requests: its wait is nobody's, and theirs are their own. */
  #leaseInLine(trace: Trace | undefined): Lease<PooledClient> {
    this.#refuseCrowd(trace);
    const own = trace && { ...trace, usage: newUsage(), span: undefined };
    return this.#reads.join(trace?.ip, () => inTrace(own, () => this.#checkout()));
  }

  /** The client of a lease, as long as the request may wait for it. */
  async #inTime(lease: Lease<PooledClient>): Promise<PooledClient> {
    const endWait = waitIn(currentTrace());
    try {
      return await this.#withinWait(lease.client, (client) => giveBack(lease, client, false));
    } finally {
      endWait();
    }
  }

  async #checkoutConfirmed(): Promise<PooledClient> {
    await currentTrace()?.confirmed;
    return this.#checkout();
  }

  async #checkout(): Promise<PooledClient> {
    const trace = currentTrace();
    const endWait = waitIn(trace);
    try {
      this.#refuseCrowd(trace);
      for (;;) {
        const client = await this.#acquire(trace);
        client.startAnew();
        if (client.is_spoilt) client.release(true);
        else if (!this.#settings.pre_ping || this.#isTrusted(client) || (await this.#isAlive(client))) return client;
      }
    } finally {
      endWait();
    }
  }

  /** Throws if the line is full, or full for the network of the request. */
  #refuseCrowd(trace: Trace | undefined): void {
    const places = this.options.max * WAITING_PER_CONNECTION;
    const { ip, is_awaited = false } = trace ?? {};
    // What requests of other networks wait for too is no part of a crowd.
    const isInCrowd = ip !== undefined && !is_awaited && isCrowd(this.#line, ip, places);
    if (this.waitingCount >= places || isInCrowd)
      throw new Error('The pool is busy: too many requests wait for a connection');
  }

  /** Waits as long as the pool may, or what is left of the request's time. */
  #acquire(trace: Trace | undefined): Promise<PooledClient> {
    // No connection is made. The pool makes no other kind.
    if (this.idleCount > this.waitingCount) return super.connect() as Promise<PooledClient>;
    const acquired = this.#hasOneWay ? this.#takePlace(trace) : this.#findServer(trace);
    return this.#withinWait(acquired, (client) => client.release());
  }

  /** What comes after the request's time for the database is given back. */
  #withinWait(acquired: Promise<PooledClient>, giveBack: (client: PooledClient) => void): Promise<PooledClient> {
    const left = requestWaitLeftMs(this.#settings.request_wait_ms);
    if (left === undefined || left >= (this.options.connectionTimeoutMillis ?? 0)) return acquired;
    return withinDeadline(left, acquired).catch((error) => {
      if (isConnectionLost(error)) throw error;
      acquired.then(giveBack, () => {});
      const late = new Error('timeout exceeded when trying to connect', { cause: error });
      noteSpentWait(late);
      throw late;
    });
  }

  /** True if nothing is tried after a connection fails. */
  get #hasOneWay(): boolean {
    return this.#settings.failover.is_only_one && !(this.#settings.may_fall_back && this.options.ssl);
  }

  /** A connection to one server after the other, with TLS or without, until one of them will do. */
  #findServer(trace: Trace | undefined): Promise<PooledClient> {
    const { failover, may_fall_back } = this.#settings;
    return failover.connect((target) =>
      withTlsFallback(may_fall_back, (transport) => {
        // The pool makes a client of what its options are at that moment.
        if (target.host !== this.options.host || target.port !== this.options.port) Object.assign(this.options, target);
        if (transport === 'in clear') this.options.ssl = false;
        return this.#takePlace(trace);
      }),
    );
  }

  /** A connection, or a place in the line for one. */
  #takePlace(trace: Trace | undefined): Promise<PooledClient> {
    const before = this.waitingCount;
    // The pool makes no other kind.
    const connected = super.connect() as Promise<PooledClient>;
    if (this.waitingCount > before) {
      if (trace?.is_awaited) goFirst(this.#line);
      else takeTurn(this.#line, trace?.ip);
    }
    return connected;
  }

  /** pg-pool serves its line from the front, and has no door for another order. */
  get #line(): Waiting[] {
    return (this as unknown as { _pendingQueue: Waiting[] })._pendingQueue;
  }

  /** True for a connection that has answered a moment ago. */
  #isTrusted(client: PooledClient): boolean {
    const isOfPresent = (this.#born.get(client) ?? 0) >= this.#invalidBefore;
    return isOfPresent && performance.now() - (this.#answered.get(client) ?? 0) < TRUSTED_MS;
  }

  async #isAlive(client: PooledClient): Promise<boolean> {
    if ((this.#born.get(client) ?? 0) < this.#invalidBefore) {
      client.release(true);
      return false;
    }
    const now = performance.now();
    try {
      this.pings++;
      // The ping belongs to no request's trace.
      await inTrace(undefined, () =>
        client.query({ text: 'select 1', query_timeout: PING_TIMEOUT_MS } as pg.QueryConfig),
      );
      this.#answered.set(client, now);
      return true;
    } catch (error) {
      client.release(true);
      this.invalidate(error);
      return false;
    }
  }

  #adopt(client: pg.PoolClient): void {
    const now = performance.now();
    this.#born.set(client, now);
    this.#answered.set(client, now);
    (client as PooledClient).prepareSession();
    // Between two statements of a transaction there is no other listener, and an unhandled 'error' event ends the process.
    client.on('error', () => {});
    const { idle_seconds, interval_seconds, count } = this.#settings.keepalive;
    const { stream } = (client as PooledClient).connection;
    if (stream instanceof Socket) stream.setKeepAlive(true, idle_seconds * 1000, interval_seconds * 1000, count);
  }
}

function maySendAgain(text: string, error: unknown): boolean {
  if (isTimeout(error)) return false;
  return isEndedByServer(error) || isRead(text);
}
