import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file that the pages load, under a name that changes with its content. */
export interface Asset {
  path: string;
  type: string;
  content: Buffer;
}

/** The addresses of the files that every page loads. */
export interface Assets {
  sheet: string;
  script: string;
}

const FOLDER = import.meta.dirname;

/** Reads the sheet, which begins with the theme, and the script. */
export function readAssets(): { sheet: Asset; script: Asset } {
  const sheet = ['../theme.css', 'browser/pages.css'].map((name) => readFileSync(join(FOLDER, name)));
  return {
    sheet: asset('pages.css', 'text/css; charset=utf-8', Buffer.concat(sheet)),
    script: asset('pages.js', 'text/javascript; charset=utf-8', readFileSync(join(FOLDER, 'browser/pages.js'))),
  };
}

function asset(name: string, type: string, content: Buffer): Asset {
  const digest = createHash('sha256').update(content).digest('base64url').slice(0, 16);
  return { path: `/account/assets/${name.replace('.', `.${digest}.`)}`, type, content };
}
