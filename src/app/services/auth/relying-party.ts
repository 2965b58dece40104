import type { Config, MailConfig } from '../../config.ts';
import { product } from '../../product.ts';
import { appUrl, publicUrl } from '../system/mail-links.ts';

/** Whose passkeys they are (WebAuthn §4): of the settings alone, never of a request. */
export interface RelyingParty {
  /** The domain. */
  id: string;
  name: string;
  /** The pages and apps that may use them. */
  origins: readonly string[];
}

type Settings = MailConfig & Pick<Config, 'webauthn_rp_id' | 'webauthn_rp_name' | 'webauthn_origins' | 'cors_origins'>;

/** The relying party as the settings have it, or as PUBLIC_URL, APP_URL and CORS_ORIGINS make it. */
export function relyingParty(config: Settings): RelyingParty {
  const own = new URL(publicUrl(config));
  const id = config.webauthn_rp_id || own.hostname;
  const { webauthn_origins, cors_origins } = config;
  const further = cors_origins.filter((origin) => origin !== '*' && isWithin(id, new URL(origin)));
  const implied = [...new Set([own.origin, new URL(appUrl(config)).origin, ...further])];
  const origins = webauthn_origins.length > 0 ? webauthn_origins : implied;
  return { id, name: config.webauthn_rp_name || product.name, origins };
}

function isWithin(domain: string, { protocol, hostname }: URL): boolean {
  return /^https?:$/.test(protocol) && (hostname === domain || hostname.endsWith(`.${domain}`));
}
