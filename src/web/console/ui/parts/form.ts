import { ApiError } from 'back-client';
import type { ComponentChildren, JSX, VNode } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { type Call, Cancelled } from '../api.ts';
import { el, h } from '../el.ts';
import { ErrorNote, sentence } from './answer.ts';
import { AsCurl } from './curl.ts';
import { type Finder, Picker } from './picker.ts';
import { breaking } from './words.ts';

export type Values = Readonly<Record<string, string>>;

/** One input of a form. A value is a text; what it means the form's owner says. */
export interface Field {
  name: string;
  label: string;
  type?: 'text' | 'email' | 'password' | 'number' | 'date' | 'datetime-local' | 'area' | 'choice' | 'reference';
  value?: string;
  choices?: readonly (readonly [value: string, label: string])[];
  required?: boolean;
  help?: string;
  autocomplete?: string;
  maxLength?: number | undefined;
  inputMode?: 'numeric';
  /** Of a reference: where its rows are found. */
  finder?: Finder;
}

export interface FormProps {
  fields: readonly Field[];
  submit: string;
  /** True if the button is one that destroys. */
  dangerous?: boolean;
  /** What must be typed into `confirmation` before the button works. */
  typed?: string;
  onSubmit: (values: Values) => Promise<void>;
  /** The call that the button makes, for curl. */
  callOf?: (values: Values) => Call;
  onCancel?: () => void;
  children?: ComponentChildren;
}

/** A form whose errors stand at its fields; nothing that was typed is lost by one. */
export function Form({ fields, submit, dangerous, typed, onSubmit, callOf, onCancel, children }: FormProps): VNode {
  const [values, setValues] = useState<Values>(() =>
    Object.fromEntries(fields.map(({ name, value = '' }) => [name, value])),
  );
  const [error, setError] = useState<ApiError>();
  const [isBusy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const atFields = problemsOf(error, fields);
  useEffect(() => {
    // What was wrong is read first.
    if (error !== undefined) form.current?.querySelector<HTMLElement>('[aria-invalid], [role=alert]')?.focus();
  }, [error]);
  const onSubmitted = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    await onSubmit(values)
      .catch((caught) => {
        if (caught instanceof ApiError) setError(caught);
        else if (!(caught instanceof Cancelled)) throw caught;
      })
      .finally(() => setBusy(false));
  };
  const isReady = typed === undefined || values.confirmation === typed;
  const done = el.button(
    { type: 'submit', class: dangerous ? 'danger' : 'primary', disabled: !isReady, 'aria-busy': isBusy },
    submit,
  );
  const cancel = onCancel !== undefined && el.button({ type: 'button', onClick: onCancel }, 'Cancel');
  return el.form(
    { ref: form, onSubmit: onSubmitted, noValidate: false },
    error !== undefined && Object.keys(atFields).length === 0 && h(ErrorNote, { error }),
    children,
    fields.map((field) =>
      h(FieldView, {
        key: field.name,
        field,
        value: values[field.name] ?? '',
        problem: atFields[field.name],
        onValue: (value: string) => setValues((before) => ({ ...before, [field.name]: value })),
      }),
    ),
    // What destroys is never the first.
    el.div({ class: 'buttons' }, dangerous ? [cancel, done] : [done, cancel]),
    callOf !== undefined && h(AsCurl, { call: callOf(values) }),
  );
}

function problemsOf(error: ApiError | undefined, fields: readonly Field[]): Record<string, string> {
  const found = error?.problem.errors ?? [];
  const at = found.map(({ loc, msg }) => [String(loc[1] ?? ''), msg] as const);
  return Object.fromEntries(at.filter(([name]) => fields.some((field) => field.name === name)));
}

function FieldView({
  field,
  value,
  problem,
  onValue,
}: {
  field: Field;
  value: string;
  problem: string | undefined;
  onValue: (value: string) => void;
}): VNode {
  const { name, label, help, required = false } = field;
  const id = `field-${name}`;
  const described = [help !== undefined && `${id}-help`, problem !== undefined && `${id}-problem`]
    .filter(Boolean)
    .join(' ');
  return el.div(
    { class: 'field' },
    el.label({ htmlFor: id }, breaking(label), !required && el.span({ class: 'optional' }, ' (optional)')),
    help !== undefined && el.p({ id: `${id}-help`, class: 'help' }, help),
    problem !== undefined && el.p({ id: `${id}-problem`, class: 'problem' }, sentence(problem)),
    control(field, {
      ...{ id, name, value, required, onValue },
      ...(problem !== undefined && { 'aria-invalid': 'true' as const }),
      ...(described !== '' && { 'aria-describedby': described }),
    }),
  );
}

function control(
  { type = 'text', choices = [], autocomplete = 'off', maxLength, inputMode, finder }: Field,
  {
    onValue,
    ...props
  }: { id: string; name: string; value: string; required: boolean; onValue: (value: string) => void },
): VNode {
  if (finder !== undefined) return h(Picker, { ...props, finder, onValue });
  // Each of the controls has a value.
  const onInput = (event: Event): void => onValue((event.currentTarget as HTMLInputElement).value);
  if (type === 'choice')
    return el.select(
      { ...props, onInput },
      choices.map(([value, label]) => el.option({ key: value, value, selected: value === props.value }, label)),
    );
  const bound = maxLength === undefined ? {} : { maxLength };
  if (type === 'area') return el.textarea({ ...props, ...bound, onInput, rows: 4 });
  const mode = inputMode === undefined ? {} : { inputMode };
  const input = { ...props, ...bound, ...mode, onInput, type, autocomplete, ...(type === 'number' && { step: 'any' }) };
  // The types of elements have one for each type of input.
  return el.input(input as JSX.IntrinsicElements['input']);
}
