import { isDeepStrictEqual } from 'node:util';
import { STATUS_CODES } from '../http-status.ts';

type Json = Record<string, unknown>;
type Components = Record<'schemas' | 'responses', Record<string, unknown>>;

const PROBLEM = 'application/problem+json';
const PAGE = 'text/html';
/** Generators and validators of documents do not read them; the schema's description says what they demand. */
const CONDITIONS = new Set(['if', 'then', 'else']);
/** Longer lists of codes are abbreviated. */
const MAX_CODES_IN_NAME = 3;

/**
 * Moves every titled schema and every error response into `components`, so that a generated client has one type for it and
 * the document says it once. Throws if two different schemas have one title.
 */
export function withComponents<T extends { paths?: unknown }>(document: T): T {
  const { moved, finished } = createComponents();
  return finished({ ...document, paths: moved(document.paths) });
}

/** The same in parts: each path by itself, then the rest of the document, which has all of them. */
export function createComponents(): {
  /** The part with references in place of what it shares. */
  moved: <P>(part: P) => P;
  finished: <T extends { paths?: unknown }>(document: T) => T;
} {
  const found: Components = { schemas: {}, responses: {} };
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit);
    if (!isObject(node)) return node;
    const isTyped = 'type' in node;
    // A loop: the document has fifty thousand members, and the main thread stands still meanwhile.
    const copy: Json = {};
    for (const key of Object.keys(node))
      if (!isTyped || !CONDITIONS.has(key)) copy[key] = described(key, visit(node[key]));
    if (typeof copy.title === 'string' && copy.type === 'object') return share(found, 'schemas', copy.title, copy);
    const name = responseName(copy);
    return name === undefined ? copy : share(found, 'responses', name, copy);
  };
  return {
    // A part keeps its type: only schemas and responses became references.
    moved: (part) => visit(part) as typeof part,
    finished: (document) => {
      const { components, ...rest } = visit({ ...document, paths: {} }) as { components?: Json };
      const made = { ...components, ...sorted(found) };
      const examples = used(components?.examples, JSON.stringify(made));
      return { ...rest, paths: document.paths, components: { ...made, examples } } as unknown as typeof document;
    },
  };
}

function share(found: Components, kind: keyof Components, name: string, value: Json): { $ref: string } {
  const known = found[kind][name];
  if (known !== undefined && !isDeepStrictEqual(known, value))
    throw new Error(`Two different ${kind} of the document have the name ${name}: give one of them another title`);
  found[kind][name] = value;
  return { $ref: `#/components/${kind}/${name}` };
}

/** The name of a response by its error codes; `undefined` if the node is no error response. */
function responseName({ content }: Json): string | undefined {
  const media = isObject(content) ? content[PROBLEM] : undefined;
  if (!isObject(content) || !isObject(media) || !isObject(media.examples)) return undefined;
  const name = nameOf(Object.keys(media.examples));
  return PAGE in content ? `${name}OrPage` : name;
}

/** `ItemNotFound`, `AccountDisabledOrForbidden`; of a longer list all but the first by its initials. */
function nameOf(codes: readonly string[]): string {
  if (codes.length <= MAX_CODES_IN_NAME) return codes.map(pascalCase).join('Or');
  const [first = '', ...rest] = codes;
  return [pascalCase(first), ...rest.map(initials)].join('_');
}

function pascalCase(words: string): string {
  return words
    .split(/[_\s-]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

function initials(code: string): string {
  return code
    .split('_')
    .map((word) => word.charAt(0))
    .join('');
}

/** Gives a success the reason phrase of its status as description. */
function described(key: string, node: unknown): unknown {
  if (!isObject(node) || node.description !== 'Default Response') return node;
  return { ...node, description: STATUS_CODES[key] ?? 'Success' };
}

/** The examples that the text refers to. */
function used(examples: unknown, text: string): unknown {
  const isUsed = ([name]: [string, unknown]): boolean => text.includes(`"#/components/examples/${name}"`);
  return isObject(examples) ? Object.fromEntries(Object.entries(examples).filter(isUsed)) : examples;
}

function sorted(found: Components): Components {
  const byName = (record: Record<string, unknown>) =>
    Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { schemas: byName(found.schemas), responses: byName(found.responses) };
}

function isObject(node: unknown): node is Json {
  return typeof node === 'object' && node !== null;
}
