import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jobs } from '../../../src/app/jobs/index.ts';
import { REMIND_ALL } from '../../../src/app/services/overdue.ts';
import { enqueue } from '../../../src/app/services/system/jobs.ts';
import { runDueJobs } from '../../../src/app/services/system/worker.ts';
import { startApi, type TestUser } from '../../helpers/api.ts';
import { otherProcess } from '../../helpers/jobs.ts';

const api = startApi({ LIMIT_LOANS: '5/1h', LOANS_PER_ACCOUNT: '3' });

const as = (user: TestUser, method: 'GET' | 'POST' | 'DELETE', url: string) =>
  api.request({ method, url, token: user.access_token });

/** A club with one book and some readers. */
async function lendingClub({ copies, readers }: { copies: number; readers: number }) {
  const founder = await api.user();
  const token = founder.access_token;
  const post = async (url: string, payload: object) =>
    (await api.request({ method: 'POST', url, token, payload })).json();
  const { id: club_id } = await post('/clubs', { name: 'Readers' });
  const { id: book_id } = await post(`/clubs/${club_id}/books`, { title: 'Emma', author: 'Jane Austen', copies });
  const members = await Promise.all(Array.from({ length: readers }, () => api.user()));
  for (const { id } of members) await post(`/clubs/${club_id}/memberships`, { user_id: id });
  return {
    founder,
    club_id,
    book_id,
    members,
    borrow: (user: TestUser) => as(user, 'POST', `/books/${book_id}/loans`),
  };
}

describe('POST /books/{book_id}/loans', () => {
  it('lends no more copies than there are, to eight who ask at once', async () => {
    const { members, borrow, book_id } = await lendingClub({ copies: 3, readers: 8 });
    const answers = await Promise.all(members.map(borrow));
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([...Array(3).fill(201), ...Array(5).fill(409)]);
    for (const { statusCode, json } of answers) if (statusCode === 409) expect(json().code).toBe('no_copy_left');
    expect(await api.sql('select 1 from loans where book_id = $1', [book_id])).toHaveLength(3);
  });

  it('lends for LOAN_DAYS, and again when the book is back', async () => {
    const { members, borrow } = await lendingClub({ copies: 1, readers: 2 });
    const [first, second] = members as [TestUser, TestUser];
    const loan = (await borrow(first)).json();
    const days = (Date.parse(loan.due_at) - Date.parse(loan.created_at)) / 86_400_000;
    expect(Math.round(days)).toBe(21);
    expect((await borrow(second)).json().code).toBe('no_copy_left');
    const returned = await as(first, 'POST', `/loans/${loan.id}/return`);
    expect((await as(first, 'POST', `/loans/${loan.id}/return`)).json()).toEqual(returned.json());
    expect((await borrow(second)).statusCode).toBe(201);
    expect((await as(first, 'GET', '/loans?is_open=true')).json().items).toEqual([]);
    expect((await as(first, 'GET', '/loans?is_open=false')).json().items).toEqual([returned.json()]);
  });

  it('is limited by LOANS_PER_ACCOUNT and LIMIT_LOANS for one user, and lends nothing to a stranger', async () => {
    const { founder, borrow, book_id } = await lendingClub({ copies: 9, readers: 0 });
    for (let n = 0; n < 3; n++) expect((await borrow(founder)).statusCode).toBe(201);
    for (const code of ['loan_limit', 'loan_limit', 'rate_limited'])
      expect((await borrow(founder)).json().code).toBe(code);
    expect((await borrow(await api.user())).json().code).toBe('book_not_found');
    const [stranger, theirs] = [await api.user(), (await as(founder, 'GET', '/loans')).json().items[0].id];
    expect((await as(stranger, 'POST', `/loans/${theirs}/return`)).json().code).toBe('loan_not_found');
    expect(await api.sql('select 1 from loans where book_id = $1', [book_id])).toHaveLength(3);
  });
});

describe('what organisers know', () => {
  it('is each lent book with its open loans, in the form of the loans themselves', async () => {
    const { founder, club_id, book_id, members, borrow } = await lendingClub({ copies: 3, readers: 3 });
    const loans = [];
    for (const member of members) loans.push((await borrow(member)).json());
    await as(members[0] as TestUser, 'POST', `/loans/${loans[0].id}/return`);
    const open = loans.slice(1).map(({ id, owner_id, due_at }) => ({ id, owner_id, due_at }));
    const lent = (await as(founder, 'GET', `/clubs/${club_id}/lent-books`)).json();
    expect(lent.items).toEqual([{ id: book_id, title: 'Emma', copies: 3, loans: open }]);
    expect((await as(members[0] as TestUser, 'GET', `/clubs/${club_id}/lent-books`)).json().code).toBe('forbidden');
  });

  it('is every loan of the club as a file', async () => {
    const { founder, club_id, members, borrow } = await lendingClub({ copies: 2, readers: 2 });
    for (const member of members) await borrow(member);
    const file = await as(founder, 'GET', `/clubs/${club_id}/loans/export`);
    expect(file.headers['content-disposition']).toBe('attachment; filename="loans.csv"');
    expect(file.body.split('\r\n')).toHaveLength(4);
    expect(file.body).toMatch(/^id,book_id,due_at,returned_at,owner_id,created_at\r\n/);
  });
});

describe('a loan that is late', () => {
  it('is told to the webhook once', async () => {
    const told: { key: unknown; body: unknown }[] = [];
    const server = createServer(async (request, response) => {
      const body = JSON.parse(await text(request));
      told.push({ key: request.headers['idempotency-key'], body });
      response.writeHead(204).end();
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { members, borrow } = await lendingClub({ copies: 2, readers: 2 });
    const [late] = [(await borrow(members[0] as TestUser)).json(), await borrow(members[1] as TestUser)];
    await api.sql(`update loans set due_at = now() - interval '1 day' where id = $1`, [late.id]);
    // The address of a TCP server is never a path.
    const { port } = server.address() as AddressInfo;
    const worker = otherProcess(api, { overdue_webhook_url: `http://127.0.0.1:${port}/` });
    onTestFinished(() => worker.close());
    for (let night = 0; night < 2; night++) {
      await enqueue(worker.ctx, REMIND_ALL, {});
      while ((await runDueJobs(worker.ctx, jobs)) > 0);
    }
    expect(told).toMatchObject([{ key: expect.any(String), body: { id: late.id, owner_id: late.owner_id } }]);
  });
});
