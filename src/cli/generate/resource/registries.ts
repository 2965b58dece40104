import { CommandError } from '../../ui/errors.ts';
import { neededReferences } from './fields.ts';
import { camel, kebab, memberOf, type Names, quotaOf } from './names.ts';
import { declarationsOf, type Resource } from './template.ts';

/** The files that list every resource, and belong to the product. */
export const REGISTRIES = [
  'src/app/models/index.ts',
  'src/app/routes/index.ts',
  'src/app/product.ts',
  'tests/product.ts',
] as const;
type Registry = (typeof REGISTRIES)[number];
export type RegistryTexts = Record<Registry, string>;

/** The registries with one more resource. */
export function withResource(texts: RegistryTexts, resource: Resource): RegistryTexts {
  const { names, options } = resource;
  const { plural, singular } = names;
  const { tag, codes, setting } = declarationsOf(names);
  const file = kebab(plural);
  const [table, constraints, routes] = [camel(plural), `${camel(plural)}Constraints`, `${camel(singular)}Routes`];
  const edited = {
    'src/app/models/index.ts': edit(texts['src/app/models/index.ts'], [
      [/(?=import \{ kitConstraintCodes)/, `import { ${table}, ${constraints} } from './${file}.ts';\n`],
      [/(?<=export const models = \{[^}]*[^,\s]),?(?=\s*\})/, `, ${table}`],
      [/(?<=export const constraintCodes:[^\n]* = \{[^}]*[^,\s]),?(?=\s*\})/, `, ...${constraints}`],
    ]),
    'src/app/routes/index.ts': edit(texts['src/app/routes/index.ts'], [
      [/(?=import \{ kitRoutes)/, `import { ${routes} } from './${file}.ts';\n`],
      // The paths of a nested resource are whole.
      [
        /(?=^ {2}app\.register\(kitRoutes\))/m,
        `  app.register(${routes}${options.under === undefined ? `, { prefix: '/${file}' }` : ''});\n`,
      ],
    ]),
    'src/app/product.ts': edit(texts['src/app/product.ts'], [
      [/(?<=^ {2}tags: \{(?:[^}]*[^,\s])?),?(?=\s*\})/m, `, ${tag}`],
      [/(?=\} as const;)/, `${codes}\n`],
      [/(?=\} as const satisfies Record<string, Setting<unknown>>;)/, `${setting}\n`],
    ]),
    'tests/product.ts': edit(texts['tests/product.ts'], told(resource)),
  };
  return {
    ...edited,
    'src/app/models/index.ts': onOneLine(edited['src/app/models/index.ts']),
    'src/app/product.ts': withSettings(edited['src/app/product.ts'].replace('tags: {,', 'tags: {')),
  };
}

