import { performance } from 'node:perf_hooks';
import type { RedisObservation } from '../observation.ts';

const CONNECT_WITHIN_MS = 1500;
const LOCAL = /^(localhost|127\..*|\[::1\])$/;

/** Asks the Redis at the URL who it is and what it does when its memory is full. */
export async function observeRedis(url: string): Promise<RedisObservation> {
  const { createClient } = await import('@redis/client');
  const client = createClient({
    url,
    disableOfflineQueue: true,
    socket: { connectTimeout: CONNECT_WITHIN_MS, reconnectStrategy: false },
  });
  // The failure is the one of `connect`; without a listener it would end the process too.
  client.on('error', () => {});
  try {
    await client.connect();
    const started = performance.now();
    await client.ping();
    const round_trip_ms = performance.now() - started;
    const facts = await client.info();
    const { protocol, hostname } = new URL(url);
    return {
      is_local: LOCAL.test(hostname),
      is_encrypted: protocol === 'rediss:',
      version: factOf(facts, 'redis_version'),
      eviction: factOf(facts, 'maxmemory_policy'),
      round_trip_ms,
    };
  } finally {
    client.destroy();
  }
}

function factOf(facts: string, name: string): string {
  return new RegExp(`^${name}:(\\S+)`, 'm').exec(facts)?.[1] ?? '';
}
