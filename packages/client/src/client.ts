// Generated from openapi.json by: npx back generate client
// The typed client of the API. It needs nothing but fetch.

/** A request that failed: the API refused it, or nothing of the API answered. */
export class ApiError extends Error {
  /** The API's code; `network_error` without an answer, `unexpected_answer` if something before the API answered. */
  readonly code: ErrorCode | 'network_error' | 'unexpected_answer';
  /** The HTTP status; 0 without an answer. */
  readonly status: number;
  /** A sentence for people. */
  readonly detail: string;
  /** Names the request in the API's log. */
  readonly request_id: string | undefined;
  /** Seconds to wait before the next try, if the answer names them. */
  readonly retryAfter: number | undefined;
  /** The whole body: `errors` of a form, `mfa_token`, `methods`. */
  readonly problem: Partial<Problem>;

  constructor(problem: Partial<Problem>, answer?: Response, options?: { cause: unknown }) {
    const { code, status = answer?.status ?? 0, detail } = problem;
    const fallback = answer === undefined ? 'network_error' : 'unexpected_answer';
    super(detail ?? (answer === undefined ? 'The API cannot be reached' : `Unexpected answer ${status}`), options);
    this.name = 'ApiError';
    // A newer API may send a code that this file does not know.
    this.code = (code as ErrorCode | undefined) ?? fallback;
    this.status = status;
    this.detail = this.message;
    this.request_id = problem.request_id ?? answer?.headers.get('x-request-id') ?? undefined;
    this.retryAfter = answer && secondsToWait(answer);
    this.problem = problem;
  }

  /** The messages of a form by the name of their field. */
  get fields(): Record<string, string> {
    const { errors = [] } = this.problem;
    return Object.fromEntries(errors.map(({ loc, msg }) => [loc.slice(1).join('.'), msg]));
  }
}

/** The error that an answer says; it reads a copy of the body. */
export async function errorOf(answer: Response): Promise<ApiError> {
  // A proxy before the API answers HTML.
  const problem = await answer
    .clone()
    .json()
    .catch(() => undefined);
  return new ApiError(typeof problem === 'object' && problem !== null ? problem : {}, answer);
}

