import formbody from '@fastify/formbody';
import type { FastifyContextConfig, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import fastifyPlugin from 'fastify-plugin';
import type { Static, TObject } from 'typebox';
import { requireSameOrigin } from '../app/plugins/same-origin.ts';
import { publicUrl } from '../app/services/system/mail-links.ts';
import type { AppError, FieldError } from '../app/utils/errors.ts';
import { accountPage } from './pages/account/account.ts';
import { confirmPage } from './pages/account/confirm.ts';
import { type Asset, type Assets, readAssets } from './pages/assets.ts';
import { layOut } from './pages/layout.ts';
import type { Outcome, Page, View, Visit } from './pages/page.ts';
import { viewOf } from './pages/page.ts';
import { problemsOf } from './pages/problems.ts';
import { pagesOf } from './pages/registry.ts';
import { providerPage } from './pages/sign-in/provider.ts';
import { signInPage } from './pages/sign-in/sign-in.ts';
import { bodyOf, valuesOf } from './pages/submitted.ts';
import { createVisits, type Visits } from './pages/visits.ts';

/** Nothing stands inline and nothing comes from another host; a form posts to this one. */
const PAGE_POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  'img-src data:',
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');
const PAGE_HEADERS = { 'content-security-policy': PAGE_POLICY, 'referrer-policy': 'same-origin' };
const HTML = 'text/html; charset=utf-8';
const FOR_EVER = 'public, max-age=31536000, immutable';

/** What every page is served with. */
interface Serving {
  assets: Assets;
  visits: Visits;
  /** Where forms are posted from. */
  origin: string;
}

/** What a page reads before a form is looked at. */
const readings = new WeakMap<FastifyRequest, unknown>();

/**
 * The pages of an account, below `/account`: forms that work without script. A GET changes nothing; a post comes from our own
 * page, calls the one use case that the route of the same name calls, and answers with a page.
 */
export const pagesPlugin = fastifyPlugin(async (app: FastifyInstance): Promise<void> => {
  const { sheet, script } = readAssets();
  const { root_path } = app.ctx.config;
  const assets: Assets = { sheet: root_path + sheet.path, script: root_path + script.path };
  for (const asset of [sheet, script]) serveAsset(app, asset);
  const { origin } = new URL(publicUrl(app.ctx.config));
  const serving: Serving = { assets, origin, visits: createVisits({ isSecure: origin.startsWith('https:') }) };
  await app.register(async (pages) => {
    pages.removeAllContentTypeParsers();
    await pages.register(formbody);
    pages.addHook('onRequest', async (_request, reply) => {
      // With `no-referrer` a browser would not say that a form comes from here. The token is in the fragment, which no header has.
      reply.headers(PAGE_HEADERS);
    });
    for (const page of pagesOf(app.ctx.config)) servePage(pages, serving, page);
  });
  app.decorate('refusedNavigation', (request, error, fields) => {
    const page = refusedPage(request, { assets, page: providerPage, error, fields });
    // It has no form: the API's own referrer policy stays.
    return { html: page, headers: { 'content-security-policy': PAGE_POLICY } };
  });
});

function serveAsset(app: FastifyInstance, { path, type, content }: Asset): void {
  app.get(path, { config: { auth: 'public' }, schema: { hide: true } }, async (_request, reply) =>
    reply.headers({ 'cache-control': FOR_EVER, 'content-type': type }).send(content),
  );
}

function servePage(app: FastifyInstance, serving: Serving, page: Page): void {
  const url = page.path === '' ? '/account' : `/account/${page.path}`;
  const { assets, origin, visits } = serving;
  const visitOf = (request: FastifyRequest): Visit => visitFrom(request, visits);
  const admit = (request: FastifyRequest, reply: FastifyReply) => admitTo(page, { request, reply, visits });
  const read = async (request: FastifyRequest): Promise<void> => {
    if (page.read !== undefined) readings.set(request, await page.read(visitOf(request)));
  };
  const refusalPage: NonNullable<FastifyContextConfig['refusalPage']> = (request, error, fields) => ({
    html: refusedPage(request, { assets, page, error, fields }),
  });
  app.get(
    url,
    { config: { auth: 'public', refusalPage }, schema: { hide: true }, onRequest: admit, preHandler: read },
    async (request, reply) => {
      const outcome = await page.open?.(visitOf(request));
      if (outcome !== undefined) return answer(outcome, { request, reply, serving });
      const { pathOf, next } = viewOf(request);
      if (page.opened_by !== undefined) return reply.redirect(pathOf(page.opened_by, next), 303);
      return reply.type(HTML).send(formPage(request, { view: viewOf(request), assets, page }));
    },
  );
  app.post(
    url,
    {
      config: {
        auth: 'public',
        errors: [...page.errors, 'cross_site_request'],
        refusalPage,
      },
      schema: { hide: true, body: page.body },
      onRequest: [async (request: FastifyRequest) => requireSameOrigin(request, { own: origin }), admit],
      preValidation: async (request: FastifyRequest) => {
        request.body = bodyOf(request.body);
        await read(request);
      },
    },
    async (request, reply): Promise<FastifyReply> => {
      // Validated by this very schema.
      const outcome = await page.submit(visitOf(request), request.body as Static<TObject>);
      return answer(outcome, { request, reply, serving });
    },
  );
}

function visitFrom(request: FastifyRequest, visits: Visits): Visit {
  const texts = Object.entries(request.query ?? {}).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  return {
    ctx: request.ctx,
    view: viewOf(request),
    actor: request.ctx.actor ?? undefined,
    query: Object.fromEntries(texts),
    verifier: visits.verifierOf(request),
  };
}

/** Leads to the page that lets in whom this one is not for. */
async function admitTo(
  page: Page,
  { request, reply, visits }: { request: FastifyRequest; reply: FastifyReply; visits: Visits },
): Promise<FastifyReply | undefined> {
  const { pathOf, next } = viewOf(request);
  if (page.opened_by !== undefined && page.open === undefined && request.method === 'GET')
    return reply.redirect(pathOf(page.opened_by, next), 303);
  const actor = await visits.find(request);
  if (actor !== undefined) request.actor = actor;
  if (page.access === undefined) return undefined;
  if (page.access === 'signed_out') {
    const isInAlready = actor !== undefined && request.method === 'GET';
    return isInAlready ? reply.redirect(pathOf(next), 303) : undefined;
  }
  if (actor === undefined) return reply.redirect(pathOf(signInPage.path, page.path), 303);
  const isFresh = page.access !== 'fresh' || (await visits.isFresh(request.ctx, actor));
  return isFresh ? undefined : reply.redirect(pathOf(confirmPage.path, page.path), 303);
}

function answer(
  { session, verifier, ...outcome }: Outcome,
  { request, reply, serving: { assets, visits } }: { request: FastifyRequest; reply: FastifyReply; serving: Serving },
): FastifyReply {
  const view = viewOf(request);
  if (session !== undefined) visits.keep(reply, { session, now: request.ctx.clock.now() });
  if (verifier !== undefined) visits.keepVerifier(reply, verifier);
  if ('departure' in outcome) return reply.keepFlow(outcome.departure.flow).redirect(outcome.departure.location, 303);
  if ('goTo' in outcome) return reply.redirect(view.pathOf(outcome.goTo), 303);
  return reply.type(HTML).send(layOut(view, assets, { message: outcome }));
}

function formPage(request: FastifyRequest, { view, assets, page }: { view: View; assets: Assets; page: Page }): string {
  const form = page.form(view, readings.get(request));
  const isSetting = page.access === 'signed_in' || page.access === 'fresh';
  const back = isSetting && page !== accountPage ? [{ page: '', label: view.texts.account.title }] : [];
  return layOut(view, assets, {
    message: page.message(view.texts),
    form,
    isSetting,
    aside: [...(page.ways?.(view) ?? []), ...back],
  });
}

/** The form again, as it was sent but for the passwords, and what was wrong with it. */
function refusedPage(
  request: FastifyRequest,
  { assets, page, error, fields }: { assets: Assets; page: Page; error: AppError; fields: readonly FieldError[] },
): string {
  const view = viewOf(request);
  const { token, ...values } = error.code === 'cross_site_request' ? {} : valuesOf(request.body);
  // A token that is not good gives its place to the code.
  const kept = token !== undefined && error.code !== 'one_time_token_invalid' ? { ...values, token } : values;
  const problems = problemsOf(error, { fields, page, view: { ...view, values: kept } });
  // Refused before anything was read: the form would be empty.
  if (page.read !== undefined && !readings.has(request)) {
    const { title } = page.message(view.texts);
    const ways = [{ label: title, page: page.path }];
    return layOut({ ...view, problems }, assets, { message: { title, paragraphs: [], ways } });
  }
  return formPage(request, { view: { ...view, values: kept, problems }, assets, page });
}
