import { relative } from 'node:path';
import type { Finding } from '../migrator.ts';

/** A danger with its reason and the way around it. */
export function findingText(finding: Finding): string {
  const { why, recipe, lock, blocks, table, accepted } = finding;
  const waits = lock === undefined ? [] : [`${lock} on ${table}: blocks ${blocks}`];
  const way = accepted === undefined ? ['Safe way:', ...indented(recipe)] : [`Accepted because ${accepted}`];
  return [heading(finding), ...[...waits, why, ...way].map((line) => `    ${line}`)].join('\n');
}

/** The same in one line, for before an upgrade. */
export function warningLine(finding: Finding, command: string): string {
  return `warning: ${heading(finding)} (${finding.why}) See: ${command} lint ${finding.revision}`;
}

function heading({ file, line, rule, severity, statement }: Finding): string {
  const label = severity === 'danger' ? '' : `${severity}: `;
  return `${relative(process.cwd(), file)}:${line}  ${label}${rule}  ${statement}`;
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `    ${line}`);
}
