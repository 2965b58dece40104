import pg from 'pg';
import { currentTrace } from '../observability/trace.ts';
import type { ConnectBackoff } from './connect-backoff.ts';
import type { Failover } from './failover.ts';
import { notePhase } from './failure-phase.ts';
import { type Descriptions, PreparedStatement } from './prepared-statement.ts';
import { noteSpentWait, requestWaitLeftMs, waitIn } from './request-wait.ts';
import { BEGIN, changesSession, forSession, forTransaction, type SessionSettings } from './session-settings.ts';
import { isStalePlan, isTimeout } from './sqlstate.ts';
import { startStatementSpan } from './statement-span.ts';
import { textOf } from './statement-text.ts';

export interface PoolSettings extends pg.PoolConfig {
  /** Checks connections at checkout, and resends statements that a dead connection cannot have executed. */
  pre_ping: boolean;
  keepalive: { idle_seconds: number; interval_seconds: number; count: number };
  /** The servers of the connection string. */
  failover: Failover;
  /** A server without TLS may be used in clear (`sslmode=prefer`). */
  may_fall_back: boolean;
  /** A transaction pooler can send each statement to another server process: no names, and no session that lasts. */
  through_transaction_pooler: boolean;
  session: SessionSettings;
  /** The longest time that one request may wait for the database in all. */
  request_wait_ms: number;
}

/** The pool's settings for each of its clients. */
interface ClientSettings extends PoolSettings {
  nameOf: (text: string) => string | undefined;
  gate: ConnectBackoff;
  onAnswer: (tookMs: number) => void;
  /** What a transaction begins with. */
  opening: readonly string[];
}

/** What the transactions of a pool begin with. */
export function openingOf({ through_transaction_pooler, session }: PoolSettings): readonly string[] {
  return through_transaction_pooler ? [BEGIN, ...forTransaction(session)] : [BEGIN];
}

/** Longest wait for a connection to end; a silent server never answers. */
const FAREWELL_MS = 1000;
/** What is left of a request's wait is rounded up to it. */
const TIMEOUT_STEP_MS = 100;
const NOTHING: pg.QueryResult = { command: '', rowCount: null, oid: 0, fields: [], rows: [] };

/**
 * A pg.Client that writes statements without awaiting the answers of earlier ones, names frequent statements, works through
 * a transaction pooler, and ends after an unanswered query. `begin` travels with the first statement of its transaction.
 */
export class PoolClient extends pg.Client {
  readonly #settings: ClientSettings;
  /** Number of stale plans so far; every later statement name has it as a suffix. */
  #stale_plans = 0;
  readonly #descriptions: Descriptions = new Map();
  #is_let_in = false;
  /** What the next statement begins its transaction with. */
  #opening: readonly string[] = [];
  /** The commit of the transaction; nothing of it is sent after that. */
  #ended: Promise<pg.QueryResult> | undefined;
  /** A statement changed the session, so that no other caller may use the connection. */
  is_spoilt = false;

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

  /** Makes the session independent of the role's and the database's settings; the first statement does not wait for it. */
  prepareSession(): void {
    const { through_transaction_pooler, session } = this.#settings;
    if (through_transaction_pooler) return;
    super.query(forSession(session)).catch(() => this.connection.stream.destroy());
  }

  // The driver's overloads cannot be distinguished by type; only the statement is read from the arguments.
  override query(...args: unknown[]): never {
    const [config, values = (config as pg.QueryConfig).values] = args;
    if (!isStatement(config)) return Reflect.apply(super.query, this, args) as never;
    if (config.text.startsWith('begin')) return this.#begin(config.text) as never;
    const isEnd = config.text === 'commit' || config.text === 'rollback';
    // The commit was sent with the statements.
    if (this.#ended !== undefined) return this.#afterEnd(config.text) as never;
    // Nothing was sent in the transaction.
    if (isEnd && this.#opening.length > 0) return this.#forget() as never;
    const result = config.text === 'commit' ? this.#commit(config) : this.#send(config, values);
    if (config.text === 'commit') this.#ended = result;
    this.#watch(result, config);
    return result as never;
  }

  /** Forgets the former holder's transaction. */
  startAnew(): void {
    this.#ended = undefined;
  }

  /** Sends a statement that stands alone. Through a transaction pooler it gets a transaction, which begins with our settings. */
  queryAlone(...args: unknown[]): Promise<pg.QueryResult> {
    const [config] = args;
    if (!this.#settings.through_transaction_pooler || !(typeof config === 'string' || isStatement(config)))
      return Reflect.apply(this.query, this, args);
    return this.#inTransaction(config, args[1]);
  }

  // A waiting checkout gets the place in the pool only after the socket is closed.
  override end(...args: unknown[]): never {
    setTimeout(() => this.connection.stream.destroy(), FAREWELL_MS).unref();
    return Reflect.apply(super.end, this, args) as never;
  }

  async #inTransaction(config: string | pg.QueryConfig, values: unknown): Promise<pg.QueryResult> {
    const statement = typeof config === 'string' ? { text: config } : config;
    this.#begin();
    const answer: Promise<pg.QueryResult> = this.query(statement, values ?? statement.values);
    // Sent with the statement. After its failure the commit rolls back.
    const committed: Promise<unknown> = this.query({ text: 'commit' });
    const [answered, ended] = await Promise.allSettled([answer, committed]);
    if (answered.status === 'rejected') throw answered.reason;
    if (ended.status === 'rejected') throw ended.reason;
    return answered.value;
  }

  #begin(text?: string): Promise<pg.QueryResult> {
    const { opening } = this.#settings;
    this.#ended = undefined;
    // The usual one is one object, whose messages are kept.
    this.#opening = text === undefined || text === 'begin' || text === BEGIN ? opening : [text, ...opening.slice(1)];
    return Promise.resolve(NOTHING);
  }

  #forget(): Promise<pg.QueryResult> {
    this.#opening = [];
    return Promise.resolve(NOTHING);
  }

