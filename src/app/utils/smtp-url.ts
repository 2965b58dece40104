import { isIPv6 } from 'node:net';
import { readTextFile } from './text-files.ts';

/** How a mail server is reached. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise STARTTLS. */
  readonly implicit_tls: boolean;
  /** A server that offers no TLS, or whose certificate does not hold, gets no mail. */
  readonly requires_tls: boolean;
  /** Nothing leaves this machine. */
  readonly is_loopback: boolean;
  /** Certificates of the authority that signed the server's, in PEM; `undefined`: those that Node trusts. */
  readonly ca: string | undefined;
  readonly credentials: { readonly user: string; readonly pass: string } | undefined;
}

const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i;
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/i;
const SUBMISSION_PORT = 587;
const SUBMISSIONS_PORT = 465;

/**
 * Reads `smtp://user:password@host:587` (STARTTLS) or `smtps://…` (TLS from the start). STARTTLS is required unless the host is
 * this machine or `?requireTLS=false` says otherwise; `?ca=` names the file of a private authority. Throws an Error that completes
 * "SMTP_URL …" and repeats neither the URL nor its password.
 */
export function parseSmtpUrl(text: string): SmtpServer {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[(.*)\]$/, '$1') ?? '';
  if (url === undefined || !/^smtps?:$/.test(url.protocol) || !(HOST.test(host) || isIPv6(host)))
    throw new Error('must be an SMTP URL: smtp://user:password@host:587 or smtps://user:password@host:465');
  if (!/^\/?$/.test(url.pathname) || url.hash !== '')
    throw new Error('has a path, which no mail server has: percent-encode / and # of the password');
  const implicit_tls = url.protocol === 'smtps:';
  const parameters = parametersOf(url);
  const is_loopback = LOOPBACK.test(host);
  return {
    host,
    port: Number(url.port) || (implicit_tls ? SUBMISSIONS_PORT : SUBMISSION_PORT),
    implicit_tls,
    requires_tls: implicit_tls || (parameters.requireTLS ?? !is_loopback),
    is_loopback,
    ca: parameters.ca,
    credentials: credentialsOf(url),
  };
}

function parametersOf({ searchParams }: URL): { requireTLS?: boolean; ca?: string } {
  const unknown = [...searchParams.keys()].find((name) => !['requireTLS', 'ca'].includes(name));
  if (unknown !== undefined)
    throw new Error(`has the parameter ${unknown.slice(0, 64)}, which is not known: leave it out`);
  const requireTLS = searchParams.get('requireTLS');
  const ca = searchParams.get('ca');
  if (requireTLS !== null && !/^(true|false)$/.test(requireTLS))
    throw new Error(`has requireTLS=${requireTLS.slice(0, 64)}; it must be true or false`);
  return {
    ...(requireTLS !== null && { requireTLS: requireTLS === 'true' }),
    ...(ca !== null && { ca: readAuthority(ca) }),
  };
}

function readAuthority(path: string): string {
  try {
    return readTextFile(path);
  } catch (cause) {
    throw new Error(`has ca=${path}, which cannot be read`, { cause });
  }
}

function credentialsOf({ username, password }: URL): SmtpServer['credentials'] {
  if (username === '' && password === '') return undefined;
  try {
    return { user: decodeURIComponent(username), pass: decodeURIComponent(password) };
  } catch {
    throw new Error('has a % in its user or password that is not percent-encoded: write %25');
  }
}
