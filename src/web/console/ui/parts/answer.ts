import type { ApiError } from 'back-client';
import type { ComponentChildren, VNode } from 'preact';
import { el, h } from '../el.ts';
import type { Loaded } from '../load.ts';

/** What is said of an answer that is late; the sheet shows it after two seconds. */
export const WAITING = 'Still waiting for the answer.';

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
    el.p({ class: 'slow' }, WAITING),
  );
}

/** Why there is no answer, and what to do. */
export function ErrorNote({ error, onRetry }: { error: ApiError; onRetry?: () => void }): VNode {
  const { problem, request_id, retryAfter } = error;
  const { errors = [] } = problem;
  const { title, detail } = wordsOf(error);
  const texts = errors.length > 0 ? errors.map(({ msg }) => msg) : [detail];
  const wait = retryAfter ? ` Wait ${Math.ceil(retryAfter)} seconds.` : '';
  return el.div(
    { class: 'note danger', role: 'alert' },
    el.strong(null, title),
    texts.map((text) => el.p(null, `${sentence(text)}${wait}`)),
    request_id !== undefined && el.p({ class: 'help' }, 'Request ', el.code(null, request_id)),
    onRetry !== undefined && el.button({ type: 'button', onClick: onRetry }, 'Try again'),
  );
}

/** What is said of an error: the API's words, or ours if it said none. */
export function wordsOf({ code, status, problem, detail }: ApiError): { title: string; detail: string } {
  if (code === 'network_error')
    return {
      title: 'No answer',
      detail: 'The server does not answer. It may be starting again, or the network may be down.',
    };
  if (code === 'unexpected_answer')
    return {
      title: 'No answer of the API',
      detail: `The answer has status ${status} and is none of the API’s.`,
    };
  return { title: problem.title ?? '', detail };
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
