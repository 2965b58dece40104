import { MigrationError } from './errors.ts';
import type { Revision } from './revisions.ts';

/** The revisions as what they are: a graph from the first ones to the heads. */
export interface Graph {
  /** Oldest first: a revision stands after all that it follows. */
  readonly ordered: readonly Revision[];
  readonly heads: readonly string[];
  /** By full id or a beginning of it that is enough; throws for an unknown or ambiguous one. */
  get: (id: string) => Revision;
  /** The revision and all that it builds on. */
  ancestors: (ids: readonly string[]) => ReadonlySet<string>;
}

/** Throws where a revision follows one that is not there, or itself. */
export function createGraph(revisions: readonly Revision[]): Graph {
  const byId = new Map(revisions.map((revision) => [revision.id, revision]));
  for (const { id, down_revisions } of revisions) {
    const missing = down_revisions.find((down) => !byId.has(down));
    if (missing !== undefined)
      throw new MigrationError(`Revision ${id} follows ${missing}, which is not among the files`);
  }
  const followed = new Set(revisions.flatMap(({ down_revisions }) => down_revisions));

  const ancestors = (ids: readonly string[]): ReadonlySet<string> => {
    const seen = new Set<string>();
    const open = [...ids];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      if (seen.has(id)) continue;
      seen.add(id);
      open.push(...(byId.get(id)?.down_revisions ?? []));
    }
    return seen;
  };

  return {
    ordered: inOrder(revisions),
    heads: revisions.map(({ id }) => id).filter((id) => !followed.has(id)),
    ancestors,
    get: (text) => {
      const exact = byId.get(text);
      if (exact !== undefined) return exact;
      const matches = revisions.filter(({ id }) => text.length >= 4 && id.startsWith(text));
      const [match, ...others] = matches;
      if (match === undefined) throw new MigrationError(`There is no revision ${text}; see: back history`);
      if (others.length > 0)
        throw new MigrationError(
          `${text} is the beginning of ${matches.map(({ id }) => id).join(' and ')}; type more of it`,
        );
      return match;
    },
  };
}

function inOrder(revisions: readonly Revision[]): Revision[] {
  const waiting = new Map(revisions.map((revision) => [revision.id, new Set(revision.down_revisions)]));
  const followers = Map.groupBy(
    revisions.flatMap((revision) => revision.down_revisions.map((down) => ({ down, revision }))),
    ({ down }) => down,
  );
  const free = revisions.filter(({ down_revisions }) => down_revisions.length === 0);
  const ordered: Revision[] = [];
  for (let next = free.shift(); next !== undefined; next = free.shift()) {
    ordered.push(next);
    for (const { revision } of followers.get(next.id) ?? []) {
      const left = waiting.get(revision.id);
      left?.delete(next.id);
      if (left?.size === 0) free.push(revision);
    }
  }
  if (ordered.length < revisions.length) throw new MigrationError('The revisions follow each other in a circle');
  return ordered;
}
