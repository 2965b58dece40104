import type { TokenPair } from './contract.ts';
import { ApiError, errorOf } from './error.ts';
import { joinTabs, type TabMessage, type Tabs } from './tabs.ts';

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

export interface SessionSurroundings {
  /** The key in the store, and where the tabs meet. */
  name: string;
  /** Holds the refresh token; without it a cookie does. */
  store: TokenStorage | undefined;
  /** Posts to a path of the API. */
  send: (path: string, init: RequestInit) => Promise<Response>;
}

/** The session of a client: its access token, and the one refresh of all its requests. */
export class SessionKeeper implements ClientSession {
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

export const JSON_TYPE = { 'content-type': 'application/json' };

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether the error says that there is no session any more. */
export function hasEnded(error: unknown): boolean {
  return error instanceof ApiError && ENDED.test(error.code);
}

/** Whether the refresh decides what comes next: also if the API restarted with other keys, or another tab has a newer session. */
export async function isTokenRefused(answer: Response): Promise<boolean> {
  if (answer.status !== 401 && answer.status !== 403) return false;
  return /^(token_(expired|invalid)|session_ended|account_disabled)$/.test((await errorOf(answer)).code);
}

/** Milliseconds before try number `tries`, with a random part so that clients do not come together. */
export function backoff(tries: number): number {
  return Math.min(2000, 200 * 2 ** tries) * (0.75 + Math.random() / 2);
}

/** Whether the failure says nothing of the request: no answer, or one from what is overloaded or restarts. */
export function isPassing({ status }: { status: number }): boolean {
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
