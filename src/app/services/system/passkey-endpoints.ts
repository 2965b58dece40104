import type { AppContext } from '../../context.ts';
import { relyingParty } from '../auth/relying-party.ts';
import { appUrl } from './mail-links.ts';

/** Where a person adds and manages passkeys (W3C, A Well-Known URL for Relying Party Passkey Endpoints). */
export function endpoints({ config }: Pick<AppContext, 'config'>): { enroll: string; manage: string } {
  const page = appUrl(config);
  return { enroll: `${page}/add-passkey`, manage: `${page}/passkeys` };
}

/** The web pages that use the passkeys of the domain, those of other domains too. */
export function relatedOrigins({ config }: Pick<AppContext, 'config'>): { origins: string[] } {
  return { origins: relyingParty(config).origins.filter((origin) => /^https?:/.test(origin)) };
}
