import { effect } from '@preact/signals';
import { render } from 'preact';
import { account, resume } from './api.ts';
import { h } from './el.ts';
import { listenToKeys } from './parts/keys.ts';
import { toastError } from './parts/toasts.ts';
import { followLinks } from './place.ts';
import { learnResources, resources } from './resources.ts';
import { Shell } from './shell.ts';

followLinks();
listenToKeys();
effect(() => {
  if (account.value?.role === 'admin' && resources.peek() === undefined) learnResources().catch(toastError);
});
const place = document.getElementById('console');
if (place !== null) {
  place.replaceChildren();
  render(h(Shell, {}), place);
}
void resume();
