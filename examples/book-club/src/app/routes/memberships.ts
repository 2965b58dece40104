import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { IdParams, PageOf, PageQuery } from '../schemas/common.ts';
import { Membership, MembershipCreate, MembershipParent, MembershipUpdate } from '../schemas/memberships.ts';
import { Type } from '../schemas/type.ts';
import * as memberships from '../services/memberships.ts';

/** Who belongs to a club, and what each may do there. */
export const membershipRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/clubs/:club_id/memberships',
    {
      config: { auth: 'user', errors: ['club_not_found'] },
      schema: {
        operationId: 'listMemberships',
        tags: ['Memberships'],
        summary: 'List memberships',
        params: MembershipParent,
        querystring: PageQuery,
        response: { 200: PageOf(Membership) },
      },
    },
    async (request) => memberships.list(request.ctx, request.actor, { ...request.params, ...request.query }),
  );

  app.post(
    '/clubs/:club_id/memberships',
    {
      config: { auth: 'user', errors: ['user_not_found', 'club_not_found', 'membership_not_found', 'forbidden'] },
      schema: {
        operationId: 'createMembership',
        tags: ['Memberships'],
        summary: 'Make a user a member',
        params: MembershipParent,
        body: MembershipCreate,
        response: { 201: Membership },
      },
    },
    async (request, reply) =>
      reply
        .code(201)
        .send(await memberships.create(request.ctx, request.actor, { ...request.params, ...request.body })),
  );

  app.get(
    '/memberships/:id',
    {
      config: { auth: 'user', errors: ['membership_not_found'] },
      schema: {
        operationId: 'getMembership',
        tags: ['Memberships'],
        summary: 'Read a membership',
        params: IdParams,
        response: { 200: Membership },
      },
    },
    async (request) => memberships.get(request.ctx, request.actor, request.params.id),
  );

  app.patch(
    '/memberships/:id',
    {
      config: { auth: 'user', errors: ['membership_not_found', 'forbidden'] },
      schema: {
        operationId: 'updateMembership',
        tags: ['Memberships'],
        summary: 'Change a membership',
        params: IdParams,
        body: MembershipUpdate,
        response: { 200: Membership },
      },
    },
    async (request) => memberships.update(request.ctx, request.actor, { ...request.params, ...request.body }),
  );

  app.delete(
    '/memberships/:id',
    {
      config: { auth: 'user', errors: ['membership_not_found', 'forbidden'] },
      schema: {
        operationId: 'deleteMembership',
        tags: ['Memberships'],
        summary: 'Delete a membership',
        params: IdParams,
        response: { 204: Type.Null() },
      },
    },
    async (request, reply) => {
      await memberships.remove(request.ctx, request.actor, request.params.id);
      return reply.code(204).send(null);
    },
  );
};