  async #afterEnd(text: string): Promise<pg.QueryResult> {
    if (text === 'commit' && this.#ended !== undefined) return this.#ended;
    // What failed is rolled back already.
    if (text === 'rollback') return (await this.#ended?.catch(() => undefined)) ?? NOTHING;
    throw new Error('The transaction is committed; a statement came after it');
  }

  /** PostgreSQL answers the commit of a failed transaction with success and the tag ROLLBACK. */
  async #commit(config: pg.QueryConfig): Promise<pg.QueryResult> {
    try {
      const result = await this.#write(config, [], []);
      if (result.command !== 'ROLLBACK') return result;
    } catch (error) {
      notePhase(error, 'commit');
      throw error;
    }
    throw new Error('The transaction was rolled back: one of its statements failed, and its error was ignored');
  }

  #send(config: pg.QueryConfig, values: unknown): Promise<pg.QueryResult> {
    const parameters = Array.isArray(values) ? values : [];
    const opening = this.#opening;
    this.#opening = [];
    if (parameters.length === 0 && changesSession(config.text)) this.is_spoilt = true;
    const isScript = parameters.length === 0 && config.text.includes(';');
    if (opening.length === 0 || !isScript) return this.#write(config, parameters, opening);
    // The extended protocol takes one statement at a time.
    return this.#write({ text: opening.join(';') }, [], []).then(() => this.#write(config, parameters, []));
  }

  #write(config: pg.QueryConfig, values: unknown[], opening: readonly string[]): Promise<pg.QueryResult> {
    const left = requestWaitLeftMs(this.#settings.request_wait_ms);
    const query_timeout = left === undefined ? undefined : timeoutOf(left);
    // Such a text takes one step in the protocol anyway.
    if (values.length === 0 && opening.length === 0)
      return super.query({ ...(query_timeout !== undefined && { query_timeout }), ...config });
    const { text, types = pg.types, rowMode } = config as pg.QueryConfig & { rowMode?: string };
    const timeout = (config as { query_timeout?: number }).query_timeout ?? query_timeout;
    const name = this.#nameOf(config, values) ?? '';
    return new Promise((resolve, reject) => {
      const statement = new PreparedStatement(
        { name, text, values, types, rowMode, opening, query_timeout: timeout },
        this.#descriptions,
        (error, result) => {
          // The first statement got no answer and no commit was sent: nothing of the transaction can count.
          if (isTimeout(error) && opening.length > 0 && this.#ended === undefined) notePhase(error, 'begin');
          if (error || result === undefined) reject(error);
          else resolve(result);
        },
      );
      super.query(statement);
    });
  }

  /** No name through a transaction pooler, and none without parameters. */
  #nameOf({ name, text }: pg.QueryConfig, values: readonly unknown[]): string | undefined {
    if (this.#settings.through_transaction_pooler || values.length === 0) return undefined;
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
    const endWait = waitIn(trace);
    const answered = (error?: unknown): void => {
      const tookMs = performance.now() - sent;
      endWait();
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
        if (trace !== undefined && isTimeout(error)) noteSpentWait(error);
        // After `query_timeout` the query is still on the socket; the next query would read its answer.
        if (isTimeout(error)) this.connection.stream.destroy();
        if (isStalePlan(error)) this.#stale_plans++;
      },
    );
  }
}

/** Node keeps a list of timers for each duration: most statements share one. */
function timeoutOf(leftMs: number): number {
  return leftMs < TIMEOUT_STEP_MS ? Math.max(1, leftMs) : Math.ceil(leftMs / TIMEOUT_STEP_MS) * TIMEOUT_STEP_MS;
}

function isStatement(config: unknown): config is pg.QueryConfig {
  return typeof config === 'object' && config !== null && 'text' in config && !('submit' in config);
}
