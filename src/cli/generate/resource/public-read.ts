import type { Layer } from './layers.ts';
import type { Change } from './nested.ts';

const LIST = "/** The caller's items, newest first; an administrator's list has the items of all users. */";
const GET = "/** The item, or throws item_not_found: also for another user's item, so that ids cannot be probed. */";
const UPDATE = 'Changes the given fields, and writes nothing if they are stored already; throws item_not_found.';
const RULE = '/** The one rule of who sees what: users see their own items, administrators see all. */';

/** A list beneath another thing has the rows of that alone. */
const WHOLE_LIST: Change[] = [
  [
    'pages through the caller’s own, newest first; an administrator sees everybody’s',
    'pages through everybody’s, newest first',
  ],
  [
    'const [user, other, admin] = [await api.user(), await api.user(), await api.admin()];',
    'const [user, other] = [await api.user(), await api.user()];',
  ],
  ['    const [foreign, ...own] = ids;\n', ''],
  ['expect(first.ids).toEqual(own.slice(0, 2));', 'expect(first.ids).toEqual(ids.slice(0, 2));'],
  [
    `user)).toEqual({
      ids: own.slice(2),
      next_cursor: null,
    });
    expect((await idsOn('/items', admin)).ids).toContain(foreign);`,
    'user)).toMatchObject({ ids: ids.slice(2, 4) });',
  ],
];

/** Every user reads; the owner and administrators change. The kit's tests are told by tests/product.ts. */
export function publicReadChanges({ isNested }: { isNested: boolean }): Partial<Record<Layer, Change[]>> {
  return {
    service: [
      [LIST, '/** The items of all users, newest first. */'],
      [GET, '/** The item of whichever user; throws item_not_found. */'],
      [UPDATE, `${UPDATE.slice(0, -1)}, and forbidden for another user's item.`],
      [
        ' the item; throws item_not_found. */',
        " the item; throws item_not_found, and forbidden for another user's item. */",
      ],
      [
        'const isMeant = and(eq(items.id, id), isVisibleTo(actor));',
        'const isMeant = and(eq(items.id, id), isChangeableBy(actor));',
      ],
      [
        '.where(and(eq(items.id, id), isVisibleTo(actor)))\n    .returning(',
        '.where(and(eq(items.id, id), isChangeableBy(actor)))\n    .returning(',
      ],
      ['return requireFound(changed ?? stored);', 'return changed ?? stored ?? refuse(ctx, actor, id);'],
      ['\n  requireFound(item);', '\n  if (item === undefined) await refuse(ctx, actor, id);'],
      ['isVisibleTo(actor)', 'isVisible()'],
      // A nested list asks for what it stands in.
      ...(isNested
        ? []
        : ([['list(ctx: RequestContext, actor: Actor,', 'list(ctx: RequestContext, _actor: Actor,']] as Change[])),
      ['get(ctx: RequestContext, actor: Actor,', 'get(ctx: RequestContext, _actor: Actor,'],
      [
        `${RULE}\nfunction isVisibleTo(`,
        `/** What every user sees. */
function isVisible(): SQL {
  return isOfOpenAccount(items.owner_id);
}

/** The one rule of who changes what: users change their own items, administrators change all. */
function isChangeableBy(`,
      ],
      [
        'function requireFound',
        `/** Throws forbidden for an item that the caller sees and may not change, otherwise item_not_found. */
async function refuse(ctx: RequestContext, actor: Actor, id: string): Promise<never> {
  await get(ctx, actor, id);
  throw new AppError('forbidden');
}

function requireFound`,
      ],
    ],
    route: ['update', 'remove'].map((verb): Change => {
      const config = (errors: string): string => `errors: [${errors}], writes: items.${verb}`;
      return [config("'item_not_found'"), config("'item_not_found', 'forbidden'")];
    }),
    test: [
      ...(isNested ? [] : WHOLE_LIST),
      ["['GET', 'PATCH', 'DELETE'] as const", "['PATCH', 'DELETE'] as const"],
      ["'%s answers 404 for an item of", "'%s is forbidden for an item of"],
      ['exactly as for one that does not exist, and', 'unknown for one that does not exist, and'],
      [
        `expect(foreign.statusCode).toBe(404);
      expect({ ...foreign.json(), request_id: '' }).toEqual({ ...unknown.json(), request_id: '' });`,
        `expect([foreign.json().code, unknown.json().code]).toEqual(['forbidden', 'item_not_found']);`,
      ],
      [
        `it('an administrator reads anybody’s', async () => {
    const [owner, admin] = [await api.user(), await api.admin()];`,
        `it('every user reads anybody’s', async () => {
    const [owner, other] = [await api.user(), await api.user()];`,
      ],
      ['token: admin.access_token })).statusCode).toBe(200);', 'token: other.access_token })).statusCode).toBe(200);'],
    ],
  };
}
