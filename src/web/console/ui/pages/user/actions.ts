import type { Call } from '../../api.ts';
import type { Action } from '../../parts/dialog.ts';
import type { Values } from '../../parts/form.ts';
import { toast } from '../../parts/toasts.ts';
import { go, hrefOf } from '../../place.ts';
import type { User } from '../../types.ts';

/** What can be done to an account: at once, or after a question. */
export type UserAction = PlainAction | AskingAction;

export interface PlainAction {
  label: string;
  dangerous?: boolean;
  call: Call;
  /** What is said once it is done. */
  said: string;
  /** The call that takes it back. */
  undo?: Call;
}

interface AskingAction {
  label: string;
  dangerous?: boolean;
  ask: Action;
}

interface Surroundings {
  refresh: () => void;
  isOwn: boolean;
}

/** The actions that this account allows, the frequent ones apart. */
export function actionsOf(user: User, around: Surroundings): { frequent: UserAction[]; others: UserAction[] } {
  const { refresh } = around;
  const done = (said: string) => (): void => {
    toast(said);
    refresh();
  };
  return {
    frequent: [
      mailed(user, {
        label: 'Send a reset link',
        path: '/auth/forgot-password',
        said: 'A link to set a password is on its way',
      }),
      { label: 'Edit', ask: edit(user, done('The changes are saved')) },
    ],
    others: [
      ...(user.email_verified
        ? []
        : [
            mailed(user, {
              label: 'Send a verification mail',
              path: '/auth/request-verify-token',
              said: 'A verification mail is on its way',
            }),
          ]),
      { label: 'End all sessions…', ask: endSessions(user, done('All sessions are ended')) },
      {
        label: 'Remove factors and passkeys…',
        ask: removeFactors(user, done('The second factors and passkeys are removed')),
      },
      ...toggles(user, around),
      { label: 'Delete…', dangerous: true, ask: deletion(user) },
    ],
  };
}

function mailed({ email }: User, { label, path, said }: { label: string; path: string; said: string }): UserAction {
  return { label, call: { method: 'POST', path, body: { email } }, said };
}

function change({ id }: User, body: Partial<User>): Call {
  return { method: 'PATCH', path: `/users/${id}`, body };
}

/** What can be taken back at once. */
function toggles(user: User, { isOwn }: Surroundings): UserAction[] {
  if (isOwn) return [];
  const activity: UserAction = user.is_active
    ? {
        label: 'Disable',
        call: change(user, { is_active: false }),
        said: `${user.email} is disabled, and every session has ended`,
        undo: change(user, { is_active: true }),
      }
    : {
        label: 'Enable',
        call: change(user, { is_active: true }),
        said: `${user.email} is enabled`,
        undo: change(user, { is_active: false }),
      };
  return [activity];
}

function edit(user: User, onDone: () => void): Action {
  return {
    title: `Edit ${user.email}`,
    text: 'The address is changed by its owner alone, since the new mailbox must be proved.',
    submit: 'Save',
    fields: [
      { name: 'name', label: 'Name', value: user.name ?? '', maxLength: 200 },
      {
        ...{ name: 'role', label: 'Role', type: 'choice', required: true, value: user.role },
        choices: [
          ['user', 'user'],
          ['admin', 'administrator'],
        ],
      },
    ],
    // What another administrator changes meanwhile stays: this sends its own changes alone.
    callOf: ({ name = '', role }: Values) => {
      const given = name === '' ? null : name;
      const changes: Partial<User> = {
        ...(given !== user.name && { name: given }),
        ...(role !== user.role && { role: role === 'admin' ? 'admin' : 'user' }),
      };
      return change(user, Object.keys(changes).length === 0 ? { name: given } : changes);
    },
    onDone,
  };
}

function endSessions(user: User, onDone: () => void): Action {
  return {
    title: 'End all sessions',
    text: `Every device of ${user.email} has to sign in again.`,
    submit: 'End all sessions',
    dangerous: true,
    callOf: () => ({ method: 'DELETE', path: `/users/${user.id}/sessions` }),
    onDone,
  };
}

function removeFactors(user: User, onDone: () => void): Action {
  return {
    title: 'Remove the second factors and passkeys',
    text: `For one who has lost them. The password alone then opens the account of ${user.email}, or a linked account of a provider; every session ends, and a mail says so. Be sure who asks.`,
    submit: 'Remove them',
    dangerous: true,
    fields: [
      {
        name: 'reason',
        label: 'Reason',
        type: 'area',
        required: true,
        maxLength: 500,
        help: 'It stands in the audit events.',
      },
    ],
    callOf: ({ reason }: Values) => ({ method: 'DELETE', path: `/users/${user.id}/factors`, body: { reason } }),
    onDone,
  };
}

function deletion(user: User): Action {
  return {
    title: `Delete ${user.email}`,
    text: 'The account and all that it owns is deleted. Nothing brings it back.',
    submit: 'Delete for ever',
    dangerous: true,
    typed: user.email,
    callOf: () => ({ method: 'DELETE', path: `/users/${user.id}` }),
    onDone: () => {
      toast(`${user.email} is deleted`);
      go(hrefOf('/users'));
    },
  };
}
