// The token of a mailed link stands in the address's fragment, which no server sees. It goes into the form, and out of the
// address bar, where a shoulder, a screenshot or the history could have it.
const token = new URLSearchParams(location.hash.slice(1)).get('token');
const input = document.querySelector('input[name=token]');

if (token !== null) history.replaceState(null, '', location.pathname + location.search);

if (input !== null) {
  if (token !== null) input.value = token;
  if (input.value !== '') {
    for (const part of document.querySelectorAll('[data-without-token]')) part.hidden = true;
    // The page in another language asks for no second click in the mail.
    for (const link of document.querySelectorAll('a[hreflang]')) link.hash = `token=${input.value}`;
  }
}

for (const button of document.querySelectorAll('button.reveal')) {
  const password = document.getElementById(button.getAttribute('aria-controls'));
  button.hidden = false;
  button.addEventListener('click', () => {
    const shown = password.type === 'password';
    password.type = shown ? 'text' : 'password';
    button.textContent = shown ? button.dataset.hide : button.dataset.show;
    button.setAttribute('aria-pressed', String(shown));
  });
  // A browser offers to keep what was typed into a password field, not into a text.
  password.form.addEventListener('submit', () => {
    password.type = 'password';
  });
}

// A passkey is the browser's: it is asked for here, and its answer goes with the form. Without it the forms stay hidden.
const forms = [...document.querySelectorAll('form[data-passkey]')];
const isKnown = globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined;
let waiting;

if (isKnown) {
  for (const note of document.querySelectorAll('[data-without-passkey]')) note.hidden = true;
  for (const form of forms) {
    form.hidden = false;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      waiting?.abort();
      answer(form, {}).catch(() => {
        form.querySelector('.problem').hidden = false;
      });
    });
    if (form.dataset.autofill !== undefined) offer(form);
  }
}

/** Offers passkeys in the input of the address, until another way is taken or the question is too old. */
async function offer(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  waiting = new AbortController();
  const { timeout } = JSON.parse(form.dataset.options);
  setTimeout(() => waiting.abort(), timeout - 30_000);
  // A person who takes no passkey has not failed.
  await answer(form, { mediation: 'conditional', signal: waiting.signal }).catch(() => {});
}

async function answer(form, how) {
  const options = JSON.parse(form.dataset.options);
  const credential =
    form.dataset.passkey === 'create'
      ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })
      : await navigator.credentials.get({
          ...how,
          publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options),
        });
  form.elements.credential.value = JSON.stringify(credential);
  form.submit();
}

// Who comes back from a provider has clicked there already. The code of the address goes into no history.
const arrival = document.querySelector('[data-arrival] form');
if (arrival !== null) {
  history.replaceState(null, '', location.pathname);
  arrival.submit();
}

// The browser's store forgets passkeys that the account no longer has.
const creation = forms.find(({ dataset }) => dataset.passkey === 'create');
if (creation !== undefined && isKnown) {
  const { rp, user, excludeCredentials } = JSON.parse(creation.dataset.options);
  const allAcceptedCredentialIds = excludeCredentials.map(({ id }) => id);
  PublicKeyCredential.signalAllAcceptedCredentials?.({ rpId: rp.id, userId: user.id, allAcceptedCredentialIds })?.catch(
    () => {},
  );
}
