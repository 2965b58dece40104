import type { Layer } from './layers.ts';
import { camel, kebab, type Names } from './names.ts';

export type Change = readonly [from: string, to: string];

/** The list and the POST are beneath what the resource stands in; one row has a path of its own, so that others may refer to it. */
export function nestedChanges({ plural, singular }: Names, own: Names): Partial<Record<Layer, Change[]>> {
  const path = `/${kebab(plural)}/:${singular}_id/${kebab(own.plural)}`;
  const id = `${singular}_id`;
  const code = `${singular}_not_found`;
  const parent = camel(plural);
  const column = `items.${id}`;
  return {
    schema: [
      [
        '\nexport type ItemCreate =',
        `\n/** Where the items stand. */\nexport const ItemParent = Type.Object({ ${id}: Id }, closed);\n\nexport type ItemCreate =`,
      ],
    ],
    service: [
      ['request: PageRequest', `{ ${id}, ...request }: PageRequest & { ${id}: string }`],
      [
        '  const order = newestFirst(items.id);\n',
        `  await ${parent}.get(ctx, actor, ${id});\n  const order = newestFirst(items.id);\n`,
      ],
      ['where: ', `where: and(eq(${column}, ${id}), `],
      [', order });', '), order });'],
      ['input: ItemCreate)', `input: ItemCreate & { ${id}: string })`],
      ['  const row = exactRow(', `  await ${parent}.get(ctx, actor, input.${id});\n  const row = exactRow(`],
      ['\nconst columns', `import * as ${parent} from './${kebab(plural)}.ts';\n\nconst columns`],
      [
        'that belongs to the caller; throws item_limit. */',
        `that belongs to the caller; throws ${code}, item_limit. */`,
      ],
    ],
    route: [
      ["app.get(\n    '',", `app.get(\n    '${path}',`],
      ["app.post(\n    '',", `app.post(\n    '${path}',`],
      ["'/:id'", "'/items/:id'"],
      ["config: { auth: 'user' }", `config: { auth: 'user', errors: ['${code}'] }`],
      ["errors: ['item_limit']", `errors: ['${code}', 'item_limit']`],
      // The console shows no list beneath another thing.
      [', writes: items.create', ''],
      [', writes: items.update', ''],
      [', writes: items.remove', ''],
      ['        querystring:', '        params: ItemParent,\n        querystring:'],
      ['        body: ItemCreate', '        params: ItemParent,\n        body: ItemCreate'],
      ['ItemCreate, ', 'ItemCreate, ItemParent, '],
      ['request.actor, request.query)', 'request.actor, { ...request.params, ...request.query })'],
      ['request.actor, request.body)', 'request.actor, { ...request.params, ...request.body })'],
    ],
    test: [
      [
        "url: '/items', token: user.access_token, payload",
        'url: await homeOf(user, on), token: user.access_token, payload',
      ],
      ["few.request({ url: '/items', ", 'few.request({ url: await homeOf(user, few), '],
      ['idsOn(`/items?limit=2&cursor=', `idsOn(\`\${home}?limit=2&cursor=`],
      ["expect((await idsOn('/items', admin)).ids)", 'expect((await idsOn(await homeOf(other, api), admin)).ids)'],
      [
        "const first = await idsOn('/items?limit=2', user);",
        `const home = await homeOf(user, api);\n    const first = await idsOn(\`\${home}?limit=2\`, user);`,
      ],
    ],
  };
}
