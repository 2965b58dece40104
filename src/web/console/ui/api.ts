import { signal } from '@preact/signals';
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

/** What the API says of a call that it refuses. */
export interface Refusal {
  status: number;
  code: string;
  title: string;
  detail: string;
  request_id: string | undefined;
  /** Seconds to wait. */
  retry_after: number | undefined;
  errors: readonly { loc: readonly (string | number)[]; msg: string }[];
  mfa_token?: string;
  methods?: readonly string[];
  recovery_codes?: boolean;
}

export class CallError extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.detail);
    this.refusal = refusal;
  }
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
export const startError = signal<CallError | undefined>(undefined);
export const question = signal<Question | undefined>(undefined);

/** What is said to a session that has ended, and to a token that is too old. */
const NO_SESSION = new Set(['not_authenticated', 'token_invalid', 'token_expired', 'session_ended']);

let token: string | undefined;
let renewal: Promise<boolean> | undefined;
const waiting = new Set<(isBack: boolean) => void>();

/** Takes up the session that the browser's cookie holds, if there is one. */
export async function resume(): Promise<void> {
  startError.value = undefined;
  try {
    if (await renew()) await learnAccount();
    else account.value = null;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    startError.value = error;
  }
}

/** Takes the pair of a sign-in; calls that wait for it go on. */
export async function enter(pair: { access_token: string }): Promise<void> {
  token = pair.access_token;
  await learnAccount();
  isEnded.value = false;
  for (const go of waiting) go(true);
  waiting.clear();
}

export async function signOut(): Promise<void> {
  await raw({ method: 'POST', path: '/auth/logout' }).catch(() => undefined);
  token = undefined;
  isEnded.value = false;
  account.value = null;
  for (const go of waiting) go(false);
  waiting.clear();
}

/** The answer of a call. A session that ended, or a proof that is too old, is asked for, and the call goes on. */
export async function send<T>(call: Call): Promise<T> {
  for (;;) {
    try {
      return (await raw(call)) as T;
    } catch (error) {
      if (!(error instanceof CallError) || !(await overcome(error.refusal))) throw error;
    }
  }
}

/** A call that carries no session, such as a sign-in, or the token of a sign-in that is not at its end. */
export async function sendOpenly<T>(call: Call, bearer?: string): Promise<T> {
  return (await raw(call, { session: false, bearer })) as T;
}

/** True if the call is to be sent again. */
async function overcome({ code, methods = [] }: Refusal): Promise<boolean> {
  if (NO_SESSION.has(code)) {
    if (await renew()) return true;
    isEnded.value = true;
    if (await new Promise<boolean>((go) => waiting.add(go))) return true;
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

/** One renewal at a time: the calls that find their token old wait for the same one. */
function renew(): Promise<boolean> {
  renewal ??= sendOpenly<{ access_token: string }>({ method: 'POST', path: '/auth/refresh' })
    .then(
      (pair) => {
        token = pair.access_token;
        return true;
      },
      (error) => {
        const { status } = error instanceof CallError ? error.refusal : { status: 0 };
        // Without an answer nothing is known of the session.
        if (status === 0 || status === 429 || status >= 500) throw error;
        return false;
      },
    )
    .finally(() => {
      renewal = undefined;
    });
  return renewal;
}

async function learnAccount(): Promise<void> {
  account.value = (await raw({ method: 'GET', path: '/auth/me' })) as Account;
}

async function raw(
  { method, path, query, body, onLine }: Call,
  { session = true, bearer = session ? token : undefined }: { session?: boolean; bearer?: string | undefined } = {},
): Promise<unknown> {
  const headers = new Headers({ accept: 'application/json' });
  if (bearer !== undefined) headers.set('authorization', `Bearer ${bearer}`);
  // The refresh token stays in a cookie that no script reads.
  if (!session) headers.set('x-session', 'cookie');
  if (body !== undefined) headers.set('content-type', 'application/json');
  const init = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await fetch(urlOf({ path, ...(query && { query }) }), init).catch(() => undefined);
  if (answer === undefined) throw new CallError(UNREACHABLE);
  if (onLine !== undefined && answer.ok) return lastLine(answer, onLine);
  const text = await answer.text();
  if (!answer.ok) throw new CallError(refusalOf(answer, text));
  // A file is its text.
  const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
  return isJson ? JSON.parse(text) : text;
}

async function lastLine({ body }: Response, onLine: (line: unknown) => void): Promise<unknown> {
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let rest = '', last: unknown; ; ) {
    const read = await reader?.read().catch(() => undefined);
    // The connection broke in the middle.
    if (read === undefined) throw new CallError(UNREACHABLE);
    if (read.done) return last;
    const lines = (rest + read.value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      last = JSON.parse(line);
      onLine(last);
    }
  }
}

/** The path of a call with its parameters, those that are empty left out. */
export function urlOf({ path, query = {} }: Pick<Call, 'path' | 'query'>): string {
  const given = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const text = new URLSearchParams(given).toString();
  return `${API_ROOT}${path}${text === '' ? '' : `?${text}`}`;
}

const UNREACHABLE: Refusal = {
  ...{ status: 0, code: 'unreachable', title: 'No answer', request_id: undefined, retry_after: undefined, errors: [] },
  detail: 'The server does not answer. It may be starting again, or the network may be down.',
};

function refusalOf(answer: Response, text: string): Refusal {
  const wait = Number(answer.headers.get('retry-after'));
  const common = {
    ...{ status: answer.status, errors: [] },
    request_id: answer.headers.get('x-request-id') ?? undefined,
    retry_after: wait > 0 ? wait : undefined,
  };
  try {
    return { ...common, ...JSON.parse(text) };
  } catch {
    return {
      ...common,
      code: 'unreadable',
      title: 'No answer of the API',
      detail: `The answer has status ${answer.status} and is none of the API’s.`,
    };
  }
}
