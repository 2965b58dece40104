import { MigrationError } from '../errors.ts';
import type { Revision } from './revisions.ts';

/** The revisions as what they are: a graph from the first ones to the heads. */
export interface Graph {
  /** Oldest first: a revision stands after all that it follows. */
  readonly ordered: readonly Revision[];
  readonly heads: readonly string[];
  /** What a person types before a verb, for errors that say what to do. */
  readonly command: string;
  has: (id: string) => boolean;
  /** By branch label, full id, or a beginning of it that is enough; throws for an unknown or ambiguous one. */
  get: (text: string) => Revision;
  /** Those that follow it directly. */
  followers: (id: string) => readonly Revision[];
  /** The revisions and all that they build on; unknown ones are left out. */
  ancestors: (ids: readonly string[]) => ReadonlySet<string>;
  /** Those of the given that none of the others builds on. */
  tips: (ids: Iterable<string>) => string[];
}

/** Fewer characters are more often a typing mistake than a meant abbreviation. */
const SHORTEST_PREFIX = 4;

/** Throws where a revision follows one that is not there, or itself, or where two share a branch label. */
export function createGraph(revisions: readonly Revision[], { command }: Pick<Graph, 'command'>): Graph {
  const byId = new Map(revisions.map((revision) => [revision.id, revision]));
  const byLabel = labels(revisions);
  const followers = Map.groupBy(
    revisions.flatMap((revision) => revision.down_revisions.map((down) => ({ down, revision }))),
    ({ down }) => down,
  );
  for (const [down, [first]] of followers)
    if (!byId.has(down))
      throw new MigrationError(
        `Revision ${first?.revision.id} follows ${down}, which is not among the files: restore its folder`,
      );

  const ancestors = (ids: readonly string[]): ReadonlySet<string> => {
    const seen = new Set<string>();
    const open = [...ids];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      const revision = byId.get(id);
      if (revision === undefined || seen.has(id)) continue;
      seen.add(id);
      open.push(...revision.down_revisions);
    }
    return seen;
  };

  return {
    ordered: inOrder(revisions, (id) => (followers.get(id) ?? []).map(({ revision }) => revision)),
    heads: revisions.map(({ id }) => id).filter((id) => !followers.has(id)),
    command,
    has: (id) => byId.has(id),
    get: (text) => byLabel.get(text) ?? byId.get(text) ?? byPrefix(revisions, text, command),
    followers: (id) => (followers.get(id) ?? []).map(({ revision }) => revision),
    ancestors,
    tips: (ids) => {
      const all = [...ids];
      const below = ancestors(all.flatMap((id) => byId.get(id)?.down_revisions ?? []));
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

function inOrder(revisions: readonly Revision[], followers: (id: string) => readonly Revision[]): Revision[] {
  const waiting = new Map(revisions.map(({ id, down_revisions }) => [id, new Set(down_revisions)]));
  const free = revisions.filter(({ down_revisions }) => down_revisions.length === 0);
  const ordered: Revision[] = [];
  for (let next = free.shift(); next !== undefined; next = free.shift()) {
    ordered.push(next);
    for (const follower of followers(next.id)) {
      const left = waiting.get(follower.id);
      left?.delete(next.id);
      if (left?.size === 0) free.push(follower);
    }
  }
  if (ordered.length === revisions.length) return ordered;
  const circle = revisions.filter((revision) => !ordered.includes(revision)).map(({ id }) => id);
  throw new MigrationError(`The revisions ${circle.join(', ')} follow each other in a circle`);
}
