import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '../../../../packages/client/src/runtime');
/** In the order in which they need one another; `contract.ts` is what the generator writes itself. */
const FILES = ['error.ts', 'tabs.ts', 'session.ts', 'client.ts'];
const PUBLIC =
  /^export (?=(?:class|interface|type|async function) (?:ApiError|errorOf|TokenStorage|SessionState|ClientSession|ClientOptions|CallOptions)\b)/;

/** The hand-written part of the client as one text: without imports, and with the exports of the finished file alone. */
export function runtimeText(): string {
  return FILES.map((file) => {
    const text = readFileSync(join(FOLDER, file), 'utf8').replace(/^import [^;]*;\n+/gm, '');
    return text.replace(/^export .*$/gm, (line) => (PUBLIC.test(line) ? line : line.replace('export ', '')));
  }).join('\n');
}

/** Whether the runtime has a meaning of its own for a name; a schema of this name gets no alias. */
export function isTakenName(name: string, runtime: string): boolean {
  const code = runtime.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  return TAKEN.has(name) || new RegExp(`\\b${name}\\b`).test(code);
}

const TAKEN = new Set([
  'Api',
  'Client',
  'ErrorCode',
  'AsyncIterable',
  'Promise',
  'Record',
  'NonNullable',
  'RequestInit',
]);
