import { closed, DateTimestamp, Id, Json, nullable } from '../common.ts';
import { type Static, Type } from '../type.ts';
import { TokenPair } from './tokens.ts';

/** WebAuthn §5.8.5: an id has at most 1,023 bytes. */
const MAX_ID = 1364;
const CHALLENGE_EXAMPLE = 'AZrXvL3-f2qdVY8OSyodPQBpKL1Um3V1X9fK0V6pW3m5Qw1zqXg8FQd2kLr9';
const CREDENTIAL_EXAMPLE = 'q3xHkq0aVYxkqk1p3m5Qw1zqXg8FQdyCkq0aVYxkqk0';

const PasskeyName = Type.String({ minLength: 1, maxLength: 100, examples: ['iCloud Keychain'] });
const base64Url = (maxLength: number, example = CREDENTIAL_EXAMPLE) =>
  Type.String({ minLength: 1, maxLength, pattern: '^[A-Za-z0-9_-]+$', examples: [example] });

/** Any text of this length: one that is no challenge is refused like one that is used. */
export const ChallengeId = Type.String({
  minLength: 1,
  maxLength: 256,
  description: 'The one of the options; it is answered once, within five minutes',
  examples: [CHALLENGE_EXAMPLE],
});

/** What both kinds of credential have in common. Browsers add members with time, so that further ones are let pass. */
const credentialFields = {
  id: base64Url(MAX_ID),
  rawId: base64Url(MAX_ID),
  type: Type.Literal('public-key'),
  authenticatorAttachment: Type.Optional(nullable(Type.String({ maxLength: 32 }))),
  clientExtensionResults: Type.Optional(Json),
};

/** What `navigator.credentials.create()` gave, as its `toJSON()` writes it. */
export const CreatedCredential = Type.Object(
  {
    ...credentialFields,
    response: Type.Object(
      {
        clientDataJSON: base64Url(4096),
        attestationObject: base64Url(65_536),
        transports: Type.Optional(Type.Array(Type.String({ minLength: 1, maxLength: 32 }), { maxItems: 16 })),
      },
      { maxProperties: 20 },
    ),
  },
  { title: 'CreatedCredential', description: '`RegistrationResponseJSON` of WebAuthn', maxProperties: 20 },
);
export type CreatedCredential = Static<typeof CreatedCredential>;

/** What `navigator.credentials.get()` gave, as its `toJSON()` writes it. */
export const AssertedCredential = Type.Object(
  {
    ...credentialFields,
    response: Type.Object(
      {
        clientDataJSON: base64Url(4096),
        authenticatorData: base64Url(8192),
        signature: base64Url(8192),
        userHandle: Type.Optional(nullable(Type.String({ maxLength: 128 }))),
      },
      { maxProperties: 20 },
    ),
  },
  { title: 'AssertedCredential', description: '`AuthenticationResponseJSON` of WebAuthn', maxProperties: 20 },
);
export type AssertedCredential = Static<typeof AssertedCredential>;

const ASSERTED_EXAMPLE = {
  id: CREDENTIAL_EXAMPLE,
  rawId: CREDENTIAL_EXAMPLE,
  type: 'public-key',
  response: {
    clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0In0',
    authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MFAAAAAA',
    signature: 'MEUCIQCkq0aVYxkqk1p3m5Qw1zqXg8FQdyCkq0aVYxkqk0',
    userHandle: 'yCkq0aVYxkqk1p3m5Qw1zqXg8FQdyCkq0aVYxkqk0aV',
  },
};

export const PasskeyLogin = Type.Object(
  { challenge_id: ChallengeId, credential: AssertedCredential },
  {
    ...closed,
    title: 'PasskeyLogin',
    examples: [{ challenge_id: CHALLENGE_EXAMPLE, credential: ASSERTED_EXAMPLE }],
  },
);

