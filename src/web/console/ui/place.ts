import { computed, signal } from '@preact/signals';

const { root = '' } = document.documentElement.dataset;
const BASE = `${root}/console`;

/** The prefix of a proxy, which stands before every path of the API. */
export const API_ROOT = root;
export const PRODUCT = document.documentElement.dataset.product ?? '';

const address = signal(new URL(location.href));

/** The path below the console's, such as `/users`. */
export const path = computed(() => address.value.pathname.slice(BASE.length).replace(/\/$/, '') || '/');
/** What stands behind the question mark: the filters and the place in a list. */
export const query = computed(() => address.value.searchParams);

/** The address of a view. Parameters that are empty are left out. */
export function hrefOf(view: string, parameters: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const text = new URLSearchParams(given).toString();
  return `${BASE}${view === '/' ? '' : view}${text === '' ? '' : `?${text}`}`;
}

/** The same view with other parameters. */
export function hrefWith(changes: Readonly<Record<string, string | undefined>>): string {
  return hrefOf(path.value, { ...Object.fromEntries(query.value), ...changes });
}

/** Shows a view; the browser's way back leads here. */
export function go(href: string): void {
  history.pushState(null, '', href);
  arrive();
  scrollTo(0, 0);
}

/** Shows a view in place of the present one. */
export function replace(href: string): void {
  history.replaceState(null, '', href);
  arrive();
}

/** Follows links of the console without loading a page, and the browser's ways back and forth. */
export function followLinks(): void {
  addEventListener('popstate', arrive);
  document.addEventListener('click', (event) => {
    const link = event.target instanceof Element ? event.target.closest('a') : null;
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (link === null || !isPlain || event.defaultPrevented || link.target !== '' || link.hasAttribute('download'))
      return;
    if (link.origin !== location.origin || !`${link.pathname}/`.startsWith(`${BASE}/`)) return;
    event.preventDefault();
    if (link.href !== location.href) go(link.href);
  });
}

function arrive(): void {
  address.value = new URL(location.href);
}
