import { expect, it } from 'vitest';
import type { RequestContext } from '../../../../src/app/context.ts';
import { requireMember } from '../../../../src/app/services/auth/authorization.ts';
import { newId } from '../../../../src/app/utils/ids.ts';
import { startApi, type TestUser } from '../../../helpers/api.ts';

const api = startApi();

function contextOf({ id }: TestUser): RequestContext {
  const actor = { user: { id, role: 'user' }, session_id: newId() };
  const request = { request_id: newId(), client: { ip: '127.0.0.1', user_agent: null }, actor, reportQuota: () => {} };
  // The members that the rule reads.
  return { ...api.app.ctx, ...request } as unknown as RequestContext;
}

const refusals = (user: TestUser) =>
  api.sql(`select details from audit_events where event = 'access.forbidden' and subject_id = $1`, [user.id]);

it('a membership passes, with one of the roles that are asked for', async () => {
  const ctx = contextOf(await api.user());
  const organiser = { role: 'organiser', since: 2020 };
  expect(await requireMember(ctx, Promise.resolve([organiser]), { missing: 'route_not_found' })).toBe(organiser);
  const asked = { roles: ['guest', 'organiser'], missing: 'route_not_found' } as const;
  expect(await requireMember(ctx, Promise.resolve([organiser]), asked)).toBe(organiser);
});

it('a stranger is told that there is no such thing, and nothing is recorded', async () => {
  const user = await api.user();
  const asked = { roles: ['organiser'], missing: 'route_not_found' } as const;
  await expect(requireMember(contextOf(user), Promise.resolve<{ role: string }[]>([]), asked)).rejects.toMatchObject({
    code: 'route_not_found',
  });
  expect(await refusals(user)).toEqual([]);
});

it('a member without the role is told forbidden, which is recorded once a minute', async () => {
  const user = await api.user();
  const asked = { roles: ['organiser'], missing: 'route_not_found' } as const;
  for (let again = 0; again < 3; again++)
    await expect(requireMember(contextOf(user), Promise.resolve([{ role: 'guest' }]), asked)).rejects.toMatchObject({
      code: 'forbidden',
    });
  expect(await refusals(user)).toEqual([{ details: { operation: 'as organiser' } }]);
});
