import { type Finding, fail, ok, warn } from '../finding.ts';
import type { Look, RedisObservation } from '../observation.ts';

const OLDEST_MAJOR = 5;

/** Whether Redis, if it is configured for the limits, answers and counts. */
export function checkRedis(redis: Look<RedisObservation>): Finding[] {
  if ('failure' in redis)
    return [
      fail(
        'redis',
        `The Redis of REDIS_URL cannot be used: ${redis.failure}; each process counts its limits alone`,
        'start it, correct REDIS_URL, or leave it empty: PostgreSQL counts then',
      ),
    ];
  const { seen } = redis;
  return [reached(seen), eviction(seen), encryption(seen)];
}

function reached({ version, round_trip_ms }: RedisObservation): Finding {
  if (Number.parseInt(version, 10) < OLDEST_MAJOR)
    return fail('redis', `Redis ${version} is too old: ${OLDEST_MAJOR} is the least`, 'upgrade it');
  return ok('redis', `Redis ${version} answers in ${round_trip_ms.toFixed(1)} ms`);
}

function eviction({ eviction }: RedisObservation): Finding {
  if (!/^(allkeys|volatile)/.test(eviction)) return ok('redis_eviction', 'Redis forgets no counter before its time');
  return warn(
    'redis_eviction',
    `maxmemory-policy is ${eviction}: when its memory is full Redis drops counters, and the limits with them`,
    'maxmemory-policy noeviction, or a Redis of its own',
  );
}

function encryption({ is_encrypted, is_local }: RedisObservation): Finding {
  if (is_encrypted) return ok('redis_tls', 'The connection to Redis is encrypted');
  if (is_local) return ok('redis_tls', 'The connection to Redis does not leave this machine');
  return warn('redis_tls', 'The connection to Redis is in clear', 'rediss:// in REDIS_URL, or a private network');
}
