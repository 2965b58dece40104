import { signal } from '@preact/signals';
import { ApiError } from 'back-client';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Cancelled } from '../api.ts';
import { el, h } from '../el.ts';
import { wordsOf } from './answer.ts';

interface Toast {
  id: number;
  text: string;
  tone: 'plain' | 'danger';
  undo?: (() => void) | undefined;
}

const SHOWN_MS = 8000;
const toasts = signal<readonly Toast[]>([]);
let count = 0;

/** Says what happened, for eight seconds; `undo` takes it back. */
export function toast(text: string, { undo }: { undo?: () => void } = {}): void {
  add({ text, tone: 'plain', undo });
}

/** Says why something did not happen; of an action that the user gave up, nothing. */
export function toastError(error: unknown): void {
  if (error instanceof Cancelled) return;
  if (!(error instanceof ApiError)) throw error;
  const { request_id } = error;
  const { detail } = wordsOf(error);
  add({ text: request_id === undefined ? detail : `${detail} (request ${request_id})`, tone: 'danger' });
}

function add(given: Omit<Toast, 'id'>): void {
  toasts.value = [...toasts.value.slice(-3), { ...given, id: ++count }];
}

function drop(id: number): void {
  toasts.value = toasts.value.filter((toast) => toast.id !== id);
}

export function Toasts(): VNode {
  return el.div(
    { class: 'toasts', role: 'status', 'aria-live': 'polite' },
    toasts.value.map((toast) => h(ToastView, { key: toast.id, toast })),
  );
}

/** It stays while it has the focus or the pointer. */
function ToastView({ toast: { id, text, tone, undo } }: { toast: Toast }): VNode {
  const [isHeld, hold] = useState(false);
  useEffect(() => {
    if (isHeld) return;
    const timer = setTimeout(() => drop(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isHeld]);
  const events = {
    onMouseEnter: () => hold(true),
    onMouseLeave: () => hold(false),
    onFocusIn: () => hold(true),
    onFocusOut: () => hold(false),
  };
  return el.div(
    { class: `toast ${tone}`, ...events },
    el.span(null, text),
    undo !== undefined &&
      el.button(
        {
          type: 'button',
          onClick: () => {
            drop(id);
            undo();
          },
        },
        'Undo',
      ),
    el.button({ type: 'button', class: 'quiet', 'aria-label': 'Dismiss', onClick: () => drop(id) }, '×'),
  );
}
