import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { account, send } from '../api.ts';
import { el, h } from '../el.ts';
import { type Loaded, useCall } from '../load.ts';
import { Answer } from '../parts/answer.ts';
import { type Action, ActionDialog } from '../parts/dialog.ts';
import { Head } from '../parts/head.ts';
import { Menu } from '../parts/menu.ts';
import { toast, toastError } from '../parts/toasts.ts';
import { Facts, Id, mark, Time } from '../parts/words.ts';
import { hrefOf } from '../place.ts';
import type { User as UserAnswer, UserLock } from '../types.ts';
import { actionsOf, type PlainAction, type UserAction } from './user/actions.ts';
import { saveUser } from './user/export.ts';
import { Factors } from './user/factors.ts';
import { Events, Mails, Sessions } from './user/lists.ts';
import { Lock } from './user/lock.ts';
import { LoginMethods } from './user/login-methods.ts';

/** One account: who it is, what it can do, what happened. */
export function User({ id = '' }: { id?: string }): VNode {
  const loaded = useCall<UserAnswer>({ method: 'GET', path: `/users/${id}` });
  if (loaded.data === undefined)
    return el.div(
      null,
      h(Head, { title: 'User', up: ['Users', hrefOf('/users')] }),
      h(Answer<UserAnswer>, { loaded, children: () => null }),
    );
  return h(UserView, { key: id, user: loaded.data, loaded });
}

function UserView({ user, loaded }: { user: UserAnswer; loaded: Loaded<UserAnswer> }): VNode {
  const [action, setAction] = useState<Action>();
  const lock = useCall<UserLock>({ method: 'GET', path: `/users/${user.id}/lock` });
  const [round, setRound] = useState(0);
  const refresh = (): void => {
    loaded.reload();
    lock.reload();
    setRound((before) => before + 1);
  };
  const isOwn = account.value?.id === user.id;
  const choose = (chosen: UserAction): void => {
    if ('call' in chosen) void doAtOnce(chosen, refresh);
    else setAction(chosen.ask);
  };
  const { frequent, others } = actionsOf(user, { refresh, isOwn });
  return el.div(
    null,
    h(Head, {
      title: user.email,
      up: ['Users', hrefOf('/users')],
      marks: marksOf(user, lock.data, isOwn),
      actions: [
        frequent.map((one) => el.button({ key: one.label, type: 'button', onClick: () => choose(one) }, one.label)),
        h(Menu, {
          label: 'More',
          items: [
            ...others
              .filter(({ dangerous }) => !dangerous)
              .map((one) => ({ label: one.label, onChoose: () => choose(one) })),
            { label: 'Save all as a file', onChoose: () => void saveUser(user).catch(toastError) },
            ...others
              .filter(({ dangerous }) => dangerous)
              .map((one) => ({ label: one.label, dangerous: true, onChoose: () => choose(one) })),
          ],
        }),
      ],
    }),
    loaded.error !== undefined && h(Answer<UserAnswer>, { loaded, children: () => null }),
    el.div(
      { class: 'columns' },
      el.div(null, h(Profile, { user })),
      el.div(null, h(Lock, { lock, onLift: () => choose(liftOf(user)) })),
    ),
    h(Sessions, { user, round, onEnd: refresh }),
    h(Factors, { user, round }),
    h(LoginMethods, { user, round }),
    h(Events, { user, round }),
    h(Mails, { user, round }),
    action !== undefined && h(ActionDialog, { action, onClose: () => setAction(undefined) }),
  );
}

function Profile({ user }: { user: UserAnswer }): VNode {
  return h(Facts, {
    facts: [
      ['Name', user.name ?? '–'],
      ['Role', user.role === 'admin' ? 'administrator' : 'user'],
      ['Password', user.has_password ? 'set' : 'none'],
      ['Language of mails', user.locale ?? 'that of the installation'],
      ['Since', h(Time, { at: user.created_at })],
      ['Changed', h(Time, { at: user.updated_at })],
      ['Id', h(Id, { id: user.id })],
    ],
  });
}

function marksOf(user: UserAnswer, lock: UserLock | undefined, isOwn: boolean): VNode[] {
  return [
    user.is_active ? mark('ok', 'active') : mark('danger', 'disabled'),
    user.email_verified ? mark('ok', 'address verified') : mark('plain', 'address not verified'),
    ...(user.role === 'admin' ? [mark('warn', 'administrator')] : []),
    ...(lock?.is_locked ? [mark('danger', 'locked')] : []),
    ...(isOwn ? [mark('plain', 'this is you')] : []),
  ];
}

function liftOf(user: UserAnswer): UserAction {
  return {
    label: 'Lift the lock',
    call: { method: 'DELETE', path: `/users/${user.id}/lock` },
    said: 'The lock is lifted',
  };
}

/** Does what asks nothing; what can be undone is offered to be undone. */
async function doAtOnce({ call, said, undo }: PlainAction, refresh: () => void): Promise<void> {
  try {
    await send(call);
    toast(
      said,
      undo === undefined
        ? {}
        : { undo: () => void doAtOnce({ label: '', call: undo, said: 'It is as it was' }, refresh) },
    );
    refresh();
  } catch (error) {
    toastError(error);
  }
}
