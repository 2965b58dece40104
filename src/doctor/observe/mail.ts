import dns from 'node:dns/promises';
import type { Config } from '../../app/config.ts';
import { parseSmtpUrl, type SmtpServer } from '../../app/utils/smtp-url.ts';
import type { Look, MailDomain, MailServer } from '../observation.ts';
import type { Looker } from './deadline.ts';

const CONNECT_WITHIN_MS = 3000;

/** Reaches the mail server as the application does, signs in and sends nothing; first as strictly as a verified certificate asks for. */
export async function observeMailServer(url: string): Promise<MailServer> {
  const server = parseSmtpUrl(url);
  const { host, port, is_loopback, requires_tls, credentials } = server;
  const seen = { address: `${host}:${port}`, is_local: is_loopback, signs_in: credentials !== undefined };
  const strict = await attempt(server, { isStrict: 'yes' });
  if (strict === undefined) return { ...seen, encryption: 'verified' };
  if (requires_tls) throw strict;
  const lax = await attempt(server, { isStrict: 'no' });
  if (lax !== undefined) throw lax;
  return { ...seen, encryption: 'unverified', reason: strict.message };
}

/** The error of an attempt; `undefined` if it works. */
async function attempt(
  { host, port, implicit_tls, ca, credentials }: SmtpServer,
  { isStrict }: { isStrict: 'yes' | 'no' },
): Promise<Error | undefined> {
  const { createTransport } = await import('nodemailer');
  const transporter = createTransport({
    host,
    port,
    secure: implicit_tls,
    requireTLS: isStrict === 'yes',
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: isStrict === 'yes', ...(ca !== undefined && { ca }) },
    ...(credentials && { auth: credentials }),
    dnsTimeout: CONNECT_WITHIN_MS,
    connectionTimeout: CONNECT_WITHIN_MS,
    greetingTimeout: CONNECT_WITHIN_MS,
    socketTimeout: CONNECT_WITHIN_MS,
  });
  try {
    await transporter.verify();
    return undefined;
  } catch (error) {
    // The library throws nothing else.
    return error as Error;
  } finally {
    transporter.close();
  }
}

/** The records by which other servers judge a sender's domain. */
export async function observeMailDomain(
  { mail_from, public_url }: Pick<Config, 'mail_from' | 'public_url'>,
  { look, withinMs }: { look: Looker; withinMs: number },
): Promise<MailDomain | undefined> {
  const host = public_url === '' ? '' : new URL(public_url).hostname;
  const domain = mail_from?.address.split('@')[1] ?? host;
  if (!/\.[a-z][a-z0-9-]*$/i.test(domain) || domain.endsWith('.localhost')) return undefined;
  const within = (name: string, word: RegExp): Promise<Look<string | undefined>> =>
    look(withinMs, async () => (await textsAt(name)).find((text) => word.test(text)));
  const [spf, dmarc, has_keys] = await Promise.all([
    within(domain, /^v=spf1\b/i),
    within(`_dmarc.${domain}`, /^v=DMARC1\b/i),
    look(withinMs, () => exists(`_domainkey.${domain}`)),
  ]);
  return { domain, spf, dmarc, has_keys };
}

async function textsAt(name: string): Promise<string[]> {
  try {
    return (await dns.resolveTxt(name)).map((parts) => parts.join(''));
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** A name without records has others below it; one that does not exist has none (RFC 8020). */
async function exists(name: string): Promise<boolean> {
  try {
    await dns.resolveTxt(name);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTFOUND') return false;
    if (code === 'ENODATA') return true;
    throw error;
  }
}

function isAbsent(error: unknown): boolean {
  return ['ENODATA', 'ENOTFOUND'].includes((error as NodeJS.ErrnoException).code ?? '');
}
