/** What the opening comment of `upgrade.sql` says, in Alembic's words. */
export interface Header {
  id: string;
  /** The revisions that it follows: none for the first, two or more for a merge. */
  down_revisions: readonly string[];
  /** Revisions of other branches that have to be applied before it. */
  depends_on: readonly string[];
  branch_labels: readonly string[];
  /** One line: what changes. */
  message: string;
  create_date: string;
}

/** The comment that opens a revision's `upgrade.sql`. */
export function formatHeader({ id, down_revisions, depends_on, branch_labels, message, create_date }: Header): string {
  const lines = [
    ...message.split(/\r\n?|\n/),
    '',
    `Revision ID: ${id}`,
    `Revises: ${down_revisions.join(', ')}`,
    ...(depends_on.length > 0 ? [`Depends On: ${depends_on.join(', ')}`] : []),
    ...(branch_labels.length > 0 ? [`Branch Labels: ${branch_labels.join(', ')}`] : []),
    `Create Date: ${create_date}`,
  ];
  return `${lines.map((line) => `-- ${line}`.trimEnd()).join('\n')}\n`;
}

/** Reads it back; `undefined` if the text does not open with such a comment. */
export function parseHeader(text: string): Header | undefined {
  const all = text.split(/\r?\n/);
  const end = all.findIndex((line) => line.trim() !== '' && !line.startsWith('--'));
  const lines = end === -1 ? all : all.slice(0, end);
  const field = (label: string): string | undefined =>
    lines
      .find((line) => line.startsWith(`-- ${label}:`))
      ?.slice(label.length + 4)
      .trim();
  const id = field('Revision ID');
  if (id === undefined || !/^[^\s,:@/\\]{1,32}$/.test(id)) return undefined;
  return {
    id,
    down_revisions: words(field('Revises')),
    depends_on: words(field('Depends On')),
    branch_labels: words(field('Branch Labels')),
    message: (lines[0] ?? '').replace(/^--\s*/, ''),
    create_date: field('Create Date') ?? '',
  };
}

function words(list = ''): string[] {
  return list
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
