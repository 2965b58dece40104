import { randomInt } from 'node:crypto';
import { Agent, request } from 'node:http';
import { PASSWORD } from '../fixtures.ts';

/** What the people were told, and what was wrong with it. */
export interface Told {
  /** Since the last look: how long the answers took. */
  durations_ms: number[];
  answers: number;
  /** Requests that were due while everybody was busy. */
  late: number;
  /** Answers that nobody should have got: `what status`, how often. */
  readonly unexpected: Map<string, number>;
  /** Addresses of those who registered and were never seen again. */
  readonly registered: string[];
  /** How many mails each address must have got: the one of its registration, and those that it asked for. */
  readonly mails_due: Map<string, number>;
}

/** A person with an account, who does one thing at a time. */
interface Person {
  readonly email: string;
  readonly ip: string;
  access_token: string;
  refresh_token: string;
  session_id: string;
  /** How often this session was refreshed, as far as the person was told. */
  refreshes: number;
  readonly items: string[];
  busy: boolean;
}

export interface People {
  readonly told: Told;
  readonly all: readonly Readonly<Person>[];
  /** Begins to send this number of requests a second, evenly. */
  start: () => void;
  /** Sends no more and waits for the last answers. */
  stop: () => Promise<void>;
}

interface Sent {
  method?: string;
  token?: string;
  body?: object;
  /** The address that the proxy, which is us, says it came from. */
  ip?: string;
}

interface Answer {
  status: number;
  text: string;
}

type Ask = (what: string, path: string, status: number, sent?: Sent) => Promise<Answer>;

/** Enough people for this rate of requests to stay far below every limit. */
const REQUESTS_PER_PERSON = 4;
const ITEMS = 20;
/** Addresses that wrong passwords are tried for, from as many networks. */
const STRANGERS = 500;
const TICK_MS = 20;
/** A mailbox may have five mails an hour. */
const ASKS_AGAIN_AFTER_MS = 15 * 60_000;
const DEADLINE_MS = 15_000;

/** When each address last asked for a mail. */
const asked = new Map<string, number>();

/** How often each thing is done, of ten thousand requests. */
const MIX: [weight: number, act: (person: Person, ask: Ask, told: Told) => Promise<unknown>][] = [
  [4200, (person, ask) => ask('me', '/auth/me', 200, from(person))],
  [1600, (person, ask) => ask('list', '/kit-notes?limit=20', 200, from(person))],
  [1200, read],
  [1200, write],
  [500, change],
  [600, refresh],
  [300, (person, ask) => ask('no such item', '/kit-notes/00000000-0000-7000-8000-000000000000', 404, from(person))],
  [100, (_, ask) => ask('ready', '/health/ready', 200)],
  [241, (person, ask) => ask('no token', '/auth/me', 401, { ip: person.ip })],
  [13, logInAnew],
  [13, guess],
  [7, register],
  [13, forget],
  [13, (person, ask) => ask('broken off', '/kit-notes', 0, from(person))],
];
const WEIGHTS = MIX.reduce((sum, [weight]) => sum + weight, 0);

/** Registers everybody, one after the other. */
export async function gather(url: string, rate: number): Promise<People> {
  const told: Told = {
    durations_ms: [],
    answers: 0,
    late: 0,
    unexpected: new Map(),
    registered: [],
    mails_due: new Map(),
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 32 });
  const ask: Ask = async (what, path, status, sent) => {
    const began = performance.now();
    const answer = await send(agent, url + path, { ...sent, isBrokenOff: status === 0 });
    told.answers++;
    if (status !== 0) told.durations_ms.push(performance.now() - began);
    const isAsHoped = answer.status === status || (status === 0 && answer.status === 200);
    if (!isAsHoped) count(told.unexpected, `${what} ${answer.status}`);
    return answer;
  };
  const all: Person[] = [];
  for (let n = 0; n < Math.ceil(rate / REQUESTS_PER_PERSON); n++) all.push(await arrive(ask, n));

  const under_way = new Set<Promise<unknown>>();
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    const free = all.filter(({ busy }) => !busy);
    const person = free[randomInt(Math.max(1, free.length))];
    if (person === undefined) {
      told.late++;
      return;
    }
    person.busy = true;
    const act = pick()(person, ask, told)
      .catch((error: unknown) => count(told.unexpected, String(error)))
      .finally(() => {
        person.busy = false;
        under_way.delete(act);
      });
    under_way.add(act);
  };
  return {
    told,
    all,
    start: () => {
      const began = performance.now();
      let sent = 0;
      timer = setInterval(() => {
        for (const due = ((performance.now() - began) / 1000) * rate; sent < due; sent++) next();
      }, TICK_MS);
    },
    stop: async () => {
      clearInterval(timer);
      await Promise.all(under_way);
      agent.destroy();
    },
  };
}

function pick(): (typeof MIX)[number][1] {
  let left = randomInt(WEIGHTS);
  for (const [weight, act] of MIX) {
    left -= weight;
    if (left < 0) return act;
  }
  throw new Error('the weights do not add up');
}

