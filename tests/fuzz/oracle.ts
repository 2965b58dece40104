import type { Answer } from './client/answers.ts';
import type { Operation, Reply, Schema } from './document.ts';
import type { HttpStep } from './generators/steps.ts';
import { createChecker } from './schemas.ts';

/** Judges answers by the document and by what holds for every answer; each complaint is a sentence. */
export interface Oracle {
  /** The answer to a request that HTTP can carry; `operation` is the one that it means, if any. */
  judge: (answer: Answer, circumstances: Circumstances) => string[];
  /** An answer to bytes that may be no request; of `refused` ones nothing may be carried out. */
  judgeRaw: (answer: Answer, step: { refused: boolean }) => string[];
}

export interface Circumstances {
  step: Pick<HttpStep, 'method' | 'target' | 'caller'>;
  operation: Operation | undefined;
  /** Somebody's role or state was changed meanwhile: who may do what is not known. */
  rights_moved: boolean;
}

const PROBLEM = 'application/problem+json';
/** Refusals that come before there is a route; no operation declares them. */
const BEFORE_ROUTING = new Set(['headers_too_large', 'request_timeout']);
const NO_OPERATION = new Set([200, 204, 400, 401, 403, 404, 405, 408, 413, 415, 422, 431]);
const EVERYWHERE: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};
/** A session's cookie that was sent is taken away with its session. */
/** What a browser brings back from a provider, or need not bring any more. */
const OF_SIGN_IN = /^oauth=[\w.~-]*; Max-Age=(0|600); Path=\/; HttpOnly; SameSite=Lax$/;
const CLEARED = /^session=; Max-Age=0; /;
/** The paths whose answers others may keep. */
const PUBLIC = ['/.well-known/jwks.json', '/.well-known/passkey-endpoints', '/.well-known/webauthn'];
const REQUIRED_BY_STATUS: Readonly<Record<number, string>> = {
  401: 'www-authenticate',
  405: 'allow',
  429: 'retry-after',
  503: 'retry-after',
};
/** What only the inside of the server knows: stacks, files, SQL, hashes. */
const INSIDE =
  /(?:\n|\\n)\s+at |node_modules|src\/app\/|\.[tj]s:\d+|\bselect .+ from\b|\binsert into\b|syntax error at|Failed query|violates|SQLSTATE|ECONN|FST_ERR|HPE_|password_hash|TypeError|RangeError|SyntaxError|Unexpected token/i;
const HASH = /\$2[aby]\$\d\d\$/;

/** `secrets` are texts that no answer may hold. */
export function createOracle(operations: readonly Operation[], secrets: readonly string[]): Oracle {
  const check = createChecker();
  const problem = operations.map(({ replies }) => replies.get(500)).find((reply) => reply !== undefined);
  if (problem === undefined)
    throw new Error('The document has no operation that can fail: there is no schema of errors');
  // The first part is that of every problem, the second one names the codes of the operation.
  const everyProblem = problem.schema.allOf?.[0] ?? problem.schema;

  const ofBody = (answer: Answer, reply: Reply | undefined): string[] => {
    const type = answer.headers['content-type']?.split(';', 1)[0];
    if (reply === undefined) return answer.body.length > 0 ? ['has a body where none is documented'] : [];
    const schema = type === reply.media_type ? reply.schema : reply.others.get(type ?? '');
    if (type === undefined || schema === undefined)
      return [`is of type ${type}, documented is ${[reply.media_type, ...reply.others.keys()].join(', ')}`];
    return /^application\/(problem\+)?json$/.test(type)
      ? ofJson(answer, schema)
      : offSchema(answer.body.toString(), schema);
  };
  const ofJson = ({ body }: Answer, schema: Schema): string[] => {
    const value = parse(body);
    if (value === undefined) return ['has a body that is no JSON'];
    return offSchema(value, schema);
  };
  const offSchema = (value: unknown, schema: Schema): string[] =>
    check(schema)(value).map((fault) => `has a body off the schema: ${fault}`);
  const general = (answer: Answer, step?: Circumstances['step']): string[] => [
    ...(answer.status >= 500 ? [`has status ${answer.status}`] : []),
    ...ofHeaders(answer),
    ...(isKeptPrivate(answer, step?.target) ? [] : [`has cache-control: ${answer.headers['cache-control']}`]),
    ...(isProblem(answer) ? [...ofJson(answer, everyProblem), ...ofProblem(answer)] : []),
    ...leaks(answer, secrets),
  ];

  return {
    judge: (answer, { step, operation, rights_moved }) => {
      if (operation === undefined) return [...general(answer, step), ...withoutOperation(answer, step)];
      const { status } = answer;
      const complaints = [
        ...general(answer, step),
        ...(rights_moved ? [] : beyondRights(answer, operation, step.caller)),
      ];
      if (BEFORE_ROUTING.has(problemCode(answer))) return complaints;
      if (!operation.replies.has(status)) return [...complaints, `has status ${status}, which is not documented`];
      const reply = operation.replies.get(status);
      return [...complaints, ...ofBody(answer, reply), ...undocumentedCode(answer, reply)];
    },
    judgeRaw: (answer, { refused }) => [
      ...general(answer),
      ...(answer.status >= 400 && !isProblem(answer) ? ['refuses without a problem document'] : []),
      ...(refused && answer.status < 400 ? [`carries out what must be refused: status ${answer.status}`] : []),
    ],
  };
}

