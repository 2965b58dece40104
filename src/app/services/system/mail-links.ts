import type { MailConfig } from '../../config.ts';
import { product } from '../../product.ts';

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

/** MAIL_FROM, or no-reply at the host of PUBLIC_URL. */
export function senderOf(config: MailConfig): Sender {
  const { hostname } = new URL(publicUrl(config));
  // A number is no domain.
  const domain = /[a-z]$/.test(hostname) ? hostname : 'localhost';
  const { name, address } = config.mail_from ?? { name: '', address: `no-reply@${domain}` };
  return { name: name || product.name, address };
}
