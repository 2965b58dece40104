import { relative } from 'node:path';
import type { Finding } from '../migrator.ts';

/** A danger with its reason and the way around it. */
export function findingText(finding: Finding): string {
  const { why, recipe, lock, blocks, table, accepted } = finding;
  const waits = lock === undefined ? [] : [`${lock} on ${table}: blocks ${blocks}`];
  const way = accepted === undefined ? ['Safe way:', ...indented(recipe)] : [`Accepted because ${accepted}`];
  return [heading(finding), ...[...waits, why, ...way].map((line) => `    ${line}`)].join('\n');
}

/** True if a finding makes `lint` fail: a danger that is not accepted, or an error. */
export function isOpen({ severity, accepted }: Finding): boolean {
  return severity !== 'notice' && accepted === undefined;
}

/** A workflow command of GitHub, which shows the finding at its line. */
export function githubLine({ file, line, column, rule, severity, why, recipe, accepted }: Finding): string {
  const level = severity === 'notice' || accepted !== undefined ? 'notice' : 'error';
  const place = `file=${escaped(relative(process.cwd(), file))},line=${line},col=${column},title=${escaped(rule)}`;
  const text = accepted === undefined ? `${why}\n${recipe}` : `Accepted because ${accepted}`;
  return `::${level} ${place}::${text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')}`;
}

/** Where it is, as editors read it. */
export function placeOf({ file, line, column }: Pick<Finding, 'file' | 'line' | 'column'>): string {
  return `${relative(process.cwd(), file)}:${line}:${column}`;
}

/** The same in one line, for before an upgrade. */
export function warningLine(finding: Finding, command: string): string {
  return `warning: ${heading(finding)} (${finding.why}) See: ${command} lint ${finding.revision}`;
}

function heading({ rule, severity, statement, ...place }: Finding): string {
  const label = severity === 'danger' ? '' : `${severity}: `;
  return `${placeOf(place)}  ${label}${rule}  ${statement}`;
}

function indented(text: string): string[] {
  return text.split('\n').map((line) => `    ${line}`);
}

/** In a property of a workflow command. */
function escaped(text: string): string {
  return text
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A')
    .replaceAll(':', '%3A')
    .replaceAll(',', '%2C');
}
