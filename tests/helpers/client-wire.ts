/** What a test's `fetch` does with the answer to a request: gives it on, loses it, or puts another in its place. */
export type Fate = 'kept' | 'lost' | Response;

/** A `fetch` whose answers a test may lose, and which knows what was sent. */
export interface Wire {
  fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
  /** `POST /auth/refresh`, in the order of sending. */
  sent: string[];
  /** How many refreshes were under way at once, at most. */
  mostRefreshes: () => number;
  /** Decides on each answer; by default all are kept. The request was carried out in any case. */
  fate: (request: string, init: RequestInit) => Fate | Promise<Fate>;
}

/** Sends through the global `fetch`. */
export function createWire(): Wire {
  let [running, most] = [0, 0];
  const wire: Wire = {
    sent: [],
    fate: () => 'kept',
    mostRefreshes: () => most,
    fetch: async (input, init = {}) => {
      const { method, url } = input instanceof Request ? input : { method: init.method ?? 'GET', url: String(input) };
      const request = `${method} ${new URL(url).pathname}`;
      const isRefresh = request === 'POST /auth/refresh';
      wire.sent.push(request);
      if (isRefresh) most = Math.max(most, ++running);
      try {
        const answer = await fetch(input, init);
        const fate = await wire.fate(request, init);
        if (fate === 'lost') throw new TypeError('fetch failed');
        return fate === 'kept' ? answer : fate;
      } finally {
        if (isRefresh) running--;
      }
    },
  };
  return wire;
}
