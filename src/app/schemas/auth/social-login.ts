import { closed } from '../common.ts';
import { Type } from '../type.ts';
import { LINK_TOKEN_EXAMPLE } from './one-time-tokens.ts';
import { TOKEN_EXAMPLE } from './tokens.ts';

export const ProviderId = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'The id of `GET /auth/oauth/providers`',
  examples: ['google'],
});

export const ProviderParams = Type.Object({ provider: ProviderId }, closed);

export const RedirectTo = Type.String({
  minLength: 1,
  maxLength: 1000,
  description: 'Exactly one of `OAUTH_REDIRECTS`; the first one by default',
  examples: ['https://app.example.com/signed-in'],
});

export const ProviderList = Type.Object(
  {
    items: Type.Array(
      Type.Object(
        { id: ProviderId, label: Type.String({ maxLength: 60, examples: ['Google'] }) },
        { title: 'Provider' },
      ),
    ),
  },
  { title: 'ProviderList' },
);

/** RFC 7636 §4.2: the base64url of a SHA-256. */
const CodeChallenge = Type.String({
  pattern: '^[A-Za-z0-9_-]{43}$',
  maxLength: 43,
  description: 'The SHA-256 of the app’s `code_verifier`, as base64url; required of a sign-in',
  examples: ['E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'],
});

export const SignInStart = Type.Object(
  {
    redirect_to: Type.Optional(RedirectTo),
    code_challenge: Type.Optional(CodeChallenge),
    code_challenge_method: Type.Optional(Type.Unsafe<'S256'>({ type: 'string', enum: ['S256'] })),
    link: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 4000,
        description: 'The mark of an address that links an identity; such an address is complete',
      }),
    ),
  },
  closed,
);

const answers = {
  state: Type.Optional(Type.String({ maxLength: 500 })),
  code: Type.Optional(Type.String({ maxLength: 4000 })),
  iss: Type.Optional(Type.String({ maxLength: 1000, description: 'RFC 9207' })),
  error: Type.Optional(Type.String({ maxLength: 200 })),
  error_description: Type.Optional(Type.String({ maxLength: 2000 })),
};

/** What the provider sends back. Providers add fields of their own, which are not read. */
export const ProviderAnswer = Type.Object(answers);

/** The same as a form (OAuth 2.0 Form Post Response Mode), with what Apple and Microsoft add. */
export const PostedProviderAnswer = Type.Object(
  {
    ...answers,
    error_uri: Type.Optional(Type.String({ maxLength: 2000 })),
    id_token: Type.Optional(Type.String({ maxLength: 8192 })),
    user: Type.Optional(Type.String({ maxLength: 2000 })),
    scope: Type.Optional(Type.String({ maxLength: 1000 })),
    session_state: Type.Optional(Type.String({ maxLength: 500 })),
    client_info: Type.Optional(Type.String({ maxLength: 2000 })),
  },
  { ...closed, title: 'ProviderAnswer', examples: [{ state: 'af0ifjsldkj', code: 'SplxlOBeZQQYbYS6WxSbIA' }] },
);

export const CodeExchange = Type.Object(
  {
    code: Type.String({
      minLength: 1,
      maxLength: 512,
      description: 'The one of the address that the browser came back by',
      examples: [LINK_TOKEN_EXAMPLE],
    }),
    code_verifier: Type.String({
      minLength: 1,
      maxLength: 128,
      description: 'What `code_challenge` is the hash of (RFC 7636); 43 to 128 characters',
      examples: ['dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'],
    }),
  },
  {
    ...closed,
    title: 'CodeExchange',
    examples: [{ code: LINK_TOKEN_EXAMPLE, code_verifier: 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk' }],
  },
);

export const IdTokenSignIn = Type.Object(
  {
    id_token: Type.String({ minLength: 1, maxLength: 8192, examples: [TOKEN_EXAMPLE] }),
    nonce: Type.String({
      minLength: 1,
      maxLength: 256,
      description: 'What the app passed to the provider, or what it passed the SHA-256 of',
      examples: ['n-0S6_WzA2Mj'],
    }),
  },
  { ...closed, title: 'IdTokenSignIn', examples: [{ id_token: TOKEN_EXAMPLE, nonce: 'n-0S6_WzA2Mj' }] },
);
