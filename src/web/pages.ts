import formbody from '@fastify/formbody';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TObject } from 'typebox';
import { requireSameOrigin } from '../app/plugins/same-origin.ts';
import { publicUrl } from '../app/services/system/mail-links.ts';
import type { AppError, FieldError } from '../app/utils/errors.ts';
import { html } from '../app/utils/html.ts';
import { accountList, accountMessage } from './pages/account.ts';
import { type Asset, type Assets, readAssets } from './pages/assets.ts';
import { layOut } from './pages/layout.ts';
import { acceptInvitationPage } from './pages/links/accept-invitation.ts';
import { confirmEmailChangePage } from './pages/links/confirm-email-change.ts';
import { forgotPasswordPage } from './pages/links/forgot-password.ts';
import { requestVerificationPage } from './pages/links/request-verification.ts';
import { resetPasswordPage } from './pages/links/reset-password.ts';
import { secureAccountPage } from './pages/links/secure-account.ts';
import { undoEmailChangePage } from './pages/links/undo-email-change.ts';
import { verifyPage } from './pages/links/verify.ts';
import { type Page, type View, viewOf } from './pages/page.ts';
import { problemsOf } from './pages/problems.ts';
import { bodyOf, valuesOf } from './pages/submitted.ts';

const PAGES: readonly Page[] = [
  acceptInvitationPage,
  forgotPasswordPage,
  resetPasswordPage,
  requestVerificationPage,
  verifyPage,
  confirmEmailChangePage,
  undoEmailChangePage,
  secureAccountPage,
];

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
const HTML = 'text/html; charset=utf-8';
const FOR_EVER = 'public, max-age=31536000, immutable';

/**
 * The pages of an account, below `/account`: forms that work without script. A GET changes nothing; a post comes from our own
 * page, calls the one use case that the route of the same name calls, and answers with a page.
 */
export async function pagesPlugin(app: FastifyInstance): Promise<void> {
  const { sheet, script } = readAssets();
  const { root_path } = app.ctx.config;
  const assets: Assets = { sheet: root_path + sheet.path, script: root_path + script.path };
  for (const asset of [sheet, script]) serveAsset(app, asset);
  await app.register(async (pages) => {
    pages.removeAllContentTypeParsers();
    await pages.register(formbody);
    pages.addHook('onRequest', async (_request, reply) => {
      // With `no-referrer` a browser would not say that a form comes from here. The token is in the fragment, which no header has.
      reply.headers({ 'content-security-policy': PAGE_POLICY, 'referrer-policy': 'same-origin' });
    });
    pages.get('/account', { config: { auth: 'public' }, schema: { hide: true } }, async (request, reply) => {
      const view = viewOf(request);
      const content = { message: accountMessage(view.texts), form: accountList(view) };
      return reply.type(HTML).send(layOut(view, assets, content));
    });
    // A session belongs to the app that asked for the code; a page has none.
    pages.get('/account/login-code', { config: { auth: 'public' }, schema: { hide: true } }, async (request, reply) => {
      const view = viewOf(request);
      const { title, text } = view.texts.login_code;
      return reply.type(HTML).send(layOut(view, assets, { message: { title, paragraphs: [text] } }));
    });
    for (const page of PAGES) servePage(pages, assets, page);
  });
}

function serveAsset(app: FastifyInstance, { path, type, content }: Asset): void {
  app.get(path, { config: { auth: 'public' }, schema: { hide: true } }, async (_request, reply) =>
    reply.headers({ 'cache-control': FOR_EVER, 'content-type': type }).send(content),
  );
}

function servePage(app: FastifyInstance, assets: Assets, page: Page): void {
  const url = `/account/${page.path}`;
  const { origin } = new URL(publicUrl(app.ctx.config));
  app.get(url, { config: { auth: 'public' }, schema: { hide: true } }, async (request, reply) =>
    reply.type(HTML).send(formPage(viewOf(request), assets, page)),
  );
  app.post(
    url,
    {
      config: {
        auth: 'public',
        errors: [...page.errors, 'cross_site_request'],
        refusalPage: (request, error, fields) => refusedPage(request, { assets, page, error, fields }),
      },
      schema: { hide: true, body: page.body },
      onRequest: async (request: FastifyRequest) => requireSameOrigin(request, { own: origin }),
      preValidation: async (request: FastifyRequest) => {
        request.body = bodyOf(request.body);
      },
    },
    async (request, reply): Promise<FastifyReply> => {
      const view = viewOf(request);
      // Validated by this very schema.
      const message = await page.submit(request.ctx, request.body as Static<TObject>, view.texts);
      return reply.type(HTML).send(layOut(view, assets, { message }));
    },
  );
}

function formPage(view: View, assets: Assets, page: Page): string {
  const way = page.renew?.(view.texts);
  const content = { message: page.message(view.texts), form: page.form(view) };
  if (way === undefined) return layOut(view, assets, content);
  const aside = html`<p class="other"><a href="${view.pathOf(way.page)}">${way.label}</a></p>`;
  return layOut(view, assets, { ...content, aside });
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
  return formPage(
    { ...view, values: kept, problems: problemsOf(error, { fields, page, texts: view.texts }) },
    assets,
    page,
  );
}
