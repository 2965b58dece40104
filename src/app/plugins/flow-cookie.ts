import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { AppError } from '../utils/errors.ts';

export interface FlowCookieOptions {
  /** Where this API is seen from outside: its scheme names the cookie. */
  public_url: string;
  /** Origins of our apps: a page of another site may not begin a linking. */
  origins: readonly string[];
}

/** As long as the flows that it holds. */
const MAX_AGE_SECONDS = 600;
/** Sign-ins of a browser that may be under way at once, as in tabs of their own. The next one takes the place of the oldest. */
const MAX_FLOWS = 4;
/** Of a cookie with its attributes browsers keep 4,096 bytes. */
const MAX_LENGTH = 3900;
const SEPARATOR = '~';

/**
 * The cookie that binds sign-ins with a provider to the browser that began them, the newest first. It is Lax, since the provider's answer is a
 * navigation from another site, and what it holds is sealed.
 */
export const flowCookiePlugin = fastifyPlugin<FlowCookieOptions>(async (app, { public_url, origins }) => {
  const isSecure = new URL(public_url).protocol === 'https:';
  // `__Host-` keeps other hosts of the domain from planting theirs; browsers take it over https alone.
  const name = isSecure ? '__Host-oauth' : 'oauth';
  const attributes = ['Path=/', 'HttpOnly', ...(isSecure ? ['Secure'] : []), 'SameSite=Lax'].join('; ');

  const cookieOf = (flows: readonly string[]): string => {
    const text = newestOf(flows).join(SEPARATOR);
    return `${name}=${text}; Max-Age=${text === '' ? 0 : MAX_AGE_SECONDS}; ${attributes}`;
  };

  app.decorateReply('keepFlow', function (this: FastifyReply, flow: string) {
    return this.header('set-cookie', cookieOf([flow, ...this.request.flows()]));
  });
  app.decorateReply('dropFlow', function (this: FastifyReply, flow: string) {
    return this.header('set-cookie', cookieOf(this.request.flows().filter((other) => other !== flow)));
  });
  app.decorateRequest('flows', function (this: FastifyRequest): readonly string[] {
    const pairs = (this.headers.cookie ?? '').split(';').map((pair) => pair.trim());
    const text = pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
    return text ? text.split(SEPARATOR, MAX_FLOWS) : [];
  });
  app.decorateRequest('requireOwnPage', function (this: FastifyRequest): void {
    const { 'sec-fetch-site': site, referer = '' } = this.headers;
    const isOurs = URL.canParse(referer) && origins.includes(new URL(referer).origin);
    if (site === 'cross-site' && !isOurs) throw new AppError('cross_site_request');
  });
});

/** As many as the cookie holds, and the first in any case. */
function newestOf(flows: readonly string[]): readonly string[] {
  const kept = flows.slice(0, MAX_FLOWS);
  while (kept.length > 1 && kept.join(SEPARATOR).length > MAX_LENGTH) kept.pop();
  return kept;
}
