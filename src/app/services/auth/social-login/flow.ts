import { createHash, randomBytes } from 'node:crypto';
import type { AppContext } from '../../../context.ts';
import { newId } from '../../../utils/ids.ts';
import { seal, unseal } from '../sealing.ts';
import type { Checks } from './provider.ts';

/** What a sign-in remembers from its start to its callback. It stands in a cookie of the browser, sealed, and nowhere else. */
export interface Flow extends Checks {
  id: string;
  provider: string;
  redirect_to: string;
  /** The app's challenge (RFC 7636), to which the code is bound; absent if an identity is linked. */
  code_challenge?: string;
  /** The session that links an identity. */
  link?: SessionOfLink;
}

/** A session of an account that links an identity. */
export interface SessionOfLink {
  user_id: string;
  session_id: string;
}

/** The address that begins to link an identity: what is asked for, and until when. */
export interface LinkAddress extends SessionOfLink {
  id: string;
  provider: string;
  redirect_to: string;
}

type Keys = Pick<AppContext, 'keyring' | 'clock'>;

/** The time that a person has at the provider. */
export const FLOW_SECONDS = 600;
/** The time in which a link address must be opened. */
const LINK_SECONDS = 120;
/** Nothing that we seal is longer. */
const MAX_SEALED = 4000;

/** A new flow, with secrets of 256 bits. */
export function newFlow(of: Omit<Flow, keyof Checks | 'id'>): Flow {
  const [state, nonce, code_verifier] = [random(), random(), random()] as const;
  return { ...of, id: newId(), state, nonce, code_verifier };
}

/** Seals a flow, or a link address, for its purpose and provider. */
export function sealFor(ctx: Keys, purpose: 'flow' | 'link', content: Flow | LinkAddress): string {
  const now = ctx.clock.now();
  const { one_time, sealing } = ctx.keyring.signingAt(now);
  const until = now.getTime() + (purpose === 'flow' ? FLOW_SECONDS : LINK_SECONDS) * 1000;
  const owner = { id: purpose, user_id: content.provider };
  return `${one_time.id}.${seal(sealing, JSON.stringify({ until, content }), owner)}`;
}

/** What `sealFor` made for this provider; `undefined` if it was made elsewhere, for another one, or is too old. */
export function unsealFlow(ctx: Keys, provider: string, sealed: string | undefined): Flow | undefined {
  // The seal says that it is ours, and of this kind.
  return unsealFor(ctx, { purpose: 'flow', provider }, sealed) as Flow | undefined;
}

/** The same of a link address. */
export function unsealLink(ctx: Keys, provider: string, sealed: string): LinkAddress | undefined {
  return unsealFor(ctx, { purpose: 'link', provider }, sealed) as LinkAddress | undefined;
}

/** The challenge of a verifier (RFC 7636 §4.2). */
export function challengeOf(code_verifier: string): string {
  return createHash('sha256').update(code_verifier).digest('base64url');
}

function unsealFor(
  { keyring, clock }: Keys,
  { purpose, provider }: { purpose: string; provider: string },
  sealed = '',
): unknown {
  const dot = sealed.lastIndexOf('.');
  const key = keyring.findSealingKey(sealed.slice(0, Math.max(dot, 0)));
  if (key === undefined || sealed.length > MAX_SEALED) return undefined;
  let text: string;
  try {
    text = unseal(key, sealed.slice(dot + 1), { id: purpose, user_id: provider });
  } catch {
    return undefined;
  }
  const { until, content } = JSON.parse(text) as { until: number; content: unknown };
  return until > clock.now().getTime() ? content : undefined;
}

function random(): string {
  return randomBytes(32).toString('base64url');
}
