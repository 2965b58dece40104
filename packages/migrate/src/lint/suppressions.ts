import type { Finding } from './finding.ts';
import { findRule } from './rules.ts';
import type { ReadScript } from './script.ts';

/** `-- lint: allow <rule> because <reason>`; the reason, if the comment is about this rule. */
export function reasonFor(comment: string, rule: string): string | undefined {
  const { name, reason } =
    /^--\s*lint:\s*allow\s+(?<name>[\w-]+)\s+because\s+(?<reason>\S.*)$/.exec(comment)?.groups ?? {};
  return name === rule && findRule(rule)?.severity !== 'error' ? reason?.trim() : undefined;
}

/** The suppressions that suppress nothing: of an unknown rule, without a reason, or above a statement that needs none. */
export function straySuppressions(
  { statements }: ReadScript,
  place: Pick<Finding, 'revision' | 'file'>,
  findings: readonly Finding[],
): Finding[] {
  return statements.flatMap(({ statement: { comments, line, column } }) =>
    comments.flatMap((comment) => {
      const own = findings.filter((finding) => finding.line === line && finding.column === column);
      const problem = problemOf(comment, own);
      return problem === undefined ? [] : [stray(comment, problem, { ...place, line, column })];
    }),
  );
}

function problemOf(comment: string, findings: readonly Finding[]): string | undefined {
  const [, rule, rest = ''] = /^--\s*lint:\s*allow\s+([\w-]+)(.*)$/.exec(comment) ?? [];
  if (rule === undefined) return /^--\s*lint:/.test(comment) ? 'Write it as -- lint: allow RULE because …' : undefined;
  if (findRule(rule) === undefined) return `There is no rule ${rule}.`;
  if (!/^\s+because\s+\S/.test(rest)) return 'It gives no reason: … because …';
  return findings.some((finding) => finding.rule === rule) ? undefined : `The statement does not break ${rule}.`;
}

function stray(comment: string, why: string, place: Pick<Finding, 'revision' | 'file' | 'line' | 'column'>): Finding {
  return {
    ...place,
    rule: 'stray-suppression',
    severity: 'danger',
    statement: comment,
    table: '',
    lock: undefined,
    blocks: undefined,
    why,
    recipe: 'Mend the comment or take it out.',
    accepted: undefined,
  };
}
