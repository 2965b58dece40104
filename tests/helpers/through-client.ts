import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError, createClient } from 'back-client';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';

const CLIENT = join(import.meta.dirname, '../../packages/client/src/client.ts');

/** A method of the client and the route that it stands for. */
interface Route {
  group: string;
  name: string;
  method: string;
  pattern: RegExp;
  flags: string;
}

type Request = InjectOptions & { token?: string };
type Method = (...given: unknown[]) => Promise<unknown>;

const ROUTES = routesOf(readFileSync(CLIENT, 'utf8'));

/** Requests of tests that went through a method of the client, by the method's name. */
export const throughClient = new Map<string, number>();

/** Sends a test's request by the method of the client that is made for it; `undefined` if there is none. */
export async function viaClient(
  request: Request,
  listen: () => Promise<number>,
): Promise<LightMyRequestResponse | undefined> {
  const { method = 'GET', url, payload, token, query: asked = '', ...others } = request;
  if (typeof url !== 'string' || Object.keys(others).length > 0) return undefined;
  const [path = '', inUrl = ''] = url.split('?');
  const search = inUrl || String(new URLSearchParams(asked as Record<string, string>));
  const route = ROUTES.find((one) => one.method === method && one.pattern.test(path));
  if (route === undefined || !isSayable(route, { payload, search, token })) return undefined;
  const values = (route.pattern.exec(path) ?? []).slice(1).map(decodeURIComponent);
  const body = route.flags.includes('j') ? [payload] : [];
  const query = route.flags.includes('q') ? [queryOf(search)] : [];
  const given = [...values, ...body, ...query, { ...(token && { token }) }];
  return answerOf(`http://127.0.0.1:${await listen()}`, route, given);
}

/** Whether the client can send this; without a token it refuses by itself. */
function isSayable(
  { flags }: Route,
  { payload, search, token }: { payload: unknown; search: string; token: string | undefined },
): boolean {
  if (!flags.includes('o') && !token) return false;
  if (flags.includes('j') ? typeof payload !== 'object' : payload !== undefined) return false;
  return search === '' || flags.includes('q');
}

async function answerOf(baseUrl: string, { group, name }: Route, given: unknown[]): Promise<LightMyRequestResponse> {
  let last: Response | undefined;
  const client = createClient({
    baseUrl,
    fetch: async (input, init) => {
      // The name that the tests' other requests have.
      const headers = { ...(init?.headers as Record<string, string>), 'user-agent': 'lightMyRequest' };
      const answer = await fetch(input, { ...init, headers });
      last = answer.clone();
      return answer;
    },
  });
  // The tree has what its routes name.
  const methods = (client as unknown as Record<string, Record<string, Method>>)[group];
  const place = `${group}.${name}`;
  throughClient.set(place, (throughClient.get(place) ?? 0) + 1);
  const result = await methods?.[name]?.(...given).catch((error: unknown) => error);
  if (last === undefined) throw result;
  const body = await last.text();
  // What the method gives is what the API said.
  if (last.ok !== !(result instanceof ApiError)) throw new Error(`${place} gave ${result} for ${last.status} ${body}`);
  const told = result instanceof ApiError ? result.problem : result;
  if (/json/.test(last.headers.get('content-type') ?? '') && JSON.stringify(told) !== JSON.stringify(JSON.parse(body)))
    throw new Error(`${place} gave ${JSON.stringify(told)} for ${body}`);
  const answer = {
    statusCode: last.status,
    headers: headersOf(last),
    body,
    payload: body,
    json: () => JSON.parse(body),
  };
  // The parts of an answer that tests of routes read.
  return answer as unknown as LightMyRequestResponse;
}

function headersOf({ headers }: Response): Record<string, string | string[]> {
  const cookies = headers.getSetCookie();
  return {
    ...Object.fromEntries(headers),
    ...(cookies.length > 0 && { 'set-cookie': cookies.length === 1 ? (cookies[0] ?? '') : cookies }),
  };
}

function queryOf(search: string): Record<string, string[]> {
  const names = new URLSearchParams(search);
  return Object.fromEntries([...new Set(names.keys())].map((name) => [name, names.getAll(name)]));
}

/** The routes as the generated file has them. */
function routesOf(text: string): Route[] {
  const table = text.slice(text.indexOf('const ROUTES = '));
  return [...table.matchAll(/^ {2}(\w+): \{\n((?: {4}.*\n)+) {2}\},$/gm)].flatMap(([, group = '', body = '']) =>
    [...body.matchAll(/^ {4}(\w+): "(\S+) (\S+) ?(\w*)",$/gm)]
      .map(([, name = '', method = '', path = '', flags = '']) => ({
        group,
        name,
        method,
        pattern: new RegExp(`^${path.replaceAll('.', '\\.').replace(/{\w+}/g, '([^/]+)')}$`),
        flags,
      }))
      .filter(({ flags }) => !flags.includes('p')),
  );
}