/** `Retry-After`, in seconds or as a date (RFC 9110 §10.2.3). */
function secondsToWait({ headers }: Response): number | undefined {
  const value = headers.get('retry-after');
  if (!value) return undefined;
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

/** What one tab tells the others. */
type TabMessage = { is: 'open'; isNew?: boolean; pair?: TokenPair } | { is: 'ended'; code: string };

/** What the tabs of a browser have in common; in other surroundings, one process. */
interface Tabs {
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
function joinTabs(name: string, receive: (message: TabMessage) => void): Tabs {
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

/** Where a refresh token is kept: `localStorage`, the store of a phone, or any object with these three. */
export interface TokenStorage {
  getItem: (key: string) => string | null | undefined | Promise<string | null | undefined>;
  setItem: (key: string, value: string) => unknown;
  removeItem: (key: string) => unknown;
}

export type SessionState = 'unknown' | 'open' | 'ended';

/** The session as an application sees it. */
export interface ClientSession {
  /** `unknown` until the API was asked. */
  readonly state: SessionState;
  /** The API's code for why it ended, or `logout`. */
  readonly endedBy: string | undefined;
  /** Whether there is a session, asking the API if that is unknown: what a page does first. */
  restore: () => Promise<boolean>;
  /** A living access token, refreshed if it must be: for a WebSocket, or a request of your own. */
  token: () => Promise<string>;
  /** Calls the listener on every change of the state, and when a login replaces an open session, in whichever tab; gives what ends that. */
  subscribe: (listener: (state: SessionState) => void) => () => void;
}

interface Access {
  token: string;
  life_ms: number;
  sent: Moment;
}

interface Moment {
  wall: number;
  ticks: number;
}

/** What a refresh answers if there is no session any more; every other failure keeps it. */
const ENDED =
  /^(not_authenticated|token_(invalid|expired)|session_ended|refresh_token_reused|account_disabled|validation_failed)$/;
const LOGIN_FIRST = { code: 'not_authenticated', status: 401, detail: 'Log in first' } as const;
const MARGIN_MS = 30_000;
/** The API gives the same successor again for ten seconds (REFRESH_REUSE_SECONDS); the last try has to reach it in them. */
const GRACE_MS = 8000;
const IMPATIENT_MS = 3500;
const PATIENT_MS = 30_000;

interface SessionSurroundings {
  /** The key in the store, and where the tabs meet. */
  name: string;
  /** Holds the refresh token; without it a cookie does. */
  store: TokenStorage | undefined;
  /** Posts to a path of the API. */
  send: (path: string, init: RequestInit) => Promise<Response>;
}

/** The session of a client: its access token, and the one refresh of all its requests. */
class SessionKeeper implements ClientSession {
  state: SessionState = 'unknown';
  endedBy: string | undefined;
  readonly #name: string;
  readonly #store: TokenStorage | undefined;
  readonly #send: SessionSurroundings['send'];
  readonly #tabs: Tabs;
  readonly #listeners = new Set<(state: SessionState) => void>();
  #access: Access | undefined;
  #renewing: Promise<string> | undefined;

  constructor({ name, store, send }: SessionSurroundings) {
    this.#name = name;
    this.#store = store;
    this.#send = send;
    this.#tabs = joinTabs(name, (message) => void this.#receive(message));
  }

  readonly restore = async (): Promise<boolean> => {
    try {
      await (living(this.#access) ?? this.renew(this.#access?.token));
      return true;
    } catch (error) {
      if (hasEnded(error)) return false;
      throw error;
    }
  };

  readonly token = async (): Promise<string> => {
    const token = living(this.#access);
    if (token !== undefined) return token;
    // A cookie that is known to be gone is not asked for again; a store may have been filled.
    if (!this.#store && this.state === 'ended') throw new ApiError(LOGIN_FIRST);
    return this.renew(this.#access?.token);
  };

  readonly subscribe = (listener: (state: SessionState) => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** A token other than the stale one; all that ask at the same moment share one refresh. */
  renew(stale?: string): Promise<string> {
    const renewed = (): string | undefined => (this.#access?.token === stale ? undefined : living(this.#access));
    this.#renewing ??= this.#tabs
      .exclusive(async (waited) => {
        // What the tab before this one got may still be on its way here.
        if (waited && !renewed()) await pause(25);
        return renewed() ?? this.#exchange();
      })
      .finally(() => {
        this.#renewing = undefined;
      });
    return this.#renewing;
  }

  /** Sends what may answer a pair, while nothing refreshes, and keeps the pair. */
  begin(send: () => Promise<Response>): Promise<Response> {
    return this.#tabs.exclusive(async () => {
      const sent = now();
      const answer = await send();
      const pair = answer.ok ? await pairOf(answer) : undefined;
      if (pair) await this.#keep(pair, sent, true);
      return answer;
    });
  }

  /** Sends a logout, and forgets the session whatever comes of it. */
  async leave(send: (token?: string) => Promise<Response>): Promise<Response> {
    const alone = (token?: string): Promise<Response> => this.#tabs.exclusive(() => send(token));
    try {
      // A cookie ends the session by itself.
      if (!this.#store) return await alone();
      const token = await this.token();
      const answer = await alone(token);
      return (await isTokenRefused(answer)) ? await alone(await this.renew(token)) : answer;
    } finally {
      await this.#end('logout');
    }
  }

  /** A lost answer is asked for again with the same token, which gets the same successor within the grace. */
  async #exchange(): Promise<string> {
    const begun = now();
    for (let tries = 0; ; tries++) {
      const refresh_token = await this.#store?.getItem(this.#name);
      if (this.#store && !refresh_token) {
        await this.#end(LOGIN_FIRST.code);
        throw new ApiError(LOGIN_FIRST);
      }
      const sent = now();
      const result = await this.#ask(refresh_token, since(begun) < GRACE_MS / 2 ? IMPATIENT_MS : PATIENT_MS);
      if (!(result instanceof ApiError)) return this.#keep(result, sent);
      if (hasEnded(result)) {
        // In a browser without locks, another tab was faster.
        if (this.#store && (await this.#store.getItem(this.#name)) !== refresh_token) continue;
        await this.#end(result.code);
        throw result;
      }
      const wait = result.retryAfter === undefined ? backoff(tries) : result.retryAfter * 1000;
      if (!isPassing(result) || since(begun) + wait > GRACE_MS) throw result;
      await pause(wait);
    }
  }

  async #ask(refresh_token: string | null | undefined, patience_ms: number): Promise<TokenPair | ApiError> {
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), patience_ms);
    const body = this.#store ? { headers: JSON_TYPE, body: JSON.stringify({ refresh_token }) } : {};
    try {
      const answer = await this.#send('/auth/refresh', { method: 'POST', signal: patience.signal, ...body });
      if (!answer.ok) return await errorOf(answer);
      // The body of POST /auth/refresh.
      return (await answer.json()) as TokenPair;
    } catch (cause) {
      return new ApiError({}, undefined, { cause });
    } finally {
      clearTimeout(timer);
    }
  }

  async #keep(pair: TokenPair, sent: Moment, isNew = false): Promise<string> {
    const { access_token, refresh_token } = pair;
    if (this.#store && refresh_token) await this.#store.setItem(this.#name, refresh_token);
    this.#access = accessOf(pair, sent);
    this.#open(isNew);
    // Tabs with a store read it; the others share the access token, which each would have to ask for otherwise.
    this.#tabs.post({ is: 'open', isNew, ...(!this.#store && { pair }) });
    return access_token;
  }

  async #end(code: string): Promise<void> {
    this.#access = undefined;
    await this.#store?.removeItem(this.#name);
    if (this.#change('ended', code)) this.#tabs.post({ is: 'ended', code });
  }

  async #receive(message: TabMessage): Promise<void> {
    this.#access = undefined;
    if (message.is === 'open') {
      if (!this.#store && message.pair) this.#access = accessOf(message.pair, now());
      this.#open(message.isNew);
    } else if (!(await this.#store?.getItem(this.#name))) this.#change('ended', message.code);
  }

  #open(isNew?: boolean): void {
    // It may be another account's.
    if (!this.#change('open') && isNew) this.#tell();
  }

  #change(next: SessionState, code?: string): boolean {
    if (next === this.state) return false;
    this.state = next;
    this.endedBy = code;
    this.#tell();
    return true;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener(this.state);
  }
}

const JSON_TYPE = { 'content-type': 'application/json' };

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether the error says that there is no session any more. */
function hasEnded(error: unknown): boolean {
  return error instanceof ApiError && ENDED.test(error.code);
}

/** Whether the refresh decides what comes next: also if the API restarted with other keys, or another tab has a newer session. */
async function isTokenRefused(answer: Response): Promise<boolean> {
  if (answer.status !== 401 && answer.status !== 403) return false;
  return /^(token_(expired|invalid)|session_ended|account_disabled)$/.test((await errorOf(answer)).code);
}

/** Milliseconds before try number `tries`, with a random part so that clients do not come together. */
function backoff(tries: number): number {
  return Math.min(2000, 200 * 2 ** tries) * (0.75 + Math.random() / 2);
}

/** Whether the failure says nothing of the request: no answer, or one from what is overloaded or restarts. */
function isPassing({ status }: { status: number }): boolean {
  return status === 0 || status === 408 || status === 429 || status >= 500;
}

async function pairOf(answer: Response): Promise<TokenPair | undefined> {
  // The body of a login, or of what answers a pair beside other things.
  const body = (await answer
    .clone()
    .json()
    .catch(() => undefined)) as TokenPair | undefined;
  return body?.access_token ? body : undefined;
}

function accessOf({ access_token, expires_in }: TokenPair, sent: Moment): Access {
  return { token: access_token, life_ms: expires_in * 1000, sent };
}

/** The token, unless it is about to expire. */
function living(access: Access | undefined): string | undefined {
  if (access === undefined) return undefined;
  const { token, life_ms, sent } = access;
  return since(sent) < life_ms - Math.min(MARGIN_MS, life_ms / 5) ? token : undefined;
}

/** Two clocks: the wall's is set by people and servers, and the other stands still while some machines sleep. */
function now(): Moment {
  return { wall: Date.now(), ticks: globalThis.performance?.now() ?? 0 };
}

function since({ wall, ticks }: Moment): number {
  const present = now();
  return Math.max(present.wall - wall, present.ticks - ticks);
}

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
interface ClientBase {
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
function clientOf(routes: Routes, options: ClientOptions): object {
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

/** The codes of the API's refusals. */
export type ErrorCode = 'malformed_request' | 'one_time_token_invalid' | 'oauth_state_invalid' | 'not_authenticated' | 'token_invalid' | 'token_expired' | 'session_ended' | 'refresh_token_reused' | 'invalid_credentials' | 'mfa_token_invalid' | 'account_disabled' | 'email_unverified' | 'mfa_required' | 'mfa_enrollment_required' | 'reauthentication_required' | 'cross_site_request' | 'registration_closed' | 'forbidden' | 'route_not_found' | 'user_not_found' | 'factor_not_found' | 'identity_not_found' | 'provider_not_found' | 'passkey_not_found' | 'session_not_found' | 'file_not_found' | 'mail_not_found' | 'method_not_allowed' | 'request_timeout' | 'email_taken' | 'factor_limit' | 'identity_taken' | 'identity_confirmation_required' | 'passkey_limit' | 'passkey_taken' | 'file_limit' | 'upload_missing' | 'upload_mismatch' | 'last_login_method' | 'last_admin' | 'conflict' | 'precondition_failed' | 'payload_too_large' | 'unsupported_media_type' | 'range_not_satisfiable' | 'validation_failed' | 'email_missing' | 'password_too_short' | 'password_too_long' | 'password_too_common' | 'password_breached' | 'password_unchanged' | 'file_too_large' | 'file_type_refused' | 'rate_limited' | 'headers_too_large' | 'internal_error' | 'service_unavailable' | 'item_not_found' | 'item_limit';

export type AccountClosing = components["schemas"]["AccountClosing"];
export type ActivatedFactor = components["schemas"]["ActivatedFactor"];
export type AddressRequest = components["schemas"]["AddressRequest"];
export type Alive = components["schemas"]["Alive"];
export type AssertedCredential = components["schemas"]["AssertedCredential"];
export type AuditEvent = components["schemas"]["AuditEvent"];
export type AuditEventPage = components["schemas"]["AuditEventPage"];
export type CodeExchange = components["schemas"]["CodeExchange"];
export type CreatedCredential = components["schemas"]["CreatedCredential"];
export type CreatedPasskey = components["schemas"]["CreatedPasskey"];
export type CreationOptions = components["schemas"]["CreationOptions"];
export type EmailChange = components["schemas"]["EmailChange"];
export type EmailConfirmation = components["schemas"]["EmailConfirmation"];
export type EnrolledFactor = components["schemas"]["EnrolledFactor"];
export type Factor = components["schemas"]["Factor"];
export type FactorActivation = components["schemas"]["FactorActivation"];
export type FactorCreate = components["schemas"]["FactorCreate"];
export type FactorList = components["schemas"]["FactorList"];
export type FactorRemoval = components["schemas"]["FactorRemoval"];
export type Healthy = components["schemas"]["Healthy"];
export type IdTokenSignIn = components["schemas"]["IdTokenSignIn"];
export type Identity = components["schemas"]["Identity"];
export type IdentityLinking = components["schemas"]["IdentityLinking"];
export type IdentityPage = components["schemas"]["IdentityPage"];
export type Invitation = components["schemas"]["Invitation"];
export type InvitationAcceptance = components["schemas"]["InvitationAcceptance"];
export type Item = components["schemas"]["Item"];
export type ItemCreate = components["schemas"]["ItemCreate"];
export type ItemPage = components["schemas"]["ItemPage"];
export type ItemUpdate = components["schemas"]["ItemUpdate"];
export type JsonWebKey = components["schemas"]["JsonWebKey"];
export type JsonWebKeySet = components["schemas"]["JsonWebKeySet"];
export type LinkAddress = components["schemas"]["LinkAddress"];
export type LinkProof = components["schemas"]["LinkProof"];
export type Login = components["schemas"]["Login"];
export type LoginCode = components["schemas"]["LoginCode"];
export type Mail = components["schemas"]["Mail"];
export type MailPage = components["schemas"]["MailPage"];
export type Passkey = components["schemas"]["Passkey"];
export type PasskeyCreate = components["schemas"]["PasskeyCreate"];
export type PasskeyEndpoints = components["schemas"]["PasskeyEndpoints"];
export type PasskeyLogin = components["schemas"]["PasskeyLogin"];
export type PasskeyPage = components["schemas"]["PasskeyPage"];
export type PasskeyUpdate = components["schemas"]["PasskeyUpdate"];
export type PasswordChange = components["schemas"]["PasswordChange"];
export type PasswordProof = components["schemas"]["PasswordProof"];
export type PasswordReset = components["schemas"]["PasswordReset"];
export type PendingEmailChange = components["schemas"]["PendingEmailChange"];
export type Problem = components["schemas"]["Problem"];
export type ProfileUpdate = components["schemas"]["ProfileUpdate"];
export type Provider = components["schemas"]["Provider"];
export type ProviderAnswer = components["schemas"]["ProviderAnswer"];
export type ProviderList = components["schemas"]["ProviderList"];
export type PublicKeyCredentialCreationOptions = components["schemas"]["PublicKeyCredentialCreationOptions"];
export type PublicKeyCredentialRequestOptions = components["schemas"]["PublicKeyCredentialRequestOptions"];
export type Readiness = components["schemas"]["Readiness"];
export type Reauthentication = components["schemas"]["Reauthentication"];
export type RecoveryCodes = components["schemas"]["RecoveryCodes"];
export type Refresh = components["schemas"]["Refresh"];
export type Registration = components["schemas"]["Registration"];
export type RelatedOrigins = components["schemas"]["RelatedOrigins"];
export type RequestOptions = components["schemas"]["RequestOptions"];
export type SecondFactor = components["schemas"]["SecondFactor"];
export type Session = components["schemas"]["Session"];
export type SessionPage = components["schemas"]["SessionPage"];
export type TokenPair = components["schemas"]["TokenPair"];
export type TokenRequest = components["schemas"]["TokenRequest"];
export type Unhealthy = components["schemas"]["Unhealthy"];
export type User = components["schemas"]["User"];
export type UserCreate = components["schemas"]["UserCreate"];
export type UserLock = components["schemas"]["UserLock"];
export type UserPage = components["schemas"]["UserPage"];
export type UserUpdate = components["schemas"]["UserUpdate"];
export type Verification = components["schemas"]["Verification"];

/** The methods of the API. Each throws an ApiError. */
export interface Api {
  metrics: {
    /** Counters of the processes, for Prometheus */
    get(options?: CallOptions): Promise<string>;
  };
  items: {
    /** List items */
    list(query?: {
      /** Rows on the page */
      limit?: number;
      /** `next_cursor` of the page before */
      cursor?: string;
    }, options?: CallOptions): Promise<ItemPage>;
    /** List items */
    all(query?: {
      /** Rows on the page */
      limit?: number;
    }, options?: CallOptions): AsyncIterable<Item>;
    /**
     * Create an item
     * @throws {ApiError} `item_limit`
     */
    create(body: ItemCreate, options?: CallOptions): Promise<Item>;
    /**
     * Read an item
     * @throws {ApiError} `item_not_found`
     */
    get(id: string, options?: CallOptions): Promise<Item>;
    /**
     * Delete an item
     * @throws {ApiError} `item_not_found`
     */
    delete(id: string, options?: CallOptions): Promise<void>;
    /**
     * Change an item
     * @throws {ApiError} `item_not_found`
     */
    update(id: string, body: ItemUpdate, options?: CallOptions): Promise<Item>;
  };
  auth: {
    /**
     * Open an account
     * With `EMAIL_VERIFICATION=required` the answer is 202 without tokens for every address; the mail says how it goes on.
     * @throws {ApiError} `registration_closed`, `email_taken`, `password_too_short`, `password_too_long`, `password_too_common`, `password_breached`
     */
    register(body: Registration, options?: CallOptions): Promise<TokenPair | undefined>;
    /**
     * Log in
     * @throws {ApiError} `invalid_credentials`, `mfa_required`, `mfa_enrollment_required`
     */
    login(body: Login, options?: CallOptions): Promise<TokenPair>;
    /**
     * Log in or refresh by an OAuth2 form
     * @throws {ApiError} `invalid_credentials`, `refresh_token_reused`, `mfa_required`, `mfa_enrollment_required`
     */
    requestToken(body: TokenRequest, options?: CallOptions): Promise<TokenPair>;
    /**
     * Who am I
     * @throws {ApiError} `mfa_token_invalid`
     */
    getAccount(options?: CallOptions): Promise<User>;
    /**
     * Delete my account and all it owns
     * @throws {ApiError} `invalid_credentials`, `reauthentication_required`, `last_admin`, `conflict`
     */
    deleteAccount(body?: AccountClosing, options?: CallOptions): Promise<void>;
    /** Change my name and language */
    updateAccount(body: ProfileUpdate, options?: CallOptions): Promise<User>;
    /**
     * Change my password and end my other sessions
     * @throws {ApiError} `invalid_credentials`, `reauthentication_required`, `conflict`, `password_too_short`, `password_too_long`, `password_too_common`, `password_breached`, `password_unchanged`
     */
    changePassword(body: PasswordChange, options?: CallOptions): Promise<void>;
    /**
     * Lift the lock that failed logins put on my account
     * @throws {ApiError} `invalid_credentials`
     */
    liftLock(body: PasswordProof, options?: CallOptions): Promise<void>;
    /**
     * End this session
     * By the access token, or by the cookie of the session alone; the cookie is cleared.
     * @throws {ApiError} `cross_site_request`
     */
    logout(options?: CallOptions): Promise<void>;
    /** List my sessions */
    listSessions(query?: {
      /** Rows on the page */
      limit?: number;
      /** `next_cursor` of the page before */
      cursor?: string;
    }, options?: CallOptions): Promise<SessionPage>;
    /** List my sessions */
    allSessions(query?: {
      /** Rows on the page */
      limit?: number;
    }, options?: CallOptions): AsyncIterable<Session>;
    /** End all my sessions but this one */
    endOtherSessions(options?: CallOptions): Promise<void>;
    /**
     * End one of my sessions
     * @throws {ApiError} `session_not_found`
     */
    endSession(id: string, options?: CallOptions): Promise<void>;
    /**
     * Finish a sign-in by its second factor
     * @throws {ApiError} `invalid_credentials`, `mfa_token_invalid`
     */
    signInByFactor(body: SecondFactor, options?: CallOptions): Promise<TokenPair>;
    /**
     * List my second factors
     * @throws {ApiError} `mfa_token_invalid`
     */
    listFactors(options?: CallOptions): Promise<FactorList>;
    /**
     * Begin to add an authenticator app
     * @throws {ApiError} `mfa_token_invalid`, `reauthentication_required`, `email_unverified`, `factor_limit`
     */
    enrolFactor(body: FactorCreate, options?: CallOptions): Promise<EnrolledFactor>;
    /**
     * Activate an authenticator app by its first code
     * @throws {ApiError} `mfa_token_invalid`, `invalid_credentials`, `factor_not_found`
     */
    activateFactor(id: string, body: FactorActivation, options?: CallOptions): Promise<ActivatedFactor>;
    /**
     * Remove one of my authenticator apps
     * @throws {ApiError} `reauthentication_required`, `factor_not_found`
     */
    removeFactor(id: string, options?: CallOptions): Promise<void>;
    /**
     * Get new recovery codes; the former ones end
     * @throws {ApiError} `reauthentication_required`, `factor_not_found`
     */
    renewRecoveryCodes(options?: CallOptions): Promise<RecoveryCodes>;
    /**
     * Prove once more who I am; the session is fresh for five minutes
     * @throws {ApiError} `invalid_credentials`, `reauthentication_required`
     */
    reauthenticate(body: Reauthentication, options?: CallOptions): Promise<void>;
    /** List the providers that people can sign in with */
    listProviders(options?: CallOptions): Promise<ProviderList>;
    /**
     * Exchange the code of a sign-in for tokens
     * A wrong `code_verifier` spends the code.
     * @throws {ApiError} `one_time_token_invalid`, `email_unverified`, `mfa_required`, `mfa_enrollment_required`
     */
    exchangeCode(body: CodeExchange, options?: CallOptions): Promise<TokenPair>;
    /**
     * Sign in by an id token that a native app got from a provider
     * One network may call it 300 times in 1 minute.
     * @throws {ApiError} `one_time_token_invalid`, `email_unverified`, `registration_closed`, `mfa_required`, `mfa_enrollment_required`, `provider_not_found`, `identity_confirmation_required`, `email_missing`
     */
    signInByIdToken(provider: string, body: IdTokenSignIn, options?: CallOptions): Promise<TokenPair>;
    /** List the provider accounts that I can sign in with */
    listIdentities(query?: {
      /** Rows on the page */
      limit?: number;
      /** `next_cursor` of the page before */
      cursor?: string;
    }, options?: CallOptions): Promise<IdentityPage>;
    /** List the provider accounts that I can sign in with */
    allIdentities(query?: {
      /** Rows on the page */
      limit?: number;
    }, options?: CallOptions): AsyncIterable<Identity>;
    /**
     * Begin to link an account of a provider to mine
     * @throws {ApiError} `reauthentication_required`, `provider_not_found`
     */
    linkIdentity(id: string, body?: IdentityLinking, options?: CallOptions): Promise<LinkAddress>;
    /**
     * Unlink a provider account from mine
     * @throws {ApiError} `reauthentication_required`, `identity_not_found`, `last_login_method`
     */
    unlinkIdentity(id: string, options?: CallOptions): Promise<void>;
    /** Get what a browser asks for a passkey by */
    getPasskeyOptions(options?: CallOptions): Promise<RequestOptions>;
    /**
     * Log in by a passkey
     * @throws {ApiError} `invalid_credentials`, `email_unverified`
     */
    logInByPasskey(body: PasskeyLogin, options?: CallOptions): Promise<TokenPair>;
    /**
     * Get what a browser makes a passkey by
     * @throws {ApiError} `mfa_token_invalid`, `reauthentication_required`, `email_unverified`, `passkey_limit`
     */
    getPasskeyCreationOptions(options?: CallOptions): Promise<CreationOptions>;
    /** List my passkeys */
    listPasskeys(query?: {
      /** Rows on the page */
      limit?: number;
      /** `next_cursor` of the page before */
      cursor?: string;
    }, options?: CallOptions): Promise<PasskeyPage>;
    /** List my passkeys */
    allPasskeys(query?: {
      /** Rows on the page */
      limit?: number;
    }, options?: CallOptions): AsyncIterable<Passkey>;
    /**
     * Add the passkey that a browser made
     * @throws {ApiError} `mfa_token_invalid`, `invalid_credentials`, `email_unverified`, `passkey_limit`, `passkey_taken`
     */
    addPasskey(body: PasskeyCreate, options?: CallOptions): Promise<CreatedPasskey>;
    /**
     * Remove one of my passkeys
     * @throws {ApiError} `reauthentication_required`, `passkey_not_found`, `last_login_method`
     */
    removePasskey(id: string, options?: CallOptions): Promise<void>;
    /**
     * Name one of my passkeys
     * @throws {ApiError} `passkey_not_found`
     */
    updatePasskey(id: string, body: PasskeyUpdate, options?: CallOptions): Promise<Passkey>;
    /**
     * Have a link and a code mailed that set a new password
     * The answer is the same whether or not the address has an account.
     */
    requestPasswordReset(body: AddressRequest, options?: CallOptions): Promise<void>;
    /**
     * Set a new password by a mailed link or code, and end every session
     * @throws {ApiError} `one_time_token_invalid`, `password_too_short`, `password_too_long`, `password_too_common`, `password_breached`
     */
    resetPassword(body: PasswordReset, options?: CallOptions): Promise<void>;
    /**
     * Have a link and a code mailed that verify the address
     * The answer is the same whether or not the address has an account.
     */
    requestVerification(body: AddressRequest, options?: CallOptions): Promise<void>;
    /**
     * Verify an address by a mailed link or code
     * The first verification of an account drops the password and the sessions that were set before it, unless the request also carries the password or an access token of the account.
     * @throws {ApiError} `one_time_token_invalid`, `invalid_credentials`
     */
    verifyEmail(body: Verification, options?: CallOptions): Promise<User>;
    /**
     * Have a link and a code mailed to a new address of mine
     * The address changes with the confirmation. A notice with a link that undoes it goes to the present address. The answer is the same if the new address is taken.
     * @throws {ApiError} `invalid_credentials`, `reauthentication_required`, `conflict`
     */
    requestEmailChange(body: EmailChange, options?: CallOptions): Promise<PendingEmailChange>;
    /**
     * Take the new address, by the mailed link or code
     * @throws {ApiError} `one_time_token_invalid`, `email_taken`
     */
    confirmEmailChange(body: EmailConfirmation, options?: CallOptions): Promise<User>;
    /**
     * Take the former address again and end every session, by the link of the notice
     * @throws {ApiError} `one_time_token_invalid`
     */
    undoEmailChange(body: LinkProof, options?: CallOptions): Promise<void>;
    /**
     * Have a link and a code mailed that log in
     * The answer is the same whether or not the address has an account; none is made. Without `EMAIL_LOGIN=true` it is 404.
     * @throws {ApiError} `route_not_found`
     */
    requestLoginCode(body: AddressRequest, options?: CallOptions): Promise<void>;
    /**
     * Log in by a mailed link or code
     * The first proof of the mailbox drops the password and the sessions that were set before it, unless the request carries an access token of the account. Without `EMAIL_LOGIN=true` the answer is 404.
     * @throws {ApiError} `one_time_token_invalid`, `mfa_required`, `mfa_enrollment_required`, `route_not_found`
     */
    loginByCode(body: LoginCode, options?: CallOptions): Promise<TokenPair>;
    /**
     * Set the first password by the link of an invitation, and log in
     * @throws {ApiError} `one_time_token_invalid`, `mfa_required`, `mfa_enrollment_required`, `password_too_short`, `password_too_long`, `password_too_common`, `password_breached`
     */
    acceptInvitation(body: InvitationAcceptance, options?: CallOptions): Promise<TokenPair>;
    /**
     * End every session and drop the password, by the link of a notice
     * @throws {ApiError} `one_time_token_invalid`
     */
    secureAccount(body: LinkProof, options?: CallOptions): Promise<void>;
  };
  users: {
    /**
     * Open an account and have its owner invited by mail
     * The account has no password before the invitation is accepted. For an account whose invitation is open the answer is 200, the name and the role are changed if they are given, and the mail is sent again.
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `email_taken`
     */
    invite(body: Invitation, options?: CallOptions): Promise<User>;
    /**
     * List users
     * @throws {ApiError} `forbidden`, `reauthentication_required`
     */
    list(query?: {
      /** Rows on the page */
      limit?: number;
      /** `next_cursor` of the page before */
      cursor?: string;
      /** Beginning of the address */
      email?: string;
      /** Beginnings of words of the address and the name */
      q?: string;
      role?: "user" | "admin";
      is_active?: boolean;
    }, options?: CallOptions): Promise<UserPage>;
    /**
     * List users
     * @throws {ApiError} `forbidden`, `reauthentication_required`
     */
    all(query?: {
      /** Rows on the page */
      limit?: number;
      /** Beginning of the address */
      email?: string;
      /** Beginnings of words of the address and the name */
      q?: string;
      role?: "user" | "admin";
      is_active?: boolean;
    }, options?: CallOptions): AsyncIterable<User>;
    /**
     * Create a user
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `email_taken`, `password_too_short`, `password_too_long`, `password_too_common`, `password_breached`
     */
    create(body: UserCreate, options?: CallOptions): Promise<User>;
    /**
     * Read a user
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `user_not_found`
     */
    get(id: string, options?: CallOptions): Promise<User>;
    /**
     * Delete a user and all it owns
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `user_not_found`, `last_admin`
     */
    delete(id: string, options?: CallOptions): Promise<void>;
    /**
     * Change, disable or enable a user
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `user_not_found`, `last_admin`
     */
    update(id: string, body: UserUpdate, options?: CallOptions): Promise<User>;
    /**
     * Read the lock of a user’s account
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `user_not_found`
     */
    getLock(id: string, options?: CallOptions): Promise<UserLock>;
    /**
     * Lift the lock of a user’s account
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `user_not_found`
     */
    liftLock(id: string, options?: CallOptions): Promise<void>;
    /**
     * Remove a user’s second factors and end their sessions
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `user_not_found`
     */
    removeFactors(id: string, body: FactorRemoval, options?: CallOptions): Promise<void>;
    /**
     * List a user’s sessions
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `user_not_found`
     */
    listSessions(id: string, query?: {
      /** Rows on the page */
      limit?: number;
      /** `next_cursor` of the page before */
      cursor?: string;
    }, options?: CallOptions): Promise<SessionPage>;
    /**
     * List a user’s sessions
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `user_not_found`
     */
    allSessions(id: string, query?: {
      /** Rows on the page */
      limit?: number;
    }, options?: CallOptions): AsyncIterable<Session>;
    /**
     * End all of a user’s sessions
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `user_not_found`
     */
    endSessions(id: string, options?: CallOptions): Promise<void>;
    /**
     * End one of a user’s sessions
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `user_not_found`, `session_not_found`
     */
    endSession(id: string, session_id: string, options?: CallOptions): Promise<void>;
  };
  mails: {
    /**
     * List mails, without their texts
     * Sent mails are listed for 30 days, dead ones until they are purged.
     * @throws {ApiError} `forbidden`, `reauthentication_required`
     */
    list(query?: {
      /** Rows on the page */
      limit?: number;
      /** `next_cursor` of the page before */
      cursor?: string;
      state?: "pending" | "sent" | "dead";
      /** The whole address */
      to?: string;
      kind?: string;
    }, options?: CallOptions): Promise<MailPage>;
    /**
     * List mails, without their texts
     * Sent mails are listed for 30 days, dead ones until they are purged.
     * @throws {ApiError} `forbidden`, `reauthentication_required`
     */
    all(query?: {
      /** Rows on the page */
      limit?: number;
      state?: "pending" | "sent" | "dead";
      /** The whole address */
      to?: string;
      kind?: string;
    }, options?: CallOptions): AsyncIterable<Mail>;
    /**
     * Have a dead mail sent again
     * @throws {ApiError} `forbidden`, `reauthentication_required`, `mail_not_found`, `conflict`
     */
    retry(id: string, options?: CallOptions): Promise<void>;
  };
  auditEvents: {
    /**
     * List audit events
     * @throws {ApiError} `forbidden`, `reauthentication_required`
     */
    list(query?: {
      /** Rows on the page */
      limit?: number;
      /** `next_cursor` of the page before */
      cursor?: string;
      actor_id?: string;
      subject_id?: string;
      /** What happened: `thing.past` */
      event?: string;
      /** The first moment that counts */
      since?: string;
      /** The first moment that counts no more */
      until?: string;
    }, options?: CallOptions): Promise<AuditEventPage>;
    /**
     * List audit events
     * @throws {ApiError} `forbidden`, `reauthentication_required`
     */
    all(query?: {
      /** Rows on the page */
      limit?: number;
      actor_id?: string;
      subject_id?: string;
      /** What happened: `thing.past` */
      event?: string;
      /** The first moment that counts */
      since?: string;
      /** The first moment that counts no more */
      until?: string;
    }, options?: CallOptions): AsyncIterable<AuditEvent>;
    /**
     * Export audit events
     * @throws {ApiError} `forbidden`, `reauthentication_required`
     */
    export(query?: {
      /** CSV, or a JSON object a line */
      format?: "csv" | "ndjson";
      actor_id?: string;
      subject_id?: string;
      /** What happened: `thing.past` */
      event?: string;
      /** The first moment that counts */
      since?: string;
      /** The first moment that counts no more */
      until?: string;
    }, options?: CallOptions): Promise<string | unknown>;
  };
  health: {
    /** Does the database answer */
    get(options?: CallOptions): Promise<Healthy>;
    /** Is the process alive */
    getLiveness(options?: CallOptions): Promise<Alive>;
    /** May traffic come */
    getReadiness(options?: CallOptions): Promise<Readiness>;
  };
  wellKnown: {
    /** The public keys that verify access tokens */
    getJwks(options?: CallOptions): Promise<JsonWebKeySet>;
    /** Where a person manages passkeys */
    getPasskeyEndpoints(options?: CallOptions): Promise<PasskeyEndpoints>;
    /** The origins that use the passkeys of this domain */
    getRelatedOrigins(options?: CallOptions): Promise<RelatedOrigins>;
  };
}

export interface Client extends Api, ClientBase {}

/**
 * The client of the API at `baseUrl`. It keeps the session: it refreshes before a token expires, once for all tabs, and loses
 * it for nothing but the API's own word.
 *
 * @example
 * const api = createClient({ baseUrl: 'https://api.example.com', session: 'cookie' });
 * await api.auth.login({ email, password });
 */
export function createClient(options: ClientOptions): Client {
  // The interface and the routes are written from the same operations.
  return clientOf(ROUTES, options) as Client;
}

const ROUTES = {
  metrics: {
    get: "GET /metrics o",
  },
  items: {
    list: "GET /items q",
    all: "GET /items qp",
    create: "POST /items j",
    get: "GET /items/{id}",
    delete: "DELETE /items/{id}",
    update: "PATCH /items/{id} j",
  },
  auth: {
    register: "POST /auth/register jos",
    login: "POST /auth/login jos",
    requestToken: "POST /auth/token fos",
    getAccount: "GET /auth/me",
    deleteAccount: "DELETE /auth/me j",
    updateAccount: "PATCH /auth/me j",
    changePassword: "POST /auth/me/password j",
    liftLock: "DELETE /auth/me/lock j",
    logout: "POST /auth/logout x",
    listSessions: "GET /auth/sessions q",
    allSessions: "GET /auth/sessions qp",
    endOtherSessions: "DELETE /auth/sessions",
    endSession: "DELETE /auth/sessions/{id}",
    signInByFactor: "POST /auth/mfa jos",
    listFactors: "GET /auth/me/factors",
    enrolFactor: "POST /auth/me/factors j",
    activateFactor: "POST /auth/me/factors/{id}/activate js",
    removeFactor: "DELETE /auth/me/factors/{id}",
    renewRecoveryCodes: "POST /auth/me/recovery-codes",
    reauthenticate: "POST /auth/me/reauthenticate j",
    listProviders: "GET /auth/oauth/providers o",
    exchangeCode: "POST /auth/oauth/exchange jos",
    signInByIdToken: "POST /auth/oauth/{provider}/id-token jos",
    listIdentities: "GET /auth/me/identities q",
    allIdentities: "GET /auth/me/identities qp",
    linkIdentity: "POST /auth/me/identities/{id} j",
    unlinkIdentity: "DELETE /auth/me/identities/{id}",
    getPasskeyOptions: "POST /auth/passkeys/options o",
    logInByPasskey: "POST /auth/passkeys/login jos",
    getPasskeyCreationOptions: "POST /auth/me/passkeys/options",
    listPasskeys: "GET /auth/me/passkeys q",
    allPasskeys: "GET /auth/me/passkeys qp",
    addPasskey: "POST /auth/me/passkeys js",
    removePasskey: "DELETE /auth/me/passkeys/{id}",
    updatePasskey: "PATCH /auth/me/passkeys/{id} j",
    requestPasswordReset: "POST /auth/forgot-password jo",
    resetPassword: "POST /auth/reset-password jo",
    requestVerification: "POST /auth/request-verify-token jo",
    verifyEmail: "POST /auth/verify jo",
    requestEmailChange: "POST /auth/me/email j",
    confirmEmailChange: "POST /auth/confirm-email-change jo",
    undoEmailChange: "POST /auth/undo-email-change jo",
    requestLoginCode: "POST /auth/login-codes jo",
    loginByCode: "POST /auth/login-codes/verify jos",
    acceptInvitation: "POST /auth/accept-invitation jos",
    secureAccount: "POST /auth/secure-account jo",
  },
  users: {
    invite: "POST /users/invitations j",
    list: "GET /users q",
    all: "GET /users qp",
    create: "POST /users j",
    get: "GET /users/{id}",
    delete: "DELETE /users/{id}",
    update: "PATCH /users/{id} j",
    getLock: "GET /users/{id}/lock",
    liftLock: "DELETE /users/{id}/lock",
    removeFactors: "DELETE /users/{id}/factors j",
    listSessions: "GET /users/{id}/sessions q",
    allSessions: "GET /users/{id}/sessions qp",
    endSessions: "DELETE /users/{id}/sessions",
    endSession: "DELETE /users/{id}/sessions/{session_id}",
  },
  mails: {
    list: "GET /mails q",
    all: "GET /mails qp",
    retry: "POST /mails/{id}/retry",
  },
  auditEvents: {
    list: "GET /audit-events q",
    all: "GET /audit-events qp",
    export: "GET /audit-events/export q",
  },
  health: {
    get: "GET /health o",
    getLiveness: "GET /health/live o",
    getReadiness: "GET /health/ready o",
  },
  wellKnown: {
    getJwks: "GET /.well-known/jwks.json o",
    getPasskeyEndpoints: "GET /.well-known/passkey-endpoints o",
    getRelatedOrigins: "GET /.well-known/webauthn o",
  },
};

export interface paths {
  "/metrics": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** Counters of the processes, for Prometheus */
    get: operations["getMetrics"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/items": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** List items */
    get: operations["listItems"];
    put?: never;
    /** Create an item */
    post: operations["createItem"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/items/{id}": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** Read an item */
    get: operations["getItem"];
    put?: never;
    post?: never;
    /** Delete an item */
    delete: operations["deleteItem"];
    options?: never;
    head?: never;
    /** Change an item */
    patch: operations["updateItem"];
    trace?: never;
  };
  "/auth/register": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /**
     * Open an account
     * With `EMAIL_VERIFICATION=required` the answer is 202 without tokens for every address; the mail says how it goes on.
     */
    post: operations["register"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/login": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Log in */
    post: operations["login"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/token": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Log in or refresh by an OAuth2 form */
    post: operations["requestToken"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/refresh": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /**
     * Exchange a refresh token for the next pair
     * Without a body the refresh token of the cookie is exchanged; see `X-Session`.
     */
    post: operations["refresh"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** Who am I */
    get: operations["getAccount"];
    put?: never;
    post?: never;
    /** Delete my account and all it owns */
    delete: operations["deleteAccount"];
    options?: never;
    head?: never;
    /** Change my name and language */
    patch: operations["updateAccount"];
    trace?: never;
  };
  "/auth/me/password": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Change my password and end my other sessions */
    post: operations["changePassword"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me/lock": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post?: never;
    /** Lift the lock that failed logins put on my account */
    delete: operations["liftLock"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/logout": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /**
     * End this session
     * By the access token, or by the cookie of the session alone; the cookie is cleared.
     */
    post: operations["logout"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/sessions": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** List my sessions */
    get: operations["listSessions"];
    put?: never;
    post?: never;
    /** End all my sessions but this one */
    delete: operations["endOtherSessions"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/sessions/{id}": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post?: never;
    /** End one of my sessions */
    delete: operations["endSession"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/mfa": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Finish a sign-in by its second factor */
    post: operations["signInByFactor"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me/factors": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** List my second factors */
    get: operations["listFactors"];
    put?: never;
    /** Begin to add an authenticator app */
    post: operations["enrolFactor"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me/factors/{id}/activate": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Activate an authenticator app by its first code */
    post: operations["activateFactor"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me/factors/{id}": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post?: never;
    /** Remove one of my authenticator apps */
    delete: operations["removeFactor"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me/recovery-codes": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Get new recovery codes; the former ones end */
    post: operations["renewRecoveryCodes"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me/reauthenticate": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Prove once more who I am; the session is fresh for five minutes */
    post: operations["reauthenticate"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/oauth/providers": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** List the providers that people can sign in with */
    get: operations["listProviders"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/oauth/{provider}/start": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /**
     * Send the browser to a provider
     * Open it in a browser, not by a request of a script. The browser comes back to `redirect_to` with `?code=`, good once and for 60 seconds, or with `?error=`.
     */
    get: operations["startSocialLogin"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/oauth/{provider}/callback": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /**
     * Take the browser back from a provider
     * One network may call it 300 times in 1 minute.
     */
    get: operations["finishSocialLogin"];
    put?: never;
    /** Take the posted answer of a provider */
    post: operations["finishPostedSocialLogin"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/oauth/exchange": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /**
     * Exchange the code of a sign-in for tokens
     * A wrong `code_verifier` spends the code.
     */
    post: operations["exchangeCode"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/oauth/{provider}/id-token": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /**
     * Sign in by an id token that a native app got from a provider
     * One network may call it 300 times in 1 minute.
     */
    post: operations["signInByIdToken"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me/identities": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** List the provider accounts that I can sign in with */
    get: operations["listIdentities"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me/identities/{id}": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Begin to link an account of a provider to mine */
    post: operations["linkIdentity"];
    /** Unlink a provider account from mine */
    delete: operations["unlinkIdentity"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/passkeys/options": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Get what a browser asks for a passkey by */
    post: operations["getPasskeyOptions"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/passkeys/login": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Log in by a passkey */
    post: operations["logInByPasskey"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me/passkeys/options": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Get what a browser makes a passkey by */
    post: operations["getPasskeyCreationOptions"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me/passkeys": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** List my passkeys */
    get: operations["listPasskeys"];
    put?: never;
    /** Add the passkey that a browser made */
    post: operations["addPasskey"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me/passkeys/{id}": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post?: never;
    /** Remove one of my passkeys */
    delete: operations["removePasskey"];
    options?: never;
    head?: never;
    /** Name one of my passkeys */
    patch: operations["updatePasskey"];
    trace?: never;
  };
  "/auth/forgot-password": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /**
     * Have a link and a code mailed that set a new password
     * The answer is the same whether or not the address has an account.
     */
    post: operations["requestPasswordReset"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/reset-password": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Set a new password by a mailed link or code, and end every session */
    post: operations["resetPassword"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/request-verify-token": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /**
     * Have a link and a code mailed that verify the address
     * The answer is the same whether or not the address has an account.
     */
    post: operations["requestVerification"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/verify": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /**
     * Verify an address by a mailed link or code
     * The first verification of an account drops the password and the sessions that were set before it, unless the request also carries the password or an access token of the account.
     */
    post: operations["verifyEmail"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/me/email": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /**
     * Have a link and a code mailed to a new address of mine
     * The address changes with the confirmation. A notice with a link that undoes it goes to the present address. The answer is the same if the new address is taken.
     */
    post: operations["requestEmailChange"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/confirm-email-change": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Take the new address, by the mailed link or code */
    post: operations["confirmEmailChange"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/undo-email-change": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Take the former address again and end every session, by the link of the notice */
    post: operations["undoEmailChange"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/login-codes": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /**
     * Have a link and a code mailed that log in
     * The answer is the same whether or not the address has an account; none is made. Without `EMAIL_LOGIN=true` it is 404.
     */
    post: operations["requestLoginCode"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/login-codes/verify": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /**
     * Log in by a mailed link or code
     * The first proof of the mailbox drops the password and the sessions that were set before it, unless the request carries an access token of the account. Without `EMAIL_LOGIN=true` the answer is 404.
     */
    post: operations["loginByCode"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/accept-invitation": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Set the first password by the link of an invitation, and log in */
    post: operations["acceptInvitation"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/auth/secure-account": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** End every session and drop the password, by the link of a notice */
    post: operations["secureAccount"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/users/invitations": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /**
     * Open an account and have its owner invited by mail
     * The account has no password before the invitation is accepted. For an account whose invitation is open the answer is 200, the name and the role are changed if they are given, and the mail is sent again.
     */
    post: operations["inviteUser"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/users": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** List users */
    get: operations["listUsers"];
    put?: never;
    /** Create a user */
    post: operations["createUser"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/users/{id}": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** Read a user */
    get: operations["getUser"];
    put?: never;
    post?: never;
    /** Delete a user and all it owns */
    delete: operations["deleteUser"];
    options?: never;
    head?: never;
    /** Change, disable or enable a user */
    patch: operations["updateUser"];
    trace?: never;
  };
  "/users/{id}/lock": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** Read the lock of a user’s account */
    get: operations["getUserLock"];
    put?: never;
    post?: never;
    /** Lift the lock of a user’s account */
    delete: operations["liftUserLock"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/users/{id}/factors": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post?: never;
    /** Remove a user’s second factors and end their sessions */
    delete: operations["removeUserFactors"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/users/{id}/sessions": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** List a user’s sessions */
    get: operations["listUserSessions"];
    put?: never;
    post?: never;
    /** End all of a user’s sessions */
    delete: operations["endUserSessions"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/users/{id}/sessions/{session_id}": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    post?: never;
    /** End one of a user’s sessions */
    delete: operations["endUserSession"];
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/mails": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /**
     * List mails, without their texts
     * Sent mails are listed for 30 days, dead ones until they are purged.
     */
    get: operations["listMails"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/mails/{id}/retry": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    get?: never;
    put?: never;
    /** Have a dead mail sent again */
    post: operations["retryMail"];
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/audit-events": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** List audit events */
    get: operations["listAuditEvents"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/audit-events/export": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** Export audit events */
    get: operations["exportAuditEvents"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/health": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** Does the database answer */
    get: operations["getHealth"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/health/live": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** Is the process alive */
    get: operations["getLiveness"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/health/ready": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** May traffic come */
    get: operations["getReadiness"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/.well-known/jwks.json": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** The public keys that verify access tokens */
    get: operations["getJwks"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/.well-known/passkey-endpoints": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** Where a person manages passkeys */
    get: operations["getPasskeyEndpoints"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  "/.well-known/webauthn": {
    parameters: { query?: never; header?: never; path?: never; cookie?: never };
    /** The origins that use the passkeys of this domain */
    get: operations["getRelatedOrigins"];
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}

export type webhooks = Record<string, never>;

export interface components {
  schemas: {
    AccountClosing: {
      /** At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule */
      password?: string;
    };
    /** The first factor comes with recovery codes, and ends an enrolment with a TokenPair */
    ActivatedFactor: {
      recovery_codes: string[];
      /** Goes into `Authorization: Bearer` */
      access_token?: string;
      /** Good for one refresh; keep the newest only. With `X-Session: cookie` it is in the cookie instead */
      refresh_token?: string;
      token_type?: "bearer";
      /** Seconds that the access token lives */
      expires_in?: number;
    };
    AddressRequest: {
      /** Stored trimmed and in lower case */
      email: string;
    };
    Alive: {
      status: "alive";
    };
    /** `AuthenticationResponseJSON` of WebAuthn */
    AssertedCredential: {
      id: string;
      rawId: string;
      type: "public-key";
      authenticatorAttachment?: string | null;
      clientExtensionResults?: { [key: string]: unknown };
      response: {
        clientDataJSON: string;
        authenticatorData: string;
        signature: string;
        userHandle?: string | null;
      };
    };
    AuditEvent: {
      id: string;
      created_at: string;
      /** What happened: `thing.past` */
      event: string;
      /** Who did it; null for the operator and for nobody known */
      actor_id: string | null;
      /** Whose account it concerns; the account itself may be gone */
      subject_id: string | null;
      /** The session that acted, or that began */
      session_id: string | null;
      ip: string | null;
      user_agent: string | null;
      /** `X-Request-Id` of the answer */
      request_id: string | null;
      details: { [key: string]: unknown };
    };
    AuditEventPage: {
      items: components["schemas"]["AuditEvent"][];
      /** Ask for the next page with it; null on the last one */
      next_cursor: string | null;
    };
    CodeExchange: {
      /** The one of the address that the browser came back by */
      code: string;
      /** What `code_challenge` is the hash of (RFC 7636); 43 to 128 characters */
      code_verifier: string;
    };
    /** `RegistrationResponseJSON` of WebAuthn */
    CreatedCredential: {
      id: string;
      rawId: string;
      type: "public-key";
      authenticatorAttachment?: string | null;
      clientExtensionResults?: { [key: string]: unknown };
      response: {
        clientDataJSON: string;
        attestationObject: string;
        transports?: string[];
      };
    };
    /** The first one ends an enrolment with a TokenPair */
    CreatedPasskey: {
      id: string;
      name: string;
      created_at: string;
      last_used_at: string | null;
      /** Whether a copy is kept outside of the device */
      backed_up: boolean;
      /** Goes into `Authorization: Bearer` */
      access_token?: string;
      /** Good for one refresh; keep the newest only. With `X-Session: cookie` it is in the cookie instead */
      refresh_token?: string;
      token_type?: "bearer";
      /** Seconds that the access token lives */
      expires_in?: number;
    };
    CreationOptions: {
      /** The one of the options; it is answered once, within five minutes */
      challenge_id: string;
      options: components["schemas"]["PublicKeyCredentialCreationOptions"];
      expires_at: string;
    };
    /** An account without a password needs none in the first five minutes of its session */
    EmailChange: {
      /** Stored trimmed and in lower case */
      email: string;
      /** At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule */
      password?: string;
    };
    /** Either `token`, or `email` and `code`, where `email` is the new address */
    EmailConfirmation: {
      /** The token of the link in the mail */
      token?: string;
      /** Stored trimmed and in lower case */
      email?: string;
      /** The eight digits of the mail */
      code?: string;
    };
    EnrolledFactor: {
      id: string;
      /** For an app without a camera; shown this once */
      secret: string;
      /** What the QR code says */
      otpauth_uri: string;
      /** The QR code as an SVG image */
      qr_svg: string;
    };
    Factor: {
      id: string;
      type: "totp";
      name: string;
      /** False until its first code was proved */
      is_active: boolean;
      created_at: string;
      last_used_at: string | null;
    };
    FactorActivation: {
      /** The six digits of the app */
      code: string;
    };
    FactorCreate: {
      type: "totp";
      name?: string;
    };
    FactorList: {
      items: components["schemas"]["Factor"][];
      recovery_codes_left: number;
    };
    FactorRemoval: {
      /** Recorded in the audit events */
      reason: string;
    };
    Healthy: {
      status: "healthy";
      database: "connected";
      api: "ok";
    };
    IdTokenSignIn: {
      id_token: string;
      /** What the app passed to the provider, or what it passed the SHA-256 of */
      nonce: string;
    };
    Identity: {
      id: string;
      provider: string;
      /** Who it is at the provider */
      subject: string;
      /** The address that the provider last named */
      email: string | null;
      created_at: string;
    };
    IdentityLinking: {
      /** Exactly one of `OAUTH_REDIRECTS`; the first one by default */
      redirect_to?: string;
    };
    IdentityPage: {
      items: components["schemas"]["Identity"][];
      /** Ask for the next page with it; null on the last one */
      next_cursor: string | null;
    };
    Invitation: {
      /** Stored trimmed and in lower case */
      email: string;
      name?: string | null;
      role?: "user" | "admin";
    };
    InvitationAcceptance: {
      /** The token of the link in the mail */
      token: string;
      /** At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule */
      password: string;
      name?: string | null;
    };
    Item: {
      id: string;
      title: string;
      description: string | null;
      owner_id: string;
      created_at: string;
      updated_at: string;
    };
    ItemCreate: {
      title: string;
      description?: string | null;
    };
    ItemPage: {
      items: components["schemas"]["Item"][];
      /** Ask for the next page with it; null on the last one */
      next_cursor: string | null;
    };
    ItemUpdate: {
      title?: string;
      description?: string | null;
    };
    JsonWebKey: {
      kid: string;
      kty: string;
      alg: string;
      use: "sig";
      [key: string]: string;
    };
    JsonWebKeySet: {
      keys: components["schemas"]["JsonWebKey"][];
    };
    LinkAddress: {
      /** Open it in the browser within two minutes, once; it ends with the session that asked */
      authorization_url: string;
    };
    LinkProof: {
      /** The token of the link in the mail */
      token: string;
    };
    Login: {
      /** Stored trimmed and in lower case */
      email: string;
      /** At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule */
      password: string;
    };
    /** Either `token`, or `email` and `code` */
    LoginCode: {
      /** The token of the link in the mail */
      token?: string;
      /** Stored trimmed and in lower case */
      email?: string;
      /** The eight digits of the mail */
      code?: string;
    };
    Mail: {
      id: string;
      kind: string;
      /** Stored trimmed and in lower case */
      to: string;
      locale: string;
      state: "pending" | "sent" | "dead";
      /** Those that were begun */
      attempts: number;
      /** What the mail server answered last */
      last_error: string | null;
      created_at: string;
      sent_at: string | null;
    };
    MailPage: {
      items: components["schemas"]["Mail"][];
      /** Ask for the next page with it; null on the last one */
      next_cursor: string | null;
    };
    Passkey: {
      id: string;
      name: string;
      created_at: string;
      last_used_at: string | null;
      /** Whether a copy is kept outside of the device */
      backed_up: boolean;
    };
    PasskeyCreate: {
      /** The one of the options; it is answered once, within five minutes */
      challenge_id: string;
      credential: components["schemas"]["CreatedCredential"];
      name?: string;
    };
    /** Pages of the account, for password managers */
    PasskeyEndpoints: {
      enroll: string;
      manage: string;
    };
    PasskeyLogin: {
      /** The one of the options; it is answered once, within five minutes */
      challenge_id: string;
      credential: components["schemas"]["AssertedCredential"];
    };
    PasskeyPage: {
      items: components["schemas"]["Passkey"][];
      /** Ask for the next page with it; null on the last one */
      next_cursor: string | null;
    };
    PasskeyUpdate: {
      name: string;
    };
    PasswordChange: {
      /** At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule */
      current_password?: string;
      /** At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule */
      new_password: string;
    };
    PasswordProof: {
      /** At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule */
      password: string;
    };
    /** Either `token`, or `email` and `code` */
    PasswordReset: {
      /** The token of the link in the mail */
      token?: string;
      /** Stored trimmed and in lower case */
      email?: string;
      /** The eight digits of the mail */
      code?: string;
      /** At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule */
      password: string;
    };
    PendingEmailChange: {
      /** Stored trimmed and in lower case */
      pending_email: string;
      expires_at: string;
    };
    Problem: {
      /** Names the code as a URI */
      type: string;
      title: string;
      status: number;
      /** For people; may change */
      detail: string;
      /** For programs; never changes */
      code: string;
      /** `X-Request-Id` of the answer */
      request_id: string;
      errors?: ({
        /** Where the value is: `["body", "email"]` */
        loc: ((string | number)[]);
        msg: string;
        /** The broken rule */
        type: string;
      })[];
      /** `mfa_required`, `mfa_enrollment_required`: to go on with */
      mfa_token?: string;
      /** Seconds that `mfa_token` is good */
      expires_in?: number;
      /** `mfa_required`: the factors of the account */
      factors?: {
        id: string;
        type: string;
        name: string;
      }[];
      /** `mfa_required`: whether one is left */
      recovery_codes?: boolean;
      /** `reauthentication_required`: what proves the caller once more */
      methods?: string[];
      /** `POST /auth/token` only: the code of RFC 6749 §5.2 */
      error?: string;
      /** `POST /auth/token` only */
      error_description?: string;
    };
    ProfileUpdate: {
      name?: string | null;
      locale?: "en" | "de" | "fr" | "es" | "it" | "pt" | "pl" | null;
    };
    Provider: {
      /** The id of `GET /auth/oauth/providers` */
      id: string;
      label: string;
    };
    ProviderAnswer: {
      state?: string;
      code?: string;
      /** RFC 9207 */
      iss?: string;
      error?: string;
      error_description?: string;
      error_uri?: string;
      id_token?: string;
      user?: string;
      scope?: string;
      session_state?: string;
      client_info?: string;
    };
    ProviderList: {
      items: components["schemas"]["Provider"][];
    };
    /** For `parseCreationOptionsFromJSON()` */
    PublicKeyCredentialCreationOptions: {
      rp: {
        id: string;
        name: string;
      };
      user: {
        id: string;
        name: string;
        displayName: string;
      };
      challenge: string;
      pubKeyCredParams: {
        type: string;
        alg: number;
      }[];
      /** Milliseconds */
      timeout: number;
      excludeCredentials: {
        id: string;
        type: string;
        transports: string[];
      }[];
      authenticatorSelection: {
        residentKey: string;
        requireResidentKey: boolean;
        userVerification: string;
      };
      attestation: string;
    };
    /** For `parseRequestOptionsFromJSON()` */
    PublicKeyCredentialRequestOptions: {
      challenge: string;
      /** Milliseconds */
      timeout: number;
      rpId: string;
      allowCredentials: {
        id: string;
        type: string;
        transports: string[];
      }[];
      userVerification: string;
    };
    Readiness: {
      status: "ready" | "not_ready";
      database: "connected" | "disconnected";
      migrations: "at_head" | "pending" | "unknown";
      shutting_down: boolean;
    };
    /** One of `password`, `code`, and `challenge_id` with `credential` */
    Reauthentication: {
      /** At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule */
      password?: string;
      /** The six digits of the app */
      code?: string;
      /** The one of the options; it is answered once, within five minutes */
      challenge_id?: string;
      credential?: components["schemas"]["AssertedCredential"];
    };
    RecoveryCodes: {
      recovery_codes: string[];
    };
    Refresh: {
      refresh_token: string;
    };
    Registration: {
      /** Stored trimmed and in lower case */
      email: string;
      /** At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule */
      password: string;
      name?: string | null;
    };
    /** Origins that use the passkeys of this domain (WebAuthn §5.11) */
    RelatedOrigins: {
      origins: string[];
    };
    RequestOptions: {
      /** The one of the options; it is answered once, within five minutes */
      challenge_id: string;
      options: components["schemas"]["PublicKeyCredentialRequestOptions"];
      expires_at: string;
    };
    /** One of `code`, `recovery_code`, and `challenge_id` with `credential` */
    SecondFactor: {
      /** The one of `mfa_required` */
      mfa_token: string;
      /** The six digits of the app */
      code?: string;
      recovery_code?: string;
      /** The one of the options; it is answered once, within five minutes */
      challenge_id?: string;
      credential?: components["schemas"]["AssertedCredential"];
    };
    Session: {
      id: string;
      /** The session that asks */
      current: boolean;
      ip: string | null;
      user_agent: string | null;
      /** The user agent in a few words */
      device: string;
      created_at: string;
      last_used_at: string;
      expires_at: string;
    };
    SessionPage: {
      items: components["schemas"]["Session"][];
      /** Ask for the next page with it; null on the last one */
      next_cursor: string | null;
    };
    TokenPair: {
      /** Goes into `Authorization: Bearer` */
      access_token: string;
      /** Good for one refresh; keep the newest only. With `X-Session: cookie` it is in the cookie instead */
      refresh_token?: string;
      token_type: "bearer";
      /** Seconds that the access token lives */
      expires_in: number;
    };
    /** With `grant_type=password` (the default) `username` and `password`, with `refresh_token` that one */
    TokenRequest: {
      grant_type?: "password" | "refresh_token";
      /** The e-mail address */
      username?: string;
      password?: string;
      refresh_token?: string;
      scope?: string;
      client_id?: string;
      client_secret?: string;
    };
    Unhealthy: {
      status: "unhealthy";
      database: "disconnected";
      api: "ok";
    };
    User: {
      id: string;
      /** Stored trimmed and in lower case */
      email: string;
      name: string | null;
      email_verified: boolean;
      has_password: boolean;
      locale: "en" | "de" | "fr" | "es" | "it" | "pt" | "pl" | null;
      role: "user" | "admin";
      is_active: boolean;
      created_at: string;
      updated_at: string;
    };
    UserCreate: {
      /** Stored trimmed and in lower case */
      email: string;
      /** At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule */
      password: string;
      name?: string | null;
      role?: "user" | "admin";
    };
    UserLock: {
      /** Devices that the account does not know get one attempt a day */
      is_locked: boolean;
      /** Failed logins on unknown devices since the last right one */
      failures_in_a_row: number;
      last_failed_at: string | null;
    };
    UserPage: {
      items: components["schemas"]["User"][];
      /** Ask for the next page with it; null on the last one */
      next_cursor: string | null;
    };
    UserUpdate: {
      name?: string | null;
      role?: "user" | "admin";
      is_active?: boolean;
    };
    /** Either `token`, or `email` and `code`. With the account’s password, or an access token of it, what was set before stays */
    Verification: {
      /** The token of the link in the mail */
      token?: string;
      /** Stored trimmed and in lower case */
      email?: string;
      /** The eight digits of the mail */
      code?: string;
      /** At least 8 characters, at most 72 bytes in UTF-8, none of the common ones; no other rule */
      password?: string;
    };
  };
  responses: {
    AccountDisabled: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "account_disabled";
        };
      };
    };
    AccountDisabledOrCrossSiteRequest: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "account_disabled" | "cross_site_request";
        };
      };
    };
    AccountDisabledOrEmailUnverified: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "account_disabled" | "email_unverified";
        };
      };
    };
    AccountDisabledOrForbiddenOrReauthenticationRequired: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "account_disabled" | "forbidden" | "reauthentication_required";
        };
      };
    };
    AccountDisabledOrMfaRequiredOrMfaEnrollmentRequired: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "account_disabled" | "mfa_required" | "mfa_enrollment_required";
        };
      };
    };
    AccountDisabledOrReauthenticationRequired: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "account_disabled" | "reauthentication_required";
        };
      };
    };
    AccountDisabledOrReauthenticationRequiredOrEmailUnverified: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "account_disabled" | "reauthentication_required" | "email_unverified";
        };
      };
    };
    AccountDisabled_eu_mr_mer: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "account_disabled" | "email_unverified" | "mfa_required" | "mfa_enrollment_required";
        };
      };
    };
    AccountDisabled_eu_rc_mr_mer: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "account_disabled" | "email_unverified" | "registration_closed" | "mfa_required" | "mfa_enrollment_required";
        };
      };
    };
    Conflict: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "conflict";
        };
      };
    };
    CrossSiteRequest: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "cross_site_request";
        };
      };
    };
    EmailTaken: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "email_taken";
        };
      };
    };
    FactorLimit: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "factor_limit";
        };
      };
    };
    FactorNotFound: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "factor_not_found";
        };
      };
    };
    IdentityConfirmationRequired: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "identity_confirmation_required";
        };
      };
    };
    IdentityNotFound: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "identity_not_found";
        };
      };
    };
    InternalError: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "internal_error";
        };
      };
    };
    InternalErrorOrPage: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "internal_error";
        };
        "text/html": string;
      };
    };
    InvalidCredentials: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "invalid_credentials";
        };
      };
    };
    InvalidCredentialsOrMfaTokenInvalid: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "invalid_credentials" | "mfa_token_invalid";
        };
      };
    };
    InvalidCredentials_ti_te_se_rtr: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "invalid_credentials" | "token_invalid" | "token_expired" | "session_ended" | "refresh_token_reused";
        };
      };
    };
    ItemLimit: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "item_limit";
        };
      };
    };
    ItemNotFound: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "item_not_found";
        };
      };
    };
    LastAdmin: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "last_admin";
        };
      };
    };
    LastAdminOrConflict: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "last_admin" | "conflict";
        };
      };
    };
    LastLoginMethod: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "last_login_method";
        };
      };
    };
    MailNotFound: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "mail_not_found";
        };
      };
    };
    MalformedRequest: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "malformed_request";
        };
      };
    };
    MalformedRequestOrOauthStateInvalidOrPage: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "malformed_request" | "oauth_state_invalid";
        };
        "text/html": string;
      };
    };
    MalformedRequestOrOneTimeTokenInvalid: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "malformed_request" | "one_time_token_invalid";
        };
      };
    };
    MalformedRequestOrPage: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "malformed_request";
        };
        "text/html": string;
      };
    };
    NotAuthenticated_ti_te_se: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "not_authenticated" | "token_invalid" | "token_expired" | "session_ended";
        };
      };
    };
    NotAuthenticated_ti_te_se_ic: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "not_authenticated" | "token_invalid" | "token_expired" | "session_ended" | "invalid_credentials";
        };
      };
    };
    NotAuthenticated_ti_te_se_mti: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "not_authenticated" | "token_invalid" | "token_expired" | "session_ended" | "mfa_token_invalid";
        };
      };
    };
    NotAuthenticated_ti_te_se_mti_ic: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "not_authenticated" | "token_invalid" | "token_expired" | "session_ended" | "mfa_token_invalid" | "invalid_credentials";
        };
      };
    };
    PasskeyLimit: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "passkey_limit";
        };
      };
    };
    PasskeyLimitOrPasskeyTaken: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "passkey_limit" | "passkey_taken";
        };
      };
    };
    PasskeyNotFound: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "passkey_not_found";
        };
      };
    };
    PayloadTooLarge: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "payload_too_large";
        };
      };
    };
    PayloadTooLargeOrPage: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "payload_too_large";
        };
        "text/html": string;
      };
    };
    ProviderNotFound: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "provider_not_found";
        };
      };
    };
    ProviderNotFoundOrPage: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "provider_not_found";
        };
        "text/html": string;
      };
    };
    RateLimited: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "rate_limited";
        };
      };
    };
    RateLimitedOrPage: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "rate_limited";
        };
        "text/html": string;
      };
    };
    RegistrationClosed: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "registration_closed";
        };
      };
    };
    RouteNotFound: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "route_not_found";
        };
      };
    };
    ServiceUnavailable: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "service_unavailable";
        };
      };
    };
    ServiceUnavailableOrPage: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "service_unavailable";
        };
        "text/html": string;
      };
    };
    SessionNotFound: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "session_not_found";
        };
      };
    };
    TokenInvalid_te_se_rtr: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "token_invalid" | "token_expired" | "session_ended" | "refresh_token_reused";
        };
      };
    };
    UnsupportedMediaType: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "unsupported_media_type";
        };
      };
    };
    UnsupportedMediaTypeOrPage: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "unsupported_media_type";
        };
        "text/html": string;
      };
    };
    UserNotFound: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "user_not_found";
        };
      };
    };
    UserNotFoundOrSessionNotFound: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "user_not_found" | "session_not_found";
        };
      };
    };
    ValidationFailed: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "validation_failed";
        };
      };
    };
    ValidationFailedOrEmailMissing: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "validation_failed" | "email_missing";
        };
      };
    };
    ValidationFailedOrPage: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "validation_failed";
        };
        "text/html": string;
      };
    };
    ValidationFailed_pts_ptl_ptc_pb: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "validation_failed" | "password_too_short" | "password_too_long" | "password_too_common" | "password_breached";
        };
      };
    };
    ValidationFailed_pts_ptl_ptc_pb_pu: {
      headers: { [name: string]: unknown };
      content: {
        "application/problem+json": components["schemas"]["Problem"] & {
          code: "validation_failed" | "password_too_short" | "password_too_long" | "password_too_common" | "password_breached" | "password_unchanged";
        };
      };
    };
  };
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}

