import type { VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { el } from '../el.ts';

/** A row that a reference may name. */
export interface Found {
  id: string;
  label: string;
}

/** Where the rows of a reference are found. */
export interface Finder {
  /** What is looked for, such as "Find by title". */
  hint: string;
  find: (text: string) => Promise<readonly Found[]>;
  labelOf: (id: string) => Promise<string>;
}

const ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;
const TYPING_MS = 150;

/** Finds a row by its words and holds its id. The list is of the pattern "combobox" of ARIA; an id that is pasted counts too. */
export function Picker({
  finder,
  value,
  onValue,
  id,
  ...props
}: {
  finder: Finder;
  id: string;
  value: string;
  required: boolean;
  onValue: (id: string) => void;
}): VNode {
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [found, setFound] = useState<readonly Found[]>();
  const [chosen, setChosen] = useState(0);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    // Of an id that is gone the id itself stays.
    if (value !== '') finder.labelOf(value).then(setText, () => undefined);
    return () => clearTimeout(timer.current);
  }, []);
  useEffect(() => input.current?.setCustomValidity(text !== '' && value === '' ? 'Choose a row of the list' : ''));
  const pick = ({ id, label }: Found): void => {
    setText(label);
    setFound(undefined);
    onValue(id);
  };
  const onInput = (event: Event): void => {
    const typed = (event.currentTarget as HTMLInputElement).value;
    setText(typed);
    setChosen(0);
    onValue(ID.test(typed.trim()) ? typed.trim() : '');
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      finder.find(typed.trim()).then(setFound, () => setFound([]));
    }, TYPING_MS);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (found === undefined) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = found[chosen];
    if (step !== undefined) setChosen((chosen + step + found.length) % Math.max(1, found.length));
    else if (event.key === 'Enter' && row !== undefined) pick(row);
    else if (event.key === 'Escape') setFound(undefined);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return el.div(
    { class: 'picker' },
    el.input({
      ...{ ...props, id, ref: input, type: 'text', value: text, autocomplete: 'off', placeholder: finder.hint },
      ...{ onInput, onKeyDown, onBlur: () => setFound(undefined) },
      role: 'combobox',
      'aria-expanded': found !== undefined,
      'aria-controls': `${id}-finds`,
      'aria-activedescendant': found !== undefined && found.length > 0 ? `${id}-${chosen}` : '',
    }),
    el.ul(
      { id: `${id}-finds`, role: 'listbox', class: 'finds', 'aria-label': finder.hint, hidden: !found?.length },
      found?.map((row, index) =>
        el.li(
          {
            key: row.id,
            id: `${id}-${index}`,
            role: 'option',
            'aria-selected': index === chosen ? 'true' : 'false',
            // Before the input loses the focus, which closes the list.
            onMouseDown: (event: Event) => {
              event.preventDefault();
              pick(row);
            },
          },
          el.span(null, row.label),
        ),
      ),
    ),
    found?.length === 0 && el.p({ class: 'help', role: 'status' }, 'Nothing is found.'),
  );
}
