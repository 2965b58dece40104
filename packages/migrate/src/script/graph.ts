import { MigrationError } from '../errors.ts';
import { parentsOf, type Revision } from './revisions.ts';

/** The revisions as what they are: a graph from the first ones to the heads. */
export interface Graph {
  /** Oldest first: a revision stands after all that it follows. */
  readonly ordered: readonly Revision[];
  /** Those that no other follows. One that another branch depends on is still a head. */
  readonly heads: readonly string[];
  /** The labels of branches that come from elsewhere: new revisions do not extend them, they depend on them. */
  readonly upstream: readonly string[];
  /** What a person types before a verb, for errors that say what to do. */
  readonly command: string;
  has: (id: string) => boolean;
  /** By branch label, full id, or a beginning of it that is enough; throws for an unknown or ambiguous one. */
  get: (text: string) => Revision;
  /** Those that follow it directly. */
  followers: (id: string) => readonly Revision[];
  /** Those that follow it or depend on it directly. */
  dependents: (id: string) => readonly Revision[];
  /** The revisions and all that they follow, without what they depend on. */
  lineage: (ids: readonly string[]) => ReadonlySet<string>;
  /** The revisions and all that they follow or depend on; unknown ones are left out. */
  ancestors: (ids: readonly string[]) => ReadonlySet<string>;
  /** Those of the given that none of the others builds on. */
  tips: (ids: Iterable<string>) => string[];
}

/** Fewer characters are more often a typing mistake than a meant abbreviation. */
const SHORTEST_PREFIX = 4;

/** Throws if a revision follows one that is not there, or itself, or if two share a branch label. */
export function createGraph(
  revisions: readonly Revision[],
  { command, upstream }: Pick<Graph, 'command' | 'upstream'>,
): Graph {
  const byId = new Map(revisions.map((revision) => [revision.id, revision]));
  const byLabel = labels(revisions);
  const followers = childrenBy(revisions, ({ down_revisions }) => down_revisions);
  refuseMissing(byId, followers, 'follows');
  refuseMissing(
    byId,
    childrenBy(revisions, ({ depends_on }) => depends_on),
    'depends on',
  );
  const dependents = childrenBy(revisions, parentsOf);
  const walked =
    (before: (revision: Revision) => readonly string[]) =>
    (ids: readonly string[]): ReadonlySet<string> => {
      const seen = new Set<string>();
      const open = [...ids];
      for (let id = open.pop(); id !== undefined; id = open.pop()) {
        const revision = byId.get(id);
        if (revision === undefined || seen.has(id)) continue;
        seen.add(id);
        open.push(...before(revision));
      }
      return seen;
    };
  const ancestors = walked(parentsOf);

  return {
    ordered: inOrder(revisions),
    heads: revisions.map(({ id }) => id).filter((id) => !followers.has(id)),
    command,
    upstream,
    has: (id) => byId.has(id),
    get: (text) => byLabel.get(text) ?? byId.get(text) ?? byPrefix(revisions, text, command),
    followers: (id) => followers.get(id) ?? [],
    dependents: (id) => dependents.get(id) ?? [],
    lineage: walked(({ down_revisions }) => down_revisions),
    ancestors,
    tips: (ids) => {
      const all = [...ids];
      const below = ancestors(
        all.flatMap((id) => {
          const revision = byId.get(id);
          return revision === undefined ? [] : parentsOf(revision);
        }),
      );
      return all.filter((id) => !below.has(id));
    },
  };
}

function labels(revisions: readonly Revision[]): Map<string, Revision> {
  const byLabel = new Map<string, Revision>();
  for (const revision of revisions)
    for (const label of revision.branch_labels) {
      const other = byLabel.get(label);
      if (other !== undefined)
        throw new MigrationError(`Revisions ${other.id} and ${revision.id} share the branch label ${label}`);
      byLabel.set(label, revision);
    }
  return byLabel;
}

function byPrefix(revisions: readonly Revision[], text: string, command: string): Revision {
  const matches = revisions.filter(({ id }) => text.length >= SHORTEST_PREFIX && id.startsWith(text));
  const [match, ...others] = matches;
  if (match === undefined) throw new MigrationError(`There is no revision ${text}; see: ${command} history`);
  if (others.length === 0) return match;
  throw new MigrationError(`${text} is the beginning of ${matches.map(({ id }) => id).join(' and ')}; type more of it`);
}

/** After all that they build on, and otherwise in the order of their folders. */
function inOrder(revisions: readonly Revision[]): Revision[] {
  const children = childrenBy(revisions, parentsOf);
  const place = new Map(revisions.map(({ id }, index) => [id, index]));
  const waiting = new Map(revisions.map((revision) => [revision.id, new Set(parentsOf(revision))]));
  const free = revisions.filter(({ id }) => waiting.get(id)?.size === 0);
  const ordered: Revision[] = [];
  for (let next = free.shift(); next !== undefined; next = free.shift()) {
    ordered.push(next);
    for (const child of children.get(next.id) ?? []) {
      const left = waiting.get(child.id);
      left?.delete(next.id);
      if (left?.size !== 0) continue;
      const behind = free.findIndex(({ id }) => (place.get(id) ?? 0) > (place.get(child.id) ?? 0));
      free.splice(behind === -1 ? free.length : behind, 0, child);
    }
  }
  if (ordered.length === revisions.length) return ordered;
  const circle = revisions.filter((revision) => !ordered.includes(revision)).map(({ id }) => id);
  throw new MigrationError(`The revisions ${circle.join(', ')} follow each other in a circle`);
}

function childrenBy(
  revisions: readonly Revision[],
  before: (revision: Revision) => readonly string[],
): Map<string, Revision[]> {
  const children = new Map<string, Revision[]>();
  for (const revision of revisions)
    for (const id of new Set(before(revision))) children.set(id, [...(children.get(id) ?? []), revision]);
  return children;
}

function refuseMissing(
  byId: ReadonlyMap<string, Revision>,
  children: ReadonlyMap<string, readonly Revision[]>,
  relation: 'follows' | 'depends on',
): void {
  for (const [id, [first]] of children)
    if (!byId.has(id))
      throw new MigrationError(
        `Revision ${first?.id} ${relation} ${id}, which is not among the files: restore its folder`,
      );
}
