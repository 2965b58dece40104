import { existsSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { readTextFile } from '../utils/text-files.ts';
import { ConfigError, type Environment } from './settings.ts';

const ASSIGNMENT = /^[ \t]*(?:export[ \t]+)?([\w.]+)[ \t]*=[ \t]*('?)/gm;
const REFERENCE = /\\\$\{|\$\{(\w+)(?::-([^}]*))?\}/g;

/**
 * The variables of a `.env` file; none if there is no such file. `${NAME}` and `${NAME:-otherwise}` stand for variables of
 * the process or of the file, but not within single quotes and not as `\${`. Throws one ConfigError for a file that is not
 * text and for names that are not set.
 */
export function readEnvFile(path: string, environment: Environment): Environment {
  if (!existsSync(path)) return {};
  const text = attempt(() => readTextFile(path));
  const values = parseEnv(text);
  const literal = literalNames(text);
  const problems: string[] = [];

  const expand = (name: string, trail: readonly string[]): string => {
    const value = values[name] ?? '';
    if (literal.has(name)) return value;
    return value.replaceAll(REFERENCE, (matched: string, reference?: string, otherwise?: string) => {
      if (reference === undefined) return matched.slice(1);
      const known = trail.includes(reference) ? undefined : resolve(reference, [...trail, reference]);
      if (known !== undefined && known !== '') return known;
      if (known === undefined && otherwise === undefined)
        problems.push(
          `.env has \${${reference}} in ${name}, which is not set; write '…' around the value to keep it as it is`,
        );
      return otherwise ?? '';
    });
  };
  const resolve = (name: string, trail: readonly string[]): string | undefined =>
    environment[name] ?? (name in values ? expand(name, trail) : undefined);

  const expanded = Object.fromEntries(Object.keys(values).map((name) => [name, expand(name, [name])]));
  if (problems.length > 0) throw new ConfigError([...new Set(problems)]);
  return expanded;
}

/** The names whose last value is in single quotes. */
function literalNames(text: string): Set<string> {
  const quotes = new Map([...text.matchAll(ASSIGNMENT)].map(([, name = '', quote]) => [name, quote]));
  return new Set([...quotes].filter(([, quote]) => quote === "'").map(([name]) => name));
}

function attempt(read: () => string): string {
  try {
    return read();
  } catch (error) {
    const isSystem = error instanceof Error && 'syscall' in error;
    throw new ConfigError([`.env ${isSystem ? 'cannot be read' : (error as Error).message}`]);
  }
}
