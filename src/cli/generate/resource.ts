import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, Option } from 'commander';
import { CommandError } from '../ui/errors.ts';
import { withField } from './resource/field.ts';
import { parentField, parseField, parseFields } from './resource/fields.ts';
import { apply, type Changes, diffOf, formatted, requireCleanTree } from './resource/files.ts';
import { LAYERS } from './resource/layers.ts';
import { camel, type Names, namesOf } from './resource/names.ts';
import { REGISTRIES, type RegistryTexts, withoutResource, withResource } from './resource/registries.ts';
import { back, dropTable, removeRevision, revisionOf, writeRevision } from './resource/revisions.ts';
import {
  hasTemplate,
  type LayerTexts,
  pathsOf,
  type Resource,
  readTemplate,
  resourceTexts,
  TEMPLATE_COPY,
} from './resource/template.ts';

const ROOT = join(import.meta.dirname, '../../..');

interface RunOptions {
  dryRun?: boolean;
  force?: boolean;
}

interface ResourceOptions extends RunOptions {
  owner?: boolean;
  publicRead?: boolean;
  under?: string;
  softDelete?: boolean;
  search?: string;
}

/** `back generate resource` and `back generate field`. */
export function registerGenerators(generate: Command): void {
  generate
    .command('resource')
    .description('write a resource beside items: model, schema, service, routes, test, revision and document')
    .argument('<name>', 'its plural in snake_case: notes')
    .argument(
      '<fields...>',
      'title:string! body:text due_at:timestamp? status:enum(open,done) project_id:ref(projects)?',
    )
    .addOption(
      new Option('--owner', 'users see their own, administrators see all; it is so without the option too').conflicts(
        'publicRead',
      ),
    )
    .option('--public-read', 'every user sees all, and changes their own')
    .option('--under <resource>', 'its list and its POST are beneath one of those: /clubs/{club_id}/notes')
    .option('--soft-delete', 'DELETE hides the row and keeps it')
    .option('--search <field>', 'let lists be searched by the words of a text field')
    .option('--dry-run', 'write nothing; print the changes')
    .option('--force', 'do not ask for a committed tree')
    .action(async (name: string, specs: string[], options: ResourceOptions) => {
      const resource = resourceOf(name, specs, options);
      const { names } = resource;
      const texts = resourceTexts(readTemplate(ROOT), resource);
      await change(options, names.plural, { ...byPath(texts, names), ...withResource(registries(), resource) });
    });
  generate
    .command('field')
    .description('add a field to a resource, in every layer')
    .argument('<resource>', 'its plural: notes')
    .argument('<field>', 'priority:int')
    .option('--dry-run', 'write nothing; print the changes')
    .option('--force', 'do not ask for a committed tree')
    .action(async (name: string, spec: string, options: RunOptions) => {
      const names = namesOf(name);
      const field = parseField(spec);
      requireExisting(names);
      if (field.kind === 'ref') requireTarget(field.arguments[0] ?? '', names);
      const texts = withField(readLayers(names), field, names);
      await change(options, `${field.name} of ${names.plural}`, byPath(texts, names));
    });
}

/** The copy of the template that serves a product without `items`; nothing if a file of those is not here. */
export function templateCopy(): Record<string, string> {
  if (!hasTemplate(ROOT)) return {};
  return { [TEMPLATE_COPY]: `${JSON.stringify(readTemplate(ROOT), null, 2)}\n` };
}

/** `back destroy resource`. */
export function registerDestroy(program: Command): void {
  program
    .command('destroy')
    .description('take a resource away')
    .command('resource')
    .description('take a resource away, with its revision if that is the newest; otherwise a new one drops the table')
    .argument('<name>', 'its plural: notes')
    .option('--keep-revision', 'the revision runs elsewhere already: keep it, and write one that drops the table')
    .option('--dry-run', 'write nothing; print the changes')
    .option('--force', 'do not ask for a committed tree')
    .action(async (name: string, options: RunOptions & { keepRevision?: boolean }) => {
      const names = namesOf(name);
      requireExisting(names);
      requireUnused(names);
      const own = options.keepRevision ? undefined : revisionOf(ROOT, names.plural);
      const gone = Object.values(pathsOf(names)).map((path) => [path, null]);
      const changes = { ...Object.fromEntries(gone), ...withoutResource(registries(), names) };
      if (!write(options, changes)) return;
      const revised = own === undefined ? dropTable(ROOT, names.plural) : removeRevision(ROOT, own);
      await both(revised, back(ROOT, 'generate'));
    });
}