async function arrive(ask: Ask, n: number): Promise<Person> {
  const email = `person-${n}@example.com`;
  // Wide networks have limits of their own: everybody has one.
  const ip = `${11 + (n % 100)}.${Math.floor(n / 100)}.0.1`;
  const answer = await ask('register', '/auth/register', 201, { ip, body: { email, password: PASSWORD } });
  if (answer.status !== 201) throw new Error(`nobody can register: ${answer.status} ${answer.text}`);
  return { email, ip, items: [], busy: false, ...newSession(answer) };
}

function newSession({ text }: Answer): Pick<Person, 'access_token' | 'refresh_token' | 'session_id' | 'refreshes'> {
  const { access_token, refresh_token } = JSON.parse(text) as { access_token: string; refresh_token: string };
  const claims = JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString());
  return { access_token, refresh_token, session_id: claims.sid, refreshes: 0 };
}

function from({ access_token: token, ip }: Person): Sent {
  return { token, ip };
}

async function read(person: Person, ask: Ask): Promise<void> {
  const id = person.items[randomInt(Math.max(1, person.items.length))];
  if (id === undefined) await write(person, ask);
  else await ask('read', `/kit-notes/${id}`, 200, from(person));
}

/** One more item, or the eldest goes: the table stays as large as it is. */
async function write(person: Person, ask: Ask): Promise<void> {
  if (person.items.length < ITEMS) {
    const body = { title: 'Water the plants', description: 'Every Monday, and twice a week in summer' };
    const { status, text } = await ask('write', '/kit-notes', 201, { ...from(person), body });
    if (status === 201) person.items.push((JSON.parse(text) as { id: string }).id);
    return;
  }
  const id = person.items.shift() ?? '';
  await ask('delete', `/kit-notes/${id}`, 204, { ...from(person), method: 'DELETE' });
}

async function change(person: Person, ask: Ask): Promise<void> {
  const id = person.items.at(-1);
  if (id === undefined) return write(person, ask);
  const body = { title: `Water the plants ${randomInt(1000)}` };
  await ask('change', `/kit-notes/${id}`, 200, { ...from(person), method: 'PATCH', body });
}

async function refresh(person: Person, ask: Ask): Promise<void> {
  const { ip, refresh_token } = person;
  const answer = await ask('refresh', '/auth/refresh', 200, { ip, body: { refresh_token } });
  if (answer.status !== 200) return;
  const { session_id, refreshes } = person;
  Object.assign(person, newSession(answer), { session_id, refreshes: refreshes + 1 });
}

async function logInAnew(person: Person, ask: Ask): Promise<void> {
  const { email, ip } = person;
  const ended = from(person);
  await ask('logout', '/auth/logout', 204, { ...ended, body: {} });
  await ask('ended session', '/auth/me', 401, ended);
  const answer = await ask('login', '/auth/login', 200, { ip, body: { email, password: PASSWORD } });
  if (answer.status === 200) Object.assign(person, newSession(answer));
}

async function guess(_: Person, ask: Ask): Promise<void> {
  const stranger = randomInt(STRANGERS);
  const body = { email: `stranger-${stranger}@example.com`, password: 'a wrong guess' };
  await ask('guess', '/auth/login', 401, { ip: `10.9.${randomInt(256)}.${randomInt(256)}`, body });
}

async function register(_: Person, ask: Ask, told: Told): Promise<void> {
  const email = `new-${told.registered.length}-${randomInt(2 ** 40).toString(36)}@example.com`;
  const ip = `10.8.${randomInt(256)}.${randomInt(256)}`;
  const { status } = await ask('register', '/auth/register', 201, { ip, body: { email, password: PASSWORD } });
  if (status !== 201) return;
  told.registered.push(email);
  count(told.mails_due, email);
}

/** One of those who registered asks for a reset, and is not asked again before its mailbox may have more. */
async function forget(_: Person, ask: Ask, told: Told): Promise<void> {
  const now = performance.now();
  const email = told.registered.find((address) => now - (asked.get(address) ?? -Infinity) > ASKS_AGAIN_AFTER_MS);
  if (email === undefined) return;
  asked.set(email, now);
  const ip = `10.7.${randomInt(256)}.${randomInt(256)}`;
  const { status } = await ask('forgot password', '/auth/forgot-password', 202, { ip, body: { email } });
  if (status === 202) count(told.mails_due, email);
}

/** Status 0: no answer came, or it was not waited for. */
function send(
  agent: Agent,
  url: string,
  { method, token, body, ip, isBrokenOff }: Sent & { isBrokenOff: boolean },
): Promise<Answer> {
  return new Promise((resolve) => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const sent = request(url, {
      agent,
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      timeout: DEADLINE_MS,
      headers: {
        ...(ip !== undefined && { 'x-forwarded-for': ip }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
    });
    sent.once('error', (error) => resolve({ status: 0, text: String(error) }));
    sent.once('timeout', () => sent.destroy(new Error('no answer in time')));
    sent.once('response', async (response) => {
      const parts: Buffer[] = [];
      try {
        for await (const part of response) parts.push(part);
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(parts).toString() });
      } catch (error) {
        resolve({ status: 0, text: String(error) });
      }
    });
    // Its client goes away when the server has begun with it.
    if (isBrokenOff) sent.once('finish', () => setTimeout(() => sent.destroy(), randomInt(4)));
    sent.end(text);
  });
}

function count(counts: Map<string, number>, what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
