import type { ListedRevision } from '../migrator.ts';

/** A revision in one line, as Alembic's history prints it. */
export function revisionLine(
  { id, down_revisions, depends_on, branch_labels, message, ...revision }: ListedRevision,
  marks: string[] = [],
): string {
  const from = down_revisions.join(', ') || '<base>';
  const needs = depends_on.length > 0 ? [`(depends on ${depends_on.join(', ')})`] : [];
  const labels = branch_labels.map((label) => `(${label})`);
  return `${from} -> ${[id, ...needs, ...labels, ...marksOf(revision), ...marks].join(' ')}, ${message}`;
}

/** A revision in full. */
export function revisionDetails(revision: ListedRevision): string {
  const { id, down_revisions, depends_on, branch_labels, message, create_date, path } = revision;
  return [
    `Rev: ${[id, ...marksOf(revision)].join(' ')}`,
    `Parent: ${down_revisions.join(', ') || '<base>'}`,
    ...(depends_on.length > 0 ? [`Depends On: ${depends_on.join(', ')}`] : []),
    ...(branch_labels.length > 0 ? [`Branch labels: ${branch_labels.join(', ')}`] : []),
    `Path: ${path}`,
    `Create Date: ${create_date}`,
    '',
    `    ${message}`,
    '',
  ].join('\n');
}

function marksOf({
  is_head,
  is_branch_point,
  is_merge,
}: Pick<ListedRevision, 'is_head' | 'is_branch_point' | 'is_merge'>): string[] {
  const marks = [is_head && '(head)', is_branch_point && '(branchpoint)', is_merge && '(mergepoint)'];
  return marks.filter((mark) => mark !== false);
}
