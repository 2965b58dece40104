import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

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

interface Module {
  /** Its path below the assets. */
  name: string;
  code: string;
}

const UI = join(import.meta.dirname, 'ui');
const ENTRY = join(UI, 'main.ts');
/** By what they style, sent as one file in this order: the last one overrides the others on narrow screens. */
const STYLES = ['base', 'controls', 'door', 'frame', 'lists', 'sections', 'states', 'home', 'overlays', 'widths'];
const SHEETS = [join(import.meta.dirname, '../theme.css'), ...STYLES.map((name) => join(UI, 'styles', `${name}.css`))];
const PACKAGES = resolve(import.meta.dirname, '../../../packages');
/** A text of ours may say "from": no specifier has spaces. */
const IMPORT = /(\bfrom\s*|\bimport\s*)(["'])([\w@./-]+)\2/g;

/**
 * Reads the modules that the entry imports, ours without their types and those of packages as they ship, and the stylesheet.
 * A browser knows paths alone, so every import names the path of its module.
 */
export function readConsole(): ConsoleFiles {
  const modules = new Map<string, Module>();
  addModule(modules, ENTRY);
  const sheet = SHEETS.map((path) => readFileSync(path, 'utf8')).join('\n');
  const parts = [...modules.values()].flatMap(({ name, code }) => [name, code]);
  const digest = createHash('sha256')
    .update([sheet, ...parts].join('\0'))
    .digest('base64url')
    .slice(0, 16);
  const pathOf = (name: string): string => `/console/assets/${digest}/${name}`;
  const sources = [...modules.keys(), ...SHEETS];
  const newest = newestOf(sources);
  return {
    sheet: pathOf('console.css'),
    modules: [...modules.values()].map(({ name }) => pathOf(name)),
    files: new Map([
      [pathOf('console.css'), fileOf('text/css; charset=utf-8', sheet)] as const,
      ...[...modules.values()].map(
        ({ name, code }) => [pathOf(name), fileOf('text/javascript; charset=utf-8', code)] as const,
      ),
    ]),
    isStale: () => newestOf(sources) !== newest,
  };
}

/** Adds a module and all that it imports, each once. */
function addModule(modules: Map<string, Module>, file: string): string {
  const known = modules.get(file);
  if (known !== undefined) return known.name;
  const name = nameOf(file);
  const source = readFileSync(file, 'utf8');
  const module: Module = { name, code: '' };
  modules.set(file, module);
  const code = file.endsWith('.ts')
    ? leanOf(stripTypeScriptTypes(source))
    : source.replace(/\n\/\/# sourceMappingURL=.*/, '');
  module.code = code.replace(IMPORT, (_all, word: string, quote: string, specifier: string) => {
    const target = addModule(modules, fileOfImport(specifier, file));
    const path = posix.relative(posix.dirname(name), target);
    return `${word}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
  });
  return name;
}

/**
 * The code without the lines of comments, the indentation, and the spaces where types stood: for readers alone, and a tenth
 * of what is sent. No text of ours spans lines or has three spaces, which a test checks.
 */
function leanOf(code: string): string {
  return code
    .replaceAll(/^\s*(\/\/.*|\/\*[\s\S]*?\*\/\s*)$/gm, '')
    .replaceAll(/ {3,}/g, ' ')
    .replaceAll(/^\s+|\s+$/gm, '')
    .replaceAll(/\n+/g, '\n');
}

function fileOfImport(specifier: string, importer: string): string {
  return specifier.startsWith('.')
    ? resolve(dirname(importer), specifier)
    : fileURLToPath(import.meta.resolve(specifier));
}

/** Ours by their place, those of the workspace and of npm by their package. */
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