export type $defs = Record<string, never>;

export interface operations {
  getMetrics: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "text/plain": string;
        };
      };
      400: components["responses"]["MalformedRequest"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  listItems: {
    parameters: {
      query?: {
        /** Rows on the page */
        limit?: number;
        /** `next_cursor` of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["ItemPage"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabled"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  createItem: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["ItemCreate"];
    } };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Item"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabled"];
      409: components["responses"]["ItemLimit"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  getItem: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Item"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabled"];
      404: components["responses"]["ItemNotFound"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  deleteItem: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabled"];
      404: components["responses"]["ItemNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  updateItem: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["ItemUpdate"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Item"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabled"];
      404: components["responses"]["ItemNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  register: {
    parameters: {
      query?: never;
      header?: {
        /** `cookie`: the refresh token comes as a cookie that no script reads, and not in the body */
        "x-session"?: "cookie";
      };
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["Registration"];
    } };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["TokenPair"];
        };
      };
      202: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      403: components["responses"]["RegistrationClosed"];
      409: components["responses"]["EmailTaken"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed_pts_ptl_ptc_pb"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  login: {
    parameters: {
      query?: never;
      header?: {
        /** `cookie`: the refresh token comes as a cookie that no script reads, and not in the body */
        "x-session"?: "cookie";
      };
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["Login"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["TokenPair"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["InvalidCredentials"];
      403: components["responses"]["AccountDisabledOrMfaRequiredOrMfaEnrollmentRequired"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  requestToken: {
    parameters: {
      query?: never;
      header?: {
        /** `cookie`: the refresh token comes as a cookie that no script reads, and not in the body */
        "x-session"?: "cookie";
      };
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/x-www-form-urlencoded": components["schemas"]["TokenRequest"];
      "multipart/form-data": components["schemas"]["TokenRequest"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["TokenPair"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["InvalidCredentials_ti_te_se_rtr"];
      403: components["responses"]["AccountDisabledOrMfaRequiredOrMfaEnrollmentRequired"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  refresh: {
    parameters: {
      query?: never;
      header?: {
        /** `cookie`: the refresh token comes as a cookie that no script reads, and not in the body */
        "x-session"?: "cookie";
      };
      path?: never;
      cookie?: never;
    };
    requestBody?: { content: {
      "application/json": components["schemas"]["Refresh"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["TokenPair"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["TokenInvalid_te_se_rtr"];
      403: components["responses"]["AccountDisabledOrCrossSiteRequest"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  getAccount: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se_mti"];
      403: components["responses"]["AccountDisabled"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  deleteAccount: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: { content: {
      "application/json": components["schemas"]["AccountClosing"];
    } };
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se_ic"];
      403: components["responses"]["AccountDisabledOrReauthenticationRequired"];
      409: components["responses"]["LastAdminOrConflict"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  updateAccount: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["ProfileUpdate"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabled"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  changePassword: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["PasswordChange"];
    } };
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se_ic"];
      403: components["responses"]["AccountDisabledOrReauthenticationRequired"];
      409: components["responses"]["Conflict"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed_pts_ptl_ptc_pb_pu"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  liftLock: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["PasswordProof"];
    } };
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se_ic"];
      403: components["responses"]["AccountDisabled"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  logout: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrCrossSiteRequest"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  listSessions: {
    parameters: {
      query?: {
        /** Rows on the page */
        limit?: number;
        /** `next_cursor` of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["SessionPage"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabled"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  endOtherSessions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabled"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  endSession: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabled"];
      404: components["responses"]["SessionNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  signInByFactor: {
    parameters: {
      query?: never;
      header?: {
        /** `cookie`: the refresh token comes as a cookie that no script reads, and not in the body */
        "x-session"?: "cookie";
      };
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["SecondFactor"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["TokenPair"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["InvalidCredentialsOrMfaTokenInvalid"];
      403: components["responses"]["AccountDisabled"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  listFactors: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["FactorList"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se_mti"];
      403: components["responses"]["AccountDisabled"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  enrolFactor: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["FactorCreate"];
    } };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["EnrolledFactor"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se_mti"];
      403: components["responses"]["AccountDisabledOrReauthenticationRequiredOrEmailUnverified"];
      409: components["responses"]["FactorLimit"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  activateFactor: {
    parameters: {
      query?: never;
      header?: {
        /** `cookie`: the refresh token comes as a cookie that no script reads, and not in the body */
        "x-session"?: "cookie";
      };
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["FactorActivation"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["ActivatedFactor"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se_mti_ic"];
      403: components["responses"]["AccountDisabled"];
      404: components["responses"]["FactorNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  removeFactor: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrReauthenticationRequired"];
      404: components["responses"]["FactorNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  renewRecoveryCodes: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["RecoveryCodes"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrReauthenticationRequired"];
      404: components["responses"]["FactorNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  reauthenticate: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["Reauthentication"];
    } };
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se_ic"];
      403: components["responses"]["AccountDisabledOrReauthenticationRequired"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  listProviders: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["ProviderList"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  startSocialLogin: {
    parameters: {
      query?: {
        /** Exactly one of `OAUTH_REDIRECTS`; the first one by default */
        redirect_to?: string;
        /** The SHA-256 of the app’s `code_verifier`, as base64url; required of a sign-in */
        code_challenge?: string;
        code_challenge_method?: "S256";
        /** The mark of an address that links an identity; such an address is complete */
        link?: string;
      };
      header?: never;
      path: {
        /** The id of `GET /auth/oauth/providers` */
        provider: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      303: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequestOrOneTimeTokenInvalid"];
      403: components["responses"]["CrossSiteRequest"];
      404: components["responses"]["ProviderNotFound"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  finishSocialLogin: {
    parameters: {
      query?: {
        state?: string;
        code?: string;
        /** RFC 9207 */
        iss?: string;
        error?: string;
        error_description?: string;
      };
      header?: never;
      path: {
        /** The id of `GET /auth/oauth/providers` */
        provider: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      303: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequestOrOauthStateInvalidOrPage"];
      404: components["responses"]["ProviderNotFoundOrPage"];
      422: components["responses"]["ValidationFailedOrPage"];
      429: components["responses"]["RateLimitedOrPage"];
      500: components["responses"]["InternalErrorOrPage"];
      503: components["responses"]["ServiceUnavailableOrPage"];
    };
  };
  finishPostedSocialLogin: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** The id of `GET /auth/oauth/providers` */
        provider: string;
      };
      cookie?: never;
    };
    requestBody?: { content: {
      "application/x-www-form-urlencoded": components["schemas"]["ProviderAnswer"];
    } };
    responses: {
      303: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequestOrPage"];
      404: components["responses"]["ProviderNotFoundOrPage"];
      413: components["responses"]["PayloadTooLargeOrPage"];
      415: components["responses"]["UnsupportedMediaTypeOrPage"];
      422: components["responses"]["ValidationFailedOrPage"];
      500: components["responses"]["InternalErrorOrPage"];
      503: components["responses"]["ServiceUnavailableOrPage"];
    };
  };
  exchangeCode: {
    parameters: {
      query?: never;
      header?: {
        /** `cookie`: the refresh token comes as a cookie that no script reads, and not in the body */
        "x-session"?: "cookie";
      };
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["CodeExchange"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["TokenPair"];
        };
      };
      400: components["responses"]["MalformedRequestOrOneTimeTokenInvalid"];
      403: components["responses"]["AccountDisabled_eu_mr_mer"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  signInByIdToken: {
    parameters: {
      query?: never;
      header?: {
        /** `cookie`: the refresh token comes as a cookie that no script reads, and not in the body */
        "x-session"?: "cookie";
      };
      path: {
        /** The id of `GET /auth/oauth/providers` */
        provider: string;
      };
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["IdTokenSignIn"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["TokenPair"];
        };
      };
      400: components["responses"]["MalformedRequestOrOneTimeTokenInvalid"];
      403: components["responses"]["AccountDisabled_eu_rc_mr_mer"];
      404: components["responses"]["ProviderNotFound"];
      409: components["responses"]["IdentityConfirmationRequired"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailedOrEmailMissing"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  listIdentities: {
    parameters: {
      query?: {
        /** Rows on the page */
        limit?: number;
        /** `next_cursor` of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["IdentityPage"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabled"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  linkIdentity: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        /** The id of `GET /auth/oauth/providers` */
        id: string;
      };
      cookie?: never;
    };
    requestBody?: { content: {
      "application/json": components["schemas"]["IdentityLinking"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["LinkAddress"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrReauthenticationRequired"];
      404: components["responses"]["ProviderNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  unlinkIdentity: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrReauthenticationRequired"];
      404: components["responses"]["IdentityNotFound"];
      409: components["responses"]["LastLoginMethod"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  getPasskeyOptions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["RequestOptions"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  logInByPasskey: {
    parameters: {
      query?: never;
      header?: {
        /** `cookie`: the refresh token comes as a cookie that no script reads, and not in the body */
        "x-session"?: "cookie";
      };
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["PasskeyLogin"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["TokenPair"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["InvalidCredentials"];
      403: components["responses"]["AccountDisabledOrEmailUnverified"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  getPasskeyCreationOptions: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["CreationOptions"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se_mti"];
      403: components["responses"]["AccountDisabledOrReauthenticationRequiredOrEmailUnverified"];
      409: components["responses"]["PasskeyLimit"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  listPasskeys: {
    parameters: {
      query?: {
        /** Rows on the page */
        limit?: number;
        /** `next_cursor` of the page before */
        cursor?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["PasskeyPage"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabled"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  addPasskey: {
    parameters: {
      query?: never;
      header?: {
        /** `cookie`: the refresh token comes as a cookie that no script reads, and not in the body */
        "x-session"?: "cookie";
      };
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["PasskeyCreate"];
    } };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["CreatedPasskey"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se_mti_ic"];
      403: components["responses"]["AccountDisabledOrEmailUnverified"];
      409: components["responses"]["PasskeyLimitOrPasskeyTaken"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  removePasskey: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrReauthenticationRequired"];
      404: components["responses"]["PasskeyNotFound"];
      409: components["responses"]["LastLoginMethod"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  updatePasskey: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["PasskeyUpdate"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Passkey"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabled"];
      404: components["responses"]["PasskeyNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  requestPasswordReset: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["AddressRequest"];
    } };
    responses: {
      202: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  resetPassword: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["PasswordReset"];
    } };
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequestOrOneTimeTokenInvalid"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed_pts_ptl_ptc_pb"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  requestVerification: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["AddressRequest"];
    } };
    responses: {
      202: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  verifyEmail: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["Verification"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
      400: components["responses"]["MalformedRequestOrOneTimeTokenInvalid"];
      401: components["responses"]["InvalidCredentials"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  requestEmailChange: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["EmailChange"];
    } };
    responses: {
      202: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["PendingEmailChange"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se_ic"];
      403: components["responses"]["AccountDisabledOrReauthenticationRequired"];
      409: components["responses"]["Conflict"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  confirmEmailChange: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["EmailConfirmation"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
      400: components["responses"]["MalformedRequestOrOneTimeTokenInvalid"];
      409: components["responses"]["EmailTaken"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  undoEmailChange: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["LinkProof"];
    } };
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequestOrOneTimeTokenInvalid"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  requestLoginCode: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["AddressRequest"];
    } };
    responses: {
      202: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      404: components["responses"]["RouteNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  loginByCode: {
    parameters: {
      query?: never;
      header?: {
        /** `cookie`: the refresh token comes as a cookie that no script reads, and not in the body */
        "x-session"?: "cookie";
      };
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["LoginCode"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["TokenPair"];
        };
      };
      400: components["responses"]["MalformedRequestOrOneTimeTokenInvalid"];
      403: components["responses"]["AccountDisabledOrMfaRequiredOrMfaEnrollmentRequired"];
      404: components["responses"]["RouteNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  acceptInvitation: {
    parameters: {
      query?: never;
      header?: {
        /** `cookie`: the refresh token comes as a cookie that no script reads, and not in the body */
        "x-session"?: "cookie";
      };
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["InvitationAcceptance"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["TokenPair"];
        };
      };
      400: components["responses"]["MalformedRequestOrOneTimeTokenInvalid"];
      403: components["responses"]["AccountDisabledOrMfaRequiredOrMfaEnrollmentRequired"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed_pts_ptl_ptc_pb"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  secureAccount: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["LinkProof"];
    } };
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequestOrOneTimeTokenInvalid"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  inviteUser: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["Invitation"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      409: components["responses"]["EmailTaken"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  listUsers: {
    parameters: {
      query?: {
        /** Rows on the page */
        limit?: number;
        /** `next_cursor` of the page before */
        cursor?: string;
        /** Beginning of the address */
        email?: string;
        /** Beginnings of words of the address and the name */
        q?: string;
        role?: "user" | "admin";
        is_active?: boolean;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["UserPage"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  createUser: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["UserCreate"];
    } };
    responses: {
      201: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      409: components["responses"]["EmailTaken"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed_pts_ptl_ptc_pb"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  getUser: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      404: components["responses"]["UserNotFound"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  deleteUser: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      404: components["responses"]["UserNotFound"];
      409: components["responses"]["LastAdmin"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  updateUser: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["UserUpdate"];
    } };
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["User"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      404: components["responses"]["UserNotFound"];
      409: components["responses"]["LastAdmin"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  getUserLock: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["UserLock"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      404: components["responses"]["UserNotFound"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  liftUserLock: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      404: components["responses"]["UserNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  removeUserFactors: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody: { content: {
      "application/json": components["schemas"]["FactorRemoval"];
    } };
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      404: components["responses"]["UserNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  listUserSessions: {
    parameters: {
      query?: {
        /** Rows on the page */
        limit?: number;
        /** `next_cursor` of the page before */
        cursor?: string;
      };
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["SessionPage"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      404: components["responses"]["UserNotFound"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  endUserSessions: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      404: components["responses"]["UserNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  endUserSession: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
        session_id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      204: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      404: components["responses"]["UserNotFoundOrSessionNotFound"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  listMails: {
    parameters: {
      query?: {
        /** Rows on the page */
        limit?: number;
        /** `next_cursor` of the page before */
        cursor?: string;
        state?: "pending" | "sent" | "dead";
        /** The whole address */
        to?: string;
        kind?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["MailPage"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  retryMail: {
    parameters: {
      query?: never;
      header?: never;
      path: {
        id: string;
      };
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      202: {
        headers: { [name: string]: unknown };
        content?: never;
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      404: components["responses"]["MailNotFound"];
      409: components["responses"]["Conflict"];
      413: components["responses"]["PayloadTooLarge"];
      415: components["responses"]["UnsupportedMediaType"];
      422: components["responses"]["ValidationFailed"];
      429: components["responses"]["RateLimited"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  listAuditEvents: {
    parameters: {
      query?: {
        /** Rows on the page */
        limit?: number;
        /** `next_cursor` of the page before */
        cursor?: string;
        actor_id?: string;
        subject_id?: string;
        /** What happened: `thing.past` */
        event?: string;
        /** The first moment that counts */
        since?: string;
        /** The first moment that counts no more */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["AuditEventPage"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  exportAuditEvents: {
    parameters: {
      query?: {
        /** CSV, or a JSON object a line */
        format?: "csv" | "ndjson";
        actor_id?: string;
        subject_id?: string;
        /** What happened: `thing.past` */
        event?: string;
        /** The first moment that counts */
        since?: string;
        /** The first moment that counts no more */
        until?: string;
      };
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "text/csv": unknown;
          "application/x-ndjson": unknown;
        };
      };
      400: components["responses"]["MalformedRequest"];
      401: components["responses"]["NotAuthenticated_ti_te_se"];
      403: components["responses"]["AccountDisabledOrForbiddenOrReauthenticationRequired"];
      422: components["responses"]["ValidationFailed"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  getHealth: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Healthy"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      500: components["responses"]["InternalError"];
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Unhealthy"];
        };
      };
    };
  };
  getLiveness: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Alive"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  getReadiness: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Readiness"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      500: components["responses"]["InternalError"];
      503: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["Readiness"];
        };
      };
    };
  };
  getJwks: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["JsonWebKeySet"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  getPasskeyEndpoints: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["PasskeyEndpoints"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
  getRelatedOrigins: {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    requestBody?: never;
    responses: {
      200: {
        headers: { [name: string]: unknown };
        content: {
          "application/json": components["schemas"]["RelatedOrigins"];
        };
      };
      400: components["responses"]["MalformedRequest"];
      500: components["responses"]["InternalError"];
      503: components["responses"]["ServiceUnavailable"];
    };
  };
}
