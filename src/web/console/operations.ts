import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { Static } from 'typebox';
import * as activity from '../../app/services/admin/activity.ts';
import * as auditVerification from '../../app/services/admin/audit-verification.ts';
import * as diagnosis from '../../app/services/admin/diagnosis.ts';
import * as holds from '../../app/services/admin/holds.ts';
import * as mailSamples from '../../app/services/admin/mail-samples.ts';
import * as overview from '../../app/services/admin/overview.ts';
import * as testMail from '../../app/services/admin/test-mail.ts';
import * as userFactors from '../../app/services/admin/user-factors.ts';
import * as userLoginMethods from '../../app/services/admin/user-login-methods.ts';
import * as userUpload from '../../app/services/admin/user-upload.ts';
import * as records from '../../app/services/system/job-records.ts';
import { AppError } from '../../app/utils/errors.ts';
import { type Document, type Resource, resourcesOf } from './resources.ts';
import type { Recorded } from './rows.ts';
import { ActivityQuery, HoldBody, JobQuery, MailSampleQuery, OneParams, UserFile } from './schemas.ts';

const ADMIN = { config: { auth: 'admin' }, schema: { hide: true } } as const;

/**
 * What the console alone asks: the state of the installation, which is no part of the product's API. Bodies and queries are
 * validated by the schemas that their types are of.
 */
export async function consoleOperations(
  app: FastifyInstance,
  { recorded }: { recorded: ReadonlyMap<string, Recorded> },
): Promise<void> {
  let resources: readonly Resource[] | undefined;
  app.get('/console/resources.json', ADMIN, async () => {
    resources ??= resourcesOf((await app.openapi()) as Document, recorded);
    return { items: resources };
  });
  app.get('/console/overview.json', ADMIN, async ({ ctx }) => overview.read(ctx));
  app.get('/console/diagnosis.json', ADMIN, async ({ ctx }) => diagnosis.read(ctx));
  app.get(
    '/console/activity.json',
    { ...ADMIN, schema: { hide: true, querystring: ActivityQuery } },
    async ({ ctx, query }) => ({ items: await activity.read(ctx, (query as Static<typeof ActivityQuery>).range) }),
  );
  app.post('/console/audit-verification', ADMIN, async ({ ctx }, reply) => {
    const steps = await auditVerification.follow(ctx);
    return reply.type('application/x-ndjson').send(Readable.from(linesOf(steps)));
  });
  app.get(
    '/console/users/:id/factors.json',
    { ...ADMIN, schema: { hide: true, params: OneParams } },
    async ({ ctx, params }) => userFactors.list(ctx, (params as Static<typeof OneParams>).id),
  );
  app.get(
    '/console/users/:id/login-methods.json',
    { ...ADMIN, schema: { hide: true, params: OneParams } },
    async ({ ctx, params }) => userLoginMethods.list(ctx, (params as Static<typeof OneParams>).id),
  );
  app.get('/console/limits.json', ADMIN, async ({ ctx }) => {
    const items = await holds.list(ctx);
    return { items: items ?? [], counted_in: items === undefined ? 'redis' : 'postgresql' };
  });
  app.post(
    '/console/limits/lift',
    { config: { auth: 'admin', errors: ['conflict'] }, schema: { hide: true, body: HoldBody } },
    async ({ ctx, body }, reply) => {
      await holds.lift(ctx, body as Static<typeof HoldBody>);
      return reply.code(204).send(null);
    },
  );
  registerJobs(app);
  registerMails(app);
  registerImport(app);
}

function registerImport(app: FastifyInstance): void {
  const schema = { hide: true, body: UserFile };
  app.post('/console/user-imports/preview', { config: { auth: 'admin' }, schema }, async ({ ctx, body }) =>
    userUpload.preview(ctx, body as Static<typeof UserFile>),
  );
  // A file may make administrators.
  app.post('/console/user-imports', { config: { auth: 'admin', fresh: true }, schema }, async ({ ctx, body }) =>
    userUpload.store(ctx, body as Static<typeof UserFile>),
  );
}

/** A value a line, as soon as it is there. */
async function* linesOf(values: AsyncIterable<object>): AsyncGenerator<string> {
  for await (const value of values) yield `${JSON.stringify(value)}\n`;
}

function registerMails(app: FastifyInstance): void {
  app.get(
    '/console/mail-sample.json',
    { ...ADMIN, schema: { hide: true, querystring: MailSampleQuery } },
    async ({ ctx, query }) => mailSamples.read(ctx, query as Static<typeof MailSampleQuery>),
  );
  app.post('/console/test-mail', ADMIN, async ({ ctx, actor }, reply) => {
    await testMail.send(ctx, actor);
    return reply.code(202).send(null);
  });
}

function registerJobs(app: FastifyInstance): void {
  app.get('/console/jobs.json', { ...ADMIN, schema: { hide: true, querystring: JobQuery } }, async ({ ctx, query }) => {
    const { items, next_cursor } = await records.list(ctx, query as Static<typeof JobQuery>);
    // What a job works on may be long; `npx back jobs show` prints it.
    return { items: items.map(({ payload: _payload, ...job }) => job), next_cursor };
  });
  app.post(
    '/console/jobs/:id/retry',
    { config: { auth: 'admin', errors: ['conflict'] }, schema: { hide: true, params: OneParams } },
    async ({ ctx, params }, reply) => {
      const isAgain = (await records.retry(ctx, { id: (params as Static<typeof OneParams>).id })) > 0;
      if (!isAgain) throw new AppError('conflict');
      return reply.code(204).send(null);
    },
  );
}
