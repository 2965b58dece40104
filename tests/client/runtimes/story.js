import { createClient } from 'back-client';

const { BASE_URL, EXPIRE_URL, EMAIL, PASSWORD } = process.env;
const held = new Map();
const session = {
  getItem: (key) => held.get(key) ?? null,
  setItem: (key, value) => void held.set(key, value),
  removeItem: (key) => void held.delete(key),
};

const api = createClient({ baseUrl: BASE_URL, session });
await api.auth.register({ email: EMAIL, password: PASSWORD });
await fetch(EXPIRE_URL, { method: 'POST' });
const [{ name }] = await Promise.all([api.auth.updateAccount({ name: 'Ada' }), api.auth.getAccount()]);

// As after a restart.
const later = createClient({ baseUrl: BASE_URL, session });
const restored = await later.session.restore();
let sessions = 0;
for await (const _ of later.auth.allSessions()) sessions++;
await later.auth.logout();
const { code, status } = await later.auth.getAccount().catch((error) => error);
process.stdout.write(
  JSON.stringify({ name, restored, sessions, code, status, kept: held.size, state: later.session.state }),
);
