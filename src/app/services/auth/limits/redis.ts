import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { RedisClientType } from '@redis/client';
import type { Config } from '../../../config.ts';
import { counterKey, LEASE_SECONDS, type LimitStore, type Policy } from './store.ts';

const PREFIX_LENGTH = 10;
const CONNECT_TIMEOUT_MS = 1000;
const MAX_RECONNECT_MS = 5000;

/** Reads the counter without what has expired, by the server's clock; `save` writes it with its time to live. */
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

const GIVE_BACK = `${PRELUDE}
if used > 0 then
  used = used - 1
  save()
end`;

const ACQUIRE = `${PRELUDE}
local limit, lease = tonumber(ARGV[1]), tonumber(ARGV[2])
if blocked_until > now then return {'refused', blocked_until - now} end
if pending >= math.max(limit - used, 1) then return {'busy', 0} end
pending = pending + 1
pending_until = now + lease
save()
return {'granted', pending}`;

const RELEASE = `${PRELUDE}
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

/** The first part of this installation's keys. All replicas have the same one, whichever port of the database they use. */
export function redisPrefix(config: Pick<Config, 'redis_prefix' | 'database_url' | 'database_schema'>): string {
  if (config.redis_prefix !== '') return config.redis_prefix;
  const { username, hostname, pathname } = new URL(config.database_url.reveal());
  const database = JSON.stringify([username, hostname, pathname, config.database_schema]);
  return `back-${createHash('sha256').update(database).digest('base64url').slice(0, PREFIX_LENGTH)}`;
}

/** Counts in Redis 5 or later, or Valkey: one script a call. A call fails at once if the server is away. */
export async function createRedisStore(url: string, prefix: string): Promise<LimitStore> {
  // Loaded on first use: it costs a quarter of a second at start.
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
  // Resolves with the end of the first attempt, successful or not; later attempts run in the background.
  const firstTry = once(client, 'ready').catch(() => {});
  client.connect().catch(() => {});

  const run = async (script: string, counter: string, args: (string | number)[]): Promise<unknown> => {
    await firstTry;
    return client.eval(script, { keys: [`${prefix}:limits:${counter}`], arguments: args.map(String) });
  };

  return {
    acquire: async (policy, key) => {
      const answer = await run(ACQUIRE, counterKey(policy, key), [policy.limit, LEASE_SECONDS * 1000]);
      const [state, number] = answer as ['granted' | 'busy' | 'refused', number];
      if (state === 'granted') return { state, policy, key, pending: number };
      return state === 'refused' ? { state, waitSeconds: number / 1000 } : { state };
    },
    release: async ({ policy, key }, outcome) =>
      (await run(RELEASE, counterKey(policy, key), [outcome, ...policyNumbers(policy)])) as number,
    count: async (policy, key, n = 1) => {
      const answer = await run(COUNT, counterKey(policy, key), [n, policy.windowSeconds * 1000]);
      const [used, resetsInMs] = answer as [number, number];
      return { used, resetsInSeconds: resetsInMs / 1000 };
    },
    giveBack: async (policy, key) => {
      await run(GIVE_BACK, counterKey(policy, key), []);
    },
    clear: async (policy, key) => {
      await run(`redis.call('DEL', KEYS[1])`, counterKey(policy, key), []);
    },
    cleanup: async () => {},
    close: async () => client.destroy(),
  };
}

function policyNumbers({ limit, windowSeconds, firstWaitSeconds = 0 }: Policy): number[] {
  return [limit, windowSeconds * 1000, firstWaitSeconds * 1000];
}
