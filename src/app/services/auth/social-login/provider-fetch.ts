import { isIP } from 'node:net';
import { currentShare } from '../../../observability/trace.ts';
import { product } from '../../../product.ts';
import { isLoopback } from '../../../utils/loopback.ts';
import { createWorkQueue } from '../../../utils/work-queue.ts';

/** What a request to a provider has. */
interface ProviderRequest {
  method?: string;
  headers?: Record<string, string>;
  body?: string | URLSearchParams | Uint8Array | null | undefined;
  signal?: AbortSignal | undefined;
}

/** A bounded `fetch`. */
export type ProviderFetch = (address: string, request: ProviderRequest) => Promise<Response>;

/** A request to a provider takes no longer, its body included. */
export const REQUEST_MS = 2800;
/** The key set of a large provider has 10 kB. */
const MAX_ANSWER_BYTES = 256 * 1024;
/** Requests to one provider that are under way, of all networks and of one. */
const PLACES = { concurrency: 20, concurrencyPerClient: 10 };
/** Those that wait for a place, in turns of their networks; a further one fails at once. Shorter than a request may take. */
const WAITING = { maxWaiting: 64, maxWaitingPerClient: 32, maxWaitMs: 2000 };
/** Names of networks that are not the Internet. */
const INSIDE = /(^|\.)(localhost|local|internal|localdomain|home\.arpa)\.?$/i;

/**
 * Throws unless a URL that a provider names can be asked: by https, at the issuer's own host or at a public name. An issuer on
 * this machine may use plain http there. So a provider's document leads to no service of the network that this API runs in.
 */
export function requireReachable(address: string, issuer: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const { hostname } = new URL(issuer);
  const isOwn = url?.hostname === hostname || (isLoopback(hostname) && isLoopback(url?.hostname ?? ''));
  const isPublic = url !== undefined && isIP(url.hostname.replace(/[[\]]/g, '')) === 0 && !INSIDE.test(url.hostname);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && isOwn && isLoopback(hostname));
  if (url === undefined || !isSafe || !(isOwn || isPublic) || url.username !== '' || url.password !== '')
    throw new Error('the provider names an address that may not be asked');
  return url;
}

/**
 * `fetch` towards one provider: reachable addresses alone, no redirect is followed, time and size are bounded, and so is the
 * number of requests that are under way, with a share for each network. What carries no secret is asked for once by all who wait,
 * and needs no place.
 */
export function createProviderFetch(issuer: string): ProviderFetch {
  const queue = createWorkQueue({
    ...PLACES,
    ...WAITING,
    refuse: () => new Error('too many requests wait for the provider'),
  });
  /** Documents and keys, which are the same for all who ask at the same moment. */
  const asked = new Map<string, Promise<Response>>();
  return async (address, request) => {
    const url = requireReachable(address, issuer);
    const ask = (): Promise<Response> => fetchBounded(url, request);
    if (!isForAll(request)) return queue.run(ask, { client: currentShare() });
    const answer = asked.get(url.href) ?? ask().finally(() => asked.delete(url.href));
    asked.set(url.href, answer);
    return (await answer).clone();
  };
}

function isForAll({ method = 'GET', headers = {} }: ProviderRequest): boolean {
  return method === 'GET' && !Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
}

async function fetchBounded(url: URL, { method = 'GET', headers, body, signal }: ProviderRequest): Promise<Response> {
  const response = await fetch(url, {
    method,
    headers: { 'user-agent': product.slug, ...headers },
    body: body ?? null,
    redirect: 'manual',
    signal: AbortSignal.any([AbortSignal.timeout(REQUEST_MS), ...(signal ? [signal] : [])]),
  });
  const bytes = await readBounded(response.body);
  const { status } = response;
  const hasBody = status !== 204 && status !== 205 && status !== 304;
  return new Response(hasBody ? bytes : null, { status, headers: response.headers });
}

async function readBounded(body: ReadableStream<Uint8Array> | null): Promise<Buffer<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream and closes the connection.
    if (size > MAX_ANSWER_BYTES) throw new Error(`the provider sent more than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
