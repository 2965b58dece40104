import { MigrationError } from '../errors.ts';
import type { Graph } from './graph.ts';
import type { Revision } from './revisions.ts';

/** The revisions to apply from `versions` up to a target (`head`, `heads`, `+N`, `REV`, `REV+N`), in their order. */
export function upgradePlan(graph: Graph, versions: readonly string[], target: string): Revision[] {
  const applied = graph.ancestors(versions);
  const open = (goal: readonly string[]): Revision[] => {
    const wanted = graph.ancestors(goal);
    return graph.ordered.filter(({ id }) => !applied.has(id) && wanted.has(id));
  };
  const steps = /^\+(\d+)$/.exec(target)?.[1];
  if (steps === undefined) return open(resolve(graph, target));
  const due = open([singleHead(graph)].filter((head) => head !== undefined));
  if (due.length < Number(steps))
    throw new MigrationError(
      `Only ${count(due.length, 'revision is', 'revisions are')} left to apply, fewer than ${target}`,
    );
  return due.slice(0, Number(steps));
}

/** The revisions to revert from `versions` down to a target (`base`, `-N`, `REV`, `REV-N`; the named one stays), newest first. */
export function downgradePlan(graph: Graph, versions: readonly string[], target: string): Revision[] {
  const applied = graph.ancestors(versions);
  const newestFirst = graph.ordered.filter(({ id }) => applied.has(id)).reverse();
  if (target === 'base') return newestFirst;
  const steps = /^-(\d+)$/.exec(target)?.[1];
  if (steps !== undefined) {
    if (newestFirst.length < Number(steps))
      throw new MigrationError(
        `Only ${count(newestFirst.length, 'revision is', 'revisions are')} applied, fewer than ${target}`,
      );
    return newestFirst.slice(0, Number(steps));
  }
  const [goal = '', ...more] = resolve(graph, target);
  if (more.length > 0) throw new MigrationError(`${target} names several revisions; name the one to go down to`);
  if (!applied.has(goal))
    throw new MigrationError(`The database is not at or above ${goal}, so it cannot go down to it`);
  // What stands beside the goal on another branch stays; what builds on the goal goes.
  return newestFirst.filter(({ id }) => id !== goal && graph.ancestors([id]).has(goal));
}

/** What a target names: `head`, `heads`, `base`, a revision, or one so many steps from it; ids, none for `base`. */
export function resolve(graph: Graph, target: string): string[] {
  if (target === 'base') return [];
  if (target === 'heads') return [...graph.heads];
  if (target === 'head') return [singleHead(graph)].filter((head) => head !== undefined);
  const { name = target, sign, steps } = /^(?<name>.+?)(?<sign>[+-])(?<steps>\d+)$/.exec(target)?.groups ?? {};
  if (sign === undefined) return [branchHead(graph, target)];
  const [start = ''] = resolve(graph, name);
  return [walk(graph, { start, steps: Number(steps), direction: sign === '+' ? 'up' : 'down' })];
}

/** The one head, `undefined` where there is no revision yet. Throws where there are several. */
export function singleHead({ heads, command }: Graph): string | undefined {
  if (heads.length > 1)
    throw new MigrationError(
      `There are ${heads.length} heads: ${heads.join(', ')}. Join them with: ${command} merge ${heads.join(' ')} -m "merge"`,
    );
  return heads[0];
}

/** `label@head` is the newest of a labelled branch. */
function branchHead(graph: Graph, target: string): string {
  const label = /^(.+)@heads?$/.exec(target)?.[1];
  if (label === undefined) return graph.get(target).id;
  const { id } = graph.get(label);
  const [head = '', ...others] = graph.heads.filter((tip) => graph.ancestors([tip]).has(id));
  if (others.length > 0)
    throw new MigrationError(`Branch ${label} has ${others.length + 1} heads: ${[head, ...others].join(', ')}`);
  return head;
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
