import type { ListedRevision } from '../migrator.ts';

/** A revision in one line, as Alembic's history prints it. */
export function revisionLine(
  { id, down_revisions, message, ...revision }: ListedRevision,
  marks: string[] = [],
): string {
  const from = down_revisions.join(', ') || '<base>';
  return `${from} -> ${[id, ...marksOf(revision), ...marks].join(' ')}, ${message}`;
}

/** A revision in full. */
export function revisionDetails(revision: ListedRevision): string {
  const { id, down_revisions, branch_labels, message, create_date, path } = revision;
  return [
    `Rev: ${[id, ...marksOf(revision)].join(' ')}`,
    `Parent: ${down_revisions.join(', ') || '<base>'}`,
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