/** What the kit's tests cannot read from the routes: who sees a thing, and what its body refers to. */
function told({ names: { plural }, fields, options }: Resource): [at: RegExp, what: string][] {
  const key = kebab(plural);
  const body = neededReferences(fields.filter(({ isFromPath }) => !isFromPath)).map(
    ({ name, target }) => `${name}: ids${memberOf(kebab(target))}`,
  );
  const path =
    options.under === undefined ? `/${key}` : `/${kebab(options.under.plural)}/:${options.under.singular}_id/${key}`;
  const seen: [RegExp, string] = [
    /(?<=^ {2}things: \{)/m,
    `\n    ${/^\w+$/.test(key) ? key : `'${key}'`}: { seenBy: 'everybody' },`,
  ];
  const refused = ['PATCH', 'DELETE'].map((method) => `\n    '${method} /${key}/:id': ['forbidden'],`);
  return [
    // Any user may write beneath what every user sees.
    ...(options.isPublic && options.under !== undefined
      ? [[/(?<=^ {2}doors: \[)/m, `'POST ${path}', `] as [RegExp, string]]
      : []),
    ...(options.isPublic ? [seen, [/(?<=^ {2}refusals: \{)/m, refused.join('')] as [RegExp, string]] : []),
    ...(body.length > 0
      ? [[/(?<=^ {2}bodies: \{)/m, `\n    'POST ${path}': ({ ids }) => ({ ${body.join(', ')} }),`] as [RegExp, string]]
      : []),
  ];
}

/** The registries without a resource. */
export function withoutResource(texts: RegistryTexts, { plural, singular }: Names): RegistryTexts {
  const file = kebab(plural);
  const table = camel(plural);
  const imports = new RegExp(`^import \\{[^}]*\\} from '\\./${file}\\.ts';\\n`, 'm');
  return {
    'src/app/models/index.ts': onOneLine(
      cut(texts['src/app/models/index.ts'], [
        imports,
        new RegExp(`(?<=export const models = \\{[^}]*?)\\s*(?<!\\w)${table}\\b,?(?=[^}]*\\})`),
        new RegExp(`\\s*\\.\\.\\.${table}Constraints\\b,?`),
      ]),
    ),
    'src/app/routes/index.ts': cut(texts['src/app/routes/index.ts'], [
      imports,
      new RegExp(`^ {2}app\\.register\\(${camel(singular)}Routes\\b.*\\n`, 'm'),
    ]),
    'tests/product.ts': cut(texts['tests/product.ts'], [
      new RegExp(
        `(?<=^ {2}things: \\{[^}]*?(?:\\{[^}]*\\}[^}]*?)*)\\s*'?(?<![\\w-])${file}'?: \\{ seenBy: '\\w+' \\},?`,
        'm',
      ),
      new RegExp(
        `\\s*'[A-Z]+ (?:/[\\w-]+/:\\w+)*/${file}(?:/[^']*)?': (?:\\d+|\\[[^\\]]*\\]|\\([^)]*\\) => \\(\\{[^}]*\\}\\)),?`,
        'g',
      ),
      new RegExp(`\\s*'[A-Z]+ (?:/[\\w-]+/:\\w+)*/${file}(?:/[^' ]*)?(?: \\w+)?'(?!:),?`, 'g'),
    ]),
    'src/app/product.ts': withSettings(
      cut(texts['src/app/product.ts'], [
        new RegExp(`(?<=tags: \\{[^}]*?)\\s*(?:'${tagOf(plural)}'|\\b${tagOf(plural)}): '[^']*',?(?=[^}]*\\})`),
        new RegExp(`\\s*\\b${singular}_not_found: \\{[^}]*\\},?`),
        new RegExp(`\\s*\\b${singular}_limit: \\{[^}]*\\},?`),
        new RegExp(`\\s*\\b${quotaOf(plural)}: setting\\(\\{[^}]*\\}\\),?`),
      ]),
    ),
  };
}

/** The lists of tables and codes on one line, if they fit there: the formatter keeps an open list open. */
function onOneLine(text: string): string {
  return text.replaceAll(
    /(export const (?:models|constraintCodes)\b[^\n]* = \{)([^}]*)\}/g,
    (_, head: string, members: string) =>
      `${head} ${members
        .trim()
        .replace(/,$/, '')
        .replaceAll(/\s*\n\s*/g, ' ')} }`,
  );
}

/** Imports what the settings of the product use, and no more. */
function withSettings(text: string): string {
  const used = /\bsetting\(\{/.test(text.replaceAll(/\/\*\*[\s\S]*?\*\//g, ''));
  const others =
    /import \{([^}]*)\} from '.\/config\/settings.ts'/
      .exec(text)?.[1]
      ?.split(',')
      .map((name) => name.trim()) ?? [];
  const names = [...new Set([...others.filter((name) => name !== ''), 'integer', 'setting', 'type Setting'])];
  const what = used ? `{ ${names.join(', ')} }` : 'type { Setting }';
  return text.replace(
    /import (?:type )?\{[^}]*\} from '.\/config\/settings.ts';/,
    `import ${what} from './config/settings.ts';`,
  );
}

function tagOf(plural: string): string {
  return declarationsOf({ plural, singular: plural }).tag.replace(/:.*/, '').replaceAll("'", '');
}

/** Inserts each text at the only place where its pattern matches. */
function edit(text: string, insertions: readonly [at: RegExp, what: string][]): string {
  return insertions.reduce((before, [at, what]) => {
    if (!at.test(before)) throw new CommandError(`A registry has no place for the new line ${what.trim()}`);
    return before.replace(at, () => what);
  }, text);
}

function cut(text: string, patterns: readonly RegExp[]): string {
  return patterns.reduce((before, pattern) => before.replace(pattern, ''), text);
}
