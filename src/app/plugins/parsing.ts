import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { AppError, type FieldError } from '../utils/errors.ts';
import { addBodyHook, readsBody } from './body-hooks.ts';

/** Levels of arrays and objects in a body. What writes a free object, to the database or into an answer, takes stack for each. */
const MAX_DEPTH = 100;
const TOO_DEEP: FieldError = {
  loc: ['body'],
  msg: `has more than ${MAX_DEPTH} levels of arrays and objects`,
  type: 'value_error',
};

/** Accepts UTF-8 JSON bodies; anything of another media type gets 415. The OAuth2 route adds a parser for its form. */
export const parsingPlugin = fastifyPlugin(async (app) => {
  app.removeAllContentTypeParsers();
  const parseJson = jsonParser(app);
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // The type allows a string too; `parseAs` excludes it.
    const bytes = body as Buffer;
    if (bytes.length === 0) return done(null, undefined);
    if (!isUtf8(bytes)) return done(new AppError('malformed_request', { detail: 'The body is not UTF-8' }));
    const text = bytes.toString();
    parseJson(request, text, (error, value) => {
      if (error) return done(new AppError('malformed_request', { detail: 'The body is not JSON', cause: error }));
      if (isTooDeep(text)) return done(new AppError('validation_failed', { errors: [TOO_DEEP] }));
      // Valid UTF-8 holds neither NUL in JSON nor half a surrogate pair; only an escape brings them in.
      request[ESCAPED] = text.includes('\\u');
      done(null, value);
    });
  });
  // A type of nothing says nothing: `curl -d ''` names a form.
  app.addContentTypeParser('*', ({ headers }, _payload, done) => {
    done(headers['content-length'] === '0' ? null : new AppError('unsupported_media_type'), undefined);
  });
  addBodyHook(app, 'preParsing', ({ headers }, _reply, _payload, done) => {
    const { 'content-encoding': coding = 'identity' } = headers;
    done(coding.toLowerCase() === 'identity' ? undefined : new AppError('unsupported_media_type'));
  });
  app.addHook('preValidation', (request, _reply, done) => {
    done(request.url.includes('%') ? undecodable(request.url) : undefined);
  });
  app.addHook('onRoute', (route) => {
    if (readsFields(route)) route.preValidation = [fillMissing, ...[route.preValidation ?? []].flat()];
    if (hasInput(route)) route.preHandler = [requireStorable, ...[route.preHandler ?? []].flat()];
  });
});

/** True for a valid JSON text of more than MAX_DEPTH levels. The brackets inside of its strings are none. */
function isTooDeep(text: string): boolean {
  if (text.length <= 2 * MAX_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length && depth <= MAX_DEPTH; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
  }
  return depth > MAX_DEPTH;
}

function endOfString(text: string, start: number): number {
  const quote = text.indexOf('"', start + 1);
  if (text[quote - 1] !== '\\') return quote;
  // It may be an escaped one.
  for (let at = start + 1; ; at++) {
    if (text[at] === '"') return at;
    if (text[at] === '\\') at++;
  }
}

/** A missing body is one without fields, so that its refusal names those that are required. */
function fillMissing(request: FastifyRequest, _reply: unknown, done: () => void): void {
  if (request.body === undefined) request.body = {};
  done();
}

function readsFields({ schema }: RouteOptions): boolean {
  // A schema is a plain object of JSON Schema's words.
  const { type } = (schema?.body ?? {}) as { type?: unknown };
  return type === 'object';
}

/** Set if the JSON body has an escape sequence. */
const ESCAPED = Symbol('escaped');

declare module 'fastify' {
  interface FastifyRequest {
    [ESCAPED]?: boolean;
  }
}

function hasInput({ method, schema }: RouteOptions): boolean {
  return readsBody({ method }) || schema?.querystring !== undefined || schema?.params !== undefined;
}

/** After validation, which bounds the number of values to look at. */
function requireStorable(request: FastifyRequest, _reply: unknown, done: (error?: Error) => void): void {
  done(unstorableInBody(request) ?? unstorableInUrl(request) ?? undefined);
}

/** A form is always checked: percent escapes can hold the same characters as JSON's escapes. */
function unstorableInBody(request: FastifyRequest): AppError | null {
  const isJudged = (request[ESCAPED] === true && request.routeOptions.schema?.body !== undefined) || isForm(request);
  return isJudged ? unstorable(request.body, 'body') : null;
}

/** Checks the parts that the route reads; the others are no input. */
function unstorableInUrl({ url, query, params, routeOptions: { schema } }: FastifyRequest): AppError | null {
  if (!url.includes('%')) return null;
  return (
    (schema?.querystring ? unstorable(query, 'query') : null) ?? (schema?.params ? unstorable(params, 'path') : null)
  );
}

/** validation_failed if a string has NUL or a lone surrogate, which PostgreSQL's text cannot store; otherwise null. */
function unstorable(root: unknown, part: string): AppError | null {
  const errors: FieldError[] = [];
  const open: { value: unknown; loc: (string | number)[] }[] = [{ value: root, loc: [part] }];
  // No recursion: a body can be nested deeper than the stack allows.
  for (let next = open.pop(); next !== undefined && errors.length === 0; next = open.pop()) {
    const { value, loc } = next;
    if (isUnstorable(value))
      errors.push({ loc, msg: 'must not contain NUL or lone surrogates', type: 'string_unicode' });
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      if (isUnstorable(key)) errors.push({ loc, msg: 'must not have such a field', type: 'string_unicode' });
      open.push({
        value: inner,
        loc: loc.length < 8 ? [...loc, Array.isArray(value) ? Number(key) : shown(key)] : loc,
      });
    }
  }
  return errors.length > 0 ? new AppError('validation_failed', { errors }) : null;
}

/** A field's name, cut to the length that an answer repeats. */
function shown(key: string): string {
  return key.slice(0, 100).toWellFormed();
}

function isForm({ headers }: FastifyRequest): boolean {
  return /^(application\/x-www-form-urlencoded|multipart\/form-data)/i.test(headers['content-type'] ?? '');
}

function isUnstorable(value: unknown): boolean {
  return typeof value === 'string' && (value.includes('\0') || !value.isWellFormed());
}

function undecodable(url: string): AppError | undefined {
  try {
    decodeURIComponent(url);
    return undefined;
  } catch (cause) {
    return new AppError('malformed_request', { detail: 'The URL is not valid percent-encoded UTF-8', cause });
  }
}

/** Fastify's JSON parser, which refuses `__proto__` and `constructor.prototype` keys. */
function jsonParser(app: FastifyInstance) {
  return app.getDefaultJsonParser('error', 'error') as (
    request: unknown,
    text: string,
    done: (error: Error | null, value?: unknown) => void,
  ) => void;
}
