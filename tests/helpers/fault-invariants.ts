import { expect } from 'vitest';
import { SECRET_KEY } from './api.ts';
import { type Answer, REQUEST_DEADLINE_MS, send, type Traffic } from './fault-traffic.ts';
import { DATABASE_PASSWORD, eventually, type OwnPostgres } from './own-postgres.ts';
import { isRunning } from './processes.ts';
import type { ServedApp } from './served-app.ts';
import { HALF_ACCOUNTS, LOST_ACCOUNTS, LOST_ITEMS, STRAYS } from './whole-rows.ts';

const POOL_MAX = 15;
const BEGINNING = 8;
const BACK_WITHIN_MS = 5000;
/** What each client may be told while the database is well, besides 503 while it is not. */
const EXPECTED: Record<string, number> = {
  register: 201,
  logout: 204,
  write: 201,
  read: 200,
  intrude: 401,
  guess: 401,
  refresh: 200,
  live: 200,
  ready: 200,
};
const SQL = /\b(select|insert into|update|delete from)\b[^"]*\b(from|values|set|where)\b/i;
const MISTAKE = /unhandled|process\.failed|internal_error/i;
const STACK = /\n\s+at |node_modules|\.ts:\d+/;

/** What a fault is expected to look like from outside; the rest holds after every fault. */
export interface Expected {
  app: ServedApp;
  postgres: OwnPostgres;
  traffic: Traffic;
  /** False for a fault that requests need not notice. */
  is_felt?: boolean;
}

/** Waits from the end of the fault until the API serves again, ends the traffic and checks all that must hold after any fault. */
export async function expectRecovery({ app, postgres, traffic, is_felt = true }: Expected): Promise<void> {
  const isReady = async (): Promise<boolean> => (await send('ready', `${app.url}/health/ready`)).status === 200;
  await eventually('/health/ready says yes again', isReady, BACK_WITHIN_MS);
  const served_again = performance.now();
  const isServed = async (): Promise<boolean> =>
    ['read', 'write', 'register', 'refresh'].every((what) =>
      traffic.answers.some((answer) => answer.what === what && answer.at > served_again && isExpected(answer)),
    );
  await eventually('all clients are served again', isServed);
  await traffic.stop();

  expectContractOnly(traffic.answers);
  if (is_felt) {
    expect(traffic.answers.some(({ status }) => status === 503)).toBe(true);
    expect(traffic.answers.some(({ what, status }) => what === 'ready' && status === 503)).toBe(true);
  }
  expect(isRunning(app.pid), 'the process is the same').toBe(true);
  // One pattern of whole lines would try each letter of each line against the line's end: seconds for a log of megabytes.
  const mistakes = linesOf(app.program.output()).filter((line) => MISTAKE.test(line));
  expect(mistakes.slice(0, 3)).toEqual([]);
  expectNoSecrets(app, traffic);
  await expectTrueRows(postgres, traffic);
  await expectCleanPool(app, postgres);
  await expectOneLiveToken(app, traffic);
}

/** Every answer is what the client hoped for or a refusal of the contract, in time; `/health/live` is never in doubt. */
export function expectContractOnly(answers: readonly Answer[]): void {
  const broken = answers.filter((answer) => !(isExpected(answer) || isRefusal(answer)));
  expect(broken.slice(0, 3)).toEqual([]);
  expect(answers.filter(({ what, status }) => what === 'live' && status !== 200).slice(0, 3)).toEqual([]);
  expect(Math.max(...answers.map(({ duration_ms }) => duration_ms))).toBeLessThan(REQUEST_DEADLINE_MS);
}

/** True for the status that this client hopes for. */
export function isExpected({ what, status }: Answer): boolean {
  return status === EXPECTED[what];
}

/** 503 with a time to come back, and no word about the inside. `/health/ready` has a body of its own. */
export function isRefusal({ what, status, retry_after, text }: Answer): boolean {
  if (status !== 503 || SQL.test(text) || STACK.test(text)) return false;
  return what === 'ready' || (Number(retry_after) >= 1 && JSON.parse(text).code === 'service_unavailable');
}

function expectNoSecrets(app: ServedApp, { answers, secrets }: Traffic): void {
  const secret = [...secrets, SECRET_KEY, DATABASE_PASSWORD, '$2b$10$', 'a wrong guess'];
  expect(foundIn(linesOf(app.program.output()), secret), 'in the log').toEqual([]);
  const refusals = answers.filter(({ status }) => status >= 400).map(({ text }) => text);
  expect(foundIn(refusals, secret), 'in a refusal').toEqual([]);
}

/** Those of the secrets that stand in some text. Hundreds of tokens begin alike: where no text has the beginning, none has a token. */
function foundIn(texts: readonly string[], secrets: readonly string[]): string[] {
  const byBeginning = Map.groupBy(secrets, (secret) => secret.slice(0, BEGINNING));
  return [...byBeginning].flatMap(([beginning, alike]) => {
    const suspects = texts.filter((text) => text.includes(beginning));
    return alike.filter((secret) => suspects.some((text) => text.includes(secret)));
  });
}

function linesOf(text: string): string[] {
  return text.split('\n');
}

/** What was acknowledged is there, what was refused is there wholly or not at all. */
async function expectTrueRows(postgres: OwnPostgres, { items, registrations, ...traffic }: Traffic): Promise<void> {
  const ids = [...items.acknowledged.keys()];
  expect(ids.length).toBeGreaterThan(0);
  expect(await postgres.sql(LOST_ITEMS, [ids]), 'every acknowledged item is there').toEqual([]);
  const lostUsers = await postgres.sql(LOST_ACCOUNTS, [registrations.acknowledged]);
  expect(lostUsers, 'every acknowledged account is there').toEqual([]);
  expect(await postgres.sql(HALF_ACCOUNTS), 'no account is half there').toEqual([]);
  expect(await postgres.sql(STRAYS)).toEqual([]);
  const [session] = await postgres.sql<{ counter: number }>('select counter from sessions where id = $1', [
    traffic.refresh_session,
  ]);
  // An answer that was lost on the way may have moved the counter; the next one counted from there.
  expect(session?.counter).toBeGreaterThanOrEqual(traffic.refreshes());
}

/** The first token of a session that moved on does not count; showing it ends the session for its newest one too. */
async function expectOneLiveToken({ url }: ServedApp, { refresh_tokens }: Traffic): Promise<void> {
  const { first, newest } = refresh_tokens();
  for (const [refresh_token, code] of [
    [first, 'refresh_token_reused'],
    [newest, 'session_ended'],
  ]) {
    const { status, text } = await send('refresh', `${url}/auth/refresh`, { body: { refresh_token } });
    expect([status, JSON.parse(text).code]).toEqual([401, code]);
  }
}

/** No more connections than the pool has, none inside a transaction, nobody waiting. */
async function expectCleanPool(app: Pick<ServedApp, 'metric'>, postgres: OwnPostgres): Promise<void> {
  const connections = (): Promise<{ state: string }[]> =>
    postgres.sql(`select state, wait_event, extract(epoch from now() - state_change)::real as seconds, query
      from pg_stat_activity where application_name = 'back-api' and datname = 'faults'`);
  let busy: unknown[] = [];
  const isQuiet = async (): Promise<boolean> => {
    busy = (await connections()).filter(({ state }) => state !== 'idle');
    return busy.length === 0;
  };
  await eventually('no connection of the application is busy', isQuiet).catch((error: unknown) => {
    throw new Error(JSON.stringify(busy), { cause: error });
  });
  expect((await connections()).length).toBeLessThanOrEqual(POOL_MAX);
  expect(await app.metric('db_pool_connections')).toBeLessThanOrEqual(POOL_MAX);
  expect(await app.metric('db_pool_waiting')).toBe(0);
}
