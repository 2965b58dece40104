import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseSmtpUrl } from '../../../src/app/utils/smtp-url.ts';

describe('the URL of a mail server', () => {
  it.each([
    ['smtp://mail.example.com', { host: 'mail.example.com', port: 587, implicit_tls: false, requires_tls: true }],
    ['smtp://mail.example.com:2525/', { port: 2525, requires_tls: true, is_loopback: false }],
    ['smtps://mail.example.com', { port: 465, implicit_tls: true, requires_tls: true }],
    ['smtp://localhost:1025', { requires_tls: false, is_loopback: true }],
    ['smtp://127.8.9.10', { requires_tls: false }],
    ['smtp://[::1]:25', { host: '::1', port: 25, requires_tls: false }],
    ['smtp://localhost?requireTLS=true', { requires_tls: true }],
    ['smtp://10.0.0.5', { requires_tls: true }],
    ['smtp://10.0.0.5?requireTLS=false', { requires_tls: false, is_loopback: false }],
    ['smtp://localhost.example.com', { requires_tls: true, is_loopback: false }],
    ['smtps://localhost', { requires_tls: true }],
    ['smtps://localhost?requireTLS=false', { requires_tls: true }],
  ])('%s', (text, server) => {
    expect(parseSmtpUrl(text)).toMatchObject(server);
  });

  it('has its user and password percent-encoded', () => {
    const { credentials } = parseSmtpUrl('smtp://user%40example.com:a%2Fb%3A%25@mail.example.com');
    expect(credentials).toEqual({ user: 'user@example.com', pass: 'a/b:%' });
    expect(parseSmtpUrl('smtp://mail.example.com').credentials).toBeUndefined();
  });

  it('names the file of a private authority, which is read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'back-smtp-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'ca.pem');
    writeFileSync(path, 'a certificate');
    expect(parseSmtpUrl(`smtps://mail.internal?ca=${path}`).ca).toBe('a certificate');
    expect(() => parseSmtpUrl(`smtps://mail.internal?ca=${path}.not`)).toThrow(/^has ca=.+, which cannot be read$/);
  });

  it.each([
    'mail.example.com',
    'https://mail.example.com',
    'smtp://',
    'smtp:///var/run/mail',
    'smtp://secret-word@mail example.com',
    'smtp://user:secret-word/x@mail.example.com',
    'smtp://user:secret-word#x@mail.example.com',
    'smtp://user:secret-word%zz@mail.example.com',
    'smtp://user:secret-word@mail.example.com/path',
    'smtp://user:secret-word@mail.example.com?pool=true',
    'smtp://user:secret-word@mail.example.com?requireTLS=maybe',
    'smtp://user:secret-word@mail%0d%0a.example.com',
  ])('%s is refused without a word of the password', (text) => {
    expect(() => parseSmtpUrl(text)).toThrow(/^(must|has) /);
    expect(() => parseSmtpUrl(text)).not.toThrow('secret-word');
  });
});
