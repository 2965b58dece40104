import { signal } from '@preact/signals';
import { ApiError, createClient, errorOf } from 'back-client';
import { API_ROOT } from './place.ts';

/** One call of the API, as the console shows it for curl too. */
export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  query?: Readonly<Record<string, string | undefined>>;
  body?: unknown;
  /** Told of each line of an answer that comes line by line; the last one is the answer. */
  onLine?: (line: unknown) => void;
}

/** The user gave an action up. */
export class Cancelled extends Error {}

/** A question that a call in progress asks the user; the call goes on with the answer. */
export interface Question {
  methods: readonly string[];
  answer: (proved: boolean) => void;
}

export interface Account {
  id: string;
  email: string;
  name: string | null;
  role: string;
}

/** Who is signed in. `undefined`: not known yet; null: no one. */
export const account = signal<Account | null | undefined>(undefined);
/** True while a session that ended is to be replaced, with the view kept behind. */
export const isEnded = signal(false);
/** Why it is not known who is signed in. */
export const startError = signal<ApiError | undefined>(undefined);
export const question = signal<Question | undefined>(undefined);

/** A view says early why there is no answer. By default the client would wait longer and ask again. */
const LONGEST_WAIT_S = 2;
/** The cookie is the host's, so the tabs of the product's own pages meet under the same name. */
const client = createClient({ baseUrl: API_ROOT, session: 'cookie', longestWait: LONGEST_WAIT_S });
const waiting = new Set<(isBack: boolean) => void>();
/** Forms of this tab that sign in, and say themselves when the account is entered. */
let entering = 0;

client.session.subscribe((state) => {
  const { endedBy } = client.session;
  if (state === 'open') {
    // Another tab signed in, perhaps to another account. Without an answer what is shown stays, and serves as well.
    if (entering === 0 && account.peek() !== undefined) enter().catch(() => undefined);
  } else if (endedBy === 'logout') leave();
  else if (account.peek()) isEnded.value = true;
});

/** Takes up the session that the browser's cookie holds, if there is one. */
export async function resume(): Promise<void> {
  startError.value = undefined;
  try {
    if (await client.session.restore()) await enter();
    else account.value = null;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    startError.value = error;
  }
}

/** Shows the account whose session has begun; calls that wait for it go on. */
export async function enter(): Promise<void> {
  account.value = (await raw({ method: 'GET', path: '/auth/me' })) as Account;
  isEnded.value = false;
  release(true);
}

export async function signOut(): Promise<void> {
  await raw({ method: 'POST', path: '/auth/logout' }).catch(() => undefined);
  leave();
}

/** The answer of a call. A session that ended, or a proof that is too old, is asked for, and the call goes on. */
export async function send<T>(call: Call): Promise<T> {
  for (;;) {
    try {
      return (await raw(call)) as T;
    } catch (error) {
      if (!(error instanceof ApiError) || !(await overcome(error))) throw error;
    }
  }
}

/** A call that carries no session, such as a sign-in, or the token of a sign-in that is not at its end. */
export async function sendOpenly<T>(call: Call, bearer?: string): Promise<T> {
  entering++;
  try {
    const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
    return (await raw(call, { credentials: 'omit', headers })) as T;
  } finally {
    entering--;
  }
}

function leave(): void {
  isEnded.value = false;
  account.value = null;
  question.peek()?.answer(false);
  release(false);
}

function release(isBack: boolean): void {
  for (const go of waiting) go(isBack);
  waiting.clear();
}

/** True if the call is to be sent again. */
async function overcome({ code, status, problem: { methods = [] } }: ApiError): Promise<boolean> {
  if (/^40[13]$/.test(String(status)) && client.session.state === 'ended') {
    if (account.peek() && (await new Promise<boolean>((go) => waiting.add(go)))) return true;
    throw new Cancelled();
  }
  if (code !== 'reauthentication_required' || methods.length === 0) return false;
  const proved = await new Promise<boolean>((answer) => {
    question.value = { methods, answer };
  });
  question.value = undefined;
  if (!proved) throw new Cancelled();
  return true;
}

async function raw({ method, path, query, body, onLine }: Call, init: RequestInit = {}): Promise<unknown> {
  const headers = new Headers({ accept: 'application/json', ...init.headers });
  if (body !== undefined) headers.set('content-type', 'application/json');
  const answer = await client.fetch(urlOf({ path, ...(query && { query }) }), {
    ...init,
    ...{ method, headers },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw await errorOf(answer);
  if (onLine !== undefined) return lastLine(answer, onLine);
  const text = await answer.text().catch(broken);
  // A file is its text.
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return isJson ? JSON.parse(text) : text;
}

async function lastLine({ body }: Response, onLine: (line: unknown) => void): Promise<unknown> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = '', last: unknown; ; ) {
    const read = await reader?.read().catch(broken);
    if (read === undefined || read.done) return last;
    const lines = (rest + read.value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      last = JSON.parse(line);
      onLine(last);
    }
  }
}

/** The connection broke in the middle of an answer. */
function broken(cause: unknown): never {
  throw new ApiError({}, undefined, { cause });
}

/** The path of a call with its parameters, those that are empty left out. */
export function urlOf({ path, query = {} }: Pick<Call, 'path' | 'query'>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const text = new URLSearchParams(given).toString();
  return `${API_ROOT}${path}${text === '' ? '' : `?${text}`}`;
}
