import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import {
  CreatedPasskey,
  CreationOptions,
  Passkey,
  PasskeyCreate,
  PasskeyLogin,
  PasskeyUpdate,
  RequestOptions,
} from '../../schemas/auth/passkeys.ts';
import { TokenPair } from '../../schemas/auth/tokens.ts';
import { IdParams, PageOf, PageQuery } from '../../schemas/common.ts';
import { Type } from '../../schemas/type.ts';
import * as passkeyCreation from '../../services/auth/passkey-creation.ts';
import * as passkeyLogin from '../../services/auth/passkey-login.ts';
import * as passkeys from '../../services/auth/passkeys.ts';

export const passkeyRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/passkeys/options',
    {
      config: { auth: 'public' },
      schema: {
        operationId: 'getPasskeyOptions',
        tags: ['Passkeys'],
        summary: 'Get what a browser asks for a passkey by',
        response: { 200: RequestOptions },
      },
    },
    async (request) => passkeyLogin.options(request.ctx),
  );

  app.post(
    '/passkeys/login',
    {
      config: {
        auth: 'public',
        errors: ['invalid_credentials', 'account_disabled', 'email_unverified', 'rate_limited'],
      },
      schema: {
        operationId: 'logInByPasskey',
        tags: ['Passkeys'],
        summary: 'Log in by a passkey',
        body: PasskeyLogin,
        response: { 200: TokenPair },
      },
    },
    async (request) => passkeyLogin.login(request.ctx, request.body),
  );

  app.register(ownPasskeyRoutes, { prefix: '/me/passkeys' });
};

const ownPasskeyRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.post(
    '/options',
    {
      config: { auth: 'user', fresh: true, enrollment: true, errors: ['email_unverified', 'passkey_limit'] },
      schema: {
        operationId: 'getPasskeyCreationOptions',
        tags: ['Passkeys'],
        summary: 'Get what a browser makes a passkey by',
        response: { 200: CreationOptions },
      },
    },
    async (request) => passkeyCreation.options(request.ctx, request.actor),
  );

  app.post(
    '',
    {
      config: {
        auth: 'user',
        enrollment: true,
        errors: ['invalid_credentials', 'email_unverified', 'passkey_limit', 'passkey_taken'],
      },
      schema: {
        operationId: 'addPasskey',
        tags: ['Passkeys'],
        summary: 'Add the passkey that a browser made',
        body: PasskeyCreate,
        response: { 201: CreatedPasskey },
      },
    },
    async (request, reply) => reply.code(201).send(await passkeyCreation.add(request.ctx, request.actor, request.body)),
  );

  app.get(
    '',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'listPasskeys',
        tags: ['Passkeys'],
        summary: 'List my passkeys',
        querystring: PageQuery,
        response: { 200: PageOf(Passkey) },
      },
    },
    async (request) => passkeys.list(request.ctx, request.actor, request.query),
  );

  app.patch(
    '/:id',
    {
      config: { auth: 'user', errors: ['passkey_not_found'] },
      schema: {
        operationId: 'updatePasskey',
        tags: ['Passkeys'],
        summary: 'Name one of my passkeys',
        params: IdParams,
        body: PasskeyUpdate,
        response: { 200: Passkey },
      },
    },
    async (request) => passkeys.update(request.ctx, request.actor, { ...request.params, ...request.body }),
  );

  app.delete(
    '/:id',
    {
      config: { auth: 'user', fresh: true, errors: ['passkey_not_found', 'last_login_method'] },
      schema: {
        operationId: 'removePasskey',
        tags: ['Passkeys'],
        summary: 'Remove one of my passkeys',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await passkeys.remove(request.ctx, request.actor, request.params);
      return reply.code(204).send(null);
    },
  );
};
