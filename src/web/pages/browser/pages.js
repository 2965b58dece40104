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
