import { lstatSync, realpathSync } from 'node:fs';
import { type ResolveFnOutput, registerHooks } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const SOURCES = new URL('..', import.meta.url).href;
/** An import with one of these names a file to the letter. */
const WHOLE_NAME = /\.(?:ts|m?js)$/;

/**
 * Keeps what an import resolved to for the next import of the same module. Node looks each one up on the disk, as often as
 * it is imported: a third of the time in which the server loads.
 *
 * A relative import means the same file from everywhere that its address is the same; the name of a package means the same
 * one in all of our sources.
 */
export function cacheResolutions(): void {
  const known = new Map<string, ResolveFnOutput>();
  const isItself = createFileCheck();
  registerHooks({
    resolve: (specifier, context, next) => {
      const { parentURL = '' } = context;
      const isRelative = specifier.startsWith('./') || specifier.startsWith('../');
      if (!parentURL.startsWith(isRelative ? 'file:' : SOURCES)) return next(specifier, context);
      const key = isRelative ? new URL(specifier, parentURL).href : specifier;
      const before = known.get(key);
      if (before !== undefined) return before;
      if (isRelative && isItself(key)) {
        // Of any other file Node asks the package it belongs to.
        const format = key.startsWith(SOURCES) && key.endsWith('.ts') ? 'module-typescript' : undefined;
        const resolved = { url: key, format, shortCircuit: true };
        known.set(key, resolved);
        return resolved;
      }
      const resolved = next(specifier, context);
      // A file that is reached by a link or without its extension has another address.
      if (!isRelative || resolved.url === key) known.set(key, { ...resolved, shortCircuit: true });
      return resolved;
    },
  });
}

/** True for the address of a file that is there and that no link leads to. Node asks of each file whether its folders are links. */
function createFileCheck(): (url: string) => boolean {
  const folders = new Map<string, boolean>();
  return (url) => {
    if (!WHOLE_NAME.test(url)) return false;
    const path = fileURLToPath(url);
    if (lstatSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
    const folder = dirname(path);
    const isReal = folders.get(folder) ?? realpathSync(folder) === folder;
    folders.set(folder, isReal);
    return isReal;
  };
}
