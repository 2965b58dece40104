/** What the API answers, as JSON has it. */
export interface User {
  id: string;
  email: string;
  name: string | null;
  email_verified: boolean;
  has_password: boolean;
  locale: string | null;
  role: 'user' | 'admin';
  is_active: boolean;
  created_at: string;
  updated_at: string;
}

export interface UserLock {
  is_locked: boolean;
  failures_in_a_row: number;
  last_failed_at: string | null;
}

export interface Session {
  id: string;
  current: boolean;
  ip: string | null;
  user_agent: string | null;
  device: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
}

export interface Mail {
  id: string;
  kind: string;
  to: string;
  locale: string;
  state: 'pending' | 'sent' | 'dead';
  attempts: number;
  last_error: string | null;
  created_at: string;
  sent_at: string | null;
}

export interface AuditEvent {
  id: string;
  created_at: string;
  event: string;
  actor_id: string | null;
  subject_id: string | null;
  session_id: string | null;
  ip: string | null;
  user_agent: string | null;
  request_id: string | null;
  details: Record<string, unknown>;
}

export interface Overview {
  versions: { product: string; node: string; postgresql: string };
  migrations: { state: 'at_head' | 'pending' | 'unknown'; pending: readonly string[] };
  database: { bytes: number; connections: number; max_connections: number };
  pool: { used: number; idle: number; waiting: number; max: number; through_transaction_pooler: boolean };
  work: {
    mails_waiting: number;
    mails_dead: number;
    mails_failing: number;
    mail_error: string | null;
    mail_sent_at: string | null;
    jobs_waiting: number;
    jobs_dead: number;
    oldest_late: string | null;
  };
  keys: readonly SigningKey[];
  settings: readonly { name: string; value: string }[];
}

export interface SigningKey {
  id: string;
  algorithm: string;
  signs: boolean;
  signs_from: string | null;
  signs_until: string | null;
  retires_at: string | null;
}

export interface Finding {
  check: string;
  level: 'ok' | 'warn' | 'fail';
  message: string;
  fix: readonly string[];
}

export interface Diagnosis {
  at: string;
  counts: { ok: number; warn: number; fail: number };
  groups: readonly { heading: string; findings: readonly Finding[] }[];
}

export interface Activity {
  items: readonly { at: string; sign_ins: number; failures: number; registrations: number }[];
}

export interface Job {
  id: string;
  kind: string;
  state: 'pending' | 'done' | 'dead';
  attempts: number;
  max_attempts: number;
  run_at: string;
  finished_at: string | null;
  last_error: string | null;
}

export interface Hold {
  limit: string;
  counted: string;
  until: string;
}

export interface Holds {
  items: readonly Hold[];
  counted_in: 'postgresql' | 'redis';
}

export interface FactorList {
  items: readonly { id: string; name: string; is_active: boolean; created_at: string; last_used_at: string | null }[];
  recovery_codes_left: number;
}

export interface Passkey {
  id: string;
  name: string;
  backed_up: boolean;
  created_at: string;
  last_used_at: string | null;
}

export interface Identity {
  id: string;
  provider: string;
  subject: string;
  email: string | null;
  created_at: string;
}

export interface LoginMethods {
  passkeys: readonly Passkey[];
  identities: readonly Identity[];
}

export interface Verification {
  rows: number;
  problems: readonly { kind: string; chain: number | null; seq: number | null }[];
}

export interface MailSample {
  kinds: readonly string[];
  subject: string;
  text: string;
  html: string;
}

export interface ImportOutcome {
  imported: number;
  without_password: number;
  existing: number;
  refused: number;
  ignored: readonly string[];
  rejections: readonly { line: number; last_line?: number; reason: string; exists: boolean }[];
  unread_from?: number;
}
