import { once } from 'node:events';
import type { RedisClientType } from '@redis/client';
import { counterKey, LEASE_SECONDS, type LimitStore, type Policy } from './store.ts';

const PREFIX = 'back-api:limits:';
const CONNECT_TIMEOUT_MS = 1000;
const MAX_RECONNECT_MS = 5000;

/** Reads the counter as it counts now, by the server's clock; `save` writes it and lets it expire by itself. */
const PRELUDE = `
local key = KEYS[1]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local stored = redis.call('HMGET', key, 'used', 'pending', 'pending_until', 'blocked_until', 'expires_at')
local used, pending = tonumber(stored[1]) or 0, tonumber(stored[2]) or 0
local pending_until, blocked_until, expires_at = tonumber(stored[3]) or 0, tonumber(stored[4]) or 0, tonumber(stored[5]) or 0
if expires_at <= now then used = 0 end
if pending_until <= now then pending = 0 end
local function save()
  redis.call('HSET', key, 'used', used, 'pending', pending, 'pending_until', pending_until, 'blocked_until', blocked_until, 'expires_at', expires_at)
  redis.call('PEXPIREAT', key, math.max(expires_at, pending_until, now + 1))
end
`;

const COUNT = `${PRELUDE}
local n, window = tonumber(ARGV[1]), tonumber(ARGV[2])
if used == 0 then expires_at = now + window end
used = used + n
save()
return {used, expires_at - now}`;

const TAKE = `${PRELUDE}
local limit, lease = tonumber(ARGV[1]), tonumber(ARGV[2])
if blocked_until > now then return {'refused', pending, blocked_until - now} end
if pending >= math.max(limit - used, 1) then return {'busy', pending, 0} end
pending = pending + 1
pending_until = now + lease
save()
return {'granted', pending, 0}`;

const SETTLE = `${PRELUDE}
local outcome, limit, window, first_wait = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
pending = math.max(pending - 1, 0)
if outcome == 'cleared' then
  used, blocked_until, expires_at = 0, 0, 0
elseif outcome == 'failed' then
  if used == 0 then expires_at = now + window end
  used = used + 1
  if used >= limit and first_wait == 0 then
    blocked_until = expires_at
  elseif used >= limit then
    blocked_until = now + math.min(first_wait * 2 ^ (used - limit), window)
    expires_at = blocked_until + window
  end
end
save()
return used`;

/** Counts in Redis 5 or later, or Valkey: one script a call. A call fails at once while the server is away. */
export async function createRedisStore(url: string): Promise<LimitStore> {
  // Loaded only where it is used: it costs a quarter of a second at start.
  const { createClient } = await import('@redis/client');
  const client: RedisClientType = createClient({
    url,
    disableOfflineQueue: true,
    socket: {
      connectTimeout: CONNECT_TIMEOUT_MS,
      reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, MAX_RECONNECT_MS),
    },
  });
  // Each call reports its own failure; without a listener a lost connection would end the process.
  client.on('error', () => {});
  // Ends with the first try, whatever comes of it; later ones go on in the background.
  const firstTry = once(client, 'ready').catch(() => {});
  client.connect().catch(() => {});

  const run = async (script: string, counter: string, args: (string | number)[]): Promise<unknown> => {
    await firstTry;
    return client.eval(script, { keys: [PREFIX + counter], arguments: args.map(String) });
  };

  return {
    count: async (policy, key, n) => {
      const answer = await run(COUNT, counterKey(policy, key), [n, policy.window_seconds * 1000]);
      const [used, resets_in_ms] = answer as [number, number];
      return { used, resets_in_seconds: resets_in_ms / 1000 };
    },
    take: async (policy, key) => {
      const answer = await run(TAKE, counterKey(policy, key), [policy.limit, LEASE_SECONDS * 1000]);
      const [state, pending, wait_ms] = answer as ['granted' | 'busy' | 'refused', number, number];
      return { state, pending, wait_seconds: wait_ms / 1000 };
    },
    settle: async (policy, key, outcome) =>
      (await run(SETTLE, counterKey(policy, key), [outcome, ...settleNumbers(policy)])) as number,
    clear: async (policy, key) => {
      await run(`redis.call('DEL', KEYS[1])`, counterKey(policy, key), []);
    },
    sweep: async () => {},
    close: async () => client.destroy(),
  };
}

function settleNumbers({ limit, window_seconds, first_wait_seconds = 0 }: Policy): number[] {
  return [limit, window_seconds * 1000, first_wait_seconds * 1000];
}