export const PasskeyCreate = Type.Object(
  { challenge_id: ChallengeId, credential: CreatedCredential, name: Type.Optional(PasskeyName) },
  {
    ...closed,
    title: 'PasskeyCreate',
    examples: [
      {
        challenge_id: CHALLENGE_EXAMPLE,
        credential: {
          id: CREDENTIAL_EXAMPLE,
          rawId: CREDENTIAL_EXAMPLE,
          type: 'public-key',
          response: {
            clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIn0',
            attestationObject: 'o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YQ',
            transports: ['internal', 'hybrid'],
          },
        },
        name: 'iCloud Keychain',
      },
    ],
  },
);

export const PasskeyUpdate = Type.Object(
  { name: PasskeyName },
  { ...closed, title: 'PasskeyUpdate', examples: [{ name: 'Ada’s phone' }] },
);

const passkeyFields = {
  id: Id,
  name: PasskeyName,
  created_at: DateTimestamp,
  last_used_at: nullable(DateTimestamp),
  backed_up: Type.Boolean({ description: 'Whether a copy is kept outside of the device' }),
};

export const Passkey = Type.Object(passkeyFields, { title: 'Passkey' });

export const CreatedPasskey = Type.Object(
  { ...passkeyFields, ...Type.Partial(TokenPair).properties },
  { title: 'CreatedPasskey', description: 'The first one ends an enrolment with a TokenPair' },
);

const Word = Type.String({ maxLength: 64 });
const Credential = Type.Object({ id: Type.String({ maxLength: MAX_ID }), type: Word, transports: Type.Array(Word) });

export const RequestOptions = Type.Object(
  {
    challenge_id: ChallengeId,
    options: Type.Object(
      {
        challenge: Type.String({ maxLength: 256 }),
        timeout: Type.Integer({ description: 'Milliseconds' }),
        rpId: Type.String({ maxLength: 253 }),
        allowCredentials: Type.Array(Credential, { maxItems: 0 }),
        userVerification: Word,
      },
      { title: 'PublicKeyCredentialRequestOptions', description: 'For `parseRequestOptionsFromJSON()`' },
    ),
    expires_at: DateTimestamp,
  },
  { title: 'RequestOptions' },
);
export type RequestOptions = Static<typeof RequestOptions>;

export const CreationOptions = Type.Object(
  {
    challenge_id: ChallengeId,
    options: Type.Object(
      {
        rp: Type.Object({ id: Type.String({ maxLength: 253 }), name: Word }),
        user: Type.Object({
          id: Word,
          name: Type.String({ maxLength: 254 }),
          displayName: Type.String({ maxLength: 254 }),
        }),
        challenge: Type.String({ maxLength: 256 }),
        pubKeyCredParams: Type.Array(Type.Object({ type: Word, alg: Type.Integer() })),
        timeout: Type.Integer({ description: 'Milliseconds' }),
        excludeCredentials: Type.Array(Credential),
        authenticatorSelection: Type.Object({
          residentKey: Word,
          requireResidentKey: Type.Boolean(),
          userVerification: Word,
        }),
        attestation: Word,
      },
      { title: 'PublicKeyCredentialCreationOptions', description: 'For `parseCreationOptionsFromJSON()`' },
    ),
    expires_at: DateTimestamp,
  },
  { title: 'CreationOptions' },
);
export type CreationOptions = Static<typeof CreationOptions>;

/** The rules of an object with `code`, with `challenge_id` and `credential`, and with another answer: it has one of the three. */
export function oneAnswer(other: string) {
  const some = (...names: string[]) => names.map((name) => ({ required: [name] }));
  return {
    // Not `oneOf`: each of its schemas would report its missing fields.
    if: { required: ['code'] },
    // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
    then: { not: { anyOf: some(other, 'challenge_id', 'credential') } },
    else: {
      if: { anyOf: some('challenge_id', 'credential') },
      // biome-ignore lint/suspicious/noThenProperty: JSON Schema's word
      then: { required: ['challenge_id', 'credential'], not: { required: [other] } },
      else: { required: [other] },
    },
  };
}
