import { expect, it } from 'vitest';
import { startApi } from '../../helpers/api.ts';
import { thingsOf } from '../../helpers/operations.ts';

const api = startApi();

it('GET /statistics counts what is lent and what of it is late, for administrators', async () => {
  const [user, admin] = [await api.user(), await api.admin()];
  const { loans } = await thingsOf('clubs', 'books', 'loans')(user, api);
  const count = async () => (await api.request({ url: '/statistics', token: admin.access_token })).json();
  expect(await count()).toEqual({ lent: 1, overdue: 0 });
  await api.sql(`update loans set due_at = now() - interval '1 day' where id = $1`, [loans]);
  expect(await count()).toEqual({ lent: 1, overdue: 1 });
  await api.request({ method: 'POST', url: `/loans/${loans}/return`, token: user.access_token });
  expect(await count()).toEqual({ lent: 0, overdue: 0 });
  expect((await api.request({ url: '/statistics', token: user.access_token })).json().code).toBe('forbidden');
});
