import { type Finding, fail, ok, warn } from '../finding.ts';
import type { Latency } from '../observation.ts';

const SLOW_TRIP_MS = 10;
const SLOW_CONNECT_MS = 1000;
const CLOCK_WARN_MS = 1000;
const CLOCK_FAIL_MS = 60_000;

/** How far away the database is, in space and in time. */
export function checkLatency(latency: Latency, pool_timeout_seconds = Number.POSITIVE_INFINITY): Finding[] {
  return [roundTrip(latency), connect(latency, pool_timeout_seconds), clock(latency)];
}

function roundTrip({ round_trip_ms }: Latency): Finding {
  const sentence = `A round trip takes ${round_trip_ms.toFixed(1)} ms (median)`;
  if (round_trip_ms <= SLOW_TRIP_MS) return ok('round_trip', sentence);
  return warn('round_trip', `${sentence}; a request makes several`, 'run the application in the database’s region');
}

function connect({ connect_ms }: Latency, pool_timeout_seconds: number): Finding {
  const sentence = `Connecting takes ${Math.round(connect_ms)} ms`;
  if (connect_ms >= pool_timeout_seconds * 1000)
    return fail(
      'connect_time',
      `${sentence}, which is longer than POOL_TIMEOUT_SECONDS waits: requests that need a new connection get 503`,
      'a nearer database or a pooler, or a higher POOL_TIMEOUT_SECONDS',
    );
  if (connect_ms <= SLOW_CONNECT_MS) return ok('connect_time', sentence);
  return warn('connect_time', `${sentence}; under load requests wait for it`, 'raise POOL_SIZE, or take a pooler');
}

function clock({ clock_ahead_ms, uncertaintyMs }: Latency): Finding {
  const offMs = Math.max(0, Math.abs(clock_ahead_ms) - uncertaintyMs);
  const direction = clock_ahead_ms > 0 ? 'ahead of' : 'behind';
  const fix = 'keep both clocks by NTP';
  if (offMs < CLOCK_WARN_MS) return ok('clock', 'Both clocks agree');
  const sentence = `The database’s clock is ${(Math.abs(clock_ahead_ms) / 1000).toFixed(1)} s ${direction} this machine’s`;
  return offMs < CLOCK_FAIL_MS
    ? warn('clock', `${sentence}; tokens and limits end at another time than they say`, fix)
    : fail('clock', `${sentence}: tokens are refused, or outlive their expiry`, fix);
}
