import { MigrationError } from '../errors.ts';
import { createGraph, type Graph } from './graph.ts';
import type { Header } from './header.ts';

/** The version table's column holds no more. */
const LONGEST_ID = 32;
const LONGEST_MESSAGE = 2000;
/** Words with a meaning of their own in a target. */
const TAKEN = new Set(['head', 'heads', 'base', 'current']);
const NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_.-]*$/u;

/** Throws, before anything is written, for a header that a later command could not read, name or put in order. */
export function refuseNames(graph: Graph, header: Header): void {
  const { id, branch_labels, message } = header;
  if (graph.has(id)) throw new MigrationError(`There is a revision ${id} already`);
  // As Alembic has it: these would begin a step or name a branch.
  if (!isName(id) || id.length > LONGEST_ID || /[-+@]/.test(id))
    throw new MigrationError(
      `--rev-id ${shown(id)}: an id has 1 to ${LONGEST_ID} letters, digits, underscores or dots, and is none of ${[...TAKEN].join(', ')}`,
    );
  for (const label of branch_labels)
    if (!isName(label) || label.length > LONGEST_ID)
      throw new MigrationError(
        `--branch-label ${shown(label)}: a label has 1 to ${LONGEST_ID} letters, digits, underscores, dots or hyphens, does not end as -1 does, and is none of ${[...TAKEN].join(', ')}`,
      );
  const meant = branch_labels.find((label) => graph.has(label) || label === id);
  if (meant !== undefined) throw new MigrationError(`--branch-label ${meant}: a revision has that id`);
  if (message.trim() === '') throw new MigrationError('The message is empty: say what changes');
  if (message.length > LONGEST_MESSAGE)
    throw new MigrationError(
      `The message has ${message.length} characters, more than ${LONGEST_MESSAGE}: say it shorter, and write the rest into the file`,
    );
  // What the graph would refuse later is refused now.
  createGraph([...graph.ordered, { ...header, path: '' }], graph);
}

function isName(text: string): boolean {
  return NAME.test(text) && !TAKEN.has(text) && !/[-+]\d+$/.test(text);
}

function shown(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}…` : text);
}
