import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** The access key that the server knows. */
export interface AccessKey {
  id: string;
  secret: string;
  region: string;
}

/** A request as the signature sees it. */
export interface SignedRequest {
  method: string;
  /** As it was sent: path and query. */
  target: string;
  headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** How the server fails. */
export type Fault =
  | 'none'
  | 'silent'
  | 'reset'
  | 'error'
  | 'no length'
  | 'other size'
  | 'other type'
  | 'redirect'
  | 'forbidden';

export interface S3Server {
  readonly endpoint: string;
  readonly objects: Map<string, { type: string; bytes: Buffer }>;
  /** Each request that came, as `PUT /bucket/key 200`. */
  readonly seen: string[];
  fault: Fault;
  /** Called before a HEAD or a DELETE is answered. */
  before: (method: string) => Promise<void>;
  stop: () => void;
}

/** The signature of a presigned request, from the text of the AWS manual and nothing of the application: `undefined` if it is right. */
export function signatureProblem(request: SignedRequest, key: AccessKey, now: Date): string | undefined {
  const [path = '', query = ''] = request.target.split('?', 2);
  const pairs = query.split('&').map((pair): [string, string] => {
    const [name = '', value = ''] = pair.split('=', 2);
    return [decodeURIComponent(name), decodeURIComponent(value)];
  });
  const given = new Map(pairs);
  const take = (name: string): string => given.get(name) ?? '';
  const [id, day, region, service, end] = take('X-Amz-Credential').split('/');
  if (take('X-Amz-Algorithm') !== 'AWS4-HMAC-SHA256' || end !== 'aws4_request') return 'InvalidRequest';
  if (id !== key.id || region !== key.region || service !== 's3') return 'InvalidAccessKeyId';
  const date = take('X-Amz-Date');
  const signed_at = Date.parse(date.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (day !== date.slice(0, 8) || !(now.getTime() - signed_at < Number(take('X-Amz-Expires')) * 1000))
    return 'ExpiredToken';
  const names = take('X-Amz-SignedHeaders').split(';');
  if (!names.includes('host')) return 'HostNotSigned';
  const canonical = [
    request.method,
    path
      .split('/')
      .map((part) => encode(decodeURIComponent(part)))
      .join('/'),
    pairs
      .filter(([name]) => name !== 'X-Amz-Signature')
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .sort()
      .join('&'),
    ...names.map(
      (name) =>
        `${name}:${String(request.headers[name] ?? '')
          .trim()
          .replace(/ +/g, ' ')}`,
    ),
    '',
    names.join(';'),
    'UNSIGNED-PAYLOAD',
  ].join('\n');
  const text = ['AWS4-HMAC-SHA256', date, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join('\n');
  const derived = [day ?? '', key.region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => hmac(secret, part),
    `AWS4${key.secret}`,
  );
  const right = hmac(derived, text);
  const sent = Buffer.from(take('X-Amz-Signature'), 'hex');
  return sent.length === right.length && timingSafeEqual(sent, right) ? undefined : 'SignatureDoesNotMatch';
}

/** A storage that speaks as much of S3 as presigned requests need, in path style, and believes no signature that it did not compute. */
export async function startS3(key: AccessKey, { prefix = '', now = () => new Date() } = {}): Promise<S3Server> {
  const sockets = new Set<Socket>();
  const state = {
    objects: new Map(),
    seen: [] as string[],
    fault: 'none',
    before: async () => {},
  } as unknown as S3Server;
  const server = createServer(async (request, response) => {
    const name = (request.url ?? '').split('?', 1)[0] ?? '';
    const status = await serve(request, response, name);
    state.seen.push(`${request.method} ${name} ${status}`);
  });
  const serve = async (request: IncomingMessage, response: ServerResponse, name: string): Promise<number> => {
    const { method = '', url: target = '', headers } = request;
    const answer = (status: number, more: Record<string, string | number> = {}, body: Buffer | string = ''): number => {
      response.writeHead(status, more).end(method === 'HEAD' ? undefined : body);
      return status;
    };
    if (method === 'HEAD' || method === 'DELETE') await state.before(method);
    if (state.fault === 'silent') return 0;
    if (state.fault === 'reset') {
      request.socket.destroy();
      return 0;
    }
    if (state.fault === 'error') return answer(500, {}, 'x'.repeat(100_000));
    if (state.fault === 'redirect') return answer(307, { location: `${state.endpoint}/elsewhere` });
    if (state.fault === 'forbidden') return answer(403);
    const problem = signatureProblem({ method, target, headers }, key, now());
    if (problem !== undefined || !name.startsWith(`${prefix}/`)) return answer(403, {}, problem ?? 'NoSuchBucket');
    const object = state.objects.get(name);
    if (method === 'PUT') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      state.objects.set(name, { type: headers['content-type'] ?? '', bytes: Buffer.concat(chunks) });
      return answer(200);
    }
    if (method === 'DELETE') {
      state.objects.delete(name);
      return answer(204);
    }
    if (object === undefined) return answer(404, {}, 'NoSuchKey');
    const query = new URL(target, 'http://s3').searchParams;
    const size = object.bytes.length + (state.fault === 'other size' ? 1 : 0);
    const facts = {
      'content-type': state.fault === 'other type' ? 'text/html' : (query.get('response-content-type') ?? object.type),
      ...(state.fault !== 'no length' && { 'content-length': size }),
      ...(query.has('response-content-disposition') && {
        'content-disposition': query.get('response-content-disposition') ?? '',
      }),
    };
    return answer(200, facts, object.bytes);
  };
  server.on('connection', (socket) => sockets.add(socket.on('error', () => {})));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A TCP server's address is never a path.
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    endpoint: `http://127.0.0.1:${port}${prefix}`,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
