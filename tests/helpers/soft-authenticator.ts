import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign as signBytes } from 'node:crypto';

/** How an authenticator or its browser departs from what it should do. */
export interface Deviation {
  origin?: string;
  rp_id?: string;
  challenge?: string;
  /** Of the client data: `webauthn.create`, `webauthn.get`. */
  type?: string;
  user_verified?: boolean;
  user_present?: boolean;
  counter?: number;
  user_handle?: string | undefined;
  /** The statement of the authenticator's origin; by default `none`. */
  statement?: { fmt: string; attStmt: Map<Cbor, Cbor> };
  /** A page of another origin that has ours in a frame. */
  top_origin?: string;
}

export interface CreatedJson {
  id: string;
  rawId: string;
  type: string;
  response: Record<string, unknown> & { clientDataJSON: string; attestationObject: string };
  clientExtensionResults: object;
}

export interface AssertedJson {
  id: string;
  rawId: string;
  type: string;
  response: { clientDataJSON: string; authenticatorData: string; signature: string; userHandle?: string };
  clientExtensionResults: object;
}

/** An authenticator in software (WebAuthn §6) with its browser: each passkey that it makes is kept until it goes. */
export interface Authenticator {
  create: (options: CreationOptions, deviation?: Deviation) => CreatedJson;
  get: (options: RequestOptions, deviation?: Deviation) => AssertedJson;
}

export interface CreationOptions {
  rp: { id: string };
  user: { id: string };
  challenge: string;
}

export interface RequestOptions {
  rpId: string;
  challenge: string;
}

type Cbor = number | string | Buffer | Cbor[] | Map<Cbor, Cbor>;
type Algorithm = 'ES256' | 'EdDSA' | 'RS256';

const ORIGIN = 'http://localhost:8000';
const FLAGS = { present: 0x01, verified: 0x04, eligible: 0x08, backed_up: 0x10, attested: 0x40 };

/** A new authenticator: synced ones count no signatures, as those of Apple and Google. */
export function softAuthenticator({
  algorithm = 'ES256',
  synced = true,
  aaguid = '00000000-0000-0000-0000-000000000000',
}: {
  algorithm?: Algorithm;
  synced?: boolean;
  aaguid?: string;
} = {}): Authenticator {
  let kept: { id: Buffer; key: KeyObject; user_handle: string } | undefined;
  let counter = 0;
  const count = (): number => (synced ? 0 : ++counter);

  const authenticatorData = (rp_id: string, deviation: Deviation, attested = Buffer.alloc(0)): Buffer => {
    const { user_present = true, user_verified = true } = deviation;
    const flags =
      (user_present ? FLAGS.present : 0) |
      (user_verified ? FLAGS.verified : 0) |
      (synced ? FLAGS.eligible | FLAGS.backed_up : 0) |
      (attested.length > 0 ? FLAGS.attested : 0);
    const head = Buffer.alloc(5);
    head.writeUInt8(flags);
    head.writeUInt32BE(deviation.counter ?? count(), 1);
    return Buffer.concat([sha256(deviation.rp_id ?? rp_id), head, attested]);
  };

  return {
    create: ({ rp, user, challenge }, deviation = {}) => {
      const { key, cose } = newKey(algorithm);
      kept = { id: randomBytes(32), key, user_handle: user.id };
      const size = Buffer.alloc(2);
      size.writeUInt16BE(kept.id.length);
      const attested = Buffer.concat([Buffer.from(aaguid.replaceAll('-', ''), 'hex'), size, kept.id, encode(cose)]);
      const { fmt, attStmt } = deviation.statement ?? { fmt: 'none', attStmt: new Map() };
      const authData = authenticatorData(rp.id, deviation, attested);
      const attestation = new Map<Cbor, Cbor>([
        ['fmt', fmt],
        ['attStmt', attStmt],
        ['authData', authData],
      ]);
      const id = kept.id.toString('base64url');
      return {
        ...{ id, rawId: id, type: 'public-key', clientExtensionResults: { credProps: { rk: true } } },
        response: {
          clientDataJSON: clientData('webauthn.create', challenge, deviation).toString('base64url'),
          attestationObject: encode(attestation).toString('base64url'),
          transports: ['internal', 'hybrid'],
          authenticatorData: authData.toString('base64url'),
          publicKeyAlgorithm: -7,
        },
      };
    },
    get: ({ rpId, challenge }, deviation = {}) => {
      if (kept === undefined) throw new Error('the authenticator has no passkey');
      const data = clientData('webauthn.get', challenge, deviation);
      const authData = authenticatorData(rpId, deviation);
      const digest = algorithm === 'EdDSA' ? null : 'sha256';
      const signature = signBytes(digest, Buffer.concat([authData, sha256(data)]), kept.key);
      const id = kept.id.toString('base64url');
      const user_handle = 'user_handle' in deviation ? deviation.user_handle : kept.user_handle;
      return {
        ...{ id, rawId: id, type: 'public-key', clientExtensionResults: {} },
        response: {
          clientDataJSON: data.toString('base64url'),
          authenticatorData: authData.toString('base64url'),
          signature: signature.toString('base64url'),
          ...(user_handle !== undefined && { userHandle: user_handle }),
        },
      };
    },
  };
}

function clientData(type: string, challenge: string, deviation: Deviation): Buffer {
  const { top_origin, origin = ORIGIN } = deviation;
  return Buffer.from(
    JSON.stringify({
      type: deviation.type ?? type,
      challenge: deviation.challenge ?? challenge,
      origin,
      crossOrigin: top_origin !== undefined,
      ...(top_origin !== undefined && { topOrigin: top_origin }),
    }),
  );
}

function newKey(algorithm: Algorithm): { key: KeyObject; cose: Map<Cbor, Cbor> } {
  const bytes = (text: unknown): Buffer => Buffer.from(String(text), 'base64url');
  if (algorithm === 'EdDSA') {
    const { privateKey: key, publicKey } = generateKeyPairSync('ed25519');
    const { x } = publicKey.export({ format: 'jwk' });
    return {
      key,
      cose: new Map<Cbor, Cbor>([
        [1, 1],
        [3, -8],
        [-1, 6],
        [-2, bytes(x)],
      ]),
    };
  }
  if (algorithm === 'RS256') {
    const { privateKey: key, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const { n, e } = publicKey.export({ format: 'jwk' });
    return {
      key,
      cose: new Map<Cbor, Cbor>([
        [1, 3],
        [3, -257],
        [-1, bytes(n)],
        [-2, bytes(e)],
      ]),
    };
  }
  const { privateKey: key, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { x, y } = publicKey.export({ format: 'jwk' });
  return {
    key,
    cose: new Map<Cbor, Cbor>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, bytes(x)],
      [-3, bytes(y)],
    ]),
  };
}

/** CBOR (RFC 8949 §3), as far as authenticators write it. */
function encode(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(encode)]);
  return Buffer.concat([head(5, value.size), ...[...value].flat().map(encode)]);
}

function head(major: number, argument: number): Buffer {
  if (argument < 24) return Buffer.from([(major << 5) | argument]);
  if (argument < 256) return Buffer.from([(major << 5) | 24, argument]);
  return Buffer.from([(major << 5) | 25, argument >> 8, argument & 255]);
}

function sha256(data: string | Buffer): Buffer {
  return createHash('sha256').update(data).digest();
}
