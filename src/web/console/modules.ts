import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { link } from './link.ts';

/** One file as it is sent. */
export interface ConsoleFile {
  type: string;
  content: Buffer;
  compressed: Buffer;
}

/** All that the console's page loads, below a path that changes with any of it. */
export interface ConsoleFiles {
  /** The path of the stylesheet. */
  sheet: string;
  /** The paths of the modules, the first one imports the others. */
  modules: readonly string[];
  files: ReadonlyMap<string, ConsoleFile>;
  /** True if a file was changed since it was read. */
  isStale: () => boolean;
}

const UI = join(import.meta.dirname, 'ui');
const ENTRY = join(UI, 'main.ts');
/** By what they style, sent as one file in this order: the last one overrides the others on narrow screens. */
const STYLES = ['base', 'controls', 'door', 'frame', 'lists', 'sections', 'states', 'home', 'overlays', 'widths'];
const SHEETS = [join(import.meta.dirname, '../theme.css'), ...STYLES.map((name) => join(UI, 'styles', `${name}.css`))];
const PACKAGES = resolve(import.meta.dirname, '../../../packages');
const IMPORT = /(\bfrom\s*|\bimport\s*)(["'])([\w@./-]+)\2/g;

/**
 * Reads the modules that the entry imports, and the stylesheet: ours as one module without types, those of npm as they ship. A
 * browser knows paths alone, so every import names the path of its module.
 */
export function readConsole(): ConsoleFiles {
  const { code, files, outside } = link(ENTRY, { read: typeless, resolve: fileOfImport, isLinked: isOurs, nameOf });
  const modules = new Map([[ENTRY, leanOf(code)]]);
  for (const file of outside) addModule(modules, file);
  const sheet = SHEETS.map((path) => readFileSync(path, 'utf8')).join('\n');
  const parts = [...modules].flatMap(([file, text]) => [nameOf(file), text]);
  const digest = createHash('sha256')
    .update([sheet, ...parts].join('\0'))
    .digest('base64url')
    .slice(0, 16);
  const pathOf = (name: string): string => `/console/assets/${digest}/${name}`;
  const sources = [...new Set([...files, ...modules.keys(), ...SHEETS])];
  const newest = newestOf(sources);
  return {
    sheet: pathOf('console.css'),
    modules: [...modules.keys()].map((file) => pathOf(nameOf(file))),
    files: new Map([
      [pathOf('console.css'), fileOf('text/css; charset=utf-8', sheet)] as const,
      ...[...modules].map(
        ([file, text]) => [pathOf(nameOf(file)), fileOf('text/javascript; charset=utf-8', text)] as const,
      ),
    ]),
    isStale: () => newestOf(sources) !== newest,
  };
}

/** Adds a module of npm and all that it imports, each once. */
function addModule(modules: Map<string, string>, file: string): void {
  if (modules.has(file)) return;
  modules.set(file, '');
  const source = readFileSync(file, 'utf8').replace(/\n\/\/# sourceMappingURL=.*/, '');
  const code = source.replace(IMPORT, (_all, word: string, quote: string, specifier: string) => {
    const target = fileOfImport(specifier, file);
    addModule(modules, target);
    const path = posix.relative(posix.dirname(nameOf(file)), nameOf(target));
    return `${word}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
  });
  modules.set(file, code);
}

function isOurs(file: string): boolean {
  return file.endsWith('.ts');
}

/** Blanks stand in place of the types, so that no line moves. */
function typeless(file: string): string {
  return stripTypeScriptTypes(readFileSync(file, 'utf8'));
}

/**
 * The code without the lines of comments, the indentation, and the spaces where types stood: for readers alone, and a tenth
 * of what is sent. No text of ours spans lines or has three spaces, which a test checks.
 */
function leanOf(code: string): string {
  return code
    .replaceAll(/ {3,}/g, ' ')
    .replaceAll(/^ +| +$/gm, '')
    .replaceAll(/\n{2,}/g, '\n')
    .replaceAll(/^(\/\/.*|\/\*((?!\*\/)[\s\S])*\*\/)\n/gm, '');
}

function fileOfImport(specifier: string, importer: string): string {
  return specifier.startsWith('.')
    ? resolve(dirname(importer), specifier)
    : fileURLToPath(import.meta.resolve(specifier));
}

/** Ours by their place, others by their package. */
function nameOf(file: string): string {
  const place = file.startsWith(UI + sep)
    ? relative(UI, file)
    : (file.split(`node_modules${sep}`).at(-1) ?? file).replace(PACKAGES + sep, '');
  return place.replaceAll(sep, '/').replace(/\.(ts|mjs)$/, '.js');
}

function fileOf(type: string, text: string): ConsoleFile {
  const content = Buffer.from(text);
  return { type, content, compressed: gzipSync(content, { level: 9 }) };
}

function newestOf(paths: readonly string[]): number {
  return Math.max(...paths.map((path) => statSync(path).mtimeMs));
}
