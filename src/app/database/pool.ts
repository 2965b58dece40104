import { Socket } from 'node:net';
import pg from 'pg';
import { currentTrace, inTrace } from '../observability/trace.ts';
import { type ConnectBackoff, createConnectBackoff } from './connect-backoff.ts';
import type { Failover } from './failover.ts';
import { type Descriptions, PreparedStatement, type PreparedStatementConfig } from './prepared-statement.ts';
import { isConnectionLost, isEndedByServer, isStalePlan, isTimeout } from './sqlstate.ts';
import { createStatementNames } from './statement-names.ts';
import { startStatementSpan } from './statement-span.ts';
import { withTlsFallback } from './tls-fallback.ts';

export interface PoolSettings extends pg.PoolConfig {
  /** Checks connections at checkout, and resends statements that a dead connection cannot have executed. */
  pre_ping: boolean;
  keepalive: { idle_seconds: number; interval_seconds: number; count: number };
  /** A server without TLS may be used in clear (`sslmode=prefer`). */
  /** The servers of the connection string. */
  failover: Failover;
  may_fall_back: boolean;
  /** Statements are sent without names: a transaction pooler can send each one to another server process. */
  through_transaction_pooler: boolean;
}

/** A connection that answered within this time counts as alive. A statement that it loses is resent if that is safe. */
const TRUSTED_MS = 1000;
const PING_TIMEOUT_MS = 2000;
/** Longest wait for a connection to end; a silent server never answers. */
const FAREWELL_MS = 1000;
/** Maximum number of waiting checkouts for each connection of the pool; more would time out. */
const WAITING_PER_CONNECTION = 64;

/** The pool's settings for each of its clients. */
interface ClientSettings extends PoolSettings {
  nameOf: (text: string) => string | undefined;
  gate: ConnectBackoff;
  onAnswer: PoolEvents['onAnswer'];
}

/** A pg.Client that names frequent statements, works through a transaction pooler, and ends after an unanswered query. */
export class PoolClient extends pg.Client {
  readonly #settings: ClientSettings;
  /** Number of stale plans so far; every later statement name has it as a suffix. */
  #stale_plans = 0;
  readonly #descriptions: Descriptions = new Map();
  #is_let_in = false;

  constructor(settings: ClientSettings) {
    super(settings);
    this.#settings = settings;
  }

  // Only the pool calls it, with a callback.
  override connect(callback?: (...outcome: never[]) => void): never {
    const { gate } = this.#settings;
    const settle = callback as (error?: Error) => void;
    const refusal = gate.refusal();
    if (refusal !== undefined) return process.nextTick(settle, refusal) as never;
    const noted = (error?: Error): void => {
      if (error) gate.note(error);
      settle(error);
    };
    return super.connect(noted) as never;
  }

  // The driver's overloads cannot be distinguished by type; only the statement is read from the arguments.
  override query(...args: unknown[]): never {
    const [config, values] = args;
    const result: unknown = isStatement(config) ? this.#send(config, values) : Reflect.apply(super.query, this, args);
    if (result instanceof Promise) this.#watch(result, config);
    return result as never;
  }

  #send(config: pg.QueryConfig, parameters: unknown = config.values): unknown {
    const name = this.#nameOf(config, parameters);
    // A statement without types does not come from drizzle and is rare; the driver sends it.
    if (name === undefined || config.types === undefined)
      return Reflect.apply(super.query, this, [{ ...config, name }, parameters]);
    const named = { ...config, name, values: parameters } as PreparedStatementConfig;
    return new Promise((resolve, reject) => {
      super.query(
        new PreparedStatement(named, this.#descriptions, (error, result) => (error ? reject(error) : resolve(result))),
      );
    });
  }

  // A waiting checkout gets the place in the pool only after the socket is closed.
  override end(...args: unknown[]): never {
    setTimeout(() => this.connection.stream.destroy(), FAREWELL_MS).unref();
    return Reflect.apply(super.end, this, args) as never;
  }

  /** No name through a transaction pooler, and none without parameters: such a text takes one step in the protocol anyway. */
  #nameOf({ name, text, values }: pg.QueryConfig, parameters: unknown = values): string | undefined {
    if (this.#settings.through_transaction_pooler || !Array.isArray(parameters) || parameters.length === 0)
      return undefined;
    const known = name ?? this.#settings.nameOf(text);
    return known === undefined || this.#stale_plans === 0 ? known : `${known}_${this.#stale_plans}`;
  }

