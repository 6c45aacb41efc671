import { expect, test } from 'vitest';
import { isFromForeignPage } from './browser-guard.ts';

test.each([
  ['curl', { host: '127.0.0.1:3000' }],
  ['a program by name', { host: 'localhost:3000' }],
  ['a program by IPv6', { host: '[::1]:3000' }],
  ['the address bar', { host: 'localhost:3000', 'sec-fetch-site': 'none' }],
  [
    'a page of this server',
    { host: 'localhost:3000', origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' },
  ],
])('%s may call', (_who, headers) => {
  expect(isFromForeignPage(headers)).toBe(false);
});

test.each([
  ['a page from elsewhere', { host: '127.0.0.1:3000', origin: 'https://evil.example' }],
  ['a page from elsewhere that hides its origin', { host: '127.0.0.1:3000', origin: 'null' }],
  ['a form from elsewhere', { host: '127.0.0.1:3000', 'sec-fetch-site': 'cross-site' }],
  ['another server of this machine', { host: 'localhost:3000', origin: 'http://localhost:8000' }],
  ['a name that was made to lead here', { host: 'evil.example:3000' }],
  ['a name that looks like here', { host: '127.0.0.1.evil.example' }],
  ['no host', {}],
])('%s may not', (_who, headers) => {
  expect(isFromForeignPage(headers)).toBe(true);
});
