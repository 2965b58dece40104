import type { TokenPair } from './contract.ts';

/** What one tab tells the others. */
export type TabMessage = { is: 'open'; isNew?: boolean; pair?: TokenPair } | { is: 'ended'; code: string };

/** What the tabs of a browser have in common; in other surroundings, one process. */
export interface Tabs {
  /** Runs one task at a time over all tabs. The task learns whether another tab may have been before it. */
  exclusive: <T>(task: (waited: boolean) => Promise<T>) => Promise<T>;
  post: (message: TabMessage) => void;
}

interface Platform {
  document?: unknown;
  importScripts?: unknown;
  navigator?: {
    locks?: {
      request: <T>(name: string, options: { signal: AbortSignal }, task: () => Promise<T>) => Promise<T>;
    };
  };
  BroadcastChannel?: new (
    name: string,
  ) => { onmessage: ((event: { data: TabMessage }) => void) | null; postMessage: (message: TabMessage) => void };
  localStorage?: { setItem: (key: string, value: string) => void };
  addEventListener?: (
    type: 'storage',
    listener: (event: { key: string | null; newValue: string | null }) => void,
  ) => void;
}

/** A tab that is frozen with the lock in its hands does not stop the others for longer. */
const LOCK_MS = 40_000;

/** Joins the tabs that use the same name; `receive` gets what the others say. */
export function joinTabs(name: string, receive: (message: TabMessage) => void): Tabs {
  const platform = globalThis as unknown as Platform;
  const isBrowser = 'document' in platform || 'importScripts' in platform;
  const locks = isBrowser ? platform.navigator?.locks : undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function locked<T>(task: (waited: boolean) => Promise<T>): Promise<T> {
    if (locks === undefined) return task(false);
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), LOCK_MS);
    const asked = Date.now();
    let hasBegun = false;
    const begin = (): Promise<T> => {
      hasBegun = true;
      clearTimeout(timer);
      return task(Date.now() - asked > 5);
    };
    try {
      return await locks.request(name, { signal: patience.signal }, begin);
    } catch (error) {
      // Also in a frame without an origin, which may not use locks.
      if (hasBegun) throw error;
      return begin();
    }
  }

  return {
    exclusive: (task) => {
      const turn = last.then(() => locked(task));
      last = turn.catch(() => {});
      return turn;
    },
    post: isBrowser ? connect(platform, name, receive) : () => {},
  };
}

function connect(platform: Platform, name: string, receive: (message: TabMessage) => void): Tabs['post'] {
  if (platform.BroadcastChannel) {
    const channel = new platform.BroadcastChannel(name);
    channel.onmessage = ({ data }) => receive(data);
    return (message) => channel.postMessage(message);
  }
  platform.addEventListener?.('storage', ({ key, newValue }) => {
    if (key === name && newValue) receive(JSON.parse(newValue));
  });
  return (message) => {
    // What is stored holds no token; the number makes each message a change.
    const stored = { ...message, pair: undefined, n: Math.random() };
    try {
      platform.localStorage?.setItem(name, JSON.stringify(stored));
    } catch {
      // Storage that is full or forbidden: the other tabs learn it from the API.
    }
  };
}
