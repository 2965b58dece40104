import type pg from 'pg';
import { PoolClient } from '../../src/app/database/pool-client.ts';
import { currentTrace } from '../../src/app/observability/trace.ts';

/**
 * How often the requests of `work` cross to the database: a statement that is sent while others are under way travels with
 * them, one that is sent after an answer crosses again. Work that belongs to no request does not count. The server is `round_trip_ms`
 * away.
 */
export async function crossingsOf(round_trip_ms: number, work: () => Promise<unknown>): Promise<number> {
  const { query } = PoolClient.prototype;
  let answered = 0;
  PoolClient.prototype.query = function (this: PoolClient, ...args: unknown[]): never {
    const result: unknown = Reflect.apply(query, this, args);
    const { text } = args[0] as pg.QueryConfig;
    // `begin` travels with the first statement.
    if (currentTrace() === undefined || text.startsWith('begin') || !(result instanceof Promise))
      return result as never;
    const level = answered + 1;
    const sent = performance.now();
    const note = (): void => {
      // The end of a transaction that has ended is not sent.
      if (performance.now() - sent > round_trip_ms / 2) answered = Math.max(answered, level);
    };
    result.then(note, note);
    return result as never;
  };
  try {
    await work();
    return answered;
  } finally {
    PoolClient.prototype.query = query;
  }
}
