import type { FastifyRequest } from 'fastify';
import { AppError } from '../utils/errors.ts';

/**
 * Throws cross_site_request unless a browser says that a page of this host sends the request: by `Sec-Fetch-Site`, or by
 * `own` as its `Origin` if the browser is too old for the former.
 */
export function requireSameOrigin({ headers }: FastifyRequest, own: string): void {
  const { 'sec-fetch-site': site, origin } = headers;
  const isOwn = site === undefined ? origin === own : site === 'same-origin';
  if (!isOwn) throw new AppError('cross_site_request');
}
