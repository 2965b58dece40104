import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { RecoveryCodes } from '../../schemas/auth/recovery-codes.ts';
import * as recoveryCodes from '../../services/auth/recovery-codes.ts';

export const recoveryCodeRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '',
    {
      config: { auth: 'user', fresh: true, errors: ['factor_not_found'] },
      schema: {
        operationId: 'renewRecoveryCodes',
        tags: ['Second factors'],
        summary: 'Get new recovery codes; the former ones end',
        response: { 200: RecoveryCodes },
      },
    },
    async (request) => ({ recovery_codes: await recoveryCodes.renew(request.ctx, request.actor) }),
  );
};
