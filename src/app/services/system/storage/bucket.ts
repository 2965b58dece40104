import type { Core } from '../../../core.ts';
import { currentShare } from '../../../observability/trace.ts';
import { product } from '../../../product.ts';
import { dispositionOf } from '../../../utils/content-disposition.ts';
import { createWorkQueue } from '../../../utils/work-queue.ts';
import type { ObjectFacts, Storage } from './contract.ts';

type Method = 'PUT' | 'GET' | 'HEAD' | 'DELETE';

interface Signed {
  seconds: number;
  headers?: Record<string, string>;
  query?: Record<string, string>;
}

/** A request to the storage takes no longer. */
const REQUEST_MS = 2800;
/** Requests that are under way, of all networks and of one; removals are of a network too. */
const PLACES = { concurrency: 48, concurrencyPerClient: 12 };
/** Those that wait for a place, in turns of their networks; a further one fails at once. Shorter than a request may take. */
const WAITING = { maxWaiting: 128, maxWaitingPerClient: 64, maxWaitMs: 2000 };

/** A bucket of an S3-compatible storage. Clients send and fetch by addresses that are signed here (AWS Signature Version 4). */
export function createBucket({ config, clock }: Pick<Core, 'config' | 'clock'>): Storage {
  const base = baseOf(config);
  const keys = {
    accessKeyId: config.storage_access_key_id,
    secretAccessKey: config.storage_secret_access_key?.reveal() ?? '',
    region: config.storage_region,
  };
  const sign = async (method: Method, id: string, { seconds, headers, query }: Signed): Promise<string> => {
    // On first use: a server without uploads never loads it.
    const { AwsV4Signer } = await import('aws4fetch');
    const url = new URL(`files/${id}`, base);
    for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
    url.searchParams.set('X-Amz-Expires', String(seconds));
    const datetime = clock
      .now()
      .toISOString()
      .replace(/[:-]|\.\d{3}/g, '');
    // Without allHeaders the type and the length would be for the client to choose.
    const how = { service: 's3', signQuery: true, allHeaders: true, datetime };
    const signer = new AwsV4Signer({ ...keys, ...how, method, url: url.href, ...(headers && { headers }) });
    const signed = await signer.sign();
    // A plus is read as a space by some and as a plus by others.
    return signed.url.href.replaceAll('+', '%20');
  };
  const ask = createAsk();
  return {
    uploadTo: async ({ id, size, type }, seconds) => {
      const headers = { 'content-type': type, 'content-length': String(size) };
      return { url: await sign('PUT', id, { seconds, headers }), headers: { 'content-type': type } };
    },
    downloadFrom: ({ id, name, type }, seconds) => {
      const answer = {
        'response-content-type': type,
        'response-content-disposition': dispositionOf({ name, type }),
        'response-cache-control': `private, max-age=${seconds}`,
      };
      return sign('GET', id, { seconds, query: answer });
    },
    find: async (id) => {
      const response = await ask('HEAD', await sign('HEAD', id, { seconds: 60 }));
      if (response.status === 404) return undefined;
      if (response.status !== 200) throw new Error(`the storage answered HEAD with ${response.status}`);
      return factsOf(response.headers);
    },
    remove: async (id) => {
      const { status } = await ask('DELETE', await sign('DELETE', id, { seconds: 60 }));
      // S3 answers 204 if there is none, others answer 404.
      if (status !== 204 && status !== 200 && status !== 404)
        throw new Error(`the storage answered DELETE with ${status}`);
    },
  };
}

/** The address before `files/<id>`: on AWS the bucket is in the host's name, elsewhere in the path. */
function baseOf({
  storage_bucket: bucket,
  storage_endpoint: endpoint,
  storage_region: region,
}: Core['config']): string {
  return endpoint === '' ? `https://${bucket}.s3.${region}.amazonaws.com/` : `${endpoint}${bucket}/`;
}

/** Sends a request without a body, of which the head of the answer counts. No redirect is followed. */
function createAsk(): (method: Method, url: string) => Promise<Response> {
  const refuse = (): Error => new Error('too many requests wait for the storage');
  const queue = createWorkQueue({ ...PLACES, ...WAITING, refuse });
  const ask = async (method: Method, url: string): Promise<Response> => {
    const response = await fetch(url, {
      method,
      redirect: 'manual',
      // A length is that of the stored bytes.
      headers: { 'accept-encoding': 'identity', 'user-agent': product.slug },
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    await response.body?.cancel();
    return response;
  };
  return (method, url) => queue.run(() => ask(method, url), { client: currentShare() });
}

function factsOf(headers: Headers): ObjectFacts {
  const length = headers.get('content-length') ?? '';
  if (!/^\d{1,15}$/.test(length)) throw new Error('the storage tells no length');
  const [type = ''] = (headers.get('content-type') ?? '').split(';', 1);
  return { size: Number(length), type: type.trim().toLowerCase() };
}
