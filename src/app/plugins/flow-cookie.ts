import type { FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import { AppError } from '../utils/errors.ts';

export interface FlowCookieOptions {
  /** Where this API is seen from outside: its scheme names the cookie. */
  public_url: string;
  /** Origins of our apps: a page of another site may not begin a linking. */
  origins: readonly string[];
}

/** As long as the flow that it holds. */
const MAX_AGE_SECONDS = 600;

/**
 * The cookie that binds a sign-in with a provider to the browser that began it. It is Lax, since the provider's answer is a
 * navigation from another site, and what it holds is sealed.
 */
export const flowCookiePlugin = fastifyPlugin<FlowCookieOptions>(async (app, { public_url, origins }) => {
  const isSecure = new URL(public_url).protocol === 'https:';
  // `__Host-` keeps other hosts of the domain from planting theirs; browsers take it over https alone.
  const name = isSecure ? '__Host-oauth' : 'oauth';
  const attributes = ['Path=/', 'HttpOnly', ...(isSecure ? ['Secure'] : []), 'SameSite=Lax'].join('; ');

  app.decorateReply('keepFlow', function (this: FastifyReply, flow: string) {
    return this.header('set-cookie', `${name}=${flow}; Max-Age=${MAX_AGE_SECONDS}; ${attributes}`);
  });
  app.decorateReply('dropFlow', function (this: FastifyReply) {
    return this.header('set-cookie', `${name}=; Max-Age=0; ${attributes}`);
  });
  app.decorateRequest('flowCookie', function (this: FastifyRequest): string | undefined {
    const pairs = (this.headers.cookie ?? '').split(';').map((pair) => pair.trim());
    return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) || undefined;
  });
  app.decorateRequest('requireOwnPage', function (this: FastifyRequest): void {
    const { 'sec-fetch-site': site, referer = '' } = this.headers;
    const isOurs = URL.canParse(referer) && origins.includes(new URL(referer).origin);
    if (site === 'cross-site' && !isOurs) throw new AppError('cross_site_request');
  });
});
