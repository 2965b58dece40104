import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { sendRows } from '../plugins/row-files.ts';
import { IdParams, PageOf, PageQuery } from '../schemas/common.ts';
import { Exported, ExportQuery } from '../schemas/exports.ts';
import { LendingClub, LentBook, Loan, LoanParent, LoanQuery } from '../schemas/loans.ts';
import * as loans from '../services/loans.ts';
import { batchesOf } from '../utils/exports.ts';

const tags = ['Loans'];

/** What members borrow, and what organisers know of it. */
export const loanRoutes: FastifyPluginAsyncTypebox = async (app) => {
  app.get(
    '/loans',
    {
      config: { auth: 'user' },
      schema: {
        operationId: 'listLoans',
        tags,
        summary: 'List the own loans',
        querystring: LoanQuery,
        response: { 200: PageOf(Loan) },
      },
    },
    async (request) => loans.list(request.ctx, request.actor, request.query),
  );

  app.post(
    '/books/:book_id/loans',
    {
      config: { auth: 'user', errors: ['book_not_found', 'no_copy_left', 'loan_limit'] },
      schema: {
        operationId: 'borrowBook',
        tags,
        summary: 'Borrow a book',
        params: LoanParent,
        response: { 201: Loan },
      },
    },
    async (request, reply) =>
      reply.code(201).send(await loans.create(request.ctx, request.actor, request.params.book_id)),
  );

  app.get(
    '/loans/:id',
    {
      config: { auth: 'user', errors: ['loan_not_found'] },
      schema: { operationId: 'getLoan', tags, summary: 'Read a loan', params: IdParams, response: { 200: Loan } },
    },
    async (request) => loans.get(request.ctx, request.actor, request.params.id),
  );

  app.post(
    '/loans/:id/return',
    {
      config: { auth: 'user', errors: ['loan_not_found'] },
      schema: {
        operationId: 'returnBook',
        tags,
        summary: 'Give a book back',
        params: IdParams,
        response: { 200: Loan },
      },
    },
    async (request) => loans.giveBack(request.ctx, request.actor, request.params.id),
  );

  app.get(
    '/clubs/:club_id/lent-books',
    {
      config: { auth: 'user', errors: ['club_not_found', 'forbidden'] },
      schema: {
        operationId: 'listLentBooks',
        tags,
        summary: 'List the lent books of a club with their loans',
        params: LendingClub,
        querystring: PageQuery,
        response: { 200: PageOf(LentBook) },
      },
    },
    async (request) => loans.listLent(request.ctx, request.actor, { ...request.params, ...request.query }),
  );

  app.get(
    '/clubs/:club_id/loans/export',
    {
      config: { auth: 'user', limit: '10/1h', errors: ['club_not_found', 'forbidden'] },
      schema: {
        operationId: 'exportLoans',
        tags,
        summary: 'Export the loans of a club',
        params: LendingClub,
        querystring: ExportQuery,
        response: { 200: Exported },
      },
    },
    async ({ ctx, actor, params, query }, reply) =>
      sendRows(reply, {
        ...query,
        name: 'loans',
        columns: Loan,
        batches: batchesOf((page) => loans.listOfClub(ctx, actor, { ...params, ...page })),
      }),
  );
};