function ofHeaders({ status, headers }: Answer): string[] {
  const required = REQUIRED_BY_STATUS[status];
  const wrong = Object.entries(EVERYWHERE).filter(([name, value]) => headers[name] !== value);
  return [
    ...(/^[0-9a-f-]{36}$/.test(headers['x-request-id'] ?? '') ? [] : ['has no X-Request-Id']),
    ...(required !== undefined && headers[required] === undefined ? [`has no ${required}`] : []),
    ...wrong.map(([name]) => `has ${name}: ${headers[name]}`),
    ...['x-powered-by', 'server', 'access-control-allow-origin', 'set-cookie']
      .filter(
        (name) =>
          headers[name] !== undefined &&
          !(name === 'set-cookie' && (CLEARED.test(headers[name]) || OF_SIGN_IN.test(headers[name]))),
      )
      .map((name) => `has ${name}: ${headers[name]}`),
  ];
}

/** Bytes that may be no request may ask for anything. */
function isKeptPrivate({ status, headers }: Answer, target = PUBLIC[0]): boolean {
  const [path = ''] = target?.split('?', 1) ?? [];
  const mayBeKept = PUBLIC.includes(path) && status === 200;
  return headers['cache-control'] === 'no-store' || (mayBeKept && headers['cache-control'] === 'public, max-age=300');
}

/** A path or method that the document does not have is refused, except for what HTTP itself defines. */
function withoutOperation(answer: Answer, { method, target }: Pick<HttpStep, 'method' | 'target'>): string[] {
  // The root leads to the documents, and is a page rather than an operation.
  const isRoot = target.split('?', 1)[0] === '/' && (method === 'GET' || method === 'HEAD');
  if (isRoot && answer.status === 303 && answer.headers.location === '/docs') return [];
  if (method === 'HEAD') return answer.body.length > 0 ? ['has a body after HEAD'] : [];
  if (!NO_OPERATION.has(answer.status)) return [`has status ${answer.status} where the document has no operation`];
  const isOptions = method === 'OPTIONS' && answer.status === 204;
  if (answer.status < 400 && !isOptions) return [`has status ${answer.status} where the document has no operation`];
  return isOptions || isProblem(answer) ? [] : ['refuses without a problem document'];
}

/** The members that the schema cannot tie together. */
function ofProblem(answer: Answer): string[] {
  const body = parse(answer.body);
  if (typeof body !== 'object' || body === null) return [];
  const { status, request_id, code, type }: Record<string, unknown> = { ...body };
  return [
    ...(status === answer.status ? [] : [`says status ${status} in its body, ${answer.status} in its head`]),
    ...(request_id === answer.headers['x-request-id'] ? [] : ['names another request in its body than in its head']),
    ...(String(type).endsWith(`:${code}`) ? [] : [`has type ${type} for code ${code}`]),
  ];
}

function undocumentedCode(answer: Answer, reply: Reply | undefined): string[] {
  const code = problemCode(answer);
  return code === '' || reply?.codes.includes(code) ? [] : [`has code ${code}, which is not documented`];
}

function beyondRights({ status }: Answer, { access }: Operation, { rights, name }: HttpStep['caller']): string[] {
  if (status >= 400 || access === 'public') return [];
  const isEnough = rights === 'admin' || (rights === 'user' && access === 'user');
  return isEnough ? [] : [`lets ${name} do what only ${access === 'admin' ? 'an admin' : 'a user'} may`];
}

/** Text that a client sent may come back in its own items and in the names of its fields; there it is no leak. */
function leaks(answer: Answer, secrets: readonly string[]): string[] {
  const text = answer.body.toString();
  const own = isProblem(answer) ? text.replace(/"loc":\[[^\]]*\]/g, '') : '';
  const found = INSIDE.exec(own)?.[0];
  return [
    ...(found === undefined ? [] : [`tells of the inside: ${JSON.stringify(found)}`]),
    ...(HASH.test(text) ? ['has a password hash'] : []),
    ...(secrets.some((secret) => text.includes(secret)) ? ['has a secret'] : []),
  ];
}

function isProblem({ headers, body }: Answer): boolean {
  return headers['content-type']?.startsWith(PROBLEM) === true && body.length > 0;
}

function problemCode(answer: Answer): string {
  if (!isProblem(answer)) return '';
  const body = parse(answer.body);
  return typeof body === 'object' && body !== null && 'code' in body ? String(body.code) : '';
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
