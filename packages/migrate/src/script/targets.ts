import { MigrationError } from '../errors.ts';
import { branchHead, branchOf, forkedHeads, ownHeads, upstreamHeads } from './branches.ts';
import type { Graph } from './graph.ts';
import type { Revision } from './revisions.ts';

/**
 * The revisions to apply from `versions` up to a target (`head`, `heads`, `+N`, `REV`, `REV+N`, `LABEL@head`, `LABEL@+N`), in
 * their order, with what they depend on.
 */
export function upgradePlan(graph: Graph, versions: readonly string[], target: string): Revision[] {
  const applied = graph.ancestors(versions);
  const open = (goal: readonly string[]): Revision[] => {
    const wanted = graph.ancestors(goal);
    return graph.ordered.filter(({ id }) => !applied.has(id) && wanted.has(id));
  };
  const { label, steps } = /^(?:(?<label>.+)@)?\+(?<steps>\d+)$/.exec(target)?.groups ?? {};
  if (steps === undefined) return open(goalOf(graph, target));
  const branch = label === undefined ? undefined : branchOf(graph, label);
  const due = open(label === undefined ? goalOf(graph, 'head') : [branchHead(graph, label)]);
  const next = due.filter(({ id }) => branch === undefined || branch.has(id)).slice(0, Number(steps));
  if (next.length < Number(steps))
    throw new MigrationError(
      `Only ${count(next.length, 'revision is', 'revisions are')} left to apply, fewer than ${target}`,
    );
  return branch === undefined ? next : open(next.map(({ id }) => id));
}

/**
 * The revisions to revert from `versions` down to a target (`base`, `-N`, `REV`, `REV-N`, `LABEL@base`, `LABEL@-N`, `LABEL@REV`;
 * the named one stays), newest first, each after all that depend on it.
 */
export function downgradePlan(graph: Graph, versions: readonly string[], target: string): Revision[] {
  const applied = graph.ancestors(versions);
  const newestFirst = graph.ordered.filter(({ id }) => applied.has(id)).reverse();
  if (target === 'base') return newestFirst;
  const withDependents = (goals: readonly string[]): Revision[] =>
    newestFirst.filter(({ id }) => {
      const below = graph.ancestors([id]);
      return goals.some((goal) => below.has(goal));
    });
  const { label, rest = target } = /^(?<label>[^@]+)@(?<rest>base|-\d+)$/.exec(target)?.groups ?? {};
  const steps = /^-(\d+)$/.exec(rest)?.[1];
  if (label === undefined && steps === undefined) {
    const goal = goalBelow(graph, applied, target);
    // What stands beside the goal on another branch stays; what builds on the goal goes.
    return withDependents([goal]).filter(({ id }) => id !== goal);
  }
  const branch = label === undefined ? graph.lineage(ownHeads(graph)) : branchOf(graph, label);
  const line = newestFirst.filter(({ id }) => branch.has(id)).map(({ id }) => id);
  if (line.length < Number(steps ?? 0))
    throw new MigrationError(
      `Only ${count(line.length, 'revision is', 'revisions are')} applied, fewer than ${target}${elsewhere(graph, label)}`,
    );
  return withDependents(line.slice(0, steps === undefined ? line.length : Number(steps)));
}

/** What a target names: `head`, `heads`, `base`, a revision, or one a number of steps from it; ids, none for `base`. */
export function resolve(graph: Graph, target: string): string[] {
  if (target === 'base') return [];
  if (target === 'heads') return [...graph.heads];
  if (target === 'head') return [singleHead(graph)].filter((head) => head !== undefined);
  const { name = target, sign, steps } = /^(?<name>.+?)(?<sign>[+-])(?<steps>\d+)$/.exec(target)?.groups ?? {};
  if (sign === undefined) return named(graph, target);
  const [start = ''] = resolve(graph, name);
  return [walk(graph, { start, steps: Number(steps), direction: sign === '+' ? 'up' : 'down' })];
}

/** What a target to go to names: like `resolve`, but `head` takes the upstream branches along. */
export function goalOf(graph: Graph, target: string): string[] {
  return [...resolve(graph, target), ...(target === 'head' ? upstreamHeads(graph) : [])];
}

/** The one head, `undefined` if there is no revision yet. Throws if there are several. */
export function singleHead(graph: Graph): string | undefined {
  const heads = ownHeads(graph);
  if (heads.length < 2) return heads[0];
  const forked = forkedHeads(graph);
  const way =
    forked.length > 0
      ? `Join them with: ${graph.command} merge ${forked.join(' ')} -m "merge"`
      : `Each is a branch of its own: name one as LABEL@head, or all as heads`;
  throw new MigrationError(`There are ${heads.length} heads: ${heads.join(', ')}. ${way}`);
}

/** `label@head` is the newest of a labelled branch, `label@base` what is before it, `label@REV` one of its revisions. */
function named(graph: Graph, target: string): string[] {
  const { label, rest = '' } = /^(?<label>[^@]+)@(?<rest>.+)$/.exec(target)?.groups ?? {};
  if (label === undefined) return [graph.get(target).id];
  if (rest === 'base') return [];
  if (rest === 'head' || rest === 'heads') return [branchHead(graph, label)];
  const { id } = graph.get(rest);
  if (!branchOf(graph, label).has(id)) throw new MigrationError(`Revision ${id} is not on the branch ${label}`);
  return [id];
}

function goalBelow(graph: Graph, applied: ReadonlySet<string>, target: string): string {
  const [goal = '', ...more] = resolve(graph, target);
  if (more.length > 0) throw new MigrationError(`${target} names several revisions; name the one to go down to`);
  if (!applied.has(goal))
    throw new MigrationError(`The database is not at or above ${goal}, so it cannot go down to it`);
  return goal;
}

function elsewhere({ upstream }: Graph, label: string | undefined): string {
  const [first] = upstream;
  return label !== undefined || first === undefined ? '' : `; the branch ${first} goes down with ${first}@-1`;
}

function walk(
  graph: Graph,
  { start, steps, direction }: { start: string; steps: number; direction: 'up' | 'down' },
): string {
  let id = start;
  for (let step = 0; step < steps; step++) {
    const next = direction === 'up' ? graph.followers(id).map((revision) => revision.id) : graph.get(id).down_revisions;
    const [only, ...others] = next;
    if (only === undefined)
      throw new MigrationError(`There are not ${steps} revisions ${direction === 'up' ? 'after' : 'before'} ${start}`);
    if (others.length > 0)
      throw new MigrationError(
        `${direction === 'up' ? 'After' : 'Before'} ${id} the way parts into ${next.join(' and ')}; name the revision itself`,
      );
    id = only;
  }
  return id;
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}
