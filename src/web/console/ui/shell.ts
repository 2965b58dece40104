import { signal } from '@preact/signals';
import type { VNode } from 'preact';
import { account, resume, signOut, startError } from './api.ts';
import { el, h } from './el.ts';
import { FirstAdministrator } from './pages/first-administrator.ts';
import { SignInPage } from './pages/sign-in.ts';
import { ErrorNote, WAITING } from './parts/answer.ts';
import { Head } from './parts/head.ts';
import { icon } from './parts/icon.ts';
import { Help, isHelpOpen } from './parts/keys.ts';
import { isPaletteOpen, openPalette, Palette } from './parts/palette.ts';
import { Questions } from './parts/step-up.ts';
import { Toasts } from './parts/toasts.ts';
import { key } from './parts/words.ts';
import { hrefOf, PRODUCT, path } from './place.ts';
import { screens, viewOf } from './screens.ts';

const isMenuOpen = signal(false);

/** Everything that the window shows. */
export function Shell(): VNode {
  const who = account.value;
  if (path.value === '/first-administrator' && !who) return h(FirstAdministrator, {});
  if (startError.value !== undefined)
    return el.main(
      { class: 'door' },
      el.h1(null, PRODUCT),
      h(ErrorNote, { error: startError.value, onRetry: () => void resume() }),
    );
  if (who === undefined)
    return el.main(
      { class: 'door', 'aria-busy': 'true' },
      el.h1({ class: 'unseen' }, PRODUCT),
      el.p({ class: 'slow', role: 'status' }, WAITING),
    );
  if (who === null) return h(SignInPage, { title: 'Sign in to the console' });
  if (who.role !== 'admin') return h(NoAdministrator, { email: who.email });
  return el.div(
    { class: 'shell' },
    el.a({ class: 'skip', href: '#main', onClick: skip }, 'To the content'),
    h(Side, { email: who.email }),
    el.main({ id: 'main', tabIndex: -1 }, h(View, {})),
    h(Toasts, {}),
    h(Questions, {}),
    isPaletteOpen.value && h(Palette, {}),
    isHelpOpen.value && h(Help, {}),
  );
}

function View(): VNode {
  const found = viewOf(path.value);
  if (found === undefined)
    return el.div(
      null,
      h(Head, { title: 'There is no such page' }),
      el.p(null, 'The address may have been cut. ', el.a({ href: hrefOf('/') }, 'Go to the beginning'), '.'),
    );
  // Each path has a view of its own; another place in the same list is the same view.
  return h(found.view, { key: path.value, ...found.values });
}

function Side({ email }: { email: string }): VNode {
  const toggle = (): void => {
    isMenuOpen.value = !isMenuOpen.value;
  };
  const close = (): void => {
    isMenuOpen.value = false;
  };
  return el.header(
    { class: `side${isMenuOpen.value ? ' open' : ''}` },
    el.div(
      { class: 'brand' },
      el.a({ href: hrefOf('/') }, PRODUCT),
      el.button(
        {
          type: 'button',
          class: 'toggle',
          'aria-expanded': isMenuOpen.value,
          'aria-controls': 'screens',
          onClick: toggle,
        },
        icon('menu'),
        ' Menu',
      ),
    ),
    el.button(
      { type: 'button', class: 'find', onClick: openPalette },
      icon('search'),
      el.span(null, 'Find'),
      key('Ctrl K'),
    ),
    el.nav(
      { id: 'screens', 'aria-label': 'Screens' },
      el.ul(
        null,
        screens.value.map(({ path, name, icon: drawing }) =>
          el.li(
            { key: path },
            el.a(
              {
                href: hrefOf(path),
                onClick: close,
                title: name,
                ...(isPresent(path) && { 'aria-current': 'page' as const }),
              },
              icon(drawing),
              el.span(null, name),
            ),
          ),
        ),
      ),
    ),
    el.div(
      { class: 'self' },
      el.span({ class: 'muted', title: email }, email),
      el.button({ type: 'button', class: 'quiet', onClick: () => void signOut() }, 'Sign out'),
    ),
  );
}

function isPresent(screen: string): boolean {
  if (screen === '/') return path.value === '/';
  return `${path.value}/`.startsWith(`${screen}/`);
}

function NoAdministrator({ email }: { email: string }): VNode {
  return h(
    SignInPage,
    { title: 'For administrators alone' },
    el.div(
      null,
      el.p(
        null,
        `${email} is no administrator. An administrator can change that, or the operator by `,
        el.code(null, `npx back create-admin ${email}`),
        '.',
      ),
      el.button({ type: 'button', class: 'primary', onClick: () => void signOut() }, 'Sign in with another account'),
    ),
  );
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
