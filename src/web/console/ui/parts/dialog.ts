import type { ComponentChildren, VNode } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Call, send } from '../api.ts';
import { el, h } from '../el.ts';
import { type Field, Form, type Values } from './form.ts';
import { breaking } from './words.ts';

/** A dialog that keeps the focus until it is closed, and gives it back. */
export function Dialog({
  title,
  onClose,
  wide = false,
  children,
}: {
  title: string;
  onClose: () => void;
  wide?: boolean;
  children?: ComponentChildren;
}): VNode {
  const dialog = useRef<HTMLDialogElement>(null);
  // Before the next key: what is typed right after a shortcut belongs into the dialog.
  useLayoutEffect(() => {
    const opener = document.activeElement;
    dialog.current?.showModal();
    dialog.current?.querySelector<HTMLElement>('input, select, textarea, button.primary')?.focus();
    return () => {
      if (opener instanceof HTMLElement) opener.focus();
    };
  }, []);
  return el.dialog(
    {
      ref: dialog,
      class: wide ? 'wide' : '',
      'aria-label': title,
      onCancel: (event: Event) => {
        event.preventDefault();
        onClose();
      },
      onClick: (event: Event) => {
        if (event.target === dialog.current) onClose();
      },
    },
    el.div({ class: 'dialog-body' }, el.h2(null, breaking(title)), children),
  );
}

/** What a dialog of one action asks and does. */
export interface Action<T = unknown> {
  title: string;
  text: string;
  submit: string;
  dangerous?: boolean;
  fields?: readonly Field[];
  /** What must be typed first: the name of what cannot be had back. */
  typed?: string;
  callOf: (values: Values) => Call;
  onDone: (answer: T) => void;
}

/** Asks for what an action needs, does it, and says so. */
export function ActionDialog({ action, onClose }: { action: Action; onClose: () => void }): VNode {
  const { title, text, submit, dangerous = false, fields = [], typed, callOf, onDone } = action;
  const asked: Field[] = [...fields];
  if (typed !== undefined) asked.push({ name: 'confirmation', label: `Type ${typed} to confirm`, required: true });
  return h(
    Dialog,
    { title, onClose },
    h(
      Form,
      {
        ...{ submit, dangerous, callOf, fields: asked, onCancel: onClose },
        ...(typed !== undefined && { typed }),
        onSubmit: async (values: Values) => {
          const answer = await send(callOf(values));
          onClose();
          onDone(answer);
        },
      },
      el.p(null, text),
    ),
  );
}