/** What the command line asks for; throws a sentence for what cannot be made. */
function resourceOf(
  name: string,
  specs: string[],
  { softDelete = false, search, ...options }: ResourceOptions,
): Resource {
  const names = namesOf(name);
  const under = options.under === undefined ? undefined : namesOf(options.under);
  const own = parseFields(specs);
  requireFree(names);
  for (const { kind, arguments: args } of own) if (kind === 'ref') requireTarget(args[0] ?? '', names);
  if (under !== undefined) {
    requireExisting(under);
    if (own.some((field) => field.name === parentField(under).name))
      throw new CommandError(`${parentField(under).name} is in the path: leave it out of the fields`);
  }
  const isSearchable = own.some(({ name, kind, isList }) => name === search && !isList && /^(string|text)$/.test(kind));
  if (search !== undefined && !isSearchable)
    throw new CommandError(`--search ${search}: there is no text field of this name`);
  const given = {
    isSoftDeleted: softDelete,
    isPublic: isPublic(options, under),
    ...(search !== undefined && { search }),
  };
  const fields = under === undefined ? own : [parentField(under), ...own];
  return { names, fields, options: { ...given, ...(under !== undefined && { under }) } };
}

/** A nested resource is seen by those who see what it stands in. */
function isPublic({ owner = false, publicRead = false }: ResourceOptions, under: Names | undefined): boolean {
  if (under === undefined) return publicRead;
  const isOfAll = readFileSync(join(ROOT, pathsOf(under).service), 'utf8').includes('function isChangeableBy(');
  if (isOfAll && owner)
    throw new CommandError(
      `Every user sees the ${under.plural}, and so what stands in them: leave --owner out, or leave --under out and give the rows a reference, ${parentField(under).name}:ref(${under.plural})!`,
    );
  if (!isOfAll && publicRead)
    throw new CommandError(
      `Only their owners see the ${under.plural}, and so what stands in them: leave --public-read out`,
    );
  return isOfAll;
}

/** Writes a resource's files, then what follows from them. */
async function change(options: RunOptions, message: string, changes: Changes): Promise<void> {
  if (!write(options, changes)) return;
  await both(writeRevision(ROOT, message), back(ROOT, 'generate'));
  console.log('Next: npx back upgrade head, then npm test');
}

/** Neither reads what the other writes. A failure is told when both have ended. */
async function both(...works: Promise<void>[]): Promise<void> {
  const failed = (await Promise.allSettled(works)).find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}

/** Writes the changes in their final form and prints the files; false for a dry run, which prints the differences. */
function write({ dryRun = false, force = false }: RunOptions, changes: Changes): boolean {
  if (!dryRun && !force) requireCleanTree(ROOT);
  const final = formatted(ROOT, changes);
  if (dryRun)
    console.log(`${diffOf(ROOT, final)}\nNothing was written. The revision and the generated documents would follow.`);
  else for (const line of apply(ROOT, final)) console.log(line);
  return !dryRun;
}

function byPath(texts: LayerTexts, names: Names): Changes {
  const paths = pathsOf(names);
  return Object.fromEntries(LAYERS.map((layer) => [paths[layer], texts[layer]]));
}

function readLayers(names: Names): LayerTexts {
  const paths = pathsOf(names);
  return Object.fromEntries(
    LAYERS.map((layer) => [layer, readFileSync(join(ROOT, paths[layer]), 'utf8')]),
  ) as LayerTexts;
}

function registries(): RegistryTexts {
  return Object.fromEntries(REGISTRIES.map((path) => [path, readFileSync(join(ROOT, path), 'utf8')])) as RegistryTexts;
}

function requireFree(names: Names): void {
  const taken = Object.values(pathsOf(names)).find((path) => existsSync(join(ROOT, path)));
  if (taken !== undefined) throw new CommandError(`${names.plural} is taken: ${taken} exists`);
  const kit = ['auth', 'system'].flatMap((room) => readdirSync(join(ROOT, 'src/app/models', room)));
  if (kit.some((file) => camel(file.replace('.ts', '').replaceAll('-', '_')) === camel(names.plural)))
    throw new CommandError(`${names.plural} is taken: the kit has a table of this name`);
}

function requireExisting(names: Names): void {
  const missing = Object.values(pathsOf(names)).find((path) => !existsSync(join(ROOT, path)));
  if (missing !== undefined) throw new CommandError(`${names.plural} is no resource: ${missing} is missing`);
}

function requireTarget(target: string, { plural }: Names): void {
  // The first two are the kit's.
  if (target === 'users' || target === 'files' || target === plural) return;
  requireExisting(namesOf(target));
}

/** Throws if a file of the product needs the resource's files. */
function requireUnused(names: Names): void {
  const paths = pathsOf(names);
  const own = new Set(Object.values(paths));
  const file = paths.model.slice('src/app/models'.length);
  const users = ['models', 'schemas', 'services', 'routes'].flatMap((layer) =>
    readdirSync(join(ROOT, 'src/app', layer))
      .filter((name) => name.endsWith('.ts') && name !== 'index.ts')
      .map((name) => `src/app/${layer}/${name}`)
      .filter((path) => !own.has(path) && readFileSync(join(ROOT, path), 'utf8').includes(`${file}'`)),
  );
  if (users.length > 0) throw new CommandError(`${users.join(', ')} refers to ${names.plural}: take that away first`);
}
