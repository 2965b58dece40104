import type { ComponentChildren, VNode } from 'preact';
import type { CallError } from '../api.ts';
import { el, h } from '../el.ts';
import type { Loaded } from '../load.ts';

/** What stands where an answer will: lines of its height at first, its error with a way on, then the answer. */
export function Answer<T>({
  loaded,
  lines = 6,
  children,
}: {
  loaded: Loaded<T>;
  lines?: number;
  children: (data: T) => ComponentChildren;
}): VNode {
  const { data, error, isLoading, reload } = loaded;
  if (error !== undefined) return h(ErrorNote, { error, onRetry: reload });
  if (data === undefined) return h(Skeleton, { lines });
  return el.div({ class: 'answer', 'aria-busy': isLoading ? 'true' : 'false' }, children(data));
}

/** Drawn after a moment alone, so that a quick answer does not flicker; a slow one says so. */
function Skeleton({ lines }: { lines: number }): VNode {
  return el.div(
    { class: 'skeleton', role: 'status' },
    Array.from({ length: lines }, (_, line) => el.div({ key: line, class: 'bar', 'aria-hidden': 'true' })),
    el.p({ class: 'slow' }, 'Still waiting for the answer.'),
  );
}

/** Why there is no answer, and what to do. */
export function ErrorNote({ error, onRetry }: { error: CallError; onRetry?: () => void }): VNode {
  const { title, detail, errors = [], request_id, retry_after } = error.refusal;
  const texts = errors.length > 0 ? errors.map(({ msg }) => msg) : [detail];
  const wait = retry_after === undefined ? '' : ` Wait ${retry_after} seconds.`;
  return el.div(
    { class: 'note danger', role: 'alert' },
    el.strong(null, title),
    texts.map((text) => el.p(null, `${sentence(text)}${wait}`)),
    request_id !== undefined && el.p({ class: 'help' }, 'Request ', el.code(null, request_id)),
    onRetry !== undefined && el.button({ type: 'button', onClick: onRetry }, 'Try again'),
  );
}

/** A text as a sentence. */
export function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

/** What an empty list says: what would stand there, and how it comes. */
export function Empty({ text, command }: { text: string; command?: string | undefined }): VNode {
  return el.div({ class: 'empty' }, el.p(null, text), command !== undefined && el.code(null, command));
}
