import type { FastifyRequest } from 'fastify';
import { AppError } from '../utils/errors.ts';

/** The origins whose pages may send what a browser lets any page send. */
export interface Origins {
  own: string;
  /** Other ones that are trusted as well. */
  others?: readonly string[];
}

/**
 * Throws cross_site_request unless a browser says that a page of this host sends the request: by `Sec-Fetch-Site`, or by
 * `Origin` if the browser is too old for the former. A page of another origin that is trusted is told by `Origin`.
 */
export function requireSameOrigin({ headers }: FastifyRequest, { own, others = [] }: Origins): void {
  const { 'sec-fetch-site': site, origin = '' } = headers;
  const isOwn = site === undefined ? origin === own : site === 'same-origin';
  if (!isOwn && !others.includes(origin)) throw new AppError('cross_site_request');
}
