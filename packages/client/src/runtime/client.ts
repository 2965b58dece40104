import { ApiError, errorOf, secondsToWait } from './error.ts';
import {
  backoff,
  type ClientSession,
  hasEnded,
  isPassing,
  isTokenRefused,
  JSON_TYPE,
  pause,
  SessionKeeper,
  type TokenStorage,
} from './session.ts';

export interface ClientOptions {
  /** Where the API is: `https://api.example.com`, or empty for a page of its own host. */
  baseUrl: string;
  /** `cookie` in a browser; elsewhere the store of the refresh token. Without it the session lives in memory. */
  session?: 'cookie' | TokenStorage;
  /** The key in the store, and the name that the tabs meet under, if a page has two clients. */
  name?: string;
  /** The longest `Retry-After`, in seconds, that a request is sent again after; 10 by default. */
  longestWait?: number;
  /** Sends the requests, in place of the global `fetch`. */
  fetch?: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

/** What every method takes after its own arguments. */
export interface CallOptions {
  signal?: AbortSignal;
  headers?: Record<string, string>;
  /** Goes with the request in place of the session's token, such as an `mfa_token`. */
  token?: string;
}

/** What every client has beside the methods of the API. */
export interface ClientBase {
  readonly session: ClientSession;
  /**
   * `fetch` with the session's token, for openapi-fetch and requests of your own; with `credentials: 'omit'` without it. It rejects
   * only if nothing answers, or nobody is logged in.
   */
  readonly fetch: (input: string | URL | Request, init?: RequestInit) => Promise<Response>;
}

/**
 * `METHOD /path/{id} flags`: q query, j JSON, f form, r another body, o open to everybody, s may answer a pair, x ends the
 * session, p reads all pages.
 */
type Routes = Readonly<Record<string, Readonly<Record<string, string>>>>;

interface Page {
  items: unknown[];
  next_cursor: string | null;
}

interface Sending {
  method: string;
  flags: string;
  token?: string | undefined;
  signal?: AbortSignal | undefined;
  attempt: (headers: Record<string, string>, credentials: RequestInit) => Promise<Response>;
}

const MOST_TRIES = 3;
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const COOKIE_TRANSPORT = { 'x-session': 'cookie' };

/** The client whose methods the routes name. */
export function clientOf(routes: Routes, options: ClientOptions): object {
  const caller = new Caller(routes, options);
  const { session } = caller;
  const tree = mapped(routes, (group) =>
    mapped(group, (route) => (...given: unknown[]) => {
      return / \w*p$/.test(route) ? caller.all(route, given) : caller.call(route, given);
    }),
  );
  return { ...tree, session, fetch: caller.fetch };
}

/** Sends the requests of a client. */
class Caller {
  readonly session: SessionKeeper;
  readonly #routes: Routes;
  readonly #base: string;
  readonly #isByCookie: boolean;
  readonly #longestWait: number;
  readonly #request: NonNullable<ClientOptions['fetch']>;

  constructor(routes: Routes, options: ClientOptions) {
    const { baseUrl, session: kept, name = 'session', longestWait = 10, fetch: given } = options;
    this.#routes = routes;
    this.#base = baseUrl.replace(/\/+$/, '');
    this.#isByCookie = kept === 'cookie';
    this.#longestWait = longestWait;
    // Called as a function of the window.
    this.#request = given ?? ((input, init) => fetch(input, init));
    const byCookie: RequestInit = this.#isByCookie ? { headers: COOKIE_TRANSPORT, credentials: 'include' } : {};
    this.session = new SessionKeeper({
      name,
      store: kept === 'cookie' ? undefined : (kept ?? inMemory()),
      send: (path, init) => this.#request(this.#base + path, { ...init, ...byCookie }),
    });
  }

