import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RequestContext } from '../../app/context.ts';
import type { Actor } from '../../app/core.ts';
import { createSessionCookie } from '../../app/plugins/session-cookie.ts';
import * as sessionProof from '../../app/services/auth/session-proof.ts';
import { findTokenHolder } from '../../app/services/auth/token-holder.ts';
import type { TokenPair } from '../../app/services/auth/token-pair.ts';
import { createVerifierCookie } from './verifier-cookie.ts';

/** Who is signed in to the pages: by the cookie that browsers also refresh by. */
export interface Visits {
  find: (request: FastifyRequest) => Promise<Actor | undefined>;
  /** True if the person proved who they are in the last five minutes. */
  isFresh: (ctx: RequestContext, actor: Actor) => Promise<boolean>;
  /** Signs the browser in by a pair; null signs it out. */
  keep: (reply: FastifyReply, signed: { session: TokenPair | null; now: Date }) => void;
  /** The secret of the sign-in with a provider that the browser began. */
  verifierOf: (request: FastifyRequest) => string | undefined;
  /** Gives the browser such a secret; null takes it away. */
  keepVerifier: (reply: FastifyReply, verifier: string | null) => void;
}

export function createVisits(settings: { isSecure: boolean }): Visits {
  const cookie = createSessionCookie(settings);
  const verifiers = createVerifierCookie(settings);
  return {
    find: async ({ ctx, headers }) => {
      const token = cookie.read(headers.cookie);
      return token === undefined ? undefined : findTokenHolder(ctx, token);
    },
    isFresh: async (ctx, actor) => (await sessionProof.findProof(ctx, actor)).is_fresh,
    keep: (reply, { session, now }) => {
      reply.header('set-cookie', session === null ? cookie.clear() : cookie.write(session.refresh_token, now));
    },
    verifierOf: ({ headers }) => verifiers.read(headers.cookie),
    keepVerifier: (reply, verifier) => {
      reply.header('set-cookie', verifiers.write(verifier));
    },
  };
}
