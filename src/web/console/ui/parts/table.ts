import type { ComponentChildren, VNode } from 'preact';
import type { Call } from '../api.ts';
import { el, h } from '../el.ts';
import type { Loaded } from '../load.ts';
import { hrefWith, query } from '../place.ts';
import { Answer, Empty } from './answer.ts';
import { AsCurl } from './curl.ts';

export interface Column<T> {
  name: string;
  /** True for a column that gives way on a narrow screen. */
  minor?: boolean;
  cell: (row: T) => ComponentChildren;
}

export interface Page<T> {
  items: readonly T[];
  next_cursor: string | null;
}

export interface TableProps<T> {
  /** What the rows are, for those who do not see the table. */
  caption: string;
  columns: readonly Column<T>[];
  keyOf: (row: T) => string;
  /** Where a row leads; its first cell is the link. */
  hrefOf?: (row: T) => string;
}

/** Rows of facts. On a narrow screen each is a card; the roles keep it a table for screen readers. */
export function Table<T>({ caption, columns, rows, keyOf, hrefOf }: TableProps<T> & { rows: readonly T[] }): VNode {
  return el.div(
    { class: 'table-frame' },
    el.table(
      { role: 'table', class: hrefOf === undefined ? '' : 'linked' },
      el.caption({ class: 'unseen' }, caption),
      el.thead(
        { role: 'rowgroup' },
        el.tr(
          { role: 'row' },
          columns.map(({ name, minor }) =>
            el.th({ key: name, role: 'columnheader', scope: 'col', class: minor ? 'minor' : '' }, name),
          ),
        ),
      ),
      el.tbody(
        { role: 'rowgroup' },
        rows.map((row) =>
          el.tr(
            { key: keyOf(row), role: 'row' },
            columns.map(({ name, minor, cell }, index) => {
              const content = cell(row);
              return el.td(
                { key: name, role: 'cell', 'data-label': name, class: classOf(minor, content) },
                index === 0 && hrefOf !== undefined ? el.a({ href: hrefOf(row), class: 'row-link' }, content) : content,
              );
            }),
          ),
        ),
      ),
    ),
  );
}

/** A narrow list leaves out the cells that say nothing. */
function classOf(minor: boolean | undefined, content: ComponentChildren): string {
  return `${minor ? 'minor' : ''}${content === '–' ? ' none' : ''}`;
}

/** A page of a list: its rows, or what an empty one says, and the way to the next page. Its place is in the address. */
export function PagedTable<T>({
  loaded,
  call,
  empty,
  command,
  ...table
}: TableProps<T> & { loaded: Loaded<Page<T>>; call: Call; empty: string; command?: string }): VNode {
  return h(Answer<Page<T>>, {
    loaded,
    lines: 8,
    children: ({ items, next_cursor }) => [
      items.length === 0 ? h(Empty, { text: empty, command }) : h(Table<T>, { ...table, rows: items }),
      el.div(
        { class: 'pager' },
        el.nav(
          { 'aria-label': 'Pages' },
          query.value.has('cursor') && el.a({ class: 'button', href: hrefWith({ cursor: undefined }) }, 'Newest'),
          next_cursor !== null &&
            el.a({ class: 'button', href: hrefWith({ cursor: next_cursor }), rel: 'next' }, 'Older'),
        ),
        el.span({ class: 'muted' }, `${items.length} shown`),
        h(AsCurl, { call }),
      ),
    ],
  });
}
