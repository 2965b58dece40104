import { mkdirSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { ERROR_CODES } from '../../app/utils/error-codes.ts';
import type { Document } from './client/document.ts';
import { isTakenName, runtimeText } from './client/runtime.ts';
import { treeOf } from './client/tree.ts';
import { documentTypes, union } from './client/types.ts';
import { openapiDocument } from './openapi.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** The client in the project; `--check` covers it. */
export const CLIENT_FILE = 'packages/client/src/client.ts';
/** Names whose types the runtime itself needs. */
const NEEDED = ['Problem', 'TokenPair'];

/** `back generate client`. */
export function registerClientGenerator(generate: Command): void {
  generate
    .command('client')
    .description('write the typed client of the API as one file without a dependency')
    .option('-o, --out <file>', 'where to, as JavaScript if it ends with .js; otherwise the package in packages/client')
    .action(async ({ out }: { out?: string }) => {
      const file = out ?? join(ROOT, CLIENT_FILE);
      const text = clientText(await openapiDocument());
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, file.endsWith('.js') ? withoutTypes(text) : text);
      console.log(`wrote    ${out ?? CLIENT_FILE}`);
    });
}

/** The client of the API that the document describes. */
export function clientText(json: string): string {
  // The document is the application's own.
  const document = JSON.parse(json) as Document;
  const runtime = runtimeText();
  const names = Object.keys(document.components.schemas);
  const aliases = new Set(names.filter((name) => NEEDED.includes(name) || !isTakenName(name, runtime)));
  const reference = (name: string): string => (aliases.has(name) ? name : `components["schemas"]["${name}"]`);
  const { api, routes } = treeOf(document, reference);
  return `${[
    `// Generated from openapi.json by: npx back generate client\n// The typed client of the API. It needs nothing but fetch.`,
    runtime.trimEnd(),
    `/** The codes of the API's refusals. */\nexport type ErrorCode = ${union(Object.keys(ERROR_CODES).map((code) => `'${code}'`))};`,
    [...aliases].map((name) => `export type ${name} = components["schemas"]["${name}"];`).join('\n'),
    `/** The methods of the API. Each throws an ApiError. */\nexport interface Api ${api}`,
    'export interface Client extends Api, ClientBase {}',
    CREATE,
    `const ROUTES = ${routes};`,
    documentTypes(document),
  ].join('\n\n')}\n`;
}

/** JavaScript for a page without a build; what stripping leaves of the types is blank. */
function withoutTypes(text: string): string {
  return stripTypeScriptTypes(text)
    .replace(/^[ \t;]+$/gm, '')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n');
}

const CREATE = `/**
 * The client of the API at \`baseUrl\`. It keeps the session: it refreshes before a token expires, once for all tabs, and loses
 * it for nothing but the API's own word.
 *
 * @example
 * const api = createClient({ baseUrl: 'https://api.example.com', session: 'cookie' });
 * await api.auth.login({ email, password });
 */
export function createClient(options: ClientOptions): Client {
  // The interface and the routes are written from the same operations.
  return clientOf(ROUTES, options) as Client;
}`;
