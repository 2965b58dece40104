import { ERROR_CODES, type ErrorCodeName, problemType } from '../utils/error-codes.ts';
import { Type } from './type.ts';

const FieldError = Type.Object({
  loc: Type.Array(Type.Union([Type.String({ maxLength: 100 }), Type.Integer()]), {
    description: 'Where the value is: `["body", "email"]`',
  }),
  msg: Type.String({ maxLength: 500 }),
  type: Type.String({ maxLength: 64, description: 'The broken rule' }),
});

/** A problem of RFC 9457, with FastAPI's `detail`. */
const Problem = Type.Object(
  {
    type: Type.String({ format: 'uri', description: 'Names the code as a URI' }),
    title: Type.String({ maxLength: 64 }),
    status: Type.Integer(),
    detail: Type.String({ maxLength: 500, description: 'For people; may change' }),
    code: Type.String({ maxLength: 64, description: 'For programs; never changes' }),
    request_id: Type.String({ format: 'uuid', description: '`X-Request-Id` of the answer' }),
    errors: Type.Optional(Type.Array(FieldError)),
    mfa_token: Type.Optional(
      Type.String({ maxLength: 512, description: '`mfa_required`, `mfa_enrollment_required`: to go on with' }),
    ),
    expires_in: Type.Optional(Type.Integer({ description: 'Seconds that `mfa_token` is good' })),
    factors: Type.Optional(
      Type.Array(
        Type.Object({
          id: Type.String({ format: 'uuid' }),
          type: Type.String({ maxLength: 16 }),
          name: Type.String({ maxLength: 100 }),
        }),
        { description: '`mfa_required`: the factors of the account' },
      ),
    ),
    recovery_codes: Type.Optional(Type.Boolean({ description: '`mfa_required`: whether one is left' })),
    methods: Type.Optional(
      Type.Array(Type.String({ maxLength: 16 }), {
        description: '`reauthentication_required`: what proves the caller once more',
      }),
    ),
    error: Type.Optional(
      Type.String({ maxLength: 64, description: '`POST /auth/token` only: the code of RFC 6749 §5.2' }),
    ),
    error_description: Type.Optional(Type.String({ maxLength: 500, description: '`POST /auth/token` only' })),
  },
  { title: 'Problem' },
);

/** A refusal as a page. */
const RefusalPage = Type.String({ maxLength: 65_536, description: 'A page, for a browser that asks for `text/html`' });

/**
 * An operation's error responses, one for each status: `code` is one of those that the operation can answer with.
 * `asPage`: a browser may get a page instead.
 */
export function problemResponses(
  codes: readonly ErrorCodeName[],
  { asPage }: { asPage: boolean },
): Record<string, unknown> {
  const byStatus = Object.groupBy(new Set(codes), (code) => String(ERROR_CODES[code].status));
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, names = []]) => [
      status,
      {
        description: names.map((code) => `\`${code}\`: ${ERROR_CODES[code].message}`).join('  \n'),
        content: {
          'application/problem+json': {
            schema: Type.Intersect([Problem, Type.Object({ code: Type.Unsafe({ type: 'string', enum: names }) })]),
            examples: Object.fromEntries(names.map((code) => [code, { $ref: `#/components/examples/${code}` }])),
          },
          ...(asPage && { 'text/html': { schema: RefusalPage } }),
        },
      },
    ]),
  );
}

/** An example of the answer for each error code. */
export function problemExamples(): Record<string, { value: Record<string, unknown> }> {
  // The table's own keys.
  const codes = Object.keys(ERROR_CODES) as ErrorCodeName[];
  return Object.fromEntries(codes.map((code) => [code, { value: example(code) }]));
}

function example(code: ErrorCodeName): Record<string, unknown> {
  const { status, title, message } = ERROR_CODES[code];
  return {
    type: problemType(code),
    title,
    status,
    detail: message,
    code,
    request_id: '019ab7c5-6f3e-7c1a-9d55-8f0e4b2a1c3d',
  };
}
