import { setTimeout as sleep } from 'node:timers/promises';
import { claimsOf, PASSWORD } from './api.ts';

/** One answer, as a client saw it. `status` 0: none came. */
export interface Answer {
  what: string;
  status: number;
  duration_ms: number;
  at: number;
  retry_after: string | null;
  text: string;
}

/** Clients that use the API without pause and remember what they were told. */
export interface Traffic {
  readonly answers: Answer[];
  /** Titles of items by what the client was told. */
  readonly items: { acknowledged: Map<string, string>; refused: string[] };
  readonly registrations: { acknowledged: string[]; refused: string[] };
  /** Tokens that were given out: none of them may stand in a log. */
  readonly secrets: Set<string>;
  /** How often the refreshing client was told that its session moved on. */
  readonly refreshes: () => number;
  readonly refresh_session: string;
  /** The first token of that session, and the newest. */
  readonly refresh_tokens: () => { first: string; newest: string };
  /** Ends the clients; fails when one of them hangs. */
  stop: () => Promise<void>;
}

interface Pair {
  access_token: string;
  refresh_token: string;
}

/** No request may take longer than this, whatever happens to the database. */
export const REQUEST_DEADLINE_MS = 15_000;
const PAUSE_MS = 25;

/** As many as the pool has connections. */
const MAX_TRIES = 15;

/**
 * Starts four writers, four readers, one who registers, one who refreshes, one with the token of an ended session and
 * one who tries a wrong password, and one who asks after the health.
 */
export async function startTraffic(url: string): Promise<Traffic> {
  const answers: Answer[] = [];
  const secrets = new Set<string>([PASSWORD]);
  const items: Traffic['items'] = { acknowledged: new Map(), refused: [] };
  const registrations: Traffic['registrations'] = { acknowledged: [], refused: [] };
  const run = `${Date.now().toString(36)}-${Math.random().toString(36).slice(2, 8)}`;
  let stopped = false;

  const ask: Ask = async (what, path, { token, body } = {}) => {
    const answer = await send(what, url + path, { token, body });
    answers.push(answer);
    return answer;
  };
  const register = async (email: string): Promise<Pair | undefined> => {
    const answer = await ask('register', '/auth/register', { body: { email, password: PASSWORD } });
    if (answer.status !== 201) return undefined;
    const pair = JSON.parse(answer.text) as Pair;
    secrets.add(pair.access_token).add(pair.refresh_token);
    return pair;
  };
  // A connection that an earlier test left silent costs one request a 503, after which the client comes again.
  const must = async (email: string): Promise<Pair> => {
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const pair = await register(email);
      if (pair !== undefined) return pair;
      if (answers.at(-1)?.status !== 503) break;
    }
    throw new Error(`the traffic could not begin: ${JSON.stringify(answers.at(-1))}`);
  };

  const user = await must(`user-${run}@example.com`);
  const ended = await must(`ended-${run}@example.com`);
  await ask('logout', '/auth/logout', { token: ended.access_token, body: {} });
  let refreshing = await must(`refreshing-${run}@example.com`);
  const refresh_session = claimsOf(refreshing.access_token).sid as string;
  const first = refreshing.refresh_token;
  let refreshes = 0;
  let count = 0;

  const clients: [number, () => Promise<unknown>][] = [
    [4, () => write(ask, items, { token: user.access_token, title: `item ${run} ${++count}` })],
    [4, () => ask('read', '/auth/me', { token: user.access_token })],
    [1, () => ask('intrude', '/auth/me', { token: ended.access_token })],
    [1, () => ask('guess', '/auth/login', { body: { email: `user-${run}@example.com`, password: 'a wrong guess' } })],
    [1, () => ask('live', '/health/live')],
    [1, () => ask('ready', '/health/ready')],
    [
      1,
      async () => {
        const email = `new-${run}-${++count}@example.com`;
        const pair = await register(email);
        (pair === undefined ? registrations.refused : registrations.acknowledged).push(email);
        await sleep(4 * PAUSE_MS);
      },
    ],
    [
      1,
      async () => {
        const body = { refresh_token: refreshing.refresh_token };
        const answer = await ask('refresh', '/auth/refresh', { body });
        if (answer.status !== 200) return;
        refreshing = JSON.parse(answer.text) as Pair;
        secrets.add(refreshing.access_token).add(refreshing.refresh_token);
        refreshes++;
      },
    ],
  ];
  const running = clients.flatMap(([number, step]) =>
    Array.from({ length: number }, async () => {
      while (!stopped) {
        await step();
        await sleep(PAUSE_MS);
      }
    }),
  );

  return {
    answers,
    items,
    registrations,
    secrets,
    refresh_session,
    refreshes: () => refreshes,
    refresh_tokens: () => ({ first, newest: refreshing.refresh_token }),
    stop: async () => {
      stopped = true;
      await Promise.all(running);
    },
  };
}

type Ask = (what: string, path: string, options?: { token?: string; body?: object }) => Promise<Answer>;

async function write(
  ask: Ask,
  items: Traffic['items'],
  { token, title }: { token: string; title: string },
): Promise<void> {
  const answer = await ask('write', '/kit-notes', { token, body: { title } });
  if (answer.status === 201) items.acknowledged.set((JSON.parse(answer.text) as { id: string }).id, title);
  else items.refused.push(title);
}

/** One request with its deadline; what goes wrong on the way is an answer too. */
export async function send(
  what: string,
  url: string,
  { token, body }: { token?: string | undefined; body?: object | undefined } = {},
): Promise<Answer> {
  const at = performance.now();
  const answer = (status: number, retry_after: string | null, text: string): Answer => ({
    what,
    status,
    at,
    duration_ms: performance.now() - at,
    retry_after,
    text,
  });
  try {
    const response = await fetch(url, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_DEADLINE_MS),
    });
    return answer(response.status, response.headers.get('retry-after'), await response.text());
  } catch (error) {
    return answer(0, null, String(error instanceof Error ? (error.cause ?? error) : error));
  }
}
