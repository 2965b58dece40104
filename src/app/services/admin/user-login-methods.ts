import type { RequestContext } from '../../context.ts';
import { inOrder } from '../../database.ts';
import * as identities from '../auth/identities.ts';
import * as passkeys from '../auth/passkeys.ts';
import * as users from './users.ts';

/** By what a user can sign in beside the password. */
export interface LoginMethods {
  passkeys: passkeys.PasskeyView[];
  identities: identities.IdentityView[];
}

const LIMIT = 100;

/** The newest passkeys and identities of any user; throws user_not_found. */
export async function list(ctx: RequestContext, id: string): Promise<LoginMethods> {
  const owner = { user: { id } };
  const [, ofDevices, ofProviders] = await inOrder([
    users.get(ctx, id),
    passkeys.list(ctx, owner, { limit: LIMIT }),
    identities.list(ctx, owner, { limit: LIMIT }),
  ]);
  return { passkeys: ofDevices.items, identities: ofProviders.items };
}
