import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { IdParams, PageOf, PageQuery } from '../schemas/common.ts';
import { Item, ItemCreate, ItemUpdate } from '../schemas/items.ts';
import { Type } from '../schemas/type.ts';
import * as items from '../services/items.ts';

/** What users do with their items. */
export const itemRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'listItems',
        tags: ['Items'],
        summary: 'List items',
        querystring: PageQuery,
        response: { 200: PageOf(Item) },
      },
    },
    async (request) => items.list(request.ctx, request.actor, request.query),
  );

  app.post(
    '',
    {
      config: { auth: 'user', errors: ['item_limit'], writes: items.create },
      schema: {
        operationId: 'createItem',
        tags: ['Items'],
        summary: 'Create an item',
        body: ItemCreate,
        response: { 201: Item },
      },
    },
    async (request, reply) => reply.code(201).send(await items.create(request.ctx, request.actor, request.body)),
  );

  app.get(
    '/:id',
    {
      config: { auth: 'user', errors: ['item_not_found'] },
      schema: {
        operationId: 'getItem',
        tags: ['Items'],
        summary: 'Read an item',
        params: IdParams,
        response: { 200: Item },
      },
    },
    async (request) => items.get(request.ctx, request.actor, request.params.id),
  );

  app.patch(
    '/:id',
    {
      config: { auth: 'user', errors: ['item_not_found'], writes: items.update },
      schema: {
        operationId: 'updateItem',
        tags: ['Items'],
        summary: 'Change an item',
        params: IdParams,
        body: ItemUpdate,
        response: { 200: Item },
      },
    },
    async (request) => items.update(request.ctx, request.actor, { ...request.params, ...request.body }),
  );

  app.delete(
    '/:id',
    {
      config: { auth: 'user', errors: ['item_not_found'], writes: items.remove },
      schema: {
        operationId: 'deleteItem',
        tags: ['Items'],
        summary: 'Delete an item',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await items.remove(request.ctx, request.actor, request.params.id);
      return reply.code(204).send(null);
    },
  );
};
