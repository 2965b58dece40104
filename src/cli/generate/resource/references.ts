import { CommandError } from '../../ui/errors.ts';
import { type Field, neededReferences } from './fields.ts';
import type { Layer } from './layers.ts';
import { camel, kebab, memberOf, type Names, namesOf, pascal, withArticle, words } from './names.ts';

type LayerTexts = Record<Layer, string>;

/** A reference leads only to what the caller sees: the service asks the other resource, and the routes say so. */
export function withReferences(
  texts: LayerTexts,
  { names, fields }: { names: Names; fields: readonly Field[] },
): LayerTexts {
  const all = fields.filter(({ kind }) => kind === 'ref');
  if (all.length === 0) return texts;
  const refs = all.filter(({ isFromPath }) => !isFromPath).map(referenceOf);
  const checked = refs.filter(({ target }) => target !== 'users');
  return {
    ...texts,
    model: withTargets(texts.model, all.map(referenceOf), names),
    ...(checked.length > 0 && { service: withChecks(texts.service, checked, names) }),
    ...(refs.length > 0 && { route: withCodes(texts.route, refs) }),
  };
}

function referenceOf({ name, arguments: [target = ''] }: Field): Reference {
  return { name, target };
}

/** The test makes what a row refers to or stands in, and says it in each body. */
export function withThings(test: string, fields: readonly Field[], { plural, singular }: Names): string {
  const needed = neededReferences(fields);
  const parent = fields.find(({ isFromPath }) => isFromPath)?.arguments[0];
  if (needed.length === 0) return test;
  const idOf = ({ name, target }: Reference, api: string): string =>
    `${name}: (await things(user, ${api}))${memberOf(kebab(target))}`;
  const inBody = needed.filter(({ target, name }) => target !== parent || name !== `${namesOf(target).singular}_id`);
  const kinds = [...new Set(needed.map(({ target }) => `'${kebab(target)}'`))].join(', ');
  const home = `/** The path of the user's ${words(plural)}. */
const homeOf = async (user: TestUser, on: TestApi): Promise<string> =>
  \`/${kebab(parent ?? '')}/\${(await things(user, on))${memberOf(kebab(parent ?? ''))}}/${kebab(plural)}\`;

`;
  const head = `/** What ${withArticle(singular)} stands in or refers to. */
const things = thingsOf(${kinds});
${parent === undefined ? '' : home}`;
  return [
    [
      "from '../../helpers/api.ts';\n",
      "from '../../helpers/api.ts';\nimport { thingsOf } from '../../helpers/operations.ts';\n",
    ],
    ['const create = (', `${head}const create = async (`],
    ...(inBody.length === 0
      ? []
      : [
          [
            'token: user.access_token, payload });',
            `token: user.access_token, payload: { ${inBody.map((ref) => idOf(ref, 'on')).join(', ')}, ...payload } });`,
          ],
        ]),
    [
      '      ...STORED,\n      id:',
      `      ...STORED,\n      ${needed.map((ref) => idOf(ref, 'api')).join(',\n      ')},\n      id:`,
    ],
    ['    const operator =', '    await things(user, api);\n    const operator ='],
  ].reduce((text, [from = '', to = '']) => {
    if (!text.includes(from))
      throw new CommandError(`The test of items is no template any more: it should have\n${from}`);
    return text.replace(from, () => to);
  }, test);
}

interface Reference {
  name: string;
  target: string;
}

/** The kit's own resource that others refer to stands in its folder. */
function homeOf(target: string): string {
  return target === 'files' ? 'system/files' : kebab(target);
}

/** The code of a target that does not exist. */
function codeOf({ target }: Reference): string {
  return target === 'users' ? 'user_not_found' : `${namesOf(target).singular}_not_found`;
}

function withTargets(model: string, refs: readonly Reference[], { plural }: Names): string {
  const targets = [...new Set(refs.map(({ target }) => target))].filter(
    (target) => target !== 'users' && target !== plural,
  );
  const imports = targets.map((target) => `import { ${camel(target)} } from './${homeOf(target)}.ts';\n`).join('');
  const constraints = refs
    .map((ref) => `${plural}_${ref.name}_${ref.target}_id_fkey: { missing: '${codeOf(ref)}' }, `)
    .join('');
  return model
    .replace("import { users } from './auth/users.ts';\n", (users) => `${users}${imports}`)
    .replace(`{ ${plural}_owner_id_users_id_fkey`, () => `{ ${constraints}${plural}_owner_id_users_id_fkey`);
}

function withChecks(service: string, refs: readonly Reference[], { plural, singular }: Names): string {
  const targets = [...new Set(refs.map(({ target }) => target))];
  const get = (target: string): string => (target === plural ? 'get' : `${camel(target)}.get`);
  const imports = targets
    .filter((target) => target !== plural)
    .map((target) => `import * as ${camel(target)} from './${homeOf(target)}.ts';\n`);
  const given = refs.map(({ name }) => name).join(', ');
  const checks = refs.map(({ name, target }) => `  if (${name}) await ${get(target)}(ctx, actor, ${name});\n`).join('');
  const check = `/** Throws ${refs.map(codeOf).join(', ')} for what the caller does not see. */
async function requireReferences(ctx: RequestContext, actor: Actor, { ${given} }: ${pascal(singular)}Update): Promise<void> {
${checks}}

`;
  return service
    .replace('\nconst columns', () => `${imports.join('')}\nconst columns`)
    .replace('  const row = exactRow(', (row) => `  await requireReferences(ctx, actor, input);\n${row}`)
    .replace('  const isMeant =', (line) => `  await requireReferences(ctx, actor, given);\n${line}`)
    .replace('function requireFound', (found) => `${check}${found}`);
}

function withCodes(route: string, refs: readonly Reference[]): string {
  const codes = [...new Set(refs.map(codeOf))].map((code) => `'${code}'`).join(', ');
  const [before = '', create = '', ...others] = route.split(/(?=\n {2}app\.)/);
  const withErrors = (text: string): string =>
    text.includes('errors: [')
      ? text.replace('errors: [', `errors: [${codes}, `)
      : text.replace("auth: 'user'", `auth: 'user', errors: [${codes}]`);
  return [before, create, ...others]
    .map((part) => (/app\.(post|patch)\(/.test(part) ? withErrors(part) : part))
    .join('');
}
