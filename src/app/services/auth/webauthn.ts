import type { AssertedCredential, CreatedCredential } from '../../schemas/auth/passkeys.ts';
import type { RelyingParty } from './relying-party.ts';

/** A credential that an authenticator made for us. */
export interface NewCredential {
  credential_id: string;
  /** A COSE key, as base64url. */
  public_key: string;
  counter: number;
  is_synced: boolean;
  backed_up: boolean;
  /** The model of the authenticator; zeros if it does not say. */
  aaguid: string;
}

/** What an authenticator signed. */
export interface Assertion {
  counter: number;
  /** True if it checked a PIN, a finger or a face. */
  is_user_verified: boolean;
  backed_up: boolean;
}

/** EdDSA, ES256 and RS256: every authenticator has one of them. */
export const ALGORITHMS = [-8, -7, -257];

/** Loaded with the first ceremony: it takes half a second, and many installations never have one. */
const library = () => import('@simplewebauthn/server');
const helpers = () => import('@simplewebauthn/server/helpers');

/**
 * The credential of a ceremony of creation (WebAuthn §7.1), or what is wrong with it. The user is verified. A statement of
 * the authenticator's origin is not asked for, and is not read if there is one: its certificates would be a stranger's input.
 */
export async function verifyCreation(
  party: RelyingParty,
  { challenge, credential }: { challenge: string; credential: CreatedCredential },
): Promise<NewCredential | Error> {
  const { verifyRegistrationResponse } = await library();
  try {
    const attestationObject = await withoutStatement(credential.response.attestationObject);
    const { id, rawId, type, response } = credential;
    const { registrationInfo } = await verifyRegistrationResponse({
      response: {
        ...{ id, rawId, type, clientExtensionResults: {} },
        response: { clientDataJSON: response.clientDataJSON, attestationObject },
      },
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    });
    if (registrationInfo === undefined) return new Error('the credential is not verified');
    requireOwnPage(response.clientDataJSON);
    const { credential: made, credentialDeviceType, credentialBackedUp, aaguid } = registrationInfo;
    if (made.id !== id) return new Error('the credential has another id');
    return {
      credential_id: made.id,
      public_key: Buffer.from(made.publicKey).toString('base64url'),
      counter: made.counter,
      is_synced: credentialDeviceType === 'multiDevice',
      backed_up: credentialBackedUp,
      aaguid,
    };
  } catch (error) {
    return asError(error);
  }
}

/** What an authenticator signed with a public key that we know (WebAuthn §7.2), or what is wrong with it. */
export async function verifyAssertion(
  party: RelyingParty,
  { challenge, credential, public_key }: { challenge: string; credential: AssertedCredential; public_key: string },
): Promise<Assertion | Error> {
  const { verifyAuthenticationResponse } = await library();
  try {
    const { id, rawId, type, response } = credential;
    const { clientDataJSON, authenticatorData, signature } = response;
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        ...{ id, rawId, type, clientExtensionResults: {} },
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      // A counter that did not grow would be an error here, and a synced passkey has none.
      credential: { id, publicKey: new Uint8Array(Buffer.from(public_key, 'base64url')), counter: 0 },
      // The caller knows what its proof is for.
      requireUserVerification: false,
    });
    if (!verified) return new Error('the signature is wrong');
    requireOwnPage(clientDataJSON);
    return {
      counter: authenticationInfo.newCounter,
      is_user_verified: authenticationInfo.userVerified,
      backed_up: authenticationInfo.credentialBackedUp,
    };
  } catch (error) {
    return asError(error);
  }
}

/** The attestation object of the same credential with the statement `none`. */
async function withoutStatement(attestationObject: string): Promise<string> {
  const { decodeAttestationObject, isoBase64URL, isoCBOR } = await helpers();
  const authData = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject)).get('authData');
  const plain = new Map<string, unknown>([
    ['fmt', 'none'],
    ['attStmt', new Map()],
    ['authData', authData],
  ]);
  // The library's type of what CBOR can hold; these three members are in it.
  return isoBase64URL.fromBuffer(isoCBOR.encode(plain as Parameters<typeof isoCBOR.encode>[0]));
}

/** Throws if the page of the ceremony stood in a frame of another origin: the person saw another site (WebAuthn §13.4.2). */
function requireOwnPage(clientDataJSON: string): void {
  const { crossOrigin, topOrigin } = JSON.parse(Buffer.from(clientDataJSON, 'base64url').toString());
  if (crossOrigin === true || topOrigin !== undefined) throw new Error('the page is in a frame of another origin');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
