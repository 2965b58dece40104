import type { VNode } from 'preact';
import { type Call, urlOf } from '../api.ts';
import { el, h } from '../el.ts';
import { copy } from './words.ts';

/** The call as a command for a shell. The token is a variable: none stands in a shell's history. */
function curlOf(call: Call): string {
  const { method, body } = call;
  const parts = [
    `curl${method === 'GET' ? '' : ` -X ${method}`} ${quoted(new URL(urlOf(call), location.origin).href)}`,
    '-H "Authorization: Bearer $TOKEN"',
    ...(body === undefined ? [] : ["-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`]),
  ];
  return parts.join(' \\\n  ');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** The call that a view or an action makes, to be taken along. */
export function AsCurl({ call }: { call: Call }): VNode {
  const text = curlOf(call);
  return el.details(
    { class: 'curl' },
    el.summary(null, 'As curl'),
    el.pre({ tabIndex: 0, 'aria-label': 'The command' }, text),
    el.button({ type: 'button', class: 'small', onClick: () => copy(text, 'The command is copied') }, 'Copy'),
  );
}

export const asCurl = (call: Call): VNode => h(AsCurl, { call });
