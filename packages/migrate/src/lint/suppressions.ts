import type { Revision } from '../script/revisions.ts';
import type { Finding } from './finding.ts';
import type { Operation } from './operations.ts';
import { RULES } from './rules.ts';

/** The suppressions that suppress nothing: of an unknown rule, without a reason, or above a statement that needs none. */
export function straySuppressions(
  revision: Revision,
  operations: readonly Operation[],
  findings: readonly Finding[],
): Finding[] {
  const statements = new Set(operations.map(({ statement }) => statement));
  return [...statements].flatMap(({ comments, line }) =>
    comments.flatMap((comment) => {
      const problem = problemOf(
        comment,
        findings.filter((finding) => finding.line === line),
      );
      return problem === undefined ? [] : [stray(revision, { line, comment, problem })];
    }),
  );
}

function problemOf(comment: string, findings: readonly Finding[]): string | undefined {
  const [, rule, rest = ''] = /^--\s*lint:\s*allow\s+([\w-]+)(.*)$/.exec(comment) ?? [];
  if (rule === undefined) return /^--\s*lint:/.test(comment) ? 'Write it as -- lint: allow RULE because …' : undefined;
  if (!RULES.some(({ name }) => name === rule)) return `There is no rule ${rule}.`;
  if (!/^\s+because\s+\S/.test(rest)) return 'It gives no reason: … because …';
  return findings.some((finding) => finding.rule === rule) ? undefined : `The statement does not break ${rule}.`;
}

function stray(
  revision: Revision,
  { line, comment, problem }: { line: number; comment: string; problem: string },
): Finding {
  return {
    rule: 'stray-suppression',
    severity: 'danger',
    revision: revision.id,
    file: `${revision.path}/upgrade.sql`,
    line,
    statement: comment,
    table: '',
    lock: undefined,
    blocks: undefined,
    why: problem,
    recipe: 'Mend the comment or take it out.',
    accepted: undefined,
  };
}
