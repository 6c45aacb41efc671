import { expect, it, test } from 'vitest';
import { readSettings } from './settings.ts';

test.each([
  ['http://sales:3000', 'http://sales:3000'],
  ['http://sales:3000/', 'http://sales:3000'],
  ['https://gateway/sessions/sales/', 'https://gateway/sessions/sales'],
  ['http://sales:3000/api/v1', 'http://sales:3000'],
  ['http://user:pw@sales:3000/?x=1#y', 'http://sales:3000'],
])('%s is the API at %s', (url, expected) => {
  expect(readSettings({ url }, {}).url).toBe(expected);
});

it('takes what is not given from the environment', () => {
  const environment = {
    WHATSAPP_ENGINE_URL: 'http://sales',
    WHATSAPP_ENGINE_API_KEY: 'of-the-environment\n',
  };
  expect(readSettings({}, environment)).toMatchObject({ url: 'http://sales', apiKey: 'of-the-environment' });
  expect(readSettings({ url: 'http://other', apiKey: 'given' }, environment)).toMatchObject({
    url: 'http://other',
    apiKey: 'given',
  });
});

it('says every mistake at once', () => {
  const wrong = () =>
    readSettings({ url: 'ftp://sales', apiKey: 'two words', retry: { baseMs: Number.NaN } }, {});
  expect(wrong).toThrow(/ftp:\/\/sales.*API key.*retry\.baseMs/);
  expect(() => readSettings({}, { WHATSAPP_ENGINE_URL: '' })).toThrow('set WHATSAPP_ENGINE_URL');
});
