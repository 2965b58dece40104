import type { Config, MailConfig } from '../../config.ts';
import { product } from '../../product.ts';
import type { Locale } from '../../utils/locales.ts';

/** The pages that links lead to. */
export type LinkPage =
  | 'reset-password'
  | 'verify'
  | 'confirm-email-change'
  | 'undo-email-change'
  | 'secure-account'
  | 'accept-invitation'
  | 'login-code';

/** Whom the mails come from. */
export interface Sender {
  readonly name: string;
  readonly address: string;
}

/** Where this API is seen from outside: never taken from a request, whose Host header anybody writes. */
export function publicUrl({ public_url, port, root_path }: MailConfig): string {
  return public_url || `http://localhost:${port}${root_path}`;
}

/** Where the pages are. */
export function appUrl(config: MailConfig): string {
  return config.app_url || `${publicUrl(config)}/account`;
}

/** The addresses of apps that a sign-in with a provider leads back to, the default one first. */
export function appRedirects(config: MailConfig & Pick<Config, 'oauth_redirects'>): readonly string[] {
  return config.oauth_redirects.length > 0 ? config.oauth_redirects : [`${publicUrl(config)}/account`];
}

/** The origins of our pages and apps. */
export function appOrigins(config: MailConfig & Pick<Config, 'oauth_redirects' | 'cors_origins'>): string[] {
  return [...appRedirects(config).map((address) => new URL(address).origin), ...config.cors_origins];
}

/**
 * The link with a token in its fragment: browsers send it to no server, so it is in no log and no Referer. Our own pages are
 * told the language of a mail that has not the default one.
 */
export function tokenLink(
  config: MailConfig & Pick<Config, 'default_locale'>,
  { page, token, locale }: { page: LinkPage; token: string; locale: Locale },
): string {
  const isOwn = config.app_url === '';
  const query = isOwn && locale !== config.default_locale ? `?locale=${locale}` : '';
  return `${appUrl(config)}/${page}${query}#token=${token}`;
}

/** MAIL_FROM, or no-reply at the host of PUBLIC_URL. */
export function senderOf(config: MailConfig): Sender {
  const { hostname } = new URL(publicUrl(config));
  // A number is no domain.
  const domain = /[a-z]$/.test(hostname) ? hostname : 'localhost';
  const { name, address } = config.mail_from ?? { name: '', address: `no-reply@${domain}` };
  return { name: name || product.name, address };
}
