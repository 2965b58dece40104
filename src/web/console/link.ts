import { Script } from 'node:vm';

/** What the linker is told of its surroundings. */
export interface Surroundings {
  /** The JavaScript of a file, each statement in the line that it has in the file. */
  read: (file: string) => string;
  /** The file that an import of another one means. */
  resolve: (specifier: string, importer: string) => string;
  /** False for a file that stays a module of its own. */
  isLinked: (file: string) => boolean;
  /** The path of a file from where the linked module stands. */
  nameOf: (file: string) => string;
}

/** Many modules as one. */
export interface Linked {
  code: string;
  /** What it is made of. */
  files: string[];
  /** What it imports. */
  outside: string[];
}

interface Module {
  variable: string;
  /** `undefined`: not known, of a module that is not linked. */
  exports?: ReadonlySet<string>;
}

interface Statement {
  line: number;
  clause: string;
  specifier: string;
}

const IMPORT = /^import\s+(?:(\{[^}]*\}|\*\s+as\s+[\w$]+)\s+from\s+)?(["'])([^"'\n]+)\2;?/gm;
const EXPORT = /^export ((?:(?:async )?function\*?|class|const) +([\w$]+))/gm;
/** What the two do not know, and what would load a module later. */
const UNKNOWN = /^(?:import|export)\b.*|\bimport\(.*/m;

/**
 * Links a module and all that it imports: each becomes a function that is called once, in the order of the imports, and gives
 * what it exports. A module that would then mean something else is refused: circles, exports that change, forms it does not know.
 */
export function link(entry: string, { read, resolve, isLinked, nameOf }: Surroundings): Linked {
  const modules = new Map<string, Module | undefined>();
  const imports: string[] = [];
  const bodies: string[] = [];

  function moduleOf(file: string): Module {
    const variable = `$${modules.size}_${nameOf(file)
      .replace(/.*\/|\.\w+$/g, '')
      .replace(/\W/g, '_')}`;
    modules.set(file, undefined);
    if (!isLinked(file)) {
      imports.push(`import * as ${variable} from './${nameOf(file)}';\n`);
      return { variable };
    }
    const { statements, exports, code } = parsed(file, read(file));
    const heads = statements.map((statement) => headOf(file, statement));
    bodies.push(`const ${variable} = (() => {\n${heads.join('')}${code}\nreturn { ${exports.join(', ')} };\n})();\n`);
    return { variable, exports: new Set(exports) };
  }

  /** An import as a declaration, after the module that it names. */
  function headOf(importer: string, { line, clause, specifier }: Statement): string {
    const file = resolve(specifier, importer);
    if (!modules.has(file)) modules.set(file, moduleOf(file));
    const module = modules.get(file);
    const refuse = (why: string): never => fail(importer, line, why);
    if (module === undefined) return refuse(`the import of ${specifier} closes a circle`);
    const { variable, exports } = module;
    if (!clause.startsWith('{')) return clause && `const ${clause.replace(/^.*\s/, '')} = ${variable};\n`;
    const names = clause.split(/[{},]\s*/).filter((name) => name.trim() !== '');
    const taken = names.map((name) => {
      const [source = '', local = source] = name.trim().split(/\s+as\s+/);
      if (exports?.has(source) === false) return refuse(`${specifier} has no export ${source}`);
      return local === source ? source : `${source}: ${local}`;
    });
    return taken.length === 0 ? '' : `const { ${taken.join(', ')} } = ${variable};\n`;
  }

  moduleOf(entry);
  const files = [...modules.keys()];
  return {
    code: [...imports, ...bodies].join(''),
    files: files.filter(isLinked),
    outside: files.filter((file) => !isLinked(file)),
  };
}

/** The code of a module without its imports and the words `export`. */
function parsed(file: string, source: string): { statements: Statement[]; exports: string[]; code: string } {
  const statements: Statement[] = [];
  const exports: string[] = [];
  const code = source
    .replace(IMPORT, (all, clause: string | undefined, _quote, specifier: string, at: number) => {
      statements.push({ line: lineOf(source, at), clause: clause ?? '', specifier });
      return all.replace(/[^\n]/g, '');
    })
    .replace(EXPORT, (_all, declaration: string, name: string) => {
      exports.push(name);
      return declaration;
    });
  const unknown = UNKNOWN.exec(code);
  if (unknown !== null) fail(file, lineOf(code, unknown.index), `cannot be linked: ${unknown[0]}`);
  try {
    // It is read and not run: a function has no `await` of a module.
    new Script(`(() => {${code}\n})`, { filename: file });
  } catch (error) {
    const { message, stack = '' } = error as SyntaxError;
    fail(file, Number(/:(\d+)\n/.exec(stack)?.[1]), message);
  }
  return { statements, exports, code };
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split('\n').length;
}

function fail(file: string, line: number, why: string): never {
  throw new Error(`${file}:${line}: ${why}`);
}
