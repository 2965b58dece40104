import { expect, it } from 'vitest';
import { databaseError } from '../../../src/app/database/sqlstate.ts';
import { newId } from '../../../src/app/utils/ids.ts';
import { startApi } from '../../helpers/api.ts';

const api = startApi();

it('PostgreSQL’s own words tell which direction of a foreign key was violated', async () => {
  await api.sql('create table clubs (owner_id uuid constraint clubs_owner references users on delete restrict)');
  const owner = await api.user();
  await api.sql('insert into clubs values ($1)', [owner.id]);
  const codes = { clubs_owner: { missing: 'session_ended', referenced: 'last_admin' } } as const;
  const codeOf = (text: string, id: string) =>
    api.sql(text, [id]).then(
      () => 'done',
      (error: unknown) => databaseError(error, codes)?.code,
    );
  expect(await codeOf('insert into clubs values ($1)', newId())).toBe('session_ended');
  expect(await codeOf('delete from users where id = $1', owner.id)).toBe('last_admin');
  // Without a code for the direction it is a conflict: the caller's session lives.
  const answer = await api.request({
    method: 'DELETE',
    url: '/auth/me',
    token: owner.access_token,
    payload: { password: 'correct horse battery staple' },
  });
  expect([answer.statusCode, answer.json().code]).toEqual([409, 'conflict']);
  expect((await api.request({ url: '/auth/me', token: owner.access_token })).statusCode).toBe(200);
});