  /** A method of the tree: the path's values, then the body, the query and the options. */
  async call(route: string, given: unknown[]): Promise<unknown> {
    const [method = '', path = '', flags = ''] = route.split(' ');
    const rest = [...given];
    const filled = path.replace(/{(\w+)}/g, (_, key) => segment(key, rest.shift()));
    const body = /[jfr]/.test(flags) ? rest.shift() : undefined;
    const query = flags.includes('q') ? queryOf(rest.shift()) : '';
    const url = this.#base + filled + (query && `?${query}`);
    // The interface of the tree says so.
    const { signal, headers: more, token } = (rest.shift() ?? {}) as CallOptions;
    const sent = body === undefined ? {} : { body: encoded(flags, body) };
    const type = body === undefined ? {} : typeOf(flags);
    const attempt: Sending['attempt'] = (headers, init) =>
      this.#request(url, {
        method,
        ...(signal && { signal }),
        ...sent,
        ...init,
        headers: { ...type, ...headers, ...more },
      });
    try {
      const answer = await this.#send({ method, flags, token, signal, attempt });
      if (answer.ok) return await contentOf(answer);
      throw await errorOf(answer);
    } catch (error) {
      // A session that has ended already is what a logout wants.
      if (flags.includes('x') && hasEnded(error)) return undefined;
      throw error;
    }
  }

  async *all(route: string, given: unknown[]): AsyncGenerator {
    const values = (route.match(/{/g) ?? []).length;
    const [query, options] = given.slice(values) as [object?, CallOptions?];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = { limit: 100, ...query, ...(cursor && { cursor }) };
      // A route with the flag answers pages.
      const answer = (await this.call(route, [...given.slice(0, values), page, options])) as Page;
      yield* answer.items;
      cursor = answer.next_cursor;
    }
  }

  readonly fetch: ClientBase['fetch'] = (input, init) => {
    const original = new Request(input, init);
    const { method, url, signal, credentials: sent } = original;
    const path = url.slice(new Request(`${this.#base}/`).url.length - 1).replace(/[?#].*/, '');
    const known = Object.values(this.#routes).flatMap((group) => Object.values(group).map((route) => route.split(' ')));
    const fits = (template: string): boolean => RegExp(`^${template.replace(/{\w+}/g, '[^/]+')}$`).test(path);
    const [, , own = ''] = known.find(([verb, template = '']) => verb === method && fits(template)) ?? [];
    const flags = own + (sent === 'omit' ? 'o' : '');
    const token = /^bearer (.+)/i.exec(original.headers.get('authorization') ?? '')?.[1];
    const attempt: Sending['attempt'] = (headers, credentials) => {
      const copy = new Request(original.clone(), credentials);
      for (const [key, value] of Object.entries(headers)) copy.headers.set(key, value);
      return this.#request(copy);
    };
    return this.#send({ method, flags, token, signal, attempt });
  };

  /** One request, sent again once if its token is refused. */
  async #send(sending: Sending): Promise<Response> {
    const { flags, token: given } = sending;
    if (flags.includes('x') && !given) return this.session.leave((token) => this.#try(sending, token));
    const once = (token?: string): Promise<Response> =>
      flags.includes('s') ? this.session.begin(() => this.#try(sending, token)) : this.#try(sending, token);
    if (given || flags.includes('o')) return once(given);
    const token = await this.session.token();
    const answer = await once(token);
    if (!(await isTokenRefused(answer))) return answer;
    return once(await this.session.renew(token));
  }

  /** Reads are sent again if nothing answers; a write only if the API says that it was not carried out. */
  async #try({ method, flags, signal, attempt }: Sending, token?: string): Promise<Response> {
    const isOfSession = this.#isByCookie && /[sx]/.test(flags);
    const headers = { ...(token && { authorization: `Bearer ${token}` }), ...(isOfSession && COOKIE_TRANSPORT) };
    const isRead = /^(GET|HEAD)$/.test(method);
    for (let tries = 1; ; tries++) {
      const answer = await attempt(headers, isOfSession ? { credentials: 'include' } : {}).catch((cause: unknown) => {
        if (signal?.aborted) throw cause;
        return new ApiError({}, undefined, { cause });
      });
      const isAnswer = !(answer instanceof ApiError);
      const seconds = (isAnswer && secondsToWait(answer)) || 0;
      const isSafe = isRead || (answer.status === 429 && !flags.includes('o'));
      const isAgain = isSafe && isPassing(answer) && answer.status !== 500 && seconds <= this.#longestWait;
      if (!isAgain || tries === MOST_TRIES) {
        if (isAnswer) return answer;
        throw answer;
      }
      await pause(seconds * 1000 + backoff(tries));
    }
  }
}

function inMemory(): TokenStorage {
  const held = new Map<string, string>();
  return {
    getItem: (key) => held.get(key),
    setItem: (key, value) => held.set(key, value),
    removeItem: (key) => held.delete(key),
  };
}

function segment(key: string, value: unknown): string {
  const text = String(value ?? '');
  // Another path than the one that is meant.
  if (/^\.{0,2}$/.test(text)) throw new TypeError(`${key} is missing`);
  return encodeURIComponent(text);
}

function queryOf(query: unknown): string {
  const pairs = Object.entries(query ?? {}).flatMap(([key, value]) =>
    [value].flat().flatMap((one) => (one === undefined || one === null ? [] : [[key, textOf(one)]])),
  );
  return pairs.map((pair) => pair.map(encodeURIComponent).join('=')).join('&');
}

function textOf(value: unknown): string {
  return value instanceof Date ? value.toISOString() : String(value);
}

function encoded(flags: string, body: unknown): NonNullable<RequestInit['body']> {
  if (flags.includes('j')) return JSON.stringify(body);
  if (flags.includes('f')) return queryOf(body);
  // The method's type says that it is a body of fetch.
  return body as NonNullable<RequestInit['body']>;
}

function typeOf(flags: string): Record<string, string> {
  if (flags.includes('j')) return JSON_TYPE;
  return flags.includes('f') ? FORM_TYPE : {};
}

async function contentOf(answer: Response): Promise<unknown> {
  const type = answer.headers.get('content-type') ?? '';
  if (/json/.test(type)) return answer.json();
  if (type.startsWith('text/')) return answer.text();
  return type === '' ? undefined : answer;
}

function mapped<Value, Result>(
  record: Readonly<Record<string, Value>>,
  change: (value: Value) => Result,
): Record<string, Result> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
