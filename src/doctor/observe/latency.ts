import { performance } from 'node:perf_hooks';
import type pg from 'pg';
import type { Latency } from '../observation.ts';
import { lastRow } from './connections.ts';

const TRIPS = 11;
const AT_LEAST = 3;
/** A far database is measured less often, so that there is time for the rest. */
const ENOUGH_MS = 500;

/** Measures round trips, and both clocks in the quickest of them. */
export async function observeLatency(client: pg.Client, connect_ms: number): Promise<Latency> {
  const trips: { tookMs: number; clock_ahead_ms: number }[] = [];
  const begun = performance.now();
  for (let trip = 0; trip < TRIPS; trip++) {
    if (trip >= AT_LEAST && performance.now() - begun > ENOUGH_MS) break;
    const sent = Date.now();
    const started = performance.now();
    const { now_ms } = await lastRow<{ now_ms: number }>(
      client,
      'select (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms',
    );
    const tookMs = performance.now() - started;
    trips.push({ tookMs, clock_ahead_ms: now_ms - (sent + tookMs / 2) });
  }
  const ordered = trips.toSorted((a, b) => a.tookMs - b.tookMs);
  const quickest = ordered[0] ?? { tookMs: 0, clock_ahead_ms: 0 };
  return {
    connect_ms,
    round_trip_ms: ordered[Math.floor(ordered.length / 2)]?.tookMs ?? 0,
    clock_ahead_ms: quickest.clock_ahead_ms,
    uncertaintyMs: quickest.tookMs / 2,
  };
}
