import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import type { Call } from '../api.ts';
import { el, h } from '../el.ts';
import { useCall } from '../load.ts';
import { Answer } from '../parts/answer.ts';
import { asCurl } from '../parts/curl.ts';
import { Dialog } from '../parts/dialog.ts';
import { save } from '../save.ts';
import type { Mail, MailSample as Sample } from '../types.ts';

const LOCALES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'pl'];

/** How a kind of mail reads in a language: with made-up data, and as a text alone, in which nothing is a link. */
export function MailSample({ first, onClose }: { first: Pick<Mail, 'kind' | 'locale'>; onClose: () => void }): VNode {
  const [{ kind, locale }, choose] = useState(first);
  const call: Call = { method: 'GET', path: '/console/mail-sample.json', query: { kind, locale } };
  const loaded = useCall<Sample>(call);
  const kinds = loaded.data?.kinds ?? [kind];
  return h(
    Dialog,
    { title: 'Preview of a mail', wide: true, onClose },
    el.div(
      { class: 'filters' },
      h(Select, { label: 'Kind', value: kind, words: kinds, onChoose: (kind) => choose({ kind, locale }) }),
      h(Select, { label: 'Language', value: locale, words: LOCALES, onChoose: (locale) => choose({ kind, locale }) }),
    ),
    h(Answer<Sample>, {
      loaded,
      children: ({ subject, text, html }) => [
        el.article(
          { class: 'mail', 'aria-label': subject, lang: locale },
          el.strong(null, subject),
          el.pre({ tabIndex: 0, 'aria-label': 'The text' }, text.trimEnd()),
        ),
        el.p({ class: 'help' }, 'The data is made up. The links and codes of a real mail stand in that mail alone.'),
        el.div(
          { class: 'buttons' },
          el.button({ type: 'button', class: 'primary', onClick: onClose }, 'Close'),
          el.button(
            { type: 'button', onClick: () => save(`${kind}.${locale}.html`, { type: 'text/html', text: html }) },
            'Save as HTML',
          ),
        ),
        asCurl(call),
      ],
    }),
  );
}

function Select({
  label,
  value,
  words,
  onChoose,
}: {
  label: string;
  value: string;
  words: readonly string[];
  onChoose: (word: string) => void;
}): VNode {
  return el.label(
    { class: 'choice' },
    el.span(null, label),
    el.select(
      { onChange: (event: Event) => onChoose((event.currentTarget as HTMLSelectElement).value) },
      words.map((word) => el.option({ key: word, value: word, selected: word === value }, word)),
    ),
  );
}