  /** A pooler without a server accepts the login and refuses the first statement. */
  #noteLogin(error?: unknown): void {
    if (this.#is_let_in) return;
    this.#is_let_in = true;
    this.#settings.gate.note(error);
  }

  #watch(result: Promise<unknown>, config: unknown): void {
    const sent = performance.now();
    const trace = currentTrace();
    const span = trace?.span && startStatementSpan(trace.span, textOf(config));
    const answered = (error?: unknown): void => {
      const tookMs = performance.now() - sent;
      this.#settings.onAnswer(tookMs);
      if (trace !== undefined) {
        trace.usage.queries++;
        trace.usage.db_ms += tookMs;
      }
      span?.end({ error });
    };
    result.then(
      () => {
        answered();
        this.#noteLogin();
      },
      (error: unknown) => {
        answered(error);
        this.#noteLogin(error);
        // After `query_timeout` the query is still on the socket; the next query would read its answer.
        if (isTimeout(error)) this.connection.stream.destroy();
        if (isStalePlan(error)) this.#stale_plans++;
      },
    );
  }
}

function isStatement(config: unknown): config is pg.QueryConfig {
  return typeof config === 'object' && config !== null && 'text' in config && !('submit' in config);
}

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
  #invalidBefore = 0;

  constructor(settings: PoolSettings, events: PoolEvents) {
    // The type has a constructor without arguments; the pool calls it with its options.
    const Client = PoolClient as unknown as new () => pg.ClientBase;
    super({
      ...settings,
      nameOf: createStatementNames(),
      gate: createConnectBackoff(),
      onAnswer: events.onAnswer,
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
    const checkout = this.#checkout();
    if (callback === undefined) return checkout;
    checkout.then(
      (client) => callback(undefined, client, client.release),
      (error) => callback(error, undefined, () => {}),
    );
    return undefined;
  }

  /** Runs one statement on a connection from the pool. The connection is closed only if it is lost, not after every error. */
  override async query(...args: unknown[]): Promise<never> {
    for (let attempt = 1; ; attempt++) {
      const client = await this.connect();
      try {
        const result = await (Reflect.apply(client.query, client, args) as Promise<never>);
        this.#answered.set(client, performance.now());
        client.release();
        return result;
      } catch (error) {
        const lost = isConnectionLost(error);
        client.release(lost);
        if (lost) this.invalidate(error);
        if (isStalePlan(error) && attempt === 1) continue;
        if (!lost || attempt > 1 || !this.#settings.pre_ping || !maySendAgain(args[0], error)) throw error;
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

  async #checkout(): Promise<pg.PoolClient> {
    if (this.waitingCount >= this.options.max * WAITING_PER_CONNECTION)
      throw new Error('The pool is busy: too many requests wait for a connection');
    for (;;) {
      const client = await this.#acquire();
      if (!this.#settings.pre_ping || (await this.#isAlive(client))) return client;
    }
  }

  #acquire(): Promise<pg.PoolClient> {
    const { failover, may_fall_back } = this.#settings;
    return failover.connect((target) =>
      withTlsFallback(may_fall_back, (transport) => {
        // The pool makes a client of what its options are at that moment.
        if (target.host !== this.options.host || target.port !== this.options.port) Object.assign(this.options, target);
        if (transport === 'in clear') this.options.ssl = false;
        return super.connect();
      }),
    );
  }

  async #isAlive(client: pg.PoolClient): Promise<boolean> {
    if ((this.#born.get(client) ?? 0) < this.#invalidBefore) {
      client.release(true);
      return false;
    }
    const now = performance.now();
    if (now - (this.#answered.get(client) ?? 0) < TRUSTED_MS) return true;
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
    // Between two statements of a transaction there is no other listener, and an unhandled 'error' event ends the process.
    client.on('error', () => {});
    const { idle_seconds, interval_seconds, count } = this.#settings.keepalive;
    // A pooled client is a complete Client; only its type lacks the connection.
    const { stream } = (client as unknown as pg.Client).connection;
    if (stream instanceof Socket) stream.setKeepAlive(true, idle_seconds * 1000, interval_seconds * 1000, count);
  }
}

function maySendAgain(config: unknown, error: unknown): boolean {
  if (isTimeout(error)) return false;
  return isEndedByServer(error) || /^\s*select\b(?!.*\bfor (update|share))/is.test(textOf(config));
}

function textOf(config: unknown): string {
  return (typeof config === 'string' ? config : (config as { text?: string }).text) ?? '';
}
