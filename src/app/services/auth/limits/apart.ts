import type { LimitStore } from './store.ts';

/** A store that is not PostgreSQL, with what travels with its calls carried out before or after them. */
export function apart(store: LimitStore): LimitStore {
  return {
    ...store,
    acquire: async (policy, key, after) => {
      const acquisition = await store.acquire(policy, key);
      if (acquisition.state !== 'granted') return acquisition;
      try {
        await after?.();
      } catch (error) {
        await store.release(acquisition, 'refunded');
        throw error;
      }
      return acquisition;
    },
    release: async (permit, outcome, before) => {
      try {
        await before?.();
      } catch (error) {
        await store.release(permit, outcome);
        throw error;
      }
      return store.release(permit, outcome);
    },
    count: async (policy, key, n, origin) => {
      await origin?.confirmed;
      return store.count(policy, key, n);
    },
  };
}
