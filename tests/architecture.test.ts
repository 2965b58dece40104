import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildApp } from '../src/app/app.ts';
import { ERROR_CODES } from '../src/app/utils/error-codes.ts';
import { testConfig } from './helpers/api.ts';
import { liveRoutes } from './helpers/operations.ts';

const ROOT = join(import.meta.dirname, '..');
const IMPORT = /^(?:import|export)\s+(type\s)?[^'"]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gms;

interface Import {
  target: string;
  type_only: boolean;
}

interface SourceFile {
  path: string;
  text: string;
  imports: Import[];
}

const sources = [...sourceFiles('src'), ...sourceFiles('packages')];
const graph = new Map(sources.map(({ path, imports }) => [path, imports.map(({ target }) => target)]));
const tests = sourceFiles('tests');
/** Where options are declared. */
const commands = [
  ...sources.filter(({ path }) => /^(src|packages\/migrate\/src)\/cli\//.test(path)),
  ...sourceFiles('bench'),
  ...sourceFiles('tests/faults'),
  ...sourceFiles('tests/fuzz'),
];

/**
 * The rooms of src/app as CONTRIBUTING.md's table names them, and where their files may reach inside src/app; `type:` for a
 * type alone. A file belongs to the longest name that fits.
 */
const ROOMS: Record<string, RegExp> = {
  'product.ts': /^config\/settings\.ts$|^observability\/declarations\.ts$|^utils\/(?!error)|^type:/,
  'product/': /^(product|services|models|schemas|utils)\/|^database\.ts$|^type:/,
  'utils/error-codes.ts': /^product\.ts$/,
  'utils/': /^utils\//,
  'core.ts': /^type:(config|database)\.ts$|^type:(models|observability)\//,
  'budget.ts': /^type:config\.ts$/,
  'config.ts, config/': /^(config|keys|utils)\/|^product\.ts$/,
  'keys/': /^(keys|utils)\//,
  'observability/': /^(observability|utils)\/|^product\.ts$/,
  'observability/otel.ts': /^(observability|utils)\/|^product\.ts$|^type:config\.ts$/,
  'models/': /^(models|utils)\//,
  'database/': /^(database|observability|utils)\/|^type:config\.ts$/,
  'database.ts': /^(database|observability|utils)\/|^models\/index\.ts$|^type:config\.ts$/,
  'schemas/': /^(schemas|models)\/|^utils\/(error-codes|locales|orderings)\.ts$/,
  'services/':
    /^(services|models|schemas|utils|keys|observability)\/|^(product|database)\.ts$|^type:(core|context|config)\.ts$/,
  'jobs/': /^(jobs|services|models|utils)\/|^(product|database)\.ts$|^type:/,
  'context.ts': /^services\/|^type:core\.ts$/,
  'dependencies.ts': /^(services|observability|utils)\/|^type:/,
  'fastify.d.ts': /^type:/,
  'plugins/':
    /^(plugins|schemas|observability|utils)\/|^(product|dependencies)\.ts$|^type:(budget|config|core|context)\.ts$/,
  'routes/':
    /^(routes|services|schemas)\/|^dependencies\.ts$|^plugins\/(multipart-form|row-files)\.ts$|^utils\/exports\.ts$/,
  'app.ts': /^(type:)?(?!main\.ts|cluster\.ts)/,
  'cluster.ts': /^(observability|utils)\//,
  'main.ts': /^(app|cluster)\.ts$|^(type:)?config\.ts$|^config\/|^utils\//,
};

/** What puts the application or the commands together takes the parts out of the rooms. */
const COMPOSITION = /^src\/app\/(app|context|cluster|main)\.ts$|^src\/cli\/main\.ts$/;

/** Who else passes a door, and for which file. */
const VISITORS: [visitor: RegExp, file: RegExp][] = [
  // A product declares its variables by the same functions as the kit.
  [/^src\/app\/product\.ts$/, /^src\/app\/config\/settings\.ts$/],
  // Seeds are written by a command alone.
  [/^src\/cli\/seed\.ts$/, /^src\/app\/product\/seeds\.ts$/],
  // What connects without a pool loads neither Drizzle nor the models.
  [/^src\/(cli\/migrator|doctor\/observe\/[\w-]+)\.ts$/, /^src\/app\/database\/(client|revisions-directory)\.ts$/],
];

/** The same for src/doctor, over the whole of src: what looks may reach out, what judges knows only what was seen. */
const DOCTOR: [room: RegExp, allowed: RegExp][] = [
  [
    /^src\/doctor\/observe\//,
    /^(src\/doctor\/observe\/|src\/app\/((budget|config|database)(\.ts|\/)|keys\/|models\/index\.ts|utils\/)|type:src\/doctor\/)/,
  ],
  [
    /^src\/doctor\//,
    /^(src\/doctor\/(?!observe\/)|src\/app\/(keys\/|utils\/|budget\.ts)|type:src\/app\/config\.ts|type:pg-revisions$)/,
  ],
];

/** A service of administrators asks the doctor as a command does: what the doctor imports lies below the services. */
const DOCTORS_CALLERS = /^src\/(cli\/|app\/services\/admin\/diagnosis\.ts$)/;

/** What src/web/ may import: it speaks to services as a route does, and writes HTML. */
const WEB =
  /^src\/(web|app\/(services|schemas|utils)\/)|^src\/app\/product\.ts$|^src\/app\/plugins\/(same-origin|session-cookie)\.ts$|^type:src\/app\/(config|context|core)\.ts$/;

describe('the import table', () => {
  it('holds for every file of src/app', () => {
    const broken = sources.flatMap(({ path, imports }) => {
      if (!path.startsWith('src/app/')) return [];
      const file = path.slice('src/app/'.length);
      const allowed = allowedOf(file);
      if (allowed === undefined) return [`${path} is in no room of the table`];
      return imports
        .filter(({ target }) => target.startsWith('src/app/'))
        .map(({ target, type_only }) => ({ name: target.slice('src/app/'.length), type_only }))
        .filter(({ name, type_only }) => !allowed.test(name) && !(type_only && allowed.test(`type:${name}`)))
        .map(({ name }) => `${path} imports ${name}`);
    });
    expect(broken).toEqual([]);
  });

  it('names the rooms of CONTRIBUTING.md', () => {
    const table = /^\| room of `src\/app\/`[\s\S]*?\n\n/m.exec(
      readFileSync(join(ROOT, 'CONTRIBUTING.md'), 'utf8'),
    )?.[0];
    const rows = [...(table?.matchAll(/^\| (`[^|]+`) \|/gm) ?? [])].map(([, names]) => names?.replaceAll('`', ''));
    expect(rows.sort()).toEqual(Object.keys(ROOMS).sort());
  });

  it('keeps fastify out of everything below the routes', () => {
    const below = sources.filter(({ path }) =>
      /^src\/app\/(services|models|utils|schemas|database|config|keys|observability)/.test(path),
    );
    expect(
      below.filter(({ imports }) => imports.some(({ target }) => /^@?fastify/.test(target))).map(({ path }) => path),
    ).toEqual([]);
  });

  it('keeps parts of a request and names of statements out of the services', () => {
    const services = sources.filter(({ path }) => path.startsWith('src/app/services/'));
    const broken = services.filter(({ text }) => /\bloc:|\['(body|query|path)'|\.prepare\('/.test(text));
    expect(broken.map(({ path }) => path)).toEqual([]);
  });

  it('keeps the metrics’ library out of the services, and OpenTelemetry in one file that is loaded when needed', () => {
    const importers = (packages: RegExp): string[] =>
      sources.filter(({ imports }) => imports.some(({ target }) => packages.test(target))).map(({ path }) => path);
    expect(importers(/^prom-client/).sort()).toEqual([
      'src/app/observability/cluster-metrics.ts',
      'src/app/observability/prometheus.ts',
      'src/app/plugins/metrics.ts',
    ]);
    expect(importers(/^@opentelemetry\//)).toEqual(['src/app/observability/otel.ts']);
    const loaders = sources.filter(({ text }) => text.includes('/otel.ts'));
    expect(loaders.map(({ path, text }) => [path, /await import\('\.\/observability\/otel\.ts'\)/.test(text)])).toEqual(
      [['src/app/app.ts', true]],
    );
  });

  it('keeps the packages to themselves, and has them imported by their names', () => {
    const broken = [...sources, ...sourceFiles('bench')].flatMap(({ path, imports }) => {
      const own = /^packages\/\w+\//.exec(path)?.[0];
      return imports
        .filter(({ target }) => (own === undefined ? /^packages\//.test(target) : isOutside(target, own)))
        .map(({ target }) => `${path} imports ${target}`);
    });
    expect(broken).toEqual([]);
  });

  it('holds for the doctor, whose judgement reaches for nothing, and whom only commands and one service call', () => {
    const broken = sources.flatMap(({ path, imports }) => {
      const allowed = DOCTOR.find(([room]) => room.test(path))?.[1];
      const judges = allowed !== undefined && !path.startsWith('src/doctor/observe/');
      return imports
        .filter(({ target, type_only }) => {
          if (allowed === undefined) return target.startsWith('src/doctor/') && !DOCTORS_CALLERS.test(path);
          if (!target.startsWith('src/')) return judges && !(type_only && allowed.test(`type:${target}`));
          return !allowed.test(target) && !(type_only && allowed.test(`type:${target}`));
        })
        .map(({ target }) => `${path} imports ${target}`);
    });
    expect(broken).toEqual([]);
  });

  it('holds for the pages, which only the composition root mounts', () => {
    const broken = sources.flatMap(({ path, imports }) => {
      const isPage = path.startsWith('src/web/');
      return imports
        .filter(({ target, type_only }) =>
          isPage
            ? target.startsWith('src/') && !WEB.test(target) && !(type_only && WEB.test(`type:${target}`))
            : target.startsWith('src/web/') && path !== 'src/app/app.ts',
        )
        .map(({ target }) => `${path} imports ${target}`);
    });
    expect(broken).toEqual([]);
  });

  it('lets no command reach into the routes', () => {
    const broken = commands.filter(({ imports }) => imports.some(({ target }) => target.startsWith('src/app/routes/')));
    expect(broken.map(({ path }) => path)).toEqual([]);
  });

  it('has no circles, types counted', () => {
    expect(circles()).toEqual([]);
  });

  it('keeps the engines below the context that is made of them', () => {
    const engines = reachableFrom('src/app/context.ts').filter((path) => path.startsWith('src/app/services/'));
    expect(engines).toContain('src/app/services/auth/limits/limiter.ts');
    const above = sources.filter(({ path, imports }) => {
      return engines.includes(path) && imports.some(({ target }) => target === 'src/app/context.ts');
    });
    expect(above.map(({ path }) => path)).toEqual([]);
  });
});

describe('a door', () => {
  const doors = sources.filter(({ path }) => path.startsWith('src/') && exists(roomOf(path))).map(({ path }) => path);
  /** Imports from a room by a file that is neither its door nor in it. */
  const visits = sources.flatMap(({ path, imports }) =>
    imports.flatMap(({ target }) => {
      const passed = doors.filter((door) => target.startsWith(roomOf(door)));
      const isAtHome = passed.every((door) => path === door || path.startsWith(roomOf(door)));
      return isAtHome || COMPOSITION.test(path) ? [] : [{ path, target }];
    }),
  );

  it('is the only way into its room', () => {
    expect(doors).toContain('src/app/services/auth/limits.ts');
    const strangers = visits.filter(
      ({ path, target }) => !VISITORS.some(([visitor, file]) => visitor.test(path) && file.test(target)),
    );
    expect(strangers.map(({ path, target }) => `${path} imports ${target}`)).toEqual([]);
  });

  it.each(VISITORS)('is passed by %s for %s', (visitor, file) => {
    expect(visits.some(({ path, target }) => visitor.test(path) && file.test(target))).toBe(true);
  });
});

describe('one flow, one name', () => {
  const flows = sources.flatMap(
    ({ path }) => /^src\/app\/routes\/(?!(?:index|kit)\.ts$)(.+)\.ts$/.exec(path)?.[1] ?? [],
  );

  it.each(flows)(
    '%s has a route, a service and a test, and a schema of its own if its routes read or answer one',
    (flow) => {
      const route = sources.find(({ path }) => path === `src/app/routes/${flow}.ts`);
      expect(exists(`src/app/services/${flow}.ts`), 'a service').toBe(true);
      expect(exists(`tests/app/routes/${flow}.test.ts`), 'a test').toBe(true);
      // A 204 has no content; what has one is described beside the other schemas.
      expect(route?.text.match(/\bType\.(?!Null\(\))\w+/g) ?? [], 'schemas in the route').toEqual([]);
      const own = `src/app/schemas/${flow}.ts`;
      if (exists(own)) expect(route?.imports.map(({ target }) => target)).toContain(own);
    },
  );

  it('names no schema of auth, admin or system after a flow that has no route', () => {
    const shared = ['auth/tokens', 'auth/users', 'auth/one-time-tokens'];
    const schemas = sources.flatMap(({ path }) => /^src\/app\/schemas\/(.+\/.+)\.ts$/.exec(path)?.[1] ?? []);
    expect(schemas.filter((name) => !flows.includes(name) && !shared.includes(name))).toEqual([]);
  });
});

describe('every source file', () => {
  it('reads process.env only in config.ts and in the commands', () => {
    const readers = sources.filter(
      ({ path, text }) =>
        /process\.env\b/.test(text) && !/^(src\/cli|packages\/devdb|packages\/migrate\/src\/cli)\//.test(path),
    );
    expect(readers.map(({ path }) => path)).toEqual(['src/app/config.ts']);
  });

  it('has at most 300 lines, a test 500', () => {
    const written = sources.filter(({ text }) => !text.startsWith('// Generated from '));
    const long = [...written.filter(({ text }) => lines(text) > 300), ...tests.filter(({ text }) => lines(text) > 500)];
    expect(long.map(({ path, text }) => `${path}: ${lines(text)}`)).toEqual([]);
  });

  it('says its exports by name', () => {
    expect(sources.filter(({ text }) => /^export default\b/m.test(text)).map(({ path }) => path)).toEqual([]);
  });

  it('has only short functions', () => {
    const long = sources.flatMap(({ path, text }) =>
      [...text.matchAll(/^(?:export )?(?:async )?function\*? (\w+).*?^}/gms)]
        .filter(([body]) => lines(body) > 60)
        .map(([body, name]) => `${path} ${name}: ${lines(body)}`),
    );
    expect(long).toEqual([]);
  });
});

describe('a production dependency', () => {
  const { dependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };

  it.each(Object.keys(dependencies))('%s is imported by the sources, not by tests alone', (name) => {
    const isUsed = sources.some(({ text }) => text.includes(`'${name}'`) || text.includes(`'${name}/`));
    expect(isUsed).toBe(true);
  });
});

describe('every route', () => {
  it('says who may call it, what it is, and what it answers with', async () => {
    const routes = await liveRoutes();
    expect(routes.length).toBeGreaterThan(30);
    const isPage = (url: string): boolean => /^\/(docs|redoc|openapi\.json)\b/.test(url);
    const incomplete = routes.filter(
      ({ auth, url, hidden, schema }) =>
        !isPage(url) && (auth === undefined || !(hidden || (schema.operationId && schema.summary && schema.response))),
    );
    expect(incomplete.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
  });

  it('has a handler of at most 10 lines', () => {
    const long = sources
      .filter(({ path }) => path.startsWith('src/app/routes/'))
      .flatMap(({ path, text }) =>
        [...text.matchAll(/^ {4}(async \(.*?)^ {2}\);/gms)].flatMap(([, handler = '']) =>
          lines(handler.trimEnd()) > 10 ? [`${path}: ${handler}`] : [],
        ),
      );
    expect(long).toEqual([]);
  });

  it('keeps the server from starting where it does not say who may call it', async () => {
    const config = testConfig('postgresql://nobody@127.0.0.1:1/none', { LOG_LEVEL: 'silent' });
    const started = buildApp(config, {
      routes: async (app) => {
        // The type asks for `auth` too; a route without any config is what it cannot see.
        app.get('/forgotten', async () => 'open to all');
      },
    });
    await expect(started).rejects.toThrow('GET /forgotten does not say who may call it');
  });
});

describe('every error code', () => {
  const code = sources.filter(({ path }) => !path.endsWith('error-codes.ts'));

  it.each(Object.keys(ERROR_CODES))('%s is thrown somewhere and named in a test', (name) => {
    const word = new RegExp(`['"]${name}['"]`);
    expect(
      code.some(({ text }) => word.test(text)),
      'thrown in src',
    ).toBe(true);
    expect(
      tests.some(({ path, text }) => !path.endsWith('architecture.test.ts') && text.includes(name)),
      'named in a test',
    ).toBe(true);
  });
});

describe.each(documents())('%s', (path) => {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const all = (pattern: RegExp): string[] => [...text.matchAll(pattern)].map(([, found]) => found ?? '');

  it('names only npm scripts, files, commands and options that exist', () => {
    const scripts = Object.keys(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).scripts);
    expect(all(/\bnpm run ([\w:-]+)/g).filter((script) => !scripts.includes(script))).toEqual([]);
    const links = all(/\]\(((?!https?:)[^)#]+)/g);
    expect(links.filter((link) => !exists(join(dirname(path), link)))).toEqual([]);
    const programs = ['src/cli/main.ts', 'src/cli/product.ts', 'packages/migrate/src/cli/verbs.ts'];
    const main = programs.map((program) => readFileSync(join(ROOT, program), 'utf8')).join('\n');
    const verbs = all(/\bnpx back ([a-z][a-z-]*)/g);
    expect(verbs.filter((verb) => !new RegExp(`^  '?${verb}'?:`, 'm').test(main))).toEqual([]);
    const options = [...all(/\bnpx back [^\n`#]*?(--[a-z-]+)/g), ...all(/`(--[a-z-]+)[^`]*`/g)];
    const known = ['--help', ...commands.flatMap(({ text }) => text.match(/--[a-z-]+/g) ?? [])];
    expect(options.filter((option) => !known.includes(option))).toEqual([]);
  });
});

function documents(): string[] {
  const docs = readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' });
  const pages = ['README.md', 'CONTRIBUTING.md', 'AGENTS.md', 'UPGRADING.md'];
  return [...pages, ...docs.filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`)];
}

function sourceFiles(folder: string): SourceFile[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => {
      const path = `${folder}/${name}`;
      const text = readFileSync(join(ROOT, path), 'utf8');
      return { path, text, imports: importsOf(path, text) };
    });
}

function importsOf(path: string, text: string): Import[] {
  return [...text.matchAll(IMPORT)].map(([statement, type, from, bare, dynamic]) => {
    const target = from ?? bare ?? dynamic ?? '';
    const names =
      /\{([^}]*)\}/s
        .exec(statement)?.[1]
        ?.split(',')
        .map((name) => name.trim())
        .filter((name) => name !== '') ?? [];
    const type_only = type !== undefined || (names.length > 0 && names.every((name) => name.startsWith('type ')));
    return { target: target.startsWith('.') ? relative(ROOT, join(ROOT, dirname(path), target)) : target, type_only };
  });
}

function allowedOf(file: string): RegExp | undefined {
  const names = Object.keys(ROOMS).flatMap((room) => room.split(', ').map((name) => ({ room, name })));
  const fitting = names.filter(({ name }) => (name.endsWith('/') ? file.startsWith(name) : file === name));
  const longest = fitting.sort((a, b) => b.name.length - a.name.length)[0];
  return longest && ROOMS[longest.room];
}

/** The folder behind a door. */
function roomOf(door: string): string {
  return `${door.slice(0, -'.ts'.length)}/`;
}

/** Every file that the imports of `start` lead to. */
function reachableFrom(start: string): string[] {
  const found = new Set([start]);
  for (const path of found) for (const target of graph.get(path) ?? []) found.add(target);
  return [...found];
}

function circles(): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (path: string, trail: string[]): void => {
    if (trail.includes(path)) found.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
    if (done.has(path) || trail.includes(path)) return;
    for (const target of graph.get(path) ?? []) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}

function isOutside(target: string, own: string): boolean {
  return /^(src|packages)\//.test(target) && !target.startsWith(own);
}

function lines(text: string): number {
  return text.split('\n').length;
}

function exists(path: string): boolean {
  return existsSync(join(ROOT, path));
}
